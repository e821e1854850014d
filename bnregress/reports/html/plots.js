// Deviations of each layer on a logarithmic scale, against what rounding may explain.

const PLOT = { height: 232, left: 66, right: 8, top: 10, bottom: 56 };

// Columns of the evidence in words of the field; each is in units of the scale of the layer's own output.
const SERIES = {
  deviation: "difference between the two outputs",
  from_batch_statistics: "difference from the output with batch statistics",
};
// What the two outputs of a check are.
const COMPARED = {
  "mode-parity": "training=True against training=False",
  "fit-eval-parity": "in fit against in evaluate",
  "batch-independence": "a sample in two batches",
  oracle: "the layer against the NumPy formula in float64",
};

function inWords(name, check) {
  const compared = name === "deviation" && COMPARED[check.name];
  return (SERIES[name] || name.replaceAll("_", " ")) + (compared ? `, ${compared}` : "");
}

function isNumbers(values) {
  return values.some((value) => typeof value === "number") && values.every((value) => typeof value === "number" || value === null || typeof value === "string");
}

function layersPlot(check, [title, names, places]) {
  const columns = places.map((place) => shared()[place]);
  const numeric = names.map((name, index) => ({ name, values: columns[index] })).filter(({ values }) => isNumbers(values) && values.some((value) => typeof value === "number"));
  const labels = columns[names.indexOf("name")] || columns[0].map((_, index) => String(index));
  if (numeric.length === 0) return null;
  const limit = check.evidence && check.evidence.tolerance;
  const tolerance = typeof limit === "number" ? limit : null;
  // What must be bit-equal has a tolerance of 0, which has no place on a logarithmic axis.
  const drawn = tolerance > 0;
  const [first, ...others] = numeric;
  const scale = logScale([drawn ? tolerance : null, ...numeric.flatMap(({ values }) => values)]);
  const width = plotWidth();
  const step = (width - PLOT.left - PLOT.right) / labels.length;
  const x = (index) => PLOT.left + step * (index + 0.5);
  const over = (value) => tolerance !== null && (typeof value === "number" ? value > tolerance : value !== null);
  const readout = h("p", { class: "readout" });
  const svg = s(
    "svg",
    { viewBox: `0 0 ${width} ${PLOT.height}`, role: "img", "aria-label": `${title} of ${check.name}: ${inWords(first.name, check)} of each of ${labels.length} layers, ${first.values.filter(over).length} above the tolerance` },
    scale.ticks.map(({ at, label }) => [
      s("line", { class: "tick", x1: PLOT.left, x2: width - PLOT.right, y1: at, y2: at }),
      s("text", { x: PLOT.left - 7, y: at + 4, "text-anchor": "end" }, label),
    ]),
    stages(labels).map(({ start, name }, index, all) => [
      s("line", { class: "tick", x1: x(start) - step / 2, x2: x(start) - step / 2, y1: PLOT.top, y2: PLOT.height - PLOT.bottom + 6 }),
      ((all[index + 1]?.start ?? labels.length) - start) * step > 7 * name.length && s("text", { x: x(start) - step / 2 + 3, y: PLOT.height - PLOT.bottom + 16 }, name),
    ]),
    axisTitles(SERIES[first.name] ? "relative to the output's scale" : inWords(first.name, check), title === "layers" ? "BatchNorm layer, from the input to the output" : title, { ...PLOT, width }),
    s("path", { class: "axis", d: `M${PLOT.left} ${PLOT.top}V${PLOT.height - PLOT.bottom}H${width - PLOT.right}` }),
    drawn && s("line", { class: "limit", x1: PLOT.left, x2: width - PLOT.right, y1: scale.y(tolerance), y2: scale.y(tolerance) }),
    others.flatMap(({ values }) => values.map((value, index) => s("rect", { class: "other", x: x(index) - 2.5, y: scale.y(value) - 2.5, width: 5, height: 5 }))),
    first.values.map((value, index) => (over(value) ? diamond(x(index), scale.y(value)) : s("circle", { class: "within", cx: x(index), cy: scale.y(value), r: 2.75 }))),
  );
  const largest = first.values.reduce((best, value, index) => (value > first.values[best] ? index : best), 0);
  const read = (index, word) => (readout.textContent = `${word}${labels[index]}, ${index + 1} of ${labels.length}: ${numeric.map(({ name, values }) => `${inWords(name, check).split(",")[0]} ${figure(values[index])}`).join(", ")}`);
  read(largest, "largest at ");
  svg.addEventListener("pointerleave", () => read(largest, "largest at "));
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * width;
    read(Math.max(0, Math.min(labels.length - 1, Math.floor((at - PLOT.left) / step))), "");
  });
  const key = [
    `${inWords(first.name, check)}: ◆ above the tolerance, ○ within`,
    ...others.map(({ name }) => `□ ${inWords(name, check)}`),
    tolerance !== null && `${drawn ? "- - " : ""}tolerance ${figure(tolerance)}`,
  ];
  return h("figure", {}, h("figcaption", {}, key.filter(Boolean).join(" · ")), svg, readout, valuesTable(`All ${labels.length} values`, names, columns));
}

// What the two axes are: upwards beside the vertical one, and below the horizontal one.
function axisTitles(vertical, horizontal, { width, height, left, right, top, bottom }) {
  const middle = (top + height - bottom) / 2;
  return [
    s("text", { class: "title", x: 12, y: middle, transform: `rotate(-90 12 ${middle})`, "text-anchor": "middle" }, vertical),
    s("text", { class: "title", x: (left + width - right) / 2, y: height - 6, "text-anchor": "middle" }, horizontal),
  ];
}

// Drawn in the panel's own pixels, so that text keeps its size on a phone.
function plotWidth() {
  const box = document.getElementById("cell");
  return Math.max(300, Math.min(720, box.clientWidth - 50));
}

function diamond(x, y) {
  return s("path", { class: "over", d: `M${x} ${y - 4}L${x + 4} ${y}L${x} ${y + 4}L${x - 4} ${y}Z` });
}

// Where the network's stages begin: layers whose names share what comes before the first underscore.
function stages(labels) {
  const found = [];
  labels.forEach((label, start) => {
    const name = String(label).split("_")[0];
    if (found.length === 0 || found[found.length - 1].name !== name) found.push({ start, name });
  });
  return found.length <= 10 ? found : [];
}

function logScale(values) {
  const positive = values.filter((value) => typeof value === "number" && value > 0);
  const zero = values.some((value) => value === 0);
  const low = Math.floor(Math.log10(Math.min(...positive, 1)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...positive, 1e-9))));
  const bottom = PLOT.height - PLOT.bottom - (zero ? 16 : 4);
  const at = (exponent) => bottom - ((exponent - low) / (high - low)) * (bottom - PLOT.top - 4);
  const every = Math.ceil((high - low) / 6);
  const ticks = [];
  for (let exponent = low; exponent <= high; exponent += every) ticks.push({ at: at(exponent), label: power(exponent) });
  if (zero) ticks.push({ at: PLOT.height - PLOT.bottom - 4, label: "0" });
  // What is no number, infinity among it, is drawn at the top, where nobody takes it for small.
  const y = (value) => (value === 0 ? PLOT.height - PLOT.bottom - 4 : typeof value === "number" ? at(Math.log10(Math.abs(value))) : PLOT.top);
  return { y, ticks };
}

function power(exponent) {
  const small = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const digits = String(Math.abs(exponent)).replace(/\d/g, (digit) => small[digit]);
  return exponent === 0 ? "1" : exponent === 1 ? "10" : `10${exponent < 0 ? "⁻" : ""}${digits}`;
}

function valuesTable(title, names, columns) {
  const fold = h("details", { class: "fold" }, h("summary", {}, title));
  fold.addEventListener("toggle", fill, { once: true });
  return fold;

  function fill() {
    const head = h("tr", {}, names.map((name) => h("th", { scope: "col" }, name)));
    const body = columns[0].map((_, row) => h("tr", {}, columns.map((values) => h("td", { class: typeof values[row] === "number" ? "num" : null }, figure(values[row])))));
    fold.append(h("div", { class: "wide" }, h("table", { class: "figures" }, h("thead", {}, head), h("tbody", {}, body))));
  }
}
