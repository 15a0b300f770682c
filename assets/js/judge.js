// Is a diary red by its own answers? The rules come as data with the page; the server judges again by the same and by history.

const holds = {
  "=": (given, wanted) => given === wanted,
  has: (given, wanted) => Array.isArray(given) && given.includes(wanted),
  ">=": (given, wanted) => typeof given === "number" && given >= wanted,
  ">": (given, wanted) => typeof given === "number" && given > wanted,
  "<": (given, wanted) => typeof given === "number" && given < wanted,
};

/** Per cent of the body; columns: [[age from, {part: per cent of a region}]], oldest first; parts: region -> part. */
export function bodyPercent(areas, { columns, parts }, age) {
  const [, column] = columns.find(([from]) => age >= from) ?? columns[columns.length - 1];
  return Object.entries(areas).reduce((sum, [region, extent]) => sum + column[parts[region]] * (extent === "most" ? 1 : 0.5), 0);
}

function volumes(answers, rules, facts) {
  const measured = answers["stool-volume-ml"];
  const [loose, unmeasured] = [answers["loose-stool-count"], answers["stool-unmeasured-count"]];
  const most = Math.max(loose ?? 0, unmeasured ?? 0);
  const counted = measured === undefined ? most : unmeasured ?? 0;
  const adult = { bands: rules.adult, volume: (measured ?? 0) + rules.adult.unmeasured * counted, count: most };
  if (facts.age >= rules["child-age-below"] || facts.weight > rules["child-weight-max"]) return [adult];
  const child = { bands: rules.child, volume: facts.weight ? (measured ?? 0) / facts.weight + rules.child.unmeasured * counted : rules.child.unmeasured * most, count: most };
  return facts.weight ? [child] : [adult, child];
}

function stool(answers, rules, facts) {
  if (!["loose-stool-count", "stool-unmeasured-count", "stool-volume-ml"].some((id) => answers[id] !== undefined)) return [];
  const level = volumes(answers, rules, facts).flatMap(({ bands, volume, count }) =>
    [0, 1].filter((at) => volume >= bands.volume[at] || count >= bands.count[at]));
  return level.length ? [[["amber", "red"][Math.max(...level)], "loose-stool"]] : [];
}

/** What is met, as [severity, symptom, question, value]; facts: age in years, weight in kg or null. */
function met(answers, { rules, stool: counting }, map, facts) {
  const rash = answers["skin-areas"] && map ? bodyPercent(answers["skin-areas"], map, facts.age) : undefined;
  const known = { ...answers, "rash-percent": rash };
  const infusion = answers["infusion-signs"] !== undefined;
  const found = rules.filter(([, , on, test, value, after]) => (infusion || !after) && known[on] !== undefined && holds[test](known[on], value));
  const own = found.map(([severity, symptom, on, , value]) => [severity, symptom, on === "rash-percent" ? "skin-areas" : on, value]);
  const counted = counting ? stool(answers, counting, facts) : [];
  return [...own, ...counted.map(([severity, symptom]) => [severity, symptom, "loose-stool-count", symptom])];
}

/** "red", "amber" or "" for typed answers. */
export function judge(answers, config, map, facts) {
  const all = met(answers, config, map, facts);
  if (all.some(([severity]) => severity === "red") || new Set(all.map(([, symptom]) => symptom)).size >= 2) return "red";
  return all.length ? "amber" : "";
}

/** The red signs of these answers: [{key, question, value}]; key "together": only two ambers, which make red together. */
export function redSigns(answers, config, map, facts) {
  const red = met(answers, config, map, facts).filter(([severity]) => severity === "red");
  if (!red.length && judge(answers, config, map, facts) === "red") return [{ key: "together", question: "", value: "" }];
  return red.map(([, , question, value]) => ({ key: `${question} ${value}`, question, value }));
}
