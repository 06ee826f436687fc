/* The console as people use it: what they read and press, on an Octo that has had a few purchases. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, before } from "node:test";

import { bundled } from "./bundled.mjs";
import { ROOT, askForNames, askPeer, checkEachLook, checkLooks, checkPage, eventually, openPage, signIn, startBoth, stopBoth, test } from "./support.mjs";

const { count, duration } = await bundled(["kit/format"]);

const KB = 1024;
const SCRIPT_MOST = 110 * KB; // packed
const ELEMENTS_MOST = 3000;
const SPANS = Number(process.env.OCTO_PAGES_SPANS ?? 3000);
const MALFORMED = Number(process.env.OCTO_PAGES_MALFORMED ?? 3);
const DAY_MS = 86_400_000;
const BEGAN = Date.now(); // before any service of this test runs
const MAKES_PICTURES = process.env.OCTO_DOC_PICTURES !== undefined; // those of docs/console.md, on an Octo with shoppers

const LINKS = {
  CONSOLE_LINK_APM: "https://apm.example.com/?trace=<TraceId>&from=<StartTimeInMs>", CONSOLE_LINK_WAREHOUSE: "https://example.com/<DbOracleSqlId>?of=<db.oracle.ocid>",
};

let octo;
let browser;
let state; // of somebody who is signed in
let purchase; // the trace of a checkout

before(async () => {
  askForNames();
  ({ octo, browser } = await startBoth({ ...LINKS, OTEL_METRIC_EXPORT_INTERVAL: "2000" }));
  state = await signIn(browser, octo.console, "admin", octo.password);
  if (MAKES_PICTURES) {
    execFileSync(process.env.OCTO_BIN, ["traffic", "--rate", "12", "--duration", "75", "--shop-port", new URL(octo.shop).port], { env: { ...process.env, OCTO_DATA_DIR: octo.data } });
  }
  purchase = await buy();
});

/** What docs/console.md shows of this step. */
async function picture(page, name) {
  if (MAKES_PICTURES) {
    const before = page.viewportSize();
    await page.setViewportSize({ width: 1180, height: 660 });
    await page.evaluate(() => { document.activeElement?.blur(); scrollTo(0, 0); });
    await page.waitForLoadState("networkidle");
    fs.mkdirSync(path.join(ROOT, "docs/pictures"), { recursive: true });
    await page.screenshot({ path: path.join(ROOT, `docs/pictures/console-${name}.jpg`), type: "jpeg", quality: 50 });
    await page.setViewportSize(before);
  }
}

/* ---- what there is to see ---- */

/** Nothing more comes of a purchase when its hand-over to the portal has: this span ends last. */
function isWhole(trace) {
  return trace !== null && trace.missing_parents.length === 0 && trace.spans.some((span) => span.kind === "consumer")
    && trace.spans.some((span) => span.service === "enterprise-crm-portal");
}

async function buy() {
  const answer = await fetch(`${octo.shop}/api/shop/checkout`, {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      customer_name: "Mira Falkner", customer_email: "mira@example.com", shipping_address: "1 Test Street", payment_method: "credit_card",
      items: [{ product_id: 1, quantity: 1 }, { product_id: 3, quantity: 2 }],
    }),
  });
  assert.equal(answer.status, 200, await answer.clone().text());
  const id = answer.headers.get("x-trace-id");
  await eventually(() => askPeer(octo, octo.console, `/api/traces/${id}`).catch(() => null), isWhole);
  return id;
}

const hex = (number, digits) => number.toString(16).padStart(digits, "0");
const text = (key, value) => ({ key, value: { stringValue: value } });

/* Spans as OpenTelemetry's protocol has them: [id, parent, name, start in ms, duration in ms, attributes]. */
async function sendSpans(traceId, spans, service = "octo-drone-shop", agoMs = 60_000) {
  const begin = BigInt(Date.now() - agoMs) * 1_000_000n;
  const at = (ms) => String(begin + BigInt(Math.round(ms * 1e6)));
  const body = JSON.stringify({ resourceSpans: [{ resource: { attributes: [text("service.name", service)] }, scopeSpans: [{
    spans: spans.map(([id, parent, name, start, duration, attributes = [], kind = 3]) => ({
      traceId, spanId: hex(id, 16), parentSpanId: parent === null ? "" : hex(parent, 16), name, kind,
      startTimeUnixNano: at(start), endTimeUnixNano: at(start + duration), attributes,
    })),
  }] }] });
  const answer = await fetch(`${octo.otlp}/v1/traces`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  assert.equal(answer.status, 200, await answer.text());
}

const statement = (sqlId, name) => [text("DbOracleSqlId", sqlId), text("db.query.summary", name), text("db.query.text", `SELECT ${name} FROM t WHERE id = :id`), text("db.system.name", "sqlite")];

async function openTrace(id, query = "", options = {}) {
  const page = await openPage(browser, octo.console, { state, ...options });
  await page.goto(`/console/traces/${id}${query}`);
  await page.getByRole("treegrid", { name: "Spans" }).waitFor();
  return page;
}

after(stopBoth);

async function fillSignIn(page, password) {
  await page.getByLabel("Name or e-mail").fill("admin");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("whoever is not signed in is asked who he is, in every size and colour", async () => {
  await checkLooks(browser, octo.console, undefined, "console-sign-in", async (page) => {
    await page.goto("/console/traces");
    await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
  });
});

test("the script of the first page is small", async () => {
  const page = await (await fetch(`${octo.console}/console`)).text();
  const script = /<script src="(\/assets\/console\.[0-9a-f]{16}\.js)" defer>/.exec(page)[1];
  const answer = await fetch(octo.console + script, { method: "HEAD", headers: { "Accept-Encoding": "gzip" } });
  assert.match(answer.headers.get("cache-control"), /immutable/);
  const length = Number(answer.headers.get("content-length"));
  assert.ok(length > 0 && length <= SCRIPT_MOST, `${length} bytes`);
});

test("a wrong password is said in words, and nothing typed is lost", async () => {
  const page = await openPage(browser, octo.console, { expected: [/status of 401/] });
  await page.goto("/console/traces?sort=slowest");
  await fillSignIn(page, "not the password");
  await page.getByRole("alert").getByText("invalid credentials").waitFor();
  assert.equal(await page.getByLabel("Name or e-mail").inputValue(), "admin");
  await fillSignIn(page, octo.password);
  await page.getByRole("heading", { level: 1, name: "Trace Explorer" }).waitFor();
  assert.equal(new URL(page.url()).search, "?sort=slowest", "the view that was asked for comes after it");
  await checkPage(page, "console-signed-in");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
  await page.context().close();
});

test("from the list of requests to a statement of a purchase, by what can be read", async () => {
  const page = await openPage(browser, octo.console, { state });
  await page.goto("/console/traces?live=0&route=POST+/api/shop/checkout&sort=-duration");
  const known = await askPeer(octo, octo.console, "/api/traces?route=POST+/api/shop/checkout&sort=slowest");
  await page.getByRole("heading", { name: `${known.total} ${known.total === 1 ? "trace" : "traces"}` }).waitFor();
  await picture(page, "traces");
  await page.getByRole("link", { name: "POST /api/shop/checkout" }).first().click();
  await page.getByRole("heading", { level: 1, name: "POST /api/shop/checkout" }).waitFor();
  assert.ok(await page.getByRole("heading", { level: 1 }).evaluate((title) => title === document.activeElement), "the title has the focus");
  const id = /\/([0-9a-f]{32})/.exec(page.url())[1];
  await page.getByText(id).first().waitFor();
  await page.getByRole("row", { name: /stock_take/ }).click();
  const panel = page.getByRole("complementary", { name: "Span" });
  const trace = await askPeer(octo, octo.console, `/api/traces/${id}`);
  const span = trace.spans.find((one) => one.name.startsWith("stock_take"));
  await panel.getByText(span.sql_id).waitFor();
  await panel.getByRole("region", { name: "SQL text" }).getByText("UPDATE products").waitFor();
  await panel.getByText("POST /api/shop/checkout").first().waitFor();
  await page.reload();
  await panel.getByText(span.sql_id).waitFor(); // what is chosen stands in the address
  await picture(page, "trace");
  assert.equal(await page.locator(".kpi", { hasText: "Spans" }).first().locator(".v").innerText(), String(trace.span_count));
  await checkPage(page, "console-trace-span");
  await page.context().close();
});

test("from a span to its statement, whose figures are those of the question", async () => {
  const trace = await askPeer(octo, octo.console, `/api/traces/${purchase}`);
  const span = trace.spans.find((one) => one.name.startsWith("stock_take"));
  const page = await openTrace(purchase, `?span=${span.span_id}`);
  await page.getByRole("link", { name: "Open statement" }).click();
  await page.getByRole("heading", { level: 1, name: span.statement }).waitFor();
  const known = await askPeer(octo, octo.console, `/api/statements/${span.sql_id}`);
  const figure = (label) => page.locator(".kpi", { hasText: label }).first().locator(".v").innerText();
  assert.equal(await figure("Executions"), `${count(known.executions)} in ${duration(known.total_ns)}`);
  assert.equal(await figure("Rows"), String(known.rows));
  await page.getByText(`hash value ${known.hash_value}`).waitFor();
  await page.getByText("UPDATE products").waitFor();
  const callers = page.getByRole("table", { name: "Callers" });
  assert.equal(await callers.getByRole("row").count(), known.callers.length + 1);
  await callers.getByText("POST /api/shop/checkout").first().waitFor();
  await page.getByRole("region", { name: "Examples" }).getByRole("link").first().click();
  await page.getByRole("treegrid", { name: "Spans" }).waitFor();
  await page.context().close();
});

/* What a command of the program prints of the same console. */
function octoSays(...command) {
  return JSON.parse(execFileSync(process.env.OCTO_BIN ?? path.join(ROOT, "build/src/app/octo"), [...command, "--json"], { encoding: "utf8", env: { ...process.env, OCTO_DATA_DIR: octo.data } }));
}

test("three clicks from the slow purchases to the statement that took the stock, or to the hub, with the command's figures", async (t) => {
  const page = await openPage(browser, octo.console, { state });
  const figure = (label) => page.locator(".kpi", { hasText: label }).first().locator(".v").innerText();
  await page.goto("/console/traces?from=now-24h&live=0&route=POST+/api/shop/checkout&sort=-duration");
  const first = page.getByRole("link", { name: "POST /api/shop/checkout" }).first();
  await first.waitFor();
  const began = Date.now();
  await first.click(); // one
  const taking = page.getByRole("row", { name: /stock_take/ }).first();
  await taking.waitFor();
  const trace = octoSays("trace", /\/([0-9a-f]{32})/.exec(page.url())[1]);
  const span = trace.spans.find((one) => one.name.startsWith("stock_take"));
  assert.equal(await figure("Spans"), count(trace.span_count));
  assert.equal((await figure("Answer after")).replace(/\s+/g, " "), duration(trace.spans[0].duration_ns));
  assert.equal((await figure("All done after")).replace(/\s+/g, " "), duration(trace.duration_ns));
  await taking.click(); // two
  await page.getByRole("link", { name: "Open statement" }).click(); // three
  await page.getByText(`hash value`).waitFor();
  t.diagnostic(`three clicks in ${Date.now() - began} ms, among them a run of octo trace`);
  const from = new URL(page.url()).searchParams.get("from");
  assert.equal(from, "now-24h", "the time goes along");
  const statement = octoSays("statement", span.sql_id);
  assert.equal(await figure("Executions"), `${count(statement.executions)} in ${duration(statement.total_ns)}`);
  assert.deepEqual([await figure("Rows"), await figure("Failed")], [statement.rows, statement.failures].map(count));
  for (const [label, ns] of [["Mean", statement.mean_ns], ["p50", statement.p50_ns], ["p95", statement.p95_ns], ["p99", statement.p99_ns], ["Longest", statement.longest_ns]]) {
    assert.equal((await figure(label)).replace(/\s+/g, " "), duration(ns), label);
  }
  await page.goBack();
  await page.getByRole("complementary", { name: "Span" }).getByRole("link", { name: "Performance Hub", exact: true }).click(); // the third, another way
  await page.getByRole("region", { name: "Top ACTION" }).waitFor();
  const { searchParams: around } = new URL(page.url());
  const hub = octoSays("hub", "--from", around.get("from"), "--to", around.get("to"), "--sql-id", around.get("sql_id"));
  await page.getByText(`${duration(hub.active_ns)} of database time`).waitFor();
  const top = await page.getByRole("table", { name: "Top SQL" }).getByRole("row").nth(1).innerText();
  assert.ok(top.includes(span.sql_id) && top.includes(duration(hub.statements[0].mean_ns)), top);
  await page.context().close();
});

test("a plan is asked of the database when somebody wants it, and stands in the address", async () => {
  const trace = await askPeer(octo, octo.console, `/api/traces/${purchase}`);
  const span = trace.spans.find((one) => one.name.startsWith("stock_take"));
  const known = await askPeer(octo, octo.console, `/api/statements/${span.sql_id}/plan`);
  const page = await openPage(browser, octo.console, { state, expected: [/status of 404/] });
  await page.goto(`/console/statements/${span.sql_id}?live=0`);
  await page.getByRole("button", { name: "Ask for the plan" }).click();
  const plan = page.getByRole("region", { name: "Plan of the database" });
  await eventually(() => plan.innerText(), (found) => found === known.plan.join("\n"));
  await page.getByText("of sqlite, the shop's; nothing was run").waitFor();
  await page.reload();
  await plan.waitFor();
  await checkEachLook(page, "console-statement-plan");
  await sendSpans("9a".repeat(16), [[1, null, "GET /own", 0, 20, [], 2], [2, 1, "own", 1, 5, statement("d1xbxtm9g2j9q", "own")]]);
  await eventually(() => fetch(`${octo.console}/api/statements/d1xbxtm9g2j9q`, { headers: { "X-Internal-Service-Key": octo.key } }).then((found) => found.status), (status) => status === 200);
  await page.goto("/console/statements/d1xbxtm9g2j9q?live=0&plan=1");
  await page.getByRole("alert").getByText("other texts are not shown to a database").waitFor();
  await page.context().close();
});

test("statements, in every size and colour", async () => {
  const [first] = (await askPeer(octo, octo.console, "/api/statements")).statements;
  await checkLooks(browser, octo.console, state, "console-statements", async (page) => {
    await page.goto("/console/statements?live=0");
    await page.getByText(first.sql_id).first().waitFor();
  });
  await checkLooks(browser, octo.console, state, "console-statement", async (page) => {
    await page.goto(`/console/statements/${first.sql_id}?live=0`);
    await page.getByText(`hash value`).waitFor();
  });
});

test("from a span to the hub, whose bands add up to the sessions that were active", async () => {
  const trace = await askPeer(octo, octo.console, `/api/traces/${purchase}`);
  const page = await openTrace(purchase, `?span=${trace.spans.find((one) => one.name.startsWith("stock_take")).span_id}`);
  await page.getByRole("link", { name: "Performance Hub", exact: true }).last().click();
  await page.getByRole("heading", { name: "Average active sessions" }).waitFor();
  const { searchParams } = new URL(page.url());
  const known = await askPeer(octo, octo.console, `/api/hub?${new URLSearchParams({ by: "wait", from: searchParams.get("from"), to: searchParams.get("to"), sql_id: searchParams.get("sql_id") })}`);
  const sum = [...known.series, known.others].reduce((all, one) => all + one.active_ns, 0);
  assert.ok(Math.abs(sum - known.active_ns) <= 1, `${sum} of ${known.active_ns}`);
  await page.getByRole("table", { name: "Top SQL" }).getByText(searchParams.get("sql_id")).waitFor();
  const shows = async (address) => { // what the page has asked for: how many points there are differs by the second in which one asks
    const [answer] = await Promise.all([page.waitForResponse((response) => new URL(response.url()).pathname === "/api/hub"), page.goto(address)]);
    return answer.json();
  };
  const { times, step_s: step } = await shows("/console/hub?live=0&by=module");
  const plot = page.getByRole("group", { name: "Average active sessions by module" });
  await plot.waitFor();
  await picture(page, "hub");
  await plot.press("ArrowLeft"); // the last point
  await plot.press("Shift+ArrowLeft");
  await plot.press("Enter");
  const part = await eventually(() => new URL(page.url()).searchParams, (found) => found.has("from"));
  assert.equal(Date.parse(part.get("to")) - Date.parse(part.get("from")), 2 * step * 1000, times.at(-1));
  await page.getByRole("region", { name: "Top ACTION" }).getByText(/executions of/).first().waitFor();
  await picture(page, "hub-part");
  const hub = await shows("/console/hub?live=0");
  await page.getByRole("button", { name: "Show as table" }).click();
  const rows = page.getByRole("table", { name: "Average active sessions by wait" }).getByRole("row");
  await eventually(() => rows.count(), (count) => count === hub.times.length + 1);
  await page.context().close();
});

test("the hub, in every size and colour", async () => {
  await checkLooks(browser, octo.console, state, "console-hub", async (page) => {
    await page.goto("/console/hub?live=0&by=sql_id");
    await page.getByRole("table", { name: "Top SQL" }).waitFor();
  });
});

test("what the servers count stands above what spans tell, and differences are flagged", async () => {
  const page = await openPage(browser, octo.console, { state });
  const region = page.getByRole("region", { name: "As the servers count" });
  const [shop, crm] = ["octo-drone-shop", "enterprise-crm-portal"].map((service) => ({ service, engine: "postgresql", since: "2026-11-30T14:45:00Z", statements: 2, reason: null }));
  const counted = (sql_id, name, calls, executions, differs) => ({ service: shop.service, sql_id, name, server: { calls, rows: calls, total_us: 1500 * calls }, spans: { executions, rows: executions, total_us: 2000 * executions }, between_us: 500, differs });
  const alike = counted("a1xbxtm9g2j9q", "order_by_id", 1200, 1201, []);
  const apart = counted("b1xbxtm9g2j9q", "stock_take", 900, 400, ["calls", "rows"]);
  const unseen = { ...alike, sql_id: "c1xbxtm9g2j9q", name: "cart_add", server: null, between_us: null };
  const answer = { json: { databases: [shop, { ...crm, since: null, statements: 0, reason: "the crm cannot be asked" }], statements: [alike, apart, unseen], total: 7 } };
  await page.route("**/api/hub/server?*", (route) => route.fulfill(answer));
  await page.goto("/console/hub?live=0");
  await region.getByText("shop: postgresql, 2 statements, since").waitFor();
  await region.getByText("Not compared: crm: the crm cannot be asked").waitFor();
  const rows = region.getByRole("table").getByRole("row");
  assert.match(await rows.nth(1).innerText(), /order_by_id.*1,200\s+1,201 by spans.*1\.80 s\s+2\.40 s by spans.*0\.5 ms\s+nothing/s);
  assert.match(await rows.nth(2).innerText(), /stock_take.*900\s+400 by spans.*executions\s+rows/s);
  assert.match(await rows.nth(3).innerText(), /cart_add.*not counted\s+1,201 by spans/s);
  await region.getByText("3 of 7, those first that the servers spent the most time on").waitFor();
  await checkPage(page, "console-hub-server");
  await page.context().close();
});

/* ---- sessions and pools ---- */

test("pools have their limits, together those of the question, and sessions of now are told in every size and colour", async () => {
  const known = await eventually(() => askPeer(octo, octo.console, "/api/hub"), (hub) => hub.pools.length === 4);
  assert.equal(known.pool_limit, 75);
  const page = await openPage(browser, octo.console, { state });
  await page.goto("/console/sessions?live=0&show=all");
  await page.getByRole("group", { name: "All pools together" }).waitFor();
  await page.getByText("of 75 sessions in use at the peak").waitFor();
  await page.getByRole("table", { name: "Database sessions of this moment" }).getByText("main").first().waitFor();
  await checkEachLook(page, "console-sessions");
  await picture(page, "sessions");
  await page.goto("/console/sessions?live=0&pools=table");
  const rows = page.getByRole("table", { name: "Pools" }).getByRole("row");
  await rows.nth(4).waitFor();
  const told = (await rows.allInnerTexts()).slice(1).map((row) => row.split(/\s+/).slice(0, 3).join(" "));
  assert.deepEqual(told, ["crm auth 15", "crm main 30", "shop events 15", "shop main 15"]);
  await page.context().close();
});

test("who stands in whose way is said first, and what cannot be told of sessions is said", async () => {
  const page = await openPage(browser, octo.console, { state, expected: [/status of 503/] });
  const one = { service: "shop", pool: "main", module: "octo-drone-shop", action: "POST /api/shop/checkout", client_identifier: purchase, sql_id: "am34r9ukhfdu6", statement: "stock_take", waits_for: "", blocked_by: [] };
  const holder = { ...one, sid: 29, state: "in transaction", state_ms: 5000, action: "BG <b>audit</b>" };
  const waiter = { ...one, sid: 31, state: "waiting", state_ms: 418, waits_for: "Lock:transactionid", blocked_by: [29] };
  const idle = { ...one, sid: 32, state: "idle", state_ms: 60_000, action: "" };
  const observer = { ...one, sid: 33, state: "active", state_ms: 0, pool: "observer" };
  let answer = { json: { sessions: [holder, waiter, idle, observer], missing: [{ service: "crm", reason: "the crm cannot be asked" }] } };
  await page.route("**/api/hub/sessions", (route) => answer === null ? undefined : route.fulfill(answer));
  await page.goto("/console/sessions?live=0");
  const region = page.getByRole("region", { name: "Sessions now" });
  const rows = region.getByRole("table").getByRole("row");
  await region.getByText("2 of 4 are at work").waitFor();
  assert.match(await rows.nth(1).innerText(), /^31\s.*Row lock\s+418 ms\s+SID 29\s.*main$/s);
  assert.match(await rows.nth(2).innerText(), /^29\s.*BG <b>audit<\/b>.*Next statement\s+5\.00 s/s);
  await region.getByTitle("BG <b>audit</b>").first().waitFor();
  await region.getByText("the crm cannot be asked").waitFor();
  await checkEachLook(page, "console-sessions-blocked");
  answer = { status: 503, contentType: "application/problem+json", json: { title: "Unavailable", detail: "nobody is there", status: 503 } };
  await region.getByRole("button", { name: "Ask again" }).click();
  await region.getByText("Older than it should be: nobody is there").waitFor();
  await page.reload();
  await region.getByRole("heading", { name: "Sessions could not be loaded" }).waitFor();
  answer = { json: { sessions: [idle], missing: [] } };
  await region.getByRole("button", { name: "Try again" }).click();
  await region.getByRole("heading", { name: "No session is at work" }).waitFor();
  await checkPage(page, "console-sessions-idle");
  answer = { json: { sessions: [], missing: [] } };
  await region.getByRole("button", { name: "Ask again" }).click();
  await region.getByRole("heading", { name: "No database has a session" }).waitFor();
  answer = null; // which keeps the question open
  await page.reload();
  await region.getByText("Loading…").waitFor();
  await page.context().close();
});

/* Forty requests of which the ten slow ones, a minute ago, are red; the others have one of four colours. */
async function sendFleet() {
  const hit = [200, 220, 240, 260, 280];
  const spans = Array.from({ length: 40 }, (_, at) => {
    const isSlow = at >= 30;
    return [at + 1, null, "GET /fleet", isSlow ? 20_000 + at * 100 : at * 400, isSlow ? hit[at % 5] : 2 + at % 7, [text("drone.colour", isSlow ? "red" : ["blue", "green", "grey", "red"][at % 4])], 2];
  });
  for (const [at, span] of spans.entries()) {
    await sendSpans(hex(0xf1ee7000 + at, 32), [span], "fleet");
  }
  await eventually(() => askPeer(octo, octo.console, "/api/traces?service=fleet").then((found) => found.total), (total) => total === 40);
}

test("a box over slow requests says what is different in them, and its values become conditions", async () => {
  await sendFleet();
  const page = await openPage(browser, octo.console, { state });
  await page.goto("/console/traces?live=0&service=fleet");
  const plane = page.getByRole("group", { name: /^Durations of 40 requests/ });
  await plane.waitFor();
  const bounds = await plane.boundingBox();
  await page.mouse.move(bounds.x + bounds.width * 0.5, bounds.y + 10);
  await page.mouse.down();
  await page.mouse.move(bounds.x + bounds.width - 10, bounds.y + bounds.height * 0.3, { steps: 3 });
  await page.mouse.up();
  await page.getByRole("heading", { name: "10 traces" }).waitFor();
  const different = page.getByRole("region", { name: "What is different here" });
  await different.getByText("10 against 30").waitFor();
  await different.getByRole("button", { name: /drone.colour red/ }).getByText("100 %").waitFor();
  const box = new URL(page.url()).searchParams.get("box").split(",");
  const known = await askPeer(octo, octo.console, `/api/traces/compare?${new URLSearchParams({ service: "fleet", box_since: box[0], box_until: box[1], box_min_us: box[2], box_max_us: box[3] })}`);
  assert.deepEqual([known.selected, known.rest, known.differences.find((one) => one.field === "drone.colour").rest], [10, 30, 7]);
  await checkPage(page, "console-traces-box");
  await picture(page, "difference");
  await different.getByRole("button", { name: "Drop the box" }).click();
  await page.getByRole("heading", { name: "40 traces" }).waitFor();
  const filters = page.getByRole("complementary", { name: "Filters" });
  await filters.getByRole("button", { name: /^red 17/ }).click();
  await page.getByRole("heading", { name: "17 traces" }).waitFor();
  await page.getByRole("button", { name: "drone.colour red", exact: true }).click();
  await page.getByRole("dialog", { name: "Change the condition" }).getByLabel("Test").selectOption("!=");
  await page.getByRole("button", { name: "Change", exact: true }).click();
  await page.getByRole("heading", { name: "23 traces" }).waitFor();
  await page.getByRole("button", { name: "Put a condition together" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a condition" });
  await dialog.getByLabel("Field or attribute").fill("duration");
  await dialog.getByLabel("Test").selectOption("range");
  await dialog.getByLabel("From").fill("2ms");
  await dialog.getByLabel("To").fill("3ms");
  await checkPage(page, "console-traces-condition", { axe: false });
  await dialog.getByRole("button", { name: "Add" }).click();
  const q = "drone.colour != red and duration = 2ms..3ms";
  await eventually(() => new URL(page.url()).searchParams.get("q"), (found) => found === q);
  const { total } = await askPeer(octo, octo.console, `/api/traces?${new URLSearchParams({ q, service: "fleet" })}`);
  await page.getByRole("heading", { name: `${total} traces` }).waitFor();
  await page.getByLabel("Add a condition, or paste a trace id or SQL_ID").fill("drone.height exists");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "No trace fits" }).waitFor();
  await page.getByRole("link", { name: "Clear all conditions" }).click();
  await page.getByRole("link", { name: "GET /fleet" }).first().waitFor();
  await page.context().close();
});

test("an attribute that is chosen has a column, which stands in the address", async () => {
  const known = await askPeer(octo, octo.console, "/api/traces?service=fleet&sort=slowest&limit=100&column=drone.colour");
  assert.deepEqual([...new Set(known.traces.map((one) => one.column))].sort(), ["blue", "green", "grey", "red"]);
  const page = await openPage(browser, octo.console, { state });
  await page.goto("/console/traces?live=0&service=fleet&sort=-duration");
  await page.getByLabel("An attribute as a column").selectOption("drone.colour");
  const table = page.getByRole("table", { name: "Traces, the slowest first" });
  await table.getByRole("columnheader", { name: "drone.colour" }).waitFor();
  await eventually(() => table.locator(".chosen").allInnerTexts(), (shown) => shown.join() === known.traces.map((one) => one.column).join());
  assert.equal(new URL(page.url()).searchParams.get("column"), "drone.colour");
  await checkEachLook(page, "console-traces-column");
  await page.goto("/console/traces?live=0&service=fleet&column=resource.service.name");
  await page.getByRole("table").locator(".chosen", { hasText: "fleet" }).first().waitFor();
  await page.getByLabel("An attribute as a column").selectOption("");
  await page.getByRole("columnheader", { name: "resource.service.name" }).waitFor({ state: "detached" });
  await page.context().close();
});

test("the audit has the console's figures, and says what does not fit and why", async () => {
  await sendSpans("ad".repeat(16), [[1, null, "GET /odd", 0, 20, [], 2], [2, 1, "odd_one", 1, 5, statement("c1xbxtm9g2j9q", "odd_one")]], "odd", 30_000);
  const known = await askPeer(octo, octo.console, "/api/match?service=odd");
  assert.deepEqual([known.all.spans, known.all.whole], [1, 0]);
  const kept = await askPeer(octo, octo.console, "/api/retention");
  assert.ok(kept.senders.some((one) => one.service === "odd" && one.spans >= 2 && one.dropped_until === null), JSON.stringify(kept));
  const page = await openPage(browser, octo.console, { state });
  await page.goto("/console/audit?live=0");
  await page.getByRole("region", { name: "Clocks" }).getByText("against").first().waitFor();
  await page.getByRole("table", { name: "What is kept" }).getByTitle("octo-drone-shop").first().waitFor();
  await checkEachLook(page, "console-audit");
  await page.goto("/console/audit?live=0&service=odd");
  await page.getByRole("region", { name: "All three" }).getByText("1 of 1 not").waitFor();
  const rows = page.getByRole("table", { name: "What does not fit" }).getByRole("row");
  await eventually(() => rows.count(), (count) => count === known.total + 1);
  for (const one of known.mismatches) {
    await page.getByText(one.reason.slice(0, 60)).first().waitFor();
  }
  await page.getByRole("link", { name: "ad".repeat(4) }).first().click();
  await page.getByRole("complementary", { name: "Span" }).getByText("odd_one").first().waitFor();
  await page.context().close();
});

test("requests, in every size and colour", async () => {
  await checkLooks(browser, octo.console, state, "console-traces", async (page) => {
    await page.goto("/console/traces?live=0&q=duration+%3E+1us");
    await page.getByRole("link", { name: "POST /api/shop/checkout" }).first().waitFor();
    await page.getByRole("group", { name: /^Durations of/ }).waitFor();
    await page.getByRole("region", { name: "What is different here" }).getByText(/against/).waitFor();
  });
});

test("the warehouse has the console's figures, thresholds move them, and a row opens its statement", async () => {
  for (let day = 0; day < 6; day++) {
    const ran = [1, 2, 3].map((id) => [id, null, "creeping", id * 100, 5 + 2 * day, statement("b1xbxtm9g2j9q", "creeping")]);
    await sendSpans(hex(0xda0 + day, 32), ran, "octo-drone-shop", Date.now() - BEGAN + (6 - day) * DAY_MS);
  }
  const midnight = new Date(BEGAN - BEGAN % DAY_MS).toISOString(); // nothing else ran before, also when a day ends meanwhile
  const past = `category=all&from=${new Date(BEGAN - 7 * DAY_MS).toISOString()}&to=${midnight}`;
  const known = await askPeer(octo, octo.console, `/api/warehouse?${past}`);
  const [creeping] = known.statements;
  assert.ok(creeping.is_degrading && creeping.change_percent > 150, JSON.stringify(creeping));
  const page = await openPage(browser, octo.console, { state });
  await page.goto("/console/warehouse?live=0&category=all");
  await page.getByRole("row", { name: /creeping/ }).waitFor();
  await checkEachLook(page, "console-warehouse");
  await page.goto(`/console/warehouse?live=0&change=lots&${past}`);
  await page.getByText("change=lots").waitFor();
  await page.getByRole("heading", { name: "1 statement" }).waitFor();
  await page.getByRole("row", { name: /creeping/ }).getByText(`+${Math.round(creeping.change_percent)} %`).waitFor();
  const degrading = page.getByRole("navigation", { name: "Categories" }).getByRole("link", { name: /Degrading/ });
  await degrading.getByText("1", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Thresholds" }).click();
  await page.getByLabel("Change of the median, in percent").fill("99999");
  await page.getByRole("button", { name: "Apply" }).click();
  await degrading.getByText("0", { exact: true }).waitFor();
  await degrading.click();
  await page.getByRole("heading", { name: "No statement is of this kind" }).waitFor();
  await page.getByRole("main").getByRole("link", { name: "All statements", exact: true }).click();
  await page.getByRole("row", { name: /creeping/ }).waitFor();
  await page.goto("/console/warehouse?live=0&category=all");
  await page.getByRole("row", { name: /creeping/ }).waitFor();
  await picture(page, "warehouse");
  await page.getByRole("row", { name: /creeping/ }).getByRole("link", { name: "creeping" }).click();
  await page.getByText("hash value").waitFor();
  await picture(page, "statement");
  assert.match(new URL(page.url()).pathname, /statements\/b1xbxtm9g2j9q$/);
  await page.context().close();
});

test("two traces beside each other, and one as a file that any program reads", async () => {
  const [slow, quick] = ["c0".repeat(16), "c1".repeat(16)];
  for (const [id, sql, more] of [[slow, 300, [[5, 1, "pay", 320, 20]]], [quick, 3, []]]) {
    await sendSpans(id, [[1, null, "POST /pay", 0, sql + 50, [text("kept", "yes")], 2], [2, 1, "write", 1, sql + 2], [3, 2, "line_by_id", 2, sql, statement("a1xbxtm9g2j9q", "line_by_id")], ...more]);
  }
  const page = await openTrace(quick);
  await page.keyboard.press("c");
  await page.getByRole("table", { name: /of the same kind/ }).getByRole("link").first().click();
  await page.getByText("B took 6.6 × as long as A.").waitFor();
  assert.equal(new URL(page.url()).searchParams.get("b"), slow);
  const table = page.getByRole("table", { name: "Spans of both traces, by their place in the tree" });
  await table.getByRole("row", { name: /line_by_id 3\.0 ms 300 ms \+297 ms/ }).waitFor();
  await table.getByRole("row", { name: /pay — 20\.0 ms only in B/ }).waitFor();
  await picture(page, "compare");
  await page.getByRole("button", { name: "All", exact: true }).click();
  await page.reload();
  await page.getByRole("heading", { name: "4 kinds of spans" }).waitFor();
  await checkPage(page, "console-compare");
  await page.setViewportSize({ width: 390, height: 900 });
  await checkPage(Object.assign(page, { look: "390-light" }), "console-compare", { axe: false });
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("link", { name: quick.slice(0, 8) }).click();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "OTLP" }).click()]);
  assert.equal(file.suggestedFilename(), `trace-${quick}.otlp.json`);
  const sent = JSON.parse(fs.readFileSync(await file.path(), "utf8").replaceAll(quick, "c2".repeat(16)));
  const answer = await fetch(`${octo.otlp}/v1/traces`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(sent) });
  assert.deepEqual([answer.status, await answer.json()], [200, {}]);
  const bare = ({ spans }) => spans.map(({ name, offset_ns, duration_ns, kind, attributes, sql_id }) => ({ name, offset_ns, duration_ns, kind, attributes, sql_id }));
  const [before, after] = await Promise.all([quick, "c2".repeat(16)].map((id) => askPeer(octo, octo.console, `/api/traces/${id}`)));
  assert.deepEqual(bare(after), bare(before));
  await page.context().close();
});

test("other tools are linked where a span has what their address names, and where not it is said why", async () => {
  const trace = await askPeer(octo, octo.console, `/api/traces/${purchase}`);
  const page = await openTrace(purchase, `?span=${trace.spans.find((one) => one.name.startsWith("stock_take")).span_id}`);
  const panel = page.getByRole("complementary", { name: "Span" });
  const href = await panel.getByRole("link", { name: "OCI APM" }).getAttribute("href");
  assert.equal(new URL(href).searchParams.get("trace"), purchase);
  assert.match(await panel.getByTitle("The span has no db.oracle.ocid").innerText(), /^SQL Warehouse —\s+The span has no db.oracle.ocid$/);
  assert.equal(await panel.getByRole("link", { name: "SQL Warehouse" }).count(), 0);
  await page.context().close();
});

test("a purchase, in every size and colour", async () => {
  await checkLooks(browser, octo.console, state, "console-trace", async (page) => {
    await page.goto(`/console/traces/${purchase}`);
    await page.getByRole("row", { name: /stock_take/ }).waitFor();
  });
});

test("all of it by the keyboard, with the focus to be seen", async () => {
  const page = await openPage(browser, octo.console, { state });
  await page.goto("/console/traces?live=0");
  await page.getByRole("link", { name: "POST /api/shop/checkout" }).first().waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type(purchase);
  await page.keyboard.press("Enter");
  await page.getByRole("treegrid", { name: "Spans" }).waitFor();
  await page.keyboard.press("f");
  await page.keyboard.type("stock_take");
  await page.getByText("1 found").waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("complementary", { name: "Span" }).getByRole("region", { name: "SQL text" }).getByText("UPDATE products").waitFor();
  while (!await page.evaluate(() => document.activeElement.closest("[role=row]") !== null)) {
    await page.keyboard.press("Tab");
    assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), "none", "the focus is seen");
  }
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowLeft");
  await eventually(() => page.getByRole("row").count(), (count) => count === 2); // folded to its first span, below the head
  await page.keyboard.press("ArrowRight");
  await page.getByRole("row", { name: /shop.checkout/ }).first().waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).getByText("Find a span").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("traces");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Trace Explorer" }).waitFor();
  await page.context().close();
});

test("whatever spans hold is text, and what is wrong with a trace is said", async () => {
  const id = "bad0".repeat(8);
  const hostile = "<img src=x onerror=alert(1)>\"'&";
  await sendSpans(id, [
    [1, null, hostile, 0, 100, [text("note", hostile), text("long", "x".repeat(16 * KB)), text("rtl", "\u202e\u05e9\u05dc\u05d5\u05dd"), text("lines", "one\ntwo\tthree")], 2],
    [2, null, "\u202etwo roots", 5, 10], [3, 99, "an orphan", 10, 20], [4, 1, "", 10, 0], [5, 1, "backwards", 30, -5],
    [6, 7, "a ring", 40, 1], [7, 6, "its other half", 41, 1], [8, 1, "a day", 50, 86_400_000],
  ]);
  const page = await openTrace(id, `?span=${hex(1, 16)}`);
  await page.getByRole("heading", { level: 1, name: hostile }).waitFor();
  await page.getByText("This trace is not whole.").waitFor();
  const panel = page.getByRole("complementary", { name: "Span" });
  await panel.getByText(hostile).first().waitFor();
  await panel.getByRole("button", { name: "more" }).click();
  await panel.getByText("x".repeat(16 * KB)).waitFor();
  for (const name of ["an orphan", "a ring", "a day"]) {
    await page.getByRole("row", { name }).first().waitFor();
  }
  assert.equal(await page.locator("main img").count(), 0);
  await checkPage(page, "console-trace-hostile");
  await page.goto("/console/traces?live=0");
  await page.getByRole("link", { name: hostile }).first().waitFor();
  await checkPage(page, "console-traces-hostile");
  await page.context().close();
});

/* The same numbers for the same seed (mulberry32). */
function numbersOf(seed) {
  let at = seed;
  return () => {
    at = (at + 0x6d2b79f5) | 0;
    let mixed = Math.imul(at ^ (at >>> 15), at | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/* Spans that name each other in a ring, nobody or each other's id twice, of any time and length, called anything. */
function malformed(seed) {
  const next = numbersOf(seed);
  const among = (list) => list[Math.floor(next() * list.length)];
  const names = ["", "<script>alert(1)</script>", "\u202e\u05e9", "x".repeat(3000), "a\nb\tc", "{{7*7}}", "\ud83d\ude80".repeat(40), "stock_take"];
  const length = 1 + Math.floor(next() * 40);
  return Array.from({ length }, () => [
    1 + Math.floor(next() * length), next() < 0.2 ? null : 1 + Math.floor(next() * (length + 5)), among(names), among([0, next() * 100, -5, 86_400_000, -86_400_000]),
    among([0, next() * 50, -next() * 50, 86_400_000, 1e-6]), next() < 0.5 ? statement("a1xbxtm9g2j9q", among(names)) : [text(among(["", "a.b", "db.query.text", "__proto__", "constructor"]), among(names))], Math.floor(next() * 6),
  ]);
}

test("malformed traces leave no script error", async () => {
  const page = await openPage(browser, octo.console, { state });
  for (let seed = 1; seed <= MALFORMED; seed++) {
    const id = hex(0xbadbad0000 + seed, 32);
    await sendSpans(id, malformed(seed));
    await eventually(() => fetch(`${octo.console}/api/traces/${id}`, { headers: { "X-Internal-Service-Key": octo.key } }).then((found) => found.status), (status) => status === 200);
    await page.goto(`/console/traces/${id}${["", "?show=critical", "?show=sql&find=a", "?hide=0.1", "?zoom=1-2"][seed % 5]}`);
    await page.getByRole("treegrid", { name: "Spans" }).waitFor();
    assert.deepEqual(page.faults, [], `seed ${seed}`);
  }
  await page.context().close();
});

test("what was logged in a request stands at its span", async () => {
  const id = "10".repeat(16);
  await sendSpans(id, [[1, null, "GET /logged", 0, 50, [], 2], [2, 1, "inner", 1, 20]]);
  const record = {
    timeUnixNano: String(BigInt(Date.now() - 60_000) * 1_000_000n), severityNumber: 17, severityText: "ERROR", traceId: id, spanId: hex(2, 16),
    body: { stringValue: "no <b>stock</b> left" }, attributes: [text("product.sku", "DRN-002")],
  };
  const body = JSON.stringify({ resourceLogs: [{ resource: { attributes: [text("service.name", "octo-drone-shop")] }, scopeLogs: [{ logRecords: [record] }] }] });
  const answer = await fetch(`${octo.otlp}/v1/logs`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  assert.equal(answer.status, 200, await answer.text());
  await eventually(() => askPeer(octo, octo.console, `/api/traces/${id}`), (trace) => trace.logs.length === 1);
  const page = await openTrace(id, `?span=${hex(2, 16)}`);
  const panel = page.getByRole("complementary", { name: "Span" });
  await panel.getByText("no <b>stock</b> left").waitFor();
  await panel.getByText("DRN-002").waitFor();
  await checkPage(page, "console-trace-log", { axe: false });
  await page.context().close();
});

test("a trace of many spans has few rows at a time, repeats are one, and what is sought is found", async () => {
  const id = "1a".repeat(16);
  const spans = [[1, null, "GET /many", 0, SPANS + 10, [], 2]];
  for (let at = 2; at <= SPANS; at++) {
    spans.push(at <= 31 ? [at, 1, "line_by_id", at, 0.5, statement("a1xbxtm9g2j9q", "line_by_id")] : [at, 1, `step ${at}`, at, 0.7, []]);
  }
  await sendSpans(id, spans);
  await eventually(() => askPeer(octo, octo.console, `/api/traces/${id}`).then((trace) => trace.span_count), (found) => found === SPANS);
  const page = await openPage(browser, octo.console, { state });
  await page.route(`**/api/traces/${id}`, async (route) => { // as of one that has more than is read
    const response = await route.fetch();
    return route.fulfill({ response, json: { ...await response.json(), is_cut: true } });
  });
  await page.goto(`/console/traces/${id}`);
  await page.getByText(`Partial: the trace has more spans than are shown, which are the first ${count(SPANS)}.`).waitFor();
  await page.getByText("N+1 ×30").first().waitFor();
  assert.equal(await page.getByRole("row", { name: "line_by_id" }).count(), 1);
  const elements = () => page.evaluate(() => document.querySelectorAll("*").length);
  assert.ok(await elements() < ELEMENTS_MOST);
  await page.getByLabel("Hide below").selectOption("100");
  await eventually(() => page.getByRole("row").count(), (rows) => rows === 2); // the head, and the first span
  await page.getByLabel("Hide below").selectOption("0");
  await page.locator(".wf-scroll").evaluate((element) => { element.scrollTop = element.scrollHeight / 2; });
  await page.getByRole("row", { name: new RegExp(`step ${Math.round(SPANS / 2) + 30}\\b`) }).waitFor();
  assert.ok(await elements() < ELEMENTS_MOST);
  await page.getByLabel("Find a span").fill(`step ${SPANS}`);
  await page.getByText("1 found").waitFor();
  await page.getByLabel("Find a span").press("Enter");
  await page.getByRole("row", { name: `step ${SPANS}`, selected: true }).waitFor();
  await checkPage(page, "console-trace-many");
  await page.context().close();
});

test("what of an address cannot be understood is said, and the rest works", async () => {
  const page = await openPage(browser, octo.console, { state, expected: [/status of (404|422)/] });
  await page.goto("/console/traces?live=0&min=soon&from=yesterday&route=POST+/api/shop/checkout&box=here&q=height+%3E+5");
  await page.getByText("min=soon, from=yesterday, box=here").waitFor();
  await page.getByText(/Left out of the search: height > 5. character 1: no field has this name/).waitFor();
  await page.getByRole("link", { name: "POST /api/shop/checkout" }).first().waitFor();
  await page.getByRole("button", { name: "Remove height" }).click();
  await page.getByText(/Left out of the search/).waitFor({ state: "detached" });
  await page.getByLabel("Add a condition, or paste a trace id or SQL_ID").fill("colour:red");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await page.getByRole("alert").getByText("colour:red").waitFor();
  await page.goto(`/console/traces/${"0f".repeat(16)}`);
  await page.getByRole("heading", { name: "This trace is not here" }).waitFor();
  await page.goto("/console/nowhere");
  await page.getByRole("heading", { name: "There is no such page" }).waitFor();
  await checkPage(page, "console-nowhere");
  await page.context().close();
});

test("a session that ends leaves the view, and comes back by a password", async () => {
  const page = await openPage(browser, octo.console, { state: await signIn(browser, octo.console, "admin", octo.password), expected: [/status of 401/] });
  await page.goto("/console/traces?route=POST+/api/shop/checkout");
  await page.getByRole("link", { name: "POST /api/shop/checkout" }).first().waitFor();
  await page.context().clearCookies();
  await page.getByText("Your session has ended.").waitFor();
  await page.getByRole("link", { name: "POST /api/shop/checkout" }).first().waitFor();
  await page.getByLabel("Password").fill(octo.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Your session has ended.").waitFor({ state: "detached" });
  assert.equal(new URL(page.url()).searchParams.get("route"), "POST /api/shop/checkout");
  await page.context().close();
});

test("an address shows whoever opens it the same", async () => {
  const since = new Date(Date.now() - DAY_MS).toISOString();
  const until = new Date(Date.now() - 1000).toISOString();
  const [first] = (await askPeer(octo, octo.console, "/api/statements")).statements;
  const time = `from=${since}&to=${until}`;
  const addresses = [
    `/console/traces?${time}&service=fleet&q=drone.colour+%3D+red&sort=-duration`, `/console/traces?${time}&service=fleet&plot=dots&box=${since},${until},100000,900000`,
    `/console/traces/${purchase}?show=sql&find=stock_take&zoom=0-5`, `/console/compare?a=${"c0".repeat(16)}&b=${purchase}&show=all`,
    `/console/statements/${first.sql_id}?${time}`, `/console/hub?${time}&by=action&service=octo-drone-shop`, `/console/warehouse?${time}&category=all&waiting=50`, `/console/audit?${time}&service=odd`,
    `/console/traces?${time}&service=fleet&column=drone.colour&sort=-duration`, `/console/statements?${time}&sort=-executions`,
    `/console/statements/${first.sql_id}?${time}&plan=1`, `/console/hub?${time}&by=module&pools=table`,
  ];
  const pages = await Promise.all([1, 2].map(() => openPage(browser, octo.console, { state })));
  for (const address of addresses) {
    const seen = async (page) => {
      await page.goto(address);
      await page.waitForLoadState("networkidle");
      return page.getByRole("main").innerText();
    };
    const [one, other] = await eventually(() => Promise.all(pages.map(seen)), ([a, b]) => a === b && a.length > 100);
    assert.equal(one, other);
  }
  await Promise.all(pages.map((page) => page.context().close()));
});
