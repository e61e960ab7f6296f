// The figure as the server draws it, worked out first where that takes long.
((F) => {
  const { at, make } = F;
  const WAIT_MS = 250;
  let timer = null;
  F.draw = async () => {
    const mine = (F.asking += 1);
    at("message").textContent = "";
    at("status").textContent = "Drawing …";
    at("shown").classList.add("is-old");
    at("file").hidden = true;
    at("dialog").dataset.state = "drawing";
    try {
      const found = await F.finished(mine, F.request(F.items));
      if (mine !== F.asking) return;
      F.drawn = found;
      shown();
      F.bare = F.items.length ? null : found;
      if (F.annotating()) await F.stage();
      at("dialog").dataset.state = "drawn";
    } catch (error) {
      if (mine !== F.asking) return;
      F.failed(error);
      at("dialog").dataset.state = "failed";
    }
  };
  // Something is still to be worked out: every question does some of it.
  F.finished = async (mine, wanted) => {
    for (;;) {
      const found = await F.ask("", wanted, "POST");
      if (found.file || mine !== F.asking) return found;
      at("status").textContent = `Working it out: ${Math.floor((100 * found.done) / found.total)} %`;
    }
  };
  F.later = () => {
    clearTimeout(timer);
    timer = setTimeout(F.draw, WAIT_MS);
  };
  const shown = () => {
    const image = at("preview");
    image.src = `${F.API}/files/${F.drawn.shown}`;
    image.alt = F.drawn.alt;
    image.hidden = false;
    at("shown").classList.remove("is-old");
    const [width, height] = F.drawn.inches;
    at("status").textContent = `${width.toFixed(2)} × ${height.toFixed(2)} in`;
    for (const name of ["caption", "alt", "latex", "references"]) at(name).value = F.drawn[name];
    at("problems").replaceChildren(...F.drawn.problems.map((text) => make("li", { textContent: text })));
    F.fill("highlight", F.drawn.classes.map((value) => ({ value, label: value })), "None");
    const link = at("file");
    link.href = `${F.API}/files/${F.drawn.file}?as=${encodeURIComponent(F.drawn.name)}`;
    link.download = F.drawn.name;
    link.textContent = `Download ${F.drawn.name}`;
    link.hidden = false;
  };
})(window.regionscope.figure);
