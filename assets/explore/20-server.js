// Sending edits and regions: each carries its own id, so sending it again is always safe.
((R) => {
  const STOP_AFTER_MS = 1000;
  let controller = null;
  // What was said of a step that the server answered and did not keep.
  let refusal = null;

  const trouble = (R.trouble = (sentence, actions) => {
    const banner = R.byId("trouble");
    if (!banner) return;
    banner.hidden = !sentence;
    R.byId("trouble-text").textContent = sentence ?? "";
    R.byId("trouble-actions").hidden = !actions;
    R.byId("discard").hidden = !R.unsent();
  });
  R.tryAgain = () => (R.unsent() ? R.sendUnsent() : R.look());

  // A finished region is kept in the browser until the server has it on its disk.
  R.submit = (edit) => {
    R.keepUnsent(edit);
    return R.sendUnsent();
  };

  R.sendUnsent = async () => {
    const edit = R.unsent();
    if (!edit || controller) return;
    controller = new AbortController();
    refusal = null;
    R.problem("save", null);
    trouble(null);
    R.saved("saving …");
    R.busy(edit.kind === "region" ? "saving the region" : `filling by ${R.methodLabel(edit.method)}`);
    const offerStop = setTimeout(() => (R.byId("stop").hidden = false), STOP_AFTER_MS);
    try {
      const path = edit.kind === "region" ? "/api/v1/regions" : "/api/v1/edits";
      kept(edit, await (await R.post(path, edit, controller.signal)).json());
    } catch (error) {
      refused(error);
    } finally {
      clearTimeout(offerStop);
      R.byId("stop").hidden = true;
      controller = null;
    }
  };

  const kept = (edit, reply) => {
    R.dropUnsent();
    R.saved("saved ✓");
    R.dropPending();
    if (edit.kind === "region") {
      R.regionSaved(reply);
      R.arrivedAt(edit.image, reply.session, edit.edit ?? "original");
      return;
    }
    R.picture(reply.image).catch(() => null);
    R.arrivedAt(edit.image, reply.session, reply.id);
  };

  const letGo = (sentence) => {
    refusal = null;
    R.dropUnsent();
    R.problem("save", null);
    trouble(null);
    R.saved("");
    R.note(sentence);
    R.dropPending();
    R.redraw();
  };

  const refused = (error) => {
    R.busy(null);
    if (error.name === "AbortError") return;
    if (error.status >= 400 && error.status < 500) {
      letGo(error.message);
      return;
    }
    R.saved("not saved");
    R.problem("save", error.message);
    const sentence = `Not saved: ${error.message} Your step is kept in this browser.`;
    trouble(sentence, true);
    if (error.status !== 0) {
      refusal = sentence;
      return;
    }
    R.problem("server", error.message);
    R.watchServer();
  };

  // To stop is to tell the server, for it may have the edit already; then the edit is shown, and undo takes it back.
  const withdraw = async (edit, sentence) => {
    const event = { id: edit.id, kind: "cancel", time_ms: Date.now() };
    try {
      const reply = await (await R.post("/api/v1/events", event)).json();
      if (R.unsent()?.id !== edit.id) return;
      if (!reply.cancelled) {
        if (!controller) await R.sendUnsent();
        return;
      }
      controller?.abort();
      letGo(sentence);
    } catch (error) {
      R.note(`${error.message} The step can be given up once the server is back.`);
    }
  };
  R.stop = () => R.unsent() && controller && withdraw(R.unsent(), "Stopped. Nothing was changed.");
  R.discard = () => R.unsent() && withdraw(R.unsent(), "Given up. Nothing was changed.");

  R.blocked = () => Boolean(R.unsent());

  // Undo, redo, jump, reset: shown while they are being kept, and taken back where that fails. Keys pressed faster
  // than that wait their turn.
  const MOST_QUEUED = 50;
  const queue = [];
  R.moving = null;
  R.step = (kind, find) => {
    if (queue.length < MOST_QUEUED) queue.push([kind, find]);
    R.nextMove();
  };
  R.nextMove = () => {
    if (R.isBusy() || R.blocked()) return;
    const [kind, find] = queue.shift() ?? [];
    const target = find?.();
    if (target) move(kind, target);
    else queue.length = 0;
  };

  const move = async (kind, target) => {
    const scene = R.scene;
    if (!scene?.session) return;
    const edit = target === "original" ? null : target;
    const event = { id: R.newId(), kind, session: scene.session, edit, time_ms: Date.now() };
    R.moving = R.post("/api/v1/events", event);
    R.saved("saving …");
    R.arrivedAt(scene.image.id, scene.session, target);
    try {
      await R.moving;
      R.moving = null;
      R.saved("saved ✓");
      R.settle();
    } catch (error) {
      R.moving = null;
      queue.length = 0;
      R.saved("not saved");
      R.note(error.status ? `${error.message} Nothing was changed.` : "The server does not answer; the step was not taken.");
      R.arrivedAt(scene.image.id, scene.session, scene.edit ?? "original");
      if (error.status === 0) R.watchServer();
    }
  };

  // When the server is away the page says so and asks until it is back.
  const EVERY_MS = 4000;
  const EAGER_MS = 800;
  let watching = false;
  const SLOW_MS = 3000;
  const MOST_SLOW = 3;
  // A server that is busy takes its time; one that is away refuses at once.
  const alive = async () => {
    for (let asked = 1; ; asked += 1) {
      try {
        return (await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(SLOW_MS) })).ok;
      } catch (error) {
        if (error.name !== "TimeoutError" || asked === MOST_SLOW) return false;
      }
    }
  };
  R.watchServer = async () => {
    if (watching) return;
    watching = true;
    while (!(await alive())) {
      R.problem("server", "the server does not answer");
      const kept = R.unsent() ? "Your last step is kept in this browser" : "Everything up to here is saved";
      trouble(`The server does not answer. ${kept}; trying again until it is back.`, false);
      await new Promise((resolve) => setTimeout(resolve, EAGER_MS));
    }
    watching = false;
    if (!R.hasProblem("server")) return;
    R.problem("server", null);
    // A server that answered and refused is asked again by the person, not by the clock.
    if (refusal) {
      trouble(refusal, true);
      return;
    }
    R.problem("save", null);
    trouble(null);
    if (R.unsent()) await R.sendUnsent();
    else R.look();
  };
  setInterval(() => !document.hidden && R.byId("modified-canvas") && R.watchServer(), EVERY_MS);
})(window.regionscope);
