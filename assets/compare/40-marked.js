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
})(window.regionscope, window.dash_clientside.compare);
