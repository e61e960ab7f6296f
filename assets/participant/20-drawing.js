// Drawing in a trial: strokes of a marking are kept one by one, each removal is asked for and shown.
window.dash_clientside = window.dash_clientside ?? {};
window.dash_clientside.participant = window.dash_clientside.participant ?? {};
((R, E) => {
  const P = R.participant;
  const { explore } = window.dash_clientside;
  let strokes = [];
  let waiting = false;
  let asked = 0;

  R.unsent = () => null;
  R.blocked = () => waiting;
  R.isMarking = () => P.scene?.trialKind === "mark";
  // Counts what she did to the picture: a scene that was asked for before is older than what is on the screen.
  P.drawn = 0;
  // The eraser is the only tool that has something to say on this page.
  R.note = () => P.say(P.word("nothing_to_rub_out"));
  R.asked = () => R.scene?.token;
  R.settle = () => P.isAsked() || R.busy(null);
  R.askMask = (shapes) => R.post(`${P.base}/api/v1/masks`, { trial: P.scene.trial, shapes });
  const step = () => P.scene.step;

  const asData = (blob) =>
    new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(blob);
    });
  const pictures = new Map();
  const picture = async (address) => {
    if (!pictures.has(address)) {
      const response = await fetch(address);
      if (!response.ok) throw new R.Refused(P.word("no_picture"), response.status);
      pictures.set(address, await asData(await response.blob()));
    }
    return pictures.get(address);
  };

  // Until the next picture is there nothing can be drawn, and what is still on its way is of the one before.
  P.leaveDrawing = () => {
    asked += 1;
    strokes = [];
    R.scene = null;
    R.pending = { shapes: [], overlay: null };
    R.byId("modified-canvas-box").classList.add("is-coming");
  };
  P.showDrawing = async (scene) => {
    R.byId("drawing").hidden = !scene.image;
    if (!scene.image) {
      P.checkSize();
      R.busy(null);
      return;
    }
    if (scene.strokes) strokes = scene.strokes;
    const box = R.byId("modified-canvas-box");
    document.documentElement.style.setProperty("--least", `${scene.canvas}px`);
    box.style.setProperty("--ratio", scene.image.width / scene.image.height);
    box.setAttribute("aria-label", P.word("picture_label"));
    R.byId("keyboard-help").textContent = P.word("keyboard");
    chooseTool();
    P.checkSize();
    await follow(scene);
    // She may be further by now.
    if (P.scene === scene && R.isMarking()) await showStrokes();
  };

  // On a window that was made smaller since she began, or on another device, the picture may be too small to judge.
  P.checkSize = () => {
    const box = R.byId("modified-canvas-box")?.getBoundingClientRect();
    const least = P.scene?.image ? P.scene.canvas : 0;
    const isSmall = least > 0 && Math.max(box.width, box.height) + 1 < least;
    document.body.classList.toggle("is-too-small", isSmall);
    P.trouble("small", isSmall ? P.word("larger_window", { count: least }) : "");
    return isSmall;
  };
  window.addEventListener("resize", () => P.checkSize());

  let mapShown = true;
  const mapOf = async ({ map }) => {
    try {
      return map ? await picture(map) : null;
    } catch {
      return null;
    }
  };
  const follow = async (state) => {
    Object.assign(P.scene, { edit: state.edit ?? null, parents: state.parents ?? [], left: state.left ?? null });
    const lines = (state.says ?? []).map((text) => Object.assign(document.createElement("p"), { textContent: text }));
    R.byId("says").replaceChildren(...lines);
    asked += 1;
    const token = asked;
    const [modified, modifiedMap] = await Promise.all([picture(state.source), mapOf(state)]);
    if (token !== asked) return;
    const { image } = P.scene;
    R.scene = { image, token };
    R.pending = { shapes: [], overlay: null };
    R.byId("modified-canvas-box").classList.remove("is-coming");
    R.set("sources", { data: { modified, original: modified, modifiedMap, image, token } });
  };

  // Without a connection nobody can say which pixels a stroke covers; the strokes themselves are shown then.
  const showStrokes = async () => {
    const shapes = strokes.map(({ shape }) => shape);
    R.pending = { shapes, overlay: null };
    asked += 1;
    const token = asked;
    share = shapes.length ? null : 0;
    if (shapes.length) {
      try {
        const response = await R.askMask(shapes);
        const overlay = await asData(await response.blob());
        if (token !== asked) return;
        R.pending = { shapes, overlay };
        share = Number(response.headers.get("X-Mask-Area"));
      } catch {
        if (token !== asked) return;
      }
    }
    tellShare();
    R.redraw();
  };
  // How much of the picture is marked; not known while nobody can be asked.
  let share = 0;
  const percent = (part) => (100 * part).toFixed(1);
  P.tooMuch = () => {
    const { most } = P.scene;
    return share !== null && share > most ? P.word("too_much", { percent: percent(share), most: percent(most) }) : "";
  };
  const tellShare = () => {
    P.say(P.tooMuch());
    // Who draws by keyboard may not see what it did.
    const isTold = cursor && share !== null && !P.tooMuch();
    R.byId("says").textContent = isTold ? P.word("marked", { percent: percent(share) }) : "";
  };
  R.collect = (shapes) => {
    const shape = shapes[shapes.length - 1];
    const id = R.newId();
    P.drawn += 1;
    strokes.push({ id, shape });
    P.happened("stroke", { step: step(), shape }, id);
    return showStrokes();
  };
  P.shapes = () => strokes.map(({ shape }) => shape);

  const change = async (path, body) => {
    waiting = true;
    P.drawn += 1;
    R.busy("asking");
    try {
      await follow(await P.send(path, { id: R.newId(), trial: P.scene.trial, ...body }));
    } catch (error) {
      P.say(error.message);
      R.busy(null);
    }
    waiting = false;
    R.redraw();
  };
  R.applyShapes = (shapes) => {
    const method = R.byId("removal-method")?.value ?? null;
    const times = { started_ms: R.strokeStartedAt(), ended_ms: Date.now() };
    return change("/api/v1/edits", { parent: P.scene.edit, method, shapes, ...times });
  };
  const ACTS = {
    undo: () => {
      if (!R.isMarking()) return P.scene.edit && change("/api/v1/moves", { edit: P.scene.parents[0] ?? null });
      P.drawn += 1;
      const last = strokes.pop();
      if (last) P.happened("unstroke", { step: step(), stroke: last.id });
      return last && showStrokes();
    },
    clear: () => {
      if (!R.isMarking()) return P.scene.edit && change("/api/v1/moves", { edit: null });
      P.drawn += 1;
      const had = strokes.length > 0;
      strokes = [];
      if (had) P.happened("clear", { step: step() });
      return had && showStrokes();
    },
    map: () => {
      mapShown = !mapShown;
      showMapSwitch();
      R.redraw();
    },
  };
  const showMapSwitch = () =>
    document.querySelector("#tools [data-act='map']")?.setAttribute("aria-pressed", String(mapShown));
  P.isWaiting = () => waiting;

  const chooseTool = (wanted = R.current.tool) => {
    const offered = [...document.querySelectorAll("#tools [data-tool]")].map(({ dataset }) => dataset.tool);
    const tool = offered.includes(wanted) ? wanted : (offered[0] ?? "brush");
    R.current.tool = tool;
    document.body.dataset.tool = tool;
    for (const button of document.querySelectorAll("#tools [data-tool]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    }
    R.set("tool", { data: tool });
    showMapSwitch();
  };
  const resize = (size) => {
    R.current.brush = size;
    R.set("brush-size", { data: size });
    R.sizeCircle();
  };
  document.addEventListener("click", ({ target }) => {
    const tool = target.closest("#tools [data-tool]");
    if (tool) chooseTool(tool.dataset.tool);
    const act = target.closest("#tools [data-act]");
    // To look at the map or not changes nothing that is waited for.
    if (act && (!waiting || act.dataset.act === "map")) ACTS[act.dataset.act]?.();
  });
  document.addEventListener("input", ({ target }) => target.id === "brush-range" && resize(Number(target.value)));

  const strokeAsShape = (shape) => ({
    type: shape.path ? "path" : shape.tool === "ellipse" ? "circle" : "rect",
    ...(shape.path ? { path: shape.path } : { x0: shape.x0, y0: shape.y0, x1: shape.x1, y1: shape.y1 }),
    line: { color: shape.mode === "erase" ? "#D55E00" : "#0072B2", width: shape.width_screen_px ?? 1 },
    fillcolor: shape.tool === "brush" ? "rgba(0,0,0,0)" : "#0072B2",
    opacity: 0.45,
    editable: false,
  });
  const MAP_OPACITY = 50;
  E.draw = (sources, zoom, tool, brush, pending) => {
    if (!sources) return window.dash_clientside.no_update;
    const [figure] = explore.draw(sources, zoom, tool, brush, mapShown ? MAP_OPACITY : 0, pending, false, []);
    if (pending?.shapes?.length && !pending.overlay) figure.layout.shapes = pending.shapes.map(strokeAsShape);
    return figure;
  };

  // By keyboard: arrows move a cursor over the picture, Space paints a dab there.
  const STEP_SHARE = 0.02;
  let cursor = null;
  const showCursor = () => {
    const area = R.graph("modified-canvas")?.querySelector(".nsewdrag")?.getBoundingClientRect();
    const circle = R.byId("brush-circle");
    if (!area || !cursor) return;
    circle.classList.add("is-shown");
    circle.style.width = circle.style.height = `${R.current.brush}px`;
    const x = area.left + cursor.x * area.width;
    const y = area.top + cursor.y * area.height;
    circle.style.transform = `translate(${x}px, ${y}px) translate(-50%, -50%)`;
  };
  const dab = () => {
    const area = R.graph("modified-canvas").querySelector(".nsewdrag").getBoundingClientRect();
    const { width, height } = P.scene.image;
    const [x, y] = [cursor.x * width, cursor.y * height].map((value) => Number(value.toFixed(2)));
    const shape = {
      tool: "brush",
      mode: R.current.tool === "eraser" ? "erase" : "add",
      path: `M${x},${y}L${x},${y}`,
      width_screen_px: R.current.brush,
      width_image_px: (R.current.brush * width) / area.width,
      points: [],
    };
    return R.isMarking() ? R.collect([...P.shapes(), shape]) : R.applyShapes([shape]);
  };
  const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "modified-canvas-box" || !P.scene?.image) return;
    cursor = cursor ?? { x: 0.5, y: 0.5 };
    const move = MOVES[event.key];
    if (move) {
      cursor.x = Math.min(1, Math.max(0, cursor.x + move[0] * STEP_SHARE));
      cursor.y = Math.min(1, Math.max(0, cursor.y + move[1] * STEP_SHARE));
    } else if (event.key !== " " || waiting) return;
    else if (R.scene) dab();
    event.preventDefault();
    showCursor();
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || !P.scene?.image) return;
    event.preventDefault();
    if (!waiting) ACTS.undo();
  });
})(window.regionscope, window.dash_clientside.participant);
