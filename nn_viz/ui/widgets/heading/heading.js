// A heading that names what is chosen.
function buildHeading(root) {
  return { root, text: make("span", {}, root), end() {} };
}

function show({ root, text }, { header }) {
  if (text.textContent !== header.text) text.textContent = header.text;
  text.classList.toggle("strong", header.is_strong);
  stamp(root, header);
}

export default component(buildHeading, show);
