// A line per run over an axis per setting; what is dragged out on axes says which runs are kept.
(() => {
  const { axes, colours, seeds } = JSON.parse(document.getElementById("data").textContent);
  const svg = document.getElementById("runs");
  const [LEFT, TOP, HEIGHT, RIGHT, GRIP, NEAR] = [60, 90, 420, 110, 28, 14]; // pixels
  const room = svg.parentElement.clientWidth - LEFT - RIGHT;
  const ACROSS = Math.max(70, Math.min(130, Math.floor(room / (axes.length - 1)))); // per axis
  const order = axes.map((_, axis) => axis); // from left to right
  const brushes = new Map(); // of an axis: the places between which runs are kept

  const make = (parent, name, attributes, text) => {
    const element = document.createElementNS(svg.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    return parent.appendChild(element);
  };
  const left = (axis) => LEFT + ACROSS * order.indexOf(axis);
  const down = (place) => TOP + HEIGHT * (1 - place);
  const point = (event) => {
    const box = svg.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const up = (event) => Math.min(1, Math.max(0, 1 - (point(event)[1] - TOP) / HEIGHT));

  const losses = axes.at(-1).places;
  const lines = []; // of each run; the best are drawn last, over the others
  for (const run of colours.map((_, each) => each).sort((one, other) => losses[other] - losses[one]))
    lines[run] = make(svg, "path", { class: "line", stroke: colours[run] });
  const groups = axes.map(({ name, ticks }) => {
    const group = make(svg, "g", {});
    make(group, "line", { class: "rod", y1: down(1), y2: down(0) });
    for (const [place, text] of ticks) {
      make(group, "line", { class: "rod", x1: -5, y1: down(place), y2: down(place) });
      make(group, "text", { x: -8, y: down(place) + 4, "text-anchor": "end" }, text);
    }
    make(group, "rect", { class: "brush", x: -9, width: 18, height: 0 });
    make(group, "rect", { class: "grip", x: -GRIP / 2, y: TOP - 8, width: GRIP, height: HEIGHT + 16 });
    make(group, "text", { class: "name", transform: `translate(-4 ${TOP - 18}) rotate(-25)` }, name);
    return group;
  });
  svg.setAttribute("width", LEFT + ACROSS * (axes.length - 1) + RIGHT);
  svg.setAttribute("height", TOP + HEIGHT + 30);

  const place = () => {
    groups.forEach((group, axis) => group.setAttribute("transform", `translate(${left(axis)} 0)`));
    lines.forEach((line, run) => line.setAttribute("d", order.map((axis, number) =>
      `${number ? "L" : "M"}${left(axis)} ${down(axes[axis].places[run]).toFixed(1)}`).join("")));
  };
  const kept = (run) => [...brushes].every(([axis, [low, high]]) =>
    axes[axis].places[run] >= low && axes[axis].places[run] <= high);
  const sift = () => {
    groups.forEach((group, axis) => {
      const [low, high] = brushes.get(axis) ?? [0, 0];
      const brush = group.querySelector(".brush");
      brush.setAttribute("y", down(high));
      brush.setAttribute("height", HEIGHT * (high - low));
      brush.style.display = brushes.has(axis) ? "" : "none";
    });
    lines.forEach((line, run) => line.classList.toggle("out", !kept(run)));
    const count = lines.filter((_, run) => kept(run)).length;
    document.getElementById("kept").textContent = `${count} of ${lines.length} runs kept`;
  };

  // which line is under the pointer: between two axes it is straight
  const nearest = (x, y) => {
    const number = Math.min(order.length - 2, Math.max(0, Math.floor((x - LEFT) / ACROSS)));
    const share = Math.min(1, Math.max(0, (x - LEFT) / ACROSS - number));
    const [from, to] = [axes[order[number]].places, axes[order[number + 1]].places];
    const away = (run) => Math.abs(down(from[run] + share * (to[run] - from[run])) - y);
    const runs = lines.map((_, run) => run).filter((run) => kept(run) && away(run) < NEAR);
    return runs.sort((one, other) => away(one) - away(other))[0];
  };
  const read = (run) => {
    lines.forEach((line, each) => line.classList.toggle("read", each === run));
    const told = axes.map(({ name, texts }) => `${name} ${texts[run]}`);
    document.getElementById("read").textContent =
      run === undefined ? "" : `${told.join(", ")} (seed ${seeds[run]})`;
  };

  const drag = (element, move) => element.addEventListener("pointerdown", (start) => {
    start.preventDefault();
    element.setPointerCapture(start.pointerId);
    const on = (event) => move(start, event);
    const off = () => {
      element.removeEventListener("pointermove", on);
      element.removeEventListener("pointerup", off);
      element.removeEventListener("pointercancel", off);
    };
    element.addEventListener("pointermove", on);
    element.addEventListener("pointerup", off);
    element.addEventListener("pointercancel", off);
    on(start);
  });
  groups.forEach((group, axis) => {
    drag(group.querySelector(".grip"), (start, event) => {
      const ends = [up(start), up(event)].sort((one, other) => one - other);
      if (HEIGHT * (ends[1] - ends[0]) < 4) brushes.delete(axis);
      else brushes.set(axis, ends);
      sift();
    });
    drag(group.querySelector(".name"), (_, event) => {
      const number = Math.round((point(event)[0] - LEFT) / ACROSS);
      const slot = Math.min(order.length - 1, Math.max(0, number));
      order.splice(order.indexOf(axis), 1);
      order.splice(slot, 0, axis);
      place();
    });
  });
  svg.addEventListener("pointermove", (event) => { if (!event.buttons) read(nearest(...point(event))); });
  svg.addEventListener("pointerleave", () => read());
  place();
  sift();
})();
