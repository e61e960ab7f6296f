// A figure for a paper: chosen, drawn by the server, shown as the file that it is, and what is put on it with the mouse.
window.regionscope = window.regionscope ?? {};
((R) => {
  const at = (name) => document.getElementById(`figure-${name}`);
  const make = (tag, props = {}, children = []) => {
    const element = Object.assign(document.createElement(tag), props);
    element.append(...children);
    return element;
  };
  const API = "/api/v1/figures";
  const WAIT_MS = 250;
  let offered = null;
  let drawn = null;
  let bare = null;
  let items = [];
  let asking = 0;
  let tool = null;
  let timer = null;

  const ask = async (path, body, method) => {
    const about = body ? { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : { cache: "no-store" };
    const response = await fetch(`${API}${path}`, about).catch(() => null);
    const found = await response?.json().catch(() => null);
    if (response?.ok && found) return found;
    throw new Error(found?.error ?? "The server does not answer. Try again.");
  };
  const failed = (error) => {
    at("message").textContent = error.message;
    at("status").textContent = "";
  };

  // What is chosen
  const kind = () => offered?.kinds.find((one) => one.kind === at("kind").value);
  const fill = (name, options, first = null) => {
    const before = at(name).value;
    at(name).replaceChildren(
      ...(first === null ? [] : [make("option", { value: "", textContent: first })]),
      ...options.map(({ value, label }) => make("option", { value, textContent: label })),
    );
    if (options.some(({ value }) => value === before)) at(name).value = before;
  };
  const show = (name, on) => {
    at(name).closest(".figure-choice").hidden = !on;
  };
  const DRAWN = { alignment: ["means"], cases: ["shares"], necessity: ["means"] };
  const arrange = () => {
    const { kind: key, options, of } = kind();
    fill("of", of.map((one) => ({ value: one.of, label: one.label || "all" })));
    show("of", of.length > 1);
    show("model", options.includes("model") && offered.models.length > 1);
    show("class", options.includes("class_name") && offered.classes.length > 1);
    show("method", options.includes("method"));
    show("by", options.includes("by"));
    const methods = key === "effect" ? offered.methods.removing : offered.methods.maps;
    fill("method", methods, "The usual one");
    const tables = offered.tables.filter((one) => DRAWN[key]?.includes(one.drawn) || (key === "alignment" && one.value === "ceiling"));
    fill("table", tables, "The usual ones");
    show("table", options.includes("table") && tables.length > 1);
  };
  const chosen = (name) => (at(name).closest(".figure-choice").hidden ? "" : at(name).value);
  const request = (annotations) => ({
    kind: at("kind").value,
    asked: {
      of: at("of").value,
      model: chosen("model"),
      class_name: chosen("class"),
      method: chosen("method"),
      table: chosen("table"),
      by: chosen("by") || "models",
    },
    look: { width: at("width").value, theme: at("theme").value, letters: at("letters").getAttribute("aria-checked") === "true" },
    format: at("form").value,
    dpi: Number(at("dpi").value),
    annotations,
  });

  // Drawing
  const draw = async () => {
    const mine = (asking += 1);
    at("message").textContent = "";
    at("status").textContent = "Drawing …";
    at("shown").classList.add("is-old");
    at("file").hidden = true;
    at("dialog").dataset.state = "drawing";
    try {
      const found = await finished(mine, request(items));
      if (mine !== asking) return;
      drawn = found;
      shown();
      bare = items.length ? null : found;
      if (annotating()) await stage();
      at("dialog").dataset.state = "drawn";
    } catch (error) {
      if (mine !== asking) return;
      failed(error);
      at("dialog").dataset.state = "failed";
    }
  };
  // Something is still to be worked out: every question does some of it.
  const finished = async (mine, wanted) => {
    for (;;) {
      const found = await ask("", wanted, "POST");
      if (found.file || mine !== asking) return found;
      at("status").textContent = `Working it out: ${Math.floor((100 * found.done) / found.total)} %`;
    }
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(draw, WAIT_MS);
  };
  const shown = () => {
    const image = at("preview");
    image.src = `${API}/files/${drawn.shown}`;
    image.alt = drawn.alt;
    image.hidden = false;
    at("shown").classList.remove("is-old");
    const [width, height] = drawn.inches;
    at("status").textContent = `${width.toFixed(2)} × ${height.toFixed(2)} in`;
    for (const name of ["caption", "alt", "latex", "references"]) at(name).value = drawn[name];
    at("problems").replaceChildren(...drawn.problems.map((text) => make("li", { textContent: text })));
    fill("highlight", drawn.classes.map((value) => ({ value, label: value })), "None");
    const link = at("file");
    link.href = `${API}/files/${drawn.file}?as=${encodeURIComponent(drawn.name)}`;
    link.download = drawn.name;
    link.textContent = `Download ${drawn.name}`;
    link.hidden = false;
  };

  // Annotating: the figure without annotations lies behind; each annotation is a shape of Plotly's that can be moved.
  const annotating = () => !at("annotating").hidden;
  const canvas = () => at("canvas")?.querySelector(".js-plotly-plot");
  const COLOURS = { ink: "#111111", people: "#0072b2", model: "#e69f00", both: "#5c1e6e" };
  const box = (panel) => bare.panels[panel] ?? bare.panels[0] ?? [0, 0, 1, 1];
  const toFigure = (panel, [x, y]) => {
    const [left, top, right, bottom] = box(panel);
    return [left + x * (right - left), top + y * (bottom - top)];
  };
  const toPanel = (panel, [x, y]) => {
    const [left, top, right, bottom] = box(panel);
    return [(x - left) / (right - left), (y - top) / (bottom - top)].map((share) => Math.round(share * 1e5) / 1e5);
  };
  const panelAt = ([x, y]) => {
    const middle = ([left, top, right, bottom]) => Math.hypot(x - (left + right) / 2, y - (top + bottom) / 2);
    const inside = bare.panels.findIndex(([left, top, right, bottom]) => x >= left && x <= right && y >= top && y <= bottom);
    if (inside >= 0) return inside;
    const distances = bare.panels.map(middle);
    return Math.max(0, distances.indexOf(Math.min(...distances)));
  };
  const placed = (item) => {
    // Where the enlarged detail lies: its corner, and its size by the zoom.
    const [[x0, y0], [x1, y1], place] = item.points;
    const size = [item.zoom * Math.abs(x1 - x0), item.zoom * Math.abs(y1 - y0)];
    const corner = place.map((at, axis) => Math.max(0, Math.min(at, 1 - size[axis])));
    return [corner, corner.map((at, axis) => at + size[axis])];
  };
  const shapesOf = (item, index) => {
    const line = { color: COLOURS[item.colour], width: 2 };
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
    const common = { name: `${index}`, xref: "x", yref: "y", font: { color: COLOURS[item.colour], size: 13 }, bgcolor: "rgba(255,255,255,0.8)" };
    const pulled = (from, to, arrowhead) => ({
      ...common, x: to[0], y: to[1], ax: from[0], ay: from[1], axref: "x", ayref: "y", showarrow: true, arrowhead,
      arrowcolor: COLOURS[item.colour], arrowwidth: 2, text: item.text,
    });
    if (item.kind === "arrow") return [pulled(points[0], points[1], 2)];
    if (item.kind === "callout") return [pulled(points[0], points[1], 0)];
    if (item.kind === "label") return [{ ...common, x: points[0][0], y: points[0][1], showarrow: false, text: item.text }];
    return [];
  };
  const MODES = { arrow: "drawline", callout: "drawline", rectangle: "drawrect", inset: "drawrect", ellipse: "drawcircle", outline: "drawclosedpath" };
  const paint = () => {
    const place = at("canvas");
    const wide = place.clientWidth || 640;
    const axis = { visible: false, fixedrange: true };
    const [width, height] = bare.inches;
    place.style.height = `${Math.round((wide * height) / width)}px`;
    const source = `${API}/files/${bare.shown}`;
    const layout = {
      xaxis: { ...axis, range: [0, 1] },
      yaxis: { ...axis, range: [1, 0] },
      margin: { l: 0, r: 0, t: 0, b: 0 },
      images: [{ source, xref: "x", yref: "y", x: 0, y: 0, sizex: 1, sizey: 1, sizing: "stretch", layer: "below" }],
      shapes: items.flatMap(shapesOf),
      annotations: items.flatMap(wordsOf),
      dragmode: MODES[tool] ?? false,
      newshape: { line: { color: COLOURS[at("colour").value], width: 2 }, fillcolor: "rgba(0,0,0,0)" },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
    };
    window.dash_clientside.set_props("figure-canvas", { figure: { data: [], layout } });
  };
  const stage = async () => {
    if (!bare) {
      const mine = asking;
      bare = await finished(mine, request([]));
    }
    paint();
    list();
  };
  const corners = (shape) => [[shape.x0, shape.y0], [shape.x1, shape.y1]];
  const path = (text) => text.replace(/^M|Z$/g, "").split("L").map((pair) => pair.split(",").map(Number));
  const keepPoints = (item, points) => (item.points = points.map((point) => toPanel(item.panel, point)));
  const added = (shape) => {
    const points = shape.type === "path" ? path(shape.path) : corners(shape);
    const item = { kind: tool, panel: panelAt(points[0]), points: [], text: "", colour: at("colour").value, zoom: 3 };
    keepPoints(item, tool === "outline" ? thinned(points) : points);
    if (tool === "callout") item.text = "words";
    if (tool === "inset") {
      const middle = (item.points[0][0] + item.points[1][0]) / 2;
      item.points = sorted(item.points);
      item.points.push([middle < 0.5 ? 0.55 : 0.05, 0.05]);
    }
    items.push(item);
  };
  const sorted = ([[x0, y0], [x1, y1]]) => [[Math.min(x0, x1), Math.min(y0, y1)], [Math.max(x0, x1), Math.max(y0, y1)]];
  const thinned = (points) => points.filter((_, index) => index % Math.ceil(points.length / 200) === 0);
  const moved = (layout) => {
    for (const shape of layout.shapes ?? []) {
      if (!shape.name) continue;
      const [index, isPlace] = shape.name.split(" ");
      const item = items[index];
      if (!item) continue;
      if (isPlace) item.points[2] = toPanel(item.panel, sorted(corners(shape))[0]);
      else if (item.kind === "outline") keepPoints(item, path(shape.path));
      else if (item.kind === "inset") item.points.splice(0, 2, ...sorted(corners(shape)).map((point) => toPanel(item.panel, point)));
      else keepPoints(item, corners(shape));
    }
    for (const note of layout.annotations ?? []) {
      const item = items[note.name];
      if (item) keepPoints(item, item.kind === "label" ? [[note.x, note.y]] : [[note.ax, note.ay], [note.x, note.y]]);
    }
  };
  const relayout = (event) => {
    const gd = canvas();
    if (!annotating() || !gd || !Object.keys(event).some((key) => /^(shapes|annotations)/.test(key))) return;
    const unnamed = (event.shapes ?? []).filter((shape) => !shape.name);
    if (unnamed.length && tool) added(unnamed.at(-1));
    else moved(gd.layout);
    changed();
  };
  const changed = () => {
    paint();
    list();
    keep();
  };
  const keep = async () => {
    try {
      await ask("/annotations", { kind: at("kind").value, of: at("of").value, annotations: items }, "PUT");
      at("message").textContent = "";
      at("status").textContent = "Kept with the figure";
    } catch (error) {
      failed(error);
    }
  };
  const list = () => {
    const row = (item, index) => {
      const parts = [make("span", { textContent: item.kind })];
      if (item.kind !== "highlight") {
        const text = make("input", { className: "form-control", value: item.text, maxLength: 200, type: "text" });
        text.setAttribute("aria-label", `Words of the ${item.kind}`);
        text.addEventListener("change", () => {
          item.text = text.value;
          changed();
        });
        parts.push(text);
      } else parts.push(make("span", { textContent: item.text }));
      if (item.kind === "inset") {
        const zoom = make("input", { className: "form-control zoom", type: "number", min: 1, max: 16, value: item.zoom });
        zoom.setAttribute("aria-label", "Times enlarged");
        zoom.addEventListener("change", () => {
          item.zoom = Math.max(1, Math.min(16, Math.round(Number(zoom.value) || 3)));
          changed();
        });
        parts.push(zoom);
      }
      const remove = make("button", { type: "button", className: "text-button", textContent: "Remove" });
      remove.setAttribute("aria-label", `Remove the ${item.kind}`);
      remove.addEventListener("click", () => {
        items.splice(index, 1);
        changed();
      });
      return make("li", {}, [...parts, remove]);
    };
    at("annotations").replaceChildren(...items.map(row));
  };
  const pick = (name) => {
    tool = tool === name ? null : name;
    for (const button of document.querySelectorAll("[data-figure-tool]")) button.setAttribute("aria-pressed", String(button.dataset.figureTool === tool));
    if (tool === "label") {
      items.push({ kind: "label", panel: 0, points: [[0.5, 0.5]], text: "words", colour: at("colour").value, zoom: 3 });
      tool = null;
      changed();
    } else paint();
  };
  const tab = async (toAnnotate) => {
    at("see").setAttribute("aria-pressed", String(!toAnnotate));
    at("draw").setAttribute("aria-pressed", String(toAnnotate));
    at("shown").hidden = toAnnotate;
    at("annotating").hidden = !toAnnotate;
    if (!toAnnotate) return draw();
    try {
      await stage();
    } catch (error) {
      failed(error);
    }
  };

  // The dialog
  const other = async () => {
    arrange();
    await theirs();
  };
  const theirs = async () => {
    const { annotations } = await ask(`/annotations?${new URLSearchParams({ kind: at("kind").value, of: at("of").value })}`);
    items = annotations;
    bare = null;
    await draw();
  };
  const open = async (what, of, first) => {
    offered = drawn = bare = null;
    items = [];
    for (const name of ["message", "status"]) at(name).textContent = "";
    at("preview").hidden = true;
    at("file").hidden = true;
    at("shown").hidden = false;
    at("annotating").hidden = true;
    at("dialog").dataset.state = "opening";
    at("dialog").showModal();
    try {
      offered = await ask(`/offers?${new URLSearchParams({ what, of })}`);
      if (!offered.kinds.length) throw new Error("There is nothing here yet that a figure could show.");
      fill("kind", offered.kinds.map((one) => ({ value: one.kind, label: one.title })));
      fill("model", offered.models, "The usual one");
      fill("class", offered.classes.map((value) => ({ value, label: value })), "The usual one");
      arrange();
      if (first && kind().of.some((one) => one.of === first)) at("of").value = first;
      await theirs();
    } catch (error) {
      failed(error);
      at("dialog").dataset.state = "failed";
    }
  };
  const guarded = (act) => act().catch(failed);

  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-figure]");
    if (button) {
      const found = R.figureOf?.[button.dataset.figure]?.() ?? {};
      return open(button.dataset.figure, button.dataset.of || found.of || "", found.first);
    }
    if (!target.closest("#figure-dialog")) return;
    if (target.closest("#figure-close")) at("dialog").close();
    else if (target.closest("#figure-see")) tab(false);
    else if (target.closest("#figure-draw")) tab(true);
    const use = target.closest("[data-figure-tool]");
    if (use) pick(use.dataset.figureTool);
    const copied = target.closest("[data-figure-copy]");
    if (copied) {
      const text = document.getElementById(copied.dataset.figureCopy).value;
      navigator.clipboard?.writeText(text).then(() => (at("status").textContent = "Copied"), () => null);
    }
    const letters = target.closest("#figure-letters");
    if (letters) {
      letters.setAttribute("aria-checked", String(letters.getAttribute("aria-checked") !== "true"));
      bare = null;
      draw();
    }
  });
  document.addEventListener("change", ({ target }) => {
    if (!target.closest("#figure-dialog") || !offered) return;
    const name = target.id.replace("figure-", "");
    if (name === "kind") guarded(other);
    else if (name === "of") guarded(theirs);
    else if (name === "highlight" && target.value) {
      items.push({ kind: "highlight", panel: 0, points: [], text: target.value, colour: at("colour").value, zoom: 3 });
      target.value = "";
      changed();
    } else if (name === "colour") paint();
    else if (target.closest("#figure-choices")) {
      bare = null;
      later();
    }
  });
  // Plotly's events bubble nowhere: they are listened to once its drawing is there.
  let listened = null;
  new MutationObserver(() => {
    const gd = canvas();
    if (!gd?.on || gd === listened) return;
    listened = gd;
    gd.on("plotly_relayout", relayout);
  }).observe(document.documentElement, { childList: true, subtree: true });

  R.figureOf = {
    ...R.figureOf,
    session: () => ({ of: document.getElementById("replay")?.dataset.session, first: R.replay?.film && R.replay.position ? R.replay.id(R.replay.number(R.replay.position)) : null }),
    comparison: () => ({ of: R.comparedItems?.().join(",") ?? "" }),
  };
})(window.regionscope);
