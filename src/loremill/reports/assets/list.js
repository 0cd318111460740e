// SPDX-License-Identifier: Apache-2.0
// The list of documents: only the rows in sight are in the tree, however many there are.

const ROW_HEIGHT = 58;
const ROWS_BESIDE = 8;

function renderList() {
  const list = byId("list");
  const rows = byId("rows");
  rows.style.height = `${state.matching.length * ROW_HEIGHT}px`;
  const first = Math.max(0, Math.floor(list.scrollTop / ROW_HEIGHT) - ROWS_BESIDE);
  const last = Math.min(state.matching.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW_HEIGHT) + ROWS_BESIDE);
  const shown = [];
  for (let place = first; place < last; place += 1) shown.push(listRow(place));
  rows.replaceChildren(...shown);
  const current = state.matching.indexOf(state.at);
  if (current >= first && current < last) list.setAttribute("aria-activedescendant", `doc-${state.at}`);
  else list.removeAttribute("aria-activedescendant");
}

function listRow(place) {
  const index = state.matching[place];
  const doc = docs[index];
  const row = make("div", {
    class: "doc", role: "option", id: `doc-${index}`, "data-doc": index,
    "aria-selected": String(index === state.at), "aria-setsize": state.matching.length, "aria-posinset": place + 1,
  });
  row.style.top = `${place * ROW_HEIGHT}px`;
  const top = make("div", {}, make("b", { dir: "auto" }, shorten(String(doc.id), 80) || `document ${index + 1}`), ...badges(doc));
  row.append(top, make("div", { class: "snippet" }, make("span", { dir: "auto" }, snippet(doc) || "(no text)")));
  return row;
}

function badges(doc) {
  if (doc.error) return [make("span", { class: "badge bad" }, "error")];
  const found = [];
  if (isPartlyRead(doc)) found.push(make("span", { class: "badge warn", title: "part of the text was read" }, `${Math.floor(100 * doc.coverage)} % read`));
  const rejects = rejectCount(doc);
  if (rejects) found.push(make("span", { class: "badge warn", title: "items not used" }, `${number(rejects)} unused`));
  found.push(make("span", { class: "badge", title: "frames" }, plural(doc.frames.length, "frame")));
  return found;
}

// The text's beginning, or what stands around the words searched for.
function snippet(doc) {
  const found = state.query ? doc.text.toLowerCase().indexOf(state.query.toLowerCase()) : -1;
  return found > 30 ? `… ${shorten(doc.text.slice(found - 20, found + 140), 120)}` : shorten(doc.text.slice(0, 240), 120);
}

function scrollListTo(place) {
  const list = byId("list");
  const top = place * ROW_HEIGHT;
  if (top < list.scrollTop) list.scrollTop = top;
  else if (top + ROW_HEIGHT > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW_HEIGHT - list.clientHeight;
}
