// Draws each [data-chart] from the table behind it: the table is the truth, the picture is an extra.
import uPlot from "uplot";

const COLOURS = ["--link", "--red", "--link-visited", "--ink"];
const DASHES = [[], [6, 3], [2, 3], [10, 4]];
const HEIGHT = 220;
const DAY = 86400;
const LEAST_DAYS = 8;
const lang = document.documentElement.lang;
const shortDay = new Intl.DateTimeFormat(lang, { month: "short", day: "numeric", timeZone: "UTC" });

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const seconds = (day) => Date.parse(`${day}T00:00Z`) / 1000;
const words = (at) => shortDay.format(at * 1000);

/** Columns of numbers, oldest day first: the days, then each series with null where nothing is known. */
function read(table) {
  const rows = [...table.tBodies[0].rows].reverse();
  const days = rows.map((row) => seconds(row.querySelector("time").dateTime));
  const columns = [...table.tHead.rows[0].cells].slice(1).map((head, place) => ({
    label: head.textContent,
    values: rows.map((row) => row.cells[place + 1].querySelector("data")?.value ?? null).map((value) => (value === null ? null : Number(value))),
  }));
  return { days, columns };
}

/** From the first to the last day and half a day around; of few days a week, with them in its middle. */
function aroundDays(plot, first, end) {
  const last = plot.data[0].length > 1 ? end : first; // uPlot takes a single day for 1,000 of them
  const beside = Math.max(DAY / 2, (LEAST_DAYS * DAY - (last - first)) / 2);
  return [first - beside, last + beside];
}

/** A tenth above and below, one when all values are the same; never below zero for what is not. */
function aroundValues(_plot, low, high) {
  const beside = (high - low) / 10 || 1;
  return [low >= 0 ? Math.max(0, low - beside) : low - beside, high + beside];
}

/** A line at each day on which an infusion was given. */
function infusionLines(days) {
  return {
    hooks: {
      drawClear: [(plot) => {
        const { ctx, bbox } = plot;
        ctx.save();
        ctx.fillStyle = colour("--link");
        ctx.globalAlpha = 0.45;
        days.forEach((day) => {
          const x = plot.valToPos(day, "x", true);
          if (x >= bbox.left && x <= bbox.left + bbox.width) ctx.fillRect(x - 1, bbox.top, 2, bbox.height);
        });
        ctx.restore();
      }],
    },
  };
}

function draw(figure) {
  const place = figure.querySelector("[data-chart-here]");
  const table = figure.querySelector("table");
  if (!place || !table) return;
  const { days, columns } = read(table);
  const infusions = figure.dataset.infusions.split(" ").filter(Boolean).map(seconds);
  const axis = { stroke: colour("--ink-quiet"), grid: { stroke: colour("--line") }, ticks: { stroke: colour("--line") } };
  const plot = new uPlot({
    width: place.clientWidth,
    height: HEIGHT,
    legend: { live: false },
    plugins: [infusionLines(infusions)],
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "UTC"),
    axes: [{ ...axis, incrs: [1, 2, 7, 14, 28].map((days) => days * DAY), values: (_plot, splits) => splits.map(words) }, axis],
    scales: { x: { range: aroundDays }, y: { range: aroundValues } },
    series: [
      { label: table.tHead.rows[0].cells[0].textContent, value: (_plot, at) => (at === null ? "" : words(at)) },
      ...columns.map((column, which) => ({
        label: column.label, stroke: colour(COLOURS[which]), dash: DASHES[which], width: 2, points: { show: true, size: 6 }, spanGaps: false,
      })),
    ],
  }, [days, ...columns.map((column) => column.values)], place);
  addEventListener("resize", () => plot.setSize({ width: place.clientWidth, height: HEIGHT }));
}

document.querySelectorAll("[data-chart]").forEach(draw);
