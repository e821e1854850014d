// The packages of a release against those of its neighbour: what differs first, what is the same on demand.

function neighbours(cell) {
  const found = [];
  for (const [step, word] of [[-1, "older"], [1, "newer"]]) {
    for (let place = cell.release + step; place >= 0 && place < releases.length; place += step) {
      if (!packagesOf()[place]) continue;
      const other = cellAt(place, cell.subject);
      found.push({ place, word, differs: Boolean(other && other.status !== cell.status) });
      break;
    }
  }
  return found;
}

function packagesPanel(cell) {
  const own = packagesOf()[cell.release];
  if (!own) return [h("p", { class: "summary" }, "Its environment never came to report its packages.")];
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
