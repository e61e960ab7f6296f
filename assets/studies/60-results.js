// The results: what is known at once, then what is worked out in steps.
((R) => {
  const asking = R.asking("results-ask", "results-progress");
  window.dash_clientside.results = {
    ask: (unfinished, slug) => asking.ask({ slug, unfinished: Boolean(unfinished) }),
    shown: (state) => {
      asking.answered(state);
    },
  };
})(window.regionscope);
