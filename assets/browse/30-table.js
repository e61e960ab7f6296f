// The table: AG Grid with rows fetched a block at a time, always for what the address says now.
((R) => {
  const B = R.browse;
  const BLOCK = 100;
  const PHONE = window.matchMedia("(max-width: 900px)");
  let library = null;
  let api = null;
  let shownView = null;
  let current = 0;
  let aborting = new AbortController();
  let quiet = false;
  B.total = null;

  // Called by the table's library once it is there; see components/browse_table.py.
  window.dashAgGridFunctions = window.dashAgGridFunctions ?? {};
  window.dashAgGridFunctions.regionscopeTable = (agGrid) => {
    library = agGrid;
    queueMicrotask(() => B.begin?.());
    return agGrid.themeQuartz;
  };
  B.hasLibrary = () => Boolean(library);
  B.api = () => api;
  B.columns = () => B.setup.columns[B.state.view] ?? [];
  B.column = (name) => B.columns().find((column) => column.name === name);

  const theme = () =>
    library.themeQuartz.withParams({
      accentColor: "var(--accent)",
      backgroundColor: "var(--paper)",
      foregroundColor: "var(--ink)",
      textColor: "var(--ink)",
      borderColor: "var(--line)",
      headerBackgroundColor: "var(--paper)",
      headerTextColor: "var(--quiet)",
      headerFontSize: 12,
      headerFontWeight: 600,
      rowHoverColor: "var(--hover)",
      fontFamily: "inherit",
      fontSize: 13,
      spacing: 6,
      rowHeight: PHONE.matches ? 56 : 44,
      headerHeight: 40,
      wrapperBorder: false,
      wrapperBorderRadius: 0,
      columnBorder: false,
      browserColorScheme: "inherit",
    });

  const FILTERS = {
    text: ["agTextColumnFilter", ["contains", "notContains", "equals", "notEqual", "startsWith", "endsWith", "blank", "notBlank"]],
    number: [
      "agNumberColumnFilter",
      ["greaterThanOrEqual", "lessThan", "inRange", "equals", "notEqual", "greaterThan", "lessThanOrEqual", "blank", "notBlank"],
    ],
    date: ["agDateColumnFilter", ["equals", "lessThan", "greaterThan", "inRange"]],
  };
  const filterOf = (column) => {
    if (!column.filter) return { filter: false };
    const [filter, filterOptions] = FILTERS[column.filter];
    return { filter, filterParams: { filterOptions, maxNumConditions: 1, buttons: ["reset"], debounceMs: 400 } };
  };
  const PHONE_WIDTHS = { thumbnail: 62, change: 76 };
  const definition = (column) => ({
    colId: column.name,
    headerName: column.label,
    headerTooltip: column.label || "Picture",
    width: PHONE.matches ? (PHONE_WIDTHS[column.kind] ?? column.width) : column.width,
    wrapHeaderText: true,
    minWidth: column.kind === "thumbnail" ? column.width : 60,
    sortable: column.sortable,
    resizable: column.kind !== "thumbnail",
    hide: PHONE.matches ? !column.phone : !column.wide,
    cellRenderer: B.draw(column),
    cellClass: `cell-${column.kind}${B.isNumber(column) ? " number" : ""}`,
    headerClass: B.isNumber(column) ? "number" : "",
    pinned: !PHONE.matches && (column.kind === "thumbnail" || column.kind === "name") ? "left" : null,
    flex: PHONE.matches && (column.kind === "name" || column.kind === "outcome") ? 1 : undefined,
    suppressMovable: column.kind === "thumbnail",
    sortingOrder: column.kind === "time" || B.isNumber(column) ? ["desc", "asc", null] : ["asc", "desc", null],
    ...filterOf(column),
  });

  const options = () => ({
    theme: theme(),
    columnDefs: [B.selectColumn(), ...B.columns().map(definition)],
    rowModelType: "infinite",
    cacheBlockSize: BLOCK,
    maxBlocksInCache: 30,
    maxConcurrentDatasourceRequests: 2,
    blockLoadDebounceMillis: 60,
    rowBuffer: 8,
    getRowId: ({ data }) => `${data.id}:${data.model_key ?? ""}`,
    suppressCellFocus: false,
    // One stop for the Tab key: the arrow keys move inside.
    tabToNextCell: () => false,
    tabToNextHeader: () => false,
    suppressDragLeaveHidesColumns: true,
    enableCellTextSelection: true,
    multiSortKey: "ctrl",
    suppressMenuHide: PHONE.matches,
    animateRows: false,
    tooltipShowDelay: 600,
    onSortChanged: ({ source }) => !quiet && source !== "api" && adoptSort(),
    onFilterChanged: ({ source }) => !quiet && source !== "api" && adoptFilter(),
    onCellKeyDown: (event) => B.cellKey(event),
    onRowClicked: (event) => B.rowClicked(event),
    overlayNoRowsTemplate: "<span></span>",
    suppressNoRowsOverlay: true,
  });

  const adoptSort = () => {
    const sorted = api.getColumnState().filter(({ sort }) => sort);
    sorted.sort((a, b) => a.sortIndex - b.sortIndex);
    B.change((state) => (state.sort = sorted.map(({ colId, sort }) => [colId, sort === "desc"])));
  };
  const told = (model) => Object.entries(model ?? {}).filter(([, value]) => value !== null).sort();
  const same = (one, other) => JSON.stringify(told(one)) === JSON.stringify(told(other));
  // Only what was changed in the menu is taken over: the menu knows whole days, the address milliseconds.
  const adoptFilter = () => {
    const models = api.getFilterModel();
    const known = modelsOf(B.state);
    B.change((state) => {
      for (const column of B.columns()) {
        if (same(models[column.name], known[column.name])) continue;
        if (models[column.name]) state.conditions[column.name] = B.toCondition(column, models[column.name]);
        else delete state.conditions[column.name];
      }
    });
  };
  const modelsOf = (state) => {
    const models = {};
    for (const [name, condition] of Object.entries(state.conditions)) {
      const column = B.column(name);
      if (column?.filter) models[name] = B.toModel(column, condition);
    }
    return models;
  };
  const make = () => {
    api?.destroy();
    R.byId("browse-table").classList.add("is-away");
    api = library.createGrid(R.byId("browse-table"), options());
    shownView = B.state.view;
  };

  // The table's marks for sort and filter follow the address; quietly, or it would ask for rows of its own accord.
  const mark = () => {
    quiet = true;
    const state = B.state.sort.map(([colId, down], sortIndex) => ({ colId, sort: down ? "desc" : "asc", sortIndex }));
    api.applyColumnState({ state, defaultState: { sort: null, sortIndex: null } });
    api.setFilterModel(modelsOf(B.state));
    quiet = false;
  };

  const fetchRows = (query, offset, signal) =>
    R.read(`/api/v1/rows?${query ? `${query}&` : ""}offset=${offset}&limit=${BLOCK}`, { signal });
  B.fetchRows = fetchRows;

  const source = (number, query, first) => {
    let head = first;
    return {
      getRows: async (params) => {
        // The table waits for an answer to all that it asks, also to what is out of date; two at most at a time.
        if (number !== current) {
          params.failCallback();
          return;
        }
        try {
          const held = params.startRow === 0 ? head : null;
          head = null;
          const page = held ?? (await fetchRows(query, params.startRow, aborting.signal));
          params.successCallback(page.rows, page.total);
          if (number !== current) return;
          B.renewSelected(page.rows);
          arrived(page.total);
          if (!page.total) B.load();
        } catch (error) {
          params.failCallback();
          if (error.name === "AbortError" || number !== current) return;
          R.note(`Some rows could not be loaded. ${error.message}`);
        }
      },
    };
  };
  const arrived = (total) => {
    B.total = total;
    B.showSelection();
  };

  const STATES = ["empty", "archived", "unfound", "failed"];
  const showState = (name) => {
    for (const state of STATES) R.byId(`state-${state}`).hidden = state !== name;
    R.byId("browse-skeleton").hidden = true;
    R.byId("browse-table").classList.toggle("is-away", Boolean(name));
  };
  const dim = (on) => R.byId("browse").classList.toggle("is-loading", on);

  // The rows before stay, dimmed, until the first of the new ones are there.
  B.load = async () => {
    const number = (current += 1);
    aborting.abort();
    aborting = new AbortController();
    const query = B.query(B.state);
    dim(true);
    try {
      const asked = fetchRows(query, 0, aborting.signal);
      // Made while the rows are on their way; one that shows the other list stays until they are there.
      if (!api && B.columns().length) make();
      const page = await asked;
      if (number !== current) return;
      if (shownView !== B.state.view) make();
      if (page.total) show(number, query, page);
      else await showNone();
      arrived(page.total);
      dim(false);
      B.askCharts(query);
    } catch (error) {
      if (error.name === "AbortError" || number !== current) return;
      dim(false);
      R.byId("failed-text").textContent = error.message;
      showState("failed");
      B.total = null;
      B.showSelection();
    }
  };
  const show = (number, query, page) => {
    showState(null);
    mark();
    api.setGridOption("datasource", source(number, query, page));
    api.ensureIndexVisible(0, "top");
    B.tidyTable();
  };
  const showNone = async () => {
    api.setGridOption("datasource", { getRows: (params) => params.successCallback([], 0) });
    mark();
    if (B.isFiltered(B.state)) {
      R.byId("unfound-text").textContent = B.filterWords();
      showState("unfound");
      return;
    }
    const archived = await fetchRows("archived=1", 0, aborting.signal);
    showState(archived.total ? "archived" : "empty");
  };

  // After something was done to rows they are fetched anew in place: nothing scrolls.
  B.refresh = () => {
    if (!B.total || !api) {
      B.load();
      return;
    }
    api.refreshInfiniteCache();
    B.askCharts(B.query(B.state));
  };

  PHONE.addEventListener("change", () => {
    if (!api || !R.byId("browse-table")) return;
    shownView = null;
    B.load();
  });
})(window.regionscope);
