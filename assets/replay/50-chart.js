// The chart is drawn once a film; after that only the line of the present place moves.
((R) => {
  const P = R.replay;
  const graph = () => P.byId("replay-chart")?.querySelector(".js-plotly-plot");

  P.onOpen(({ chart }) => {
    const [here] = chart.layout.shapes;
    here.x0 = here.x1 = P.position;
    R.set("replay-chart", { figure: chart });
    listen();
  });

  const listen = () => {
    const plot = graph();
    if (!plot?.on || plot.dataset.watched) {
      if (!plot?.dataset.watched) setTimeout(listen, 50);
      return;
    }
    plot.dataset.watched = "yes";
    plot.on("plotly_click", ({ points }) => points.length && P.jump(points[0].x));
    plot.on("plotly_afterplot", mark);
    mark();
  };

  let asked = false;
  const mark = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      const plot = graph();
      const line = plot?._fullLayout && plot.layout.shapes?.[0];
      if (!line || line.x0 === P.position) return;
      window.Plotly.relayout(plot, { "shapes[0].x0": P.position, "shapes[0].x1": P.position });
    });
  };
  P.onShow(mark);
})(window.regionscope);
