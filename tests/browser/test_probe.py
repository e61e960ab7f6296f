from playwright.sync_api import expect
from tests.browser.test_uploads import _upload


def test_probe(explore, watched):
    p = explore.page
    reqs = []
    p.on("request", lambda r: "_dash" in r.url and reqs.append((r.url[-40:], (r.post_data or "")[:300])))
    p.on("response", lambda r: "_dash" in r.url and reqs.append((r.url[-40:], r.status, r.text()[:300])))
    for i in range(2):
        _upload(explore, "text.png", b"This is only text.")
        p.wait_for_timeout(3000)
        print("--", i, p.locator("#upload-message").inner_text(), p.locator("#image-upload").get_attribute("class"))
        for r in reqs:
            print(r)
        reqs.clear()


def test_model(explore):
    p = explore.page
    explore.by_id("model-select").click()
    p.wait_for_timeout(500)
    p.screenshot(path="/tmp/m1.png")
    print(p.get_by_role("option").all_inner_texts())
    p.get_by_role("option", name="EfficientNet-Lite1").click()
    p.wait_for_timeout(500)
    p.screenshot(path="/tmp/m2.png")
    p.keyboard.press("Escape")
    p.wait_for_timeout(9000)
    print(p.locator("#modified-predictions").inner_text(), p.locator("#status").inner_text())
    p.screenshot(path="/tmp/m3.png")
