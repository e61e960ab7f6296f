// What is put on a figure without a mouse: its places are typed, x,y in percent of the panel from its top left corner.
((F) => {
  const { at, make } = F;
  const PLACE = /^-?\d+(\.\d+)?,-?\d+(\.\d+)?$/;
  const percent = (share) => Number((100 * share).toFixed(2));
  const written = (item) => item.points.map((point) => point.map(percent).join(",")).join(" ");
  const read = (kind, text) => {
    const pairs = text.trim().replace(/\s*,\s*/g, ",").split(/\s+/);
    const { label, what, usual } = F.kinds()[kind];
    // What is left out of the usual places is added to them.
    const fewest = usual.split(" ").length;
    if (!pairs.every((pair) => PLACE.test(pair)) || pairs.length < fewest || pairs.length > F.offered.annotations[kind].most)
      throw new Error(`${label}: say its places (${what}) as x,y in percent, such as ${usual}.`);
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
    const kinds = F.kinds();
    const kind = named(make("select", { className: "form-select" }, Object.entries(kinds).map(([value, { label }]) => make("option", { value, textContent: label }))), "What to add");
    const panel = named(make("select", { className: "form-select", hidden: F.bare.panels.length < 2 }, F.bare.panels.map((_, value) => make("option", { value, textContent: `Panel ${value + 1}` }))), "Panel");
    const places = named(make("input", { className: "form-control places", type: "text" }), "Places, x,y in percent of the panel");
    const what = make("span", { className: "quiet small" });
    const button = make("button", { id: "figure-add", type: "button", className: "btn btn-outline-secondary", textContent: "Add" });
    const arrange = () => {
      places.value = kinds[kind.value].usual;
      what.textContent = kinds[kind.value].what;
    };
    kind.addEventListener("change", arrange);
    button.addEventListener("click", () => add(kind.value, panel.value || 0, places.value));
    arrange();
    at("adding").replaceChildren(kind, panel, places, what, button);
  };
})(window.regionscope.figure);
