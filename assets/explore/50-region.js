// From a drawn Plotly shape to a region: collected or applied at once.
((R, E) => {
  R.pending = { shapes: [], overlay: null };

  const current = (id) => R.current[id];
  R.current = { tool: "brush", brush: 36, method: "telea", immediate: true, methods: [] };

  R.methodLabel = (key) => R.current.methods.find((method) => method.key === key)?.label ?? key;

  // Screen pixels become picture pixels here, in the browser, while the zoom is the one that was drawn under.
  const pixelsPerScreenPixel = () => {
    const axis = R.graph("modified-canvas")._fullLayout.xaxis;
    return Math.abs(axis.range[1] - axis.range[0]) / axis._length;
  };

  const geometry = (shape, tool) => {
    if (tool === "rectangle" || tool === "ellipse") {
      const { x0, y0, x1, y1 } = shape;
      return { x0, y0, x1, y1 };
    }
    return { path: shape.path };
  };

  const describe = (shape, tool) => {
    const brush = tool === "brush" || tool === "eraser";
    const wide = { width_screen_px: shape.line.width, width_image_px: shape.line.width * pixelsPerScreenPixel() };
    return {
      tool: tool === "eraser" ? "brush" : tool,
      mode: tool === "eraser" ? "erase" : "add",
      ...geometry(shape, tool),
      ...(brush ? wide : {}),
      points: trace.points,
    };
  };

  R.drawn = (shapes) => {
    if (!shapes.length) return;
    drawnAt = performance.now();
    if (trace.dropped) return;
    take(describe(shapes[shapes.length - 1], current("tool")));
  };

  const take = (shape) => {
    if (!R.scene || R.blocked()) return R.redraw();
    if (shape.mode === "erase" && !R.pending.shapes.length) {
      R.note("The eraser takes away from a region being collected. Nothing is collected yet.");
      return R.redraw();
    }
    const shapes = [...R.pending.shapes, shape];
    if (!R.isMarking() && current("immediate") && !R.pending.shapes.length) return R.applyShapes(shapes);
    return R.collect(shapes);
  };

  R.askMask = (shapes) => R.post("/api/v1/masks", { image: R.scene.image.id, shapes });
  R.collect = async (shapes) => {
    const isLooking = R.isBusy();
    R.busy("collecting");
    try {
      const response = await R.askMask(shapes);
      const area = Number(response.headers.get("X-Mask-Area"));
      const overlay = await R.asData(await response.blob());
      R.pending = { shapes, overlay };
      showPending(area);
    } catch (error) {
      R.note(error.message);
    }
    if (isLooking) R.settle();
    else R.busy(null);
    R.redraw();
  };

  const showPending = (area) => {
    const some = R.pending.shapes.length > 0;
    const share = some ? `${(area * 100).toFixed(1)} % of the picture` : "";
    for (const id of ["pending-note", "mark-note"]) R.byId(id).textContent = share;
    for (const id of ["apply", "clear", "save-region", "clear-mark"]) R.byId(id).disabled = !some;
  };

  R.dropPending = () => {
    const had = R.pending.shapes.length > 0;
    R.pending = { shapes: [], overlay: null };
    showPending(0);
    if (had) R.redraw();
  };

  R.applyPending = () => {
    if (!R.pending.shapes.length) R.note("Draw a region first.");
    else if (R.isMarking()) R.saveRegion(R.pending.shapes, trace.startedAt);
    else R.applyShapes(R.pending.shapes);
  };

  const parameters = (R.parameters = (method, place = "parameter") => {
    const values = {};
    for (const field of document.querySelectorAll(`[id^="${place}--${method}--"]`)) {
      if (!field.checkValidity() || field.value === "") {
        throw new R.Refused(`${field.labels[0].textContent} must be between ${field.min} and ${field.max}.`, 422);
      }
      values[field.id.split("--")[2]] = field.type === "number" ? Number(field.value) : field.value;
    }
    return values;
  });
  R.showSettings = (place, method) => {
    for (const block of document.querySelectorAll(`#${place}-settings [data-method]`)) {
      block.hidden = block.dataset.method !== method;
    }
  };

  R.applyShapes = (shapes) => {
    const method = current("method");
    let values;
    try {
      values = parameters(method);
    } catch (error) {
      R.note(error.message);
      return R.redraw();
    }
    const session = R.place.session ?? R.newId();
    R.place.session = session;
    return R.submit({
      id: R.newId(),
      session,
      image: R.scene.image.id,
      parent: R.scene.edit,
      method,
      parameters: values,
      shapes,
      models: R.models(),
      client: R.client(),
      started_ms: trace.startedAt,
      ended_ms: Date.now(),
    });
  };

  // The pointer's own track with its times, for replaying the stroke as it was drawn.
  const trace = { points: [], startedAt: null, down: null, dropped: false };
  const TAP_PX = 8;
  const MOST_POINTS = 4000;
  let drawnAt = 0;

  const inPicture = (event) => {
    const graph = R.graph("modified-canvas");
    const area = graph?.querySelector(".nsewdrag")?.getBoundingClientRect();
    if (!area?.width) return null;
    const { xaxis, yaxis } = graph._fullLayout;
    const along = (axis, share) => axis.range[0] + share * (axis.range[1] - axis.range[0]);
    return [
      along(xaxis, (event.clientX - area.left) / area.width),
      along(yaxis, 1 - (event.clientY - area.top) / area.height),
    ];
  };

  const track = (event) => {
    const point = inPicture(event);
    if (!point || trace.points.length >= MOST_POINTS) return;
    const time = Math.round(performance.now() - trace.down.time);
    trace.points.push([time, Number(point[0].toFixed(2)), Number(point[1].toFixed(2))]);
  };

  const onCanvas = (event) => event.target.closest?.("#modified-canvas");

  document.addEventListener(
    "pointerdown",
    (event) => {
      if (!onCanvas(event) || event.button !== 0 || current("tool") === "hand") return;
      trace.points = [];
      trace.dropped = false;
      trace.startedAt = Date.now();
      trace.down = { time: performance.now(), x: event.clientX, y: event.clientY, far: false };
      track(event);
    },
    true,
  );
  document.addEventListener(
    "pointermove",
    (event) => {
      moveCircle(event);
      if (!trace.down) return;
      const { down } = trace;
      down.far = down.far || Math.hypot(event.clientX - down.x, event.clientY - down.y) > TAP_PX;
      track(event);
    },
    true,
  );
  document.addEventListener(
    "pointerup",
    (event) => {
      const { down } = trace;
      if (!down) return;
      track(event);
      trace.down = null;
      // Plotly draws nothing for a tap or a very short stroke; a person expects a dab.
      if (!down.far) setTimeout(() => drawnAt < down.time && dab(), 40);
    },
    true,
  );
  document.addEventListener("pointercancel", () => (trace.down = null), true);

  const dab = () => {
    const tool = current("tool");
    if (!R.scene || (tool !== "brush" && tool !== "eraser")) return;
    const path = trace.points.map(([, x, y], index) => `${index ? "L" : "M"}${x},${y}`).join("");
    take(describe({ path, line: { width: current("brush") } }, tool));
  };

  // The pointer is the brush: a circle of its true size.
  const moveCircle = (event) => {
    const circle = R.byId("brush-circle");
    if (!circle) return;
    const brush = current("tool") === "brush" || current("tool") === "eraser";
    const shown = brush && event.pointerType !== "touch" && onCanvas(event);
    circle.classList.toggle("is-shown", Boolean(shown));
    if (!shown) return;
    circle.style.width = circle.style.height = `${current("brush")}px`;
    circle.style.transform = `translate(${event.clientX}px, ${event.clientY}px) translate(-50%, -50%)`;
  };
  R.sizeCircle = () => {
    const circle = R.byId("brush-circle");
    if (circle) circle.style.width = circle.style.height = `${current("brush")}px`;
  };
  R.strokeStartedAt = () => trace.startedAt;
  R.isDrawing = () => Boolean(trace.down);
  R.dropStroke = () => {
    if (trace.down) {
      trace.down = null;
      trace.dropped = true;
      // Plotly knows no way back: its drag is ended, and what it then hands over is not taken.
      document.querySelector(".dragcover")?.dispatchEvent(new MouseEvent("mouseup", { bubbles: true }));
    }
    R.dropPending();
    R.redraw();
  };

  E.offer = (operation, methods, chosen) => {
    R.current.methods = methods;
    const offered = methods.filter((method) => method.group === operation);
    const options = offered.map((method) => ({
      value: method.key,
      label: method.unavailable ? `${method.label} (unavailable)` : method.label,
      disabled: Boolean(method.unavailable),
      title: method.unavailable ?? method.explanation,
    }));
    const usable = offered.filter((method) => !method.unavailable).map((method) => method.key);
    return [options, usable.includes(chosen) ? chosen : usable[0]];
  };

  E.explainMethod = (key, methods) => {
    R.current.method = key;
    R.showSettings("parameter", key);
    R.settleEffect?.();
    return methods.find((method) => method.key === key)?.explanation ?? "";
  };

  E.collecting = (immediate) => {
    R.current.immediate = immediate;
    return immediate;
  };
})(window.regionscope, window.dash_clientside.explore);
