// The form of a design: one part at a time, as the address says; Dash makes it anew whenever something is added or
// moved, and the focus stays where it was.
(() => {
  const form = () => document.getElementById("design-form");
  let pressed = null;

  const showPart = () => {
    const sections = [...form().children];
    const part = sections.find(({ id }) => `#${id}` === window.location.hash) ?? sections[0];
    for (const section of sections) section.hidden = section !== part;
    for (const link of document.querySelectorAll(".design-nav a")) {
      if (part && link.hash === `#${part.id}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };

  const keepFocus = () => {
    if (pressed && document.activeElement === document.body) document.getElementById(pressed)?.focus();
  };

  const dress = () => {
    if (!form()) return;
    showPart();
    keepFocus();
  };
  new MutationObserver(dress).observe(document.documentElement, { childList: true, subtree: true });
  window.addEventListener("hashchange", () => {
    if (!form()) return;
    showPart();
    window.scrollTo({ top: 0 });
  });
  document.addEventListener("click", ({ target }) => {
    if (!form()) return;
    pressed = target.closest?.("button")?.id || null;
  });
})();
