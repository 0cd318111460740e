// SPDX-License-Identifier: Apache-2.0
// The documents, their types, and which of them the filters let through.

function take(id) {
  const element = document.getElementById(id);
  const data = JSON.parse(element.textContent);
  element.remove();
  return data;
}

const docs = take("data-documents");
const about = take("data-about");

const state = { at: -1, chosen: -1, minScore: 0, query: "", problem: "", off: new Set(), matching: [] };

// Hues that are told apart; later types go around the circle by the golden angle.
const HUES = [255, 150, 30, 305, 80, 195, 350, 115, 225, 55, 275, 170];
const hueOf = (index) => (index < HUES.length ? HUES[index] : (HUES[index % HUES.length] + 137.5 * Math.floor(index / HUES.length)) % 360);

const types = new Map();
for (const doc of docs) {
  doc.frames ??= [];
  for (const frame of doc.frames) {
    if (!types.has(frame.type)) types.set(frame.type, { name: frame.type, count: 0, hue: 0 });
    types.get(frame.type).count += 1;
  }
}
const typeList = [...types.values()].sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
typeList.forEach((type, index) => { type.hue = hueOf(index); });

const isShown = (frame) => !state.off.has(frame.type) && (frame.score == null || frame.score >= state.minScore);
const rejectCount = (doc) => (doc.rejected ?? []).reduce((sum, reject) => sum + reject.count, 0);
const isPartlyRead = (doc) => !doc.error && doc.coverage < 1;

const PROBLEMS = {
  "": () => true,
  frames: (doc) => doc.frames.some(isShown),
  any: (doc) => Boolean(doc.error || doc.rejected),
  error: (doc) => Boolean(doc.error),
  rejected: (doc) => Boolean(doc.rejected),
  unread: (doc) => Boolean(doc.error) || isPartlyRead(doc),
};

function haystack(doc) {
  if (doc.folded === undefined) {
    Object.defineProperty(doc, "folded", { value: `${doc.id}\n${doc.text}`.toLowerCase(), enumerable: false });
  }
  return doc.folded;
}

function updateMatching() {
  const has = PROBLEMS[state.problem];
  const query = state.query.toLowerCase();
  state.matching = [];
  docs.forEach((doc, index) => {
    if (has(doc) && (!query || haystack(doc).includes(query))) state.matching.push(index);
  });
}

// Offsets count code points; a JavaScript string counts a character outside the first plane as two.
function slicer(text) {
  if (!/[\ud800-\udfff]/.test(text)) return { length: text.length, slice: (start, end) => text.slice(start, end) };
  const chars = Array.from(text);
  return { length: chars.length, slice: (start, end) => chars.slice(start, end).join("") };
}

// Characters that would hide, or turn the direction of what stands beside them.
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]/u;
const HIDDEN_ONES = new RegExp(`(${HIDDEN.source})`, "u");
const codeOf = (c) => `U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
const visible = (text) => (HIDDEN.test(text) ? text.split(HIDDEN_ONES).map((part, i) => (i % 2 ? codeOf(part) : part)).join("") : text);
const shorten = (text, limit) => {
  const words = visible(text.slice(0, 2 * limit).replace(/\s+/g, " ").trim());
  return words.length > limit ? `${words.slice(0, limit - 1)}…` : words;
};

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") element.className = value;
    else if (name === "hue") {
      element.classList.add("tinted");
      element.style.setProperty("--hue", value);
    } else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

const byId = (id) => document.getElementById(id);
const number = (value) => value.toLocaleString("en");
const plural = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;
