import assert from "node:assert/strict";
import test from "node:test";
import { ramp } from "../../../../nn_viz/ui/live/palette.js";
import { markupOf } from "../../../../nn_viz/ui/widgets/rows/rows_markup.js";

const WORDS = { label: "", title: "", lines: [], legend: [], notes: [], spoken: "", pace: "settled", state: null };
const BAR = { name: "a", text: "", tone: "class", dots: [], chance: null, help: "" };

/** All elements of a description, in the order of the page. */
const elementsOf = (nodes) =>
  nodes.flatMap((node) => [node, ...(typeof node.content === "string" ? [] : elementsOf(node.content))]);

const drawn = (header, arrays = {}, pick = () => {}) =>
  elementsOf(markupOf({ ...WORDS, ...header }, arrays, false, pick));

const ofClass = (nodes, name) => nodes.filter(({ attributes }) => String(attributes.class).split(" ").includes(name));

/** What a style says of one property, in percent. */
const percent = ({ attributes }, name) => Number(new RegExp(`(?:^|; )${name}: ([\\d.]+)%`).exec(attributes.style)[1]);

for (const [layout, from, size] of [
  ["bars", "left", "width"],
  ["columns", "bottom", "height"],
]) {
  test(`${layout}: a bar lies between zero and its value, on one scale for all, and ends where the scale does`, () => {
    const rows = [-1, -0.5, 0, 1.5, 3, 9].map((value) => ({ ...BAR, values: [value] }));
    const nodes = drawn({ layout, rows, low: -1, high: 3 });
    assert.deepEqual(
      ofClass(nodes, "bar").map((bar) => [percent(bar, from), percent(bar, size)]),
      [
        [0, 25],
        [12.5, 12.5],
        [25, 0],
        [25, 37.5],
        [25, 75],
        [25, 75],
      ],
    );
    assert.deepEqual(ofClass(nodes, "down").length, 2);
    assert.ok(ofClass(nodes, "track").every((track) => percent(track, "--zero") === 25));
  });
}

test("dots and the mark of chance lie on the scale of the bars", () => {
  const dots = [
    [0.25, "25 %"],
    [0.75, "75 %"],
  ];
  const nodes = drawn({ layout: "tracks", rows: [{ ...BAR, values: [0.5], dots, chance: 0.1 }], low: 0, high: 1 });
  assert.deepEqual(
    ofClass(nodes, "dot").map((dot) => [percent(dot, "left"), dot.attributes.title]),
    [
      [25, "25 %"],
      [75, "75 %"],
    ],
  );
  assert.deepEqual(
    ofClass(nodes, "chance").map((mark) => percent(mark, "left")),
    [10],
  );
  assert.equal(
    ofClass(drawn({ layout: "tracks", rows: [{ ...BAR, values: [0.5] }], low: 0, high: 1 }), "chance").length,
    0,
  );
});

test("the marked pixel is outlined where it lies, and a picture is named by its words", () => {
  const arrays = { values: { data: new Int16Array(2 * 4 * 5), shape: [2, 4, 5] } };
  const header = { layout: "pictures", names: ["7", "9"], captions: ["most"], mark: [3, 1], size: 50 };
  const nodes = drawn(header, arrays);
  const outline = nodes.find(({ tag }) => tag === "i");
  assert.deepEqual(
    ["left", "top", "width", "height"].map((side) => percent(outline, side)),
    [20, 75, 20, 25],
  );
  assert.deepEqual(
    ofClass(nodes, "picture").map(({ attributes }) => attributes["aria-label"]),
    ["7, most", "9"],
  );
});

test("a table shades both signs alike, marks the chosen row, and a click says which row it was", () => {
  const cells = [-8, 0, 4, 80].map((value) => ({ value, text: "" }));
  const rows = ["1", "2"].map((name) => ({ name, choice: {}, cells, aside: "" }));
  const picked = [];
  const nodes = drawn({ layout: "table", columns: [], rows, selected: 1, end: 8 }, {}, (row) => picked.push(row));
  const colours = nodes.filter(({ tag }) => tag === "td").map(({ attributes }) => attributes.style?.split(";")[0]);
  const { css } = ramp("diverging", false);
  // -8 and 8 are the two ends of the ramp, 0 is its middle; 80 is as dark as the scale goes.
  assert.deepEqual(
    colours.slice(0, 4),
    [0, 128, 192, 256].map((shade) => `background: ${css(shade)}`),
  );
  const pressed = nodes.filter(({ tag }) => tag === "button").map(({ attributes }) => attributes["aria-pressed"]);
  assert.deepEqual(pressed, ["false", "true"]);
  assert.deepEqual(
    nodes.filter(({ tag }) => tag === "tr").map(({ attributes }) => attributes.class || ""),
    ["", "", "selected"],
  );
  nodes.filter(({ tag }) => tag === "tr")[2].attributes.onclick();
  assert.deepEqual(picked, [1]);
});

test("sentences are left to what is spoken, other lines are read where they stand", () => {
  const lines = [{ text: "So it is.", tone: "plain" }];
  const hidden = (header) => ofClass(drawn({ ...header, lines }), "lines")[0].attributes["aria-hidden"];
  assert.equal(hidden({ layout: "sentences" }), "true");
  assert.ok(!hidden({ layout: "tracks", rows: [], low: 0, high: 1 }));
});
