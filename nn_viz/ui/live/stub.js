// All that Streamlit sends along each time it draws a component; the rest is fetched once (scripts.py).
// Streamlit's own script tells where the server lives, also behind a base path and on every page of the app.
const own = document.querySelector('script[src*="static/js/"]')?.src;
const base = own ? own.slice(0, own.lastIndexOf("static/js/")) : document.baseURI;
const needed = "MODULES".split(" ").map((path) => new URL(`FOLDER${path}`, base).href);
for (const href of needed) {
  if (document.head.querySelector(`link[href="${href}"]`)) continue;
  document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href }));
}
const loaded = import(needed[0]);
export default function (component) {
  let ended = false;
  let end = () => {};
  loaded.then(
    (module) => {
      if (!ended) end = module.default(component) ?? end;
    },
    () =>
      (component.parentElement.querySelector(".nnviz").textContent =
        "A part of the page did not load. Reload the page."),
  );
  return () => {
    ended = true;
    end();
  };
}
