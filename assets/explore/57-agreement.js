// The chosen region beside the model's: asked for again whenever what it follows from has changed.
((R, E) => {
  const asking = R.asking("agreement-ask", "agreement");
  let last = "";
  const choice = { method: "cam", rule: "area", share: null, settings: {}, high: 0.5 };

  // An area that was chosen for one region says nothing about another.
  let sharedBy = null;
  const question = () => {
    const region = R.isMarking() ? R.chosenRegion() : null;
    if (region !== sharedBy) choice.share = null;
    sharedBy = region;
    return { region, models: R.models(), ...choice };
  };

  // The same wish keeps its ids until it is answered, so that pressing twice keeps one region.
  let wish = {};
  R.keepModelRegion = async () => {
    const asked = question();
    if (!asked.region) return;
    const text = JSON.stringify(asked);
    if (text !== wish.text) wish = { text, id: R.newId(), session: R.place.session ?? R.newId() };
    const { id, session } = wish;
    const body = {
      id,
      session,
      image: R.scene.image.id,
      client: R.client(),
      question: { ...asked, model: asked.models[0] },
    };
    R.saved("saving …");
    try {
      await R.post("/api/v1/regions/model", body);
      wish = {};
      R.saved("saved ✓");
      R.arrivedAt(body.image, session, R.scene.edit ?? "original");
    } catch (error) {
      R.saved("not saved");
      R.note(`Not saved: ${error.message}`);
    }
  };

  // Settings that cannot be used are said, and the last good ones stay.
  R.useAgreementSettings = () => {
    try {
      choice.settings = R.parameters(choice.method, "agreement");
    } catch (error) {
      R.note(error.message);
    }
  };
  const useHigh = (field) => {
    if (field.checkValidity() && field.value !== "") choice.high = Number(field.value);
    else R.note(`The cut-off must be between ${field.min} and ${field.max}.`);
  };

  // The rule says what it does: her own area, until another one is chosen.
  const sayRule = () => {
    const same = choice.share === null;
    R.byId("match-area")?.setAttribute("aria-pressed", String(same));
    const label = same ? "same area as yours" : "the area chosen below";
    const entries = [...(R.byId("agreement-rule")?.options ?? [])];
    if (!entries.some(({ value, text }) => value === "area" && text !== label)) return;
    R.set("agreement-rule", { options: entries.map(({ value, text }) => ({ value, label: value === "area" ? label : text })) });
  };

  R.askAgreement = () => {
    const asked = question();
    sayRule();
    R.settleEffect();
    const text = JSON.stringify(asked);
    if (text === last) return;
    last = text;
    asking.ask(asked);
  };

  R.agreementOverlay = null;
  E.agreed = (state) => {
    const answered = asking.answered(state);
    if (!answered || answered.region !== R.chosenRegion()) return;
    R.agreementOverlay = state.overlay ?? null;
    if (state.share && choice.share === null) showShare(state.share * 100);
    R.showMarks();
  };

  // The slider shows the person's own area until it is moved.
  let shown = null;
  const showShare = (percent) => {
    shown = Math.round(percent * 2) / 2;
    R.set("agreement-share", { value: shown });
  };
  const moved = (id) => window.dash_clientside.callback_context.triggered.some(({ prop_id }) => prop_id.startsWith(`${id}.`));
  E.chooseRule = (method, rule, share) => {
    R.byId("rule-field").hidden = method === "flip";
    R.byId("agreement-area").hidden = rule !== "area" || method === "flip";
    if (method !== choice.method) choice.settings = {};
    choice.method = method;
    R.showSettings("agreement", method);
    R.useAgreementSettings();
    if (rule !== choice.rule) choice.share = null;
    else if (moved("agreement-share") && share !== shown) choice.share = share / 100;
    choice.rule = rule;
    R.askAgreement();
  };
  document.addEventListener("change", ({ target }) => {
    if (target.id === "agreement-high") useHigh(target);
    else if (target.id?.startsWith("agreement--")) R.useAgreementSettings();
    else return;
    R.askAgreement();
  });
  R.matchArea = () => {
    choice.share = null;
    // Where the slider stands on her area already, moving it back to it must count again.
    shown = null;
    R.askAgreement();
  };
})(window.regionscope, window.dash_clientside.explore);
