// A picture that the server has drawn as SVG, with every text in it escaped there (figures/network_drawing.py).
/** @type {(given: ComponentArguments<{ view: string, svg: string }>) => void} */
export default function ({ data, parentElement }) {
  const root = /** @type {HTMLElement & { __svg?: string }} */ (parentElement.querySelector(".nnviz"));
  if (root.__svg === data.svg) return;
  root.__svg = data.svg;
  root.innerHTML = data.svg;
  root.dataset.view = data.view;
}
