// Builds portal/static from assets/: trimmed nhsuk-frontend styles, two small scripts, icons; each beside its .gz and .br.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { buildSync, transformSync } from "esbuild";
import { compile } from "sass";
import { paint, trim } from "./trim.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "portal", "static");
const target = ["chrome80", "firefox78", "safari14.1"];

function writeStyles(name) {
  const palette = JSON.parse(readFileSync(join(here, "palette.json"), "utf8"));
  const modules = join(here, "..", "node_modules");
  const loadPaths = [join(modules, "nhsuk-frontend", "dist"), join(modules, "uplot", "dist"), join(here, "scss")];
  const { css } = compile(join(here, "scss", `${name}.scss`), { loadPaths, quietDeps: true });
  const painted = paint(trim(css), palette);
  writeFileSync(join(out, `${name}.css`), transformSync(painted, { loader: "css", minify: true, target }).code);
}

/** The service worker is a classic script: browsers of a few years ago know no other. */
function writeScript(name) {
  const format = name === "sw" ? "iife" : "esm";
  buildSync({ entryPoints: [join(here, "js", `${name}.js`)], outfile: join(out, `${name}.js`), bundle: true, format, minify: true, target });
}

function compress(file) {
  const body = readFileSync(file);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: body.length };
  const [gz, br] = [gzipSync(body, { level: 9 }), brotliCompressSync(body, { params })];
  writeFileSync(`${file}.gz`, gz);
  writeFileSync(`${file}.br`, br);
  console.log(`${file.slice(out.length + 1)}  ${body.length} B, ${gz.length} B gzip, ${br.length} B brotli`);
}

mkdirSync(out, { recursive: true });
["portal", "staff"].forEach(writeStyles);
["portal", "staff", "charts", "offline", "sw"].forEach(writeScript);
readdirSync(join(here, "icons")).forEach((icon) => copyFileSync(join(here, "icons", icon), join(out, icon)));
for (const name of readdirSync(out)) if ([".gz", ".br"].includes(extname(name))) rmSync(join(out, name));
for (const name of readdirSync(out)) if ([".css", ".js", ".svg"].includes(extname(name))) compress(join(out, name));
