// What people marked on the one picture of a comparison: asked for once the comparison itself is there.
((R, E) => {
  const asking = R.asking("compare-marked-ask", "compare-marked");
  let last = "";

  R.compare.showMarked = ({ marked }) => {
    document.getElementById("section-marked").hidden = !marked;
    const text = JSON.stringify(marked);
    if (text === last) return;
    last = text;
    asking.ask(marked ?? {}, { atOnce: true });
  };
  E.markedArrive = (state) => {
    asking.answered(state);
  };
  document.addEventListener("click", ({ target }) => {
    if (target.closest?.("#compare-marked [data-stop-work]")) asking.stop();
    if (target.closest?.("#compare-marked [data-go-on]")) asking.goOn();
  });
})(window.regionscope, window.dash_clientside.compare);
