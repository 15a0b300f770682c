// Takes out of the compiled nhsuk-frontend styles what no page here uses, and turns palette colours into custom properties.

const UNUSED = [
  /--reverse\b/, /button--(login|brand|secondary-solid|icon)/, /-search\b/, /\bexpander\b/, /\.nhsuk-expander/, /pagination--numbered/,
  /nhsuk-card--(feature|primary|clickable)/, /nhsuk-card--care__heading/, /nhsuk-card-group/, /nhsuk-card__(action|img|link)/,
  /nhsuk-action-link/, /nhsuk-summary-list__actions-list/, /nhsuk-lede-text/, /nhsuk-body-l\b/, /caption-xx?l/, /--sort/, /data-sort/,
  /aria-sort/, /nhsuk-scroll/, /nhsuk-icon/, /nhsuk-button__content/, /nhsuk-link--text-colour/, /nhsuk-tabs/, /nhsuk-code/, /nhsuk-table-container/,
  /nhsuk-input-wrapper--large/, /nhsuk-heading-xxs/, /nhsuk-list-panel/, /nhsuk-panel/, /nhsuk-table__panel/, /nhsuk-list--(tick|cross)/,
  /nhsuk-card--(warning|secondary)/, /nhsuk-frontend-(not-)?supported/, /(radios|checkboxes)(--small|__conditional)/, /(^|\s)code$/, /nhsuk-table--(striped|compact)/,
];

/** Cuts CSS text into blocks: [prelude, body] with body null for statements. */
function blocks(css) {
  const found = [];
  let depth = 0, start = 0, open = 0;
  for (let at = 0; at < css.length; at += 1) {
    if (css[at] === "{" && depth++ === 0) open = at;
    if (css[at] === "}" && --depth === 0) {
      found.push([css.slice(start, open).trim(), css.slice(open + 1, at)]);
      start = at + 1;
    }
  }
  return found;
}

/** Splits a selector list at its own commas, not at those within :not(...) or :has(...). */
function selectors(list) {
  return list.split(/,(?![^()]*\))/).map((one) => one.trim());
}

/** The CSS without the unused selectors, legacy Microsoft queries and empty blocks. */
export function trim(css) {
  const kept = blocks(css.replace(/\/\*[\s\S]*?\*\//g, "").replace(/@charset[^;]*;/, "")).map(([prelude, body]) => {
    if (prelude.startsWith("@media")) {
      const query = prelude.split(",").filter((one) => !one.includes("-ms-high-contrast")).join(",");
      const inner = trim(body);
      return query && inner ? `${query}{${inner}}` : "";
    }
    if (prelude.startsWith("@")) return `${prelude}{${body}}`;
    const used = selectors(prelude).filter((one) => !UNUSED.some((pattern) => pattern.test(one)));
    return used.length && body.trim() ? `${used.join(",")}{${body}}` : "";
  });
  return kept.join("\n");
}

function declarations(palette, shade) {
  return Object.entries(palette).map(([name, pair]) => `--${name}:${pair[shade]}`).join(";");
}

/** Replaces each light palette value by its custom property, and declares light and (on screens) dark values. */
export function paint(css, palette) {
  const names = new Map(Object.entries(palette).map(([name, [light]]) => [light, name]));
  if (names.size !== Object.keys(palette).length) throw new Error("palette.json: light values must be unique");
  const painted = css.replace(/#([0-9a-f]{6}|[0-9a-f]{3})\b/gi, (hex) => {
    const long = hex.length === 4 ? `#${[...hex.slice(1)].map((digit) => digit + digit).join("")}` : hex;
    return names.has(long.toLowerCase()) ? `var(--${names.get(long.toLowerCase())})` : hex;
  });
  const dark = `@media screen and (prefers-color-scheme:dark){:root{${declarations(palette, 1)}}}`;
  return `:root{color-scheme:light dark;${declarations(palette, 0)}}${dark}${painted}`;
}
