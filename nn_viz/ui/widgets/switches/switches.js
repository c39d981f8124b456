// A row of segments, switches and buttons. What is chosen shows at once; what it changes comes over the live connection.
import { chosenNow, isPending } from "../../live/asking.js";
import { component, stamp } from "../../live/component.js";
import { choose } from "../../live/connection.js";
import { make, write } from "../../live/elements.js";
import { hasModifier } from "../../live/gestures.js";
import { within } from "../../live/numbers.js";

/** @import { Choice } from "../../live/asking.js" */
/** @import { Control, Switches } from "../../live/messages.js" */

/**
 * @typedef {(index: number) => void} Pick
 * @typedef {{ element: HTMLElement, mark: (chosen: number | null) => void }} Part
 * @typedef {Part & { shape: string, control: Control, asked: Choice<number> | null, chosen: number | null }} Drawn
 * @typedef {ReturnType<typeof buildSwitches>} View
 */

const SETTLE_MS = 1000; // until then an older message may still name the choice before
/** @type {Record<string, number>} */
const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

/** @param {HTMLElement} root */
function buildSwitches(root) {
  root.setAttribute("role", "group");
  const drawn = /** @type {Drawn[]} */ ([]);
  return { root, title: make("span", { className: "title" }, root), drawn, end() {} };
}

/** @type {(view: View, message: Switches) => void} */
function show(view, { header }) {
  write(view.title, header.title);
  view.title.hidden = !header.title;
  header.controls.forEach((control, i) => {
    const shape = JSON.stringify([
      control.kind,
      control.label,
      control.help,
      control.lead,
      control.count,
      control.options.map(([text]) => text),
    ]);
    const old = view.drawn[i];
    if (old?.shape !== shape) {
      const part = PARTS[control.kind](control, (index) => pick(view, i, index));
      const drawn = { shape, ...part, control, asked: null, chosen: null };
      old ? old.element.replaceWith(drawn.element) : view.root.append(drawn.element);
      view.drawn[i] = drawn;
    }
    const drawn = view.drawn[i];
    drawn.control = control;
    if (!isPending(drawn.asked, drawn.asked?.value === control.chosen))
      Object.assign(drawn, { asked: null, chosen: control.chosen });
    drawn.mark(drawn.chosen);
  });
  view.drawn.splice(header.controls.length).forEach(({ element }) => element.remove());
  stamp(view.root, header);
}

/** @type {(view: View, i: number, index: number) => void} */
function pick(view, i, index) {
  const drawn = view.drawn[i];
  const { kind, options, setting } = drawn.control;
  const changes = kind === "number" ? { ...options[0][1], [setting]: String(index) } : options[index][1];
  if (kind !== "button") {
    Object.assign(drawn, { asked: chosenNow(index, SETTLE_MS), chosen: index });
    drawn.mark(index);
  }
  choose(changes);
}

// Each makes an element and says how to mark the chosen option in it.
/** @type {Record<Control["kind"], (control: Control, pick: Pick) => Part>} */
const PARTS = {
  segments({ label, help, lead, options }, pick) {
    const whole = make("div", { className: "led", title: help });
    if (lead) make("span", { textContent: lead, ariaHidden: "true" }, whole);
    const element = make("div", { className: "segments", role: "radiogroup" }, whole);
    element.setAttribute("aria-label", label);
    const buttons = options.map(([text], i) =>
      make("button", { type: "button", role: "radio", textContent: text, onclick: () => pick(i) }, element),
    );
    element.addEventListener("keydown", (event) => {
      const by = STEPS[event.key];
      if (!by || hasModifier(event)) return;
      event.preventDefault();
      const from = buttons.indexOf(/** @type {HTMLButtonElement} */ (event.target));
      const next = (from + by + buttons.length) % buttons.length;
      buttons[next].focus();
      pick(next);
    });
    /** @type {Part["mark"]} */
    const mark = (chosen) =>
      buttons.forEach((button, i) => {
        button.setAttribute("aria-checked", String(i === chosen));
        button.tabIndex = i === (chosen ?? 0) ? 0 : -1;
      });
    return { element: whole, mark };
  },
  list(control, pick) {
    const part = PARTS.segments(control, pick);
    part.element.classList.add("list");
    return part;
  },
  switch({ label, help }, pick) {
    const element = make("button", { type: "button", className: "switch", role: "switch", title: help });
    make("i", {}, element);
    make("span", { textContent: label }, element);
    element.onclick = () => pick(element.getAttribute("aria-checked") === "true" ? 0 : 1);
    return { element, mark: (chosen) => element.setAttribute("aria-checked", String(chosen === 1)) };
  },
  button({ label, help }, pick) {
    const element = make("button", {
      type: "button",
      className: "plain",
      title: help,
      textContent: label,
      onclick: () => pick(0),
    });
    return { element, mark() {} };
  },
  number({ label, help, count }, pick) {
    const element = make("input", { type: "number", min: "1", max: String(count), title: help, ariaLabel: label });
    let chosen = /** @type {number | null} */ (null);
    let isTyping = false; // pictures that come meanwhile leave it alone
    const show = () => (element.value = chosen === null ? "" : String(chosen + 1));
    element.oninput = () => (isTyping = true);
    element.onchange = () => {
      isTyping = false;
      const typed = Math.round(element.valueAsNumber);
      if (Number.isNaN(typed)) show();
      else pick(within(typed, 1, count) - 1);
    };
    /** @type {Part["mark"]} */
    const mark = (index) => {
      chosen = index;
      if (!isTyping) show();
    };
    return { element, mark };
  },
};

export default component(buildSwitches, show);
