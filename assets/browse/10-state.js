// What the address says and what it is in words. Written the way dashboard/recording/browse_url.py writes it.
window.regionscope = window.regionscope ?? {};
window.dash_clientside = window.dash_clientside ?? {};
((R) => {
  const B = (R.browse = {});

  const LISTS = ["model", "class", "method", "study", "tag"];
  const empty = (view = "sessions") => ({
    view,
    q: "",
    lists: Object.fromEntries(LISTS.map((name) => [name, []])),
    flipped: "",
    archived: false,
    conditions: {},
    sort: [],
  });
  B.LISTS = LISTS;
  B.emptyState = empty;

  B.parse = (search) => {
    const state = empty();
    for (const [name, value] of new URLSearchParams(search)) {
      if (name === "view") state.view = value;
      else if (name === "q") state.q = value.trim();
      else if (LISTS.includes(name) && value) state.lists[name] = [...new Set([...state.lists[name], value])];
      else if (name === "flipped") state.flipped = value;
      else if (name === "archived") state.archived = value === "1";
      else if (name === "sort") state.sort = value.split(",").filter(Boolean).map(sortItem);
      else if (name.startsWith("f.")) state.conditions[name.slice(2)] = value;
    }
    return state;
  };
  const sortItem = (text) => [text.replace(/^-/, ""), text.startsWith("-")];

  const quoted = (text) =>
    encodeURIComponent(text)
      .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll("%20", "+")
      .replaceAll("%3A", ":")
      .replaceAll("%2C", ",");
  B.query = (state) => {
    const pairs = [];
    if (state.view !== "sessions") pairs.push(["view", state.view]);
    if (state.q) pairs.push(["q", state.q]);
    for (const name of LISTS) for (const value of [...state.lists[name]].sort()) pairs.push([name, value]);
    if (state.flipped) pairs.push(["flipped", state.flipped]);
    if (state.archived) pairs.push(["archived", "1"]);
    for (const name of Object.keys(state.conditions).sort()) pairs.push([`f.${name}`, state.conditions[name]]);
    if (state.sort.length) pairs.push(["sort", state.sort.map(([name, down]) => (down ? "-" : "") + name).join(",")]);
    return pairs.map(([name, value]) => `${quoted(name)}=${quoted(value)}`).join("&");
  };
  B.address = (state) => {
    const query = B.query(state);
    return query ? `/sessions?${query}` : "/sessions";
  };
  B.filterOnly = (state) => B.query({ ...state, sort: [] });
  B.isFiltered = (state) => B.filterOnly(state) !== B.filterOnly(empty(state.view));
  B.copy = (state) => structuredClone(state);

  // Between the table's own filter menus – in the person's units and days – and conditions in recorded ones.
  const plain = (number) => String(Number(number.toPrecision(12)));
  const TEXT = ["contains", "notContains", "equals", "notEqual", "startsWith", "endsWith"];
  const DAY_MS = 86_400_000;
  const dayOf = (text) => {
    const [year, month, day] = text.slice(0, 10).split("-").map(Number);
    return new Date(year, month - 1, day);
  };
  const dayAfter = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1);
  const two = (number) => String(number).padStart(2, "0");
  const dayText = (ms) => {
    const date = new Date(ms);
    return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} 00:00:00`;
  };

  const dateCondition = ({ type, dateFrom, dateTo }) => {
    const from = dayOf(dateFrom);
    if (type === "lessThan") return `lessThan:${from.getTime()}`;
    if (type === "greaterThan") return `greaterThanOrEqual:${dayAfter(from).getTime()}`;
    const last = type === "inRange" ? dayOf(dateTo) : from;
    return `inRange:${from.getTime()}:${dayAfter(last).getTime()}`;
  };
  B.toCondition = (column, model) => {
    if (model.type === "blank" || model.type === "notBlank") return model.type;
    if (column.filter === "text") return `${model.type}:${model.filter}`;
    if (column.filter === "date") return dateCondition(model);
    const numbers = [model.filter, ...(model.type === "inRange" ? [model.filterTo] : [])];
    return [model.type, ...numbers.map((number) => plain(number / column.scale))].join(":");
  };
  const dateModel = (type, numbers) => {
    const [from, to] = numbers;
    const model = { filterType: "date", dateFrom: dayText(from), dateTo: null };
    if (type === "lessThan") return { ...model, type };
    if (type === "greaterThanOrEqual") return { ...model, type: "greaterThan", dateFrom: dayText(from - 1) };
    const oneDay = to - from <= DAY_MS && dayText(from) === dayText(to - 1);
    return oneDay ? { ...model, type: "equals" } : { ...model, type: "inRange", dateTo: dayText(to - 1) };
  };
  B.toModel = (column, condition) => {
    const [type, ...rest] = condition.split(":");
    const filterType = column.filter;
    if (type === "blank" || type === "notBlank") return { filterType, type };
    if (filterType === "text") return { filterType, type, filter: rest.join(":") };
    if (filterType === "date") return dateModel(type, rest.map(Number));
    const [filter, filterTo] = rest.map((text) => Number((Number(text) * column.scale).toPrecision(12)));
    return { filterType, type, filter, ...(filterTo === undefined ? {} : { filterTo }) };
  };

  const SIGNS = { equals: "=", notEqual: "≠", lessThan: "<", lessThanOrEqual: "≤", greaterThan: ">", greaterThanOrEqual: "≥" };
  const WORDS = {
    contains: "contains",
    notContains: "without",
    equals: "is",
    notEqual: "is not",
    startsWith: "begins with",
    endsWith: "ends with",
  };
  const isMidnight = (ms) => new Date(ms).getHours() === 0 && new Date(ms).getMinutes() === 0;
  const MINUTES_MATTER_BELOW_MS = 4 * DAY_MS;
  const dateWords = (type, [from, to]) => {
    const long = to - from > MINUTES_MATTER_BELOW_MS;
    const exact = !long && (!isMidnight(from) || (to !== undefined && !isMidnight(to)));
    const said = (ms) => (exact ? R.moment : R.day)(ms);
    if (type === "lessThan") return `before ${said(from)}`;
    if (type !== "inRange") return `from ${said(from)}`;
    const last = exact ? to : to - 1;
    return said(from) === said(last) ? said(from) : `${said(from)} – ${said(last)}`;
  };
  const shown = (column, text) =>
    String(Number((Number(text) * column.scale).toFixed(column.scale === 1 ? 3 : 1))).replace("-", "−");
  B.conditionWords = (column, condition) => {
    const [type, ...rest] = condition.split(":");
    const label = column.label.split(",")[0];
    if (type === "blank" || type === "notBlank") return `${label} ${type === "blank" ? "is empty" : "is not empty"}`;
    if (TEXT.includes(type) && column.filter === "text") return `${label} ${WORDS[type]} “${rest.join(":")}”`;
    if (column.filter === "date") return `${label} ${dateWords(type, rest.map(Number))}`;
    const numbers = rest.map((text) => shown(column, text));
    const unit = column.unit ? ` ${column.unit}` : "";
    return type === "inRange" ? `${label} ${numbers.join(" to ")}${unit}` : `${label} ${SIGNS[type] ?? type} ${numbers[0]}${unit}`;
  };
})(window.regionscope);
