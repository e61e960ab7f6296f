// Marking what matters: regions are saved beside the picture and never change it.
((R, E) => {
  let mode = "edit";
  R.isMarking = () => mode === "mark";
  R.useMode = (wanted) => {
    // What is collected belongs to the mode it was drawn in.
    if (wanted !== mode) R.dropPending();
    mode = wanted;
    document.body.dataset.mode = mode;
    for (const button of document.querySelectorAll("button[data-mode]")) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    }
    showMarks();
    R.askAgreement();
  };

  // The class is the model's top answer until the person chooses another one; a new picture begins anew.
  const TRUE_LABEL = -1;
  let chosenClass = null;
  let suggested = null;
  let suggestedFor = null;
  E.chooseClass = (value) => {
    chosenClass = value;
  };
  // The picture's own label comes first where it has one, whether or not the model knows the word.
  let offered = {};
  E.offerClasses = (classes, scene) => {
    const nothing = window.dash_clientside.no_update;
    if (!classes) return [nothing, nothing];
    const label = scene?.trueLabel ?? null;
    const isNew = classes !== offered.classes || label !== offered.label;
    offered = { classes, label };
    const options = label ? [{ label: `${label} (true label)`, value: TRUE_LABEL }, ...classes] : classes;
    return [isNew ? options : nothing, suggestedClass(scene) ?? nothing];
  };
  const markedClass = () => {
    if (chosenClass !== TRUE_LABEL) return { class_index: chosenClass, class_name: "" };
    const known = offered.classes.find(({ label }) => label === offered.label);
    return { class_index: known?.value ?? null, class_name: known ? "" : offered.label };
  };
  const suggestedClass = (scene) => {
    if (!scene?.image || scene.token !== R.asked()) return null;
    const kept = scene.image.id === suggestedFor && chosenClass !== null && chosenClass !== suggested;
    suggestedFor = scene.image.id;
    suggested = scene.top;
    return kept || chosenClass === suggested ? null : suggested;
  };

  R.saveRegion = (shapes, startedAt) => {
    if (chosenClass === null) {
      R.note("Choose the class that the region speaks for.");
      return;
    }
    const sure = document.querySelector("#mark-sure input:checked")?.value;
    const session = R.place.session ?? R.newId();
    R.place.session = session;
    R.submit({
      kind: "region",
      id: R.newId(),
      session,
      image: R.scene.image.id,
      edit: R.scene.edit,
      model: R.models()[0],
      ...markedClass(),
      name: R.byId("mark-name").value,
      reason: R.byId("mark-why").value,
      confidence: sure ? Number(sure) : null,
      shapes,
      client: R.client(),
      started_ms: startedAt,
      ended_ms: Date.now(),
    });
  };
  R.regionSaved = (region) => {
    chosenRegion = region.id;
    for (const id of ["mark-name", "mark-why"]) R.set(id, { value: "" });
    R.set("mark-sure", { value: null });
  };

  // Which regions are seen: the chosen one, and those whose eye is open. They are of this tab alone.
  let chosenRegion = null;
  const open = new Set();
  R.chosenRegion = () => (R.scene?.regions.some(({ id }) => id === chosenRegion) ? chosenRegion : null);
  R.chooseRegion = (id) => {
    chosenRegion = chosenRegion === id ? null : id;
    R.agreementOverlay = null;
    showMarks();
    R.askAgreement();
  };
  const hide = (id) => {
    open.delete(id);
    if (chosenRegion === id) R.chooseRegion(id);
    else showMarks();
  };
  const isShown = ({ id }) => id === chosenRegion || open.has(id);

  // The chosen region is part of the picture of both, once that is there.
  let painted = 0;
  const showMarks = (R.showMarks = async () => {
    painted += 1;
    const mine = painted;
    R.settleEffect();
    const both = R.isMarking() && R.chosenRegion() ? R.agreementOverlay : null;
    const plain = (region) => isShown(region) && !(both && region.id === chosenRegion);
    const shown = R.isMarking() ? (R.scene?.regions.filter(plain) ?? []) : [];
    for (const line of document.querySelectorAll(".region-line")) {
      const { region } = line.dataset;
      line.querySelector("[data-choose-region]").setAttribute("aria-pressed", String(region === chosenRegion));
      line.querySelector('[data-region-act="show"]').setAttribute("aria-pressed", String(isShown({ id: region })));
    }
    const addresses = [...shown.map(({ overlay }) => overlay), both];
    const overlays = await Promise.all(addresses.map((address) => R.picture(address).catch(() => null)));
    // What was asked for later is what is to be seen, whichever comes first.
    if (mine === painted) R.set("marks", { data: overlays.filter(Boolean) });
  });
  R.settleRegions = (scene) => {
    R.set("everybody-link", { href: `/images/${scene.image.id}` });
    // The list is Dash's to paint; what is seen of it follows.
    requestAnimationFrame(() => {
      showMarks();
      R.askAgreement();
    });
  };

  const find = (id) => R.scene.regions.find((region) => region.id === id);
  const called = ({ name, className }) => name || className;
  let described = null;
  const ACTS = {
    show: (id) => {
      if (isShown({ id })) return hide(id);
      open.add(id);
      return showMarks();
    },
    rename: (id) => {
      described = id;
      const { name, confidence, reason } = find(id);
      R.set("region-dialog", { is_open: true });
      R.set("region-name", { value: name });
      R.set("region-sure", { value: confidence });
      R.set("region-why", { value: reason });
      R.set("region-message", { children: "" });
    },
    delete: (id) => {
      const act = () => change("DELETE", id, {}, (sentence) => R.note(sentence));
      R.note(`“${called(find(id))}” would be deleted for good; the picture stays.`, { label: "Delete", act });
    },
  };
  R.regionAct = (act, id) => find(id) && ACTS[act](id);

  const change = async (method, id, body, failed) => {
    R.saved("saving …");
    try {
      await R.post(`/api/v1/regions/${id}`, { id: R.newId(), time_ms: Date.now(), ...body }, null, method);
      R.saved("saved ✓");
      R.look();
      return true;
    } catch (error) {
      R.saved("not saved");
      failed(`Not saved: ${error.message}`);
      return false;
    }
  };
  R.describeRegion = async () => {
    const sure = R.byId("region-sure").value;
    const body = {
      name: R.byId("region-name").value,
      confidence: sure === "" ? null : Number(sure),
      reason: R.byId("region-why").value,
    };
    const failed = (sentence) => (R.byId("region-message").textContent = sentence);
    if (await change("PUT", described, body, failed)) R.set("region-dialog", { is_open: false });
  };
})(window.regionscope, window.dash_clientside.explore);
