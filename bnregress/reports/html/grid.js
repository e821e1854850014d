// The table: releases down, paths across, variants under their path and folded where there are many.

const MANY_COLUMNS = 30;
const groups = groupSubjects();
const unfolded = new Set(subjects.length > MANY_COLUMNS ? [] : groups.filter((group) => group.subjects.length > 1));
let lanes = []; // the columns that are shown: { group, members } with one subject, or with all of a folded path
let shownReleases = [];
let focused = { row: 0, column: 0 };

function groupSubjects() {
  const found = new Map();
  subjects.forEach((subject, place) => {
    if (!found.has(subject.path)) found.set(subject.path, { path: subject.path, subjects: [] });
    found.get(subject.path).subjects.push(place);
  });
  return [...found.values()];
}

function renderGrid() {
  const fitting = cells.filter(fits);
  const wanted = new Set(fitting);
  const heldSubjects = new Set(fitting.map((cell) => cell.subject));
  const heldReleases = new Set(fitting.map((cell) => cell.release));
  shownReleases = releases.map((_, place) => place).filter((place) => heldReleases.has(place));
  lanes = groups.flatMap((group) => {
    const members = group.subjects.filter((place) => heldSubjects.has(place));
    if (members.length === 0) return [];
    if (group.subjects.length === 1 || unfolded.has(group)) return members.map((place) => ({ group, members: [place] }));
    return [{ group, members }];
  });
  focused = {
    row: Math.max(0, Math.min(focused.row, shownReleases.length - 1)),
    column: Math.max(0, Math.min(focused.column, lanes.length - 1)),
  };
  const grid = document.getElementById("grid");
  const grouped = lanes.some((lane) => lane.group.subjects.length > 1);
  grid.className = grouped ? "grouped" : "";
  grid.setAttribute("aria-rowcount", shownReleases.length + 1);
  grid.setAttribute("aria-colcount", lanes.length + 1);
  const body = shownReleases.map((release, row) => renderRow(release, row, wanted));
  grid.replaceChildren(h("thead", {}, grouped && renderSpans(), renderNames()), h("tbody", {}, body));
  const total = cells.length === fitting.length ? `${cells.length} cells` : `${fitting.length} of ${cells.length} cells`;
  document.getElementById("shown").textContent =
    `${total} in ${count(shownReleases.length, "release")} and ${count(lanes.length, "column")}`;
  document.getElementById("reset").hidden = !filtered();
  const all = document.getElementById("fold-all");
  if (all) all.textContent = groups.every((group) => group.subjects.length === 1 || unfolded.has(group)) ? "Fold variants" : "Unfold variants";
}

function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function starts(column) {
  return column > 0 && lanes[column].group !== lanes[column - 1].group;
}

function edge(column) {
  const parted = starts(column) && [lanes[column], lanes[column - 1]].some((lane) => lane.group.subjects.length > 1 && unfolded.has(lane.group));
  return parted ? "edge" : "";
}

function renderSpans() {
  const heads = [h("td", { class: "corner", role: "presentation" })];
  for (let column = 0; column < lanes.length; ) {
    const { group } = lanes[column];
    let end = column;
    while (end < lanes.length && lanes[end].group === group) end++;
    const open = unfolded.has(group);
    const size = group.subjects.length;
    const label = `${group.path}: ${open ? "fold" : "unfold"} ${size} variants`;
    const button =
      size > 1 &&
      h(
        "button",
        { type: "button", class: "toggle", "aria-expanded": String(open), "aria-label": label, title: label, click: () => fold(group) },
        open ? (end - column > 4 ? `− ${group.path}` : "−") : `+${size}`,
      );
    heads.push(h("th", { colspan: end - column, class: edge(column), role: "presentation" }, button));
    column = end;
  }
  return h("tr", { class: "span", role: "presentation" }, heads);
}

function fold(group) {
  if (!unfolded.delete(group)) unfolded.add(group);
  renderGrid();
  const label = [...document.querySelectorAll(".toggle")].find((each) => each.getAttribute("aria-label").startsWith(`${group.path}:`));
  if (label) label.focus();
}

function foldAll() {
  const foldable = groups.filter((group) => group.subjects.length > 1);
  const open = foldable.every((group) => unfolded.has(group));
  for (const group of foldable) open ? unfolded.delete(group) : unfolded.add(group);
  renderGrid();
}

function renderNames() {
  const heads = lanes.map(({ group, members }, column) => {
    const subject = subjects[members[0]];
    const folded = members.length > 1 || (group.subjects.length > 1 && !unfolded.has(group));
    const name = folded || !subject.variant ? [group.path] : [starts(column) || column === 0 ? group.path : "", h("span", { class: "variant" }, `@${subject.variant}`)];
    const title = folded ? `${group.path}, ${count(members.length, "variant")}` : `${subject.id}  ${subject.summary}`;
    return h("th", { scope: "col", role: "columnheader", class: edge(column), title, "aria-label": folded ? group.path : subject.id }, h("div", { class: "label" }, name));
  });
  return h("tr", { class: "names", role: "row" }, h("th", { class: "corner", scope: "col", role: "columnheader" }, "release"), heads);
}

function renderRow(release, row, wanted) {
  const facts = releases[release];
  const title = [facts.tensorflow && `TensorFlow ${facts.tensorflow}`, facts.keras && `Keras ${facts.keras}`, facts.python && `Python ${facts.python}`];
  const found = lanes.map((lane, column) => renderCell(release, row, lane, column, wanted));
  return h("tr", { role: "row" }, h("th", { scope: "row", role: "rowheader", title: title.filter(Boolean).join(", ") }, facts.id), found);
}

function renderCell(release, row, lane, column, wanted) {
  const held = lane.members.map((place) => cellAt(release, place)).filter(Boolean);
  const attributes = { role: "gridcell", tabindex: row === focused.row && column === focused.column ? 0 : -1, "data-row": row, "data-column": column };
  if (held.length === 0) return h("td", { ...attributes, class: edge(column), "aria-label": `${releases[release].id}, ${lane.group.path}: not run` });
  const fitting = held.filter((cell) => wanted.has(cell));
  const cell = gravest(fitting.length ? fitting : held);
  const alike = held.filter((other) => look(other) === look(cell)).length;
  const folded = held.length > 1;
  const label = folded ? `${releases[release].id}, ${lane.group.path}: ${alike} of ${held.length} variants ${spoken(cell)}` : `${releases[release].id}, ${subjects[cell.subject].id}: ${spoken(cell)}`;
  const glyph = STATUSES[cell.status].glyph;
  return h(
    "td",
    {
      ...attributes,
      class: `${look(cell)} ${edge(column)} ${fitting.length ? "" : "off"}`,
      "data-cell": cell.index,
      "data-drift": DRIFTS[cell.drift] || null,
      "aria-label": label,
      "aria-selected": opened() === cell ? "true" : null,
    },
    glyph,
    folded && cell.status !== "pass" && alike < Math.min(held.length, 100) && h("span", { class: "of" }, alike),
  );
}

function cellOf(target) {
  const td = target.closest("td[data-cell]");
  return td && cells[Number(td.dataset.cell)];
}

function focusAt(row, column) {
  const grid = document.getElementById("grid");
  const before = grid.querySelector('td[tabindex="0"][data-row]');
  const after = grid.querySelector(`td[data-row="${row}"][data-column="${column}"]`);
  if (!after) return;
  if (before) before.tabIndex = -1;
  after.tabIndex = 0;
  focused = { row, column };
  after.focus({ preventScroll: true });
  reveal(after);
}

// The heads of rows and columns lie over the scrolled table, so the browser's own scrolling would hide cells under them.
function reveal(td) {
  const box = document.getElementById("scroll");
  const outer = box.getBoundingClientRect();
  const inner = td.getBoundingClientRect();
  const left = td.parentElement.firstElementChild.getBoundingClientRect().width + 4;
  const top = document.querySelector("#grid thead").getBoundingClientRect().height + 4;
  if (inner.left < outer.left + left) box.scrollLeft -= outer.left + left - inner.left;
  else if (inner.right > outer.right - 4) box.scrollLeft += inner.right - outer.right + 4;
  if (inner.top < outer.top + top) box.scrollTop -= outer.top + top - inner.top;
  else if (inner.bottom > outer.bottom - 4) box.scrollTop += inner.bottom - outer.bottom + 4;
  const now = td.getBoundingClientRect();
  if (now.top < 0 || now.bottom > innerHeight) scrollBy(0, now.top - innerHeight / 2);
}

function moved(event) {
  const last = { row: shownReleases.length - 1, column: lanes.length - 1 };
  const { row, column } = focused;
  const everything = event.ctrlKey || event.metaKey;
  switch (event.key) {
    case "ArrowRight": return [row, Math.min(column + 1, last.column)];
    case "ArrowLeft": return [row, Math.max(column - 1, 0)];
    case "ArrowDown": return [Math.min(row + 1, last.row), column];
    case "ArrowUp": return [Math.max(row - 1, 0), column];
    case "Home": return [everything ? 0 : row, 0];
    case "End": return [everything ? last.row : row, last.column];
    case "PageDown": return [Math.min(row + 10, last.row), column];
    case "PageUp": return [Math.max(row - 10, 0), column];
    default: return null;
  }
}

function buildGrid(open) {
  const grid = document.getElementById("grid");
  renderGrid();
  grid.addEventListener("click", (event) => {
    const cell = cellOf(event.target);
    if (!cell) return;
    const td = event.target.closest("td");
    focusAt(Number(td.dataset.row), Number(td.dataset.column));
    open(cell);
  });
  grid.addEventListener("keydown", (event) => {
    if (!event.target.matches("td[data-row]") || event.altKey) return;
    focused = { row: Number(event.target.dataset.row), column: Number(event.target.dataset.column) };
    const place = moved(event);
    const cell = cellOf(event.target);
    if (place) focusAt(...place);
    else if ((event.key === "Enter" || event.key === " ") && cell) open(cell);
    else return;
    event.preventDefault();
  });
  grid.addEventListener("mouseover", (event) => {
    const cell = cellOf(event.target);
    if (cell) event.target.closest("td").title = `${cell.id}: ${spoken(cell)}\n${cell.text}`.trim();
  });
}

function select(cell) {
  for (const td of document.querySelectorAll('#grid td[aria-selected="true"]')) td.removeAttribute("aria-selected");
  if (!cell) return null;
  const column = lanes.findIndex((lane) => lane.members.includes(cell.subject));
  const row = shownReleases.indexOf(cell.release);
  const td = document.querySelector(`#grid td[data-row="${row}"][data-column="${column}"]`);
  if (!td) return null;
  td.setAttribute("aria-selected", "true");
  return { row, column };
}
