// A server-drawn figure in the page's colours: fonts, grid and background here, and what its `meta.colours` names.
import { ramp, role } from "../../live/palette.js";
import { PALETTE } from "../../live/palette_table.js";

/**
 * @typedef {Record<string, any>} Part of a figure, as Plotly documents it
 * @typedef {{ data: Part[], layout: Part }} Figure
 */

/** @type {(figure: Figure, theme: Theme, height: number) => Figure} */
export function themed(figure, theme, height) {
  const data = figure.data.map((trace) => recoloured({ ...trace }, theme.dark));
  const layout = recoloured({ ...figure.layout }, theme.dark);
  for (const name of Object.keys(layout)) {
    if (/^[xy]axis\d*$/.test(name)) layout[name] = axis(layout[name], theme);
  }
  layout.xaxis ??= axis({}, theme);
  layout.yaxis ??= axis({}, theme);
  return {
    data: data.map((trace) => withColorbarTheme(trace, theme)),
    layout: {
      ...layout,
      height,
      autosize: true,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: theme.font, size: 12, color: theme.text, ...layout.font },
      hoverlabel: {
        bgcolor: theme.text,
        bordercolor: theme.text,
        font: { family: theme.font, size: 13, color: theme.background },
        ...layout.hoverlabel,
      },
      uirevision: layout.uirevision ?? "keep",
      transition: { duration: 0 },
    },
  };
}

/** @type {(given: Part, theme: Theme) => Part} */
const axis = (given, { dark }) => ({
  gridcolor: role("grid", dark),
  linecolor: role("grid", dark),
  zerolinecolor: role("muted", dark),
  tickfont: { color: role("muted", dark), size: 11 },
  automargin: false,
  ...given,
});

/** @type {(trace: Part, theme: Theme) => Part} */
const withColorbarTheme = (trace, { dark }) =>
  trace.colorbar
    ? { ...trace, colorbar: { tickfont: { color: role("muted", dark), size: 11 }, ...trace.colorbar } }
    : trace;

// meta.colours: { "line.color": "test", "shapes.0.line.color": "held", colorscale: "diverging" }
/** @type {(part: Part, dark: boolean) => Part} */
function recoloured(part, dark) {
  for (const [path, name] of Object.entries(part.meta?.colours ?? {})) {
    const keys = path.split(".");
    let place = part;
    for (const key of keys.slice(0, -1)) {
      place[key] = Array.isArray(place[key]) ? [...place[key]] : { ...place[key] };
      place = place[key];
    }
    const last = keys[keys.length - 1];
    place[last] = last === "colorscale" ? scaleOf(name, dark) : role(name, dark);
  }
  return part;
}

/** @type {(name: string, dark: boolean) => [number, string][]} */
function scaleOf(name, dark) {
  if (!(name in PALETTE.ramps))
    return [
      [0, role(name, dark)],
      [1, role(name, dark)],
    ];
  const { stops } = ramp(/** @type {RampName} */ (name), dark);
  return stops.map((colour, i) => [i / (stops.length - 1), colour]);
}
