// Development only: rebuilds volunteer/static/vendor, tests/vendor and components/icons.html from exact npm releases.
//   cd tools/vendor && npm install --ignore-scripts && node vendor.mjs
// The product needs neither node nor npm: everything made here is committed.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const modules = join(here, "node_modules");

const read = (...parts) => readFileSync(join(...parts), "utf8");
const sha384 = (file) => createHash("sha384").update(readFileSync(file)).digest("base64");

function take(folder, name, source, target, licenceFile) {
  const about = JSON.parse(read(modules, name, "package.json"));
  const directory = join(root, folder);
  mkdirSync(join(directory, "licences"), { recursive: true });
  const file = join(directory, target);
  if (source.endsWith(".entry.js")) {
    buildSync({
      entryPoints: [join(here, source)], outfile: file, bundle: true, minify: true, format: "iife",
      globalName: "echarts", target: "es2017", legalComments: "none",
      banner: { js: `/*! Apache ECharts ${about.version}, custom build - Apache-2.0 */` },
    });
  } else {
    copyFileSync(join(modules, name, source), file);
  }
  const licence = read(modules, name, licenceFile);
  writeFileSync(join(directory, "licences", `${basename(target).split(".")[0]}.txt`), licence);
  return {
    name, version: about.version, licence: about.license, source: source.endsWith(".entry.js")
      ? `built from tools/vendor/${source}` : `npm ${name}@${about.version} ${source}`,
    file: `${folder}/${target}`, sha384: sha384(file),
  };
}

function icons() {
  const about = JSON.parse(read(modules, "@tabler/icons", "package.json"));
  const names = read(here, "icons.txt").split(/\s+/).filter(Boolean).sort();
  const lines = names.map((name) => {
    const svg = read(modules, "@tabler/icons", "icons", "outline", `${name}.svg`);
    const paths = [...svg.matchAll(/<path\s+d="([^"]+)"/g)].map((found) => found[1]);
    const shapes = svg.match(/<(circle|line|rect|ellipse|poly)/);
    if (!paths.length || shapes) throw new Error(`${name}: only paths can be inlined`);
    return `  "${name}": "${paths.map((d) => (d.startsWith("M") ? d : `M0 0${d}`)).join("")}",`;
  });
  const file = join(root, "volunteer/templates/components/icons.html");
  writeFileSync(file, `{# Tabler Icons ${about.version} (MIT), made by tools/vendor/vendor.mjs from icons.txt: add names there. #}
{% set drawings = {
${lines.join("\n")}
} %}
{# icon("bell") is decoration; icon("bell", label=_("通知")) speaks for itself. size: 1 (text), 2 (24 px), 3 (large). #}
{% macro icon(name, label=None, size=1) -%}
  <svg class="icon icon-{{ size }}" viewBox="0 0 24 24" {% if label %}role="img" aria-label="{{ label }}"{% else %}aria-hidden="true" focusable="false"{% endif %}><path d="{{ drawings[name] }}" /></svg>
{%- endmacro %}
`);
  writeFileSync(join(root, "volunteer/static/vendor/licences/tabler-icons.txt"), read(modules, "@tabler/icons", "LICENSE"));
  return {
    name: "@tabler/icons", version: about.version, licence: about.license,
    source: `npm @tabler/icons@${about.version} icons/outline (${names.length} of them)`,
    file: "volunteer/templates/components/icons.html", sha384: sha384(file),
  };
}

const product = "volunteer/static/vendor";
const inventory = [
  take(product, "htmx.org", "dist/htmx.min.js", "htmx.min.js", "LICENSE"),
  take(product, "sortablejs", "Sortable.min.js", "sortable.min.js", "LICENSE"),
  take(product, "echarts", "echarts.entry.js", "echarts.min.js", "LICENSE"),
  icons(),
];
writeFileSync(join(root, product, "vendor.json"), `${JSON.stringify(inventory, null, 2)}\n`);
const tests = "tests/vendor";
writeFileSync(join(root, tests, "vendor.json"), `${JSON.stringify([
  take(tests, "axe-core", "axe.min.js", "axe.min.js", "LICENSE"),
], null, 2)}\n`);
console.log(inventory.map((entry) => `${entry.name} ${entry.version}`).join("\n"));
