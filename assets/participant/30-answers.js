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

  const questions = () => [...document.querySelectorAll(".participant .question[data-question]")];
  const valueOf = (question) => READ[question.dataset.kind](question);
  P.filled = () => Object.fromEntries(questions().map((question) => [question.dataset.question, valueOf(question)]));

  // Gives once more what was given before, as she would: React hears of it, and so does whoever listens here.
  const isOption = ({ type }) => type === "radio" || type === "checkbox";
  const write = (field, value) => {
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, value);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  P.fill = (values) => {
    for (const question of questions()) {
      const given = [values[question.dataset.question] ?? []].flat().map(String);
      for (const field of question.querySelectorAll("input, textarea")) {
        const isChosen = isOption(field) && given.includes(field.value);
        if (isChosen && !field.checked) field.click();
        if (!isOption(field) && given.length) write(field, given[0]);
      }
    }
  };

  // The values by question, or null where one is missing or wrong; then the page says so and goes there.
  P.readAnswers = ({ anyway = false } = {}) => {
    const found = P.filled();
    let first = null;
    for (const question of questions()) {
      const sentence = anyway ? "" : complaint(question, found[question.dataset.question]);
      say(question, sentence);
      if (sentence) first = first ?? question;
    }
    if (!first) return found;
    first.scrollIntoView({ block: "center" });
    first.querySelector("input, textarea")?.focus();
    return null;
  };
})(window.regionscope);
