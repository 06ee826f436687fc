// What looking at pages in Chromium needs: the browser, a page in each of the sizes and colours, axe-core, a count of
// what does not hold. Arguments: origin, name of the service, directory for pictures.
import { chromium } from "playwright-core";
import fs from "node:fs";
import { createRequire } from "node:module";

export const [origin, service, pictures] = process.argv.slice(2);
export const browser = await chromium.launch({
  executablePath: process.env.OCTO_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let faults = 0;

export function expect(holds, what) {
  if (!holds) {
    faults++;
  }
  console.log(holds ? "ok  " : "FAIL", what);
}

// work(page, look) at 1440 and 390 pixels, light and dark.
export async function eachLook(work) {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1440, 390]) {
      // axe-core is put in by a script tag, which the page's own policy forbids.
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true });

      await work(await context.newPage(), `${service} ${colorScheme} ${width}`);
      await context.close();
    }
  }
}

export async function judge(page, name) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run());
  for (const violation of found.violations) {
    console.log(violation.id, violation.nodes.map((node) => node.html.slice(0, 150)));
  }
  expect(found.violations.length === 0, `${name}: axe-core, ${found.passes.length} rules passed`);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name}: fits its width`);
}

export async function picture(page, name, options = {}) {
  await page.screenshot({ path: `${pictures}/${name.replaceAll(" ", "-")}.png`, ...options });
}

export async function end() {
  await browser.close();
  process.exit(faults === 0 ? 0 : 1);
}
