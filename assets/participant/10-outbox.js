// What a participant does is kept in her browser until the server has it, and sent in the order it was done in.
window.regionscope = window.regionscope ?? {};
((R) => {
  // ``token`` lets in whoever holds it as ``who``; what she did carries it, for the browser may be another's by then.
  const [language] = navigator.language.split("-");
  const P = (R.participant = { who: null, token: null, scene: null, language });
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
  R.post = async (path, body, token = P.token) => {
    let response;
    try {
      response = await fetch(path, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "Accept-Language": P.language,
          ...(token ? { "X-Participant": token } : {}),
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(LONGEST_WAIT_MS),
      });
    } catch {
      throw new Refused(P.word("no_answer"), 0);
    }
    if (response.ok) return response;
    const answer = await response.json().catch(() => ({}));
    const { status } = response;
    const waitMs = 1000 * (Number(response.headers.get("Retry-After")) || 0);
    throw new Refused(answer.error ?? P.word("server_refused", { status }), status, answer.reason, waitMs);
  };

  // IndexedDB, or memory where a browser forbids it; then what is unsent lives as long as the tab.
  const STORE = "outbox";
  const memory = [];
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
    try {
      // What comes after something in memory goes there too, so that the order stays.
      if ((await opened) && !memory.length) return await inStore("readwrite", (store) => store.add(item));
    } catch {
      // Full: memory is better than nothing, and it is on its way already.
    }
    return memory.push({ ...item, key: item.id });
  };
  const all = async () => {
    const stored = (await opened) ? await inStore("readonly", (store) => store.getAll()) : [];
    return [...stored, ...memory];
  };
  const drop = async ({ key }) => {
    const index = memory.findIndex((item) => item.key === key);
    if (index >= 0) return memory.splice(index, 1);
    return inStore("readwrite", (store) => store.delete(key));
  };

  // Another tab may be the one that sends; it tells the others what came of each.
  const waiters = new Map();
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("regionscope-outbox") : null;
  let noticed = [];
  const settle = ({ id, reply, refused }) => {
    for (const notice of noticed.splice(0)) notice();
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

  // Who is not known (any more) is known again with her private link; what she did waits for that.
  const UNKNOWN = [401, 403];
  const isFinal = ({ status }) => status >= 400 && status < 500 && ![...UNKNOWN, 408, 429].includes(status);
  const unknown = new Set();
  const tokenFor = ({ who, token }) => (who === P.who ? P.token : token);
  // Hers first, then what somebody left behind who used this computer before her; what fails holds up nobody else's.
  const oldest = async (failing) => {
    const items = (await all()).filter(({ who }) => !unknown.has(who));
    const others = items.filter(({ who }) => who !== failing);
    const next = others.length ? others : items;
    return next.find(({ who }) => who === P.who) ?? next[0];
  };
  const sendAll = async () => {
    let pauseMs = FIRST_PAUSE_MS;
    let failing = null;
    for (;;) {
      const item = await oldest(failing);
      if (!item) return;
      try {
        const reply = await (await R.post(`/s/${item.slug}${item.path}`, item.body, tokenFor(item))).json();
        await drop(item);
        P.setOffline(false);
        pauseMs = FIRST_PAUSE_MS;
        failing = null;
        tell({ id: item.id, reply });
      } catch (error) {
        if (isFinal(error)) {
          await drop(item);
          P.setOffline(false);
          tell({ id: item.id, refused: { sentence: error.message, status: error.status } });
        } else if (UNKNOWN.includes(error.status)) {
          unknown.add(item.who);
          if (isHers(item)) P.trouble("lost", P.word("lost"));
        } else {
          if (error.status === 429) P.say(error.message);
          else P.setOffline(true, error.status ? error.message : "");
          failing = item.who;
          await pause(Math.max(pauseMs, error.waitMs));
          pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
        }
      }
    }
  };

  // Before the server has said who she is, the address may.
  const isHers = (item) => {
    const who = P.who ?? new URLSearchParams(window.location.search).get("p") ?? item.who;
    return item.slug === P.slug && item.who === who;
  };
  const LOOK_AGAIN_MS = 1000;
  // Resolves once nothing of hers waits that could be sent.
  P.sent = async () => {
    while ((await all()).some((item) => isHers(item) && !unknown.has(item.who))) {
      P.pump();
      await new Promise((resolve) => {
        noticed.push(resolve);
        setTimeout(resolve, LOOK_AGAIN_MS);
      });
    }
  };
  P.known = (who, token) => {
    Object.assign(P, { who, token });
    unknown.delete(who);
    P.trouble("lost", "");
    P.pump();
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
    try {
      await keep({ id, slug: P.slug, who: P.who, token: P.token, path, body });
      P.pump();
      return await outcome;
    } finally {
      waiters.delete(id);
      P.setSaving(waiters.size > 0);
    }
  };
  P.happened = (kind, payload, id = R.newId()) =>
    P.send("/api/v1/events", { events: [{ id, kind, payload, client_ms: Date.now() }] }).catch((error) =>
      P.say(P.word("refused", { sentence: error.message })),
    );

  let texts = null;
  P.word = (key, values = {}) => {
    texts = texts ?? JSON.parse(R.byId("participant-page")?.dataset.words ?? "null");
    const words = texts?.[P.language] ?? texts?.en ?? {};
    return (words[key] ?? key).replace(/\$(\w+)/g, (whole, name) => (name in values ? values[name] : whole));
  };

  // What is wrong just now, one thing at a time, the gravest first.
  const GRAVITY = ["lost", "small", "offline", "page", "act"];
  const troubles = {};
  P.trouble = (kind, sentence) => {
    troubles[kind] = sentence;
    const text = GRAVITY.map((one) => troubles[one]).find(Boolean) ?? "";
    const banner = R.byId("trouble");
    if (banner.textContent !== text) banner.textContent = text;
    banner.hidden = !text;
  };
  // ``sentence``: what a server says that answers but cannot keep anything just now.
  P.setOffline = (offline, sentence = "") => {
    const removes = P.scene?.trialKind === "erase" || P.scene?.trialKind === "explore";
    const why = `${P.word("offline")} ${removes ? P.word("offline_removing") : ""}`;
    const waits = sentence ? P.word("waits", { sentence }) : why;
    P.trouble("offline", offline ? waits.trim() : "");
  };
  P.setSaving = (saving) => {
    // Before anybody has begun there is nothing that could be saved.
    R.byId("saved").textContent = P.who ? P.word(saving || waiters.size > 0 ? "saving" : "saved") : "";
  };
  P.setLoading = () => (R.byId("saved").textContent = P.word("loading"));
  P.say = (sentence) => {
    const place = R.byId("step-message") ?? R.byId("says");
    if (place) place.textContent = sentence;
  };
})(window.regionscope);
