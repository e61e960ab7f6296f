// What every page shares: how a time is said, the list of its keys, and whether a key belongs to a field instead.
window.regionscope = window.regionscope ?? {};
((R) => {
  // By the reader's own clock, in the interface's language.
  const times = (style) => {
    const format = new Intl.DateTimeFormat("en-GB", style);
    return (time) => format.format(new Date(time));
  };
  R.day = times({ dateStyle: "medium" });
  R.moment = times({ dateStyle: "medium", timeStyle: "short" });
  R.exactMoment = times({ dateStyle: "medium", timeStyle: "medium" });

  R.typing = (target) =>
    target.closest("textarea, select, [contenteditable], input:not([type=checkbox]):not([type=radio]), [role=slider], [aria-expanded=true], .dash-dropdown-content") ||
    document.querySelector(".modal.show, dialog[open]");

  // A dialog that is closed is not in the document, but the button that opens it is.
  const showKeys = () => document.getElementById("keys") && window.dash_clientside.set_props("keys-dialog", { is_open: true });
  document.addEventListener("click", (event) => event.target.closest("#keys") && showKeys());
  document.addEventListener("keydown", (event) => {
    if (event.key === "?" && !R.typing(event.target)) showKeys();
  });
})(window.regionscope);
