// Light or dark before the first paint: the person's own choice, else the system's.
(() => {
  const KEY = "regionscope.theme";
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const current = () => localStorage.getItem(KEY) ?? (system.matches ? "dark" : "light");
  const show = () => document.documentElement.setAttribute("data-bs-theme", current());
  show();
  system.addEventListener("change", show);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#theme")) return;
    localStorage.setItem(KEY, current() === "dark" ? "light" : "dark");
    show();
  });
})();
