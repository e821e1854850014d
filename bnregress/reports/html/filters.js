// Filters: a chip for each family, status and drift that occurs, and a text that is looked for in ids and reasons.

const DRIFT_FACES = { new: ["regress", "N"], different: ["regress", "D"], missing: ["error", "M"], known: ["known", "R"], fixed: ["pass", "F"] };
const chosen = { family: new Set(), status: new Set(), drift: new Set(), text: "" };

function fits(cell) {
  const subject = subjects[cell.subject];
  if (chosen.family.size && !chosen.family.has(subject.family)) return false;
  if (chosen.status.size && !chosen.status.has(cell.status)) return false;
  if (chosen.drift.size && !chosen.drift.has(cell.drift)) return false;
  if (!chosen.text) return true;
  const where = `${cell.id}\n${cell.text}`.toLowerCase();
  return chosen.text.split(/\s+/).every((word) => where.includes(word));
}

function filtered() {
  return Boolean(chosen.family.size || chosen.status.size || chosen.drift.size || chosen.text);
}

function counted(name) {
  const counts = new Map();
  for (const cell of cells) {
    const value = name(cell);
    if (value !== null) counts.set(value, (counts.get(value) || 0) + 1);
  }
  return counts;
}

function buildFilters(form, changed) {
  const sets = [
    ["status", "Status", GRAVEST, counted((cell) => cell.status)],
    ["drift", "Against known", Object.keys(DRIFTS), counted((cell) => cell.drift)],
    ["family", "Paths", null, counted((cell) => subjects[cell.subject].family)],
  ];
  const input = h("input", {
    type: "search",
    "aria-label": "Text in ids, reasons and remedies",
    placeholder: "text in ids, reasons, remedies",
    autocomplete: "off",
    spellcheck: "false",
    input: () => {
      chosen.text = input.value.trim().toLowerCase();
      changed();
    },
  });
  form.append(input);
  for (const [name, title, order, counts] of sets) {
    const values = (order || [...counts.keys()]).filter((value) => counts.has(value));
    if (values.length === 0 || (name === "family" && values.length === 1)) continue;
    const chips = values.map((value) => chip(name, value, counts.get(value), changed));
    form.append(h("fieldset", {}, h("legend", {}, title), chips));
  }
  if (innerWidth <= 640) document.getElementById("filter-fold").open = false;
  const reset = h("button", { type: "button", class: "chip", id: "reset", hidden: true, click: clear }, "Show all");
  const foldable = groups.some((group) => group.subjects.length > 1);
  form.append(reset, foldable ? h("button", { type: "button", class: "chip", id: "fold-all", click: foldAll }) : "");
  form.addEventListener("submit", (event) => event.preventDefault());

  function clear() {
    input.value = chosen.text = "";
    for (const set of [chosen.family, chosen.status, chosen.drift]) set.clear();
    for (const each of form.querySelectorAll("[aria-pressed]")) each.setAttribute("aria-pressed", "false");
    changed();
    input.focus();
  }
}

function chip(name, value, count, changed) {
  const face = { status: [value, STATUSES[value]?.glyph], drift: DRIFT_FACES[value] }[name];
  const swatch = face && h("span", { class: `swatch s-${face[0]}`, "aria-hidden": "true" }, face[1]);
  const word = name === "status" ? STATUSES[value].word : value;
  const button = h(
    "button",
    { type: "button", class: "chip", "aria-pressed": "false", "data-filter": `${name}:${value}`, click: press },
    swatch,
    h("span", {}, word),
    h("span", { class: "n" }, count),
  );
  return button;

  function press() {
    const set = chosen[name];
    if (!set.delete(value)) set.add(value);
    button.setAttribute("aria-pressed", String(set.has(value)));
    changed();
  }
}
