/* The portal as people use it: an order that was bought in the shop, what failed and why, everything by keys, what strangers typed. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, before } from "node:test";

import {
  LOOKS, askForNames, askPeer, checkEachLook, checkPage, eventually, freePort, goByKeys, holds, killService, openPage, signIn, startBoth, stopBoth, test,
} from "./support.mjs";
import { cut, shows, textsFor } from "./hostile.mjs";

const PAGES = ["/", "/orders", "/orders?tab=failed", "/orders/1", "/customers?id=1", "/customers?id=1&view=timeline", "/invoices?id=2", "/tickets?id=3", "/sync",
  "/campaigns?id=1", "/leads", "/products?id=1", "/reports", "/observability", "/shipments?id=1", "/warehouses?id=1", "/users?id=1"];

const OPEN_MINUTES = Number(process.env.OCTO_PAGES_MINUTES ?? 0); // for which a dashboard stays open, beyond what is tried once
const ORDERS_A_ROUND = OPEN_MINUTES > 0 ? 50 : 2;
const HEAP_MOST = 20_000_000; // bytes, by which it may grow

let octo;
let browser;
let state;

before(async () => {
  askForNames();
  const ports = { crm: await freePort() };
  ({ octo, browser } = await startBoth({ ORDERS_SYNC_ENABLED: "false" }, { ports }));
  state = await signIn(browser, octo.crm, "admin", octo.password);
});

after(stopBoth);

/** Buys by HTTP, as a script in the shop would: the order, and the trace of its purchase. */
async function buy(name) {
  const answer = await fetch(`${octo.shop}/api/shop/checkout`, {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      items: [{ product_id: 2, quantity: 1 }], customer_name: name, customer_email: `${name.toLowerCase().replace(/\W+/g, ".")}@example.org`,
      shipping_address: "1 Example Street, 12345 Town", payment_method: "credit_card",
    }),
  });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return { id: JSON.parse(text).order_id, traceId: answer.headers.get("x-trace-id") };
}

/** Of the portal's own file, which no route can spoil. */
function sql(statement) {
  execFileSync("python3", ["-c", "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1], timeout=30)\nc.executescript(sys.argv[2])\nc.close()",
    path.join(octo.data, "crm.db"), statement]);
}

async function settled(page) {
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForFunction(() => document.querySelector(".skel, .skel-none, [aria-busy=true]") === null);
}

/** Goes on by Tab until the control of that name has the focus. */
async function tabTo(page, name) {
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press("Tab");
    const here = await page.evaluate(() => {
      const { activeElement: at } = document;
      return (at.getAttribute("aria-label") ?? at.labels?.[0]?.textContent ?? at.textContent ?? "").trim();
    });
    if (here === name) {
      return;
    }
  }
  throw new Error(`Tab never comes to ${name}`);
}

test("an order that was bought in the shop is found, with its sync state and the trace of its purchase", async () => {
  const bought = await buy("Grace Hopper");
  const page = await openPage(browser, octo.crm, { expected: [/status of 401/] });
  await page.goto("/orders");
  await page.waitForURL("**/login?next=%2Forders");
  await page.getByLabel("User name or e-mail").fill("admin");
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("User name or password is wrong.").waitFor();
  await page.getByLabel("Password", { exact: true }).fill(octo.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "Orders" }).waitFor();
  await page.getByRole("button", { name: "Sync now" }).click();
  const row = page.getByRole("row").filter({ hasText: "Grace Hopper" });
  await row.getByText("Synced").waitFor();
  await row.getByRole("link", { name: /^#\d+$/ }).click();
  await page.getByRole("heading", { level: 1, name: /^Order \d+$/ }).waitFor();
  await page.locator("h1:focus").waitFor(); // the page that came has the focus
  const trace = page.getByRole("link", { name: "Open in the Console" });
  assert.equal(await trace.getAttribute("href"), `${octo.console}/console/traces/${bought.traceId}`);
  await page.getByRole("region", { name: "What happened" }).getByText("Placed in the shop").waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
  await page.context().close();
});

test("a trace begins at the click, and goes through both services down to their statements", async () => {
  await buy("Edith Clarke");
  const page = await openPage(browser, octo.crm, { state });
  await page.goto("/orders");
  await settled(page);
  await page.getByRole("button", { name: "Sync now" }).click();
  await page.getByText(/No order is new or changed|orders? synced/).waitFor();
  await page.getByRole("row").filter({ hasText: "Edith Clarke" }).getByText("Synced").waitFor();
  await buy("Mary Jackson");
  await askPeer(octo, octo.crm, "/api/orders/sync", { method: "POST" });
  await page.getByRole("row").filter({ hasText: "Mary Jackson" }).getByText("Synced").waitFor(); // which the page asked for by itself
  const link = await page.getByRole("link", { name: "How was this made?" }).getAttribute("href");
  const id = /\/console\/traces\/([0-9a-f]{32})$/.exec(link)[1];
  const { spans } = await eventually(
    () => askPeer(octo, octo.console, `/api/traces/${id}`).catch(() => ({ spans: [] })),
    (trace) => trace.spans.some((span) => span.name === "click Sync now") && trace.spans.some((span) => span.service === "octo-drone-shop" && span.sql_id !== null));
  assert.deepEqual(spans.filter((span) => span.depth === 0).map((span) => [span.name, span.service]), [["click Sync now", "enterprise-crm-portal-browser"]]);
  for (const service of ["enterprise-crm-portal", "octo-drone-shop"]) {
    assert.ok(spans.some((span) => span.service === service && span.kind === "server"), service);
    assert.ok(spans.some((span) => span.service === service && span.sql_id !== null), service);
  }
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("a page that is told to begin no traces tells nobody of anything", async () => {
  const page = await openPage(browser, octo.crm, { state });
  const asked = [];
  page.on("request", (request) => asked.push([new URL(request.url()).pathname, request.headers().traceparent]));
  await page.route(`${octo.crm}/orders`, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replace(/ data-traces="[^"]*"/, "") });
  });
  await page.goto("/orders");
  await settled(page);
  await page.getByRole("link", { name: "Customers" }).click();
  await page.getByRole("heading", { level: 1, name: "Customers" }).waitFor();
  await settled(page);
  await page.evaluate(() => dispatchEvent(new Event("pagehide"))); // when what waits is sent
  assert.ok(asked.some(([address]) => address === "/api/customers"));
  assert.deepEqual(asked.filter(([address, traceparent]) => address === "/api/browser-spans" || traceparent !== undefined), []);
  await page.context().close();
});

test("an order that cannot be stored says why, shows what came, and is tried again", async () => {
  sql("CREATE TRIGGER poison BEFORE INSERT ON orders WHEN NEW.source_order_id IS NOT NULL BEGIN SELECT RAISE(ABORT, 'poison'); END");
  const { id } = await buy("Ada Failing");
  const page = await openPage(browser, octo.crm, { state });
  await page.goto("/orders?tab=failed");
  await page.getByRole("button", { name: "Sync now" }).click();
  const failure = page.getByRole("listitem").filter({ hasText: `Order ${id} of the shop was not taken over` });
  await failure.getByRole("button", { name: "Show payload" }).click();
  await failure.getByText("ada.failing@example.org").waitFor();
  await checkPage(page, "crm-failed-order");
  sql("DROP TRIGGER poison");
  sql("UPDATE sync_state SET lease_owner = 'another:1', lease_until = 9000000000000000"); // whose run is at it
  await failure.getByRole("button", { name: "Try again now" }).click();
  await page.getByRole("status").getByText("Another run is at it: the timer's, or somebody else's.").waitFor();
  await failure.getByRole("button", { name: "Waiting" }).waitFor();
  sql("UPDATE sync_state SET lease_until = 0"); // and has ended
  await page.getByText("No order failed.").waitFor();
  await page.goto("/orders");
  await page.getByRole("row").filter({ hasText: "Ada Failing" }).getByText("Synced").waitFor();
  await page.context().close();
});

test("every page holds in every size and colour", async () => {
  const page = await openPage(browser, octo.crm, { state });
  for (const address of PAGES) {
    await page.goto(address);
    await settled(page);
    await checkEachLook(page, `crm${address.replace(/[^a-z0-9]+/g, "-")}`);
  }
  await page.context().close();
});

test("a report is run, plotted, kept under a name and written as a file; an order is found by what is typed", async () => {
  const page = await openPage(browser, octo.crm, { state });
  await page.goto("/reports?query=best_customers");
  await page.getByRole("group", { name: "Revenue by name" }).waitFor();
  await page.getByLabel("Since, a day (UTC)").fill("2020-01-01");
  await page.getByRole("button", { name: "Run" }).click();
  await page.waitForURL("**p.since=2020-01-01**");
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV" }).click()]);
  assert.equal(file.suggestedFilename(), "best_customers.csv");
  const lines = fs.readFileSync(await file.path(), "utf8").split("\r\n");
  assert.equal(lines[0], "customer_id,name,email,orders,revenue");
  const first = page.getByRole("table", { name: "Customers by what they bought for" }).getByRole("row").nth(1);
  await eventually(() => first.innerText(), (text) => text.includes(lines[1].split(",")[1])); // what is shown may be of the answer before
  await page.getByRole("button", { name: "Keep under a name" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Since 2020");
  await page.getByRole("button", { name: "Keep", exact: true }).click();
  await page.goto("/reports");
  await page.getByRole("link", { name: "Since 2020" }).click();
  await page.waitForURL("**/reports?p.since=2020-01-01&query=best_customers");
  await page.getByRole("button", { name: /^Remove report/ }).click();
  await page.getByText("None yet. Run one and keep it under a name.").waitFor();
  await page.goto("/orders");
  await page.getByLabel("Number, customer or e-mail").fill("grace.hopper@");
  await page.waitForURL("**/orders?q=grace.hopper**");
  await page.getByText("1–1 of 1 orders").waitFor();
  await page.getByRole("row").filter({ hasText: "Grace Hopper" }).getByRole("link", { name: /^#/ }).click();
  await page.getByRole("link", { name: "Kestrel Pro Mapper" }).click(); // the shop's name of it, and what the portal knows of that
  await page.getByRole("complementary", { name: /^Product \d+$/ }).getByRole("heading", { name: "Kestrel Pro Mapper" }).waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("all of it goes by keys", async () => {
  const page = await openPage(browser, octo.crm, { state });
  await page.goto("/");
  await settled(page);
  await goByKeys(page, "c", page.getByRole("heading", { level: 1, name: "Customers" }));
  await page.getByRole("link", { name: "Clara Weiss" }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("clara");
  await page.waitForURL("**/customers?q=clara");
  await page.getByText("1–1 of 1 customers").waitFor();
  await page.getByRole("link", { name: "Clara Weiss" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("complementary", { name: "Customer 1" }).getByRole("tab", { name: /Orders/ }).focus();
  await page.keyboard.press("End");
  await page.waitForURL("**view=timeline**");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Command, page or id" }).and(page.locator(":focus")).waitFor();
  await page.keyboard.type("1");
  await page.getByRole("option", { name: /Order 1/ }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Order 1" }).waitFor();
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: "Customers" }).waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("a product is made, looked at and taken off sale by the keyboard alone", async () => {
  const page = await openPage(browser, octo.crm, { state });
  await page.goto("/products");
  await settled(page);
  await page.keyboard.press("Tab");
  await page.locator(":focus", { hasText: "Skip to content" }).waitFor();
  await page.keyboard.press("Enter");
  await tabTo(page, "New product");
  await page.keyboard.press("Enter");
  await page.getByLabel("Name", { exact: true }).and(page.locator(":focus")).waitFor();
  for (const [field, text] of [["Name", "Keyed Kestrel"], ["Article number", "KEY-001"], ["Price, dollars", "12.50"]]) {
    const focused = await page.evaluate(() => document.activeElement.labels?.[0]?.textContent);
    if (focused !== field) {
      await tabTo(page, field);
    }
    await page.keyboard.type(text);
  }
  await page.keyboard.press("Enter");
  await page.getByRole("status").getByText("Product saved").waitFor();
  await page.locator(":focus", { hasText: "New product" }).waitFor(); // what opened the dialog has the focus
  await page.keyboard.press("/");
  await page.keyboard.type("keyed");
  await page.getByText("1–1 of 1 products").waitFor();
  await tabTo(page, "Keyed Kestrel");
  await page.keyboard.press("Enter");
  const drawer = page.getByRole("complementary", { name: /^Product \d+$/ });
  await drawer.getByText("$12.50").waitFor();
  await tabTo(page, "Take off sale");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Take KEY-001 off sale?" }).waitFor();
  await page.locator(":focus", { hasText: "Keep it" }).waitFor(); // the safe answer has the focus
  await tabTo(page, "Take it off sale");
  await page.keyboard.press("Enter");
  await page.getByRole("status").getByText("KEY-001 is deleted.").waitFor();
  await page.getByText("No products match").waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("what strangers typed is text wherever it is shown", async () => {
  const page = await openPage(browser, octo.crm, { ...LOOKS[0], state });
  const post = async (path, data) => {
    const answer = await page.request.post(path, { data, headers: { "X-Requested-With": "tests" } });
    assert.ok(answer.ok(), `${path}: ${answer.status()} ${await answer.text()}`);
    return answer.json();
  };
  const last = {};
  const turns = [0, 1, 2, 3, 4].map(textsFor);
  for (let at = 0; at < turns[0].length; at++) {
    const [name, subject, product, campaign, lead] = turns.map((texts) => texts[at]);
    const customer_id = last.customer = (await post("/api/customers", { name, email: `hostile${at}@example.org`, company: name, industry: cut(name, 100), notes: name.repeat(5) })).customer_id;
    last.ticket = (await post("/api/tickets", { subject, description: subject.repeat(20), customer_id, assigned_to: cut(subject, 50) })).ticket_id;
    await post(`/api/tickets/${last.ticket}/messages`, { content: subject.repeat(50) });
    last.order = (await post("/api/orders", { customer_id, product_id: 1, quantity: 1, notes: product, shipping_address: campaign })).order_id;
    last.invoice = (await post("/api/invoices", { order_id: last.order, notes: lead.repeat(5) })).invoice_id;
    last.shipment = (await post("/api/shipping", { order_id: last.order, carrier: cut(lead, 50), origin_region: cut(product, 50), destination_region: cut(campaign, 50) })).shipment_id;
    last.product = (await post("/api/products", { name: product, sku: `HOST-${at}`, price: 1, category: cut(product, 100), description: product.repeat(10) })).product.id;
    last.campaign = (await post("/api/campaigns", { name: campaign, target_audience: campaign })).campaign_id;
    last.warehouse = (await post("/api/shipping/warehouses", { name: product, region: cut(campaign, 50), address: lead.repeat(3) })).id;
    await post("/api/reports", { name: lead, query: "orders" });
  }
  for (const [at, text] of turns[4].entries()) {
    await post(`/api/campaigns/${last.campaign}/leads`, { email: `lead${at}@example.org`, name: text, source: cut(text, 50), notes: text.repeat(5) });
  }
  assert.ok(Object.values(last).every(Number.isInteger), JSON.stringify(last));
  const [names, subjects, products, campaigns, leads] = turns;
  const one = turns.map((texts) => texts.at(-1));
  const addresses = { // with what has to stand there
    "/": [], "/orders?q=hostile": names, [`/orders/${last.order}`]: [one[0], one[2], one[3]], "/customers?q=hostile": names, [`/customers?id=${last.customer}`]: [one[0]],
    [`/customers?id=${last.customer}&view=tickets`]: [one[1]], [`/customers?id=${last.customer}&view=timeline`]: [], [`/tickets?id=${last.ticket}`]: subjects,
    [`/invoices?id=${last.invoice}`]: [...names, one[4]], [`/products?id=${last.product}&q=HOST-`]: products, [`/campaigns?id=${last.campaign}`]: campaigns,
    [`/leads?campaign=${last.campaign}`]: leads, [`/shipments?id=${last.shipment}`]: names.slice(-10), // among those that the shop sends meanwhile
    [`/warehouses?id=${last.warehouse}`]: [...[...products].sort().slice(0, 15), one[4]], // of a page of 25, by name
    "/reports?query=leads_by_campaign": leads,
  };
  for (const [address, texts] of Object.entries(addresses)) {
    await page.setViewportSize({ width: LOOKS[0].width, height: 900 });
    await page.goto(address);
    await settled(page);
    await shows(page, texts);
    for (const look of [LOOKS[0], LOOKS[5]]) {
      await page.setViewportSize({ width: look.width, height: 900 });
      await page.emulateMedia({ colorScheme: look.scheme, reducedMotion: "reduce" });
      page.look = `${look.width}-${look.scheme}`;
      await checkPage(page, `crm-hostile${address.replace(/[^a-z]+/g, "-")}`, { axe: false });
    }
  }
  await page.context().close();
});

test("a session that ends in the middle asks for the sign-in, and loses nothing", async () => {
  const page = await openPage(browser, octo.crm, { state, expected: [/status of 401/] });
  await page.goto("/customers");
  await page.getByRole("button", { name: "New customer" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Kept Name");
  await page.getByRole("textbox", { name: "E-mail" }).fill("kept@example.org");
  await page.context().clearCookies();
  await page.getByRole("button", { name: "Save" }).click();
  const again = page.getByRole("dialog", { name: "Your session has ended. Sign in again?" });
  await again.getByLabel("Password", { exact: true }).fill(octo.password);
  await again.getByRole("button", { name: "Sign in" }).click();
  await again.waitFor({ state: "detached" });
  await holds(page.getByLabel("Name", { exact: true }), "Kept Name");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("status").getByText("Customer saved").waitFor();
  await page.goto("/customers?q=Kept+Name"); // however many others there are
  await page.getByRole("link", { name: "Kept Name" }).waitFor();
  await page.context().close();
});

test("two who change the same ticket: the second is told, and what he typed stays", async () => {
  const page = await openPage(browser, octo.crm, { state, expected: [/status of 412/] });
  await page.goto("/tickets?id=3");
  const drawer = page.getByRole("complementary", { name: "Ticket 3" });
  await drawer.getByRole("button", { name: "Change" }).click();
  await page.getByLabel("Who sees to it").fill("somebody else");
  const other = await page.request.get("/api/tickets/3");
  const changed = await page.request.patch("/api/tickets/3", {
    data: { priority: "low" }, headers: { "If-Match": other.headers().etag, "X-Requested-With": "tests" },
  });
  assert.equal(changed.status(), 200, await changed.text());
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("alert").getByText("Somebody changed this in the meantime.").waitFor();
  await holds(page.getByLabel("Who sees to it"), "somebody else");
  await page.getByRole("button", { name: "Go on from the newer version" }).click();
  await holds(page.getByRole("dialog").getByLabel("Priority"), "low");
  await page.getByRole("button", { name: "Save" }).click();
  await drawer.getByText("somebody else").waitFor();
  await page.context().close();
});

/** Bytes of scripts' objects that are still held by something. */
async function heapOf(devtools) {
  await devtools.send("HeapProfiler.collectGarbage");
  return (await devtools.send("Runtime.getHeapUsage")).usedSize;
}

test("an open dashboard misses nothing when the service starts again, nor when it answers with no stream, and keeps little of it", async (t) => {
  const page = await openPage(browser, octo.crm, { state, expected: [/Failed to load resource|ERR_/] });
  await page.addInitScript(() => { globalThis.setInterval = () => 0; }); // events alone have it ask again
  const devtools = await page.context().newCDPSession(page);
  await page.goto("/");
  await settled(page);
  await page.getByText("Live", { exact: true }).waitFor();
  const orders = () => page.locator(".kpi", { hasText: "Orders" }).first().locator(".v").innerText().then((text) => Number(text.replaceAll(",", "")));
  const placeOrder = () => askPeer(octo, octo.crm, "/api/orders", { method: "POST", body: JSON.stringify({ customer_id: 1, product_id: 1, quantity: 1 }) });
  const total = () => askPeer(octo, octo.crm, "/api/orders/security/summary").then((summary) => summary.total_orders); // others may place some too
  const follows = (why) => eventually(async () => [await orders(), await total()], ([shown, there]) => shown === there).catch((error) => assert.fail(`${why}: ${error}`));
  const away = { "nobody answers": (route) => route.abort(), "it is starting": (route) => route.fulfill({ status: 503, body: "" }) };
  const round = async () => {
    for (const [why, answer] of Object.entries(away)) {
      await page.route("**/api/events/orders", answer);
      await killService(octo, "crm");
      await page.getByText("No longer live; connecting again").waitFor();
      await placeOrder();
      await page.unroute("**/api/events/orders");
      await page.getByText("Live", { exact: true }).waitFor();
      await follows(why);
    }
    for (let at = 0; at < ORDERS_A_ROUND; at++) {
      await placeOrder();
      await follows("one order after the other");
    }
  };
  await round();
  const before = await heapOf(devtools);
  const end = Date.now() + OPEN_MINUTES * 60_000;
  for (let rounds = 1; Date.now() < end; rounds++) {
    await round();
    t.diagnostic(`round ${rounds}: ${await total()} orders, heap ${((await heapOf(devtools)) / 1e6).toFixed(2)} MB`);
  }
  const grown = (await heapOf(devtools)) - before;
  assert.ok(grown < HEAP_MOST, `the heap has grown by ${grown} bytes`);
  await page.context().close();
}, OPEN_MINUTES * 60_000);

test("who may only look is told which role may do more", async () => {
  const admin = await openPage(browser, octo.crm, { state });
  const made = await admin.request.post("/api/admin/users", {
    data: { username: "looker", email: "looker@example.org", password: "correct horse battery", role: "viewer" }, headers: { "X-Requested-With": "tests" },
  });
  assert.equal(made.status(), 200, await made.text());
  await admin.context().close();
  const page = await openPage(browser, octo.crm, { state: await signIn(browser, octo.crm, "looker", "correct horse battery") });
  await page.goto("/orders");
  await page.getByText("Your role is viewer; changing orders takes manager or admin.").waitFor();
  await settled(page);
  await page.getByRole("button", { name: "New order" }).waitFor({ state: "detached" });
  await checkPage(page, "crm-viewer");
  await page.context().close();
});
