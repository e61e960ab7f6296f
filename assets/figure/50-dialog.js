// The dialog in which a figure is chosen, seen and annotated.
((R) => {
  const F = R.figure;
  const { at } = F;
  const tab = async (toAnnotate) => {
    at("see").setAttribute("aria-pressed", String(!toAnnotate));
    at("draw").setAttribute("aria-pressed", String(toAnnotate));
    at("shown").hidden = toAnnotate;
    at("annotating").hidden = !toAnnotate;
    if (!toAnnotate) return F.draw();
    try {
      await F.stage();
    } catch (error) {
      F.failed(error);
    }
  };

  const other = async () => {
    F.arrange();
    await theirs();
  };
  // Each of these makes it another figure, with annotations of its own; all other choices are how it looks.
  const ITS_OWN = ["of", "model", "class_name", "method", "table", "by"];
  // Of two figures that were chosen one after the other only the second has its annotations shown.
  let chosen = 0;
  const theirs = async () => {
    const mine = (chosen += 1);
    at("annotating").inert = true;
    at("dialog").dataset.state = "drawing";
    // Drawn meanwhile because of its look, it does not show those of the one before.
    F.items = [];
    await F.kept();
    const { kind, asked } = F.request();
    const { annotations } = await F.ask(`/annotations?${new URLSearchParams({ kind, ...asked })}`);
    if (mine !== chosen) return;
    at("annotating").inert = false;
    F.items = annotations;
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
    else if (target.closest("#figure-see")) tab(false);
    else if (target.closest("#figure-draw")) tab(true);
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
      F.draw();
    }
  });
  document.addEventListener("change", ({ target }) => {
    if (!target.closest("#figure-dialog") || !F.offered) return;
    const name = target.id.replace("figure-", "");
    if (name === "kind") guarded(other);
    else if (name === "by") guarded(other);
    else if (ITS_OWN.includes(name)) guarded(theirs);
    else if (name === "highlight" && target.value) {
      F.items.push(F.item("highlight", 0, [], target.value));
      target.value = "";
      F.changed();
    } else if (name === "colour") F.paint();
    else if (target.closest("#figure-choices")) {
      F.bare = null;
      F.later();
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
