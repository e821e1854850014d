// The data that the page carries, compressed: the table's is unpacked at once, all else when a cell is opened.

async function unpack(id) {
  const bytes = Uint8Array.from(atob(document.getElementById(id).textContent.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

const unpacked = new Map();

// Whatever the panel of a cell reads, before it is made.
async function prepare(cell) {
  const ids = ["packages", "shared", `release-${cell.release}`].filter((id) => !unpacked.has(id));
  const found = await Promise.all(ids.map(unpack));
  ids.forEach((id, place) => unpacked.set(id, found[place]));
}

const DRIFTS = { new: "N", different: "D", missing: "M", known: "", fixed: "F" };

const { statuses, releases, subjects, cells: rows, texts, checks: checkNames } = await unpack("overview");
const STATUSES = Object.fromEntries(statuses.map(([name, glyph, word]) => [name, { glyph, word }]));
const GRAVEST = Object.keys(STATUSES);
const packagesOf = () => unpacked.get("packages");
const shared = () => unpacked.get("shared");

const cells = rows.map(([release, subject, status, kind, drift, text, failing], index) => ({
  index,
  release,
  subject,
  status,
  kind,
  drift,
  id: `${releases[release].id}/${subjects[subject].id}`,
  text: texts[text],
  checks: (failing || []).map((place) => checkNames[place]),
}));
const byId = new Map(cells.map((cell) => [cell.id, cell]));
const byPlace = new Map(cells.map((cell) => [cell.release * subjects.length + cell.subject, cell]));

function cellAt(release, subject) {
  return byPlace.get(release * subjects.length + subject);
}

function details(cell) {
  return unpacked.get(`release-${cell.release}`)[subjects[cell.subject].id];
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
