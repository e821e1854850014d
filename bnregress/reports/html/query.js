// The query: words, and terms as `path:h5 status:regress,error -check:oracle`. The address keeps it, chips write it.

const KEYS = {
  path: (cell) => subjects[cell.subject].path,
  variant: (cell) => subjects[cell.subject].variant || "default",
  family: (cell) => subjects[cell.subject].family,
  release: (cell) => releases[cell.release].id,
  tensorflow: (cell) => releases[cell.release].tensorflow || "",
  keras: (cell) => releases[cell.release].keras || "",
  python: (cell) => releases[cell.release].python || "",
  status: (cell) => cell.status,
  now: (cell) => cell.status,
  was: (cell) => before(cell)?.status || "",
  drift: (cell) => cell.drift || "",
  check: (cell) => cell.checks,
};
let query = "";
let terms = [];

// The same path in the next older release that has it, within releases of one kind.
function before(cell) {
  for (let place = cell.release + 1; place < releases.length && releases[place].kind === releases[cell.release].kind; place++) {
    const other = cellAt(place, cell.subject);
    if (other) return other;
  }
  return null;
}

function parseQuery(words) {
  return words.trim().split(/\s+/).filter(Boolean).map((word) => {
    const [, minus, key, values] = /^(-?)(?:([a-z]+):)?(.*)$/s.exec(word);
    if (key && KEYS[key]) return { minus: Boolean(minus), key, values: values.split(",").filter(Boolean) };
    // An address is no term, and neither is a word with a colon that nobody knows: it is looked for as it is.
    return { minus: false, key: null, values: [word.toLowerCase()], unknown: key && !word.includes("/") ? key : null };
  });
}

function setQuery(words) {
  query = words.trim();
  terms = parseQuery(words);
}

// A glob where it has a star; the value itself or a version below it; else any part of a name.
function meets(value, wanted) {
  const [name, part] = [value.toLowerCase(), wanted.toLowerCase()];
  if (part.includes("*")) {
    const pattern = part.split("*").map((piece) => piece.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*");
    return new RegExp(`^${pattern}$`).test(name);
  }
  return name === part || name === `tf${part}` || name.startsWith(`${part}.`) || name.startsWith(`tf${part}.`);
}

function fits(cell) {
  return terms.every((term) => {
    if (!term.values.length) return true;
    if (!term.key) return `${cell.id}\n${cell.text}`.toLowerCase().includes(term.values[0]);
    const held = [KEYS[term.key](cell)].flat();
    return held.some((value) => term.values.some((wanted) => meets(value, wanted))) !== term.minus;
  });
}

function filtered() {
  return terms.length > 0;
}

function chosen(key, value) {
  return terms.some((term) => term.key === key && !term.minus && term.values.includes(value));
}

// Adds the value to the query, or takes it away.
function toggled(key, value) {
  const others = terms.filter((term) => term.key !== key || term.minus);
  const values = terms.filter((term) => term.key === key && !term.minus).flatMap((term) => term.values);
  const kept = values.includes(value) ? values.filter((each) => each !== value) : [...values, value];
  if (kept.length) others.push({ minus: false, key, values: kept });
  return others.map((term) => `${term.minus ? "-" : ""}${term.key ? `${term.key}:` : ""}${term.values.join(",")}`).join(" ");
}

function misread() {
  const odd = terms.find((term) => term.unknown);
  return odd ? ` There is no key ${odd.unknown}; the keys are ${Object.keys(KEYS).join(", ")}.` : "";
}
