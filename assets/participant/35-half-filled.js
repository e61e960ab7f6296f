// What is filled in and not sent yet outlives the page: for the same person, at the same step, in this browser alone.
((R) => {
  const P = R.participant;
  const place = (who) => `regionscope.filled.${who}`;
  const read = (who) => {
    try {
      return JSON.parse(localStorage.getItem(place(who))) ?? {};
    } catch {
      return {};
    }
  };
  const keep = (who, steps) => {
    try {
      if (Object.keys(steps).length) localStorage.setItem(place(who), JSON.stringify(steps));
      else localStorage.removeItem(place(who));
    } catch {
      // Full or forbidden: the fields still hold it as long as the page is there.
    }
  };
  P.forgetFilled = (who) => keep(who, {});

  // Whose fields are on the page, and of which step; null where nothing of them is to be kept.
  let here = null;
  // Of any other step nothing is needed any more, wherever it was answered.
  P.refill = ({ participant, step, fresh }) => {
    here = null;
    if (!participant) return;
    const { [step]: values } = fresh ? {} : read(participant);
    keep(participant, values ? { [step]: values } : {});
    if (!step || fresh) return;
    here = { participant, step };
    if (values) P.fill(values);
  };
  document.addEventListener("input", ({ target }) => {
    if (!here || !target.closest(".question[data-question]")) return;
    keep(here.participant, { ...read(here.participant), [here.step]: P.filled() });
  });
})(window.regionscope);
