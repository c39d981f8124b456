// A Plotly figure that stays: Plotly.react on the same node, so that zoom, hover and selection survive.
import { component, NOT_YET, stamp } from "../../live/component.js";
import { make, writeNotes } from "../../live/elements.js";
import { themeOf } from "../../live/palette.js";
import { SERVED_FOLDER } from "../../live/served_folder.js";
import { themed } from "./plotly_theme.js";

/** @import { LiveFigure } from "../../live/messages.js" */
/** @import { Figure } from "./plotly_theme.js" */
/** @typedef {HTMLDivElement & { on: (event: string, act: (clicked: { points: any[] }) => void) => void }} PlotlyNode */
/** @typedef {ReturnType<typeof buildFigure>} View */

const AGAIN_MS = 5000; // after a failed download of Plotly it is tried again with the next message, but not at once
const CONFIG = { displayModeBar: false, responsive: true, doubleClick: "reset" };

// One download for the whole page; a failed one may be tried again by the next repaint.
/** @type {Promise<Plotly> | null} */
let plotly = null;

/** @type {(name: string) => Promise<Plotly>} */
function loadPlotly(name) {
  plotly ??= new Promise((resolve, reject) => {
    const tag = make("script", { src: new URL(name, SERVED_FOLDER).href, async: true });
    tag.onload = () => (window.Plotly ? resolve(window.Plotly) : reject(new Error("no Plotly in the script")));
    tag.onerror = () => reject(new Error(`${tag.src} did not load`));
    document.head.append(tag);
  }).catch((error) => {
    setTimeout(() => (plotly = null), AGAIN_MS);
    throw error;
  });
  return plotly;
}

/** @param {HTMLElement} root */
function buildFigure(root) {
  const plot = make("div", { className: "plot" }, root);
  const apology = make("p", { className: "apology", role: "status", hidden: true }, root);
  const view = {
    root,
    plot,
    apology,
    header: /** @type {LiveFigure["header"]} */ (NOT_YET),
    drawing: false,
    stale: false,
    listening: false,
    pointer: /** @type {XY | null} */ (null),
    gone: false,
    drawn: /** @type {string | null} */ (null),
    drawnAt: 0,
    rest: 0,
    drawnLabel: /** @type {string | null} */ (null),
    timer: 0,
    inSight: /** @type {boolean | null} */ (null),
    send: /** @type {ComponentView["send"]} */ (undefined),
    end() {
      view.gone = true;
      sight.disconnect();
      window.Plotly?.purge(plot);
    },
  };
  plot.addEventListener("pointermove", (event) => {
    if (event.isTrusted) view.pointer = { x: event.clientX, y: event.clientY };
  });
  plot.addEventListener("pointerleave", () => (view.pointer = null));
  // What lies beyond the window's edge is drawn when it comes near: a confusion matrix costs Plotly 50 ms an epoch.
  const sight = new IntersectionObserver(
    (entries) => {
      view.inSight = entries[entries.length - 1].isIntersecting;
      if (view.stale) draw(view);
    },
    { rootMargin: "200px" },
  );
  sight.observe(root);
  return view;
}

/** @type {(view: View, message: LiveFigure) => void} */
function show(view, { header }) {
  const { root, plot } = view;
  view.header = header;
  root.style.minHeight = `${header.height}px`;
  plot.style.height = `${header.height}px`;
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", header.label);
  plot.setAttribute("role", "img");
  plot.setAttribute("aria-label", header.label);
  plot.classList.toggle("selectable", header.selectable);
  writeNotes(root, header.notes);
  draw(view);
}

// Plotly takes ten times as long as a canvas: let the walls of pictures, which come with the same message, be seen first.
// (A hidden tab has no frames, hence the second timer.)
/** @type {() => Promise<void>} */
const nextFrame = () =>
  new Promise((done) => {
    const late = setTimeout(done, 100); // a visible tab gets its frame much sooner
    requestAnimationFrame(() =>
      setTimeout(() => {
        clearTimeout(late);
        done();
      }),
    );
  });

// One drawing at a time; what arrives meanwhile replaces what waits. On a small laptop Plotly takes 30 ms for a heatmap of
// 400 pixels, and while it draws no click is answered: newer numbers in the same figure get a twentieth of the time.
const REST = 20; // times as long as the drawing took
const LONGEST_REST_MS = 1000; // a figure that is older would be taken for the present one

/** @type {(view: View) => Promise<void>} */
async function draw(view) {
  const rest = view.drawnLabel === view.header.label ? view.drawnAt + view.rest - performance.now() : 0;
  if (rest > 0 && view.inSight) {
    view.timer ||= setTimeout(() => {
      view.timer = 0;
      if (!view.gone) draw(view);
    }, rest);
    return;
  }
  if (view.drawing || !view.inSight) {
    view.stale = true;
    if (view.inSight === false) stamp(view.root, view.header); // nothing is seen of it that could be older
    return;
  }
  view.drawing = true;
  try {
    const library = await loadPlotly(view.header.plotly);
    do {
      view.stale = false;
      const { header, plot } = view;
      const theme = themeOf(view.root);
      // Curves and counts stay as they are between two snapshots, while the page repaints four times a second.
      const wanted = JSON.stringify([header.figure, header.height, theme, plot.clientWidth]);
      if (wanted !== view.drawn) {
        if (view.drawn) await nextFrame();
        const { data, layout } = themed(/** @type {Figure} */ (header.figure), theme, header.height);
        const began = performance.now();
        await library.react(plot, data, layout, CONFIG);
        view.rest = Math.min(LONGEST_REST_MS, REST * (performance.now() - began));
        view.drawn = wanted;
        Object.assign(view, { drawnAt: performance.now(), drawnLabel: header.label });
        listen(view);
        hoverAgain(view);
      }
      view.apology.hidden = true;
      stamp(view.root, header);
    } while (view.stale && !view.gone);
  } catch (error) {
    console.error("nn_viz: the chart was not drawn", error);
    view.apology.textContent =
      "This chart cannot be drawn: its drawing library did not load. Reload the page to try again.";
    view.apology.hidden = false;
  } finally {
    view.drawing = false;
  }
}

/** @type {(view: View) => void} */
function listen(view) {
  if (view.listening) return;
  view.listening = true;
  /** @type {PlotlyNode} */ (view.plot).on("plotly_click", ({ points: [point] }) => {
    if (!view.header.selectable || !point) return;
    const { curveNumber: curve, x, y } = point;
    view.send?.("pick", { curve, x, y, point: point.pointIndex ?? point.pointNumber });
  });
}

// Plotly forgets the hover at a repaint. The pointer may be resting: tell Plotly where it is.
/** @type {(view: View) => void} */
function hoverAgain({ plot, pointer }) {
  if (!pointer) return;
  const { x: clientX, y: clientY } = pointer;
  const target = document.elementFromPoint(clientX, clientY);
  if (target && plot.contains(target)) {
    target.dispatchEvent(new MouseEvent("mousemove", { bubbles: true, clientX, clientY, view: window }));
  }
}

export default component(buildFigure, show);
