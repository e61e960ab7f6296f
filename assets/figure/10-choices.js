// A figure for a paper: what it is of, and how it is asked for. Drawn by the server, it is shown as the file that it is.
window.regionscope = window.regionscope ?? {};
((R) => {
  // What the dialog holds: what is offered; the figure as last drawn, and without annotations (`bare`); the
  // annotations; how often it was asked for; and which tool draws.
  const F = (R.figure = {
    API: "/api/v1/figures",
    offered: null,
    drawn: null,
    bare: null,
    items: [],
    asking: 0,
    tool: null,
  });
  const at = (F.at = (name) => document.getElementById(`figure-${name}`));
  const make = (F.make = (tag, props = {}, children = []) => {
    const element = Object.assign(document.createElement(tag), props);
    element.append(...children);
    return element;
  });

  F.ask = async (path, body, method) =>
    body ? (await R.post(`${F.API}${path}`, body, null, method)).json() : R.read(`${F.API}${path}`);
  F.failed = (error) => {
    at("message").textContent = error.message;
    at("status").textContent = "";
  };

  // What is said of the kinds of things that can be put on a figure.
  F.kinds = () => JSON.parse(at("annotating").dataset.kinds);
  // One thing that is put on a figure; what has to say something does so from the beginning.
  F.item = (kind, panel, points, text = F.offered.annotations[kind].speaks ? "words" : "") =>
    ({ kind, panel, points, text, colour: at("colour").value, zoom: 3 });
  F.kind = () => F.offered?.kinds.find((one) => one.kind === at("kind").value);
  F.fill = (name, options, first = null) => {
    const before = at(name).value;
    at(name).replaceChildren(
      ...(first === null ? [] : [make("option", { value: "", textContent: first })]),
      ...options.map(({ value, label }) => make("option", { value, textContent: label })),
    );
    if (options.some(({ value }) => value === before)) at(name).value = before;
  };
  const show = (name, on) => {
    at(name).closest(".figure-choice").hidden = !on;
  };
  const DRAWN = { alignment: ["means"], cases: ["shares"], necessity: ["means"] };
  F.arrange = () => {
    const { kind: key, options, of } = F.kind();
    F.fill("of", of.map((one) => ({ value: one.of, label: one.label || "all" })));
    show("of", of.length > 1);
    show("model", options.includes("model") && F.offered.models.length > 1);
    show("class", options.includes("class_name") && F.offered.classes.length > 1);
    show("method", options.includes("method"));
    show("by", options.includes("by"));
    const methods = key === "effect" ? F.offered.methods.removing : F.offered.methods.maps;
    F.fill("method", methods, "The usual one");
    const tables = F.offered.tables.filter((one) => DRAWN[key]?.includes(one.drawn) || (key === "alignment" && one.value === "ceiling"));
    F.fill("table", tables, "The usual ones");
    show("table", options.includes("table") && tables.length > 1);
  };
  const chosen = (name) => (at(name).closest(".figure-choice").hidden ? "" : at(name).value);
  F.request = (annotations) => ({
    kind: at("kind").value,
    asked: {
      of: at("of").value,
      model: chosen("model"),
      class_name: chosen("class"),
      method: chosen("method"),
      table: chosen("table"),
      by: chosen("by") || "models",
    },
    look: { width: at("width").value, theme: at("theme").value, letters: at("letters").getAttribute("aria-checked") === "true" },
    format: at("form").value,
    dpi: Number(at("dpi").value),
    annotations,
  });
})(window.regionscope);
