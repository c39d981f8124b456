// The live line: a websocket that brings new pictures straight to the components, without a run of the page's script.
// Each component is a module of its own with its own copy of this file, so the line itself lives on the window.
// A frame is a number of parts: channel length (uint32), message length (uint32), channel (UTF-8), message (wire.js).
const AGAIN_MS = [500, 1000, 2000, 5000];
const GONE = 4404; // the server does not know this address: Streamlit's next run of the page brings another one

const theLine = () => (window.__nnvizLine ??= { address: null, socket: null, failures: 0, channels: new Map(), last: new Map() });

// From now on `receive` gets what the line brings for this channel, first of all what came last.
function joinLine(channel, receive) {
  const { channels, last } = theLine();
  const known = channels.has(channel);
  channels.set(channel, receive);
  if (!known && last.has(channel)) receive(last.get(channel), true);
  return () => channels.get(channel) === receive && channels.delete(channel);
}

function openLine(address) {
  const line = theLine();
  if (line.address === address) return;
  line.socket?.close();
  Object.assign(line, { address, failures: 0 });
  connect(line);
}

function connect(line) {
  const url = new URL(line.address, import.meta.url);
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  line.socket = socket;
  socket.onmessage = ({ data }) => {
    line.failures = 0;
    deliver(line, new Uint8Array(data));
    painted(socket);
  };
  socket.onclose = ({ code }) => {
    if (line.socket !== socket || code === GONE) return;
    const wait = AGAIN_MS[Math.min(line.failures++, AGAIN_MS.length - 1)];
    setTimeout(() => line.socket === socket && connect(line), wait);
  };
}

function deliver({ channels, last }, frame) {
  const numbers = new DataView(frame.buffer);
  for (let at = 0; at < frame.length; ) {
    const [name, length] = [numbers.getUint32(at, true), numbers.getUint32(at + 4, true)];
    const channel = new TextDecoder().decode(frame.subarray(at + 8, at + 8 + name));
    const message = frame.slice(at + 8 + name, at + 8 + name + length);
    last.set(channel, message);
    channels.get(channel)?.(message, true);
    at += 8 + name + length;
  }
}

// The server sends the next pictures when these are on the screen: a slow computer gets fewer, a hidden tab none.
function painted(socket) {
  const say = () => socket.readyState === WebSocket.OPEN && socket.send("");
  const whenSeen = () => {
    if (!document.hidden) return say();
    document.addEventListener("visibilitychange", whenSeen, { once: true });
  };
  const late = setTimeout(whenSeen, 250); // a hidden tab has no frames
  requestAnimationFrame(() => setTimeout(() => (clearTimeout(late), whenSeen())));
}

// What stands on the drawing pad; false where the line is down just now.
function tellLine(what) {
  const { socket } = theLine();
  if (socket?.readyState !== WebSocket.OPEN) return false;
  socket.send(JSON.stringify(what));
  return true;
}
