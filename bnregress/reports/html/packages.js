// The packages of a release against those of its neighbour: what differs first, what is the same on demand.

const DECIDED = ["pass", "regress"];

// The release on either side, and the nearest in which the verdict is the other one where that is further away.
function neighbours(cell) {
  const told = (place) => Boolean(packagesOf()[place]);
  const other = (place) => {
    const verdict = cellAt(place, cell.subject)?.status;
    return told(place) && DECIDED.includes(cell.status) && DECIDED.includes(verdict) && verdict !== cell.status;
  };
  const places = releases.map((_, place) => place);
  const [older, newer] = [places.slice(cell.release + 1), places.slice(0, cell.release).reverse()];
  const found = [[older, "older"], [newer, "newer"]].flatMap(([side, word]) => side.filter(told).slice(0, 1).map((place) => ({ place, word, differs: other(place) })));
  if (!found.some(({ differs }) => differs)) {
    const place = newer.find(other) ?? older.find(other);
    if (place !== undefined) found.push({ place, word: place > cell.release ? "older" : "newer", differs: true });
  }
  return found;
}

function packagesPanel(cell) {
  const own = packagesOf()[cell.release];
  if (!own) return [h("p", { class: "summary" }, "Its environment did not report its packages.")];
  const around = neighbours(cell);
  const place = h("div");
  const buttons = around.map((other) =>
    h("button", { type: "button", class: "act", "aria-pressed": "false", click: () => show(other) }, `${releases[other.place].id}, ${other.word}${other.differs ? ", another verdict" : ""}`),
  );
  const start = Math.max(0, around.findIndex((other) => other.differs));
  if (around.length) show(around[start]);
  else place.append(packagesTable([releases[cell.release].id], Object.entries(own).map(([name, version]) => [name, version])));
  return [around.length > 0 && h("div", { class: "choose" }, "against", buttons), place];

  function show(other) {
    buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(around[index] === other)));
    const theirs = packagesOf()[other.place];
    const names = [...new Set([...Object.keys(own), ...Object.keys(theirs)])].sort((a, b) => a.toLowerCase().localeCompare(b.toLowerCase()));
    const [differing, same] = [[], []];
    for (const name of names) (own[name] === theirs[name] ? same : differing).push([name, theirs[name] || "–", own[name] || "–"]);
    const ids = [releases[other.place].id, releases[cell.release].id];
    const facts = ["python", "keras", "tensorflow"].map((name) => [name, releases[other.place][name] || "–", releases[cell.release][name] || "–"]);
    const order = other.word === "older" ? [0, 1] : [1, 0];
    const turned = (rows) => rows.map(([name, ...versions]) => [name, ...order.map((index) => versions[index])]);
    const heads = order.map((index) => ids[index]);
    place.replaceChildren(
      h("p", { class: "summary" }, `${count(differing.length, "package")} of ${names.length} differ${differing.length === 1 ? "s" : ""}.`),
      differing.length ? packagesTable(heads, turned(differing)) : "",
      folded(`${same.length} the same, and the interpreters`, () => packagesTable(heads, turned([...facts, ...same]))),
    );
  }
}

function folded(title, make) {
  const fold = h("details", { class: "fold" }, h("summary", {}, title));
  fold.addEventListener("toggle", () => fold.append(make()), { once: true });
  return fold;
}

function packagesTable(heads, rows) {
  return h(
    "div",
    { class: "wide" },
    h(
      "table",
      { class: "figures differs" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "package"), heads.map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, rows.map(([name, ...versions]) => h("tr", {}, h("th", { scope: "row" }, name), versions.map((version) => h("td", {}, version))))),
    ),
  );
}
