// SPDX-License-Identifier: Apache-2.0
// Filters by type, score, words and trouble.

// A name that may go on in another line behind an underscore.
const breakable = (name) => name.split(/(?<=_)/).flatMap((part) => [part, make("wbr")]);

function renderTypes() {
  byId("types").replaceChildren(...typeList.map(({ name, count, hue }, index) => {
    const box = make("input", { type: "checkbox", "data-type": index });
    box.checked = true;
    return make("li", {}, make("label", {}, box, make("span", { class: "swatch", hue }), make("span", { class: "name" }, ...breakable(visible(name))), make("span", { class: "number" }, number(count))));
  }));
}

function readTypes() {
  state.off = new Set();
  for (const box of byId("types").querySelectorAll("input")) if (!box.checked) state.off.add(typeList[Number(box.dataset.type)].name);
  refilter();
}

function setTypes(areOn) {
  for (const box of byId("types").querySelectorAll("input")) box.checked = areOn;
  readTypes();
}

// Applies the filters; the document looked at stays if they let it through.
function refilter() {
  const on = typeList.length - state.off.size;
  byId("types-shown").textContent = on === typeList.length ? `${on}` : `${on} of ${typeList.length}`;
  updateMatching();
  const count = state.matching.length;
  const left = about.left_out ? ` (the file has more: ${about.left_out})` : "";
  byId("count").textContent = `${count === docs.length ? plural(count, "document") : `${number(count)} of ${plural(docs.length, "document")}`}${left}`;
  const stays = state.matching.includes(state.at);
  showDoc(stays ? state.at : state.matching[0] ?? -1);
}

let waiting = 0;
function later(action) {
  clearTimeout(waiting);
  waiting = setTimeout(action, docs.length > 500 ? 120 : 0);
}

function listenToFilters() {
  byId("search").addEventListener("input", (event) => {
    state.query = event.target.value;
    later(refilter);
  });
  byId("problem").addEventListener("change", (event) => {
    state.problem = event.target.value;
    refilter();
  });
  byId("score").addEventListener("input", (event) => {
    state.minScore = Number(event.target.value);
    byId("score-value").textContent = state.minScore.toFixed(2);
    later(refilter);
  });
  byId("types").addEventListener("change", readTypes);
  byId("types-all").addEventListener("click", () => setTypes(true));
  byId("types-none").addEventListener("click", () => setTypes(false));
}
