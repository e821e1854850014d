// What narrows the table: the query, a chip for each value that occurs, and which release is the reader's own.

const DRIFT_FACES = { new: ["regress", "N"], different: ["regress", "D"], missing: ["error", "M"], known: ["known", "R"], fixed: ["pass", "F"] };
let mine = releases.findIndex((release) => release.kind === "yours");

function counted(name) {
  const counts = new Map();
  for (const cell of cells) {
    const value = name(cell);
    if (value !== null) counts.set(value, (counts.get(value) || 0) + 1);
  }
  return counts;
}

// What a query can ask for: who does not know it meets it where the filters are.
function explained() {
  const terms = (text) => text.split(" ").map((term, place) => [place ? " " : "", h("code", {}, term)]);
  return h("p", { class: "more" }, "A query has words of a reason, and terms: ", terms("path:h5,json status:regress check:frozen-state -family:saved keras:3.*"), "; ", terms("was:pass now:regress"), " is what broke since the next older release. The terms are ", terms(Object.keys(KEYS).join(" ")), "; a minus before one leaves out what fits.");
}

function buildFilters(form, changed) {
  const sets = [
    ["status", "Status", GRAVEST, counted((cell) => cell.status)],
    ["drift", "Against known", Object.keys(DRIFTS), counted((cell) => cell.drift)],
    ["family", "Paths", null, counted((cell) => subjects[cell.subject].family)],
  ];
  const input = h("input", {
    type: "search",
    id: "query",
    "aria-label": "Query",
    placeholder: "path:h5 status:regress, or words of a reason",
    autocomplete: "off",
    spellcheck: "false",
    input: () => ask(input.value),
  });
  const own = h("select", { id: "mine", change: () => mark(Number(own.value)) }, h("option", { value: -1 }, "–"), releases.map((release, place) => h("option", { value: place }, release.id)));
  const reset = h("button", { type: "button", class: "chip", id: "reset", hidden: true, click: () => (ask(""), input.focus()) }, "Show all");
  const foldable = groups.some((group) => group.subjects.length > 1);
  form.append(input, h("label", { class: "own" }, "your version ", own), reset, foldable ? h("button", { type: "button", class: "chip", id: "fold-all", click: foldAll }) : "");
  const chips = h("details", { id: "filter-fold" }, h("summary", {}, "Filter by status, path and more"), explained());
  for (const [name, title, order, counts] of sets) {
    const values = (order || [...counts.keys()]).filter((value) => counts.has(value));
    if (values.length === 0 || (name === "family" && values.length === 1)) continue;
    chips.append(h("fieldset", {}, h("legend", {}, title), values.map((value) => chip(name, value, counts.get(value)))));
  }
  form.append(chips);
  form.addEventListener("submit", (event) => event.preventDefault());
  return { ask, mark };

  function ask(words) {
    setQuery(words);
    if (input.value.trim() !== query) input.value = words;
    for (const each of form.querySelectorAll("[data-filter]")) {
      const [key, value] = each.dataset.filter.split(":");
      each.setAttribute("aria-pressed", String(chosen(key, value)));
    }
    changed();
  }

  function mark(place) {
    mine = place;
    own.value = String(place);
    changed();
  }

  function chip(name, value, number) {
    const face = { status: [value, STATUSES[value]?.glyph], drift: DRIFT_FACES[value] }[name];
    const swatch = face && h("span", { class: `swatch s-${face[0]}`, "aria-hidden": "true" }, face[1]);
    const word = name === "status" ? STATUSES[value].word : value;
    return h(
      "button",
      { type: "button", class: "chip", "aria-pressed": "false", "data-filter": `${name}:${value}`, click: () => ask(toggled(name, value)) },
      swatch,
      h("span", {}, word),
      h("span", { class: "n" }, number),
    );
  }
}
