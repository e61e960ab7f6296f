// What is selected: rows ticked one by one, or everything that the filter holds.
((R) => {
  const B = R.browse;
  const chosen = new Map();
  let everything = false;
  let last = null;

  B.selected = () => ({ everything, rows: [...chosen.values()], count: everything ? B.total : chosen.size });
  const key = (row) => row.id;
  const isOn = (row) => everything || chosen.has(key(row));
  B.clearSelection = () => {
    chosen.clear();
    everything = false;
    last = null;
    B.showSelection();
  };
  B.selectEverything = () => {
    chosen.clear();
    everything = true;
    B.showSelection();
  };

  // What was done to selected rows shows in them; rows that left the list are not selected any more.
  B.renewSelected = (rows) => {
    for (const row of rows) if (chosen.has(key(row))) chosen.set(key(row), row);
  };
  const rowsBetween = (from, to) => {
    const rows = [];
    for (let index = Math.min(from, to); index <= Math.max(from, to); index += 1) {
      const row = B.api().getDisplayedRowAtIndex(index)?.data;
      if (row) rows.push(row);
    }
    return rows;
  };
  // Without one of them it is no longer everything: what is left are the rows that are loaded.
  const narrow = () => {
    everything = false;
    B.api().forEachNode(({ data }) => data && chosen.set(key(data), data));
  };
  B.tick = (node, extend) => {
    const on = !isOn(node.data);
    if (!on && everything) narrow();
    const rows = extend && last !== null ? rowsBetween(last, node.rowIndex) : [node.data];
    for (const row of rows) {
      if (on) chosen.set(key(row), row);
      else chosen.delete(key(row));
    }
    last = node.rowIndex;
    B.showSelection();
  };

  const box = (label) => {
    const input = B.el("input", "form-check-input");
    input.type = "checkbox";
    input.tabIndex = -1;
    input.setAttribute("aria-label", label);
    return input;
  };
  const drawBox = ({ data, node }) => {
    if (!data) return B.el("span");
    const input = box(`Select ${B.rowSays(data)}`);
    input.checked = isOn(data);
    const label = B.el("label", "tick", input);
    label.addEventListener("click", (event) => {
      event.preventDefault();
      event.stopPropagation();
      B.tick(node, event.shiftKey);
    });
    return label;
  };
  class HeadBox {
    init() {
      this.input = box("Select everything that the filter holds");
      this.input.id = "tick-all";
      this.gui = B.el("label", "tick", this.input);
      this.input.addEventListener("change", () => (this.input.checked ? B.selectEverything() : B.clearSelection()));
    }
    getGui() {
      return this.gui;
    }
    refresh() {
      return true;
    }
  }
  B.selectColumn = () => ({
    colId: "select",
    headerName: "Select",
    width: 40,
    minWidth: 40,
    resizable: false,
    sortable: false,
    filter: false,
    suppressMovable: true,
    pinned: window.matchMedia("(max-width: 900px)").matches ? null : "left",
    cellRenderer: drawBox,
    cellClass: "cell-select",
    headerClass: "head-select",
    headerComponent: HeadBox,
  });

  const counted = (number, what) => `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;
  B.counted = counted;
  const noun = () => (B.state.view === "edits" ? "edit" : "session");
  B.noun = noun;
  const MOST_COMPARED = 12;
  const whyNotCompare = (count) => {
    if (count < 2) return `Select 2 to ${MOST_COMPARED} rows to compare them.`;
    return count > MOST_COMPARED ? `At most ${MOST_COMPARED} can be compared; ${count.toLocaleString("en")} are selected.` : null;
  };

  B.showSelection = () => {
    if (B.total !== null && chosen.size > B.total) chosen.clear();
    const count = B.selected().count ?? 0;
    const total = B.total ?? 0;
    const held = B.total === null ? "" : counted(total, noun());
    const words = everything ? `All ${held} selected` : count ? `${count.toLocaleString("en")} of ${held} selected` : held;
    R.byId("row-count").textContent = words;
    const all = R.byId("select-all");
    all.hidden = everything || !count || count >= total;
    all.textContent = `Select all ${total.toLocaleString("en")}`;
    R.byId("select-none").hidden = !count;
    document.body.classList.toggle("has-selection", count > 0);
    showActions(count);
    const api = B.api();
    if (!api) return;
    api.refreshCells({ columns: ["select"], force: true });
    const head = R.byId("tick-all");
    if (!head) return;
    head.checked = everything || (total > 0 && count === total);
    head.indeterminate = !head.checked && count > 0;
  };
  const showActions = (count) => {
    for (const button of document.querySelectorAll("[data-action]")) {
      const name = button.dataset.action;
      const reason = name === "compare" ? whyNotCompare(count) : null;
      button.disabled = name === "export" ? !B.total : !count;
      // A button that says why not must stay one that can be pointed at and focused.
      button.setAttribute("aria-disabled", String(Boolean(reason) || button.disabled));
      button.title = reason ?? "";
    }
    const archive = document.querySelector("[data-action=archive] .action-name");
    if (archive) archive.textContent = B.state.archived ? "Unarchive" : "Archive";
    const out = document.querySelector("[data-action=export] .wide-only");
    if (out) out.textContent = count ? " selected" : "";
  };
  B.whyNotCompare = whyNotCompare;

  const ref = (row) => `${noun()}:${row.id}`;
  // What the server is told: the rows by name, or the address that holds them all.
  B.selection = () => (everything ? { query: B.query(B.state) } : { items: [...chosen.values()].map(ref) });

  B.compared = () => {
    if (!everything) return [...chosen.values()].map(ref);
    const rows = [];
    B.api().forEachNode(({ data }) => data && rows.push(ref(data)));
    return [...new Set(rows)];
  };

  B.rowClicked = ({ event, data }) => {
    // On a phone the whole row is the link.
    if (!data || !window.matchMedia("(max-width: 900px)").matches) return;
    if (event.target.closest("a, label, button, input")) return;
    location.assign(B.rowAddress(data));
  };
  B.cellKey = ({ event, node, data }) => {
    if (!data) return;
    if (event.key === " ") {
      event.preventDefault();
      B.tick(node, event.shiftKey);
    } else if (event.key === "Enter") {
      if (event.ctrlKey || event.metaKey) window.open(B.rowAddress(data), "_blank", "noopener");
      else location.assign(B.rowAddress(data));
    }
  };
})(window.regionscope);
