// /docs of a service in Chromium, at 1440 and 390 pixels, light and dark: no console errors, nothing of a foreign
// origin, no violation that axe-core knows, no sideways scrolling; a call tried from it works, and so does one that
// needs the token of the sign-in before it. Pictures go into a directory.
import { browser, eachLook, end, expect, judge, origin, picture, service } from "./chromium.mjs";

async function call(page, id, fill = async () => {}) {
  const operation = page.locator(`#${id}`);

  await operation.evaluate((element) => { element.open = true; });
  await operation.locator("form").waitFor();
  await fill(operation);
  await operation.getByRole("button", { name: "Send" }).click();
  await operation.getByRole("button", { name: "Send" }).waitFor(); // "Stop" until all of it is there
  return [await operation.locator(".answer .badge").innerText(), await operation.locator(".answer pre").innerText()];
}

async function openAnswers(operation) {
  await operation.locator(".answers details").first().evaluate((element) => { element.open = true; });
}

await eachLook(async (page, name) => {
  const foreign = [];
  const errors = [];

  page.on("request", (request) => request.url().startsWith(origin) || request.url().startsWith("data:") ||
    foreign.push(request.url()));
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(`${origin}/docs`);
  await page.locator(".operation").first().waitFor();
  const [status, body] = await call(page, `${service}_get_health`);
  expect(status === "200 OK" && body.includes('"ok"'), `${name}: a call from the page`);
  const [signedIn] = await call(page, `${service}_post_api_auth_login`, (operation) =>
    operation.locator("textarea").fill(JSON.stringify({ username: "admin", password: process.env.OCTO_PASSWORD })));
  expect(signedIn === "200 OK", `${name}: a sign-in`);
  const [listed, list] = await call(page, `${service}_get_api_orders`);
  expect(listed === "200 OK" && /"total": \d+\.\d\d,/.test(list), `${name}: a call as who has signed in`);
  const events = page.locator(`#${service}_get_api_events_orders`);
  await events.evaluate((element) => { element.open = true; });
  await events.getByRole("button", { name: "Send" }).click();
  await events.locator(".answer .badge").waitFor();
  await events.getByRole("button", { name: "Stop" }).click();
  await events.getByRole("button", { name: "Send" }).waitFor();
  expect(await events.locator(".answer .badge").innerText() === "200 OK", `${name}: a stream, and an end to it`);
  await openAnswers(events);
  await openAnswers(page.locator(`#${service}_get_api_orders`));
  expect(await events.locator(".answers").getByText("always missed").isVisible(), `${name}: what the events are`);
  expect(await page.locator(`#${service}_get_api_orders .answers pre`).first().isVisible(), `${name}: an example`);
  await judge(page, name);
  expect(foreign.length === 0, `${name}: nothing foreign ${foreign}`);
  expect(errors.length === 0, `${name}: no errors ${errors}`);
  await page.evaluate(() => scrollTo(0, 0));
  await picture(page, `docs ${name}`);
  await page.locator(`#${service}_get_api_orders`).scrollIntoViewIfNeeded();
  await picture(page, `docs ${name} call`);
  await events.locator(".answers").scrollIntoViewIfNeeded();
  await picture(page, `docs ${name} events`);
  await page.locator("#filter").fill("orders");
  expect(await page.locator(".operation:visible").count() < 20, `${name}: filtered`);
});

// Once more with the policy in force: the page's own files are all that it needs.
const context = await browser.newContext();
const page = await context.newPage();
const errors = [];
page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
await page.goto(`${origin}/docs#${service}_get_health`);
await page.locator(`#${service}_get_health form`).waitFor();
expect(errors.length === 0, `${service}: its policy forbids nothing that it does ${errors}`);
await end();
