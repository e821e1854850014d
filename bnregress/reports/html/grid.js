// The table: paths down, with from which version each is safe, releases across, the newest first; variants fold.

const MANY_ROWS = 30;
const groups = groupSubjects();
const unfolded = new Set(subjects.length > MANY_ROWS ? [] : groups.filter((group) => group.subjects.length > 1));
let lanes = []; // the rows that are shown: { group, members } with one subject, or with all of a folded path
let shownReleases = [];
let focused = { row: 0, column: 0 };

function groupSubjects() {
  const found = new Map();
  subjects.forEach((subject, place) => {
    if (!found.has(subject.path)) found.set(subject.path, { path: subject.path, safe: subject.whole, subjects: [] });
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
    row: Math.max(0, Math.min(focused.row, lanes.length - 1)),
    column: Math.max(0, Math.min(focused.column, shownReleases.length - 1)),
  };
  const grid = document.getElementById("grid");
  grid.setAttribute("aria-rowcount", lanes.length + 1);
  grid.setAttribute("aria-colcount", shownReleases.length + 3);
  grid.replaceChildren(h("thead", {}, renderKinds(), renderNames()), h("tbody", {}, lanes.map((lane, row) => renderRow(lane, row, wanted))));
  const total = cells.length === fitting.length ? `${cells.length} cells` : `${fitting.length} of ${cells.length} cells`;
  document.getElementById("shown").textContent =
    `${total} in ${count(shownReleases.length, "release")} and ${count(lanes.length, "row")}.${misread()}`;
  document.getElementById("reset").hidden = !filtered();
  const all = document.getElementById("fold-all");
  if (all) all.textContent = groups.every((group) => group.subjects.length === 1 || unfolded.has(group)) ? "Fold variants" : "Unfold variants";
}

function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

const KINDS = { tensorflow: "TensorFlow with its own Keras", keras: "Keras chosen apart", yours: "yours" };

function kindStarts(column) {
  return column > 0 && releases[shownReleases[column]].kind !== releases[shownReleases[column - 1]].kind;
}

function columnClass(column) {
  return [kindStarts(column) && "edge", shownReleases[column] === mine && "mine"].filter(Boolean).join(" ");
}

function renderKinds() {
  const heads = [h("td", { class: "corner", role: "presentation" }), h("td", { colspan: 2, class: "group", role: "presentation" }, "safe from")];
  for (let column = 0; column < shownReleases.length; ) {
    let end = column + 1;
    while (end < shownReleases.length && !kindStarts(end)) end++;
    const name = KINDS[releases[shownReleases[column]].kind];
    heads.push(h("td", { colspan: end - column, class: `group ${column ? "edge" : ""}`, role: "presentation", title: name }, h("span", {}, name)));
    column = end;
  }
  return h("tr", { class: "kinds", role: "presentation" }, heads);
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
  const heads = shownReleases.map((place, column) => {
    const facts = releases[place];
    const title = [facts.id, facts.tensorflow && `TensorFlow ${facts.tensorflow}`, facts.keras && `Keras ${facts.keras}`, facts.python && `Python ${facts.python}`];
    return h("th", { scope: "col", role: "columnheader", class: columnClass(column), title: title.filter(Boolean).join(", "), "aria-label": facts.id }, h("div", { class: "label" }, facts.label));
  });
  const safe = ["TensorFlow", "Keras"].map((name) => h("th", { scope: "col", role: "columnheader", class: "safe", "aria-label": `safe from ${name}` }, name));
  return h("tr", { class: "names", role: "row" }, h("th", { class: "corner", scope: "col", role: "columnheader" }, "path"), safe, heads);
}

function renderRow(lane, row, wanted) {
  const { group, members } = lane;
  const subject = subjects[members[0]];
  const open = unfolded.has(group);
  const folded = group.subjects.length > 1 && !open;
  const first = row === 0 || lanes[row - 1].group !== group;
  const label = `${group.path}: ${open ? "fold" : "unfold"} ${group.subjects.length} variants`;
  const button =
    group.subjects.length > 1 && first &&
    h("button", { type: "button", class: "toggle", "aria-expanded": String(open), "aria-label": label, title: label, click: () => fold(group) }, open ? "−" : `+${group.subjects.length}`);
  const name = folded || !subject.variant ? group.path : [first ? group.path : "", h("span", { class: "variant" }, `@${subject.variant}`)];
  const title = folded ? `${group.path}, ${count(members.length, "variant")}` : `${subject.id}  ${subject.summary}`;
  const safe = folded ? group.safe : subject.safe;
  return h(
    "tr",
    { role: "row", "data-path": folded ? group.path : subject.id },
    h("th", { scope: "row", role: "rowheader", title, "aria-label": folded ? group.path : subject.id }, h("span", { class: "path" }, h("bdi", {}, name)), button),
    safe.map(([words, said]) => h("td", { class: "safe", role: "gridcell", title: said }, words)),
    shownReleases.map((release, column) => renderCell(release, row, lane, column, wanted)),
  );
}

function renderCell(release, row, lane, column, wanted) {
  const held = lane.members.map((place) => cellAt(release, place)).filter(Boolean);
  const attributes = { role: "gridcell", tabindex: row === focused.row && column === focused.column ? 0 : -1, "data-row": row, "data-column": column };
  if (held.length === 0) return h("td", { ...attributes, class: columnClass(column), "aria-label": `${releases[release].id}, ${lane.group.path}: not run` });
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
      class: `${look(cell)} ${columnClass(column)} ${fitting.length ? "" : "off"}`,
      "data-cell": cell.index,
      "data-drift": DRIFTS[cell.drift] || null,
      "aria-label": label,
      "aria-selected": opened() === cell ? "true" : null,
    },
    folded && alike < 100 ? h("span", { class: "of" }, `${alike}/${held.length}`) : glyph,
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
  const last = { row: lanes.length - 1, column: shownReleases.length - 1 };
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
  const row = lanes.findIndex((lane) => lane.members.includes(cell.subject));
  const column = shownReleases.indexOf(cell.release);
  const td = document.querySelector(`#grid td[data-row="${row}"][data-column="${column}"]`);
  if (!td) return null;
  td.setAttribute("aria-selected", "true");
  return { row, column };
}
