// A drawing in its own time: what of it stands on the picture after so many milliseconds.
((R) => {
  const P = R.replay;
  const SVG = "http://www.w3.org/2000/svg";
  const UNTIMED_MS = 600;
  const BETWEEN_MS = 180;

  const vertices = (path) =>
    path
      .replace(/[MZ]/g, "")
      .split("L")
      .map((text) => text.trim().split(/[\s,]+/).map(Number));

  // Rows [t, x, y] beginning at 0; what has no times is drawn at one pace.
  const timed = (shape) => {
    const points = shape.points ?? [];
    const length = points.length ? points[points.length - 1][0] - points[0][0] : 0;
    if (length > 0) return points.map(([t, x, y]) => [t - points[0][0], x, y]);
    return evenly(shape.path ? vertices(shape.path) : [[shape.x0, shape.y0], [shape.x1, shape.y1]]);
  };
  const evenly = (corners) => {
    const far = [0];
    for (let i = 1; i < corners.length; i += 1) {
      far.push(far[i - 1] + Math.hypot(corners[i][0] - corners[i - 1][0], corners[i][1] - corners[i - 1][1]));
    }
    const whole = far[far.length - 1] || 1;
    const rows = corners.map(([x, y], index) => [(far[index] / whole) * UNTIMED_MS, x, y]);
    return rows.length > 1 ? rows : [...rows, [UNTIMED_MS, ...corners[0]]];
  };

  // The track up to the time t, its last point between two recorded ones.
  const until = (track, t) => {
    let count = track.findIndex((row) => row[0] > t);
    if (count < 0) return track.map(([, x, y]) => [x, y]);
    count = Math.max(1, count);
    const done = track.slice(0, count).map(([, x, y]) => [x, y]);
    const [before, after] = [track[count - 1], track[count]];
    const share = Math.max(0, Math.min(1, (t - before[0]) / (after[0] - before[0] || 1)));
    done.push([before[1] + share * (after[1] - before[1]), before[2] + share * (after[2] - before[2])]);
    return done;
  };
  const line = (points) => {
    const all = points.length > 1 ? points : [points[0], points[0]];
    return all.map(([x, y], index) => `${index ? "L" : "M"}${x} ${y}`).join("");
  };
  const set = (element, values) => {
    for (const [name, value] of Object.entries(values)) element.setAttribute(name, value);
  };

  // How far the pointer has come on its way, along each axis, for shapes that are pulled open.
  const opened = (track, t) => {
    const points = until(track, t);
    const [first, last, now] = [track[0], track[track.length - 1], points[points.length - 1]];
    const along = (index) => {
      const whole = last[index + 1] - first[index + 1];
      return Math.abs(whole) < 0.5 ? 1 : (now[index] - first[index + 1]) / whole;
    };
    return [along(0), along(1)];
  };

  const TOOLS = {
    brush: {
      tag: "path",
      begin: (shape) => ({
        class: "line",
        "stroke-width": shape.width_image_px,
      }),
      draw: (shape, track, t) => ({ d: line(until(track, t)) }),
      end: (shape) => ({ d: line(vertices(shape.path)) }),
    },
    lasso: {
      tag: "path",
      begin: () => ({ class: "area" }),
      draw: (shape, track, t) => ({ d: line(until(track, t)) }),
      end: (shape) => ({ d: shape.path }),
    },
    rectangle: {
      tag: "rect",
      begin: () => ({ class: "area" }),
      draw: ({ x0, y0, x1, y1 }, track, t) => {
        const [sx, sy] = opened(track, t);
        const [x, y] = [x0 + (x1 - x0) * sx, y0 + (y1 - y0) * sy];
        return { x: Math.min(x0, x), y: Math.min(y0, y), width: Math.abs(x - x0), height: Math.abs(y - y0) };
      },
      end: ({ x0, y0, x1, y1 }) => ({
        x: Math.min(x0, x1),
        y: Math.min(y0, y1),
        width: Math.abs(x1 - x0),
        height: Math.abs(y1 - y0),
      }),
    },
    ellipse: {
      tag: "ellipse",
      begin: () => ({ class: "area" }),
      // It grows from its centre, where the pointer went down.
      draw: (shape, track, t) => {
        const [sx, sy] = opened(track, t).map(Math.abs);
        const whole = TOOLS.ellipse.end(shape);
        return { ...whole, rx: whole.rx * sx, ry: whole.ry * sy };
      },
      end: ({ x0, y0, x1, y1 }) => ({
        cx: (x0 + x1) / 2,
        cy: (y0 + y1) / 2,
        rx: Math.abs(x1 - x0) / 2,
        ry: Math.abs(y1 - y0) / 2,
      }),
    },
  };

  const part = (shape, start) => {
    const tool = TOOLS[shape.tool];
    const track = timed(shape);
    return { shape, tool, track, start, end: start + track[track.length - 1][0], element: null };
  };

  // {duration, draw(t)} on ``svg``; null where no shape is known (a mask was given).
  P.drawing = (shapes, svg) => {
    const parts = [];
    for (const shape of shapes.filter((one) => TOOLS[one.tool])) {
      parts.push(part(shape, parts.length ? parts[parts.length - 1].end + BETWEEN_MS : 0));
    }
    if (!parts.length) return null;
    const group = document.createElementNS(SVG, "g");
    svg.replaceChildren(group);
    const draw = (t) => {
      for (const one of parts.filter(({ start }) => t >= start)) {
        if (!one.element) {
          one.element = document.createElementNS(SVG, one.tool.tag);
          set(one.element, one.tool.begin(one.shape));
          one.element.classList.add(one.shape.mode);
          group.append(one.element);
        }
        set(one.element, t >= one.end ? one.tool.end(one.shape) : one.tool.draw(one.shape, one.track, t - one.start));
      }
    };
    return { duration: parts[parts.length - 1].end, draw };
  };
})(window.regionscope);
