// Starts the page. The address says which cell is open, so that every cell has a link and Back closes it.

const panel = document.getElementById("cell");
const mainPart = document.getElementById("main");
const coversAll = matchMedia("(max-width: 62rem)");
let openCell = null;

function opened() {
  return openCell;
}

function open(cell) {
  if (cell === openCell) return panel.querySelector("h2").focus();
  location.hash = cell.id;
}

function close() {
  history.replaceState(null, "", location.pathname + location.search);
  follow();
}

function addressed() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return location.hash.slice(1);
  }
}

function follow() {
  const id = addressed();
  const cell = byId.get(id) || null;
  if (cell && cell !== openCell) show(cell);
  else if (!cell && openCell) hide();
  if (!cell && id.includes("/")) document.getElementById("shown").textContent = `This report has no cell ${id}.`;
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

buildFilters(document.getElementById("filters"), renderGrid);
buildGrid(open);
addEventListener("hashchange", follow);
coversAll.addEventListener("change", fit);
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && openCell && !event.defaultPrevented) close();
});
follow();
document.documentElement.dataset.ready = "true";
