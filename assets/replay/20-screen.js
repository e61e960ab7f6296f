// The picture: two layers that fade into one another, the region's own pixels, and the strokes above.
((R) => {
  const P = R.replay;
  const MOST = 80;
  const SVG = "http://www.w3.org/2000/svg";
  const REGION_OPACITY = 0.45;
  const screen = (P.screen = {});

  // Details and pictures of a step, asked for once and a little ahead.
  const kept = (load) => {
    const found = new Map();
    return (key) => {
      if (!found.has(key)) {
        const promise = load(key);
        found.set(key, promise);
        promise.catch(() => found.delete(key));
        if (found.size > MOST) found.delete(found.keys().next().value);
      }
      return found.get(key);
    };
  };
  P.picture = kept(async (url) => {
    const image = new Image();
    image.src = url;
    try {
      await image.decode();
    } catch {
      throw new R.Refused("A picture could not be loaded.", 0);
    }
    return image;
  });
  const details = new Map();
  P.details = (edit) => {
    if (!details.has(edit)) {
      const kind = P.byEdit.get(edit)?.kind === "region" ? "regions" : "edits";
      const promise = P.read(`/api/v1/${kind}/${edit}`);
      details.set(edit, promise);
      promise.catch(() => details.delete(edit));
      if (details.size > MOST) details.delete(details.keys().next().value);
    }
    return details.get(edit);
  };
  P.forget = (edit) => details.delete(edit);
  P.mask = (number) => P.step(number).mask;

  P.prepare = (position) => {
    if (position < 1 || position > P.last()) return;
    const { number, parent } = P.stop(position);
    for (const url of [P.image(parent), P.image(number), P.mask(number)]) P.picture(url).catch(() => null);
    P.details(P.id(number)).catch(() => null);
  };

  const image = (name, alt = "") => P.make("img", { className: name, alt, draggable: false, decoding: "sync" });
  P.onOpen(({ picture }) => {
    const place = P.byId("screen");
    place.style.setProperty("--ratio", picture.width / picture.height);
    screen.below = image("below");
    screen.above = image("above", picture.name);
    screen.mask = image("mask");
    screen.strokes = document.createElementNS(SVG, "svg");
    screen.strokes.setAttribute("viewBox", `0 0 ${picture.width} ${picture.height}`);
    screen.strokes.setAttribute("class", "strokes");
    screen.strokes.setAttribute("aria-hidden", "true");
    screen.mask.style.opacity = 0;
    screen.back = P.make("p", { className: "going-back", hidden: true });
    place.replaceChildren(screen.below, screen.above, screen.mask, screen.strokes, screen.back);
  });

  screen.region = (shown) => (screen.mask.style.opacity = shown * REGION_OPACITY);
  screen.say = (text) => {
    screen.back.hidden = !text;
    screen.back.textContent = text ?? "";
  };
  screen.clear = () => {
    screen.strokes.replaceChildren();
    screen.region(0);
    screen.say(null);
  };
  screen.put = (url) => {
    if (screen.above.getAttribute("src") !== url) screen.above.src = url;
    screen.above.style.opacity = 1;
  };
  // Fades from what is shown to ``url``; both are loaded already.
  screen.fading = (url) => {
    screen.below.src = screen.above.src;
    screen.above.style.opacity = 0;
    screen.above.src = url;
    return (share) => (screen.above.style.opacity = share);
  };

  // Only the newest place is loaded: scrubbing over five hundred steps does not ask for five hundred pictures.
  let wanted = null;
  let busy = false;
  const follow = async () => {
    if (busy) return;
    busy = true;
    while (wanted !== null) {
      const number = wanted;
      wanted = null;
      try {
        await P.picture(P.image(number));
        if (wanted === null) settle(number);
      } catch (error) {
        if (wanted === null) R.note(`${error.message} Choose the step again to try once more.`);
      }
    }
    busy = false;
  };
  const settle = (number) => {
    screen.clear();
    screen.put(P.image(number));
    screen.above.alt = `${P.film.picture.name}, ${P.name(number)}`;
    P.byId("screen").dataset.shown = P.id(number);
    if (shows(number)) showRegion(number);
    P.prepare(P.position + 1);
    if (P.position > 1) P.picture(P.image(P.number(P.position - 1))).catch(() => null);
  };
  const shows = (number) => Boolean(number) && (P.regionShown || P.isRegion(number));
  const showRegion = async (number) => {
    await P.picture(P.mask(number)).catch(() => null);
    if (P.number(P.position) !== number || P.performing || !shows(number)) return;
    screen.mask.src = P.mask(number);
    screen.region(1);
  };
  screen.show = (number) => {
    wanted = number;
    follow();
  };
  P.regionShown = false;
  P.toggleRegion = () => {
    P.regionShown = !P.regionShown;
    P.byId("show-region").setAttribute("aria-pressed", P.regionShown);
    if (P.performing) return;
    const number = P.number(P.position);
    if (shows(number)) showRegion(number);
    else screen.region(0);
  };
})(window.regionscope);
