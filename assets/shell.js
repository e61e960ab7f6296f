// What every page shares: the list of its keys, and whether a key belongs to a field instead.
window.regionscope = window.regionscope ?? {};
((R) => {
  R.typing = (target) =>
    target.closest("textarea, select, [contenteditable], input:not([type=checkbox]):not([type=radio]), [role=slider]") ||
    document.querySelector(".modal.show, dialog[open]");

  // A dialog that is closed is not in the document, but the button that opens it is.
  const showKeys = () => document.getElementById("keys") && window.dash_clientside.set_props("keys-dialog", { is_open: true });
  document.addEventListener("click", (event) => event.target.closest("#keys") && showKeys());
  document.addEventListener("keydown", (event) => {
    if (event.key === "?" && !R.typing(event.target)) showKeys();
  });
})(window.regionscope);
