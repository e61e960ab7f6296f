import time
def test_probe(explore, watched):
    p=explore.page
    def go(label, f):
        t=time.time(); r=f(); print(label, round(time.time()-t,2), r if not hasattr(r,'mask') else ''); return r
    go("edit", lambda: explore.stroke([(150,60),(250,120)]))
    go("edit", lambda: explore.stroke([(150,160),(250,180)]))
    go("tool", lambda: explore.tool("rectangle"))
    go("edits", lambda: explore.last())
    go("zoom", lambda: p.locator("#zoom-in").click())
    p.wait_for_timeout(2000)
    print(explore.layout("xaxis.range"),explore.layout("yaxis.range"), explore.view(), p.evaluate("[document.querySelector('#modified-canvas .js-plotly-plot')._fullLayout.yaxis.domain, document.querySelector('#modified-canvas .js-plotly-plot').layout.xaxis.range]"))
    print(p.evaluate("document.querySelector('#original-canvas .js-plotly-plot')._fullLayout.xaxis.range"))
    p.screenshot(path="/tmp/zoom.png")
    print(watched.errors)
    p.locator("#zoom-fit").click()
    explore.collect()
    explore.drag([(100, 60), (320, 220)])
    p.wait_for_timeout(2000)
    print(explore.status.inner_text(), p.locator("#pending-note").inner_text())
    print(watched.errors)
