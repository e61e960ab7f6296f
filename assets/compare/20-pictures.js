// All pictures of the page as Plotly figures that show the same part of the picture.
((R, E) => {
  const C = R.compare;
  const byId = (id) => document.getElementById(id);
  const nothing = () => window.dash_clientside.no_update;
  const FILL = 0.45;
  // Plotly takes images of the very same place for one and draws only the first (plotly.js, images/draw.js),
  // so each layer is wider by a millionth of a pixel than the one below.
  const APART_PX = 1e-6;
  let loaded = {};

  const urls = (canvas, letter) => ({
    picture: canvas.picture,
    over: canvas.over,
    outline: canvas.regions?.outline,
    fill: canvas.regions?.fill,
    map: canvas.wants === "map" ? C.maps?.urls?.[letter] : canvas.wants === "difference" ? C.maps?.difference : null,
  });

  // Everything is fetched first and painted together: nothing flickers from one item to the next.
  C.load = async () => {
    const { scene } = C;
    const found = {};
    const fetchAll = async ([letter, canvas]) => {
      found[letter] = { width: canvas.width, height: canvas.height, wants: canvas.wants };
      await Promise.all(
        Object.entries(urls(canvas, letter)).map(async ([layer, url]) => {
          found[letter][layer] = await R.picture(url ?? null);
        }),
      );
    };
    try {
      await Promise.all(Object.entries(scene.canvases).map(fetchAll));
    } catch (error) {
      R.busy(null);
      C.fail(error.message);
      return;
    }
    if (scene !== C.scene) return;
    loaded = found;
    layOut(scene);
    R.set("compare-sources", { data: { token: scene.token, drawn: performance.now() } });
  };

  const layOut = (scene) => {
    for (const index of ["changed", "amplified", "maps", "people"]) {
      const figure = byId(`figure-${index}`);
      const canvas = scene.canvases[index];
      figure.hidden = !canvas || (index === "maps" && !C.maps?.difference);
      if (canvas) figure.querySelector(".compare-canvas").style.setProperty("--ratio", canvas.width / canvas.height);
    }
  };

  const layer = (source, canvas, opacity) => ({
    source,
    opacity,
    x: 0,
    y: 0,
    sizex: canvas.width,
    sizey: canvas.height,
    xref: "x",
    yref: "y",
    sizing: "stretch",
    layer: "below",
  });

  const layers = (canvas, opacity, masks) => {
    const found = [[canvas.picture, 1]];
    if (canvas.over) found.push([canvas.over, 1]);
    // A difference of maps lies over a backdrop, so it is never fainter than it needs to be to be read.
    if (canvas.map && canvas.wants === "difference") found.push([canvas.map, 0.9]);
    else if (canvas.map && opacity > 0) found.push([canvas.map, opacity / 100]);
    if (masks !== "off" && canvas[masks]) found.push([canvas[masks], masks === "fill" ? FILL : 1]);
    return found.map(([source, share], index) => {
      const item = layer(source, canvas, share);
      return { ...item, sizex: item.sizex + index * APART_PX };
    });
  };

  const ranges = (canvas) => {
    const [x0, x1] = C.zoom?.x ?? [0, 1];
    const [y0, y1] = C.zoom?.y ?? [0, 1];
    return { x: [x0 * canvas.width, x1 * canvas.width], y: [y1 * canvas.height, y0 * canvas.height] };
  };

  const figure = (canvas, opacity, masks) => {
    const plain = { visible: false, showgrid: false, zeroline: false, fixedrange: false, automargin: false };
    const { x, y } = ranges(canvas);
    return {
      data: [{ type: "scatter", x: [], y: [], hoverinfo: "skip", showlegend: false }],
      layout: {
        xaxis: { ...plain, range: x, minallowed: 0, maxallowed: canvas.width, constrain: "domain" },
        yaxis: { ...plain, range: y, minallowed: 0, maxallowed: canvas.height, scaleanchor: "x", constrain: "domain" },
        margin: { l: 0, r: 0, t: 0, b: 0, pad: 0 },
        paper_bgcolor: "rgba(0,0,0,0)",
        plot_bgcolor: "rgba(0,0,0,0)",
        hovermode: false,
        autosize: true,
        images: layers(canvas, opacity, masks),
        dragmode: "pan",
      },
    };
  };

  E.draw = (sources, opacity, masks) => {
    const wanted = window.dash_clientside.callback_context.outputs_list;
    const list = Array.isArray(wanted?.[0]) ? wanted[0] : wanted;
    if (sources && C.isCurrent(sources)) settle(sources.token, opacity, masks);
    return list.map(({ id: { index } }) => {
      const canvas = loaded[index];
      return canvas && !shows(index, layers(canvas, opacity, masks)) ? figure(canvas, opacity, masks) : nothing();
    });
  };

  // Drawing a canvas again takes some 20 ms, and most changes leave most of them alone.
  const shows = (index, wanted) => {
    const images = graphOf(document.querySelector(`[data-canvas="${index}"]`))?.layout?.images ?? [];
    const same = (image, at) => image.source === wanted[at].source && image.opacity === wanted[at].opacity;
    return images.length === wanted.length && images.every(same);
  };

  const graphOf = (place) => place?.querySelector(".js-plotly-plot");
  const graphs = () =>
    [...document.querySelectorAll("[data-canvas]")]
      .map((place) => [place.dataset.canvas, graphOf(place)])
      .filter(([index, graph]) => graph?._fullLayout && loaded[index]);

  // Ready is said once every canvas that can be seen shows what belongs there, and the maps are in.
  const settle = (token, opacity, masks) => {
    const waiting = () => {
      const now = C.scene?.token;
      if (now !== token || !C.isCurrent({ token })) return;
      const settled = Object.entries(loaded).every(([index, canvas]) => {
        const place = document.querySelector(`[data-canvas="${index}"]`);
        if (!place?.offsetParent) return Boolean(place);
        const images = graphOf(place)?._fullLayout?.images ?? [];
        const expected = layers(canvas, opacity, masks);
        return images.length === expected.length && images.every((image, at) => image.source === expected[at].source);
      });
      if (!settled) requestAnimationFrame(waiting);
      else if (C.mapsPending()) R.busy("computing heat maps");
      else R.busy(null);
    };
    requestAnimationFrame(waiting);
  };
  C.mapsPending = () => C.scene.maps?.method !== "none" && C.maps?.token !== C.scene.token;

  // Maps come by themselves: the first of a method may take seconds.
  E.mapsArrive = (maps) => {
    if (!C.isCurrent(maps)) return;
    if (maps.pending !== undefined) {
      goOn(maps);
      return;
    }
    C.maps = maps;
    showScales(maps);
    C.load();
  };
  // Each answer is some steps of the work; another map or another class asks for something else instead.
  const goOn = ({ method, pending, at }) => {
    byId("compare-map-note").textContent = `${method} is being worked out: ${Math.round(pending * 100)} %. Choose “No heat map” to stop.`;
    window.dash_clientside.set_props("compare-maps-again", { data: at });
  };
  const rounded = (value) => Number(value).toPrecision(3).replace("-", "−");
  const ticks = (id, values) => {
    const places = byId(`${id}-ticks`).children;
    values.forEach((value, index) => (places[index].textContent = value));
  };
  const showScales = (maps) => {
    byId("compare-bar").hidden = !maps.urls;
    if (maps.urls) ticks("compare-bar", [maps.low, (maps.low + maps.high) / 2, maps.high].map(rounded));
    const off = C.scene.maps.method === "none";
    const many = `Where the model looked for “${maps.label}”, one scale for all`;
    byId("compare-map-note").textContent = maps.failed ?? (off ? "No heat map is shown." : many);
    const text = byId("difference-maps-text");
    if (maps.difference) {
      const [first, second] = C.scene.chosen.pair.split(",").map((key) => C.scene.pairs.find((p) => p.value === key).label[0]);
      text.textContent = `${second} minus ${first} for “${maps.label}”: orange where ${second} is higher, purple where ${first} is.`;
      ticks("difference-bar", [rounded(-maps.limit), "0", rounded(maps.limit)]);
    }
  };

  C.markReference = (key) => {
    for (const button of document.querySelectorAll("[data-reference]")) {
      const on = button.dataset.reference === key;
      button.setAttribute("aria-pressed", String(on));
      button.closest(".compare-panel").classList.toggle("is-reference", on);
    }
  };
  C.fill = () => {
    for (const place of document.querySelectorAll("[data-answer]")) {
      const answer = C.scene.answers[place.dataset.answer];
      place.replaceChildren();
      if (answer === undefined) continue;
      if (answer === null) place.textContent = "not answered yet";
      else {
        const label = Object.assign(document.createElement("strong"), { textContent: answer.label });
        place.append(label, ` ${answer.percent} %`, answer.flipped ? " ≠" : "");
        const other = answer.flipped ? ", another top answer than the reference" : "";
        place.title = `${answer.label} ${answer.percent} %${other}`;
      }
    }
    C.markReference(C.scene.chosen.ref);
  };

  // Zoom and pan: a part of one picture is the same part, in shares of width and height, of all others.
  const shareOf = (event, canvas) => {
    const value = (axis, end) => event[`${axis}.range[${end}]`] ?? event[`${axis}.range`]?.[end];
    const [x0, x1, y0, y1] = [value("xaxis", 0), value("xaxis", 1), value("yaxis", 0), value("yaxis", 1)];
    if (![x0, x1, y0, y1].every(Number.isFinite)) return null;
    const y = [y0 / canvas.height, y1 / canvas.height].sort((a, b) => a - b);
    return { x: [x0 / canvas.width, x1 / canvas.width], y };
  };
  const following = new WeakSet();
  const show = (graph, canvas) => {
    const { x, y } = ranges(canvas);
    following.add(graph);
    return window.Plotly.relayout(graph, { "xaxis.range": x, "yaxis.range": y }).finally(() => following.delete(graph));
  };
  // What is in the window follows at once, the rest when the hand rests: twelve pictures move as smoothly as two.
  const REST_MS = 120;
  let rest = null;
  const inWindow = (graph) => {
    const { top, bottom } = graph.getBoundingClientRect();
    return bottom > 0 && top < window.innerHeight;
  };
  const showSome = (except, wanted) => {
    for (const [index, graph] of graphs()) {
      if (graph !== except && graph.offsetParent && wanted(graph)) show(graph, loaded[index]);
    }
  };
  const showAll = (except) => {
    showSome(except, inWindow);
    clearTimeout(rest);
    rest = setTimeout(() => showSome(except, (graph) => !inWindow(graph)), REST_MS);
  };
  let planned = false;
  const moved = (graph, index) => (event) => {
    if (following.has(graph)) return;
    const zoom = shareOf(event, loaded[index]);
    if (!zoom) return;
    C.zoom = zoom;
    if (planned) return;
    planned = true;
    requestAnimationFrame(() => {
      planned = false;
      showAll(graph);
    });
  };
  const watch = () => {
    if (!C.here()) return;
    for (const place of document.querySelectorAll("[data-canvas]")) {
      const graph = graphOf(place);
      if (!graph?.on || graph.dataset.watched) continue;
      graph.dataset.watched = "yes";
      const { canvas } = place.dataset;
      graph.on("plotly_relayout", moved(graph, canvas));
      graph.on("plotly_relayouting", moved(graph, canvas));
    }
  };
  new MutationObserver(watch).observe(document.documentElement, { childList: true, subtree: true });

  C.zoomBy = (factor) => {
    const part = ([low, high]) => {
      const size = Math.min(1, (high - low) / factor);
      const start = Math.min(Math.max((low + high - size) / 2, 0), 1 - size);
      return [start, start + size];
    };
    C.zoom = { x: part(C.zoom?.x ?? [0, 1]), y: part(C.zoom?.y ?? [0, 1]) };
    showAll();
  };
  C.zoomFit = () => {
    C.zoom = null;
    showAll();
  };
})(window.regionscope, window.dash_clientside.compare);
