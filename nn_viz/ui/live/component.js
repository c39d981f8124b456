// What all components share: one instance per DOM node, the stamp that tests read, canvases, the tooltip.
import { joinConnection } from "./connection.js";
import { isOlder, unpack } from "./wire.js";

// A component's default export: Streamlit calls it at every rerun on the same DOM. The instance lives on the root element.
export const component =
  (build, show) =>
  ({ data, parentElement, setTriggerValue, setStateValue }) => {
    const root = parentElement.querySelector(".nnviz");
    root.__nnviz ??= build(root);
    const view = root.__nnviz;
    Object.assign(view, { send: setTriggerValue, setState: setStateValue });
    const receive = (bytes, isLive) => {
      const message = unpack(bytes);
      view.channel = message.header.channel;
      if (isOlder(message.stamp, view.stamp)) return;
      view.stamp = message.stamp;
      message.isLive = isLive;
      show(view, message);
    };
    receive(data, false);
    const leave = joinConnection(view.channel, receive);
    // Streamlit also runs a cleanup when two repaints overtake each other, with the component still on the page: end only
    // what has really gone.
    return () =>
      setTimeout(() => {
        if (root.isConnected) return;
        leave();
        view.end();
      });
  };

// Change a text only where it differs: selections survive, and a screen reader is not told twice.
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// Sentences below a picture.
export function writeNotes(root, notes) {
  const lines = [...root.querySelectorAll(":scope > .note")];
  notes.forEach((text, i) => {
    const line = lines[i] ?? make("p", { className: "note" }, root);
    write(line, text);
  });
  lines.slice(notes.length).forEach((line) => line.remove());
}

export function stamp(root, header) {
  const painted = performance.timeOrigin + performance.now();
  const { view, epoch = null, step = null, sent } = header; // what stands on no snapshot has none
  Object.assign(root.dataset, { view, epoch, step, sent, painted });
}

export function make(tag, properties = {}, parent = null) {
  const { role: ariaRole, ...rest } = properties;
  const element = Object.assign(document.createElement(tag), rest);
  if (ariaRole) element.setAttribute("role", ariaRole);
  parent?.append(element);
  return element;
}

// Size a canvas in device pixels; touching width or height clears it, so only when they change.
export function fitCanvas(canvas, width, height, ratio) {
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
  canvas.style.width = `${w / ratio}px`;
  canvas.style.height = `${h / ratio}px`;
}

// Numbers for people: three decimals, a real minus sign.
export function written(value, signed = true) {
  const digits = Math.abs(value) >= 100 ? 1 : Math.abs(value) >= 10 ? 2 : 3;
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return (0).toFixed(digits);
  return (value < 0 ? "\u2212" : signed ? "+" : "") + text;
}

export function makeTip(root) {
  const tip = make("div", { className: "tip", hidden: true }, root);
  tip.setAttribute("aria-hidden", "true");
  return {
    // x, y: CSS pixels within the root
    show(x, y, text) {
      if (tip.textContent !== text) tip.textContent = text;
      tip.hidden = false;
      const left = Math.max(0, Math.min(x - tip.offsetWidth / 2, root.clientWidth - tip.offsetWidth));
      const above = y - tip.offsetHeight - 14;
      tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(above < -24 ? y + 20 : above)}px)`;
    },
    hide() {
      tip.hidden = true;
    },
  };
}

// A canvas pattern for silent pixels: grey with diagonal lines, unlike any colour of the ramps.
export function hatch(context, theme, ratio) {
  const size = Math.max(4, Math.round(5 * ratio));
  const tile = new OffscreenCanvas(size, size);
  const pen = tile.getContext("2d");
  pen.fillStyle = theme.dark ? "#3a404b" : "#dde0e6";
  pen.fillRect(0, 0, size, size);
  pen.strokeStyle = theme.dark ? "#626a78" : "#a9b0bc";
  pen.lineWidth = Math.max(1, ratio * 0.9);
  pen.beginPath();
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift - 1, size + 1);
    pen.lineTo(shift + size + 1, -1);
  }
  pen.stroke();
  return context.createPattern(tile, "repeat");
}

// Repaint when the box or the screen's pixel ratio changes.
export function watchSize(root, repaint) {
  let width = 0;
  const observer = new ResizeObserver(() => {
    if (root.clientWidth !== width) {
      width = root.clientWidth;
      repaint();
    }
  });
  observer.observe(root);
  window.addEventListener("resize", repaint);
  return () => {
    observer.disconnect();
    window.removeEventListener("resize", repaint);
  };
}
