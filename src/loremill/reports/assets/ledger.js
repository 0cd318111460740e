// SPDX-License-Identifier: Apache-2.0
// What was not used, not read, or went wrong.

const ITEMS_AT_MOST = 500;

function renderProblems(doc) {
  const box = byId("problems");
  box.replaceChildren();
  if (doc.error) box.append(make("p", { class: "problem bad", role: "note" }, make("b", {}, "Error: "), visible(doc.error)));
  if (isPartlyRead(doc)) box.append(unreadNote(doc));
}

function unreadNote(doc) {
  const pieces = doc.unread ?? [];
  const count = pieces.reduce((sum, [start, end]) => sum + end - start, 0);
  const note = make("p", { class: "problem", role: "note" }, make("b", {}, `${(100 * doc.coverage).toFixed(1)} % of the text was read. `));
  if (pieces.length) {
    const jump = make("button", { class: "link", type: "button" }, `${plural(count, "character")} in ${plural(pieces.length, "place")}`);
    jump.addEventListener("click", () => byId("text").querySelector(".unread")?.scrollIntoView({ block: "center" }));
    note.append(jump, pieces.length === 1 && count === 1 ? " was shown to no model." : " were shown to no model.");
  }
  return note;
}

function renderLedger(doc) {
  const box = byId("ledger");
  box.replaceChildren();
  if (doc.rejected) box.append(rejectsBox(doc));
  if (doc.notes) {
    const list = make("ul", {}, ...doc.notes.slice(0, ITEMS_AT_MOST).map((note) => make("li", { dir: "auto" }, visible(note))));
    box.append(make("details", { open: "" }, make("summary", {}, `Notes ${number(doc.notes.length)}`), list));
  }
}

function rejectsBox(doc) {
  const reasons = new Map();
  for (const reject of doc.rejected) {
    if (!reasons.has(reject.reason)) reasons.set(reject.reason, []);
    reasons.get(reject.reason).push(reject);
  }
  const details = make("details", { open: "", class: "rejects" }, make("summary", {}, `Not used ${number(rejectCount(doc))}`));
  for (const [reason, rejects] of [...reasons].sort((a, b) => b[1].length - a[1].length)) {
    const count = rejects.reduce((sum, reject) => sum + reject.count, 0);
    details.append(make("h4", {}, reason, " ", make("span", { class: "reason" }, number(count))));
    const items = rejects.slice(0, ITEMS_AT_MOST).map(({ item, count: times }) =>
      make("li", {}, make("bdi", {}, shorten(item, 1000)), times > 1 ? ` ×${number(times)}` : ""));
    if (rejects.length > ITEMS_AT_MOST) items.push(make("li", {}, `… and ${number(rejects.length - ITEMS_AT_MOST)} more`));
    details.append(make("ul", {}, ...items));
  }
  return details;
}
