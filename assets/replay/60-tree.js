// All steps as a tree: columns by how many edits a picture holds, each branch in a row of its own.
((R) => {
  const P = R.replay;
  let frames = new Map();

  const change = (step) => {
    const { original } = P.film;
    if (!step.answer || !original || step.kind === "region") return "";
    const difference = step.answer.probabilities[0] - original.probabilities[0];
    return P.make("span", {
      className: `change ${P.direction(difference)}`,
      textContent: `${P.arrow(difference)} ${P.points(difference)}`,
    });
  };
  const button = (number, title, thumbnail, answer, ...more) => {
    const what = P.make("span", { className: "what", textContent: title });
    const top = P.make("span", { className: "top", textContent: answer?.label ?? "–" });
    return P.make(
      "button",
      { type: "button", className: "frame-button", title: `${title}: ${answer?.label ?? "no answer"}`, dataset: { editId: P.id(number) } },
      P.make("img", { src: thumbnail, alt: "", loading: "lazy", decoding: "async", draggable: false }),
      what,
      top,
      ...more,
    );
  };
  const frame = (step) => {
    const rise = step.row - (step.parent ? P.step(step.parent).row : 0);
    const title = P.isRegion(step.number) ? step.method : `${step.number} · ${step.method}`;
    const item = P.make("li", {}, button(step.number, title, step.thumbnail, step.answer, change(step)));
    item.style.gridColumn = step.depth + 1;
    item.style.gridRow = step.row + 1;
    item.style.setProperty("--rise", rise);
    item.className = `frame${step.flipped ? " is-flipped" : ""}${rise ? "" : " is-level"}`;
    return item;
  };

  P.onOpen(() => {
    frames = new Map();
    marked = [];
    P.afterPaint((film) => {
      build(film);
      mark(P.number(P.position));
    });
  });
  const build = (film) => {
    const first = P.make("li", { className: "frame" }, button(0, "Original", film.picture.thumbnail, film.original));
    first.style.gridColumn = first.style.gridRow = 1;
    frames = new Map([[0, first], ...film.steps.map((step) => [step.number, frame(step)])]);
    const inFilm = new Set([0, ...film.stops.map((stop) => stop.number)]);
    for (const [number, item] of frames) item.classList.toggle("is-outside", !inFilm.has(number));
    P.byId("replay-tree").replaceChildren(P.make("ol", { className: "frames" }, ...frames.values()));
  };

  const way = (number) => {
    const found = [];
    for (let at = number; at; at = P.step(at).parent) found.push(at);
    return [...found, 0];
  };
  // Where a branch that goes through a step ends: always on by the newest.
  P.endOf = (number) => {
    const children = new Map();
    for (const step of P.film.steps) if (!P.isRegion(step.number)) children.set(step.parent, step.number);
    let at = P.isRegion(number) ? P.step(number).parent : number;
    while (children.has(at)) at = children.get(at);
    return at;
  };

  let marked = [];
  const mark = (number) => {
    if (!frames.size) return;
    for (const item of marked) item.classList.remove("in-branch", "is-current");
    for (const item of marked) item.firstElementChild.removeAttribute("aria-current");
    marked = way(number).map((one) => frames.get(one));
    for (const item of marked) item.classList.add("in-branch");
    const here = frames.get(number);
    here.classList.add("is-current");
    here.firstElementChild.setAttribute("aria-current", "step");
    const branches = P.film.ends.length > 1;
    P.byId("enter-branch").hidden = !branches || Boolean(P.film.end);
    P.byId("leave-branch").hidden = !P.film.end;
    requestAnimationFrame(() => showHere(here));
  };
  P.onShow(mark);

  // Only the strip itself may scroll: the person's place on the page is hers.
  const showHere = (here) => {
    const strip = P.byId("replay-tree");
    const middle = (start, size, room) => start + size / 2 - room / 2;
    strip.scrollTo({
      left: middle(here.offsetLeft, here.offsetWidth, strip.clientWidth),
      top: middle(here.offsetTop, here.offsetHeight, strip.clientHeight),
    });
  };
})(window.regionscope);
