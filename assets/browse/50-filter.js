// The state and everything above the table that shows and changes it.
((R) => {
  const B = R.browse;
  let offers = Object.fromEntries(B.LISTS.map((name) => [name, []]));
  const LABELS = { model: "Model", class: "First answer", method: "Operation", study: "Study", tag: "Tag" };
  const here = () => R.byId("browse");
  const isNarrowing = (before, after) => B.filterOnly(before) !== B.filterOnly(after);

  // Every change goes this way: a new address, then everything follows it.
  B.change = (act) => {
    const next = B.copy(B.state);
    act(next);
    if (B.query(next) === B.query(B.state)) return;
    history.pushState(null, "", B.address(next));
    B.adopt(next);
  };
  B.adopt = (next) => {
    const selectionGoes = !B.state || isNarrowing(B.state, next);
    B.state = next;
    if (selectionGoes) B.clearSelection();
    B.showFilter();
    B.load();
  };
  B.clearFilter = () => B.change((state) => Object.assign(state, B.emptyState(state.view), { sort: state.sort }));

  // Conditions belong to a list's columns; the other list takes over those that it has too.
  B.toView = (state, view) => {
    const names = new Set(B.setup.columns[view].map((column) => column.name));
    const other = { made: "started", started: "made" };
    const renamed = (name) => (names.has(name) ? name : other[name]);
    const kept = Object.entries(state.conditions).map(([name, condition]) => [renamed(name), condition]);
    state.conditions = Object.fromEntries(kept.filter(([name]) => names.has(name)));
    state.sort = state.sort.map(([name, down]) => [renamed(name), down]).filter(([name]) => names.has(name));
    state.view = view;
  };
  B.show = (view) => B.change((state) => B.toView(state, view));

  // Dash would build the page anew on the way back; the table and its rows can stay.
  window.addEventListener(
    "popstate",
    (event) => {
      if (!here() || location.pathname !== "/sessions") return;
      event.stopImmediatePropagation();
      B.adopt(B.parse(location.search));
    },
    true,
  );

  // Showing

  const label = (name, value) => offers[name].find(([key]) => key === value)?.[1] ?? value;
  const chipsOf = (state) => [
    ...(state.q ? [[`“${state.q}”`, (s) => (s.q = "")]] : []),
    ...B.LISTS.flatMap((name) =>
      state.lists[name].map((value) => [
        `${LABELS[name]}: ${label(name, value)}`,
        (s) => (s.lists[name] = s.lists[name].filter((other) => other !== value)),
      ]),
    ),
    ...(state.flipped ? [[state.flipped === "1" ? "Flipped" : "Same answer", (s) => (s.flipped = "")]] : []),
    ...(state.archived ? [["Archived", (s) => (s.archived = false)]] : []),
    ...Object.entries(state.conditions).map(([name, condition]) => {
      const column = B.column(name);
      const words = column ? B.conditionWords(column, condition) : `${name} ${condition}`;
      return [words, (s) => delete s.conditions[name]];
    }),
  ];
  B.filterWords = () =>
    `No ${B.noun()} fits ${chipsOf(B.state)
      .map(([words]) => words)
      .join(", ")}.`;

  const chip = ([words, act]) => {
    const button = B.el("button", "chip", B.el("span", "", words), B.el("span", "chip-cross", "×"));
    button.type = "button";
    button.title = `Remove this filter: ${words}`;
    button.setAttribute("aria-label", button.title);
    button.addEventListener("click", () => B.change(act));
    return button;
  };
  const showChips = () => {
    const chips = chipsOf(B.state).map(chip);
    const clear = B.el("button", "text-button accent", "Clear filter");
    clear.type = "button";
    clear.dataset.clear = "all";
    R.byId("filter-chips").replaceChildren(...chips, clear);
    R.byId("filter-chips").hidden = !chips.length;
  };
  const showTabs = () => {
    for (const tab of document.querySelectorAll("a[data-view]")) {
      const on = tab.dataset.view === B.state.view;
      if (on) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
  };
  B.showFilter = () => {
    showTabs();
    showChips();
    if (document.activeElement?.id !== "browse-search") R.set("browse-search", { value: B.state.q });
    R.byId("filter-flipped").value = B.state.flipped;
    R.set("filter-archived", { value: B.state.archived });
    for (const name of B.LISTS) showCount(name);
  };

  // Menus of choices

  const menuOf = (name) => document.querySelector(`[data-menu="${name}"]`);
  const showCount = (name) => {
    const count = B.state.lists[name].length;
    const menu = menuOf(name);
    menu.classList.toggle("is-active", count > 0);
    menu.querySelector(".menu-count").textContent = count || "";
  };
  const MANY = 9;
  const option = (name, [value, text]) => {
    const input = B.el("input", "form-check-input");
    input.type = "checkbox";
    input.checked = B.state.lists[name].includes(value);
    input.addEventListener("change", () =>
      B.change((state) => {
        const others = state.lists[name].filter((other) => other !== value);
        state.lists[name] = input.checked ? [...others, value].sort() : others;
      }),
    );
    return B.el("label", "menu-option", input, B.el("span", "", text));
  };
  const MOST_SHOWN = 200;
  const fillOptions = (name, list, words) => {
    const missing = B.state.lists[name].filter((value) => !offers[name].some(([key]) => key === value));
    const all = [...missing.map((value) => [value, value]), ...offers[name]];
    const fitting = all.filter(([, text]) => text.toLowerCase().includes(words.toLowerCase()));
    const options = fitting.slice(0, MOST_SHOWN).map((entry) => option(name, entry));
    const rest = fitting.length - options.length;
    if (rest > 0) options.push(B.el("p", "quiet small", `… and ${rest} more: type a part of the name.`));
    if (!options.length) options.push(B.el("p", "quiet small", all.length ? "Nothing of this name." : NONE[name]));
    list.replaceChildren(...options);
  };
  const NONE = {
    model: "No edit has been answered yet.",
    class: "No edit has been answered yet.",
    method: "No edit yet.",
    study: "No session belongs to a study.",
    tag: "No tag yet: select rows and press Tag.",
  };
  const openMenu = (menu, text = "") => {
    closeMenus();
    const name = menu.dataset.menu;
    const panel = menu.querySelector(".menu-panel");
    const list = B.el("div", "menu-options");
    const field = B.el("input", "form-control");
    field.type = "search";
    field.placeholder = "Find";
    field.setAttribute("aria-label", `Find in ${LABELS[name]}`);
    field.addEventListener("input", () => fillOptions(name, list, field.value));
    panel.replaceChildren(...(offers[name].length > MANY ? [field] : []), list);
    field.value = text;
    fillOptions(name, list, text);
    panel.hidden = false;
    menu.querySelector("button").setAttribute("aria-expanded", "true");
    panel.querySelector("input")?.focus();
  };
  const closeMenus = (focus = false) => {
    for (const panel of document.querySelectorAll(".menu-panel:not([hidden])")) {
      panel.hidden = true;
      const button = panel.parentElement.querySelector("button");
      button.setAttribute("aria-expanded", "false");
      if (focus) button.focus();
    }
  };
  document.addEventListener("focusin", (event) => !event.target.closest(".filter-menu") && closeMenus());
  document.addEventListener("pointerdown", (event) => !event.target.closest(".filter-menu") && closeMenus());
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.(".filter-menu");
    if (!menu) return;
    if (event.key === "Escape") closeMenus(true);
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const stops = [...menu.querySelectorAll(".menu-panel input")];
    if (!stops.length) return;
    event.preventDefault();
    const next = stops.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1);
    stops[(next + stops.length) % stops.length].focus();
  });
  const toggleMenu = (menu) => (menu.querySelector(".menu-panel").hidden ? openMenu(menu) : closeMenus());

  window.dash_clientside.browse = window.dash_clientside.browse ?? {};
  window.dash_clientside.browse.offered = (given) => {
    if (given) offers = given;
    if (B.state) showChips();
    // A menu may be open before there is anything to choose from.
    const panel = given && document.querySelector(".menu-panel:not([hidden])");
    if (panel) openMenu(panel.closest("[data-menu]"), panel.querySelector("input[type=search]")?.value);
  };
  B.tags = () => offers.tag.map(([name]) => name);

  // Changing

  const SEARCH_AFTER_MS = 250;
  let typing = null;
  const search = (text) => {
    clearTimeout(typing);
    typing = setTimeout(() => B.change((state) => (state.q = text.trim())), SEARCH_AFTER_MS);
  };
  const copyLink = async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      R.note("Link copied: it shows this list with its filter and order.");
    } catch {
      R.note("The browser does not allow copying here: take the link from the address bar.");
    }
  };

  const CLICKS = [
    [".menu-button", (item) => toggleMenu(item.closest(".filter-menu"))],
    ["[data-clear]", () => B.clearFilter()],
    ["#copy-link", copyLink],
    ["#show-archived", () => B.change((state) => (state.archived = true))],
    ["#load-again", () => B.load()],
    ["#select-all", () => B.selectEverything()],
    ["#select-none", () => B.clearSelection()],
  ];
  document.addEventListener("click", (event) => {
    if (!here() || !B.state) return;
    const tab = event.target.closest("a[data-view]");
    if (tab && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      B.show(tab.dataset.view);
      return;
    }
    const found = CLICKS.find(([selector]) => event.target.closest(selector));
    if (found) found[1](event.target.closest(found[0]));
  });
  document.addEventListener("input", (event) => event.target.id === "browse-search" && search(event.target.value));
  document.addEventListener("change", (event) => {
    const { id, value, checked } = event.target;
    if (id === "filter-flipped") B.change((state) => (state.flipped = value));
    if (id === "filter-archived") B.change((state) => (state.archived = checked));
  });
  document.addEventListener("keydown", (event) => {
    if (!here() || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "/" && !R.typing(event.target)) {
      event.preventDefault();
      R.byId("browse-search").focus();
      R.byId("browse-search").select();
    } else if (event.key === "Escape" && !event.target.closest("input, select, .ag-popup, .filter-menu, .modal")) {
      B.clearSelection();
    }
  });

  // Beginning: once the page stands and the table's library is loaded.
  B.begin = () => {
    const place = R.byId("browse-table");
    if (!place || place.dataset.begun || !B.hasLibrary()) return;
    place.dataset.begun = "yes";
    B.setup = JSON.parse(place.dataset.setup);
    B.state = null;
    B.adopt(B.parse(location.search));
  };
})(window.regionscope);
