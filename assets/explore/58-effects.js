// Does it matter? Asked step by step, until all is done or the person stops.
((R, E) => {
  let token = 0;
  let asking = null;

  const send = () => {
    token += 1;
    R.set("effect-ask", { data: { ...asking, token } });
  };

  // A smallest flip has no area of its own to choose: the model's region of equal area is then that of its map.
  const mapMethod = () => {
    const source = R.byId("agreement-source").value;
    return source === "flip" ? "cam" : source;
  };

  R.askEffect = () => {
    const region = R.chosenRegion();
    if (!region) return;
    const { method } = R.current;
    try {
      asking = {
        region,
        models: R.models(),
        map_method: mapMethod(),
        map_parameters: R.parameters(mapMethod(), "agreement"),
        method: R.effectMethod(),
        parameters: method === R.effectMethod() ? R.parameters(method) : {},
        every_method: R.byId("effect-all").checked,
      };
    } catch (error) {
      R.note(error.message);
      return;
    }
    R.byId("ask-effect").disabled = true;
    send();
  };
  // Only what removes a region can say whether it was needed.
  R.effectMethod = () => {
    const { method, methods } = R.current;
    const isRemoval = methods.find(({ key }) => key === method)?.group === "remove";
    return isRemoval ? method : "telea";
  };

  E.affected = (state) => {
    if (!state || state.token !== token) return;
    if (state.pending && asking) send();
    else R.settleEffect();
  };
  R.stopEffect = () => {
    if (!asking) return;
    asking = null;
    token += 1;
    document.querySelector("#effect .work-progress")?.remove();
    R.settleEffect();
    R.note("Stopped. What was done is kept, and goes on from there when you ask again.");
  };
  // Another region's effects are not this one's.
  let shownFor = null;
  R.settleEffect = () => {
    const button = R.byId("ask-effect");
    const region = R.isMarking() ? R.chosenRegion() : null;
    if (button) button.disabled = !region;
    if (region !== shownFor && asking?.region !== region) {
      asking = null;
      token += 1;
      R.set("effect-ask", { data: { region: null, token } });
    }
    shownFor = region;
  };
})(window.regionscope, window.dash_clientside.explore);
