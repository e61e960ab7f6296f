// What this tab knows of the sitting, and the small things every other script needs.
window.regionscope = window.regionscope ?? {};
window.dash_clientside = window.dash_clientside ?? {};
window.dash_clientside.explore = window.dash_clientside.explore ?? {};
((R) => {
  const KEY = "regionscope.sittings";
  const UNSENT = "regionscope.unsent";

  // UUID version 7 (RFC 9562): random, ordered in time.
  R.newId = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    let time = Date.now();
    for (let i = 5; i >= 0; i -= 1) {
      bytes[i] = time % 256;
      time = Math.floor(time / 256);
    }
    bytes[6] = (bytes[6] & 0x0f) | 0x70;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };

  R.byId = (id) => document.getElementById(id);
  R.set = (id, props) => window.dash_clientside.set_props(id, props);

  // Which session this browser last had open for each picture; the pictures and steps are the server's.
  const read = (key, fallback) => {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? fallback;
    } catch {
      return fallback;
    }
  };
  R.sittings = () => read(KEY, { image: null, sessions: {} });
  R.rememberSitting = (image, session) => {
    const sittings = R.sittings();
    sittings.image = image;
    sittings.sessions[image] = session;
    localStorage.setItem(KEY, JSON.stringify(sittings));
  };
  R.forgetImage = () => {
    const sittings = R.sittings();
    localStorage.setItem(KEY, JSON.stringify({ ...sittings, image: null }));
  };

  // An edit that the server has not acknowledged outlives the tab. Each tab has at most one of its own; one that a
  // closed tab left behind is taken over. Two tabs sending the same one is harmless: its id makes them one edit.
  const TAB = "regionscope.tab";
  const ABANDONED_AFTER_MS = 150_000;
  let waiting = null;
  const tab = () => {
    if (!sessionStorage.getItem(TAB)) sessionStorage.setItem(TAB, R.newId());
    return sessionStorage.getItem(TAB);
  };
  const store = (change) => {
    try {
      const all = read(UNSENT, {});
      change(all);
      localStorage.setItem(UNSENT, JSON.stringify(all));
    } catch {
      // Full or forbidden: the edit is then only safe in this tab, and on its way to the server.
    }
  };
  R.unsent = () => waiting;
  R.keepUnsent = (edit) => {
    waiting = edit;
    store((all) => (all[edit.id] = { edit, tab: tab(), since: Date.now() }));
  };
  R.dropUnsent = () => {
    const { id } = waiting;
    waiting = null;
    store((all) => delete all[id]);
  };
  R.takeOverUnsent = () => {
    const orphan = ({ tab: owner, since }) => owner === tab() || Date.now() - since > ABANDONED_AFTER_MS;
    waiting = waiting ?? Object.values(read(UNSENT, {})).find(orphan)?.edit ?? null;
    return waiting;
  };

  R.client = () => ({
    window: [window.innerWidth, window.innerHeight],
    pixel_ratio: window.devicePixelRatio,
  });

  const problems = new Map();
  let work = "opening";
  const say = () => {
    const [first] = problems.values();
    const text = first ? `failed: ${first}` : work ? `busy: ${work}` : "ready";
    const status = R.byId("status");
    if (status && status.textContent !== text) status.textContent = text;
    if (status) status.dataset.kind = text.split(":")[0];
    document.body.classList.toggle("is-busy", Boolean(work));
  };
  R.busy = (what) => {
    work = what;
    say();
  };
  R.isBusy = () => Boolean(work);
  R.problem = (kind, sentence) => {
    if (sentence) problems.set(kind, sentence);
    else problems.delete(kind);
    say();
  };
  R.hasProblem = (kind) => problems.has(kind);
  R.saved = (text) => {
    const place = R.byId("saved");
    if (place) place.textContent = text;
  };
})(window.regionscope);
