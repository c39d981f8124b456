// The live connection: a websocket that brings new pictures straight to the components, without a run of the page's
// script, and takes to the server what is chosen, drawn and pointed at: the only way that these go.
// It lives on the window, not in this module: when the server has been updated, a tab that stays open loads this module
// anew, and components that were built before still send with the old one.
// A frame is a head and parts (see connection.py).
import { SERVED_FOLDER } from "./served_folder.js";

const RECONNECT_DELAYS_MS = [500, 1000, 2000, 5000]; // before each try: soon after a break, seldom while it lasts
const GONE = 4404; // the server does not know this address: a run of the page's script brings another one
const PROGRESS_MS = 5000; // between page runs for a training's sentences: a person reads them, not at every epoch
const FOLLOW_MS = 150; // a dragged slider changes many times: the page is run again, and the link written, at its end

/** @type {() => LiveConnection} */
export const theConnection = () =>
  (window.__nnvizConnection ??= {
    address: null,
    socket: null,
    failures: 0,
    channels: new Map(),
    lastMessages: new Map(),
    choices: 0,
    unanswered: [], // numbers of choices made, and those that no frame has answered yet
    layout: null,
    drawnLayout: null,
    requestedLayout: null,
    rerun: null,
    askedAt: -Infinity,
    layoutTimer: 0,
    progressTimer: 0,
    link: null,
    linkedAt: -Infinity,
    linkTimer: 0,
  });

/**
 * From now on `receive` gets what the connection brings for this channel, first of all what came last.
 * @type {(channel: string, receive: Receive) => () => void} returns what ends that
 */
export function joinConnection(channel, receive) {
  const { channels, lastMessages } = theConnection();
  const known = channels.has(channel);
  channels.set(channel, receive);
  const newest = lastMessages.get(channel);
  if (!known && newest) receive(newest);
  return () => {
    if (channels.get(channel) === receive) channels.delete(channel);
  };
}

/**
 * Streamlit has drawn the page in this layout and with these choices; `rerun` asks it to draw the page again.
 * @type {(drawn: { address: string, layout: string, link: string }, rerun: (layout: string) => void) => void}
 */
export function openConnection({ address, layout, link }, rerun) {
  const connection = theConnection();
  const isNewSession = connection.address !== null && connection.address !== address;
  // A new session has read the link with which the page was opened: let it read the present one.
  if (isNewSession && location.search === connection.link && location.search !== link) {
    dispatchEvent(new PopStateEvent("popstate"));
  } else {
    writeLink(connection, connection.link ?? link); // what a frame has said is newer
  }
  Object.assign(connection, { drawnLayout: layout, requestedLayout: null, rerun });
  if (connection.address === address) return keepInStep(connection);
  connection.socket?.close();
  // The layout in a frame of another tab state is not about this one.
  Object.assign(connection, { address, failures: 0, layout: null });
  connect(connection);
}

/** @type {(connection: LiveConnection) => void} */
function connect(connection) {
  const url = new URL(connection.address ?? "", SERVED_FOLDER);
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  connection.socket = socket;
  socket.onopen = () => connection.unanswered.forEach((choice) => send({ choose: choice }));
  socket.onmessage = ({ data }) => {
    if (connection.socket !== socket) return;
    connection.failures = 0;
    deliver(connection, new Uint8Array(data));
    painted(socket);
    keepInStep(connection);
  };
  socket.onclose = ({ code }) => {
    if (connection.socket !== socket) return;
    if (code === GONE) return askForAddress(connection);
    const wait = RECONNECT_DELAYS_MS[Math.min(connection.failures++, RECONNECT_DELAYS_MS.length - 1)];
    setTimeout(() => connection.socket === socket && connect(connection), wait);
  };
}

/**
 * The tab's state has gone, with its server or while the network was away. Streamlit connects again by itself, but runs
 * no script then: ask for one until it brings another address. The link in the address bar says what is to be shown.
 * @type {(connection: LiveConnection) => void}
 */
function askForAddress(connection) {
  const { address, socket } = connection;
  const ask = () => {
    if (connection.address !== address || connection.socket !== socket) return;
    dispatchEvent(new PopStateEvent("popstate"));
    setTimeout(ask, RECONNECT_DELAYS_MS[Math.min(connection.failures++, RECONNECT_DELAYS_MS.length - 1)]);
  };
  ask();
}

/** @type {(connection: LiveConnection, frame: Uint8Array<ArrayBuffer>) => void} */
function deliver(connection, frame) {
  const numbers = new DataView(frame.buffer);
  /** @type {(from: number, length: number) => string} */
  const text = (from, length) => new TextDecoder().decode(frame.subarray(from, from + length));
  const start = 4 + numbers.getUint32(0, true);
  /** @type {{ layout: string | null, link: string, choice: number }} layout: null while a script runs */
  const head = JSON.parse(text(4, start - 4));
  connection.layout = head.layout;
  writeLink(connection, head.link);
  connection.unanswered = connection.unanswered.filter(([number]) => number > head.choice);
  for (let at = start; at < frame.length; ) {
    const [name, length] = [numbers.getUint32(at, true), numbers.getUint32(at + 4, true)];
    const channel = text(at + 8, name);
    const message = frame.slice(at + 8 + name, at + 8 + name + length);
    connection.lastMessages.set(channel, message);
    connection.channels.get(channel)?.(message);
    at += 8 + name + length;
  }
}

/**
 * Write the choices into the address bar: the first change at once, so that a reload finds it. Changes that follow
 * quickly share its entry of the history, which says at the end where the pointer has come to rest.
 * @type {(connection: LiveConnection, link: string) => void}
 */
function writeLink(connection, link) {
  const isFirst = connection.link === null || !location.search; // Streamlit's own entry for a page says nothing
  if (link === connection.link && location.search) return; // or a press of Back would be undone
  const now = performance.now();
  const isSameGesture = !isFirst && now - connection.linkedAt < FOLLOW_MS;
  Object.assign(connection, { link, linkedAt: now });
  clearTimeout(connection.linkTimer);
  /** @type {(way: "pushState" | "replaceState") => void} */
  const write = (way) => {
    if (location.search !== link) history[way]({}, "", location.pathname + link + location.hash);
  };
  // Browsers refuse more than some hundred changes in half a minute.
  if (isSameGesture) connection.linkTimer = setTimeout(() => write("replaceState"), FOLLOW_MS);
  else write(isFirst ? "replaceState" : "pushState");
}

/**
 * Ask Streamlit to run the page again, once for each layout, if the layout that it has drawn is not the one needed.
 * @type {(connection: LiveConnection) => void}
 */
function keepInStep(connection) {
  const { layout, drawnLayout, requestedLayout, askedAt } = connection;
  if (layout === null || layout === drawnLayout || layout === requestedLayout) return;
  if (drawnLayout !== null && withoutProgress(layout) === withoutProgress(drawnLayout)) {
    connection.progressTimer ||= setTimeout(() => {
      connection.progressTimer = 0;
      askForPage(connection);
    }, PROGRESS_MS);
    return;
  }
  const now = performance.now();
  Object.assign(connection, { requestedLayout: layout, askedAt: now });
  clearTimeout(connection.layoutTimer);
  // The first change is followed at once, changes that follow quickly after the last of them.
  connection.layoutTimer = setTimeout(() => askForPage(connection), now - askedAt > FOLLOW_MS ? 0 : FOLLOW_MS);
}

/**
 * A layout without its last part (see layout.py).
 * @type {(layout: string) => string}
 */
const withoutProgress = (layout) => layout.slice(0, layout.lastIndexOf("."));

/** @type {(connection: LiveConnection) => void} */
function askForPage(connection) {
  const { layout, drawnLayout, rerun } = connection;
  if (layout !== null && layout !== drawnLayout) rerun?.(layout);
  else connection.requestedLayout = null; // a script has begun meanwhile, or has drawn it
}

/**
 * Acknowledge a frame when it is painted. The server sends the next one only then: a slow computer gets fewer frames, a
 * hidden tab none.
 * @type {(socket: WebSocket) => void}
 */
function painted(socket) {
  const say = () => socket.readyState === WebSocket.OPEN && socket.send("");
  const whenSeen = () => {
    if (!document.hidden) return say();
    document.addEventListener("visibilitychange", whenSeen, { once: true });
  };
  const late = setTimeout(whenSeen, 250); // a hidden tab gets no animation frame; a visible one gets it much sooner
  requestAnimationFrame(() =>
    setTimeout(() => {
      clearTimeout(late);
      whenSeen();
    }),
  );
}

/**
 * Send changes of the choices; they are sent again if the connection breaks before the answer.
 * @type {(changes: Changes) => void}
 */
export function choose(changes) {
  const connection = theConnection();
  /** @type {[number, Changes]} */
  const choice = [++connection.choices, changes];
  connection.unanswered.push(choice);
  send({ choose: choice });
}

/**
 * Send what is drawn, pointed at or dragged; return false while there is no connection.
 * @type {(what: object) => boolean}
 */
export function send(what) {
  const { socket } = theConnection();
  if (socket?.readyState !== WebSocket.OPEN) return false;
  socket.send(JSON.stringify(what));
  return true;
}
