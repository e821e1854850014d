// Starts the page. The address says which cell is open, so that every cell has a link and Back closes it.

const panel = document.getElementById("cell");
const mainPart = document.getElementById("main");
const coversAll = matchMedia("(max-width: 62rem)");
let openCell = null;
let following = false; // while the page is made to fit the address, and not the other way round

function opened() {
  return openCell;
}

function open(cell) {
  if (cell === openCell) return panel.querySelector("h2").focus();
  location.hash = address(cell.id);
}

function close() {
  history.replaceState(null, "", `${location.pathname}${location.search}${address("") && `#${address("")}`}`);
  follow();
}

// A cell, then the query and the reader's own version: `tf2.1.0/h5?q=status%3Aregress&mine=tf2.15.1`.
function address(id) {
  const kept = new URLSearchParams([["q", query], ["mine", mine < 0 ? "" : releases[mine].id]].filter(([, value]) => value));
  return String(kept) ? `${id}?${kept}` : id;
}

function addressed() {
  const [id, kept] = location.hash.slice(1).split("?", 2);
  const found = new URLSearchParams(kept || "");
  try {
    return [decodeURIComponent(id), found];
  } catch {
    return [id, found];
  }
}

function keepAddress() {
  if (following) return;
  const wanted = address(openCell ? openCell.id : "");
  if (wanted !== location.hash.slice(1)) history.replaceState(null, "", `${location.pathname}${location.search}${wanted && `#${wanted}`}`);
}

async function follow() {
  const [id, kept] = addressed();
  following = true;
  if (kept.has("mine")) filters.mark(releases.findIndex((release) => release.id === kept.get("mine")));
  if (kept.has("q") && kept.get("q") !== query) filters.ask(kept.get("q"));
  following = false;
  const cell = byId.get(id) || null;
  if (cell && cell !== openCell) {
    await prepare(cell);
    // Meanwhile another one may have been opened, or this one closed.
    if (addressed()[0] === id && cell !== openCell) show(cell);
  } else if (!cell && openCell) hide();
  if (!cell && id.includes("/")) document.getElementById("shown").textContent = `This report has no cell ${id}.`;
  if (cell) keepAddress();
}

function show(cell) {
  openCell = cell;
  panel.hidden = false;
  document.body.classList.add("open");
  renderCellPanel(panel, cell, { close, go: open });
  const place = select(cell);
  if (place) {
    document.querySelectorAll('#grid td[tabindex="0"]').forEach((td) => (td.tabIndex = -1));
    focused = place;
    const td = document.querySelector(`#grid td[data-row="${place.row}"][data-column="${place.column}"]`);
    td.tabIndex = 0;
    reveal(td);
  }
  fit();
  panel.querySelector("h2").focus({ preventScroll: true });
}

function hide() {
  openCell = null;
  panel.hidden = true;
  panel.replaceChildren();
  document.body.classList.remove("open");
  select(null);
  fit();
  focusAt(focused.row, focused.column);
}

// Where the panel covers the page, nothing under it may be reached.
function fit() {
  const covering = Boolean(openCell) && coversAll.matches;
  mainPart.inert = covering;
  panel.setAttribute("aria-modal", String(covering));
}

let started = false;
const filters = buildFilters(document.getElementById("filters"), () => {
  if (!started) return;
  renderGrid();
  keepAddress();
});
buildGrid(open);
started = true;
if (mine >= 0) document.getElementById("mine").value = String(mine);
addEventListener("hashchange", follow);
coversAll.addEventListener("change", fit);
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && openCell && !event.defaultPrevented) close();
});
follow().finally(() => (document.documentElement.dataset.ready = "true"));
