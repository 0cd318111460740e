// SPDX-License-Identifier: Apache-2.0
// The text with its mentions: nested boxes, each with its label; boxes that cross are cut and go on.

// The mentions of the frames shown, each once, with the frames that it evokes and the slots it fills.
function mentionsOf(doc) {
  const found = new Map();
  const at = (spans) => {
    const key = spans.join(";");
    if (!found.has(key)) found.set(key, { spans, fillers: [], slots: [] });
    return found.get(key);
  };
  doc.frames.forEach((frame, index) => {
    if (!isShown(frame)) return;
    if (frame.at) at(frame.at).fillers.push(index);
    for (const slot of frame.slots ?? []) if (slot.at) at(slot.at).slots.push({ index, role: slot.role });
  });
  return found;
}

function labelOf(mention, doc) {
  const names = mention.fillers.length ? mention.fillers.map((i) => doc.frames[i].type) : mention.slots.map((slot) => slot.role);
  const unique = [...new Set(names)].map(visible);
  return unique.length > 3 ? `${unique.slice(0, 3).join(", ")} +${unique.length - 3}` : unique.join(", ");
}

// Calls open(mark, isStart), close(mark, isEnd) and text(start, end) so that every piece lies within those around it.
function nest(length, marks, { open, close, text }) {
  const waiting = [...marks].sort((a, b) => b.start - a.start || a.end - b.end);
  const edges = [...new Set([0, length, ...marks.flatMap((mark) => [mark.start, mark.end])])].sort((a, b) => a - b);
  let stack = [];
  for (let i = 0; i + 1 < edges.length; i += 1) {
    const start = edges[i];
    const wanted = stack.filter((mark) => mark.end > start);
    while (waiting.length && waiting.at(-1).start === start) wanted.push(waiting.pop());
    let same = 0;
    while (same < stack.length && same < wanted.length && stack[same] === wanted[same]) same += 1;
    for (let j = stack.length - 1; j >= same; j -= 1) close(stack[j], stack[j].end === start);
    for (let j = same; j < wanted.length; j += 1) open(wanted[j], wanted[j].start === start);
    stack = wanted;
    text(start, edges[i + 1]);
  }
  for (let j = stack.length - 1; j >= 0; j -= 1) close(stack[j], stack[j].end === length);
}

function appendText(element, text) {
  if (!HIDDEN.test(text)) {
    element.append(text);
    return;
  }
  text.split(HIDDEN_ONES).forEach((part, i) => {
    if (i % 2) element.append(make("span", { class: "control" }, codeOf(part)));
    else if (part) element.append(part);
  });
}

function marksOf(doc, mentions) {
  const marks = (doc.unread ?? []).map(([start, end]) => ({ start, end, mention: null }));
  mentions.forEach((mention, number) => {
    mention.spans.forEach(([start, end], fragment) => marks.push({ start, end, mention, number, fragment }));
  });
  return marks;
}

// Fills #text and returns the mentions by key; each has the elements of its pieces.
function renderText(doc) {
  const byKey = mentionsOf(doc);
  const mentions = [...byKey.values()];
  const chars = slicer(doc.text);
  const root = make("div");
  let inner = root;
  nest(chars.length, marksOf(doc, mentions), {
    open(mark, isStart) {
      const piece = mark.mention ? mentionPiece(mark, doc, isStart) : make("span", { class: "unread" });
      inner.append(piece);
      inner = piece;
    },
    close(mark, isEnd) {
      if (!isEnd) inner.classList.add("goes-on");
      else if (mark.mention) inner.append(make("span", { class: "label" }, labelText(mark, doc)));
      else inner.append(make("span", { class: "label" }, "not read"));
      const level = 1 + Number(inner.style.getPropertyValue("--level") || 0);
      inner = inner.parentElement;
      if (inner !== root && mark.mention) {
        inner.style.setProperty("--level", Math.min(8, Math.max(level, Number(inner.style.getPropertyValue("--level") || 0))));
      }
    },
    text: (start, end) => appendText(inner, chars.slice(start, end)),
  });
  const text = byId("text");
  text.replaceChildren(...root.childNodes);
  return byKey;
}

function mentionPiece(mark, doc, isStart) {
  const { mention, number, fragment } = mark;
  const first = mention.fillers[0] ?? mention.slots[0].index;
  const piece = make("mark", { class: "mention", hue: types.get(doc.frames[first].type).hue, "data-mention": number });
  if (!mention.fillers.length) piece.classList.add("argument");
  if (mention.spans.length > 1) piece.classList.add("fragment");
  if (!isStart) piece.classList.add("from-before");
  (mention.pieces ??= []).push({ piece, fragment });
  return piece;
}

function labelText(mark, doc) {
  const parts = mark.mention.spans.length;
  return parts > 1 ? `${labelOf(mark.mention, doc)} ${mark.fragment + 1}/${parts}` : labelOf(mark.mention, doc);
}

// Marks where the query stands in the text, without changing the document's tree.
function highlightFound() {
  if (!globalThis.Highlight) return;
  const ranges = [];
  const query = state.query.toLowerCase();
  if (query) {
    const walker = document.createTreeWalker(byId("text"), NodeFilter.SHOW_TEXT, (node) =>
      node.parentElement.closest(".label, .control") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
    const nodes = [];
    let whole = "";
    while (walker.nextNode()) {
      nodes.push({ node: walker.currentNode, start: whole.length });
      whole += walker.currentNode.data;
    }
    const folded = whole.toLowerCase();
    if (folded.length === whole.length) {
      const place = (offset) => {
        let low = 0;
        for (let high = nodes.length - 1; low < high;) {
          const middle = Math.ceil((low + high) / 2);
          if (nodes[middle].start <= offset) low = middle;
          else high = middle - 1;
        }
        return [nodes[low].node, offset - nodes[low].start];
      };
      for (let at = folded.indexOf(query); at >= 0 && ranges.length < 1000; at = folded.indexOf(query, at + query.length)) {
        const range = new Range();
        range.setStart(...place(at));
        const [node, offset] = place(at + query.length - 1);
        range.setEnd(node, offset + 1);
        ranges.push(range);
      }
    }
  }
  CSS.highlights.set("found", new Highlight(...ranges));
}
