// SPDX-License-Identifier: Apache-2.0
// The list of frames beside the text, and the choice of one of them.

const FRAMES_AT_ONCE = 200;

let framesListed = [];
let framesDrawn = 0;

function renderFrames(doc) {
  framesListed = [...doc.frames.keys()].filter((index) => isShown(doc.frames[index]));
  framesDrawn = 0;
  byId("frames").replaceChildren();
  const hidden = doc.frames.length - framesListed.length;
  byId("frames-title").textContent = `Frames ${number(framesListed.length)}${hidden ? ` (${number(hidden)} hidden by filters)` : ""}`;
  if (!framesListed.length) byId("frames").append(make("li", { class: "empty" }, doc.frames.length ? "none with these filters" : doc.error ? "no result" : "nothing found"));
  drawMoreFrames(doc, FRAMES_AT_ONCE);
}

function drawMoreFrames(doc, count) {
  const chars = slicer(doc.text);
  const cards = framesListed.slice(framesDrawn, framesDrawn + count).map((index) => make("li", {}, frameCard(doc, index, chars)));
  byId("frames").append(...cards);
  framesDrawn = Math.min(framesListed.length, framesDrawn + count);
  const left = framesListed.length - framesDrawn;
  byId("more-frames").hidden = left === 0;
  byId("more-frames").textContent = `Show more (${number(left)} left)`;
}

const wordsOf = (spans, chars) => spans.map(([start, end]) => shorten(chars.slice(start, end), 160)).join(" … ");
const placeOf = (spans) => spans.map(([start, end]) => `${start}–${end}`).join(", ");
const scoreOf = (score) => (score == null ? "" : score.toFixed(2));

function frameCard(doc, index, chars) {
  const frame = doc.frames[index];
  const card = make("button", { class: "frame", hue: types.get(frame.type).hue, "data-frame": index, "aria-pressed": "false", type: "button" });
  card.append(make("span", { class: "top" }, make("span", { class: "type" }, visible(frame.type)), make("span", { class: "score", title: "score" }, scoreOf(frame.score))));
  if (frame.at) {
    const match = frame.match ? ` · found as ${frame.match}` : "";
    card.append(make("span", { class: "words", dir: "auto" }, wordsOf(frame.at, chars)), " ", make("span", { class: "small" }, placeOf(frame.at) + match));
  }
  for (const slot of frame.slots ?? []) {
    card.append(make("span", { class: "slot" },
      make("span", { class: "role" }, visible(slot.role)),
      make("span", { dir: "auto" }, slot.at ? wordsOf(slot.at, chars) : `→ ${frameName(doc, slot.frame, chars)}`),
      make("span", { class: "small" }, scoreOf(slot.score))));
  }
  for (const [name, value] of Object.entries(frame.attributes ?? {})) {
    card.append(make("span", { class: "attribute" }, `${visible(name)}: ${visible(value)}`));
  }
  return card;
}

function frameName(doc, index, chars) {
  const frame = doc.frames[index];
  return frame.at ? `${wordsOf(frame.at, chars)} (${visible(frame.type)})` : visible(frame.type);
}

function chooseFrame(index, { scroll = true } = {}) {
  const doc = docs[state.at];
  if (!doc) return;
  state.chosen = index;
  if (index >= 0) {
    const place = framesListed.indexOf(index);
    if (place >= framesDrawn) drawMoreFrames(doc, place - framesDrawn + FRAMES_AT_ONCE);
  }
  for (const card of byId("frames").querySelectorAll('[aria-pressed="true"]')) card.setAttribute("aria-pressed", "false");
  const card = byId("frames").querySelector(`[data-frame="${index}"]`);
  card?.setAttribute("aria-pressed", "true");
  byId("chosen").replaceChildren(...(card ? [card.cloneNode(true)] : []));
  lightMentions(doc);
  drawLinks(doc);
  if (index >= 0 && scroll) {
    card?.scrollIntoView({ block: "nearest" });
    anchorOf(doc, index)?.pieces?.[0].piece.scrollIntoView({ block: "nearest" });
  }
}

function stepFrame(by) {
  if (!framesListed.length) return;
  const place = framesListed.indexOf(state.chosen);
  const next = place < 0 ? (by > 0 ? 0 : framesListed.length - 1) : (place + by + framesListed.length) % framesListed.length;
  chooseFrame(framesListed[next]);
}

// A click on a mention goes through the frames that it takes part in, then to none.
function chooseFrameOf(element) {
  const mention = [...mentionsByKey.values()][Number(element.dataset.mention)];
  const indices = [...new Set([...mention.slots.map((slot) => slot.index), ...mention.fillers])].sort((a, b) => a - b);
  const place = indices.indexOf(state.chosen);
  chooseFrame(place + 1 < indices.length ? indices[place + 1] : -1);
}
