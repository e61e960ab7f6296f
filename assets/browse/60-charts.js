// The charts: asked for after the rows, old ones dimmed meanwhile, and what is brushed or clicked becomes a filter.
((R) => {
  const B = R.browse;
  const E = (window.dash_clientside.browse = window.dash_clientside.browse ?? {});
  let asked = 0;

  B.askCharts = (query) => {
    asked += 1;
    R.byId("glance").classList.add("is-computing");
    R.set("browse-asked", { data: { query, number: asked } });
  };
  E.glanced = (shown) => {
    if (shown?.number !== asked) return;
    for (const [place, chart] of Object.entries(shown.charts ?? {})) {
      if (R.byId(chart.props.id)) R.set(chart.props.id, { figure: chart.props.figure });
      else R.set(place, { children: chart });
    }
    R.byId("glance").classList.remove("is-computing");
    R.byId("glance").classList.add("is-drawn");
  };

  const range = (moved, axis) => {
    const ends = [moved?.[`${axis}.range[0]`], moved?.[`${axis}.range[1]`]];
    return ends.some((end) => end === undefined) ? null : ends;
  };
  // To a tenth of a per cent or point, outwards.
  const STEP = 1000;
  const within = (low, high) => `inRange:${Math.floor(low * STEP) / STEP}:${Math.ceil(high * STEP) / STEP}`;
  // Plotly writes times without a zone; they are UTC, as the bars are.
  const unix = (text) =>
    typeof text === "number" ? text : Date.parse(`${text.replace(" ", "T")}${text.includes(":") ? "" : "T00:00"}Z`);

  // The bars count edits: a session may have begun long before the edits that one of them holds.
  const filterTime = (from, to) => {
    const fromSessions = B.state.view === "sessions";
    B.change((state) => {
      if (fromSessions) B.toView(state, "edits");
      state.conditions.made = `inRange:${Math.floor(from)}:${Math.ceil(to)}`;
    });
    if (fromSessions) R.note("The bars are edits over time: here are those of this stretch.");
  };
  E.brushTime = (moved) => {
    const ends = range(moved, "xaxis");
    if (ends && B.state) filterTime(unix(ends[0]), unix(ends[1]));
  };
  E.clickTime = (clicked) => {
    const bar = clicked?.points?.[0];
    if (!bar || !B.state) return;
    const half = R.byId("time-chart").querySelector(".js-plotly-plot").data[0].width / 0.92 / 2;
    const middle = unix(bar.x);
    // The same bar may be clicked again later; Dash keeps quiet about what it holds already.
    R.set("time-chart", { clickData: null });
    filterTime(middle - half, middle + half);
  };
  // Mask area and change are an edit's: a session is none of the points.
  E.brushArea = (moved) => {
    const areas = range(moved, "xaxis");
    const changes = range(moved, "yaxis");
    if ((!areas && !changes) || !B.state) return;
    const fromSessions = B.state.view === "sessions";
    const brush = (state) => {
      if (areas) state.conditions.mask_area = within(Math.max(0, areas[0] / 100), areas[1] / 100);
      if (changes) state.conditions.change = within(changes[0] / 100, changes[1] / 100);
    };
    if (!fromSessions) {
      B.change(brush);
      return;
    }
    B.change((state) => {
      B.toView(state, "edits");
      brush(state);
    });
    R.note("Mask area and change are those of edits: here they are.");
  };

  document.addEventListener("click", (event) => {
    const bar = event.target.closest("#class-bars button");
    if (bar && B.state) B.change((state) => (state.lists.class = [bar.dataset.className]));
    const toggle = event.target.closest("#charts-toggle");
    if (!toggle) return;
    const open = R.byId("glance").classList.toggle("is-open");
    toggle.setAttribute("aria-expanded", String(open));
    if (open) window.dispatchEvent(new Event("resize"));
  });
})(window.regionscope);
