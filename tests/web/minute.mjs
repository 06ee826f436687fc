/*
 * A stranger's minute, by what is to be read alone: a drone is found, bought with a coupon and followed; the portal shows the
 * same order and its sync state; the console shows the trace from the click on, the INSERT of the order, and its statement.
 *
 * With OCTO_TOUR=1 the pictures of docs/tour.md are made on the way.
 */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after } from "node:test";

import { ROOT, askPeer, eventually, startBoth, stopBoth, test } from "./support.mjs";

const TOUR = path.join(ROOT, "docs/tour");
const PICTURE_MOST = 60_000; // bytes: a page of ten loads at once
const VIEW = { width: 1280, height: 800 };

/** What is seen now, as small as it has to be. */
async function picture(page, name) {
  if (process.env.OCTO_TOUR === undefined) {
    return;
  }
  fs.mkdirSync(TOUR, { recursive: true });
  for (let quality = 85; quality > 20; quality -= 5) {
    const bytes = await page.screenshot({ type: "jpeg", quality });
    if (bytes.length <= PICTURE_MOST) {
      fs.writeFileSync(path.join(TOUR, `${name}.jpg`), bytes);
      return;
    }
  }
  throw new Error(`${name} is not to be had in ${PICTURE_MOST} bytes`);
}

async function signIn(page, octo, nameLabel) {
  await page.getByLabel(nameLabel).fill("admin");
  await page.getByLabel("Password", { exact: true }).fill(octo.password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/* The console has what services and pages tell a moment later; by then the page is asked for again. */
async function reloadOnceToldOf(page, octo, name) {
  const id = /\/console\/traces\/([0-9a-f]{32})/.exec(page.url())[1];
  await eventually(() => askPeer(octo, octo.console, `/api/traces/${id}`).catch(() => ({ spans: [] })), (trace) => trace.spans.some((span) => span.name === name));
  await page.reload();
}

after(stopBoth);

test("the stranger's minute", async () => {
  const { octo, browser } = await startBoth({ ORDERS_SYNC_ENABLED: "false" });
  const context = await browser.newContext({ viewport: VIEW, reducedMotion: "reduce", colorScheme: "light" });
  context.setDefaultTimeout(Number(process.env.OCTO_PAGES_PATIENCE_MS ?? 60_000));
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));

  await page.goto(octo.shop);
  await page.getByText("Kestrel", { exact: false }).first().waitFor();
  await picture(page, "01-home");
  await page.getByRole("searchbox", { name: "Search products" }).fill("mapper");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "“mapper”" }).waitFor();
  await picture(page, "02-search");
  await page.getByRole("link", { name: "Kestrel Pro Mapper" }).click();
  await page.getByRole("heading", { name: "Kestrel Pro Mapper", level: 1 }).waitFor();
  await picture(page, "03-product");
  await page.getByRole("button", { name: "Add to cart" }).first().click();
  await page.getByRole("link", { name: "To checkout" }).click();
  await page.getByLabel("Coupon").fill("FIRSTFLIGHT");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByText("$349.90 off with FIRSTFLIGHT").waitFor();
  await page.getByLabel("Name", { exact: true }).fill("Mira Falkner");
  await page.getByLabel("E-mail").fill("mira@example.com");
  await page.getByLabel("Delivery address").fill("Talweg 7, 83471 Berchtesgaden, Germany");
  await picture(page, "04-cart");
  await page.getByRole("button", { name: "Place order" }).click();
  await page.getByRole("heading", { name: "Thank you, it is ordered" }).waitFor();
  await picture(page, "05-tracking");
  const tracking = (await page.getByText(/^OCTO-\d{6}$/).first().innerText()).trim();

  await page.goto(octo.crm);
  await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
  await signIn(page, octo, "User name or e-mail");
  await page.getByRole("heading", { level: 1, name: "Dashboard" }).waitFor();
  await page.getByRole("link", { name: /^Orders/ }).first().click();
  await page.getByRole("button", { name: "Sync now" }).click();
  const row = page.getByRole("row").filter({ hasText: "mira@example.com" });
  await row.getByText("Synced").waitFor();
  await picture(page, "06-orders");
  await row.getByRole("link", { name: /^#\d+$/ }).click();
  await page.getByRole("heading", { level: 1, name: /^Order \d+$/ }).waitFor();
  await page.getByText("Placed in the shop").waitFor();
  await page.getByText(tracking).first().waitFor();
  await picture(page, "07-order");

  await page.getByRole("link", { name: "Open in the Console" }).click();
  await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
  await signIn(page, octo, "Name or e-mail");
  const insert = page.getByRole("row", { name: /order_insert/ });
  await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor({ state: "detached" });
  await reloadOnceToldOf(page, octo, "click Place order");
  await page.getByRole("heading", { level: 1, name: "click Place order" }).waitFor(); // where the trace began
  await insert.first().waitFor();
  await picture(page, "08-trace");
  await insert.first().click();
  const panel = page.getByRole("complementary", { name: "Span" });
  await panel.getByText("INSERT INTO orders").first().waitFor();
  await picture(page, "09-insert");
  await panel.getByRole("link", { name: "Open statement" }).click();
  await page.getByRole("heading", { level: 1, name: "order_insert" }).waitFor();
  await page.getByText("INSERT INTO orders").first().waitFor();
  await picture(page, "10-statement");
  assert.deepEqual(errors, []);
});
