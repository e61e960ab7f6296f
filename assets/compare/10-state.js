// The address says what is compared and how; everything else follows from it.
window.regionscope = window.regionscope ?? {};
window.dash_clientside = window.dash_clientside ?? {};
window.dash_clientside.compare = window.dash_clientside.compare ?? {};
((R, E) => {
  const C = (R.compare = { scene: null, maps: null, zoom: null });
  const nothing = () => window.dash_clientside.no_update;
  const byId = (id) => document.getElementById(id);
  let parameters = new URLSearchParams();
  let token = 0;
  let shown = null;
  let classesOf = null;

  C.here = () => Boolean(byId("compare-grid"));
  C.parameters = () => parameters;
  const readable = () => parameters.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
  const view = () => {
    token += 1;
    return { search: `?${readable()}`, shown, classesOf, token };
  };
  C.isCurrent = (answer) => answer?.token === token;

  E.look = (search) => {
    parameters = new URLSearchParams(search);
    return view();
  };
  C.look = () => {
    R.busy("looking");
    R.set("compare-view", { data: view() });
  };

  // What only the browser draws is written into the address without asking the server.
  const OURS = new Set(["opacity", "masks"]);
  C.change = (changes) => {
    // A saved comparison that is changed is the address's from then on, whole: nothing of the saved look comes back.
    const all = C.scene?.comparison ? { ...C.scene.chosen } : {};
    for (const [key, value] of Object.entries(all)) if (value && !parameters.has(key)) parameters.set(key, value);
    for (const [key, value] of Object.entries(changes)) {
      if (value === null || value === "") parameters.delete(key);
      else parameters.set(key, value);
    }
    history.replaceState(null, "", `/compare?${readable()}`);
    byId("compare-keep").hidden = !C.scene?.comparison;
    if (!Object.keys(changes).every((key) => OURS.has(key))) C.look();
  };

  // A control that was only set to what is shown already asks for nothing.
  const chosen = () => C.scene?.chosen;
  const choose = (key) => (value) => {
    const text = Array.isArray(value) ? value.join(",") : String(value ?? "");
    if (!chosen() || text === chosen()[key]) return nothing();
    if (!text) {
      // One model at least decides; a control that was emptied goes back to what is shown.
      if (key === "models") R.set("compare-models", { value: chosen().models.split(",") });
      return nothing();
    }
    chosen()[key] = text;
    // Another model may name its classes differently.
    if (key === "models" && text.split(",")[0] !== classesOf) C.change({ [key]: text, class: null });
    else C.change({ [key]: text });
    return nothing();
  };
  for (const key of ["models", "class", "map", "masks", "opacity"]) E[`choose_${key}`] = choose(key);
  const choosePair = (place) => (value) => {
    if (!chosen()?.pair || !value) return nothing();
    const pair = chosen().pair.split(",");
    if (pair[place] === value) return nothing();
    pair[place] = value;
    C.choosePair(pair);
    return nothing();
  };
  C.choosePair = (pair) => {
    chosen().pair = pair.join(",");
    C.change({ pair: chosen().pair });
  };
  E.choose_first = choosePair(0);
  E.choose_second = choosePair(1);

  const fail = (sentence) => {
    const place = byId("compare-failed");
    // Its button stays the same while it is pressed.
    if (sentence && place.dataset.said === sentence) return;
    place.dataset.said = sentence ?? "";
    place.hidden = !sentence;
    place.replaceChildren();
    if (!sentence) return;
    const again = Object.assign(document.createElement("button"), { type: "button", textContent: "Try again" });
    again.className = "text-button";
    again.addEventListener("click", C.look);
    const back = Object.assign(document.createElement("a"), { href: "/compare", textContent: "All comparisons" });
    place.append(`This could not be shown: ${sentence} `, again, " ", back);
  };
  C.fail = fail;

  E.arrive = (scene) => {
    if (!C.isCurrent(scene)) return;
    document.body.classList.toggle("compare-nothing", Boolean(scene.failed || scene.tooFew));
    if (scene.failed) {
      fail(scene.failed);
      R.busy(null);
      R.problem("look", scene.failed);
      return;
    }
    fail(null);
    R.problem("look", null);
    C.scene = scene;
    shown = scene.items;
    if (scene.tooFew) {
      R.busy(null);
      return;
    }
    if (!C.maps || scene.maps.method === "none") C.maps = null;
    setControls(scene);
    name(scene);
    C.showMarked(scene);
    requestAnimationFrame(() => C.fill());
    C.load();
  };

  R.comparedItems = () => shown ?? [];
  R.packageOf = () => ({ comparison: R.comparedItems().join(",") });
  // What is looked at: all models or the first, the class and the map's method.
  R.comparedBy = () => {
    if (!C.scene?.maps) return {};
    const { chosen: now, maps } = C.scene;
    return { model: [now.models, maps.model], class_name: [maps.label], method: [maps.method] };
  };

  const name = (scene) => {
    const title = scene.comparison?.name ?? "Compare";
    byId("compare-name").textContent = title;
    document.title = `${title} – Regionscope`;
    byId("compare-rename").hidden = !scene.comparison;
  };

  const setControls = (scene) => {
    const { chosen: now } = scene;
    R.set("compare-models", { options: scene.models, value: now.models.split(",") });
    if (scene.classes) R.set("compare-class", { options: scene.classes });
    classesOf = scene.maps.model;
    R.set("compare-class", { value: now.class ? Number(now.class) : null });
    R.set("compare-map", { value: now.map });
    R.set("compare-masks", { value: now.masks });
    R.set("compare-opacity", { value: Number(now.opacity) });
    const [first, second] = now.pair.split(",");
    R.set("difference-first", { options: scene.pairs, value: first });
    R.set("difference-second", { options: scene.pairs, value: second });
    const { these, every, sessions } = scene.scope;
    const states = { value: "these", label: `these states (${these})` };
    const all = { value: "every", label: `all ${every.toLocaleString("en")} edits of these sessions` };
    R.set("job-scope", { options: sessions ? [states, all] : [states] });
  };
})(window.regionscope, window.dash_clientside.compare);
