// The data that the page carries: the table's at once, all else when it is asked for.

function block(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

function lazily(make) {
  let value;
  return () => (value === undefined ? (value = make()) : value);
}

const DRIFTS = { new: "N", different: "D", missing: "M", known: "", fixed: "F" };

const { statuses, releases, subjects, cells: rows, texts } = block("overview");
const STATUSES = Object.fromEntries(statuses.map(([name, glyph, word]) => [name, { glyph, word }]));
const GRAVEST = Object.keys(STATUSES);
const packagesOf = lazily(() => block("packages"));
const shared = lazily(() => block("shared"));
const detailsOf = releases.map((_, place) => lazily(() => block(`release-${place}`)));

const cells = rows.map(([release, subject, status, kind, drift, text], index) => ({
  index,
  release,
  subject,
  status,
  kind,
  drift,
  id: `${releases[release].id}/${subjects[subject].id}`,
  text: texts[text],
}));
const byId = new Map(cells.map((cell) => [cell.id, cell]));
const byPlace = new Map(cells.map((cell) => [cell.release * subjects.length + cell.subject, cell]));

function cellAt(release, subject) {
  return byPlace.get(release * subjects.length + subject);
}

function details(cell) {
  return detailsOf[cell.release]()[subjects[cell.subject].id];
}

function text(value) {
  return typeof value === "number" ? shared()[value] : value;
}

function look(cell) {
  return cell.status === "regress" && cell.drift === "known" ? "s-known" : `s-${cell.status}`;
}

function spoken(cell) {
  const kind = cell.kind ? ` (${cell.kind})` : "";
  const drift = cell.drift ? `, ${cell.drift}` : "";
  return `${STATUSES[cell.status].word}${kind}${drift}`;
}

function gravest(some) {
  return some.reduce((worst, cell) => (rank(cell) < rank(worst) ? cell : worst));
}

function rank(cell) {
  return GRAVEST.indexOf(cell.status) * 2 + (cell.drift === "known" ? 1 : 0);
}
