// The results: what is known at once, then what is worked out in steps.
((R) => {
  // The first answer reads and reckons all of it, which takes its time for thousands of participants.
  const asking = R.asking("results-ask", "results-progress", 60_000);
  window.dash_clientside.results = {
    ask: (unfinished, slug) => {
      asking.ask({ slug, unfinished: Boolean(unfinished) });
      return window.dash_clientside.no_update;
    },
    shown: (state) => {
      asking.answered(state);
    },
  };
})(window.regionscope);
