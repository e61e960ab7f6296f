// The figure without annotations lies behind; each annotation is a shape of Plotly's that can be moved.
((F) => {
  const { at } = F;
  F.annotating = () => !at("annotating").hidden;
  F.canvas = () => at("canvas")?.querySelector(".js-plotly-plot");
  const box = (panel) => F.bare.panels[panel] ?? F.bare.panels[0] ?? [0, 0, 1, 1];
  const toFigure = (panel, [x, y]) => {
    const [left, top, right, bottom] = box(panel);
    return [left + x * (right - left), top + y * (bottom - top)];
  };
  F.toPanel = (panel, [x, y]) => {
    const [left, top, right, bottom] = box(panel);
    return [(x - left) / (right - left), (y - top) / (bottom - top)].map((share) => Math.round(share * 1e5) / 1e5);
  };
  F.panelAt = ([x, y]) => {
    const middle = ([left, top, right, bottom]) => Math.hypot(x - (left + right) / 2, y - (top + bottom) / 2);
    const inside = F.bare.panels.findIndex(([left, top, right, bottom]) => x >= left && x <= right && y >= top && y <= bottom);
    if (inside >= 0) return inside;
    const distances = F.bare.panels.map(middle);
    return Math.max(0, distances.indexOf(Math.min(...distances)));
  };
  const placed = (item) => {
    // Where the enlarged detail lies: its corner, and its size by the zoom.
    const [[x0, y0], [x1, y1], place] = item.points;
    const size = [item.zoom * Math.abs(x1 - x0), item.zoom * Math.abs(y1 - y0)];
    const corner = place.map((start, axis) => Math.max(0, Math.min(start, 1 - size[axis])));
    return [corner, corner.map((start, axis) => start + size[axis])];
  };
  const shapesOf = (item, index) => {
    const line = { color: F.bare.colours[item.colour], width: 2 };
    const points = item.points.map((point) => toFigure(item.panel, point));
    const rectangle = (type, [a, b], name, dash) => ({ type, x0: a[0], y0: a[1], x1: b[0], y1: b[1], line: { ...line, dash }, name });
    if (item.kind === "rectangle" || item.kind === "ellipse") return [rectangle(item.kind === "ellipse" ? "circle" : "rect", points, `${index}`, "solid")];
    if (item.kind === "outline") return [{ type: "path", path: `M${points.map((point) => point.join(",")).join("L")}Z`, line, name: `${index}` }];
    if (item.kind === "inset") {
      const shownAt = placed(item).map((point) => toFigure(item.panel, point));
      return [rectangle("rect", points, `${index}`, "solid"), rectangle("rect", shownAt, `${index} place`, "dot")];
    }
    return [];
  };
  const wordsOf = (item, index) => {
    const points = item.points.map((point) => toFigure(item.panel, point));
    const common = { name: `${index}`, xref: "x", yref: "y", font: { color: F.bare.colours[item.colour], size: 13 }, bgcolor: F.bare.colours.paper };
    const pulled = (from, to, arrowhead) => ({
      ...common, x: to[0], y: to[1], ax: from[0], ay: from[1], axref: "x", ayref: "y", showarrow: true, arrowhead,
      arrowcolor: F.bare.colours[item.colour], arrowwidth: 2, text: item.text,
    });
    if (item.kind === "arrow") return [pulled(points[0], points[1], 2)];
    if (item.kind === "callout") return [pulled(points[0], points[1], 0)];
    if (item.kind === "label") return [{ ...common, x: points[0][0], y: points[0][1], showarrow: false, text: item.text }];
    return [];
  };
  const MODES = { arrow: "drawline", callout: "drawline", rectangle: "drawrect", inset: "drawrect", ellipse: "drawcircle", outline: "drawclosedpath" };
  // While the figure without annotations is being drawn there is nothing to put them on; then all of them are painted.
  F.paint = () => {
    if (!F.bare) return;
    const place = at("canvas");
    const wide = place.clientWidth || 640;
    const axis = { visible: false, fixedrange: true };
    const [width, height] = F.bare.inches;
    place.style.height = `${Math.round((wide * height) / width)}px`;
    const source = `${F.API}/files/${F.bare.shown}`;
    const layout = {
      xaxis: { ...axis, range: [0, 1] },
      yaxis: { ...axis, range: [1, 0] },
      margin: { l: 0, r: 0, t: 0, b: 0 },
      images: [{ source, xref: "x", yref: "y", x: 0, y: 0, sizex: 1, sizey: 1, sizing: "stretch", layer: "below" }],
      shapes: F.items.flatMap(shapesOf),
      annotations: F.items.flatMap(wordsOf),
      dragmode: MODES[F.tool] ?? false,
      newshape: { line: { color: F.bare.colours[at("colour").value], width: 2 }, fillcolor: "rgba(0,0,0,0)" },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
    };
    window.dash_clientside.set_props("figure-canvas", { figure: { data: [], layout } });
  };
  F.stage = async () => {
    if (!F.bare) {
      const mine = F.asking;
      const found = await F.finished(mine, F.request([]));
      if (mine !== F.asking) return;
      F.bare = found;
    }
    F.offerPlaces();
    F.paint();
    F.list();
  };
})(window.regionscope.figure);
