// Does it matter? Asked step by step, until all is done or the person stops.
((R, E) => {
  const asking = R.asking("effect-ask", "effect");
  let shown = "";

  // By which map the model's region is found where that is a smallest flip, which has no area to choose, the server
  // decides: not every model has every map.
  const question = () => {
    const region = R.isMarking() ? R.chosenRegion() : null;
    const map = R.byId("agreement-source")?.value;
    const { method } = R.current;
    if (!region || !map) return null;
    return {
      region,
      models: R.models(),
      map_method: map,
      map_parameters: map === "flip" ? {} : R.parameters(map, "agreement"),
      method: R.effectMethod(),
      parameters: method === R.effectMethod() ? R.parameters(method) : {},
      every_method: R.byId("effect-all").checked,
    };
  };
  // Only what removes a region can say whether it was needed.
  R.effectMethod = () => {
    const { method, methods } = R.current;
    const isRemoval = methods.find(({ key }) => key === method)?.group === "remove";
    return isRemoval ? method : "telea";
  };

  let isWorking = false;
  const dress = () => {
    const button = R.byId("ask-effect");
    if (button) button.disabled = isWorking || !(R.isMarking() && R.chosenRegion());
  };

  R.askEffect = () => {
    try {
      const asked = question();
      if (!asked) return;
      shown = JSON.stringify(asked);
      isWorking = true;
      asking.ask(asked);
    } catch (error) {
      R.note(error.message);
    }
    dress();
  };
  E.affected = (state) => {
    if (!asking.answered(state)) return;
    isWorking = isWorking && Boolean(state.pending);
    dress();
  };
  const work = (on) => () => {
    isWorking = on;
    dress();
  };
  R.onPress("#effect [data-stop-work]", work(false));
  R.onPress("#effect [data-go-on]", work(true));
  // What was found for another region, model, map or filling is not this one's answer.
  R.settleEffect = () => {
    let now;
    try {
      now = JSON.stringify(question());
    } catch {
      return;
    }
    if (shown && now !== shown) {
      shown = "";
      isWorking = false;
      asking.ask({ region: null }, { atOnce: true });
    }
    dress();
  };
  document.addEventListener("change", ({ target }) => {
    if (target.id === "effect-all" || target.id?.startsWith("parameter--")) R.settleEffect();
  });
})(window.regionscope, window.dash_clientside.explore);
