// The pages of studies: times as the reader's clock shows them, links that are copied, what is open stays open, and
// nothing unsaved is left unasked.
window.dash_clientside = window.dash_clientside ?? {};
(() => {
  // What is drawn anew is as open as it was.
  const opened = new Map();
  document.addEventListener(
    "toggle",
    ({ target }) => target.id && target.closest(".study-page") && opened.set(target.id, target.open),
    true,
  );
  const dress = () => {
    for (const [id, open] of opened) {
      const details = document.getElementById(id);
      if (details && details.open !== open) details.open = open;
    }
    for (const time of document.querySelectorAll(".study-page time[datetime]")) {
      const words = window.regionscope.moment(time.dateTime);
      if (time.textContent !== words) time.textContent = words;
    }
  };
  new MutationObserver(dress).observe(document.documentElement, { childList: true, subtree: true, characterData: true });

  document.addEventListener("click", async ({ target }) => {
    const button = target.closest?.("[data-copy]");
    if (!button) return;
    const before = button.textContent;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Copy it by hand";
    }
    setTimeout(() => (button.textContent = before), 2000);
  });

  // Drawn figures carry their text as text, so that a paper can set it in its own face.
  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-svg]");
    const plot = button && document.querySelector(`#${CSS.escape(button.dataset.svg)} .js-plotly-plot`);
    if (plot) window.Plotly.downloadImage(plot, { format: "svg", filename: button.dataset.name, width: 720, height: plot.offsetHeight });
  });

  const isDirty = () => document.querySelector("#design-state [data-dirty='true']") !== null;
  const ask = (event) => isDirty() && event.preventDefault();
  window.dash_clientside.studies = {
    // Dash's own links do not unload the page, the browser's do.
    keepUnsaved: () => {
      window.removeEventListener("beforeunload", ask);
      if (isDirty()) window.addEventListener("beforeunload", ask);
    },
  };
})();
