// Clicks and keys of the compare page, and what is kept of it.
((R, E) => {
  const C = R.compare;
  const byId = (id) => document.getElementById(id);
  const MASKS = ["outline", "fill", "off"];

  C.refer = (key) => {
    if (!key || key === C.parameters().get("ref")) return;
    C.markReference(key);
    C.change({ ref: key });
  };
  const leaveOut = (key) => {
    const items = C.scene.items.filter((item) => item !== key);
    const gone = (name) => (C.parameters().get(name)?.includes(key) ? { [name]: null } : {});
    C.change({ items: items.join(","), ...gone("ref"), ...gone("pair") });
  };
  const nextMasks = () => {
    const next = MASKS[(MASKS.indexOf(C.scene.chosen.masks) + 1) % MASKS.length];
    R.set("compare-masks", { value: next });
  };
  let lastMap = "cam";
  const toggleMap = () => {
    const { map } = C.scene.chosen;
    if (map !== "none") lastMap = map;
    R.set("compare-map", { value: map === "none" ? lastMap : "none" });
  };

  // Keeping: one dialog names a new comparison or renames a kept one.
  let naming = null;
  let deleting = null;
  const openNaming = (what) => {
    naming = what;
    byId("comparison-title")?.replaceChildren(what.title);
    R.set("comparison-name", { value: what.name });
    R.set("comparison-dialog", { is_open: true });
    requestAnimationFrame(() => setTimeout(prepareNaming, 50));
  };
  const prepareNaming = () => {
    const title = byId("comparison-title");
    if (!title) return;
    title.textContent = naming.title;
    byId("comparison-message").textContent = "";
    byId("comparison-name").focus();
  };
  const look = () => {
    const { items: _items, ...shown } = C.scene.chosen;
    return { ...shown, class: shown.class ?? "" };
  };
  const openSaving = () => {
    if (!C.scene?.items?.length) return;
    const name = C.scene.comparison ? `${C.scene.comparison.name} (copy)` : "";
    openNaming({ title: "Save this comparison", name, id: R.newId(), send: saveNew });
  };
  const saveNew = async (name) => {
    const body = { id: naming.id, name, items: C.scene.items, look: look() };
    const saved = await (await R.post("/api/v1/comparisons", body)).json();
    R.saved("saved ✓");
    history.replaceState(null, "", saved.address);
    E.look(location.search);
    C.look();
  };
  const put = async (id, changes) => {
    await R.post(`/api/v1/comparisons/${id}`, { id: R.newId(), ...changes }, null, "PUT");
    R.saved("saved ✓");
  };
  const openRenaming = (id, name) =>
    openNaming({ title: "Rename this comparison", name, send: async (text) => {
      await put(id, { name: text });
      if (C.here()) C.look();
      else location.reload();
    } });
  const keepChanges = async () => {
    try {
      await put(C.scene.comparison.id, { items: C.scene.items, look: look() });
      byId("compare-keep").hidden = true;
      history.replaceState(null, "", `/compare?comparison=${C.scene.comparison.id}`);
      E.look(location.search);
    } catch (error) {
      R.saved("not saved");
      R.note(error.message);
    }
  };
  const sendName = async () => {
    try {
      await naming.send(byId("comparison-name").value);
      R.set("comparison-dialog", { is_open: false });
    } catch (error) {
      R.saved("not saved");
      byId("comparison-message").textContent = `Not saved: ${error.message}`;
    }
  };
  const openDeleting = (id, name) => {
    deleting = id;
    R.set("delete-dialog", { is_open: true });
    R.set("delete-text", {
      children: `“${name}” goes. The sessions, edits and pictures that it compares stay.`,
    });
  };
  const sendDelete = async () => {
    const response = await fetch(`/api/v1/comparisons/${deleting}`, { method: "DELETE" }).catch(() => null);
    if (response?.ok) location.assign("/compare");
    else byId("delete-message").textContent = "Not deleted: the server refused or does not answer. Try again.";
  };

  // Further models
  const finished = (text) => {
    R.set("job-text", { children: "" });
    R.note(text);
    C.look();
  };
  E.answered = (done) => {
    if (!done) return;
    if (done.failed) {
      R.set("job-message", { children: done.failed });
      C.look();
      return;
    }
    const models = new Set([...C.scene.chosen.models.split(","), ...done.models]);
    C.scene.chosen.models = [...models].join(",");
    R.note("All answers are kept.");
    C.change({ models: C.scene.chosen.models });
  };
  const AFTER_STOP_MS = 1500;
  E.cancelled = (clicks) => {
    if (clicks) setTimeout(() => finished("Stopped. What was answered up to here is kept."), AFTER_STOP_MS);
  };

  const CLICKS = [
    ["[data-reference]", (item) => C.refer(item.dataset.reference)],
    ["[data-remove]", (item) => leaveOut(item.dataset.remove)],
    ["[data-choose-class]", (item) => R.set("compare-class", { value: Number(item.dataset.chooseClass) })],
    ["#compare-zoom-in", () => C.zoomBy(1.5)],
    ["#compare-zoom-out", () => C.zoomBy(1 / 1.5)],
    ["#compare-zoom-fit", () => C.zoomFit()],
    ["#compare-save", openSaving],
    ["#compare-keep", keepChanges],
    ["#compare-rename", () => openRenaming(C.scene.comparison.id, C.scene.comparison.name)],
    ["#comparison-save", sendName],
    ["#comparison-delete", sendDelete],
    ["[data-rename]", (item) => openRenaming(item.dataset.rename, item.dataset.name)],
    ["[data-delete]", (item) => openDeleting(item.dataset.delete, item.dataset.name)],
  ];
  const ourPage = () => document.querySelector(".compare-page");
  document.addEventListener("click", (event) => {
    if (!ourPage()) return;
    for (const [selector, act] of CLICKS) {
      const item = event.target.closest(selector);
      if (item && !item.disabled) {
        act(item);
        return;
      }
    }
  });

  const panels = () => [...document.querySelectorAll(".compare-panel[data-item]")];
  const step = (by) => {
    const all = panels();
    const at = all.findIndex((panel) => panel.contains(document.activeElement));
    all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)]?.focus();
  };
  const KEYS = {
    ArrowRight: () => step(1),
    ArrowLeft: () => step(-1),
    r: () => C.refer(document.activeElement.closest("[data-item].compare-panel")?.dataset.item),
    m: nextMasks,
    h: toggleMap,
    s: openSaving,
    "+": () => C.zoomBy(1.5),
    "=": () => C.zoomBy(1.5),
    "-": () => C.zoomBy(1 / 1.5),
    0: () => C.zoomFit(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.id === "comparison-name") sendName();
    if (!C.here() || !C.scene?.items?.length || R.typing(event.target)) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || event.target.closest("[role=radiogroup], .compare-table-place, .dash-dropdown")) return;
    event.preventDefault();
    act();
  });
})(window.regionscope, window.dash_clientside.compare);
