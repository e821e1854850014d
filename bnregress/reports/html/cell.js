// A cell opened: what was found, why, what cures it, how to see it without bnregress.

function renderCellPanel(panel, cell, { close, go }) {
  const found = cell.status === "undecided" ? null : details(cell);
  const release = releases[cell.release];
  const subject = subjects[cell.subject];
  const [older, newer] = [1, -1].map((step) => nearestInColumn(cell, step));
  panel.replaceChildren();
  assign(panel, {}, [
    h(
      "header",
      {},
      h("h2", { id: "cell-title", tabindex: "-1" }, release.id, h("span", { class: "slash" }, " / "), subject.path, subject.variant && h("span", { class: "slash" }, `@${subject.variant}`)),
      h("button", { type: "button", class: "act", disabled: !older, title: older && older.id, click: () => go(older), "data-go": "older" }, "older →"),
      h("button", { type: "button", class: "act", disabled: !newer, title: newer && newer.id, click: () => go(newer), "data-go": "newer" }, "← newer"),
      h("button", { type: "button", class: "act", click: close, "data-go": "close" }, "Close"),
    ),
    h("p", {}, h("span", { class: `badge ${look(cell)}` }, STATUSES[cell.status].word, cell.kind && ` (${cell.kind})`), cell.drift && h("span", { class: "badge s-unavailable" }, cell.drift)),
    subject.summary && h("p", { class: "summary" }, h("code", {}, subject.summary)),
    h("p", { class: "said" }, found ? prose(text(found.reason)) : "The run was interrupted before this cell; bnregress run --resume decides it."),
    // What is listed speaks for a known regression, as in the other reports: two remedies might contradict each other.
    found && found.remedy && !(found.known !== null && cell.drift === "known") && h("p", { class: "remedied" }, h("strong", {}, "Remedy: "), prose(text(found.remedy))),
    found && found.known !== null && known(shared()[found.known]),
    ...strips(cell),
    ...(found ? findings(cell, found) : []),
  ]);
  panel.scrollTop = 0;
}

function known([reason, remedy, source]) {
  const address = /^https:\/\//.test(source);
  return h(
    "section",
    { class: "expected" },
    h("p", {}, h("strong", {}, "Known: "), prose(reason), " ", address ? h("a", { href: source, rel: "noreferrer" }, source) : `(${source})`),
    remedy && h("p", {}, h("strong", {}, "Remedy: "), prose(remedy)),
  );
}

function findings(cell, found) {
  const parts = [];
  const broken = found.checks.find((check) => check.status === "regress" && check.tables) || found.checks.find((check) => check.tables && check.tables.length);
  const telling = found.checks.find((check) => check.status === "regress" && check.repro !== undefined);
  const tuned = found.checks.filter((check) => curvesOf(check.evidence));
  if (tuned.length) parts.push(h("h3", {}, "Fine-tune beside the reference"), ...tuned.flatMap((check) => curvesPlot(check.evidence)));
  if (broken) parts.push(h("h3", {}, `Layer by layer: ${broken.name}`), ...broken.tables.map((table) => layersPlot(broken, table)).filter(Boolean));
  if (found.checks.length) parts.push(h("h3", {}, "Checks"), ...found.checks.map((check) => checkRow(check, { plotted: check === broken, tuned: tuned.includes(check), opened: check === telling })));
  parts.push(h("h3", {}, "Packages"), ...packagesPanel(cell).filter(Boolean));
  parts.push(h("h3", {}, "How it ran"), howItRan(cell, found));
  return parts;
}

function nearestInColumn(cell, step) {
  // The newest release comes first.
  for (let place = cell.release + step; place >= 0 && place < releases.length; place += step) {
    const other = cellAt(place, cell.subject);
    if (other) return other;
  }
  return null;
}

function strips(cell) {
  const column = releases.map((_, place) => cellAt(place, cell.subject)).filter(Boolean);
  const family = groups.find((group) => group.subjects.includes(cell.subject)).subjects.map((place) => cellAt(cell.release, place)).filter(Boolean);
  return [
    column.length > 1 && h("h3", {}, "This path in other releases"),
    column.length > 1 &&
      h(
        "div",
        { class: "strip-box" },
        strip(column, cell, (other) => releases[other.release].id),
        h("div", { class: "strip-ends" }, h("span", {}, releases[column[0].release].id), h("span", {}, releases[column.at(-1).release].id)),
      ),
    family.length > 1 && h("h3", {}, `Variants of it in ${releases[cell.release].id}`),
    family.length > 1 && strip(family, cell, (other) => subjects[other.subject].variant || "default"),
  ].filter(Boolean);
}

function strip(some, cell, name) {
  const link = (other) => h("a", { href: `#${other.id}`, class: look(other), title: `${name(other)}: ${spoken(other)}`, "aria-label": `${name(other)}: ${spoken(other)}`, "aria-current": other === cell ? "true" : null }, STATUSES[other.status].glyph);
  return h("ul", { class: "strip" }, some.map((other) => h("li", {}, link(other))));
}

function checkRow(check, { plotted, tuned, opened }) {
  const fold = h(
    "details",
    { class: "check" },
    h("summary", {}, h("span", { class: `mark s-${check.status}`, title: check.status }, STATUSES[check.status] ? STATUSES[check.status].glyph : "?"), h("span", { class: "check-name" }, check.name), h("span", { class: "check-reason" }, prose(text(check.reason)))),
  );
  // Filled when first opened: a cell has many checks, and few of them are read.
  fold.addEventListener("toggle", () => fold.append(h("div", {}, checkBody(check, plotted, tuned))), { once: true });
  fold.open = opened;
  return fold;
}

function checkBody(check, plotted, tuned) {
  const evidence = Object.entries(check.evidence || {}).filter(([name]) => !(tuned && name === "curves"));
  return [
    evidence.length > 0 && h("div", { class: "wide" }, h("table", { class: "figures" }, evidence.map(([name, value]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, shownValue(value)))))),
    !plotted && (check.tables || []).map((table) => layersPlot(check, table) || valuesTable(table[0], table[1], table[2].map((place) => shared()[place]))),
    check.repro !== undefined && code("Script that shows it without bnregress", shared()[check.repro]),
    evidence.length === 0 && !check.tables && check.repro === undefined && h("p", { class: "summary" }, "This check has no figures."),
  ];
}

function shownValue(value) {
  return typeof value === "number" || typeof value === "string" ? figure(value) : JSON.stringify(value);
}

function code(title, source) {
  const button = h("button", { type: "button", class: "act", click: copy }, "Copy");
  const pre = h("pre", { tabindex: "0" }, source);
  return h("div", { class: "code" }, h("div", { class: "code-head" }, title, button), pre);

  async function copy() {
    try {
      await navigator.clipboard.writeText(source);
      button.textContent = "Copied";
    } catch {
      // Files opened from disk may not write to the clipboard in every browser; the old way still works there.
      const range = document.createRange();
      range.selectNodeContents(pre);
      const selection = getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
      button.textContent = document.execCommand("copy") ? "Copied" : "Selected: press Ctrl+C";
    }
    setTimeout(() => (button.textContent = "Copy"), 2000);
  }
}

function howItRan(cell, found) {
  const release = releases[cell.release];
  const device = release.device && release.device.name;
  const facts = [
    ["TensorFlow", release.tensorflow],
    ["Keras", release.keras],
    ["Python", release.python],
    ["device", device ? `${found.device}, ${device}` : found.device],
    ["seconds", found.seconds && Object.entries(found.seconds).map(([name, value]) => `${name} ${figure(Number(Number(value).toPrecision(3)))}`).join(", ")],
    ["peak memory", found.peak_rss_bytes && `${figure(Math.round(found.peak_rss_bytes / 1e6))} MB`],
    ["attempts", found.attempts.length > 1 && found.attempts.map(([number, outcome, detail]) => `${number}: ${outcome}${detail ? ` (${detail})` : ""}`).join("; ")],
    ["lock", release.lock && release.lock.slice(0, 16)],
    ["permalink", h("a", { href: `#${cell.id}` }, `#${cell.id}`)],
  ];
  return h("div", { class: "wide" }, h("table", { class: "figures" }, facts.filter(([, value]) => value).map(([name, value]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, value)))));
}
