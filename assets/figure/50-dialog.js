// The dialog in which a figure is chosen, seen and annotated.
((R) => {
  const F = R.figure;
  const { at } = F;
  const tab = async (toAnnotate) => {
    at("see").setAttribute("aria-pressed", String(!toAnnotate));
    at("draw").setAttribute("aria-pressed", String(toAnnotate));
    at("shown").hidden = toAnnotate;
    at("annotating").hidden = !toAnnotate;
    await (toAnnotate && isKnown ? F.stage() : again());
  };

  const other = async () => {
    F.arrange();
    await theirs();
  };
  // Of two figures that were chosen one after the other only the second has its annotations shown.
  let chosen = 0;
  // Whether what is on the figure could be read: until then it is not drawn without.
  let isKnown = false;
  const again = () => (isKnown ? F.draw() : theirs());
  const theirs = async () => {
    const mine = (chosen += 1);
    isKnown = false;
    at("annotating").inert = true;
    at("dialog").dataset.state = "drawing";
    // Drawn meanwhile because of its look, it does not show those of the one before.
    F.items = [];
    F.list();
    await F.kept();
    const { kind, asked } = F.request();
    const { annotations } = await F.ask(`/annotations?${new URLSearchParams({ kind, ...asked })}`);
    if (mine !== chosen) return;
    at("annotating").inert = false;
    isKnown = true;
    F.items = annotations;
    F.list();
    F.bare = null;
    await F.draw();
  };
  const failed = (error) => {
    F.failed(error);
    at("dialog").dataset.state = "failed";
  };
  const open = async (what, of, { first, choices = {} }) => {
    F.offered = F.drawn = F.bare = null;
    F.items = [];
    for (const name of ["message", "status"]) at(name).textContent = "";
    at("preview").hidden = true;
    at("file").hidden = true;
    at("shown").hidden = false;
    at("annotating").hidden = true;
    at("dialog").dataset.state = "opening";
    at("dialog").showModal();
    try {
      const shown = Object.entries(choices).map(([name, [value]]) => [name, value]);
      F.offered = await F.ask(`/offers?${new URLSearchParams([["what", what], ["of", of], ...shown])}`);
      if (!F.offered.kinds.length) throw new Error("There is nothing here yet that a figure could show.");
      F.fill("kind", F.offered.kinds.map((one) => ({ value: one.kind, label: one.title })));
      F.first = choices;
      for (const name of ["by", ...Object.keys(F.choices())]) at(name).replaceChildren();
      F.arrange();
      if (first && F.kind().of.some((one) => one.of === first)) at("of").value = first;
      await theirs();
    } catch (error) {
      failed(error);
    }
  };
  const guarded = (act) => act().catch(failed);

  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-figure]");
    if (button) {
      const found = R.figureOf?.[button.dataset.figure]?.() ?? {};
      return open(button.dataset.figure, button.dataset.of || found.of || "", found);
    }
    if (!target.closest("#figure-dialog")) return;
    if (target.closest("#figure-close")) at("dialog").close();
    if (!F.kind()) return;
    if (target.closest("#figure-see")) guarded(() => tab(false));
    else if (target.closest("#figure-draw")) guarded(() => tab(true));
    const use = target.closest("[data-figure-tool]");
    if (use) F.pick(use.dataset.figureTool);
    const copied = target.closest("[data-figure-copy]");
    if (copied) {
      const text = document.getElementById(copied.dataset.figureCopy).value;
      navigator.clipboard?.writeText(text).then(() => (at("status").textContent = "Copied"), () => null);
    }
    const letters = target.closest("#figure-letters");
    if (letters) {
      letters.setAttribute("aria-checked", String(letters.getAttribute("aria-checked") !== "true"));
      F.bare = null;
      guarded(again);
    }
  });
  document.addEventListener("change", ({ target }) => {
    if (!target.closest("#figure-dialog") || !F.kind()) return;
    const name = target.id.replace("figure-", "");
    // What the server offers to choose from makes it another figure, with annotations of its own; the rest is its look.
    if (name === "kind" || name === "by") guarded(other);
    else if (name === "of" || name in F.choices()) guarded(theirs);
    else if (name === "highlight" && target.value) {
      F.items.push(F.item("highlight", 0, [], target.value));
      target.value = "";
      F.changed();
    } else if (name === "colour") F.paint();
    else if (target.closest("#figure-choices")) {
      F.bare = null;
      if (isKnown) F.later();
      else guarded(theirs);
    }
  });
  // Plotly's events bubble nowhere: they are listened to once its drawing is there.
  let listened = null;
  new MutationObserver(() => {
    const gd = F.canvas();
    if (!gd?.on || gd === listened) return;
    listened = gd;
    gd.on("plotly_relayout", F.relayout);
  }).observe(document.documentElement, { childList: true, subtree: true });

  R.figureOf = {
    ...R.figureOf,
    session: () => ({ of: document.getElementById("replay")?.dataset.session, first: R.replay?.film && R.replay.position ? R.replay.id(R.replay.number(R.replay.position)) : null }),
    comparison: () => ({ of: R.comparedItems?.().join(",") ?? "", choices: R.comparedBy?.() }),
  };
})(window.regionscope);
