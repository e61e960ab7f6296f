// The chart is drawn once a film; after that only the line of the present place moves. It is our own element:
// Plotly takes 50 ms to move one of its shapes.
((R) => {
  const P = R.replay;
  const graph = () => P.byId("replay-chart")?.querySelector(".js-plotly-plot");

  P.onOpen(() =>
    P.afterPaint(({ chart }) => {
      R.set("replay-chart", { figure: chart });
      listen();
    }),
  );

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

  let line = null;
  const mark = () => {
    const plot = graph();
    const axis = plot?._fullLayout?.xaxis;
    if (!axis?._length) return;
    if (!line?.isConnected) {
      line = P.make("div", { className: "chart-position", aria: { hidden: "true" } });
      P.byId("replay-chart").parentElement.append(line);
    }
    const share = (P.position - axis.range[0]) / (axis.range[1] - axis.range[0]);
    line.style.transform = `translateX(${axis._offset + share * axis._length}px)`;
  };
  P.onShow(mark);
})(window.regionscope);
