// What the page asks the server to show, and what it does when the answer is there.
((R, E) => {
  // Dash's renderer, which brings this value, is loaded after us.
  const nothing = () => window.dash_clientside.no_update;
  const choices = { models: null, sort: "original", pinned: [], mapMethod: "cam", mapSettings: {}, mapScale: "shared" };
  const place = { image: null, session: null, edit: null };
  let explained = null;
  let token = 0;
  let answered = 0;

  // A view whose answer was lost on the way is asked for again.
  const LOST_AFTER_MS = 60_000;
  const view = () => {
    token += 1;
    const asked = token;
    setTimeout(() => asked === token && answered !== token && R.look(), LOST_AFTER_MS);
    return { ...place, ...choices, explained, token };
  };
  R.asked = () => token;

  R.look = () => {
    if (!R.unsent()) R.busy("looking");
    R.set("view", { data: view() });
  };

  R.arrivedAt = (image, session, edit) => {
    Object.assign(place, { image, session, edit });
    R.rememberSitting(image, session);
    history.replaceState(null, "", `/?session=${session}`);
    R.look();
  };

  R.place = place;
  R.models = () => choices.models;

  const resume = (search) => {
    const query = new URLSearchParams(search);
    const linked = query.get("session");
    const sittings = R.sittings();
    place.image = query.get("image") ?? sittings.image;
    place.session = linked ?? sittings.sessions[place.image] ?? null;
    // A link may lead to one step of the session; the next stroke then begins a branch there.
    place.edit = linked ? query.get("edit") : null;
  };

  // Settings that cannot be used are said, and the last good ones stay.
  const useMapSettings = () => {
    try {
      choices.mapSettings = R.parameters(choices.mapMethod, "map");
    } catch (error) {
      R.note(error.message);
    }
  };
  document.addEventListener("change", ({ target }) => {
    if (!target.id?.startsWith("map--")) return;
    useMapSettings();
    R.look();
  });

  let opened = false;
  E.look = (search, models, sort, pinned, mapMethod, mapScale) => {
    const usable = models?.length ? models : null;
    Object.assign(choices, { models: usable, sort, pinned: pinned ?? [], mapMethod, mapScale });
    R.showSettings("map", mapMethod);
    useMapSettings();
    if (!opened) {
      opened = true;
      resume(search);
    }
    if (!usable) {
      R.note("Choose at least one model.");
      return nothing();
    }
    R.busy("looking");
    return view();
  };

  R.pickImage = (image) => {
    if (R.blocked()) return;
    const session = R.sittings().sessions[image] ?? null;
    Object.assign(place, { image, session, edit: null });
    R.rememberSitting(image, session);
    history.replaceState(null, "", session ? `/?session=${session}` : "/");
    R.dropPending();
    R.set("zoom", { data: null });
    R.look();
  };

  R.newSession = () => {
    if (R.blocked() || !R.scene) return;
    const image = R.scene.image.id;
    Object.assign(place, { image, session: null, edit: null });
    R.rememberSitting(image, null);
    history.replaceState(null, "", "/");
    R.dropPending();
    R.note("A new session begins with your next stroke. The one before is kept.");
    R.look();
  };

  R.explain = (index) => {
    explained = explained === index ? null : index;
    R.look();
  };

  // Pictures as data: addresses, so that Plotly shows them at once instead of drawing and encoding them again.
  const pictures = new Map();
  const MOST = 60;
  R.asData = (blob) =>
    new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(blob);
    });
  R.picture = async (url) => {
    if (!url) return null;
    if (!pictures.has(url)) {
      pictures.set(url, load(url));
      pictures.get(url).catch(() => pictures.delete(url));
      if (pictures.size > MOST) pictures.delete(pictures.keys().next().value);
    }
    return pictures.get(url);
  };
  const load = async (url) => {
    const response = await fetch(url);
    if (!response.ok) throw new R.Refused("A picture could not be loaded.", response.status);
    return R.asData(await response.blob());
  };

  const startAgain = (sentence) => {
    // A link or a remembered sitting may lead to what is gone: say so once and begin with the first picture.
    if (!place.image && !place.session) return false;
    if (place.edit) {
      // The step is gone, its session may be there.
      place.edit = null;
      R.note(sentence);
      history.replaceState(null, "", `/?session=${place.session}`);
      R.look();
      return true;
    }
    Object.assign(place, { image: null, session: null, edit: null });
    R.forgetImage();
    R.note(sentence);
    history.replaceState(null, "", "/");
    R.look();
    return true;
  };

  E.arrive = async (scene) => {
    if (!scene || scene.token !== token) return nothing();
    answered = token;
    if (scene.failed) {
      R.busy(null);
      if (!R.scene && startAgain(scene.failed)) return nothing();
      R.problem("look", scene.failed);
      R.trouble(`This could not be shown: ${scene.failed}`, true);
      return nothing();
    }
    if (R.hasProblem("look")) R.trouble(null);
    R.problem("look", null);
    try {
      const map = scene.map?.failed || scene.map?.pending !== undefined ? null : scene.map;
      const urls = [scene.modified, scene.original, map?.modified, map?.original];
      const [modified, original, modifiedMap, originalMap] = await Promise.all(urls.map(R.picture));
      if (scene.token !== token) return nothing();
      settle(scene);
      return { modified, original, modifiedMap, originalMap, image: scene.image, token };
    } catch (error) {
      R.busy(null);
      R.problem("server", error.message);
      R.watchServer();
      return nothing();
    }
  };

  const settle = (scene) => {
    R.scene = scene;
    if (!scene.session && place.session) place.session = null;
    place.image = scene.image.id;
    place.edit = scene.edit ?? (scene.session ? "original" : null);
    R.rememberSitting(scene.image.id, place.session);
    document.body.classList.toggle("is-untouched", !scene.redo && !scene.edit);
    document.title = `${scene.texts.name || scene.image.name} – Regionscope`;
    R.byId("undo").disabled = !scene.undo;
    R.byId("redo").disabled = !scene.redo;
    R.byId("reset").disabled = !scene.edit;
    R.markImage();
    for (const id of ["modified-canvas-box", "original-canvas-box"]) {
      R.byId(id).style.setProperty("--ratio", scene.image.width / scene.image.height);
    }
    showScale(scene.map);
    goOn(scene.map);
    R.settleRegions(scene);
    requestAnimationFrame(showHere);
  };

  // Only the strip itself may scroll: the person's place on the page is hers.
  const showHere = () => {
    const strip = R.byId("filmstrip");
    const here = strip?.querySelector(".frame.is-current");
    if (!here) return;
    const middle = (start, size, room) => start + size / 2 - room / 2;
    strip.scrollTo({
      left: middle(here.offsetLeft, here.offsetWidth, strip.clientWidth),
      top: middle(here.offsetTop, here.offsetHeight, strip.clientHeight),
    });
  };

  R.markImage = () => {
    for (const item of document.querySelectorAll("[data-image-id]")) {
      item.setAttribute("aria-pressed", String(item.dataset.imageId === R.scene?.image.id));
    }
  };

  const rounded = (value) => Number(value).toPrecision(3).replace("-", "−");
  // A map that takes longer is asked for again until it is there; to stop is not to ask.
  const goOn = (map) => {
    const working = map?.pending !== undefined;
    R.byId("stop-map").hidden = !working;
    if (working) setTimeout(() => explained !== null && R.look(), 0);
  };
  R.stopMap = () => {
    if (explained !== null) R.explain(explained);
  };

  const showScale = (map) => {
    const bar = R.byId("colour-bar");
    const note = R.byId("map-note");
    if (map?.pending !== undefined) note.textContent = `${map.method}: ${Math.round(map.pending * 100)} % done …`;
    else if (map?.failed) note.textContent = map.failed;
    else if (map) note.textContent = `Where the model looked for “${map.label}”. Click the answer again to hide it.`;
    else note.textContent = "Click an answer to see where the model looked.";
    bar.hidden = !map || Boolean(map.failed) || map.pending !== undefined;
    if (bar.hidden) return;
    R.byId("scale-low").textContent = map.shared ? rounded(map.low) : "lowest";
    R.byId("scale-high").textContent = map.shared ? rounded(map.high) : "highest";
  };

  E.upload = (contents, name) => (contents ? { contents, name, at: Date.now() } : nothing());
  E.uploaded = (uploaded) => {
    R.uploading(false);
    if (uploaded) R.pickImage(uploaded.image);
  };
  E.rejected = (sentence) => {
    R.uploading(false);
    if (sentence) R.note(sentence);
  };
  R.uploading = (on) => R.byId("image-upload")?.classList.toggle("is-uploading", on);

  // A short remark for the person; read out, gone by itself or with the next one. With something to press
  // ({label, act}) it stays longer, and as long as the pointer or the keyboard is on it.
  const NOTE_MS = 6000;
  const NOTE_TO_PRESS_MS = 15_000;
  let noteTimer = null;
  R.note = (sentence, action = null) => {
    let place = R.byId("note");
    if (!place) {
      place = document.createElement("div");
      place.id = "note";
      place.className = "note";
      place.setAttribute("role", "status");
      document.body.append(place);
    }
    place.textContent = sentence;
    if (action) place.append(pressed(place, action));
    place.classList.toggle("has-action", Boolean(action));
    place.classList.add("is-shown");
    const hide = () => {
      if (place.matches(":hover, :focus-within")) noteTimer = setTimeout(hide, NOTE_MS);
      else place.classList.remove("is-shown");
    };
    clearTimeout(noteTimer);
    noteTimer = setTimeout(hide, action ? NOTE_TO_PRESS_MS : NOTE_MS);
  };
  const pressed = (place, { label, act }) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", () => {
      place.classList.remove("is-shown");
      act();
    });
    return button;
  };
})(window.regionscope, window.dash_clientside.explore);
