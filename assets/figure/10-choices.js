// A figure for a paper: what it is of, and how it is asked for. Drawn by the server, it is shown as the file that it is.
window.regionscope = window.regionscope ?? {};
((R) => {
  // What the dialog holds: what is offered, and what of it the page chooses first; the figure as last drawn, and without
  // annotations (`bare`); the annotations; how often it was asked for; and which tool draws.
  const F = (R.figure = {
    API: "/api/v1/figures",
    offered: null,
    first: {},
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
  const menu = (name, options) => {
    const isNew = !at(name).options.length;
    F.fill(name, options);
    const first = isNew && F.first[name]?.find((one) => options.some(({ value }) => value === one));
    if (first) at(name).value = first;
    show(name, options.length > 0);
  };
  // What can be chosen is said for each kind of figure, and where it has columns for each kind of these.
  F.choices = () => {
    const { choices, by } = F.kind();
    return by.find(({ value }) => value === at("by").value)?.choices ?? choices;
  };
  F.arrange = () => {
    const { of, by } = F.kind();
    F.fill("of", of.map((one) => ({ value: one.of, label: one.label || "all" })));
    show("of", of.length > 1);
    menu("by", by);
    for (const [name, options] of Object.entries(F.choices())) menu(name, options);
  };
  const chosen = () => {
    const names = ["by", ...Object.keys(F.choices())].filter((name) => !at(name).closest(".figure-choice").hidden);
    return Object.fromEntries(names.map((name) => [name, at(name).value]));
  };
  F.request = (annotations) => ({
    kind: at("kind").value,
    asked: { of: at("of").value, ...chosen() },
    look: { width: at("width").value, theme: at("theme").value, letters: at("letters").getAttribute("aria-checked") === "true" },
    format: at("form").value,
    dpi: Number(at("dpi").value),
    annotations,
  });
})(window.regionscope);
