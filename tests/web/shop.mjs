/*
 * The shop's pages in a browser: a stranger buys by what is to be read alone; a double click, a reload and an answer that
 * was lost buy once; what is hostile is text; first page and product are there without a script; each page in each size
 * and colour.
 */
import assert from "node:assert/strict";
import { after, before } from "node:test";

import { askForNames, askPeer, checkEachLook, checkPage, eventually, goByKeys, holds, openPage, startBoth, stopBoth, test } from "./support.mjs";
import { cut, shows, textsFor } from "./hostile.mjs";

const SCRIPT_MOST = 90_000; // bytes, packed
const BUYERS = Number(process.env.OCTO_PAGES_BUYERS ?? 12); // who empty a product
const PAGES = {
  home: ["/", "Try one near you"], catalogue: ["/shop?category=parts", "What was found"], product: ["/shop/products/DRN-002", "Goes with it"],
  compare: ["/shop/compare?sku=DRN-002,DRN-003,SKY-011", "Compare"], assistant: ["/shop/assistant", "Try asking"], services: ["/shop/services", "All services"],
  dealers: ["/shop/dealers", "All dealers"], orders: ["/shop/orders", "Placed with this browser"], "sign-in": ["/shop/sign-in", "Sign in"],
  "tickets-signed-out": ["/shop/tickets", "Sign in to ask"],
}; // where it is, and what stands there once all of it has come

let octo;
let browser;

before(async () => {
  askForNames();
  ({ octo, browser } = await startBoth({ CHAOS_ENABLED: "true" }));
});
after(stopBoth);

const orders = async () => (await askPeer(octo, octo.shop, "/api/orders?limit=500")).orders;

async function fill(page) {
  await page.getByLabel("Name", { exact: true }).fill("Mira Falkner");
  await page.getByLabel("E-mail").fill("mira@example.com");
  await page.getByLabel("Delivery address").fill("Talweg 7, 83471 Berchtesgaden, Germany");
}

/** Something in the cart, and the page where it is bought. */
async function checkout(page, sku = "SKY-011") {
  await page.goto(`/shop/products/${sku}`);
  await page.getByRole("button", { name: "Add to cart" }).first().click();
  await page.getByRole("link", { name: "To checkout" }).click();
  await page.getByRole("heading", { name: "Who and where" }).waitFor();
}

/** What the page asked for has come, its pictures too, of which some wait until they are near. */
async function settled(page) {
  await page.waitForFunction(() => document.querySelector("#app h1") !== null && document.querySelector(".skel, .skel-none, [aria-busy=true]") === null &&
    [...document.images].every((image) => image.complete || image.loading === "lazy"));
}

test("a stranger buys by what is to be read", async () => {
  const page = await openPage(browser, octo.shop);
  await page.goto("/");
  await page.getByRole("searchbox", { name: "Search products" }).fill("mapper");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "“mapper”" }).waitFor();
  await page.getByRole("link", { name: "Kestrel Pro Mapper" }).click();
  await page.getByRole("heading", { name: "Kestrel Pro Mapper", level: 1 }).waitFor();
  await page.getByRole("button", { name: "One more: Quantity" }).click();
  await page.getByRole("button", { name: "Add to cart" }).first().click();
  await page.getByRole("link", { name: "Cart, 2 items" }).click();
  await page.getByText("$6,998.00").first().waitFor();

  await page.getByLabel("Coupon").fill("NOSUCH");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByText("No coupon is called so.").waitFor();
  await page.getByLabel("Coupon").fill("FIRSTFLIGHT");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByText("$699.80 off with FIRSTFLIGHT").waitFor();
  await page.getByText("$6,298.20").waitFor();

  await page.getByRole("button", { name: "Place order" }).click();
  await page.getByText("Whose order is it?").waitFor();
  await page.locator("[autocomplete=name]:focus").waitFor(); // what is missing has the focus
  await fill(page);
  await page.getByLabel("E-mail").fill("mira@falkner");
  await page.getByRole("button", { name: "Place order" }).click();
  await page.getByText("This address has no domain ending").waitFor();
  await holds(page.getByLabel("Delivery address"), "Talweg 7, 83471 Berchtesgaden, Germany");
  await page.getByLabel("E-mail").fill("mira@example.com");
  await page.getByRole("button", { name: "Place order" }).click();
  await page.getByRole("heading", { name: "Thank you, it is ordered" }).waitFor();
  await page.getByText("$6,298.20").waitFor();

  const [order] = await orders();
  assert.deepEqual([order.total, order.customer_email, order.coupon_code], [6298.2, "mira@example.com", "FIRSTFLIGHT"]);
  const trace = page.getByRole("link", { name: order.correlation_id });
  assert.equal(await trace.getAttribute("href"), `${octo.console}/console/traces/${order.correlation_id}`);
  await checkPage(page, "shop-order");
  await page.reload();
  await page.getByRole("heading", { name: "Thank you, it is ordered" }).waitFor();
  const link = await page.getByRole("region", { name: "Your link to it" }).getByRole("link").getAttribute("href");
  const elsewhere = await openPage(browser, octo.shop, { expected: [/404/] }); // who has bought nothing there, and has no account
  await elsewhere.goto(link);
  await elsewhere.getByRole("heading", { name: "Thank you, it is ordered" }).waitFor();
  await elsewhere.getByText("$6,298.20").waitFor();
  await elsewhere.goto(`${link.slice(0, -1)}${link.endsWith("0") ? "1" : "0"}`);
  await elsewhere.getByRole("heading", { name: "The link opens no order" }).waitFor();
  await elsewhere.goto(link.split("#")[0]);
  await elsewhere.getByRole("heading", { name: "This browser did not place it" }).waitFor();
  await elsewhere.context().close();
  await page.goto("/shop/orders");
  await page.getByRole("link", { name: order.shipment.tracking_number }).waitFor();
  await page.getByRole("link", { name: "Cart", exact: true }).waitFor();
});

test("a double click, a reload, the way back and a lost answer buy once", async () => {
  const count = (await orders()).length;
  const page = await openPage(browser, octo.shop, { expected: [/ERR_FAILED|Failed to load resource/] });
  await checkout(page);
  await fill(page);
  await page.getByRole("button", { name: "Place order" }).dblclick();
  await page.getByRole("heading", { name: "Thank you, it is ordered" }).waitFor();
  assert.equal((await orders()).length, count + 1);

  await checkout(page);
  await fill(page);
  // The order is placed, and its answer never comes.
  await page.route("**/api/shop/checkout", async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await page.getByRole("button", { name: "Place order" }).click();
  await page.getByText("The service cannot be reached. What was typed is still here.").waitFor();
  await holds(page.getByLabel("Name", { exact: true }), "Mira Falkner");
  await page.getByRole("link", { name: "Cart", exact: true }).waitFor(); // which is empty now, as this page is told too
  await page.getByLabel("Delivery address").fill("Another street 9"); // too late: the first one came through
  await page.getByRole("button", { name: "Place order" }).click();
  await page.getByRole("heading", { name: "Thank you, it is ordered" }).waitFor();
  await page.getByText("Talweg 7, 83471 Berchtesgaden, Germany").waitFor();
  assert.equal((await orders()).length, count + 2);
  await page.goBack(); // to the product: the checkout is over
  await page.getByRole("link", { name: "Cart", exact: true }).waitFor();

  await checkout(page);
  await fill(page);
  await page.reload();
  await page.getByRole("heading", { name: "Who and where" }).waitFor();
  await holds(page.getByLabel("E-mail"), "mira@example.com"); // what was typed outlives a reload
  await page.route("**/api/shop/checkout", async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await page.getByRole("button", { name: "Place order" }).click();
  await page.getByText("The service cannot be reached.").waitFor();
  await page.reload(); // the cart is empty now, since the order was placed
  await page.getByText("Your last order has no answer yet.").waitFor();
  await checkPage(page, "shop-unanswered", { axe: false });
  await page.getByRole("button", { name: "Ask what became of it" }).click();
  await page.getByRole("heading", { name: "Thank you, it is ordered" }).waitFor();
  assert.equal((await orders()).length, count + 3);
  assert.deepEqual(page.faults, []);
});

let admin; // who has signed in, once for all that is asked

/** As an administrator would with a program: what is asked, and whether it was done. */
async function asAdmin(method, address, body) {
  admin ??= askPeer(octo, octo.shop, "/api/auth/login", { method: "POST", body: JSON.stringify({ username: "admin", password: octo.password }) });
  const { token } = await admin;
  const answer = await fetch(octo.shop + address, {
    method, headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...(method === "PUT" && { "If-Match": "*" }) }, body: JSON.stringify(body),
  });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
}

/** Only events tell a page of a change: what it asks from time to time it does not ask. */
const eventsAlone = (page) => page.addInitScript(() => {
  const original = globalThis.setInterval;
  globalThis.setInterval = (work, after, ...rest) => (after === 15_000 ? 0 : original(work, after, ...rest));
});

test("many empty a product: its page follows, and who has it in the cart is told where it stands", async () => {
  const { id, name, sku, price, category } = (await askPeer(octo, octo.shop, "/api/products?search=SKY-012")).products[0];
  await asAdmin("PUT", `/api/admin/products/${id}`, { name, sku, price, category, stock: BUYERS });
  const watching = await openPage(browser, octo.shop);
  await eventsAlone(watching);
  const streams = watching.waitForResponse("**/api/events/stock");
  await watching.goto(`/shop/products/${sku}`);
  assert.equal((await streams).status(), 200);
  await watching.getByText(BUYERS > 20 ? `${BUYERS} in stock` : `Only ${BUYERS} left`).first().waitFor();
  const page = await openPage(browser, octo.shop, { expected: [/409/] });
  await eventsAlone(page);
  const streamsToo = page.waitForResponse("**/api/events/stock");
  await checkout(page, sku);
  assert.equal((await streamsToo).status(), 200);
  await fill(page);
  const buyOne = async (at) => (await fetch(`${octo.shop}/api/shop/checkout`, {
    method: "POST", headers: { "Content-Type": "application/json", "Idempotency-Key": `one-of-the-buyers-${at}` },
    body: JSON.stringify({ customer_name: `Buyer ${at}`, customer_email: `buyer${at}@example.org`, shipping_address: "1 Example Street", items: [{ product_id: id, quantity: 1 }] }),
  })).status;
  // Whom a busy machine had no time for asks again with his key.
  const statuses = await Promise.all(Array.from({ length: BUYERS + 2 }, (_, at) => eventually(() => buyOne(at), (status) => status !== 503)));
  assert.deepEqual(statuses.sort(), [...Array(BUYERS).fill(200), 409, 409]);
  await watching.getByText("Sold out.").waitFor();
  await watching.getByRole("button", { name: "Add to cart" }).first().waitFor({ state: "detached" });
  await page.getByText("Sold out since it was put here.").waitFor(); // before anything is sent
  await page.getByRole("button", { name: "Place order" }).click();
  await page.getByText(`Nothing was ordered. Not enough stock of ${sku}`).waitFor();
  await holds(page.getByLabel("Name", { exact: true }), "Mira Falkner");
  await checkPage(page, "shop-sold-out");
  await asAdmin("PUT", `/api/admin/products/${id}`, { name, sku, price, category, stock: 5 });
  await watching.getByRole("button", { name: "Add to cart" }).first().waitFor();
  await page.getByText("Sold out since it was put here.").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Place order" }).click();
  await page.getByRole("heading", { name: "Thank you, it is ordered" }).waitFor();
  await watching.context().close();
  await page.context().close();
});

test("all of it goes by keys", async () => {
  const page = await openPage(browser, octo.shop);
  await page.goto("/");
  await page.getByRole("heading", { name: "Ready to fly" }).waitFor();
  await page.getByRole("button", { name: "Commands, Ctrl K" }).click(); // for who does not know the key
  await page.getByRole("dialog", { name: "Commands" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Commands" }).waitFor({ state: "detached" });
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Command, page or id" }).and(page.locator(":focus")).waitFor();
  await page.keyboard.type("pro mapper");
  await page.getByRole("option", { name: /Kestrel Pro Mapper/ }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Kestrel Pro Mapper", level: 1 }).waitFor();
  await page.locator("h1:focus").waitFor(); // the page that came has the focus
  await page.getByRole("button", { name: "Add to cart" }).first().waitFor();
  for (let at = 0; at < 80 && await page.evaluate(() => document.activeElement.textContent) !== "Add to cart"; at++) {
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Cart, 1 item" }).waitFor();
  await goByKeys(page, "c", page.getByRole("heading", { name: "Who and where" }));
  await page.getByLabel("Name", { exact: true }).focus();
  for (const text of ["Mira Falkner", "mira@example.com", "", "", "Talweg 7, 83471 Berchtesgaden"]) {
    await page.keyboard.type(text);
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("ArrowDown"); // by invoice
  await page.getByLabel("Name", { exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("by invoice").waitFor();
  await goByKeys(page, "t", page.getByRole("heading", { name: "Your tickets" }));
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).getByText("Commands, products, orders").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Keys" }).waitFor({ state: "detached" });
  await page.keyboard.press("/");
  await page.locator("#search:focus").waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("hostile texts are text", async () => {
  const [reviews, tickets, campaigns, leads, names] = [0, 1, 2, 3, 4].map(textsFor);
  const long = ["\u{1f681}".repeat(40), "x".repeat(4000)];
  let campaign;
  for (let at = 0; at < reviews.length; at++) {
    await askPeer(octo, octo.shop, "/api/products/3/reviews", { method: "POST", body: JSON.stringify({ rating: 1, comment: reviews[at], author_name: cut(tickets[at], 100) }) });
    await asAdmin("POST", "/api/services/tickets", { customer_id: 1, title: cut(tickets[at], 200), content: tickets[at].repeat(20) });
    ({ campaign_id: campaign } = await asAdmin("POST", "/api/campaigns", { name: campaigns[at], campaign_type: "email", target_audience: campaigns[at] }));
    await asAdmin("POST", "/api/shop/checkout", {
      customer_name: names[at], customer_email: `hostile${at}@example.org`, shipping_address: leads[at], notes: campaigns[at], items: [{ product_id: 5, quantity: 1 }],
    });
  }
  for (const comment of long) {
    await askPeer(octo, octo.shop, "/api/products/3/reviews", { method: "POST", body: JSON.stringify({ rating: 1, comment, author_name: comment.slice(0, 100) }) });
  }
  await asAdmin("PATCH", `/api/campaigns/${campaign}`, { status: "active" });
  for (const [at, text] of leads.entries()) {
    await askPeer(octo, octo.shop, `/api/campaigns/${campaign}/leads`, { method: "POST", body: JSON.stringify({ email: `lead${at}@example.org`, name: cut(text, 200), notes: text.repeat(3) }) });
  }
  const page = await openPage(browser, octo.shop);
  page.on("dialog", (dialog) => assert.fail(`a script ran: ${dialog.message()}`));
  await page.goto("/shop/products/DRN-003");
  await shows(page, reviews.slice(long.length)); // the newest twenty, with the long ones
  await page.getByRole("button", { name: "more" }).first().waitFor();
  await page.setViewportSize({ width: 390, height: 900 });
  page.look = "390-light";
  await checkPage(page, "shop-hostile");
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`/shop?q=${encodeURIComponent("\"><script>alert(2)</script>")}`);
  await page.getByRole("heading", { name: "Nothing fits" }).waitFor();
  await page.addInitScript((token) => sessionStorage.setItem("octo:token", token), (await admin).token); // as its sign-in keeps it
  for (const [address, texts] of Object.entries({ "/staff": [], "/staff/orders": names, "/staff/tickets": tickets, "/staff/campaigns": campaigns, [`/staff/leads?campaign=${campaign}`]: leads, "/staff/shipping": names })) {
    await page.goto(address);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await shows(page, texts);
    await checkPage(page, `shop-hostile${address.replace(/[^a-z]+/g, "-")}`, { axe: false });
  }
  const source = await (await fetch(`${octo.shop}/shop/products/DRN-003`)).text();
  for (const text of ["<img src=x", "<script>document.title", "<script>alert", "<svg/onload", "<iframe", "<details open"]) {
    assert.ok(!source.includes(text), text);
  }
  await page.context().close();
});

test("first page, catalogue and product are there without a script", async () => {
  const read = async (path) => {
    const answer = await fetch(octo.shop + path, { headers: { Accept: "text/html" } });
    assert.equal(answer.status, 200, path);
    return answer.text();
  };
  const data = (text) => JSON.parse(/<script type="application\/ld\+json">(.*?)<\/script>/s.exec(text)[1]);
  for (const path of ["/", "/shop"]) {
    const text = await read(path);
    assert.match(text, /<title>Drones and parts · Drone Shop<\/title>/);
    assert.match(text, /<meta name="description" content="[^"]{40,}"/);
    assert.match(text, /<a href="\/shop\/products\/DRN-002">Kestrel Pro Mapper<\/a>[\s\S]*?\$3,499\.00/);
    const list = data(text);
    assert.equal(list["@type"], "ItemList");
    assert.equal(list.itemListElement.length, (text.match(/class="p-card"/g) ?? []).length);
  }
  const found = await read("/shop?q=mapper&sort=-price");
  assert.ok(found.indexOf("Full Frame Mapper 61") < found.indexOf("Kestrel Pro Mapper"));
  const text = await read("/shop/products/DRN-002");
  const product = data(text);
  assert.deepEqual([product.sku, product.offers.price, product.offers.priceCurrency], ["DRN-002", 3499, "USD"]);
  assert.equal((await fetch(octo.shop + product.image)).headers.get("content-type"), "image/svg+xml");
  assert.match(text, /\$3,499\.00/);
  assert.equal((await fetch(`${octo.shop}/shop/products/NONE-1`)).status, 404);
  assert.equal((await fetch(`${octo.shop}/shop/nothing`)).status, 404);
});

test("scripts keep to their size", async () => {
  for (const path of ["/shop", "/staff"]) {
    const script = /<script src="([^"]+)" defer/.exec(await (await fetch(octo.shop + path)).text())[1];
    const answer = await fetch(octo.shop + script, { method: "HEAD", headers: { "Accept-Encoding": "gzip" } });
    assert.ok(Number(answer.headers.get("content-length")) <= SCRIPT_MOST, `${script} has ${answer.headers.get("content-length")} bytes`);
    assert.match(answer.headers.get("cache-control"), /immutable/);
  }
});

test("a question gets products as cards, and its address shows it again", async () => {
  const page = await openPage(browser, octo.shop);
  await page.goto("/shop/assistant");
  await page.getByLabel("Question").fill("Which drone maps 300 hectares?");
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  const card = page.getByRole("log").getByRole("link", { name: /Kestrel Pro Mapper/ });
  await card.waitFor();
  await page.waitForURL(/session=/);
  await page.reload();
  await card.waitFor();
  await card.click();
  await page.getByRole("heading", { name: "Kestrel Pro Mapper", level: 1 }).waitFor();
  await page.goBack();
  await card.waitFor();
});

test("three products are compared, filters and order are the address", async () => {
  const page = await openPage(browser, octo.shop);
  await page.goto("/shop?category=drones");
  for (const name of ["Kestrel Pro Mapper", "Harrier Inspect", "Albatross VTOL"]) {
    await page.getByRole("checkbox", { name: `Compare ${name}` }).check();
  }
  await page.getByRole("link", { name: "Compare 3" }).click();
  await page.getByRole("columnheader", { name: /Albatross VTOL/ }).waitFor();
  await checkPage(page, "shop-compare");
  await page.goto("/shop?category=drones");
  await page.getByRole("button", { name: "Up to $2,000" }).click();
  await page.getByRole("combobox", { name: "Sort" }).selectOption("-price");
  await page.waitForURL(/category=drones&price_max=2000&sort=-price/);
  await eventually(() => page.locator(".p-card h3").first().innerText(), (name) => name === "Kestrel Mini Survey");
  await page.reload();
  await page.locator(".p-card h3", { hasText: "Kestrel Mini Survey" }).waitFor();
});

test("who is signed in sees orders; a wrong password is said", async () => {
  const page = await openPage(browser, octo.shop, { expected: [/401/] });
  await page.goto("/shop/orders");
  await page.locator("#main").getByRole("link", { name: "Sign in" }).click();
  await signInHere(page, "admin", "not the password");
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Password", { exact: true }).fill(octo.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("link", { name: "OCTO-000004" }).click();
  await page.getByText("Atlas Lidar Surveyor").waitFor();
});

/** Signs in where the page asks for it. */
async function signInHere(page, username, password) {
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("a buyer opens a ticket about what he looks at, is answered, and answers", async () => {
  await asAdmin("POST", "/api/admin/users", { username: "pilot", email: "pilot@example.org", password: "correct horse battery", role: "user" });
  const page = await openPage(browser, octo.shop);
  await page.goto("/shop/products/DRN-002");
  await page.getByRole("link", { name: "Open a ticket" }).click();
  await page.locator("#main").getByRole("link", { name: "Sign in" }).click();
  await signInHere(page, "pilot", "correct horse battery");
  await page.getByRole("link", { name: "Kestrel Pro Mapper" }).waitFor(); // back where he was, about the same product
  await page.getByRole("button", { name: "Open ticket" }).click();
  await page.getByText("Say in a few words what it is about.").waitFor();
  await page.getByLabel("What is it about?").fill("<b>It drifts</b>");
  await page.getByLabel("What happened?").fill("Two metres to the left while it should hover.");
  await page.getByLabel("How urgent is it?").selectOption("high");
  await page.getByRole("button", { name: "Open ticket" }).click();
  await page.getByRole("heading", { name: "<b>It drifts</b>", level: 1 }).waitFor();
  const { pathname } = new URL(page.url());
  const id = Number(pathname.split("/").at(-1));
  await asAdmin("POST", `/api/services/tickets/${id}/messages`, { content: "Calibrate the compass away from metal." });
  await page.reload();
  await page.getByRole("log").getByText("Calibrate the compass away from metal.").waitFor();
  await page.getByLabel("Your message").fill("That was it.");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByRole("log").getByText("That was it.").waitFor();
  await holds(page.getByLabel("Your message"), "");
  await checkEachLook(page, "shop-ticket");
  await page.goto("/shop/tickets?status=open");
  await page.getByRole("row").filter({ hasText: "<b>It drifts</b>" }).getByText("High").waitFor();
  await checkEachLook(page, "shop-tickets");
  await page.goto("/shop/tickets/new?about=Order+OCTO-000004");
  await settled(page);
  await checkEachLook(page, "shop-new-ticket");
  await page.context().close();
});

const STAFF_PAGES = ["/staff", "/staff/orders?status=delivered", "/staff/orders/4", "/staff/products?q=SKY-00&sort=stock", "/staff/tickets?id=1&status=resolved", "/staff/campaigns?id=1&status=active", "/staff/leads?campaign=1", "/staff/shipping?id=1&status=delivered",
  "/staff/warehouses?id=1", "/staff/security", "/staff/audit?action=product.updated", "/staff/simulations"]; // of few rows: a page's form is theirs too

test("staff see orders, count products, look at attacks and at the audit trail", async () => {
  await askPeer(octo, octo.shop, "/api/products?search=%3Cscript%3Ealert(1)%3C%2Fscript%3E"); // which is recorded
  const page = await openPage(browser, octo.shop, { expected: [/401/, /412/] });
  await page.goto("/staff/products");
  await signInHere(page, "admin", "not the password");
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Password", { exact: true }).fill(octo.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Products and stock", level: 1 }).waitFor();
  await page.getByLabel("Name, SKU or text").fill("SKY-009");
  await page.getByText("1 products").waitFor();
  await page.getByRole("button", { name: /^Change / }).click();
  await page.getByLabel("Stock").fill("3");
  const { id, name, sku, price, category } = (await askPeer(octo, octo.shop, "/api/products?search=SKY-009")).products[0];
  await asAdmin("PUT", `/api/admin/products/${id}`, { name, sku, price: price + 1, category, stock: 8 }); // somebody was first
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Somebody changed this in the meantime.").waitFor();
  await page.getByRole("button", { name: "Go on from the newer version" }).click();
  await holds(page.getByLabel("Price, dollars"), String(price + 1));
  await holds(page.getByLabel("Stock"), "3");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal((await askPeer(octo, octo.shop, "/api/products?search=SKY-009")).products[0].stock, 3);
  for (const address of STAFF_PAGES) {
    await page.goto(address);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await settled(page);
    await checkEachLook(page, `shop${address.replace(/[^a-z0-9]+/g, "-")}`);
  }
  await page.goto("/staff/audit?action=product.updated");
  await page.getByText(`product:${id}`).first().waitFor();
  await goByKeys(page, "o", page.getByRole("heading", { name: "Orders", level: 1 }));
  await page.getByRole("link", { name: /^#\d+$/ }).first().waitFor();
  await page.context().close();
});

test("staff answer a ticket, move a parcel along, arm a fault and end it", async () => {
  const { ticket_id: ticket } = await asAdmin("POST", "/api/services/tickets", { customer_id: 1, title: "<i>Which battery</i>", content: "For the cold?" });
  const { shipments: [parcel] } = await asAdmin("GET", "/api/shipping?status=processing&limit=1");
  const page = await openPage(browser, octo.shop);
  await page.goto(`/staff/tickets?id=${ticket}`);
  await signInHere(page, "admin", octo.password);
  const drawer = page.getByRole("complementary", { name: `Ticket ${ticket}` });
  await drawer.getByRole("heading", { name: "<i>Which battery</i>" }).waitFor();
  await drawer.getByText("For the cold?").waitFor();
  await drawer.getByLabel("Answer").fill("BAT-003, warmed up.");
  await drawer.getByRole("button", { name: "Send answer" }).click();
  await drawer.getByRole("listitem").getByText("BAT-003, warmed up.").waitFor();
  await drawer.getByRole("button", { name: "Change" }).click();
  await page.getByLabel("State").last().selectOption("resolved");
  await page.getByRole("button", { name: "Save" }).click();
  await drawer.getByText("Resolved").waitFor();

  await page.goto(`/staff/shipping?id=${parcel.id}`);
  const shipment = page.getByRole("complementary", { name: `Shipment ${parcel.id}` });
  await shipment.getByRole("button", { name: "Move along" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Move along" }).click();
  await shipment.getByRole("list").getByText("Shipped").waitFor();

  await page.goto("/staff/simulations");
  await page.getByRole("heading", { name: "No fault is simulated" }).waitFor();
  await page.getByRole("button", { name: "Arm payment-timeout" }).click();
  await page.getByLabel("For how many seconds").fill("5");
  await page.getByRole("button", { name: "Arm", exact: true }).last().click();
  await page.getByText(/must be.*10/i).waitFor(); // said at its field, with what was typed still there
  await page.getByLabel("For how many seconds").fill("600");
  await page.getByRole("button", { name: "Arm", exact: true }).last().click();
  await page.getByRole("table", { name: "On now" }).getByText("payment-timeout").waitFor();
  await page.getByRole("button", { name: "End all" }).click();
  await page.getByRole("heading", { name: "No fault is simulated" }).waitFor();
  await page.getByRole("button", { name: "Set" }).click();
  await page.getByLabel("Slow statement, milliseconds").fill("1");
  await page.getByRole("dialog").getByRole("button", { name: "Set" }).click();
  await page.getByRole("table", { name: "On now" }).getByText("switches").waitFor();
  await page.getByRole("button", { name: "All off" }).click();
  await page.getByRole("heading", { name: "No fault is simulated" }).waitFor();
  await page.context().close();
});

test("a role of the staff finds its own pages, and a buyer none", async () => {
  for (const [username, role] of [["numbers", "analyst"], ["buyer", "user"]]) {
    await asAdmin("POST", "/api/admin/users", { username, email: `${username}@example.org`, password: "correct horse battery", role });
    const page = await openPage(browser, octo.shop);
    await page.goto("/staff");
    await signInHere(page, username, "correct horse battery");
    if (role === "user") {
      await page.getByRole("heading", { name: "Nothing here is for this role", level: 1 }).waitFor();
    } else {
      await page.getByRole("link", { name: "Security events" }).waitFor();
      await page.getByRole("link", { name: "Audit trail" }).waitFor({ state: "detached" });
      await page.goto("/staff/products");
      await page.getByText("Your role sees what buyers see").waitFor();
      await page.goto("/staff/audit");
      await page.getByRole("heading", { name: "Nothing here is for this role", level: 1 }).waitFor();
    }
    assert.deepEqual(page.faults, []);
    await page.context().close();
  }
});

test("each page in each size and colour", async () => {
  const page = await openPage(browser, octo.shop);
  await checkout(page, "DRN-002");
  await checkEachLook(page, "shop-checkout");
  for (const [name, [address, heading]] of Object.entries(PAGES)) {
    await page.goto(address);
    await page.getByRole("heading", { name: heading }).first().waitFor();
    await settled(page);
    await checkEachLook(page, `shop-${name}`);
  }
  await page.goto("/shop/checkout");
  await page.getByRole("button", { name: "Remove Kestrel Pro Mapper" }).click();
  await page.locator("h1:focus", { hasText: "Checkout" }).waitFor(); // the button is gone with its line
});
