// The page of one picture: what is asked of the server, one question at a time, again until its work is done.
window.dash_clientside = window.dash_clientside ?? {};
(() => {
  const set = (id, props) => window.dash_clientside.set_props(id, props);

  const asking = (store) => {
    let token = 0;
    let question = null;
    const next = () => {
      token += 1;
      return { ...question, token };
    };
    return {
      ask: (asked) => {
        question = asked;
        return next();
      },
      stop: () => {
        question = null;
        token += 1;
      },
      answered: (state) => {
        if (question && state?.pending && state.token === token) set(store, { data: next() });
      },
    };
  };

  const content = asking("picture-content-ask");
  const curves = asking("picture-curves-question");
  const stopped = (on) => document.getElementById("picture-curves")?.toggleAttribute("data-stopped", on);
  const nothing = () => window.dash_clientside.no_update;

  window.dash_clientside.picture = {
    choose: (className, models, method, shown, _imported, image) =>
      content.ask({ class: className, models, method, shown, image }),
    shown: content.answered,
    drawCurves: (_clicks, filling, className, models, method, image) => {
      stopped(false);
      return curves.ask({ filling, class: className, models, method, image });
    },
    stopCurves: () => {
      stopped(true);
      curves.stop();
    },
    drawn: curves.answered,
    take: (contents, names, author, className, image) =>
      contents?.length ? { contents, names, author, class: className, image, at: Date.now() } : nothing(),
  };

  // The same files again are another wish: what was chosen before is forgotten first.
  const forget = ({ target }) => target.closest?.("#region-import") && set("region-import", { contents: null });
  for (const kind of ["change", "drop"]) document.addEventListener(kind, forget, true);
})();
