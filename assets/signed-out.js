// Whoever was signed out meanwhile is led to the sign-in page; what is not saved yet waits in this browser.
(() => {
  const ask = window.fetch;
  window.fetch = async (...asked) => {
    const response = await ask(...asked);
    if (response.status !== 401 || new URL(response.url).origin !== location.origin) return response;
    location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
    // Never answered, or a step would be given up as refused for good.
    return new Promise(() => {});
  };
})();
