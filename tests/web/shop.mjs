/*
 * The shop's pages in a browser: a stranger buys by what is to be read alone; a double click, a reload and an answer that
 * was lost buy once; what is hostile is text; first page and product are there without a script; each page in each size
 * and colour.
 */
import assert from "node:assert/strict";
import test, { after, before } from "node:test";

import { askPeer, checkLooks, checkPage, openPage, startBrowser, startOcto } from "./support.mjs";

const SCRIPT_MOST = 90_000; // bytes, packed

let octo;
let browser;

before(async () => {
  [octo, browser] = await Promise.all([startOcto(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await octo?.close();
});

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
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("autocomplete")), "name");
  await fill(page);
  await page.getByLabel("E-mail").fill("mira@falkner");
  await page.getByRole("button", { name: "Place order" }).click();
  await page.getByText("This address has no domain ending").waitFor();
  assert.equal(await page.getByLabel("Delivery address").inputValue(), "Talweg 7, 83471 Berchtesgaden, Germany");
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
  await page.goto("/shop/orders");
  await page.getByRole("link", { name: order.shipment.tracking_number }).waitFor();
  await page.getByRole("link", { name: "Cart", exact: true }).waitFor();
});

test("a double click, a reload and a lost answer buy once", async () => {
  const count = (await orders()).length;
  const page = await openPage(browser, octo.shop, { expected: [/ERR_FAILED|ERR_INTERNET|Failed to load resource/] });
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
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Mira Falkner");
  await page.getByRole("button", { name: "Place order" }).click();
  await page.getByRole("heading", { name: "Thank you, it is ordered" }).waitFor();
  assert.equal((await orders()).length, count + 2);
  assert.deepEqual(page.faults, []);
});

test("what runs out in the cart is said at its line", async () => {
  const page = await openPage(browser, octo.shop, { expected: [/409/] });
  await checkout(page, "SKY-012");
  await fill(page);
  const product = (await askPeer(octo, octo.shop, "/api/products?search=SKY-012")).products[0];
  const { token } = await askPeer(octo, octo.shop, "/api/auth/login", { method: "POST", body: JSON.stringify({ username: "admin", password: octo.password }) });
  const changed = await fetch(`${octo.shop}/api/admin/products/${product.id}`, {
    method: "PUT", headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", "If-Match": "*" },
    body: JSON.stringify({ name: product.name, sku: product.sku, price: product.price, category: product.category, stock: 0 }),
  });
  assert.equal(changed.status, 200, await changed.text());
  await page.getByRole("button", { name: "Place order" }).click();
  await page.getByText("Sold out since it was put here.").waitFor();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Mira Falkner");
});

test("hostile texts are text", async () => {
  const texts = ["<img src=x onerror=alert(1)>", "\"><script>alert(2)</script>", "\u202egnp.exe", "\u{1f681}".repeat(40), "x".repeat(4000), "</script><script>alert(3)</script>"];
  for (const comment of texts) {
    await askPeer(octo, octo.shop, "/api/products/3/reviews", { method: "POST", body: JSON.stringify({ rating: 1, comment, author_name: comment.slice(0, 100) }) });
  }
  const page = await openPage(browser, octo.shop, { width: 390 });
  page.on("dialog", (dialog) => assert.fail(`a script ran: ${dialog.message()}`));
  await page.goto("/shop/products/DRN-003");
  for (const text of texts.slice(0, 4)) {
    await page.locator("#reviews").getByText(text, { exact: true }).first().waitFor();
  }
  await page.getByRole("button", { name: "more" }).first().waitFor();
  await checkPage(page, "shop-hostile");
  await page.goto(`/shop?q=${encodeURIComponent(texts[1])}`);
  await page.getByRole("heading", { name: "Nothing fits" }).waitFor();
  const source = await (await fetch(`${octo.shop}/shop/products/DRN-003`)).text();
  assert.ok(!source.includes("<img src=x") && !source.includes("<script>alert"));
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

test("the script keeps to its size", async () => {
  const script = /<script src="([^"]+shop[^"]+)" defer/.exec(await (await fetch(`${octo.shop}/shop`)).text())[1];
  const answer = await fetch(octo.shop + script, { method: "HEAD", headers: { "Accept-Encoding": "gzip" } });
  assert.ok(Number(answer.headers.get("content-length")) <= SCRIPT_MOST, `${script} has ${answer.headers.get("content-length")} bytes`);
  assert.match(answer.headers.get("cache-control"), /immutable/);
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
  assert.equal(await page.locator(".p-card h3").first().innerText(), "Kestrel Mini Survey");
  await page.reload();
  await page.locator(".p-card h3", { hasText: "Kestrel Mini Survey" }).waitFor();
});

test("who is signed in sees orders; a wrong password is said", async () => {
  const page = await openPage(browser, octo.shop, { expected: [/401/] });
  await page.goto("/shop/orders");
  await page.getByRole("link", { name: "Sign in" }).last().click();
  await page.getByLabel("User name").fill("admin");
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Password", { exact: true }).fill(octo.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("link", { name: "OCTO-000004" }).click();
  await page.getByText("Atlas Lidar Surveyor").waitFor();
});

test("each page in each size and colour", async () => {
  const shown = {
    home: ["/", (page) => page.getByRole("heading", { name: "Try one near you" })],
    catalogue: ["/shop?category=parts", (page) => page.getByRole("heading", { name: "Parts and gear" })],
    product: ["/shop/products/DRN-002", (page) => page.getByRole("heading", { name: "Goes with it" })],
    assistant: ["/shop/assistant", (page) => page.getByRole("heading", { name: "Try asking" })],
  };
  for (const [name, [path, sign]] of Object.entries(shown)) {
    await checkLooks(browser, octo.shop, undefined, `shop-${name}`, async (page) => {
      await page.goto(path);
      await sign(page).waitFor();
      await page.waitForLoadState("networkidle");
    });
  }
  await checkLooks(browser, octo.shop, undefined, "shop-checkout", async (page) => {
    await checkout(page, "DRN-002");
    await page.getByRole("button", { name: "Close" }).click();
  });
  for (const name of ["services", "dealers", "orders", "sign-in"]) {
    const page = await openPage(browser, octo.shop, { width: 390, scheme: "dark" });
    await page.goto(`/shop/${name}`);
    await page.waitForLoadState("networkidle");
    await checkPage(page, `shop-${name}`);
    await page.context().close();
  }
});
