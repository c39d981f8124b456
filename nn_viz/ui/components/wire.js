// The browser's end of wire.py: bytes -> { header, arrays: { name: { data, shape } } }.
const WIRE_TYPES = { int16: Int16Array, uint8: Uint8Array, float32: Float32Array };

function unpack(bytes) {
  // Streamlit hands over a view into a websocket frame, which may begin at any byte; typed arrays need alignment.
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset } = aligned;
  const length = new DataView(buffer, byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(aligned.subarray(4, 4 + length)));
  const arrays = {};
  let offset = byteOffset + 4 + length;
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
