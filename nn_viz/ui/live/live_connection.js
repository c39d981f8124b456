// Opens the live connection of this page; invisible.
function buildConnection(root) {
  root.hidden = true;
  return { root, end() {} };
}

function showConnection(view, { header }) {
  openConnection(header, (layout) => view.send("rerun", layout));
  stamp(view.root, header);
}

export default component(buildConnection, showConnection);
