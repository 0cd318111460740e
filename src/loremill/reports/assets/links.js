// SPDX-License-Identifier: Apache-2.0
// Lines over the text: from a frame's filler (or its first slot) to what fills its slots.

const MAX_LINKED = 200;

let mentionsByKey = new Map();
const mentionAt = (spans) => spans && mentionsByKey.get(spans.join(";"));

// The mention that stands for a frame: its filler, else what fills its first slot.
function anchorOf(doc, index, seen = new Set()) {
  const frame = doc.frames[index];
  if (!frame || seen.has(index)) return undefined;
  seen.add(index);
  if (frame.at) return mentionAt(frame.at);
  const first = (frame.slots ?? [])[0];
  return first && targetOf(doc, first, seen);
}

const targetOf = (doc, slot, seen) => (slot.at ? mentionAt(slot.at) : anchorOf(doc, slot.frame, seen));

function drawLinks(doc) {
  const overlay = byId("overlay");
  overlay.replaceChildren();
  const areAll = byId("links").getAttribute("aria-pressed") === "true";
  const indices = state.chosen >= 0 ? [state.chosen] : areAll ? doc.frames.keys() : [];
  let drawn = 0;
  for (const index of indices) {
    if (drawn >= MAX_LINKED || !isShown(doc.frames[index])) continue;
    const lines = linesOf(doc, index);
    if (!lines.length) continue;
    drawn += 1;
    const group = svg("g", {});
    group.classList.add("tinted");
    group.style.setProperty("--hue", types.get(doc.frames[index].type).hue);
    for (const line of lines) drawLine(group, overlay.getBoundingClientRect(), line);
    overlay.append(group);
  }
}

function linesOf(doc, index) {
  const frame = doc.frames[index];
  const from = anchorOf(doc, index);
  const lines = [];
  for (const slot of frame.slots ?? []) {
    const to = targetOf(doc, slot);
    if (from?.pieces && to?.pieces && from !== to) lines.push([from.pieces[0].piece, to.pieces[0].piece, ""]);
  }
  if (state.chosen === index) {
    for (const mention of [mentionAt(frame.at), ...(frame.slots ?? []).map((slot) => mentionAt(slot.at))]) {
      const starts = (mention?.pieces ?? []).filter(({ fragment }, i, all) => i === 0 || all[i - 1].fragment !== fragment);
      for (let i = 1; i < starts.length; i += 1) lines.push([starts[i - 1].piece, starts[i].piece, "joined"]);
    }
  }
  return lines;
}

const svg = (tag, attributes) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};

// An arc above a line of text, or a curve from one line to another; it leaves and arrives upright.
function drawLine(group, origin, [from, to, kind]) {
  const a = from.getClientRects()[0];
  const b = to.getClientRects()[0];
  if (!a || !b) return;
  const x = (rect) => rect.left + rect.width / 2 - origin.left;
  const [ax, bx] = [x(a), x(b)];
  const isLevel = Math.abs(a.bottom - b.bottom) < 12;
  const isDown = isLevel || b.top > a.top;
  const ay = (isLevel || !isDown ? a.top : a.bottom) - origin.top;
  const by = (isDown ? b.top : b.bottom) - origin.top;
  const bend = isLevel ? -Math.min(26, 8 + Math.abs(bx - ax) / 12) : (by - ay) / 2;
  const path = svg("path", { d: `M${ax},${ay} C${ax},${ay + bend} ${bx},${isLevel ? by + bend : by - bend} ${bx},${by}` });
  if (kind) path.classList.add(kind);
  group.append(path);
  if (!kind) {
    const back = isDown ? -7 : 7;
    group.append(svg("polygon", { points: `${bx},${by} ${bx - 4},${by + back} ${bx + 4},${by + back}` }));
  }
}

// Outlines the mentions of the chosen frame and names their roles.
function lightMentions(doc) {
  const text = byId("text");
  for (const piece of text.querySelectorAll(".lit")) piece.classList.remove("lit");
  for (const piece of text.querySelectorAll("[data-role]")) piece.removeAttribute("data-role");
  const frame = doc.frames[state.chosen];
  text.classList.toggle("has-chosen", Boolean(frame));
  if (!frame) return;
  const light = (mention, role) => {
    if (!mention?.pieces) return;
    for (const { piece } of mention.pieces) piece.classList.add("lit");
    const { piece } = mention.pieces[0];
    if (role) piece.setAttribute("data-role", [piece.getAttribute("data-role"), visible(role)].filter(Boolean).join(", "));
  };
  light(mentionAt(frame.at), "");
  for (const slot of frame.slots ?? []) light(targetOf(doc, slot), slot.role);
}
