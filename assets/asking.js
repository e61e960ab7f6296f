// A callback of the server that works in steps: one question at a time, asked again until its work is done.
window.regionscope = window.regionscope ?? {};
window.dash_clientside = window.dash_clientside ?? {};
((R) => {
  const LOST_AFTER_MS = 20_000;

  // What is painted anew at every step may go between press and release, and gets no click then: the press counts. What
  // comes to lie under the finger by it is not pressed, too.
  const SAME_PRESS_MS = 1000;
  let pressedAt = -SAME_PRESS_MS;
  R.onPress = (selector, act) => {
    document.addEventListener("pointerdown", ({ target, button }) => {
      if (button !== 0 || !target.closest?.(selector)) return;
      pressedAt = performance.now();
      act();
    });
    document.addEventListener("click", ({ target }) => {
      if (target.closest?.(selector) && performance.now() - pressedAt > SAME_PRESS_MS) act();
    });
  };

  // `store` is what the callback listens to, `place` the element that it fills. While a question is under way only the
  // newest further one is kept. ``lostAfterMs``: no answer takes as long.
  R.asking = (store, place, lostAfterMs = LOST_AFTER_MS) => {
    let token = 0;
    let wanted = null;
    let sent = null;
    let stopped = false;

    const stop = (on) => {
      stopped = on;
      document.getElementById(place)?.toggleAttribute("data-stopped", on);
    };
    // What is there answers another question until this one is.
    const wait = (on) => document.getElementById(place)?.setAttribute("aria-busy", String(on));
    const send = () => {
      token += 1;
      const mine = token;
      sent = wanted;
      window.dash_clientside.set_props(store, { data: { ...wanted, token } });
      // An answer can be lost on the way. What was done is kept, so to ask again does nothing twice.
      setTimeout(() => sent && mine === token && !stopped && send(), lostAfterMs);
    };
    const ask = (question, { atOnce = false } = {}) => {
      stop(false);
      wanted = question;
      wait(true);
      if (atOnce || !sent) send();
    };
    const goOn = () => {
      sent = null;
      if (wanted) ask(wanted);
    };
    R.onPress(`#${place} [data-stop-work]`, () => wanted && stop(true));
    R.onPress(`#${place} [data-go-on]`, goOn);
    return {
      ask,
      // Which question an answer is to, null for one that was overtaken; goes on where something is left to ask.
      answered: (state) => {
        if (!sent || state?.token !== token) return null;
        const question = sent;
        sent = null;
        if (wanted === question) wait(false);
        if (!stopped && (wanted !== question || state.pending)) send();
        return question;
      },
    };
  };
})(window.regionscope);
