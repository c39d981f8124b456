// Opens the live connection of this page; invisible.
import { component, stamp } from "./component.js";
import { openConnection } from "./connection.js";

/** @import { LiveConnection } from "./messages.js" */

/** @type {(root: HTMLElement) => ComponentView} */
function buildConnection(root) {
  root.hidden = true;
  return { root, end() {} };
}

/** @type {(view: ComponentView, message: LiveConnection) => void} */
function showConnection(view, { header }) {
  openConnection(header, (layout) => view.send?.("rerun", layout));
  stamp(view.root, header);
}

export default component(buildConnection, showConnection);
