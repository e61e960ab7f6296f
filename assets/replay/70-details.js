// All that is known of the step shown, what somebody wrote about it, and the ways on from it.
((R) => {
  const P = R.replay;
  const REST_MS = 120;

  P.span = (ms) => {
    if (ms < 1000) return `${Math.round(ms)} ms`;
    const seconds = ms / 1000;
    if (seconds < 60) return `${seconds.toFixed(1)} s`;
    const whole = Math.round(seconds);
    const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
    let left = whole;
    const parts = units.map(([unit, size]) => {
      const count = Math.floor(left / size);
      left -= count * size;
      return count ? `${count} ${unit}` : "";
    });
    return parts.filter(Boolean).slice(0, 2).join(" ");
  };
  const pair = (term, value, title = "") =>
    value === null ? "" : P.make("div", {}, P.make("dt", { textContent: term }), P.make("dd", { textContent: value, title }));

  const parameters = ({ parameters, parameter_labels: labels }) =>
    Object.entries(parameters).map(([name, value]) => {
      const { label = name, unit = "" } = labels[name] ?? {};
      return `${label} ${value}${unit ? ` ${unit}` : ""}`;
    });
  const tools = (shapes) => {
    const counts = new Map();
    for (const { tool, mode } of shapes) {
      const name = mode === "erase" ? "eraser" : tool;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return [...counts].map(([name, count]) => (count > 1 ? `${count} × ${name}` : name)).join(", ");
  };
  const describe = (edit) => [
    pair("Operation", `${edit.operation === "keep" ? "Keep" : "Remove"}: ${edit.method_label}`, edit.method),
    pair("Parameters", parameters(edit).join(", ") || "none"),
    pair("Drawn with", tools(edit.shapes) || "a mask from a file"),
    pair("Region", `${P.percent(edit.mask_area)} % of the picture`),
    pair("Removed so far", `${P.percent(edit.removed_area)} % of the picture`),
    pair("Drawing took", edit.drawing_ms === null ? "not recorded" : P.span(edit.drawing_ms)),
    pair("Filling took", P.span(edit.duration_ms)),
    pair("Made", R.exactMoment(edit.created), edit.created),
    pair("Made with", `Regionscope ${edit.software_version}`),
    pair("Taken over from", edit.copied_from),
  ];
  const describeRegion = (region) => [
    pair("Marked for", region.class_name || "the model's answer"),
    pair("Name", region.name || null),
    pair("Why", region.reason || null),
    pair("How sure", region.confidence === null ? null : `${region.confidence} of 5`),
    pair("Drawn with", tools(region.shapes) || "a mask from a file"),
    pair("Region", `${P.percent(region.mask_area)} % of the picture`),
    pair("Marked", R.exactMoment(region.created), region.created),
  ];
  const origin = (answer) =>
    P.make(
      "dl",
      { className: "details" },
      pair("Model", answer.label, answer.model),
      pair("Top answer", `${answer.predictions[0].label} ${P.percent(answer.predictions[0].probability)} %`),
      pair("Weights", `SHA-256 ${answer.weights_sha256.slice(0, 12)}…`, answer.weights_sha256),
      pair("Engine", `${answer.engine} ${answer.engine_version}`),
      pair("Answered in", P.span(answer.latency_ms)),
    );

  let shown = null;
  const failed = (error, number) => {
    const again = P.make("button", { type: "button", className: "text-button", textContent: "Try again" });
    again.addEventListener("click", () => load(number));
    P.byId("details").replaceChildren(P.make("div", {}, P.make("dd", {}, `${error.message} `, again)));
    P.byId("details-answers").replaceChildren();
  };
  const load = async (number) => {
    try {
      const edit = await P.details(P.id(number));
      if (P.number(P.position) === number) show(edit);
    } catch (error) {
      if (P.number(P.position) === number) failed(error, number);
    }
  };
  const show = (edit) => {
    if (P.byEdit.get(edit.id)?.kind === "region") {
      P.byId("details").replaceChildren(...describeRegion(edit));
      P.byId("details-answers").replaceChildren();
      P.byId("replay").dataset.details = edit.id;
      return;
    }
    shown = edit;
    P.byId("details").replaceChildren(...describe(edit));
    P.byId("details-answers").replaceChildren(...edit.answers.map(origin));
    P.byId("replay").dataset.details = edit.id;
    const note = P.byId("edit-note");
    note.value = drafts.get(edit.id) ?? edit.note;
    tags(edit);
    say("");
  };
  const original = () => {
    shown = null;
    const { picture } = P.film;
    P.byId("details").replaceChildren(
      pair("Picture", picture.name),
      pair("True label", picture.true_label),
      pair("Size", `${picture.width} × ${picture.height} px`),
    );
    P.byId("details-answers").replaceChildren();
    P.byId("replay").dataset.details = "original";
  };

  let timer = null;
  P.onShow((number) => {
    clearTimeout(timer);
    leave();
    // Notes, tags and further work belong to pictures, and a region is none.
    const picture = P.isRegion(number) ? P.step(number).parent : number;
    P.byId("details-title").textContent = P.called(number);
    P.byId("curate").hidden = !number || picture !== number;
    P.byId("continue-branch").href = `/?session=${P.film.session.id}&edit=${P.id(picture)}`;
    P.byId("continue-session").hidden = !number || picture !== number;
    if (!number) original();
    else timer = setTimeout(() => load(number), REST_MS);
  });

  // Notes and tags. A note that could not be saved stays in its field, for this step, until it can.
  const drafts = new Map();
  const say = (sentence) => (P.byId("curate-message").textContent = sentence);
  const send = async (edit, body) => {
    R.saved("saving …");
    try {
      await R.post("/api/v1/events", { id: R.newId(), time_ms: Date.now(), ...body });
      P.forget(edit.id);
      R.saved("saved ✓");
      if (shown?.id === edit.id) say("");
      return true;
    } catch (error) {
      R.saved("not saved");
      if (shown?.id === edit.id) say(`Not saved: ${error.message}`);
      return false;
    }
  };
  const saveNote = async (edit, content) => {
    if (content === edit.note) {
      drafts.delete(edit.id);
      return;
    }
    drafts.set(edit.id, content);
    if (!(await send(edit, { kind: "note", edit: edit.id, content }))) return;
    edit.note = content;
    if (drafts.get(edit.id) === content) drafts.delete(edit.id);
  };
  const leave = () => {
    const note = P.byId("edit-note");
    if (shown && note && note.value !== shown.note) saveNote(shown, note.value);
    shown = null;
  };
  document.addEventListener("change", ({ target }) => {
    if (target.id === "edit-note" && shown) saveNote(shown, target.value);
  });
  // Whoever leaves by the address bar leaves no field: what stands in it goes out with the page.
  window.addEventListener("pagehide", () => {
    const note = P.byId("edit-note");
    if (!shown || !note || note.value === shown.note) return;
    const body = { id: R.newId(), kind: "note", edit: shown.id, content: note.value, time_ms: Date.now() };
    const headers = { "Content-Type": "application/json" };
    fetch("/api/v1/events", { method: "POST", headers, body: JSON.stringify(body), keepalive: true });
  });
  document.addEventListener("focusin", ({ target }) => target.closest("#curate") && P.here() && P.pause());

  const tags = (edit) => {
    const item = (tag) => {
      const remove = P.make("button", { type: "button", textContent: "×", title: `Take the tag ${tag} off`, aria: { label: `Take the tag ${tag} off` } });
      remove.addEventListener("click", () => tagged(edit, { remove: [tag] }));
      return P.make("li", {}, tag, remove);
    };
    P.byId("edit-tags").replaceChildren(...edit.tags.map(item));
    if (P.byId("new-tag")) return;
    const field = P.make("input", { id: "new-tag", className: "form-control", maxLength: 60, placeholder: "Add a tag", autocomplete: "off", aria: { label: "Add a tag" } });
    P.byId("tag-form").append(field, P.make("button", { type: "submit", className: "text-button", textContent: "Add" }));
  };
  const tagged = async (edit, change) => {
    const body = { kind: "tag", selection: { items: [`edit:${edit.id}`] }, add: [], remove: [], ...change };
    if (!(await send(edit, body))) return false;
    const { tags: now } = await P.details(edit.id).catch(() => edit);
    edit.tags = now;
    if (shown?.id === edit.id) tags(edit);
    return true;
  };
  document.addEventListener("submit", async (event) => {
    if (event.target.id !== "tag-form") return;
    event.preventDefault();
    const field = P.byId("new-tag");
    const tag = field.value.trim();
    if (tag && shown && (await tagged(shown, { add: [tag] }))) field.value = "";
  });

  P.copyLink = async () => {
    const link = new URL(P.link(), location.href).href;
    try {
      await navigator.clipboard.writeText(link);
      R.note("The link to this step is copied.");
    } catch {
      // Browsers only let pages of a safe origin copy.
      R.note(`Copy this link: ${link}`);
    }
  };

  P.continueAsSession = async () => {
    const body = { id: R.newId(), kind: "continue", session: P.film.session.id, edit: P.id(P.number(P.position)), time_ms: Date.now() };
    P.pause();
    try {
      const { session } = await (await R.post("/api/v1/events", body)).json();
      location.assign(`/?session=${session}`);
    } catch (error) {
      R.note(`${error.message} No session was begun.`);
    }
  };
})(window.regionscope);
