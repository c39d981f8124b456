// Written by scripts/message_types.py from the dataclasses of the messages: `make types`. What components receive.

export interface Stamp {
  server: number;
  number: number;
  date: number;
}

export interface Buffer<Values> {
  data: Values;
  shape: number[];
}

// What `unpack` makes of a message's bytes (wire.js).
export interface Received<Header, Arrays = Record<string, never>> {
  header: Header & { channel: string; sent: number };
  arrays: Arrays;
  stamp: Stamp;
}

export interface BarRow {
  name: string;
  values: number[];
  text: string;
  tone: "class" | "total" | "quiet";
  dots: [number, string][];
  chance: number | null;
  help: string;
}

export interface Control {
  kind: "segments" | "list" | "switch" | "button" | "number";
  label: string;
  options: [string, Record<string, string | null>][];
  chosen: number | null;
  help: string;
  lead: string;
  count: number;
  setting: string;
}

export interface CurvePanel {
  title: string;
  values: number[];
  texts: string[];
  ticks: [number, string][];
  ranges: [number, number][];
  label: string;
}

export interface DrawnFieldLayer {
  title: string;
  kind: "maps" | "neurons";
  sees: [number, number][];
  arithmetic: string;
  rows: string[];
  covers: [number, number];
  signed: boolean;
}

export interface DrawnLayer {
  title: string;
  kind: "maps" | "neurons" | "outputs";
  signed: boolean;
  end: number;
  clipped: boolean;
  sees: [number, number][];
  pictured: boolean;
}

export interface FilterWalk {
  layer: number;
  stride: number;
  padding: number;
  activation: string;
}

export interface Line {
  text: string;
  tone: "plain" | "aside" | "lead" | "headline" | "sentence" | "expected";
}

export interface MeasuredCell {
  layer: number;
  unit: number;
  cell: number | null;
  words: string[];
}

export interface NetworkTitle {
  name: string;
  kind: string;
  rest: number;
  note: string;
}

export interface SeenBox {
  size: number;
  words: string;
}

export interface ShadedCell {
  value: number;
  text: string;
}

export interface ShadedRow {
  name: string;
  choice: Record<string, string>;
  cells: ShadedCell[];
  aside: string;
}

export interface StrongestPaths {
  of: [number, number];
  links: [number, number, number, number, number][];
  words: string;
}

export interface UnitCell {
  layer: number;
  unit: number;
  cell: number | null;
}

export interface WeightTiles {
  end: number;
  clipped: boolean;
  block: number;
}

export interface BarRowsHeader {
  view: string;
  epoch: number | null;
  step: number | null;
  layout: "bars" | "columns" | "tracks";
  label: string;
  title: string;
  lines: Line[];
  legend: [string, string][];
  notes: string[];
  spoken: string;
  pace: "settled" | "paced" | "now";
  state: string | null;
  rows: BarRow[];
  low: number;
  high: number;
}

export type BarRows = Received<BarRowsHeader>;

export interface DigitFlowHeader {
  view: string;
  epoch: number | null;
  step: number | null;
  layers: DrawnLayer[];
  units: number[];
  first: string;
  trueLabel: number | null;
  classNames: string[] | null;
  selected: [number, number] | null;
  selectable: boolean;
  pointable: boolean;
  network: string;
  weights: string | null;
  paths: StrongestPaths | null;
}

export interface DigitFlowArrays {
  input: Buffer<Int16Array>;
  [layer: `layer${number}`]: Buffer<Int16Array>;
  limits: Buffer<Float32Array>;
  pixelFlow?: Buffer<Int16Array>;
}

export type DigitFlow = Received<DigitFlowHeader, DigitFlowArrays>;

export interface DragBoxHeader {
  view: string;
  epoch: number | null;
  step: number | null;
  networks: NetworkTitle[];
  move: [number, number, number, number];
  limits: [number, number][];
  empty: boolean;
  hint: string;
  words: string;
  invite: string;
  classNames: string[];
  seen: SeenBox | null;
}

export interface DragBoxArrays {
  picture: Buffer<Uint8Array>;
  shares: Buffer<Float32Array>;
}

export type DragBox = Received<DragBoxHeader, DragBoxArrays>;

export interface FieldHeader {
  view: string;
  epoch: number | null;
  step: number | null;
  layers: DrawnFieldLayer[];
  head: string[];
  selected: UnitCell;
  measured: MeasuredCell;
  inputTitle: string;
  maxHeight: number;
  notes: string[];
}

export interface FieldArrays {
  input: Buffer<Float32Array>;
  measured: Buffer<Float32Array>;
  [layer: `layer${number}`]: Buffer<Int16Array>;
  limits: Buffer<Float32Array>;
}

export type Field = Received<FieldHeader, FieldArrays>;

export interface FlowWeightsHeader {
  view: string;
  epoch: number | null;
  step: number | null;
  network: string;
  layers: (WeightTiles | null)[];
  filters: FilterWalk | null;
}

export interface FlowWeightsArrays {
  [tiles: `tiles${number}`]: Buffer<Uint8Array>;
  kernels?: Buffer<Float32Array>;
  biases?: Buffer<Float32Array>;
}

export type FlowWeights = Received<FlowWeightsHeader, FlowWeightsArrays>;

export interface HeadingHeader {
  view: string;
  text: string;
  isStrong: boolean;
}

export type Heading = Received<HeadingHeader>;

export interface LensHeader {
  view: string;
  epoch: number | null;
  step: number | null;
  kind: "signed" | "magnitude" | "ink";
  scale: "wall" | "each";
  end: number;
  clipped: boolean;
  steps: number[];
  epochs: number[];
  labels: string[];
  pixel: number | null;
  selectable: boolean;
  maxHeight: number;
  caption: string;
  noun: string;
  quantity: string;
  notes: string[];
}

export interface LensArrays {
  values: Buffer<Int16Array>;
  limits: Buffer<Float32Array>;
  ends: Buffer<Float32Array>;
  mask: Buffer<Uint8Array>;
  film: Buffer<Int16Array>;
  filmLimit: Buffer<Float32Array>;
  filmEnds: Buffer<Float32Array>;
}

export type Lens = Received<LensHeader, LensArrays>;

export interface LiveConnectionHeader {
  view: string;
  address: string;
  layout: string;
  link: string;
}

export type LiveConnection = Received<LiveConnectionHeader>;

export interface LiveFigureHeader {
  view: string;
  epoch: number | null;
  step: number | null;
  figure: Record<string, unknown>;
  label: string;
  height: number;
  selectable: boolean;
  notes: string[];
  plotly: string;
}

export type LiveFigure = Received<LiveFigureHeader>;

export interface PadHeader {
  view: string;
  epoch: number | null;
  step: number | null;
  revision: number;
  guess: number | null;
  words: string;
  load: string;
  cells: number[] | null;
  maxStrokes: number;
  maxPoints: number;
}

export type Pad = Received<PadHeader>;

export interface PictureRowHeader {
  view: string;
  epoch: number | null;
  step: number | null;
  layout: "pictures";
  label: string;
  title: string;
  lines: Line[];
  legend: [string, string][];
  notes: string[];
  spoken: string;
  pace: "settled" | "paced" | "now";
  state: string | null;
  names: string[];
  captions: string[];
  mark: [number, number] | null;
  size: number;
}

export interface PictureRowArrays {
  values: Buffer<Int16Array>;
  limits: Buffer<Float32Array>;
}

export type PictureRow = Received<PictureRowHeader, PictureRowArrays>;

export interface PixelWallHeader {
  view: string;
  epoch: number | null;
  step: number | null;
  kind: "signed" | "magnitude" | "ink";
  scale: "wall" | "each";
  end: number;
  clipped: boolean;
  labels: string[];
  noun: string;
  quantity: string;
  layer: number | null;
  selectable: boolean;
  selected: number | null;
  group: number;
  maxHeight: number;
  caption: string;
  notes: string[];
}

export interface PixelWallArrays {
  values: Buffer<Int16Array>;
  limits: Buffer<Float32Array>;
  ends: Buffer<Float32Array>;
  mask: Buffer<Uint8Array>;
}

export type PixelWall = Received<PixelWallHeader, PixelWallArrays>;

export interface SentencesHeader {
  view: string;
  epoch: number | null;
  step: number | null;
  layout: "sentences";
  label: string;
  title: string;
  lines: Line[];
  legend: [string, string][];
  notes: string[];
  spoken: string;
  pace: "settled" | "paced" | "now";
  state: string | null;
}

export type Sentences = Received<SentencesHeader>;

export interface ShadedTableHeader {
  view: string;
  epoch: number | null;
  step: number | null;
  layout: "table";
  label: string;
  title: string;
  lines: Line[];
  legend: [string, string][];
  notes: string[];
  spoken: string;
  pace: "settled" | "paced" | "now";
  state: string | null;
  columns: string[];
  rows: ShadedRow[];
  selected: number;
  end: number;
}

export type ShadedTable = Received<ShadedTableHeader>;

export interface ShiftCurvesHeader {
  view: string;
  epoch: number | null;
  step: number | null;
  transformations: CurvePanel[];
  names: string[];
  rests: number[];
  now: number[];
  move: [number, number, number, number];
  empty: string;
  classNames: string[];
  notes: string[];
}

export interface ShiftCurvesArrays {
  [sure: `sure${number}`]: Buffer<Float32Array>;
  [answers: `answers${number}`]: Buffer<Uint8Array>;
}

export type ShiftCurves = Received<ShiftCurvesHeader, ShiftCurvesArrays>;

export interface StatusBarHeader {
  view: string;
  epoch: number | null;
  step: number | null;
  status: string;
  words: string;
  fraction: number;
  facts: [string, string, string][];
  spoken: string;
}

export type StatusBar = Received<StatusBarHeader>;

export interface SwitchesHeader {
  view: string;
  controls: Control[];
  title: string;
}

export type Switches = Received<SwitchesHeader>;

export interface TimeSliderHeader {
  view: string;
  epoch: number | null;
  step: number | null;
  steps: number[];
  epochs: number[];
  accuracy: (number | null)[];
  held: number | null;
  places: number[];
  ticks: [number, number][];
  liveEpoch: number;
  running: boolean;
}

export type TimeSlider = Received<TimeSliderHeader>;

export interface WalkHeader {
  view: string;
  epoch: number | null;
  step: number | null;
  op: "filter" | "max" | "mean";
  kernel: number;
  stride: number;
  padding: number;
  dilation: number;
  bias: number;
  activation: string;
  key: string;
  kind: string;
  label: string;
  names: string[];
  first: string;
  inputTitle: string;
  resultTitle: string;
  inputKind: "ink" | "signed" | "magnitude";
  resultKind: "signed" | "any";
  activationName: string;
  after: boolean;
  editable: boolean;
  maxHeight: number;
}

export interface WalkArrays {
  input: Buffer<Float32Array>;
  weights: Buffer<Float32Array>;
}

export type Walk = Received<WalkHeader, WalkArrays>;
