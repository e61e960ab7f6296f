// From step to step: nothing moves on before what was answered is kept.
((R, E) => {
  const P = R.participant;
  let token = 0;
  let have = null;
  let busy = false;
  let answered = 0;
  let drawnBefore = 0;
  const SLOW_MS = 1000;

  // What she did before belongs to what she is shown next, so that comes first.
  const ask = async () => {
    token += 1;
    const asked = token;
    await P.sent();
    if (asked !== token) return;
    drawnBefore = P.drawn;
    R.busy("looking");
    setTimeout(() => asked === token && asked !== answered && P.setLoading(), SLOW_MS);
    setTimeout(() => asked === token && asked !== answered && failed(), LONGEST_MS);
    const [language] = navigator.language.split("-");
    R.set("way-ask", { data: { slug: P.slug, search: window.location.search, language, have, token } });
  };

  // A page that does not come is asked for again, more and more slowly.
  const FIRST_AGAIN_MS = 500;
  const SLOWEST_AGAIN_MS = 15_000;
  const LONGEST_MS = 60_000;
  let againMs = FIRST_AGAIN_MS;
  let isMissing = false;
  const failed = (sentence = "") => {
    answered = token;
    isMissing = true;
    R.busy(null);
    P.setSaving(false);
    P.trouble("page", [sentence, P.word("page_failed")].join(" ").trim());
    const asked = token;
    setTimeout(() => asked === token && ask(), againMs);
    againMs = Math.min(2 * againMs, SLOWEST_AGAIN_MS);
  };
  window.addEventListener("online", () => isMissing && ask());
  // Dash tells nobody that a callback failed; its request does.
  const { fetch } = window;
  window.fetch = async (resource, options) => {
    const isPage = String(resource?.url ?? resource).includes("/s/_dash-update-component");
    try {
      const response = await fetch(resource, options);
      if (isPage && !response.ok) failed();
      return response;
    } catch (error) {
      if (isPage) failed();
      throw error;
    }
  };

  P.isAsked = () => answered !== token;
  E.arrive = async (scene) => {
    if (!scene || scene.token !== token) return;
    answered = token;
    P.setSaving(false);
    if (scene.failed) {
      failed(scene.failed);
      return;
    }
    againMs = FIRST_AGAIN_MS;
    isMissing = false;
    for (const kind of ["page", "act"]) P.trouble(kind, "");
    const isNew = scene.step !== have || !scene.step;
    if (!isNew && P.drawn !== drawnBefore) {
      ask();
      return;
    }
    have = scene.step;
    P.scene = scene;
    P.language = scene.language;
    document.documentElement.lang = scene.language;
    if (scene.participant) P.known(scene.participant, scene.link.split("/").pop());
    if (isNew) {
      P.leaveDrawing();
      P.forgetTouched();
      warned = false;
      // The page is Dash's to paint; it is there in the next frame. Until the focus has moved it is not hers to use.
      await new Promise(requestAnimationFrame);
      if (scene.token !== token) return;
      arrived(scene);
      P.refill(scene);
    }
    try {
      await P.showDrawing(scene);
      startClock(scene);
    } catch (error) {
      failed(error.message);
    }
  };

  const arrived = (scene) => {
    window.scrollTo(0, 0);
    // A new step is a new page to whoever listens instead of looking.
    const heading = document.querySelector("#way h1");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
    noticed = false;
    if (scene.step) P.happened("shown", { step: scene.step, ...view() });
    for (const place of document.querySelectorAll("[data-resume-link]")) place.textContent = absolute(scene.link);
  };
  const absolute = (path) => new URL(path, window.location).href;
  const view = () => ({ window: [window.innerWidth, window.innerHeight], pixel_ratio: window.devicePixelRatio });

  // What a device is, as far as a page can tell.
  const device = () => {
    if (!window.matchMedia("(pointer: coarse)").matches) return "desktop";
    return Math.min(window.screen.width, window.screen.height) < 600 ? "phone" : "tablet";
  };
  const OURS = new Set(["lang", "preview", "p"]);
  // The same beginning, however often it is asked for, until somebody has begun.
  const BEGINNING = `regionscope.begin.${P.slug}${window.location.search}`;
  const beginning = () => {
    const id = sessionStorage.getItem(BEGINNING) ?? R.newId();
    sessionStorage.setItem(BEGINNING, id);
    return id;
  };
  const begin = async () => {
    const query = new URLSearchParams(window.location.search);
    const parameters = Object.fromEntries([...query].filter(([name]) => !OURS.has(name)));
    const pointer = window.matchMedia("(pointer: coarse)").matches ? "touch" : "mouse";
    const body = {
      id: beginning(),
      parameters,
      language: document.documentElement.lang,
      preview: query.has("preview"),
      client: { device: device(), pointer, ...view() },
    };
    const { participant, preview } = await (await R.post(`${P.base}/enter`, body)).json();
    sessionStorage.removeItem(BEGINNING);
    query.set("p", participant);
    if (!preview) query.delete("preview");
    window.history.replaceState(null, "", `${P.base}?${query}`);
    have = null;
    ask();
  };

  // Done without a region is asked twice: it may be meant.
  let warned = false;
  const given = ({ timedOut }) => {
    const { kind, trialKind, step } = P.scene;
    const answers = kind === "consent" ? { agreed: true } : P.readAnswers({ anyway: timedOut });
    if (answers === null) return null;
    if (trialKind) answers.timed_out = timedOut;
    if (trialKind === "mark") {
      const shapes = P.shapes();
      if (P.tooMuch() && !timedOut) {
        P.say(P.tooMuch());
        return null;
      }
      if (!shapes.length && !warned && !timedOut) {
        warned = true;
        P.say(P.word("nothing_marked"));
        return null;
      }
      Object.assign(answers, { shapes, region: shapes.length ? R.newId() : null });
    }
    return { id: R.newId(), step, answers, client_ms: Date.now() };
  };

  // The same step keeps its answer's id and content until the server has it or refuses it.
  const next = async ({ timedOut = false } = {}) => {
    // What was drawn last belongs to the answer.
    while (P.isWaiting()) await new Promise((resolve) => setTimeout(resolve, 50));
    const body = given({ timedOut });
    if (!body) return;
    stopClock();
    try {
      await P.send("/api/v1/answers", body);
      P.forgetFilled(P.who);
    } catch (error) {
      if (error.status !== 409) {
        P.say(P.word("refused", { sentence: error.message }));
        if (!timedOut) startClock(P.scene);
        return;
      }
    }
    ask();
  };

  const ACTS = {
    begin,
    consent: next,
    next,
    decline: async () => {
      await P.sent();
      await R.post(`${P.base}/decline`, { id: R.newId() });
      ask();
    },
    withdraw: async () => {
      const code = R.byId("withdraw-field").value;
      await P.sent();
      try {
        const { sentence, participant } = await (await R.post(`${P.base}/withdraw`, { code })).json();
        P.forgetFilled(participant);
        R.byId("withdraw-message").textContent = sentence;
        have = null;
        if (P.scene.participant) ask();
      } catch (error) {
        R.byId("withdraw-message").textContent = error.message;
      }
    },
  };
  const setBusy = (on) => {
    busy = on;
    for (const button of document.querySelectorAll(".participant [data-act]")) button.disabled = on;
  };
  // The next page's buttons may be there before all of what was asked for has ended: a click would be lost.
  new MutationObserver(() => busy && setBusy(true)).observe(document.documentElement, { childList: true, subtree: true });
  document.addEventListener("click", async ({ target }) => {
    const language = target.closest("[data-language]");
    if (language) {
      const query = new URLSearchParams(window.location.search);
      query.set("lang", language.dataset.language);
      window.history.replaceState(null, "", `${P.base}?${query}`);
      ask();
      return;
    }
    const button = target.closest(".participant [data-act]");
    if (!button || busy || !ACTS[button.dataset.act]) return;
    setBusy(true);
    try {
      await ACTS[button.dataset.act]();
    } catch (error) {
      P.trouble("act", error.message);
    }
    setBusy(false);
  });

  // A trial's time runs from when it was first shown; when it is over, what is there is the answer.
  let clock = null;
  let ranOut = null;
  const stopClock = () => {
    clearInterval(clock);
    clock = null;
  };
  const IN_MINUTES_S = 180;
  const timeLeft = (seconds) =>
    seconds < IN_MINUTES_S
      ? P.word("seconds_left", { count: seconds })
      : P.word("minutes_left", { count: Math.ceil(seconds / 60) });
  const startClock = (scene) => {
    stopClock();
    if (scene.kind !== "trial" || (scene.seconds ?? null) === null || ranOut === scene.step) return;
    scene.ends = scene.ends ?? performance.now() + 1000 * scene.seconds;
    const tick = () => {
      const left = Math.ceil((scene.ends - performance.now()) / 1000);
      const place = R.byId("seconds-left");
      if (place) place.textContent = timeLeft(Math.max(0, left));
      if (left > 0 || P.isWaiting()) return;
      ranOut = scene.step;
      P.say(P.word("time_over"));
      next({ timedOut: true });
    };
    clock = setInterval(tick, 250);
    tick();
  };

  // When she first did something, when she looked away, how large the window is.
  let noticed = false;
  const firstInput = (event) => {
    if (noticed || !have || !event.target.closest?.(".participant")) return;
    noticed = true;
    P.happened("first_input", { step: have, pointer: event.pointerType ?? "keyboard" });
  };
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, firstInput, true);
  const focus = (lost) => () => P.who && have && P.happened("focus", { step: have, lost });
  window.addEventListener("blur", focus(true));
  window.addEventListener("focus", focus(false));
  const RESIZED_MS = 500;
  let resized = null;
  window.addEventListener("resize", () => {
    clearTimeout(resized);
    resized = setTimeout(() => P.who && have && P.happened("window", { step: have, ...view() }), RESIZED_MS);
  });
  // Back and forward, and a tab that was asleep: where she is may have changed in another one.
  window.addEventListener("pageshow", ({ persisted }) => persisted && ask());
  document.addEventListener("visibilitychange", () => !document.hidden && P.who && !busy && ask());

  // Dash's renderer is there once the store is.
  const start = () => (window.dash_clientside?.set_props && R.byId("way") ? ask() : setTimeout(start, 30));
  start();
})(window.regionscope, window.dash_clientside.participant);
