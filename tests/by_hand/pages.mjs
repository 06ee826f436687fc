// The page at / and the page of a problem in Chromium, at 1440 and 390 pixels, light and dark: no violation that
// axe-core knows, no sideways scrolling, nothing that their policy forbids; the trace id can be copied, and the ways
// back lead back. Pictures go into a directory.
import { browser, eachLook, end, expect, judge, origin, picture, service } from "./chromium.mjs";

await eachLook(async (page, look) => {
  for (const [name, path] of [["home", "/"], ["problem", "/no/such/page?with=query"]]) {
    await page.goto(origin + path);
    await picture(page, `${name} ${look}`, { fullPage: true });
    await judge(page, `${name} ${look}`);
  }
});

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
await end();
