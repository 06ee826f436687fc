/* The console as people use it: what they read and press, on an Octo that has had a few purchases. */
import assert from "node:assert/strict";
import test, { after, before } from "node:test";

import { LOOKS, checkPage, openPage, startBrowser, startOcto } from "./support.mjs";

let octo;
let browser;

before(async () => {
  [octo, browser] = await Promise.all([startOcto(), startBrowser()]);
});

after(async () => {
  await browser?.close();
  await octo?.close();
});

async function fillSignIn(page, password) {
  await page.getByLabel("Name or e-mail").fill("admin");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("whoever is not signed in is asked who he is, in every size and colour", async () => {
  for (const look of LOOKS) {
    const page = await openPage(browser, octo.console, look);
    await page.goto("/console/traces");
    await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    await checkPage(page, "console-sign-in", { axe: look.width !== 768 });
    await page.context().close();
  }
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
