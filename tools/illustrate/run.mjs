/*
 * illustrate/run.mjs: draws every product that the shop is seeded with, and one for each category that stands for
 * products that come later, and the views behind the first page's drone and for dealers. `node tools/illustrate/run.mjs` writes the files of web/illustrations; with --check it
 * says which of them are not as they would be drawn now (docs/decisions/0058-drawings-are-files.md).
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { illustrate, illustrateAlone } from "./picture.mjs";
import { city, hills } from "./views.mjs";

const ROOT = new URL("../../", import.meta.url);
const SEED = new URL("sql/shop/seed/0100_catalogue.sql", ROOT);
const OUTPUT = new URL("web/illustrations/", ROOT);
const HERO = "DRN-002";

/* The rows "(1, 'DRN-001', 'Complete Drones', ...": each engine's text has the same. */
function products() {
    const rows = readFileSync(SEED, "utf8").matchAll(/^ +\(\d+, '([A-Z]+-\d+)', '([^']+)', [\d.]+, \d+, '/gm);
    return [...new Map([...rows].map(([, sku, category]) => [sku, { sku, category }])).values()];
}

/* As src/service/picture.c names them. */
const fileOf = (category) => `any-${category.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.svg`;

function drawAll() {
    const all = products();
    const files = new Map([["any.svg", illustrate({ sku: "ANY", category: "" })]]);
    for (const product of all) {
        files.set(`${product.sku.toLowerCase()}.svg`, illustrate(product));
        files.set(fileOf(product.category), illustrate({ sku: "ANY", category: product.category }));
    }
    ["city", "dusk", "sea"].forEach((scene, at) => files.set(`city-${at + 1}.svg`, city(`city ${at + 1}`, scene)));
    return files.set("hills.svg", hills()).set("hero.svg", illustrateAlone(all.find(({ sku }) => sku === HERO)));
}

const files = drawAll();
if (process.argv.includes("--check")) {
    const there = new Set(readdirSync(OUTPUT));
    const wrong = [...files].filter(
        ([name, text]) => !there.has(name) || readFileSync(new URL(name, OUTPUT), "utf8") !== text,
    );
    const names = [...wrong.map(([name]) => name), ...[...there].filter((name) => !files.has(name))];
    for (const name of names) {
        console.log(`web/illustrations/${name} is not as tools/illustrate/run.mjs draws it`);
    }
    process.exitCode = names.length > 0 ? 1 : 0;
} else {
    mkdirSync(OUTPUT, { recursive: true });
    for (const [name, text] of files) {
        writeFileSync(new URL(name, OUTPUT), text);
    }
    console.log(`${files.size} drawings`);
}
