// A fine-tune beside its reference arm, epoch by epoch, on one scale.

const CURVE = { height: 208, left: 52, right: 10, top: 12, bottom: 46 };

const ARMS = { subject: "fine-tuned as this path loads it", reference: "head on inference features" };
const MEASURES = { accuracy: "accuracy (share of images)", loss: "loss (cross-entropy)" };

function curvesOf(evidence) {
  const arms = evidence && evidence.curves;
  if (arms === null || typeof arms !== "object") return null;
  const found = ["subject", "reference"].filter((arm) => arms[arm] && typeof arms[arm] === "object");
  return found.length ? { arms, names: found, chance: evidence.chance } : null;
}

function curvesPlot(evidence) {
  const curves = curvesOf(evidence);
  if (!curves) return null;
  const measures = ["accuracy", "loss"].filter((name) => curves.names.some((arm) => series(curves.arms[arm][name]).length));
  return measures.map((measure) => measureFigure(curves, measure));
}

function series(values) {
  return Array.isArray(values) ? values.filter((value) => typeof value === "number") : [];
}

function measureFigure({ arms, names, chance }, measure) {
  const all = names.flatMap((arm) => [...series(arms[arm][measure]), ...series(arms[arm][`val_${measure}`])]);
  const top = measure === "accuracy" ? 1 : Math.max(...all, 1e-9) * 1.05;
  const epochs = Math.max(...names.flatMap((arm) => [series(arms[arm][measure]).length, series(arms[arm][`val_${measure}`]).length]));
  const beside = plotWidth() >= 480 ? names.length : 1;
  const width = plotWidth() / beside;
  const level = measure === "accuracy" && typeof chance === "number" ? chance : null;
  const key = ["—● training, on the images of fit", "- -□ validation, on held-out images", level !== null && `··· chance ${figure(level)}`].filter(Boolean).join(" · ");
  return h(
    "figure",
    { class: "curves" },
    h("figcaption", {}, `${MEASURES[measure]} by epoch: ${key}`),
    s(
      "svg",
      { viewBox: `0 0 ${width * beside} ${CURVE.height * Math.ceil(names.length / beside)}`, role: "img", "aria-label": spokenCurves(arms, names, measure) },
      names.map((arm, index) => s("g", { transform: `translate(${width * (index % beside)} ${CURVE.height * Math.floor(index / beside)})` }, armPlot(arms[arm], arm, measure, top, epochs, level, width))),
    ),
    valuesTable("All values", ["epoch", ...columnsOf(names, measure)], tableOf(arms, names, measure, epochs)),
  );
}

function columnsOf(names, measure) {
  return names.flatMap((arm) => [`${ARMS[arm]}: ${measure}`, `${ARMS[arm]}: val_${measure}`]);
}

function tableOf(arms, names, measure, epochs) {
  const numbers = Array.from({ length: epochs }, (_, index) => index + 1);
  const values = names.flatMap((arm) => [series(arms[arm][measure]), series(arms[arm][`val_${measure}`])]);
  return [numbers, ...values.map((list) => numbers.map((number) => (number <= list.length ? list[number - 1] : "")))];
}

function spokenCurves(arms, names, measure) {
  const last = (values) => (series(values).length ? figure(series(values).at(-1)) : "nothing");
  return names.map((arm) => `${ARMS[arm]}: ${measure} ends at ${last(arms[arm][measure])} in training and ${last(arms[arm][`val_${measure}`])} in validation`).join("; ");
}

function armPlot(curves, arm, measure, top, epochs, chance, width) {
  const right = width - CURVE.right;
  const bottom = CURVE.height - CURVE.bottom;
  const x = (index) => (epochs === 1 ? (CURVE.left + right) / 2 : CURVE.left + 8 + (index / (epochs - 1)) * (right - CURVE.left - 16));
  const y = (value) => bottom - (Math.min(value, top) / top) * (bottom - CURVE.top - 14);
  const line = (values) => values.map((value, index) => `${index ? "L" : "M"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const training = series(curves[measure]);
  const validation = series(curves[`val_${measure}`]);
  const every = Math.ceil(epochs / 8);
  return [
    [0, 0.25, 0.5, 0.75, 1].map((part) => [
      s("line", { class: "tick", x1: CURVE.left, x2: right, y1: y(part * top), y2: y(part * top) }),
      s("text", { x: CURVE.left - 6, y: y(part * top) + 4, "text-anchor": "end" }, figure(Number((part * top).toPrecision(2)))),
    ]),
    Array.from({ length: epochs }, (_, index) => index % every === 0 && s("text", { x: x(index), y: bottom + 15, "text-anchor": "middle" }, index + 1)),
    s("text", { x: CURVE.left, y: CURVE.top, class: "arm" }, ARMS[arm]),
    axisTitles(MEASURES[measure], "epoch", { ...CURVE, width }),
    chance !== null && s("line", { class: "chance", x1: CURVE.left, x2: right, y1: y(chance), y2: y(chance) }),
    s("path", { class: `${arm} dashed`, d: line(validation) }),
    s("path", { class: arm, d: line(training) }),
    validation.map((value, index) => s("rect", { class: `${arm} hollow`, x: x(index) - 3, y: y(value) - 3, width: 6, height: 6 })),
    training.map((value, index) => s("circle", { class: `${arm}-dot`, cx: x(index), cy: y(value), r: 3 })),
  ];
}
