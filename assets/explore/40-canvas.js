// The two pictures as Plotly figures: a figure is a function of what is to be seen, nothing else.
((R, E) => {
  // Dash's renderer, which brings this value, is loaded after us.
  const nothing = () => window.dash_clientside.no_update;
  const DRAG = {
    brush: "drawopenpath",
    eraser: "drawopenpath",
    lasso: "drawclosedpath",
    rectangle: "drawrect",
    ellipse: "drawcircle",
    hand: "pan",
  };
  const BLUE = "#0072B2";
  const RED = "#D55E00";
  const FILL = 0.45;
  const MARKED = 0.6;

  // Plotly takes images of the very same place for one and draws only the first (plotly.js, images/draw.js),
  // so each layer is wider by a millionth of a pixel than the one below.
  const APART_PX = 1e-6;
  const stacked = (layers) => layers.map((item, index) => ({ ...item, sizex: item.sizex + index * APART_PX }));

  const layer = (source, image, opacity) => ({
    source,
    opacity,
    x: 0,
    y: 0,
    sizex: image.width,
    sizey: image.height,
    xref: "x",
    yref: "y",
    sizing: "stretch",
    layer: "below",
  });

  const axes = (image, zoom) => {
    const plain = { visible: false, showgrid: false, zeroline: false, fixedrange: false, automargin: false };
    return {
      xaxis: {
        ...plain,
        range: zoom?.x ?? [0, image.width],
        minallowed: 0,
        maxallowed: image.width,
        constrain: "domain",
      },
      yaxis: {
        ...plain,
        range: zoom?.y ?? [image.height, 0],
        minallowed: 0,
        maxallowed: image.height,
        scaleanchor: "x",
        constrain: "domain",
      },
    };
  };

  const newShape = (tool, width) => {
    const line = tool === "brush" || tool === "eraser";
    const colour = tool === "eraser" ? RED : BLUE;
    return {
      line: { color: colour, width: line ? width : 1 },
      fillcolor: line ? "rgba(0,0,0,0)" : colour,
      fillrule: "nonzero",
      opacity: FILL,
      drawdirection: "diagonal",
    };
  };

  const figure = (images, image, zoom, drag, shape) => ({
    data: [{ type: "scatter", x: [], y: [], hoverinfo: "skip", showlegend: false }],
    layout: {
      ...axes(image, zoom),
      margin: { l: 0, r: 0, t: 0, b: 0, pad: 0 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      hovermode: false,
      autosize: true,
      images: stacked(images),
      shapes: [],
      dragmode: drag,
      ...(shape ? { newshape: shape } : {}),
    },
  });

  E.draw = (sources, zoom, tool, brush, opacity, pending, comparing, marks) => {
    R.current.brush = brush;
    if (!sources) return [nothing(), nothing()];
    const { image } = sources;
    const heat = (map) => (map && opacity > 0 ? [layer(map, image, opacity / 100)] : []);
    const collected = pending?.overlay ? [layer(pending.overlay, image, FILL)] : [];
    const marked = (marks ?? []).map((source) => layer(source, image, MARKED));
    // Over a heat map nobody could tell the regions apart.
    const modifiedMap = marked.length ? null : sources.modifiedMap;
    const now = comparing ? [layer(sources.original, image, 1)] : [layer(sources.modified, image, 1)];
    const modified = comparing ? now : [...now, ...heat(modifiedMap), ...marked, ...collected];
    const drag = R.blocked() ? "pan" : DRAG[tool];
    R.painted(sources.token);
    return [
      figure(modified, image, zoom, drag, newShape(tool, brush)),
      originalIfChanged([sources.original, sources.originalMap, opacity, JSON.stringify(zoom)], () =>
        figure([layer(sources.original, image, 1), ...heat(sources.originalMap)], image, zoom, "pan"),
      ),
    ];
  };

  // Most steps leave the original's picture alone; drawing it again would cost every step some 20 ms. What was
  // built last may have been overtaken before it was shown, so what Plotly really shows is asked as well.
  let built = [];
  const originalIfChanged = (wanted, build) => {
    const images = R.graph("original-canvas")?.layout?.images ?? [];
    const shows = images[0]?.source === wanted[0] && (images[1]?.source ?? null) === (wanted[1] ?? null);
    if (shows && wanted.every((value, index) => value === built[index])) return nothing();
    built = wanted;
    return build();
  };

  R.redraw = () => R.set("pending", { data: { ...R.pending, drawn: performance.now() } });

  // Ready is said once what was asked for is painted and kept.
  let paintedToken = null;
  R.painted = (token) => {
    if (R.scene?.token !== token) return;
    const canvas = R.graph("modified-canvas");
    if (!canvas?._fullLayout || !canvas.once) {
      setTimeout(() => R.painted(token), 16);
      return;
    }
    // A frame's callback runs before its painting, a timer set there after it.
    const done = () => requestAnimationFrame(() => setTimeout(() => R.settle(token), 0));
    canvas.once("plotly_afterplot", done);
  };
  R.settle = (token) => {
    if (token) paintedToken = token;
    if (R.asked() !== paintedToken || R.moving || R.unsent()) return;
    R.busy(null);
    R.nextMove();
  };

  R.graph = (id) => R.byId(id)?.querySelector(".js-plotly-plot");

  // Both pictures always show the same part.
  const zoomed = (event) => {
    const x0 = event["xaxis.range[0]"] ?? event["xaxis.range"]?.[0];
    const x1 = event["xaxis.range[1]"] ?? event["xaxis.range"]?.[1];
    const y0 = event["yaxis.range[0]"] ?? event["yaxis.range"]?.[0];
    const y1 = event["yaxis.range[1]"] ?? event["yaxis.range"]?.[1];
    return [x0, x1, y0, y1].every(Number.isFinite) ? { x: [x0, x1], y: [y0, y1] } : null;
  };

  R.zoomBy = (factor) => {
    const layout = R.graph("modified-canvas")?._fullLayout;
    if (!layout || !R.scene) return;
    const { width, height } = R.scene.image;
    const range = (axis, most, reversed) => {
      const [low, high] = [Math.min(...axis.range), Math.max(...axis.range)];
      const size = Math.min(most, (high - low) / factor);
      const start = Math.min(Math.max((low + high - size) / 2, 0), most - size);
      return reversed ? [start + size, start] : [start, start + size];
    };
    R.set("zoom", { data: { x: range(layout.xaxis, width, false), y: range(layout.yaxis, height, true) } });
  };
  R.zoomFit = () => R.set("zoom", { data: null });

  const listen = (id, onRelayout) => {
    const graph = R.graph(id);
    if (!graph?.on || graph.dataset.watched) return;
    graph.dataset.watched = "yes";
    graph.on("plotly_relayout", onRelayout);
  };
  const watch = () => {
    listen("modified-canvas", (event) => {
      if (event.shapes) R.drawn(event.shapes);
      const zoom = zoomed(event);
      if (zoom) R.set("zoom", { data: zoom });
    });
    listen("original-canvas", (event) => {
      const zoom = zoomed(event);
      if (zoom) R.set("zoom", { data: zoom });
    });
  };
  new MutationObserver(watch).observe(document.documentElement, { childList: true, subtree: true });
})(window.regionscope, window.dash_clientside.explore);
