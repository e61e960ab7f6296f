// What is answered in the fields of a step, checked as the server will, so that nobody waits to be told.
((R) => {
  const P = R.participant;
  const chosen = (question) => [...question.querySelectorAll("input:checked")].map(({ value }) => value);
  const typed = (question) => question.querySelector("input, textarea").value.trim();
  const READ = {
    likert: (question) => (chosen(question).length ? Number(chosen(question)[0]) : null),
    choice: (question) => (isSeveral(question) ? chosen(question) : (chosen(question)[0] ?? null)),
    several: chosen,
    slider: (question) => (touched.has(question.dataset.question) ? Number(typed(question)) : null),
    text: (question) => typed(question) || null,
    number: (question) => (typed(question) === "" ? null : Number(typed(question))),
  };
  const isSeveral = (question) => question.querySelector("input")?.type === "checkbox";

  // A slider stands somewhere before anybody has chosen; only moving it answers.
  const touched = new Set();
  document.addEventListener("input", ({ target }) => {
    const question = target.closest(".question");
    if (!question) return;
    touched.add(question.dataset.question);
    target.classList.remove("is-untouched");
    say(question, "");
  });
  P.forgetTouched = () => touched.clear();

  const say = (question, sentence) => {
    const place = question.querySelector(".message");
    if (place) place.textContent = sentence;
  };
  const isMissing = (value) => value === null || (Array.isArray(value) && !value.length);
  const complaint = (question, value) => {
    if (isMissing(value)) return question.dataset.optional === "true" ? "" : P.word("required");
    const field = question.querySelector("input[type=number]");
    if (!field || field.checkValidity()) return "";
    return P.word("not_number", { minimum: field.min || "−∞", maximum: field.max || "∞" });
  };

  // The values by question, or null where one is missing or wrong; then the page says so and goes there.
  P.readAnswers = ({ anyway = false } = {}) => {
    const found = {};
    let first = null;
    for (const question of document.querySelectorAll(".participant .question[data-question]")) {
      const value = READ[question.dataset.kind](question);
      const sentence = anyway ? "" : complaint(question, value);
      say(question, sentence);
      if (sentence) first = first ?? question;
      found[question.dataset.question] = value;
    }
    if (!first) return found;
    first.scrollIntoView({ block: "center" });
    first.querySelector("input, textarea")?.focus();
    return null;
  };
})(window.regionscope);
