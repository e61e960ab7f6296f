// Clicks and keys, each on one line of a table.
((R) => {
  const TOOLS = { b: "brush", e: "eraser", p: "lasso", r: "rectangle", o: "ellipse", h: "hand" };
  const STEP_PX = 4;
  const SMALLEST = 4;
  const LARGEST = 160;

  R.useTool = (tool) => {
    R.current.tool = tool;
    document.body.dataset.tool = tool;
    R.set("tool", { data: tool });
    for (const button of document.querySelectorAll("button[data-tool]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    }
    if (tool === "eraser" && !R.pending.shapes.length && R.current.immediate && !R.isMarking()) {
      R.note("The eraser takes away from a region being collected: switch off “Apply when I let go” first.");
    }
  };
  R.resizeBrush = (by) => {
    const size = Math.min(LARGEST, Math.max(SMALLEST, R.current.brush + by));
    R.current.brush = size;
    R.set("brush-size", { value: size });
    R.sizeCircle();
  };
  R.undo = () => R.step("undo", () => R.scene?.undo);
  R.redo = () => R.step("redo", () => R.scene?.redo);
  R.reset = () => R.step("reset", () => R.scene?.edit && "original");

  const describeSession = async () => {
    const texts = {};
    for (const key of ["name", "person", "notes"]) texts[key] = R.byId(`session-${key}`).value;
    const session = R.place.session ?? R.newId();
    const image = R.scene.image.id;
    const body = { id: R.newId(), kind: "describe", session, image, texts, client: R.client(), time_ms: Date.now() };
    try {
      await R.post("/api/v1/events", body);
      R.set("session-dialog", { is_open: false });
      R.saved("saved ✓");
      R.arrivedAt(image, session, R.scene.edit ?? "original");
    } catch (error) {
      R.byId("session-message").textContent = `Not saved: ${error.message}`;
    }
  };
  const openSession = () => {
    R.set("session-dialog", { is_open: true });
    for (const key of ["name", "person", "notes"]) R.set(`session-${key}`, { value: R.scene?.texts[key] ?? "" });
  };

  const CLICKS = [
    ["button[data-tool]", (item) => R.useTool(item.dataset.tool)],
    ["#undo", () => R.undo()],
    ["#redo", () => R.redo()],
    ["#reset", () => R.reset()],
    ["#zoom-in", () => R.zoomBy(1.5)],
    ["#zoom-out", () => R.zoomBy(1 / 1.5)],
    ["#zoom-fit", () => R.zoomFit()],
    ["#apply", () => R.applyPending()],
    ["#clear, #clear-mark", () => R.dropPending()],
    ["#save-region", () => R.applyPending()],
    ["button[data-mode]", (item) => R.useMode(item.dataset.mode)],
    ["[data-choose-region]", (item) => R.chooseRegion(item.dataset.chooseRegion)],
    ["[data-region-act]", (item) => R.regionAct(item.dataset.regionAct, item.dataset.regionId)],
    ["#stop-map", () => R.stopMap()],
    ["#match-area", () => R.matchArea()],
    ["#keep-model-region", () => R.keepModelRegion()],
    ["#ask-effect", () => R.askEffect()],
    ["#region-save", () => R.describeRegion()],
    ["#stop", () => R.stop()],
    ["#try-again", () => R.tryAgain()],
    ["#discard", () => R.discard()],
    ["#new-session", () => R.newSession()],
    ["#session-details", openSession],
    ["#session-save", describeSession],
    ["[data-edit-id]", (item) => R.step("jump", () => item.dataset.editId)],
    ["[data-image-id]", (item) => R.pickImage(item.dataset.imageId)],
    ["tr[data-class-index]", (item) => R.explain(Number(item.dataset.classIndex))],
  ];
  const here = () => Boolean(R.byId("modified-canvas"));
  document.addEventListener("click", (event) => {
    if (!here()) return undefined;
    for (const [selector, act] of CLICKS) {
      const item = event.target.closest(selector);
      if (item && !item.disabled) return act(item);
    }
    return undefined;
  });

  const chord = (event) => {
    if (event.key.toLowerCase() !== "z") return false;
    if (event.shiftKey) R.redo();
    else R.undo();
    return true;
  };
  const SINGLE = {
    "[": () => R.resizeBrush(-STEP_PX),
    "]": () => R.resizeBrush(STEP_PX),
    "+": () => R.zoomBy(1.5),
    "=": () => R.zoomBy(1.5),
    "-": () => R.zoomBy(1 / 1.5),
    "0": () => R.zoomFit(),
    Escape: () => R.dropStroke(),
  };

  document.addEventListener("keydown", (event) => {
    if (!here() || R.typing(event.target)) return;
    if (event.ctrlKey || event.metaKey) {
      if (chord(event)) event.preventDefault();
      return;
    }
    if (event.altKey || (R.isDrawing() && event.key !== "Escape")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (TOOLS[key]) R.useTool(TOOLS[key]);
    else if (SINGLE[key]) SINGLE[key]();
    else if (key === "m") R.useMode(R.isMarking() ? "edit" : "mark");
    else if (key === "c" && !event.repeat) R.set("comparing", { data: true });
    else if (key === "Enter" && !event.target.closest("button, a, summary")) R.applyPending();
  });
  const letGo = () => R.set("comparing", { data: false });
  document.addEventListener("keyup", (event) => here() && event.key.toLowerCase() === "c" && letGo());
  window.addEventListener("blur", () => R.scene && letGo());

  // Dash's upload says nothing about a file it finds too large.
  const LARGEST_FILE = 25_000_000;
  const checkFile = (files) => {
    const file = files?.[0];
    if (!file) return;
    // The same file again is another wish.
    R.set("image-upload", { contents: null });
    const place = R.byId("upload-message");
    const large = file.size > LARGEST_FILE;
    const megabytes = (file.size / 1_000_000).toFixed(1);
    const sentence = large ? `This file is ${megabytes} MB; 25 MB is the most a picture may have.` : "";
    R.set("upload-message", { children: sentence });
    place.textContent = sentence;
    R.uploading(!large);
  };
  document.addEventListener("change", (event) => event.target.closest?.("#image-upload") && checkFile(event.target.files), true);
  document.addEventListener("drop", (event) => event.target.closest?.("#image-upload") && checkFile(event.dataTransfer.files), true);

  // What Dash renders later than we come: names for fields, the mark on the chosen picture.
  const dress = () => {
    for (const field of document.querySelectorAll("[data-name]")) {
      for (const part of field.querySelectorAll("[role=slider]:not([aria-label]), input:not([aria-label])")) {
        part.setAttribute("aria-label", field.dataset.name);
      }
    }
    // Dash hides these from screen readers but not from the Tab key.
    for (const input of document.querySelectorAll('input[aria-hidden="true"]:not([tabindex="-1"])')) input.tabIndex = -1;
    if (document.querySelector("[data-image-id]:not([aria-pressed])")) R.markImage();
  };
  const tidy = () => {
    dress();
    const brush = R.byId("brush-size");
    if (!brush || brush.dataset.seen) return;
    brush.dataset.seen = "yes";
    R.useTool("brush");
    R.useMode("edit");
    if (R.takeOverUnsent()) R.sendUnsent();
  };
  new MutationObserver(tidy).observe(document.documentElement, { childList: true, subtree: true });
})(window.regionscope);
