// One digit through the network: repainted in place, explored by pointer and keyboard.

function buildFlow(root) {
  const scroller = make("div", { className: "scroller" }, root);
  const canvas = make("canvas", { tabIndex: 0, role: "group" }, scroller);
  const spoken = make("div", { className: "spoken", role: "status" }, root);
  const view = {
    root, scroller, canvas, spoken, tip: makeTip(root), message: null, layout: null, theme: null, ratio: 1,
    hover: null, pointer: null, active: { layer: 0, unit: 0 }, focused: false, picked: null, pointed: null,
  };
  view.end = watchSize(root, () => view.message && arrange(view));
  canvas.addEventListener("pointermove", (event) => aim(view, event));
  canvas.addEventListener("pointerleave", () => aim(view, null));
  scroller.addEventListener("scroll", () => aim(view, null));
  canvas.addEventListener("click", (event) => {
    aim(view, event);
    if (view.hover && view.hover.layer >= 0) pick(view, view.hover.layer, view.hover.unit);
  });
  canvas.addEventListener("keydown", (event) => press(view, event));
  for (const type of ["focus", "blur"]) {
    canvas.addEventListener(type, () => {
      view.focused = type === "focus" && canvas.matches(":focus-visible");
      view.message && paintFlow(view);
    });
  }
  return view;
}

function show(view, message) {
  view.message = message;
  view.picked = message.header.selected;
  view.theme = themeOf(view.root);
  const { header, arrays } = message;
  header.layers.forEach((layer, i) => (layer.shape = arrays[`layer${i}`].shape));
  const name = `From ${header.first} on: ${header.layers.map((layer) => layer.title).join(", ")}. ${answer(message)}`;
  view.root.setAttribute("role", "group");
  view.root.setAttribute("aria-label", name);
  view.canvas.setAttribute("aria-label", `${name} Arrow keys visit the units, Enter selects one.`);
  arrange(view);
  stamp(view.root, header);
}

function answer(message) {
  const layer = message.header.layers.findIndex(({ kind }) => kind === "outputs");
  if (layer < 0) return "";
  const { data, limit } = layerValues(message, layer);
  const winner = data.indexOf(Math.max(...data));
  const names = message.header.classNames;
  return `The answer: ${names ? names[winner] : winner}, ${((data[winner] / FULL_SCALE) * limit * 100).toFixed(0)} percent.`;
}

function arrange(view) {
  const { header, arrays } = view.message;
  const room = view.root.clientWidth;
  if (room < 1) return;
  view.ratio = window.devicePixelRatio || 1;
  const signature = JSON.stringify([room, view.ratio, arrays.input.shape, header.layers.map(({ kind, shape, title }) => [kind, shape, title])]);
  if (view.signature !== signature) {
    view.signature = signature;
    view.layout = flowLayout(arrays.input.shape[0], header.layers, room);
    view.active = { layer: 0, unit: 0 };
  }
  fitCanvas(view.canvas, view.layout.width, view.layout.height, view.ratio);
  if (view.pointer) point(view);
  paintFlow(view);
}

function aim(view, event) {
  if (!view.layout) return;
  const before = JSON.stringify(view.hover);
  const box = view.canvas.getBoundingClientRect();
  view.pointer = event && { x: event.clientX - box.left, y: event.clientY - box.top };
  point(view);
  if (JSON.stringify(view.hover) !== before) paintFlow(view);
  askForWays(view, view.hover);
}

// The strongest ways to what is pointed at come over the live line.
function askForWays(view, at) {
  const unit = at && at.layer >= 0 ? [at.layer, at.unit] : null;
  if (!view.message.header.pointable || String(unit) === String(view.pointed)) return;
  view.pointed = unit;
  tellLine({ point: unit });
}

function point(view) {
  const { pointer, layout, canvas, scroller, tip } = view;
  view.hover = pointer && flowHit(layout, pointer.x, pointer.y);
  canvas.style.cursor = view.hover && view.hover.layer >= 0 ? "pointer" : "default";
  if (!view.hover) return tip.hide();
  tip.show(pointer.x - scroller.scrollLeft, pointer.y, unitWords(view, view.hover));
}

// "conv 8 × 3×3 · map 3 · row 4, column 12 · 0.731"
function unitWords({ message }, { layer, unit, u = null, v = null }) {
  const { data, shape, limit } = layerValues(message, layer);
  const value = (at) => (data[at] === MISSING ? "no value" : written((data[at] / FULL_SCALE) * limit, layer >= 0 && message.header.layers[layer].signed));
  if (layer >= 0) {
    const { title, kind } = message.header.layers[layer];
    if (kind === "outputs") {
      const name = message.header.classNames?.[unit] ?? unit;
      return `${title} \u00b7 ${name} \u00b7 ${((data[unit] / FULL_SCALE) * limit * 100).toFixed(1)} %${unit === message.header.trueLabel ? " \u00b7 the true class" : ""}`;
    }
    const silent = isSilent(message, layer, unit) ? " \u00b7 silent" : "";
    if (kind === "neurons") return `${title} \u00b7 neuron ${unit + 1} \u00b7 ${value(unit)}${silent}`;
    if (u === null) return `${title} \u00b7 map ${unit + 1}${silent}`;
  }
  const [height, width] = shape.slice(-2);
  const [row, column] = [Math.floor(v * height), Math.floor(u * width)];
  const head = layer < 0 ? message.header.first : `${message.header.layers[layer].title} \u00b7 map ${unit + 1}`;
  return `${head} \u00b7 row ${row + 1}, column ${column + 1} \u00b7 ${value((unit * height + row) * width + column)}`;
}

function pick(view, layer, unit) {
  view.picked = [layer, unit];
  view.active = { layer, unit };
  paintFlow(view);
  view.send("pick", [layer, unit]);
}

function press(view, event) {
  const { layers } = view.message.header;
  if (!layers.length || event.altKey || event.ctrlKey || event.metaKey) return;
  let { layer, unit } = view.active;
  const moves = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  if (event.key in moves) {
    const [across, down] = moves[event.key];
    const { across: wide = 1 } = view.layout.columns[layer + 1];
    const last = layers[layer].shape[0] - 1;
    // Left and right walk along the rows of a layer's own grid, and over its edge on to the next layer.
    const place = (unit % wide) + across;
    if (across && (place < 0 || place >= wide || unit + across > last)) {
      layer = Math.max(0, Math.min(layers.length - 1, layer + across));
      unit = Math.min(unit, layers[layer].shape[0] - 1);
    } else if (unit + across + down * wide >= 0 && unit + across + down * wide <= last) unit += across + down * wide;
    view.active = { layer, unit };
    view.focused = true;
    view.spoken.textContent = unitWords(view, view.active);
    askForWays(view, view.active);
    reveal(view, layer, unit);
    paintFlow(view);
  } else if (event.key === "Enter" || event.key === " ") pick(view, layer, unit);
  else return;
  event.preventDefault();
}

// Scroll the unit into the box on a narrow screen.
function reveal({ layout, scroller }, layer, unit) {
  const column = layout.columns[layer + 1];
  const x = column.x + column.tiles[unit].x;
  if (x < scroller.scrollLeft) scroller.scrollLeft = x - 20;
  else if (x + column.side > scroller.scrollLeft + scroller.clientWidth) scroller.scrollLeft = x + column.side - scroller.clientWidth + 20;
}

export default component(buildFlow, show);
