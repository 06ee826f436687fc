// EventSource of Chromium on the CRM's orders, through a proxy that cuts all connections now and then: it comes back by
// itself with its Last-Event-ID, and has every order once and in order.
import { chromium } from "playwright-core";
import net from "node:net";

const port = Number(process.argv[2]);
const ROUNDS = 3;
const ORDERS = 20; // before and after each cut
const sockets = new Set();
const proxy = net.createServer((client) => {
  const server = net.connect(port, "127.0.0.1");

  for (const [from, to] of [[client, server], [server, client]]) {
    sockets.add(from);
    from.pipe(to);
    from.on("close", () => { sockets.delete(from); to.destroy(); });
    from.on("error", () => {});
  }
});
await new Promise((resolve) => { proxy.listen(0, "127.0.0.1", resolve); });
const origin = `http://127.0.0.1:${proxy.address().port}`;
const browser = await chromium.launch({
  executablePath: process.env.OCTO_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const page = await browser.newPage();
const made = [];

async function make(count) {
  for (let i = 0; i < count; i++) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/orders`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Internal-Service-Key": process.env.OCTO_KEY },
      body: JSON.stringify({ customer_id: 1, product_id: 1, quantity: 1 }),
    });
    made.push((await answer.json()).order_id);
  }
}

await page.goto(`${origin}/`);
await page.evaluate(async (password) => {
  await fetch("/api/auth/login", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username: "admin", password }),
  });
  globalThis.seen = [];
  globalThis.opened = 0;
  const source = new EventSource("/api/events/orders");
  source.onopen = () => { globalThis.opened++; };
  for (const kind of ["created", "missed"]) {
    source.addEventListener(kind, (event) => globalThis.seen.push(JSON.parse(event.data).order_id ?? kind));
  }
}, process.env.OCTO_PASSWORD);
for (let round = 0; round < ROUNDS; round++) {
  await page.waitForFunction((count) => globalThis.opened > count, round);
  await make(ORDERS);
  sockets.forEach((socket) => socket.destroy());
  await make(ORDERS);
}
await page.waitForFunction((count) => globalThis.seen.length >= count, made.length);
const seen = await page.evaluate(() => globalThis.seen);
const holds = JSON.stringify(seen) === JSON.stringify(made);
console.log(holds ? "ok  " : "FAIL", `${made.length} orders, ${seen.length} seen, connected ${ROUNDS + 1} times`);
await browser.close();
proxy.close();
process.exit(holds ? 0 : 1);
