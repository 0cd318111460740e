// SPDX-License-Identifier: Apache-2.0
// The document looked at.

function showDoc(index) {
  const isOther = index !== state.at;
  state.at = index;
  const doc = docs[index];
  const place = state.matching.indexOf(index);
  byId("position").textContent = doc ? `${number(place + 1)} of ${number(state.matching.length)}` : "none";
  byId("previous").disabled = place <= 0;
  byId("next").disabled = place < 0 || place === state.matching.length - 1;
  byId("split").hidden = !doc;
  byId("problems").replaceChildren();
  byId("doc-id").textContent = doc ? shorten(String(doc.id), 300) || `document ${index + 1}` : "No document with these filters";
  byId("facts").textContent = doc ? factsOf(doc) : "";
  if (doc) renderDoc(doc, isOther);
  if (place >= 0) scrollListTo(place);
  renderList();
  if (doc) history.replaceState(null, "", `#${index + 1}`);
}

function renderDoc(doc, isOther) {
  const keeps = !isOther && state.chosen >= 0 && isShown(doc.frames[state.chosen]) ? state.chosen : -1;
  renderProblems(doc);
  mentionsByKey = renderText(doc);
  renderFrames(doc);
  renderLedger(doc);
  highlightFound();
  if (isOther) {
    byId("document").scrollTop = 0;
    if (CSS.highlights?.get("found")?.size) byId("text").scrollTop = 0;
  }
  chooseFrame(keeps, { scroll: false });
}

function factsOf(doc) {
  const parts = [plural(slicer(doc.text).length, "character"), plural(doc.frames.length, "frame")];
  const rejects = rejectCount(doc);
  if (rejects) parts.push(`${plural(rejects, "item")} not used`);
  return parts.join(" · ");
}

function showPlace(place) {
  if (state.matching[place] !== undefined) showDoc(state.matching[place]);
}

function stepDoc(by) {
  showPlace(state.matching.indexOf(state.at) + by);
}

function renderRun() {
  const entries = Object.entries(about.run).filter(([, value]) => value !== "");
  if (!entries.length) return;
  const list = make("dl", {}, ...entries.flatMap(([name, value]) => [make("dt", {}, visible(name)), make("dd", { dir: "auto" }, visible(value))]));
  byId("about-run").append(make("h2", {}, "How this was made"), list);
}

function start() {
  setTheme(storedTheme());
  renderTypes();
  renderRun();
  listenToFilters();
  listenToButtons();
  const wanted = () => Number(/^#(\d+)$/.exec(location.hash)?.[1]) - 1;
  if (docs[wanted()]) state.at = wanted();
  const first = state.at;
  state.at = -1;
  updateMatching();
  refilter();
  if (first >= 0) showDoc(first);
  addEventListener("hashchange", () => { if (docs[wanted()] && wanted() !== state.at) showDoc(wanted()); });
  addEventListener("resize", () => {
    renderList();
    if (docs[state.at]) drawLinks(docs[state.at]);
  });
}

start();
