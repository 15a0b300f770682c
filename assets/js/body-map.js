// The drawing beside the list of regions: a tap marks none, some, most or all in turn, and the list follows. The list stays the truth.
import { bodyPercent } from "./judge.js";

const NEXT = { none: "some", some: "most", most: "none" };

const marked = (form, name) => [...form.elements].find((field) => field.name === name && field.checked)?.value ?? "none";

function areas(form, shapes, id) {
  const pairs = shapes.map((shape) => [shape.dataset.region, marked(form, `${id}.${shape.dataset.region}`)]);
  return Object.fromEntries(pairs.filter(([, extent]) => extent !== "none"));
}

function tap(form, id, shape) {
  const name = `${id}.${shape.dataset.region}`;
  const next = NEXT[marked(form, name)];
  const radio = [...form.elements].find((field) => field.name === name && field.value === next);
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
}

const toldAge = () => JSON.parse(document.getElementById("device")?.dataset.facts ?? "{}").age ?? 30;

export function drawBodyMaps(age = toldAge) {
  document.querySelectorAll("[data-body-map]").forEach((map) => {
    const form = map.closest("form");
    const { bodyMap: id } = map.dataset;
    const table = JSON.parse(map.dataset.table);
    const shapes = [...map.querySelectorAll("[data-region]")];
    const share = map.querySelector("[data-percent]");
    const refresh = () => {
      const found = areas(form, shapes, id);
      shapes.forEach((shape) => shape.setAttribute("data-extent", found[shape.dataset.region] ?? "none"));
      const percent = bodyPercent(found, table, age());
      const words = share.dataset.percent.replace("{percent}", String(Math.round(percent)));
      if (share.textContent !== words) share.textContent = words;
    };
    map.hidden = false;
    map.addEventListener("click", (event) => {
      const shape = event.target.closest("[data-region]");
      if (shape) tap(form, id, shape);
    });
    form.addEventListener("change", refresh);
    refresh();
  });
}
