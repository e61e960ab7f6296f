// Asking the server: JSON goes and comes, and whatever goes wrong is an error with a sentence for the person.
window.regionscope = window.regionscope ?? {};
((R) => {
  // `status` is the server's, 0 where it does not answer.
  R.Refused = class extends Error {
    constructor(sentence, status) {
      super(sentence);
      this.status = status;
    }
  };

  const LONGEST_WAIT_MS = 120_000;
  const asked = async (path, about, signal, longestMs = LONGEST_WAIT_MS) => {
    let response;
    const signals = [AbortSignal.timeout(longestMs), ...(signal ? [signal] : [])];
    try {
      response = await fetch(path, { ...about, signal: AbortSignal.any(signals) });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new R.Refused("The server does not answer.", 0);
    }
    if (response.ok) return response;
    const answer = await response.json().catch(() => ({}));
    throw new R.Refused(answer.error ?? `The server refused (${response.status}).`, response.status);
  };

  // A change carries its own id, so sending it again is always safe.
  R.post = (path, body, signal, method = "POST") =>
    asked(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }, signal);

  R.read = async (path, { signal, longestMs } = {}) => {
    const response = await asked(path, { cache: "no-store" }, signal, longestMs);
    return response.json().catch((error) => {
      if (signal?.aborted) throw error;
      throw new R.Refused("The server's answer broke off.", 0);
    });
  };
})(window.regionscope);
