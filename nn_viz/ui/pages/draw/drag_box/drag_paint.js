// Painting the drag box: the picture as the networks get it, the frame with its handles, the bars.
import { fitCanvas, penOf, smallPicture } from "../../../live/canvas.js";
import { find, make, write } from "../../../live/elements.js";
import { ramp, role, shadeOf } from "../../../live/palette.js";
import { figures, grips, isAtRest, SHOWN, STAGE } from "./drag_move.js";
import { dashes, lineColour, percent } from "./network_lines.js";

/** @import { View } from "./drag_box.js" */

/** @type {(view: View) => void} */
export function paintPicture({ canvas, stage, theme, message, root }) {
  const { data, shape } = message.arrays.picture;
  const unit = Math.max(5, Math.floor(Math.min(root.clientWidth * 0.88, 360) / STAGE)); // CSS pixels a pixel: whole ones are crisp
  const ratio = window.devicePixelRatio || 1;
  stage.style.width = stage.style.height = `${unit * STAGE}px`;
  fitCanvas(canvas, unit * SHOWN, unit * SHOWN, ratio);
  const ink = ramp("ink", theme.dark);
  const small = smallPicture(shape[1], shape[0], (pixels) => {
    for (let i = 0; i < pixels.length; i++) pixels[i] = ink.pixels[shadeOf(data[i] / 255, false)];
  });
  const pen = penOf(canvas);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(small, 0, 0, canvas.width, canvas.height);
}

/** @type {(view: View) => void} */
export function paintGrips({ marks, readout, back, move, message: { header } }) {
  const { corners, top, turn, size } = grips(move);
  marks.frame.setAttribute("points", corners.map((point) => point.join(",")).join(" "));
  const stalk = { x1: top[0], y1: top[1], x2: turn[0], y2: turn[1] };
  for (const [name, value] of Object.entries(stalk)) marks.stalk.setAttribute(name, String(value));
  marks.turn.setAttribute("transform", `translate(${turn.join(" ")})`);
  marks.size.setAttribute("transform", `translate(${size.join(" ")})`);
  marks.grip.style.display = header.empty ? "none" : "";
  const half = (header.seen?.size ?? 0) / 2;
  for (const [name, value] of Object.entries({ x: -half, y: -half, width: 2 * half, height: 2 * half }))
    marks.seen.setAttribute(name, String(value));
  marks.seen.style.display = header.seen ? "" : "none";
  readout.textContent = header.empty ? "" : figures(move);
  back.disabled = header.empty || isAtRest(move);
}

// One block for each network; a block is built once, and only its numbers change.
/** @type {(view: View) => void} */
export function paintAnswers(view) {
  const { blocks, invite, message, theme } = view;
  const { networks, classNames, empty } = message.header;
  for (const block of blocks.splice(networks.length)) block.remove();
  invite.textContent = message.header.invite;
  networks.forEach((network, i) => {
    blocks[i] ??= buildAnswer(i, invite);
    const block = blocks[i];
    const shares = [...message.arrays.shares.data.subarray(i * classNames.length, (i + 1) * classNames.length)];
    const winner = shares.indexOf(Math.max(...shares));
    const lost = !empty && winner !== network.rest;
    const texts = {
      name: network.name,
      kind: network.kind,
      guess: empty ? "\u2013" : classNames[winner],
      sure: empty ? "" : percent(shares[winner]),
      fate: empty ? "" : network.note,
    };
    for (const [name, text] of Object.entries(texts)) write(find(block, `.${name}`), text);
    block.classList.toggle("lost", lost);
    block.style.setProperty("--line", lineColour(i, theme));
    block.style.setProperty("--plain", role("train", theme.dark));
    block.setAttribute(
      "aria-label",
      empty ? network.name : `${network.name} reads ${classNames[winner]}, ${percent(shares[winner])}, ${network.note}`,
    );
    const rows = find(block, ".bars");
    while (rows.childElementCount < classNames.length) rows.insertAdjacentHTML("beforeend", BAR);
    [...rows.children].forEach((row, n) => {
      const share = empty ? 0 : shares[n];
      find(row, "b").textContent = classNames[n];
      find(row, "i").style.width = `${(share * 100).toFixed(2)}%`;
      find(row, "span").textContent = empty ? "" : percent(share);
      row.classList.toggle("winner", !empty && n === winner);
      row.classList.toggle("rest", lost && n === network.rest);
    });
  });
}

const BAR = `<li><b></b><em><i></i></em><span></span></li>`;

/** @type {(number: number, before: Element) => HTMLElement} */
function buildAnswer(number, before) {
  const block = make("div", { className: "answer", role: "group" });
  block.innerHTML = `<div class="title"><svg class="swatch" viewBox="0 0 22 6" aria-hidden="true"><path d="M0 3H22"${dashes(number)}/></svg>
      <span class="name"></span></div><div class="kind"></div>
    <div class="said"><span class="guess"></span> <span class="sure"></span></div><div class="fate"></div>
    <ul class="bars" aria-hidden="true"></ul>`;
  before.before(block);
  return block;
}
