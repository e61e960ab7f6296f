// The page of one picture: what is asked of the server, in steps, and what was found for other choices forgotten.
((R) => {
  const set = (id, props) => window.dash_clientside.set_props(id, props);
  const content = R.asking("picture-content-ask", "picture-content");
  const curves = R.asking("picture-curves-question", "picture-curves");
  const effects = R.asking("picture-effect-ask", "picture-effect");

  // What all three are about.
  let about = {};
  const isShown = { curves: false, effects: false };
  const forget = (kind, asking) => {
    if (isShown[kind]) asking.ask({}, { atOnce: true });
    isShown[kind] = false;
  };

  const LARGEST = 25_000_000;
  const megabytes = (size) => (size / 1_000_000).toFixed(1);
  const sentence = (files) => {
    const large = files.filter(({ size }) => size > LARGEST);
    const rest = files.reduce((sum, { size }) => sum + (size > LARGEST ? 0 : size), 0);
    const said = large.map(({ name, size }) => `${name} is ${megabytes(size)} MB; 25 MB is the most a file may have.`);
    if (rest > LARGEST) said.push(`Together the files are ${megabytes(rest)} MB; 25 MB is the most at once. Choose fewer.`);
    return [said.join(" "), rest];
  };
  let total = 0;
  // Dash's upload says nothing about files that it finds too large. The same files again are another wish.
  const check = (files) => {
    const [said, rest] = sentence([...(files ?? [])]);
    total = rest;
    set("region-import", { contents: null });
    set("region-import-message", { children: said });
    if (said) set("region-import-report", { children: null });
  };
  const here = (event) => event.target.closest?.("#region-import");
  document.addEventListener("change", (event) => here(event) && check(event.target.files), true);
  document.addEventListener("drop", (event) => here(event) && check(event.dataTransfer.files), true);

  window.dash_clientside.picture = {
    choose: (className, models, method, shown, _imported, image) => {
      const asked = { class: className, models, method, image };
      if (JSON.stringify(asked) !== JSON.stringify(about)) {
        about = asked;
        forget("curves", curves);
        forget("effects", effects);
      }
      content.ask({ ...about, shown });
      return window.dash_clientside.no_update;
    },
    shown: (state) => {
      content.answered(state);
    },
    forgetEffect: () => forget("effects", effects),
    findOut: (_clicks, region, method, everyMethod) => {
      isShown.effects = true;
      const map = { models: about.models, map_method: about.method, map_parameters: {} };
      effects.ask({ ...map, region, method, parameters: {}, every_method: everyMethod });
    },
    affected: (state) => {
      effects.answered(state);
    },
    forgetCurves: () => forget("curves", curves),
    drawCurves: (_clicks, filling) => {
      isShown.curves = true;
      curves.ask({ ...about, filling });
    },
    drawn: (state) => {
      curves.answered(state);
    },
    take: (contents, names, author, className) =>
      contents?.length && total <= LARGEST
        ? { contents, names, author, class: className, image: about.image, shown: about.class, at: Date.now() }
        : window.dash_clientside.no_update,
  };
})(window.regionscope);
