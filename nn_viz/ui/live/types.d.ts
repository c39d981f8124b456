// Types that all components share; `tsc` alone reads this file. Those of their messages are in messages.d.ts.

type Pen = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

type RampName = "diverging" | "sequential" | "ink" | "errors" | "hits";

/** A ramp ready to use: colours for ImageData, as CSS, as stops of a gradient, and what is readable on top of a shade. */
interface Ramp {
  stops: string[];
  pixels: Uint32Array;
  css: (shade: number) => string;
  ink: (shade: number) => string;
}

/** The page's colours and font, as CSS. */
interface Theme {
  dark: boolean;
  background: string;
  panel: string;
  text: string;
  accent: string;
  font: string;
}

/** Which look at the server's state a message shows; `date` in seconds. */
type Stamp = import("./messages.js").Stamp;

type NumberArray = import("./messages.js").Buffer<Int16Array | Uint8Array | Float32Array>;

/** Where nobody knows yet whose message it is; a component names its own type from messages.d.ts. */
type AnyMessage = import("./messages.js").Received<any, any>;

/** An event, as far as it says where it is. */
interface Spot {
  clientX: number;
  clientY: number;
}

/** In CSS pixels, or in shares of an element. */
interface XY {
  x: number;
  y: number;
}

/** What a selector finds: by its tag, below an `svg`, or any element of HTML. */
type Found<Selector extends string> = Selector extends keyof HTMLElementTagNameMap
  ? HTMLElementTagNameMap[Selector]
  : Selector extends "svg" | `svg ${string}`
    ? SVGElement
    : HTMLElement;

/** Names what is pointed at; x and y are CSS pixels within the component. */
interface Tip {
  show(x: number, y: number, text: string): void;
  hide(): void;
  /** In CSS pixels. */
  width(): number;
}

/** What every component's view has; its own fields are added by its `build`. */
interface ComponentView {
  root: HTMLElement;
  end(): void;
  stamp?: Stamp;
  /** Tell the page's script of an event. */
  send?: (event: string, value: unknown) => void;
}

/** What Streamlit gives a component's default export. */
interface ComponentArguments<Data = Uint8Array> {
  data: Data;
  parentElement: HTMLElement;
  setTriggerValue: (event: string, value: unknown) => void;
}

/** Names of settings, as in the link, with the texts that they get; null takes a setting back. */
type Changes = Record<string, string | null>;

type Receive = (message: Uint8Array) => void;

interface LiveConnection {
  address: string | null;
  socket: WebSocket | null;
  failures: number;
  channels: Map<string, Receive>;
  /** The newest message of each channel. */
  lastMessages: Map<string, Uint8Array>;
  /** The number of choices made so far. */
  choices: number;
  /** Choices that no frame has answered yet. */
  unanswered: [number, Changes][];
  /** The layout that the pictures need, the one that Streamlit has drawn, and the one that it was asked for. */
  layout: string | null;
  drawnLayout: string | null;
  requestedLayout: string | null;
  rerun: ((layout: string) => void) | null;
  askedAt: number;
  /** Timers, 0 where none runs: until the page is asked for, for its layout or for a training's progress. */
  layoutTimer: number;
  progressTimer: number;
  /** The query string that says what is chosen. */
  link: string | null;
  /** When it changed last, as `performance.now()` says. */
  linkedAt: number;
  /** The timer until the link is written. */
  linkTimer: number;
}

/** As much of the library as is used. */
interface Plotly {
  react(node: HTMLElement, data: object[], layout: object, config: object): Promise<unknown>;
  purge(node: HTMLElement): void;
}

interface Window {
  __nnvizConnection?: LiveConnection;
  Plotly?: Plotly;
}
