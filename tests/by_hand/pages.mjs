// The page at / and the page of a problem in Chromium, at 1440 and 390 pixels, light and dark: no violation that
// axe-core knows, no sideways scrolling, nothing that their policy forbids; the trace id can be copied, and the ways
// back lead back. Pictures go into a directory.
import { chromium } from "playwright-core";
import fs from "node:fs";
import { createRequire } from "node:module";

const [origin, service, pictures] = process.argv.slice(2);
const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({
  executablePath: process.env.OCTO_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
let faults = 0;

function expect(holds, what) {
  if (!holds) {
    faults++;
  }
  console.log(holds ? "ok  " : "FAIL", what);
}

async function look(page, name) {
  await page.screenshot({ path: `${pictures}/${name.replaceAll(" ", "-")}.png`, fullPage: true });
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run());
  for (const violation of found.violations) {
    console.log(violation.id, violation.nodes.map((node) => node.html.slice(0, 150)));
  }
  expect(found.violations.length === 0, `${name}: axe-core, ${found.passes.length} rules passed`);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name}: fits its width`);
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1440, 390]) {
    // axe-core is put in by a script tag, which the page's own policy forbids.
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
    const page = await context.newPage();

    await page.goto(`${origin}/`);
    await look(page, `home ${service} ${colorScheme} ${width}`);
    await page.goto(`${origin}/no/such/page?with=query`);
    await look(page, `problem ${service} ${colorScheme} ${width}`);
    await context.close();
  }
}

// Once more with the policy in force: their own files are all that they need.
const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
const page = await context.newPage();
const refused = [];
page.on("console", (message) => message.text().includes("Content Security Policy") && refused.push(message.text()));
await page.goto(`${origin}/`);
await page.goto(`${origin}/no/such/page`);
await page.getByRole("button", { name: "Copy" }).click();
await page.getByRole("button", { name: "Copied" }).waitFor();
expect(await page.evaluate(() => navigator.clipboard.readText()) === await page.locator("#trace-id").innerText(),
  `${service}: the trace id is copied`);
await page.getByRole("button", { name: "Back to where you were" }).click();
await page.waitForURL(`${origin}/`);
await page.goto(`${origin}/no/such/page`);
await page.getByRole("link", { name: "Back to the start" }).click();
await page.waitForURL(`${origin}/`);
expect(refused.length === 0, `${service}: its policy forbids nothing that its pages do ${refused}`);
await browser.close();
process.exit(faults === 0 ? 0 : 1);
