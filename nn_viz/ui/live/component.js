// What all components share: one instance per DOM node, the stamp that tests read.
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

export function stamp(root, header) {
  const painted = performance.timeOrigin + performance.now();
  const { view, epoch = null, step = null, sent } = header; // what stands on no snapshot has none
  Object.assign(root.dataset, { view, epoch, step, sent, painted });
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
