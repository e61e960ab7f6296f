// What is put on a figure without a mouse: its places are typed, x,y in percent of the panel from its top left corner.
((F) => {
  const { at, make } = F;
  // How many places each kind has, what they are, and where they are before anybody says so.
  const KINDS = {
    arrow: { label: "Arrow", places: [2, 2], what: "from, to", usual: "20,20 45,45" },
    rectangle: { label: "Frame", places: [2, 2], what: "two corners", usual: "25,25 75,75" },
    ellipse: { label: "Ellipse", places: [2, 2], what: "two corners around it", usual: "25,25 75,75" },
    outline: { label: "Outline", places: [3, 500], what: "its corners, three at least", usual: "50,20 80,80 20,80" },
    label: { label: "Label", places: [1, 1], what: "its middle", usual: "50,50" },
    callout: { label: "Callout", places: [2, 2], what: "the words, what they are about", usual: "20,15 45,45" },
    inset: { label: "Enlarged detail", places: [2, 3], what: "two corners, and the corner where it is shown", usual: "30,30 45,45" },
  };
  const PLACE = /^-?\d+(\.\d+)?,-?\d+(\.\d+)?$/;
  const percent = (share) => Number((100 * share).toFixed(2));
  const written = (item) => item.points.map((point) => point.map(percent).join(",")).join(" ");
  const read = (kind, text) => {
    const pairs = text.trim().replace(/\s*,\s*/g, ",").split(/\s+/);
    const { label, places: [fewest, most], what } = KINDS[kind];
    if (!pairs.every((pair) => PLACE.test(pair)) || pairs.length < fewest || pairs.length > most)
      throw new Error(`${label}: say its places (${what}) as x,y in percent, such as ${KINDS[kind].usual}.`);
    const points = pairs.map((pair) => pair.split(",").map((value) => Number(value) / 100));
    return kind === "inset" ? F.insetPoints(points) : points;
  };
  const named = (element, label) => {
    element.setAttribute("aria-label", label);
    return element;
  };

  F.placesField = (item) => {
    const field = named(make("input", { className: "form-control places", type: "text", value: written(item) }), `Places of the ${item.kind}, in percent`);
    field.addEventListener("change", () => {
      try {
        item.points = read(item.kind, field.value);
        F.altered();
      } catch (error) {
        F.failed(error);
      }
    });
    return field;
  };

  const add = (kind, panel, places) => {
    try {
      F.items.push(F.item(kind, Number(panel), read(kind, places)));
      F.changed();
    } catch (error) {
      F.failed(error);
    }
  };
  F.offerPlaces = () => {
    const kind = named(make("select", { className: "form-select" }, Object.entries(KINDS).map(([value, { label }]) => make("option", { value, textContent: label }))), "What to add");
    const panel = named(make("select", { className: "form-select", hidden: F.bare.panels.length < 2 }, F.bare.panels.map((_, value) => make("option", { value, textContent: `Panel ${value + 1}` }))), "Panel");
    const places = named(make("input", { className: "form-control places", type: "text" }), "Places, x,y in percent of the panel");
    const what = make("span", { className: "quiet small" });
    const button = make("button", { id: "figure-add", type: "button", className: "btn btn-outline-secondary", textContent: "Add" });
    const arrange = () => {
      places.value = KINDS[kind.value].usual;
      what.textContent = KINDS[kind.value].what;
    };
    kind.addEventListener("change", arrange);
    button.addEventListener("click", () => add(kind.value, panel.value || 0, places.value));
    arrange();
    at("adding").replaceChildren(kind, panel, places, what, button);
  };
})(window.regionscope.figure);
