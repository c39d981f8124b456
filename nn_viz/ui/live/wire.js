// The browser's end of wire.py: bytes -> { header, arrays: { name: { data, shape } } }.
/** @type {Record<string, Int16ArrayConstructor | Uint8ArrayConstructor | Float32ArrayConstructor>} */
const WIRE_TYPES = { int16: Int16Array, uint8: Uint8Array, float32: Float32Array };

/**
 * Read a message's stamp, which says when its rendering began (see wire.py).
 * @type {(bytes: Uint8Array) => Stamp}
 */
function stampOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { server: view.getFloat64(0, true), number: view.getFloat64(8, true), date: view.getFloat64(16, true) };
}

/**
 * Whether a message is older than the one with this stamp: numbers of another server process are not compared.
 * @type {(stamp: Stamp, than: Stamp | undefined) => boolean}
 */
export const isOlder = (stamp, than) =>
  than !== undefined && stamp.server === than.server && stamp.number < than.number;

/**
 * @template {AnyMessage} Message as the sender knows it
 * @param {Uint8Array} bytes
 * @returns {Message}
 */
export function unpack(bytes) {
  // Streamlit hands over a view into a websocket frame, which may begin at any byte; typed arrays need alignment.
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset } = aligned;
  const end = 28 + new DataView(buffer, byteOffset).getUint32(24, true);
  const header = JSON.parse(new TextDecoder().decode(aligned.subarray(28, end)));
  const stamp = stampOf(aligned);
  header.sent = stamp.date;
  /** @type {Record<string, NumberArray>} */
  const arrays = {};
  let offset = byteOffset + end;
  for (const { name, dtype, shape } of header.buffers) {
    const count = /** @type {number[]} */ (shape).reduce((product, size) => product * size, 1);
    const data = new WIRE_TYPES[dtype](/** @type {ArrayBuffer} */ (buffer), offset, count);
    arrays[name] = { data, shape };
    offset += Math.ceil(data.byteLength / 4) * 4;
  }
  return /** @type {Message} */ ({ header, arrays, stamp });
}

export const MISSING = -32768; // an int16 that stands for "no value"
export const FULL_SCALE = 32767;
