// The browser's end of wire.py: bytes -> { header, arrays: { name: { data, shape } } }.
const WIRE_TYPES = { int16: Int16Array, uint8: Uint8Array, float32: Float32Array };

const dateOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);

function unpack(bytes) {
  // Streamlit hands over a view into a websocket frame, which may begin at any byte; typed arrays need alignment.
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset } = aligned;
  const end = 12 + new DataView(buffer, byteOffset).getUint32(8, true);
  const header = JSON.parse(new TextDecoder().decode(aligned.subarray(12, end)));
  header.sent = dateOf(aligned);
  const arrays = {};
  let offset = byteOffset + end;
  for (const { name, dtype, shape } of header.buffers) {
    const count = shape.reduce((product, size) => product * size, 1);
    const data = new WIRE_TYPES[dtype](buffer, offset, count);
    arrays[name] = { data, shape };
    offset += Math.ceil(data.byteLength / 4) * 4;
  }
  return { header, arrays };
}

const MISSING = -32768; // an int16 that stands for "no value"
const FULL_SCALE = 32767;
