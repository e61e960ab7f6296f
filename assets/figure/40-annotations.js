// What is put on a figure: drawn with the mouse, moved, worded, removed, and kept with the figure.
((F) => {
  const { at, make } = F;
  const corners = (shape) => [[shape.x0, shape.y0], [shape.x1, shape.y1]];
  const path = (text) => text.replace(/^M|Z$/g, "").split("L").map((pair) => pair.split(",").map(Number));
  const keepPoints = (item, points) => (item.points = points.map((point) => F.toPanel(item.panel, point)));
  const added = (shape) => {
    const points = shape.type === "path" ? path(shape.path) : corners(shape);
    const item = F.item(F.tool, F.panelAt(points[0]), []);
    keepPoints(item, F.tool === "outline" ? thinned(points) : points);
    if (F.tool === "inset") item.points = F.insetPoints(item.points);
    F.items.push(item);
  };
  // The detail's corners, and where it is shown: beside it, where nothing is said.
  F.insetPoints = ([from, to, place]) => [...sorted([from, to]), place ?? [(from[0] + to[0]) / 2 < 0.5 ? 0.55 : 0.05, 0.05]];
  const sorted = ([[x0, y0], [x1, y1]]) => [[Math.min(x0, x1), Math.min(y0, y1)], [Math.max(x0, x1), Math.max(y0, y1)]];
  const thinned = (points) => points.filter((_, index) => index % Math.ceil(points.length / 200) === 0);
  const moved = (layout) => {
    for (const shape of layout.shapes ?? []) {
      if (!shape.name) continue;
      const [index, isPlace] = shape.name.split(" ");
      const item = F.items[index];
      if (!item) continue;
      if (isPlace) item.points[2] = F.toPanel(item.panel, sorted(corners(shape))[0]);
      else if (item.kind === "outline") keepPoints(item, path(shape.path));
      else if (item.kind === "inset") item.points.splice(0, 2, ...sorted(corners(shape)).map((point) => F.toPanel(item.panel, point)));
      else keepPoints(item, corners(shape));
    }
    for (const note of layout.annotations ?? []) {
      const item = F.items[note.name];
      if (item) keepPoints(item, item.kind === "label" ? [[note.x, note.y]] : [[note.ax, note.ay], [note.x, note.y]]);
    }
  };
  F.relayout = (event) => {
    const gd = F.canvas();
    if (!F.annotating() || at("annotating").inert || !F.bare || !gd || !Object.keys(event).some((key) => /^(shapes|annotations)/.test(key))) return;
    const unnamed = (event.shapes ?? []).filter((shape) => !shape.name);
    if (unnamed.length && F.tool) added(unnamed.at(-1));
    else moved(gd.layout);
    F.changed();
  };
  F.changed = () => {
    F.list();
    F.altered();
  };
  // The list stays as it is, so that what is being typed into keeps the focus.
  F.altered = () => {
    F.paint();
    keep();
  };
  // One after the other, so that what was meant last is what stays; of what waits only the last.
  let keeping = Promise.resolve();
  const last = new Map();
  F.kept = () => keeping;
  const keep = () => {
    const { kind, asked } = F.request();
    const wanted = { kind, asked, annotations: structuredClone(F.items) };
    const figure = JSON.stringify([kind, asked]);
    const isLast = () => last.get(figure) === wanted;
    last.set(figure, wanted);
    at("status").textContent = "Keeping …";
    keeping = keeping.then(async () => {
      if (!isLast()) return;
      try {
        await F.ask("/annotations", wanted, "PUT");
        if (!isLast()) return;
        at("message").textContent = "";
        at("status").textContent = "Kept with the figure";
      } catch (error) {
        F.failed(error);
      }
    });
  };
  F.list = () => {
    const row = (item, index) => {
      const parts = [make("span", { textContent: item.kind })];
      if (item.kind !== "highlight") {
        const text = make("input", { className: "form-control", value: item.text, maxLength: 200, type: "text" });
        text.setAttribute("aria-label", `Words of the ${item.kind}`);
        text.addEventListener("change", () => {
          item.text = text.value;
          F.altered();
        });
        parts.push(text, F.placesField(item));
      } else parts.push(make("span", { textContent: item.text }));
      if (item.kind === "inset") {
        const zoom = make("input", { className: "form-control zoom", type: "number", min: 1, max: 16, value: item.zoom });
        zoom.setAttribute("aria-label", "Times enlarged");
        zoom.addEventListener("change", () => {
          item.zoom = Math.max(1, Math.min(16, Math.round(Number(zoom.value) || 3)));
          zoom.value = item.zoom;
          F.altered();
        });
        parts.push(zoom);
      }
      const remove = make("button", { type: "button", className: "text-button", textContent: "Remove" });
      remove.setAttribute("aria-label", `Remove the ${item.kind}`);
      remove.addEventListener("click", () => {
        F.items.splice(index, 1);
        F.changed();
        (at("annotations").children[index]?.querySelector("button") ?? at("add")).focus();
      });
      return make("li", {}, [...parts, remove]);
    };
    at("annotations").replaceChildren(...F.items.map(row));
  };
  // A label is there at once; every other tool stays in hand until it is put down.
  F.pick = (name) => {
    F.tool = name === "label" || F.tool === name ? null : name;
    for (const button of document.querySelectorAll("[data-figure-tool]")) button.setAttribute("aria-pressed", String(button.dataset.figureTool === F.tool));
    if (name !== "label") return F.paint();
    F.items.push(F.item("label", 0, [[0.5, 0.5]]));
    F.changed();
  };
})(window.regionscope.figure);
