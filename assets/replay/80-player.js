// Playing: one clock that can be stopped and sped up, and the acts of a step one after another on it.
((R) => {
  const P = R.replay;
  const { screen } = P;
  const SPEEDS = [0.5, 1, 2, 4, 8];
  const EVEN_PAUSE_MS = 800;
  const BACK_MS = 900;
  const FADE_MS = 450;
  const REGION_MS = 350;
  const ANSWERS_MS = 400;
  const STILL_MS = 900;
  const SAID_FROM_MS = 1500;
  const state = { playing: false, speed: 1, pauses: "even", task: null, film: 0 };

  // A task of the clock: ``draw`` gets the ms gone by; its promise says whether it came to its end.
  const run = (duration, draw = () => null) =>
    new Promise((resolve) => {
      state.task = { gone: 0, duration, draw, resolve };
      draw(0);
    });
  const end = (whole) => {
    const { task } = state;
    state.task = null;
    task?.resolve(whole);
  };
  let before = null;
  const tick = (now) => {
    const { task } = state;
    if (!state.playing) {
      before = null;
      return;
    }
    if (task && before !== null) {
      task.gone = Math.min(task.duration, task.gone + (now - before) * state.speed);
      task.draw(task.gone);
      if (task.gone >= task.duration) end(true);
    }
    before = now;
    requestAnimationFrame(tick);
  };

  const say = (text) => {
    const place = P.byId("replay-status");
    if (place.textContent !== text) place.textContent = text;
  };
  const showPlaying = () => {
    P.byId("replay").dataset.playing = state.playing;
    const button = P.byId("play");
    button.setAttribute("aria-label", state.playing ? "Pause" : "Play");
    button.title = `${state.playing ? "Pause" : "Play"} (Space)`;
    button.firstElementChild.style.setProperty("--icon", `url(/vendor/icons/${state.playing ? "pause" : "play"}-fill.svg)`);
  };

  // The acts of the step at ``position``. Each returns false where the person went elsewhere meanwhile.
  const pause = async (position) => {
    const real = P.step(P.number(position)).pause_ms;
    if (state.pauses === "even" || position === 1) return run(EVEN_PAUSE_MS);
    const rest = Math.max(0, real - FADE_MS - REGION_MS - ANSWERS_MS);
    const long = rest > SAID_FROM_MS;
    P.byId("skip-pause").hidden = !long;
    const whole = await run(rest, (gone) => {
      if (long) say(`Pause of ${P.span(real)}, as it was; ${P.span(Math.ceil((rest - gone) / 1000) * 1000)} left`);
    });
    P.byId("skip-pause").hidden = true;
    return whole;
  };
  const goBack = async ({ parent, goes_back: back }) => {
    if (!back) return true;
    const text = `Back to ${P.name(parent)}`;
    say(text);
    screen.clear();
    screen.put(P.image(parent));
    screen.say(text);
    P.showAnswers(parent);
    const whole = await run(BACK_MS);
    screen.say(null);
    return whole;
  };
  const draw = async (number, shapes) => {
    screen.region(0);
    const drawing = P.still() ? null : P.drawing(shapes, screen.strokes);
    say(P.isRegion(number) ? `A region is ${P.step(number).method}` : `Step ${number}: the region is drawn`);
    if (drawing && !(await run(drawing.duration, drawing.draw))) return false;
    // From here on the mask's own pixels stand for the drawing.
    screen.mask.src = P.mask(number);
    if (P.still()) return run(STILL_MS, () => screen.region(1));
    const shown = await run(REGION_MS, (gone) => screen.region(drawing ? 1 : gone / REGION_MS));
    screen.strokes.replaceChildren();
    return shown;
  };
  const fill = async (number) => {
    if (P.isRegion(number)) return run(STILL_MS);
    say(`Step ${number}: ${P.step(number).method}`);
    if (P.still()) {
      screen.clear();
      screen.put(P.image(number));
      return true;
    }
    const fade = screen.fading(P.image(number));
    return run(FADE_MS, (gone) => {
      fade(gone / FADE_MS);
      screen.region(1 - gone / FADE_MS);
    });
  };

  const perform = async (position) => {
    const still = state.film;
    const stop = P.stop(position);
    const number = stop.number;
    const [edit] = await Promise.all([
      P.details(P.id(number)),
      ...[P.image(stop.parent), P.image(number), P.mask(number)].map(P.picture),
    ]);
    if (still !== state.film) return false;
    const acts = [
      () => pause(position),
      () => goBack(stop),
      () => draw(number, edit.shapes),
      () => fill(number),
      async () => {
        P.arrive(position);
        P.prepare(position + 1);
        return run(ANSWERS_MS);
      },
    ];
    for (const act of acts) if (!(await act()) || still !== state.film) return false;
    return true;
  };

  // Plays on from the present place, or only the one step that leads to ``only``.
  const roll = async (only = null) => {
    const film = (state.film += 1);
    const mine = () => film === state.film;
    P.performing = true;
    try {
      for (let at = only ?? P.position + 1; at <= P.last() && mine(); at += 1) {
        if (!(await perform(at)) || only !== null) break;
      }
      if (mine()) finish();
    } catch (error) {
      if (!mine()) return;
      finish();
      screen.show(P.number(P.position));
      say("");
      R.note(`${error.message} Press play to go on once it does.`);
    }
  };
  const finish = () => {
    state.playing = false;
    P.performing = false;
    say(P.position === P.last() ? "The end" : "");
    showPlaying();
    if (P.regionShown) screen.show(P.number(P.position));
  };

  P.play = () => {
    if (state.playing || !P.last()) return;
    state.playing = true;
    showPlaying();
    requestAnimationFrame(tick);
    if (P.performing) return; // it was only stopped
    if (P.position >= P.last()) P.arrive(0);
    roll();
  };
  P.pause = () => {
    if (!state.playing) return;
    state.playing = false;
    showPlaying();
  };
  P.toggle = () => (state.playing ? P.pause() : P.play());
  P.skipPause = () => !P.byId("skip-pause").hidden && end(true);

  // Goes to a place at once; what was being played is dropped, playing itself goes on from there.
  const drop = () => {
    state.film += 1;
    P.performing = false;
    end(false);
    P.byId("skip-pause").hidden = true;
    say("");
  };
  P.jump = (position) => {
    if (!P.film) return;
    const place = Math.max(0, Math.min(P.last(), Math.round(position)));
    drop();
    P.arrive(place);
    if (!state.playing) return;
    if (place === P.last()) finish();
    else roll();
  };
  P.drawAgain = () => {
    const { position } = P;
    if (!position) return;
    drop();
    const parent = P.stop(position).parent;
    screen.clear();
    screen.put(P.image(parent));
    P.showAnswers(parent);
    state.playing = true;
    showPlaying();
    requestAnimationFrame(tick);
    roll(position);
  };
  P.onShow((number, position) => {
    if (!P.performing) screen.show(number);
    else P.byId("screen").dataset.shown = P.id(number);
    P.followAddress();
    const field = P.byId("scrubber");
    if (!field) return;
    field.value = position;
    field.setAttribute("aria-valuetext", spoken(number, position));
    field.style.setProperty("--done", position / Math.max(1, P.last()));
    for (const [id, off] of [["step-first", !position], ["step-back", !position], ["draw-again", !position], ["step-forward", position === P.last()], ["step-last", position === P.last()]]) {
      P.byId(id).disabled = off;
    }
  });
  const spoken = (number, position) => {
    const answer = P.answer(number);
    const says = answer ? `: ${answer.label} ${P.percent(answer.probability)} %` : "";
    return `${P.called(number)}, ${position} of ${P.last()}${says}`;
  };

  // The scrubber: a slider, and under it a tick an edit; taller ones where a branch begins.
  const SVG = "http://www.w3.org/2000/svg";
  const marks = (name, positions, top, bottom) => {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", name);
    path.setAttribute("d", positions.map((x) => `M${x} ${top}V${bottom}`).join(""));
    return path;
  };
  P.onOpen(({ stops }) => {
    const field = P.make("input", { id: "scrubber", type: "range", min: 0, max: stops.length, step: 1, aria: { label: "Step" } });
    field.value = P.position;
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `0 0 ${Math.max(1, stops.length)} 10`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    const all = stops.map((_, index) => index + 1);
    svg.append(
      marks("tick", [0, ...all], 0, 6),
      marks("tick back", all.filter((at) => stops[at - 1].goes_back), 0, 10),
      marks("tick flipped", all.filter((at) => P.step(stops[at - 1].number).flipped), 7, 10),
    );
    P.byId("scrubber-place").replaceChildren(field, svg);
    field.addEventListener("input", () => P.jump(Number(field.value)));
  });

  P.setSpeed = (speed) => {
    state.speed = speed;
    P.byId("speed").value = String(speed);
    P.byId("replay").style.setProperty("--speed", speed);
  };
  P.faster = (by) => P.setSpeed(SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, SPEEDS.indexOf(state.speed) + by))]);
  P.setPauses = (pauses) => {
    state.pauses = pauses;
    // A pause that is under way is one of the other kind.
    P.skipPause();
  };
})(window.regionscope);
