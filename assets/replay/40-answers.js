// What the model says to the picture shown: the same classes at every step, so that only the bars move.
((R) => {
  const P = R.replay;
  const COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];
  const DASHES = ["", "6 4", "2 3", "6 3 2 3", "9 3", "9 3 3 3"];
  const SVG = "http://www.w3.org/2000/svg";

  P.percent = (share) => (share * 100).toFixed(1);
  P.points = (difference) => {
    const text = Math.abs(difference * 100).toFixed(1);
    if (text === "0.0") return text;
    return `${difference < 0 ? "−" : "+"}${text}`;
  };
  P.arrow = (difference) => (P.points(difference) === "0.0" ? "" : difference < 0 ? "▼" : "▲");
  P.direction = (difference) => (P.points(difference) === "0.0" ? "same" : difference < 0 ? "down" : "up");

  P.swatch = (place) => {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 20 8");
    svg.setAttribute("class", "swatch");
    svg.setAttribute("aria-hidden", "true");
    const line = document.createElementNS(SVG, "path");
    line.setAttribute("d", "M0 4H20");
    line.setAttribute("stroke", COLOURS[place % COLOURS.length]);
    line.setAttribute("stroke-dasharray", DASHES[place % DASHES.length]);
    svg.append(line);
    return svg;
  };

  let rows = [];
  const row = ({ label, index }, place) => {
    const bar = P.make("span", { className: "bar", aria: { hidden: "true" } });
    bar.style.setProperty("--colour", COLOURS[place % COLOURS.length]);
    const value = P.make("span");
    const change = P.make("td", { className: "number change", dataset: { column: "change" } });
    const name = P.make("span", { className: "label", textContent: label, title: label });
    const line = P.make(
      "tr",
      { dataset: { classIndex: index } },
      P.make("th", { scope: "row", dataset: { column: "label" } }, P.swatch(place), name),
      P.make("td", { className: "number", dataset: { column: "probability" } }, bar, value),
      change,
    );
    return { line, bar, value, change };
  };
  const head = (text, number) => P.make("th", { scope: "col", textContent: text, className: number ? "number" : "" });

  P.onOpen(({ classes }) => {
    rows = classes.map(row);
    const table = P.make(
      "table",
      { className: "predictions" },
      P.make("caption", { className: "visually-hidden", textContent: "Answers to the picture shown" }),
      P.make("thead", {}, P.make("tr", {}, head("Class"), head("Probability, %", true), head("Change, points", true))),
      P.make("tbody", {}, ...rows.map(({ line }) => line)),
    );
    P.byId("replay-answers").replaceChildren(...(rows.length ? [table] : []));
    const entry = ({ label }, place) => P.make("li", {}, P.swatch(place), label);
    P.byId("chart-legend").replaceChildren(...classes.map(entry));
  });

  const headline = (before, after) => {
    const share = P.make("span", { className: "quiet", textContent: ` ${P.percent(after.probability)} %` });
    const now = P.make("strong", { textContent: after.label });
    if (!before || before.label === after.label) return P.make("div", { className: "headline" }, now, share);
    const was = P.make("span", { className: "was", textContent: before.label });
    const became = P.make("span", { textContent: " → ", aria: { label: "became" } });
    return P.make("div", { className: "headline flipped" }, was, became, now, share);
  };
  const nothing = (text) => P.make("div", { className: "headline quiet", textContent: text });

  const fill = ({ bar, value, change }, after, before) => {
    bar.style.setProperty("--share", after ?? 0);
    value.textContent = after === undefined ? "–" : P.percent(after);
    const difference = after === undefined || before === undefined ? null : after - before;
    change.className = `number change ${difference === null ? "" : P.direction(difference)}`;
    change.textContent = difference === null ? "" : `${P.arrow(difference)} ${P.points(difference)}`.trim();
  };

  // The answers alone, without moving on: while the film goes back, the parent's are shown.
  P.showAnswers = (number) => {
    const answer = P.answer(number);
    const { original } = P.film;
    const place = P.byId("replay-headline");
    place.replaceChildren(answer ? headline(original, answer) : nothing("No answer to this step"));
    rows.forEach((one, index) => {
      fill(one, answer?.probabilities[index], number ? original?.probabilities[index] : undefined);
    });
    P.byId("replay-answers-note").textContent = answer || !P.film.model ? "" : "This model was not asked about this step.";
  };
  P.onShow(P.showAnswers);

  P.onShow((number, position) => {
    const step = number ? P.step(number) : null;
    const what = step ? `${step.method}, ${P.percent(step.mask_area)} %` : "as it was at the beginning";
    const copied = step?.copied ? " · taken over from another session" : "";
    const base = step && step.parent !== number - 1 ? ` · made on ${P.name(step.parent)}` : "";
    P.byId("step-caption").replaceChildren(
      P.make("strong", { textContent: P.called(number) }),
      ` ${what}${base}${copied}`,
    );
  });
})(window.regionscope);
