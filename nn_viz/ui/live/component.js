// Code that all components share: one instance for each DOM node, and the attributes that tests read (`stamp`).
import { joinConnection } from "./connection.js";
import { isOlder, unpack } from "./wire.js";

/**
 * A component's default export: Streamlit calls it at every rerun on the same DOM. The instance lives on the root element.
 * @template {ComponentView} View
 * @template {AnyMessage} Message one of those in messages.d.ts
 * @param {(root: HTMLElement) => View} build makes what stays
 * @param {(view: View, message: Message) => void} show paints a message
 */
export const component =
  (build, show) =>
  (/** @type {ComponentArguments} */ { data, parentElement, setTriggerValue }) => {
    const root = /** @type {HTMLElement & { __nnviz?: View }} */ (parentElement.querySelector(".nnviz"));
    root.__nnviz ??= build(root);
    const view = root.__nnviz;
    Object.assign(view, { send: setTriggerValue });
    /** @type {(message: Message) => void} */
    const take = (message) => {
      if (isOlder(message.stamp, view.stamp)) return;
      view.stamp = message.stamp;
      show(view, message);
    };
    /** @type {Message} */
    const first = unpack(data);
    take(first);
    const leave = joinConnection(first.header.channel, (bytes) => take(unpack(bytes)));
    // Streamlit also runs a cleanup when two repaints overlap, with the component still on the page: so look, after the
    // present task, whether it has really gone.
    return () =>
      setTimeout(() => {
        if (root.isConnected) return;
        leave();
        view.end();
      });
  };

/**
 * In a view's field until the first message is shown, which comes as soon as the view is built.
 * @type {any}
 */
export const NOT_YET = null;

/** @type {(root: HTMLElement, header: { view: string, sent: number, epoch?: number | null, step?: number | null }) => void} */
export function stamp(root, header) {
  const painted = performance.timeOrigin + performance.now();
  const { view, epoch = null, step = null, sent } = header; // what stands on no snapshot has none
  Object.assign(root.dataset, { view, epoch, step, sent, painted });
}

/**
 * Repaint when the box or the screen's pixel ratio changes. Returns what ends that.
 * @type {(root: HTMLElement, repaint: () => void) => () => void}
 */
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
