// How a cell is drawn. Elements, never HTML text: what people typed stays text.
((R) => {
  const B = R.browse;
  const el = (tag, className, ...children) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  };
  B.el = el;

  const MINUS = "−";
  const percent = (share) => (share * 100).toFixed(1);
  const points = (difference) => {
    const text = Math.abs(difference * 100).toFixed(1);
    if (text === "0.0") return { text, kind: "same", arrow: "" };
    return difference < 0
      ? { text: MINUS + text, kind: "down", arrow: "▼" }
      : { text: `+${text}`, kind: "up", arrow: "▲" };
  };
  const two = (number) => String(number).padStart(2, "0");
  const time = (ms) => {
    const at = new Date(ms);
    const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-");
    return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
  };
  const seconds = (ms) => {
    const tenths = Math.round(ms / 100);
    if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
    const whole = Math.round(ms / 1000);
    const minutes = Math.floor(whole / 60);
    if (minutes < 60) return `${minutes} min ${whole % 60} s`;
    return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  };
  const made = (row) => row.made_ms ?? row.started_ms;
  B.rowTitle = (row) => row.session || row.picture;
  B.rowAddress = (row) => (row.session_id ? `/sessions/${row.session_id}?edit=${row.id}` : `/sessions/${row.id}`);
  B.rowSays = (row) => `${B.rowTitle(row)}, ${time(made(row))}`;

  const empty = () => el("span", "quiet", "–");
  const text = (value) => (value ? el("span", "cell-text", value) : empty());
  const answer = (name, share) => {
    if (!name) return empty();
    const number = share === null || share === undefined ? null : el("span", "quiet number", percent(share));
    return el("span", "answer", el("span", "cell-text", name), number);
  };
  const thumbnail = (row) => {
    const image = el("img");
    image.loading = "lazy";
    image.decoding = "async";
    image.alt = "";
    image.width = 52;
    image.height = 36;
    image.addEventListener("error", () => image.classList.add("is-missing"));
    image.src = `/media/thumbnails/${row.blob}.png`;
    return image;
  };
  const name = (row) => {
    const link = el("a", "row-link", B.rowTitle(row));
    link.href = B.rowAddress(row);
    link.title = B.rowTitle(row);
    // The table has one stop for the Tab key; Enter on a row opens it.
    link.tabIndex = -1;
    return row.session ? link : el("span", "", link);
  };
  const change = (row) => {
    if (row.change === null) return empty();
    const { text: number, kind, arrow } = points(row.change);
    const mark = el("span", "arrow", arrow);
    mark.setAttribute("aria-hidden", "true");
    return el("span", `change ${kind}`, mark, number);
  };
  const outcome = (row) =>
    el("span", "outcome", el("span", "was", row.before ?? "–"), el("strong", "", row.after ? `→ ${row.after}` : "–"));
  const after = (row) => {
    const cell = answer(row.after, row.top_after);
    if (row.after) cell.prepend(el("span", "quiet", "→ "));
    if (row.flipped) cell.classList.add("is-flipped");
    return cell;
  };
  const when = (row) => {
    const cell = el("time", "", time(made(row)));
    cell.dateTime = new Date(made(row)).toISOString();
    cell.title = `${cell.dateTime.slice(0, 19).replace("T", " ")} UTC`;
    return cell;
  };
  const tags = (row) => el("span", "tag-list", ...row.tags.map((tag) => el("span", "tag", tag)));

  const picture = (row) => {
    const link = el("a", "cell-text", row.picture);
    link.href = `/images/${row.picture_id}`;
    link.title = `${row.picture}: what people marked in it`;
    link.tabIndex = -1;
    return link;
  };

  const CELLS = {
    thumbnail,
    picture,
    name,
    outcome,
    before: (row) => answer(row.before, row.top_before),
    after,
    change,
    flag: (row) => (row.flipped === null ? empty() : row.flipped ? el("span", "flag", "flipped") : el("span", "quiet", "same")),
    share: (row, key) => (row[key] === null ? empty() : el("span", "", percent(row[key]))),
    count: (row, key) => el("span", row[key] ? "" : "quiet", row[key].toLocaleString("en")),
    ratio: (row, key) => (row[key] === null ? empty() : el("span", "", row[key].toFixed(2))),
    method: (row) => text(B.setup.methods[row.method] ?? row.method),
    text: (row, key) => text(row[key]),
    time: when,
    duration: (row) => (row.duration_ms === null ? empty() : el("span", "", seconds(row.duration_ms))),
    tags,
  };
  const NUMBERS = ["change", "share", "count", "ratio", "duration"];
  B.isNumber = (column) => NUMBERS.includes(column.kind);
  B.draw = (column) => (params) => (params.data ? CELLS[column.kind](params.data, column.name) : el("span", "skeleton-cell"));
})(window.regionscope);
