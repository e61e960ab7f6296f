// What is being watched: the film, the place in it, and the address that leads there.
window.regionscope = window.regionscope ?? {};
((R) => {
  const P = (R.replay = { film: null, position: 0 });
  const PATH = /^\/sessions\/([0-9a-fA-F-]{32,36})\/?$/;
  const SETTLED_MS = 150;

  P.here = () => Boolean(document.getElementById("replay"));
  P.byId = (id) => document.getElementById(id);
  P.make = (tag, properties = {}, ...children) => {
    const element = document.createElement(tag);
    const { dataset, aria, ...plain } = properties;
    Object.assign(element, plain);
    Object.assign(element.dataset, dataset);
    for (const [name, value] of Object.entries(aria ?? {})) element.setAttribute(`aria-${name}`, value);
    element.append(...children);
    return element;
  };
  // What can wait until the picture is there: hundreds of small ones, and the chart.
  P.afterPaint = (act) => {
    const { film } = P;
    requestAnimationFrame(() => setTimeout(() => film === P.film && act(film), 0));
  };
  P.still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  P.read = (path) => R.read(path, { longestMs: 30_000 });

  const address = (session, { model, branch }) => {
    const query = new URLSearchParams();
    if (model) query.set("model", model);
    if (branch) query.set("branch", branch);
    return `/api/v1/sessions/${session}/film?${query}`;
  };
  P.ask = (session, wanted) => P.read(address(session, wanted));

  P.wanted = () => {
    const query = new URLSearchParams(location.search);
    return { edit: query.get("edit"), branch: query.get("branch"), model: query.get("model") };
  };

  // Asked for at once, while the page itself is still on its way.
  const [, session] = PATH.exec(location.pathname) ?? [];
  P.early = session ? P.ask(session, P.wanted()) : null;
  P.early?.catch(() => null);

  // Steps are known by their number in the session, places in the film by their position; 0 is the original.
  P.last = () => P.film?.stops.length ?? 0;
  P.stop = (position) => P.film.stops[position - 1];
  P.number = (position) => (position ? P.stop(position).number : 0);
  P.step = (number) => P.byNumber.get(number);
  P.id = (number) => (number ? P.step(number).id : "original");
  P.image = (number) => (number ? P.step(number).image : P.film.picture.image);
  P.answer = (number) => (number ? P.step(number).answer : P.film.original);
  P.positionOf = (number) => (number ? P.film.stops.findIndex((stop) => stop.number === number) + 1 || null : 0);
  // What was marked on a picture changes nothing in it.
  P.isRegion = (number) => Boolean(number) && P.step(number).kind === "region";
  P.called = (number) => (P.isRegion(number) ? "Region" : number ? `Step ${number}` : "Original");
  P.name = (number) => (P.isRegion(number) ? "the region" : number ? `step ${number}` : "the original");

  P.take = (film) => {
    P.film = film;
    P.byNumber = new Map(film.steps.map((step) => [step.number, step]));
    P.byEdit = new Map(film.steps.map((step) => [step.id, step]));
  };

  P.link = () => {
    const query = new URLSearchParams({ edit: P.id(P.number(P.position)) });
    if (P.film.end) query.set("branch", P.film.end);
    if (P.film.model && P.film.model !== P.film.models[0].id) query.set("model", P.film.model);
    return `/sessions/${P.film.session.id}?${query}`;
  };
  // A browser refuses hundreds of changes of its address in a row, as dragging the scrubber would make.
  let timer = null;
  P.followAddress = () => {
    clearTimeout(timer);
    timer = setTimeout(() => history.replaceState(null, "", P.link()), SETTLED_MS);
  };

  // What shows the present place registers here, and is called with (number, position).
  const shown = [];
  P.onShow = (show) => shown.push(show);
  P.arrive = (position) => {
    P.position = position;
    P.byId("replay").dataset.position = position;
    for (const show of shown) show(P.number(position), position);
  };
  const opened = [];
  P.onOpen = (open) => opened.push(open);
  P.opened = () => opened.forEach((open) => open(P.film));
})(window.regionscope);
