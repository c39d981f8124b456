// Each neuron's weights beside its answer. They come on a channel of their own, and are painted once for many drawings.
import { penOf, smallPicture } from "../../live/canvas.js";
import { within } from "../../live/numbers.js";
import { ramp, shadeOf } from "../../live/palette.js";
import { FULL_SCALE, MISSING } from "../../live/wire.js";
import { flowRamp, isSilent, layerValues, silentUnit } from "./flow_units.js";

/** @import { FlowWeights } from "../../live/messages.js" */
/** @import { Unit, View } from "./digit_flow.js" */
/** @import { Column } from "./flow_layout.js" */

/**
 * @typedef {{ stamp: string, canvas: OffscreenCanvas }} ColumnCanvas all pictures of a column, and of what they are
 * @typedef {NonNullable<ReturnType<typeof layerTiles>>} Tiles
 */

const [ZERO, REACH] = [128, 127]; // the same numbers are in flow_weights.py

// The weights that belong to the network on the screen, or null while they are on their way.
/** @type {(view: View) => FlowWeights | null} */
export function flowWeights({ weights, message }) {
  return weights && weights.header.network === message.header.network ? weights : null;
}

// One layer's pictures: its scale, its tiles (q), and where a source stands: in a row `across` wide, as on the screen.
/**
 * @param {View} view
 * @param {number} layer
 */
function layerTiles(view, layer) {
  const weights = flowWeights(view);
  const described = weights?.header.layers[layer];
  if (!weights || !described) return null;
  const { data, shape } = weights.arrays[`tiles${layer}`];
  const [, sources, rows, columns] = shape;
  const across = sources === 1 ? 1 : view.layout.columns[layer].across;
  const gap = rows > 1 && sources > 1 ? 1 : 0;
  const [pitchX, pitchY] = [columns + gap, rows + gap];
  const size = [Math.ceil(sources / across) * pitchY - gap, Math.min(across, sources) * pitchX - gap];
  return {
    ...described,
    sent: weights.header.sent,
    step: weights.header.step,
    data,
    shape,
    across,
    gap,
    pitchX,
    pitchY,
    height: size[0],
    width: size[1],
  };
}

// Where a unit's picture is drawn inside its square: as large as it fits, in the middle.
/** @type {(tiles: Tiles, side: number) => XY & { wide: number, high: number, value: number }} */
function tileBox({ height, width }, side) {
  const value = side / Math.max(height, width);
  return {
    x: (side - width * value) / 2,
    y: (side - height * value) / 2,
    wide: width * value,
    high: height * value,
    value,
  };
}

// All pictures of a column on one canvas, painted when weights, theme or layout change, not at every stroke.
/** @type {(view: View, column: Column) => OffscreenCanvas | null} */
function weightCanvas(view, column) {
  const tiles = layerTiles(view, column.layer);
  if (!tiles) return null;
  const stamp = [tiles.sent, view.signature, view.theme.dark, tiles.step].join();
  const known = view.weightCanvases.get(column.layer);
  if (known?.stamp === stamp) return known.canvas;
  const canvas = new OffscreenCanvas(
    Math.ceil(column.width * view.ratio) + 2,
    Math.ceil(view.layout.body * view.ratio) + 2,
  );
  const pen = penOf(canvas);
  const atlas = tilesAtlas(tiles, ramp("diverging", view.theme.dark).pixels);
  const box = tileBox(tiles, column.picture * view.ratio);
  pen.imageSmoothingEnabled = box.value < 2; // single values cannot be told apart then
  pen.imageSmoothingQuality = "high";
  column.tiles.forEach((tile, unit) => {
    const [x, y] = [tile.x * view.ratio + box.x, tile.y * view.ratio + box.y].map(Math.round);
    pen.drawImage(
      atlas,
      0,
      unit * tiles.height,
      tiles.width,
      tiles.height,
      x,
      y,
      Math.round(box.wide),
      Math.round(box.high),
    );
  });
  view.weightCanvases.set(column.layer, { stamp, canvas });
  return canvas;
}

/** @type {(tiles: Tiles, colours: Uint32Array) => OffscreenCanvas} */
function tilesAtlas({ data, shape, across, pitchX, pitchY, height, width }, colours) {
  const [units, sources, rows, columns] = shape;
  return smallPicture(width, height * units, (pixels) => {
    for (let unit = 0, at = 0; unit < units; unit++) {
      for (let source = 0; source < sources; source++) {
        const left = (source % across) * pitchX;
        const top = unit * height + Math.floor(source / across) * pitchY;
        for (let row = 0; row < rows; row++) {
          for (let column = 0; column < columns; column++, at++) {
            pixels[(top + row) * width + left + column] = colours[shadeOf((data[at] - ZERO) / REACH, true)];
          }
        }
      }
    }
  });
}

/** @type {(view: View, pen: Pen, column: Column) => void} */
export function paintWeights(view, pen, column) {
  const painted = weightCanvas(view, column);
  const { ratio, theme, layout, message } = view;
  if (painted) pen.drawImage(painted, column.x, layout.top, painted.width / ratio, painted.height / ratio);
  column.tiles.forEach((tile, unit) => {
    const [x, y] = [column.x + tile.x, layout.top + tile.y];
    if (isSilent(message, column.layer, unit)) {
      pen.globalAlpha = 0.65;
      pen.fillStyle = theme.background;
      pen.fillRect(x, y, column.picture, column.picture);
      pen.globalAlpha = 1;
    }
    pen.strokeStyle = theme.dark ? "#ffffff2e" : "#00000030";
    pen.lineWidth = 1 / ratio;
    pen.strokeRect(x, y, column.picture, column.picture);
  });
}

// A neuron's answer beside its picture: as high as it is strong, from the bottom, or from the middle where it may be negative.
/** @type {(view: View, pen: Pen, column: Column) => void} */
export function paintAnswers(view, pen, column) {
  const { data, limit } = layerValues(view.message, column.layer);
  const { signed, end, colours } = flowRamp(view, column.layer);
  const left = column.picture + 1;
  const wide = column.wide - left;
  column.tiles.forEach((tile, unit) => {
    const [x, y] = [column.x + tile.x + left, view.layout.top + tile.y];
    if (data[unit] === MISSING) return;
    if (isSilent(view.message, column.layer, unit)) return silentUnit(view, pen, x, y, wide, column.side);
    const share = within(((data[unit] / FULL_SCALE) * limit) / end, -1, 1);
    const reach = signed ? column.side / 2 : column.side;
    const from = signed ? y + column.side / 2 : y + column.side;
    pen.fillStyle = view.theme.dark ? "#ffffff14" : "#00000010";
    pen.fillRect(x, y, wide, column.side);
    pen.fillStyle = colours.css(shadeOf(share, signed));
    pen.fillRect(x, share > 0 ? from - share * reach : from, wide, Math.max(1, Math.abs(share) * reach));
    pen.strokeStyle = view.theme.dark ? "#ffffff2e" : "#00000030";
    pen.lineWidth = 1 / view.ratio;
    pen.strokeRect(x, y, wide, column.side);
  });
}

// "weight of pixel row 5, column 7: +0.21", for a point u, v (0..1) of a unit's picture; "" beside it.
/** @type {(view: View, place: Unit & { u: number, v: number }) => string} */
export function weightWords(view, { layer, unit, u, v }) {
  const tiles = layerTiles(view, layer);
  if (!tiles) return "";
  const box = tileBox(tiles, 1);
  const [right, down] = [(u - box.x) / box.value, (v - box.y) / box.value].map(Math.floor);
  const [, sources, rows, columns] = tiles.shape;
  const source = Math.floor(down / tiles.pitchY) * tiles.across + Math.floor(right / tiles.pitchX);
  const [row, column] = [down % tiles.pitchY, right % tiles.pitchX];
  if (right < 0 || down < 0 || right >= tiles.width || source >= sources || row >= rows || column >= columns) return "";
  const q = tiles.data[((unit * sources + source) * rows + row) * columns + column] - ZERO;
  const beyond = Math.abs(q) === REACH && tiles.clipped;
  const size = Number(Math.abs((q / REACH) * tiles.end).toPrecision(2));
  const value = `${q < 0 ? "\u2212" : "+"}${size}${beyond ? " or more" : ""}`;
  const below = layer === 0 ? "pixel" : view.layout.columns[layer].kind === "neurons" ? "neuron" : "map";
  if (below === "neuron") return `weight of neuron ${source + 1}: ${value}`;
  const map = below === "pixel" ? "pixel" : `map ${source + 1},`;
  if (tiles.block === 1) return `weight of ${map} row ${row + 1}, column ${column + 1}: ${value}`;
  const [side] = layerValues(view.message, layer - 1).shape.slice(-1);
  /** @type {(at: number) => string} */
  const range = (at) => `${at * tiles.block + 1} to ${Math.min((at + 1) * tiles.block, side)}`;
  return `mean weight of ${below === "pixel" ? "pixels in" : map} rows ${range(row)}, columns ${range(column)}: ${value}`;
}
