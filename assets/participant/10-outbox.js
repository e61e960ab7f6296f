// What a participant does is kept in her browser until the server has it, and sent in the order it was done in.
window.regionscope = window.regionscope ?? {};
((R) => {
  const P = (R.participant = { who: null, words: {}, scene: null });
  const [, , slug] = window.location.pathname.split("/");
  P.slug = slug;
  P.base = `/s/${slug}`;

  class Refused extends Error {
    constructor(sentence, status, reason, waitMs = 0) {
      super(sentence);
      this.status = status;
      this.reason = reason;
      this.waitMs = waitMs;
    }
  }
  R.Refused = Refused;

  const LONGEST_WAIT_MS = 90_000;
  R.post = async (path, body) => {
    let response;
    try {
      response = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(LONGEST_WAIT_MS),
      });
    } catch {
      throw new Refused("The server does not answer.", 0);
    }
    if (response.ok) return response;
    const answer = await response.json().catch(() => ({}));
    throw new Refused(answer.error ?? `The server refused (${response.status}).`, response.status, answer.reason, 1000 * (Number(response.headers.get("Retry-After")) || 0));
  };

  // IndexedDB, or memory where a browser forbids it; then what is unsent lives as long as the tab.
  const STORE = "outbox";
  const memory = [];
  let memoryKey = 0;
  const opened = new Promise((resolve) => {
    try {
      const request = indexedDB.open("regionscope-participant", 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key", autoIncrement: true });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
  const inStore = async (mode, act) => {
    const database = await opened;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const request = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  };
  const keep = async (item) => {
    if (await opened) return inStore("readwrite", (store) => store.add(item));
    memory.push({ ...item, key: (memoryKey += 1) });
    return memoryKey;
  };
  const all = async () => ((await opened) ? inStore("readonly", (store) => store.getAll()) : [...memory]);
  const drop = async (key) => {
    if (await opened) return inStore("readwrite", (store) => store.delete(key));
    memory.splice(
      memory.findIndex((item) => item.key === key),
      1,
    );
    return undefined;
  };

  // Another tab may be the one that sends; it tells the others what came of each.
  const waiters = new Map();
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("regionscope-outbox") : null;
  const settle = ({ id, reply, refused }) => {
    const waiter = waiters.get(id);
    waiters.delete(id);
    if (!waiter) return;
    if (refused) waiter.reject(new Refused(refused.sentence, refused.status));
    else waiter.resolve(reply);
  };
  channel?.addEventListener("message", ({ data }) => settle(data));
  const tell = (outcome) => {
    settle(outcome);
    channel?.postMessage(outcome);
  };

  const FIRST_PAUSE_MS = 500;
  const LONGEST_PAUSE_MS = 5000;
  let wake = null;
  const pause = (ms) =>
    new Promise((resolve) => {
      wake = resolve;
      setTimeout(resolve, ms);
    });
  window.addEventListener("online", () => wake?.());

  const isFinal = ({ status }) => status >= 400 && status < 500 && status !== 408 && status !== 429;
  const sendAll = async () => {
    let pauseMs = FIRST_PAUSE_MS;
    for (;;) {
      const item = (await all()).find(({ who }) => who === P.who);
      if (!item) return;
      try {
        const reply = await (await R.post(`/s/${item.slug}${item.path}`, item.body)).json();
        await drop(item.key);
        P.setOffline(false);
        pauseMs = FIRST_PAUSE_MS;
        tell({ id: item.body.id ?? item.id, reply });
      } catch (error) {
        if (isFinal(error)) {
          await drop(item.key);
          tell({ id: item.id, refused: { sentence: error.message, status: error.status } });
        } else {
          if (error.status === 429) P.say(error.message);
          else P.setOffline(true, error.status ? error.message : "");
          await pause(Math.max(pauseMs, error.waitMs));
          pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
        }
      }
    }
  };

  let sending = null;
  let again = false;
  P.pump = async () => {
    if (sending) {
      again = true;
      return sending;
    }
    const locked = navigator.locks ? () => navigator.locks.request("regionscope-outbox", sendAll) : sendAll;
    sending = locked();
    await sending;
    sending = null;
    if (again) {
      again = false;
      return P.pump();
    }
    return undefined;
  };

  // Resolves once the server has it on its disk.
  P.send = async (path, body) => {
    const id = body.id ?? R.newId();
    const outcome = new Promise((resolve, reject) => waiters.set(id, { resolve, reject }));
    P.setSaving(true);
    await keep({ id, slug: P.slug, who: P.who, path, body });
    P.pump();
    try {
      return await outcome;
    } finally {
      P.setSaving(waiters.size > 0);
    }
  };
  P.happened = (kind, payload, id = R.newId()) =>
    P.send("/api/v1/events", { events: [{ id, kind, payload, client_ms: Date.now() }] }).catch((error) =>
      P.say(P.word("refused", { sentence: error.message })),
    );

  P.word = (key, values = {}) =>
    (P.words[key] ?? key).replace(/\$(\w+)/g, (whole, name) => (name in values ? values[name] : whole));
  // ``sentence``: what a server says that answers but cannot keep anything just now.
  P.setOffline = (offline, sentence = "") => {
    const banner = R.byId("trouble");
    banner.hidden = !offline;
    if (offline && sentence) {
      banner.textContent = P.word("waits", { sentence });
      return;
    }
    const live = P.scene?.trialKind === "erase" || P.scene?.trialKind === "explore";
    banner.textContent = offline ? `${P.word("offline")} ${live ? P.word("offline_answer") : ""}` : "";
  };
  P.setSaving = (saving) => {
    // Before anybody has begun there is nothing that could be saved.
    R.byId("saved").textContent = P.who ? P.word(saving || waiters.size > 0 ? "saving" : "saved") : "";
  };
  P.setLoading = () => (R.byId("saved").textContent = P.words.loading ?? "…");
  P.say = (sentence) => {
    const place = R.byId("step-message") ?? R.byId("says");
    if (place) place.textContent = sentence;
  };
})(window.regionscope);
