// Opening the page: the film, or a sentence; and what clicks and keys do.
((R) => {
  const P = R.replay;

  const state = (name, sentence = "", { again = false, out = false } = {}) => {
    P.byId("replay").dataset.state = name;
    P.byId("replay-message").hidden = !sentence;
    P.byId("replay-message-text").textContent = sentence;
    P.byId("replay-again").hidden = !again;
    P.byId("replay-out").hidden = !out;
  };

  const option = (value, text, selected) => P.make("option", { value, textContent: text, selected });
  const ways = ({ ends, end, steps }) => {
    const branch = (number, index) => {
      const { id, depth } = P.step(number);
      return option(id, `Branch ${index + 1}: to step ${number} (${depth} ${depth === 1 ? "step" : "steps"})`, id === end);
    };
    const all = option("", `As it happened (${steps.length} ${steps.length === 1 ? "step" : "steps"})`, !end);
    const inside = end && !ends.includes(P.byEdit.get(end)?.number) ? [P.byEdit.get(end).number] : [];
    return [all, ...[...ends, ...inside].map(branch)];
  };
  // Dash sets the page's general title, sometimes only after the film is there.
  let title = "";
  const keepTitle = (wanted) => {
    title = wanted;
    document.title = wanted;
  };
  new MutationObserver(() => title && P.here() && document.title !== title && (document.title = title)).observe(
    document.querySelector("title"),
    { childList: true },
  );
  const heading = ({ session, picture, steps, models, model }) => {
    const name = session.name || picture.name;
    keepTitle(`${name} – Replay – Regionscope`);
    P.byId("replay-name").textContent = name;
    const started = R.moment(session.started);
    const about = [session.person, started, `${steps.length} ${steps.length === 1 ? "step" : "steps"}`];
    const marked = { href: `/images/${picture.id}`, textContent: session.name ? picture.name : "What people marked in it" };
    P.byId("replay-about").replaceChildren(about.filter(Boolean).join(" · "), " · ", P.make("a", marked), ...session.tags.map((tag) => P.make("span", { className: "tag", textContent: tag })));
    P.byId("replay-notes").textContent = session.notes;
    P.byId("replay-model").replaceChildren(...models.map(({ id, label }) => option(id, label, id === model)));
    P.byId("replay-model").closest(".labelled-select").hidden = models.length < 2;
    P.byId("replay-way").replaceChildren(...ways(P.film));
    P.byId("replay-way").closest(".labelled-select").hidden = P.film.ends.length < 2 && !P.film.end;
  };

  const show = (film, edit) => {
    P.take(film);
    const known = edit === "original" || P.byEdit.has(edit);
    P.position = (known && P.positionOf(P.byEdit.get(edit)?.number ?? 0)) || 0;
    heading(film);
    P.opened();
    if (!film.steps.length) {
      state("empty", "Nothing was changed in this session yet. Go on from the original to paint the first region.");
    } else state("ready");
    P.arriveQuietly(P.position);
    if (edit && !known) R.note("The step of this link is not in the session; here is its beginning.");
  };
  // Opening the page does not change its address.
  P.arriveQuietly = (position) => {
    const follow = P.followAddress;
    P.followAddress = () => null;
    P.arrive(position);
    P.followAddress = follow;
  };

  let asked = 0;
  const open = async (session, wanted, early = null) => {
    const mine = (asked += 1);
    P.byId("replay").setAttribute("aria-busy", "true");
    try {
      const film = await (early ?? P.ask(session, wanted));
      if (mine === asked) show(film, wanted.edit);
    } catch (error) {
      if (mine === asked) failed(error, () => open(session, wanted));
    }
    P.byId("replay").removeAttribute("aria-busy");
  };
  let again = null;
  const failed = (error, retry) => {
    again = retry;
    const known = error instanceof R.Refused;
    if (!known) console.error(error);
    const sentence = known ? error.message : "The session could not be shown.";
    const gone = error.status === 404 || error.status === 422;
    if (P.film) R.note(sentence);
    else state("failed", gone ? `${sentence} It may have been deleted, or the link is not whole.` : sentence, { again: !gone, out: true });
    if (P.film) heading(P.film);
  };
  const reopen = (change) => {
    if (!P.film) return;
    P.jump(P.position);
    P.pause();
    const at = { edit: P.id(P.number(P.position)), branch: P.film.end, model: P.film.model, ...change };
    open(P.film.session.id, at).then(() => P.followAddress());
  };

  const tidy = () => {
    const page = P.byId("replay");
    if (!page || page.dataset.seen) return;
    page.dataset.seen = "yes";
    P.setSpeed(1);
    open(page.dataset.session, P.wanted(), P.early);
  };
  new MutationObserver(tidy).observe(document.documentElement, { childList: true, subtree: true });

  const toFrame = (item) => {
    const step = P.byEdit.get(item.dataset.editId);
    const position = P.positionOf(step?.number ?? 0);
    if (position !== null) P.jump(position);
    else reopen({ edit: step.id, branch: P.id(P.endOf(step.number)) });
  };
  const enter = () => reopen({ branch: P.id(P.endOf(P.number(P.position))) });
  const CLICKS = [
    ["#play", () => P.toggle()],
    ["#step-first", () => P.jump(0)],
    ["#step-back", () => P.jump(P.position - 1)],
    ["#step-forward", () => P.jump(P.position + 1)],
    ["#step-last", () => P.jump(P.last())],
    ["#draw-again", () => P.drawAgain()],
    ["#skip-pause", () => P.skipPause()],
    ["#show-region", () => P.toggleRegion()],
    ["#copy-link", () => P.copyLink()],
    ["#continue-session", () => P.continueAsSession()],
    ["#enter-branch", enter],
    ["#leave-branch", () => reopen({ branch: null })],
    ["#replay-again", () => {
      state("loading", "Loading the session …");
      again?.();
    }],
    ["#replay-tree [data-edit-id]", toFrame],
  ];
  document.addEventListener("click", (event) => {
    if (!P.here()) return;
    const [selector, act] = CLICKS.find(([one]) => event.target.closest(one)) ?? [];
    const item = selector && event.target.closest(selector);
    if (item && !item.disabled && (P.film || selector === "#replay-again")) act(item);
  });
  document.addEventListener("change", ({ target }) => {
    if (target.id === "speed") P.setSpeed(Number(target.value));
    else if (target.id === "pauses") P.setPauses(target.value);
    else if (target.id === "replay-model") reopen({ model: target.value });
    else if (target.id === "replay-way") reopen({ branch: target.value || null });
  });

  const KEYS = {
    " ": () => P.toggle(),
    ArrowLeft: () => P.jump(P.position - 1),
    ArrowRight: () => P.jump(P.position + 1),
    Home: () => P.jump(0),
    End: () => P.jump(P.last()),
    "[": () => P.faster(-1),
    "]": () => P.faster(1),
    s: () => P.skipPause(),
    d: () => P.drawAgain(),
    r: () => P.toggleRegion(),
    l: () => P.copyLink(),
  };
  // The slider moves itself; a button is pressed by the space bar.
  const own = (target, key) =>
    target.id === "scrubber" ? key.startsWith("Arrow") || key === "Home" || key === "End" : R.typing(target) || (key === " " && target.closest("button, a, summary"));
  document.addEventListener("keydown", (event) => {
    if (!P.here() || !P.last() || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (!KEYS[key] || own(event.target, key)) return;
    event.preventDefault();
    KEYS[key]();
  });
})(window.regionscope);
