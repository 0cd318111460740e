// SPDX-License-Identifier: Apache-2.0
// Keys and buttons.

const THEMES = ["", "light", "dark"];

function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  byId("theme").textContent = { "": "Auto", light: "Light", dark: "Dark" }[theme];
  byId("theme").setAttribute("aria-label", `Theme: ${theme || "as the system"}`);
  try {
    localStorage.setItem("loremill-theme", theme);
  } catch {
    // a page opened from a file may have no storage
  }
}

function storedTheme() {
  try {
    const theme = localStorage.getItem("loremill-theme");
    return THEMES.includes(theme) ? theme : "";
  } catch {
    return "";
  }
}

function toggle(id) {
  const button = byId(id);
  const isOn = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(isOn));
  return isOn;
}

function toggleLabels() {
  byId("text").classList.toggle("no-labels", !toggle("labels"));
  if (docs[state.at]) drawLinks(docs[state.at]);
}

function toggleLinks() {
  toggle("links");
  if (docs[state.at]) drawLinks(docs[state.at]);
}

function nextTheme() {
  setTheme(THEMES[(THEMES.indexOf(document.documentElement.dataset.theme ?? "") + 1) % THEMES.length]);
}

function showSidebar(isOpen) {
  document.body.classList.toggle("show-sidebar", isOpen);
  byId("sidebar-button").setAttribute("aria-expanded", String(isOpen));
  if (isOpen) renderList();
}

function toggleProblems() {
  state.problem = state.problem ? "" : "any";
  byId("problem").value = state.problem;
  refilter();
}

function focusSearch() {
  showSidebar(true);
  byId("search").focus();
  byId("search").select();
}

function leave() {
  if (document.body.classList.contains("show-sidebar")) showSidebar(false);
  else chooseFrame(-1);
}

const KEYS = {
  j: () => stepDoc(1),
  ArrowRight: () => stepDoc(1),
  k: () => stepDoc(-1),
  ArrowLeft: () => stepDoc(-1),
  g: () => showPlace(0),
  G: () => showPlace(state.matching.length - 1),
  n: () => stepFrame(1),
  p: () => stepFrame(-1),
  "/": focusSearch,
  e: toggleProblems,
  l: toggleLabels,
  a: toggleLinks,
  t: nextTheme,
  "?": () => byId("help").showModal(),
  Escape: leave,
};

const LIST_KEYS = { ArrowDown: KEYS.j, ArrowUp: KEYS.k, Home: KEYS.g, End: KEYS.G, Enter: () => showSidebar(false) };

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
  const target = event.target;
  if (target.matches("input, select, textarea")) {
    if (event.key === "Escape" || (event.key === "Enter" && target.id === "search")) {
      target.blur();
      showSidebar(false);
      event.preventDefault();
    }
    if (!target.matches('[type="checkbox"]')) return;
  }
  const action = (target.id === "list" && LIST_KEYS[event.key]) || KEYS[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

function listenToButtons() {
  document.addEventListener("keydown", onKey);
  byId("previous").addEventListener("click", KEYS.k);
  byId("next").addEventListener("click", KEYS.j);
  byId("labels").addEventListener("click", toggleLabels);
  byId("links").addEventListener("click", toggleLinks);
  byId("theme").addEventListener("click", nextTheme);
  byId("help-button").addEventListener("click", KEYS["?"]);
  byId("sidebar-button").addEventListener("click", () => showSidebar(!document.body.classList.contains("show-sidebar")));
  byId("more-frames").addEventListener("click", () => drawMoreFrames(docs[state.at], FRAMES_AT_ONCE));
  byId("list").addEventListener("scroll", renderList);
  byId("list").addEventListener("click", (event) => {
    const row = event.target.closest(".doc");
    if (!row) return;
    showDoc(Number(row.dataset.doc));
    showSidebar(false);
  });
  byId("frames").addEventListener("click", (event) => {
    const card = event.target.closest(".frame");
    if (!card) return;
    const index = Number(card.dataset.frame);
    chooseFrame(index === state.chosen ? -1 : index);
  });
  byId("chosen").addEventListener("click", () => chooseFrame(-1));
  byId("text").addEventListener("click", (event) => {
    const piece = event.target.closest(".mention");
    if (piece && getSelection().isCollapsed) chooseFrameOf(piece);
  });
}
