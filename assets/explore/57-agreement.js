// The chosen region beside the model's: asked for again whenever what it follows from has changed.
((R, E) => {
  let token = 0;
  let inFlight = false;
  let wanted = null;
  let last = "";
  const choice = { method: "cam", rule: "area", share: null, settings: {} };

  const question = () => {
    const region = R.isMarking() ? R.chosenRegion() : null;
    return { region, models: R.models(), ...choice };
  };

  // The same wish keeps its ids until it is answered, so that pressing twice keeps one region.
  let wish = {};
  R.keepModelRegion = async () => {
    const asked = question();
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

  // One question at a time: while one is under way only the newest further one is kept.
  R.askAgreement = ({ again = false } = {}) => {
    const asked = question();
    const text = JSON.stringify(asked);
    if (!again && text === last) return;
    stopped = false;
    last = text;
    wanted = asked;
    send();
  };
  const send = () => {
    if (inFlight || !wanted) return;
    token += 1;
    inFlight = true;
    R.set("agreement-ask", { data: { ...wanted, token } });
    wanted = null;
  };

  R.agreementOverlay = null;
  E.agreed = async (state) => {
    inFlight = false;
    R.agreementOverlay = state?.overlay ?? null;
    if (state?.share && choice.share === null) showShare(state.share * 100);
    R.showMarks();
    if (wanted) send();
    else if (state?.pending && stopped) sayStopped();
    else if (state?.pending) R.askAgreement({ again: true });
  };
  let stopped = false;
  R.stopAgreement = () => {
    stopped = true;
    sayStopped();
  };
  // Said again when an answer that was under way paints over it.
  const sayStopped = () =>
    R.set("agreement", { children: "Stopped. Choose the region again, or another map, to go on." });

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
    if (!target.id?.startsWith("agreement--")) return;
    R.useAgreementSettings();
    R.askAgreement();
  });
  R.matchArea = () => {
    choice.share = null;
    R.askAgreement();
  };
})(window.regionscope, window.dash_clientside.explore);
