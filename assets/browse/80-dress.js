// What the table's library leaves out for screen readers, and its size on the page.
((R) => {
  const B = R.browse;
  B.tidyTable = () => {
    const root = document.querySelector("#browse-table .ag-root");
    if (root) root.setAttribute("aria-label", B.state.view === "edits" ? "Recorded edits" : "Recorded sessions");
  };
})(window.regionscope);
