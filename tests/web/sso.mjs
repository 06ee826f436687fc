/* Single sign-on by a provider that others have written, as people see it: node-oidc-provider with its own pages. */
import assert from "node:assert/strict";
import { after, before } from "node:test";

import Provider from "oidc-provider";

import { freePort, startBoth, stopBoth, test } from "./support.mjs";

let octo;
let browser;
let issuer;

/** Whoever signs in there is who he says, and an administrator when he is called grace. */
function startIssuer(url, port, services) {
  const provider = new Provider(url, {
    clients: [{
      client_id: "octo", client_secret: "a secret that both know", grant_types: ["authorization_code"],
      redirect_uris: services.map((service) => `${service}/api/auth/sso/callback`), post_logout_redirect_uris: services.map((service) => `${service}/`),
    }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["preferred_username", "groups"] },
    conformIdTokenClaims: false, // what the scopes ask for stands in the ID token
    cookies: { keys: ["a key of the test's"] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@example.org`, email_verified: true, preferred_username: id, groups: id === "grace" ? ["octo-admins"] : [] }),
    }),
  });
  return new Promise((resolve) => {
    const server = provider.listen(port, "127.0.0.1", () => resolve(server));
  });
}

before(async () => { // redirect addresses have to be known before anything listens
  const [port, shop, crm] = await Promise.all([freePort(), freePort(), freePort()]);
  const url = `http://127.0.0.1:${port}`;
  issuer = await startIssuer(url, port, [shop, crm].map((of) => `http://127.0.0.1:${of}`));
  ({ octo, browser } = await startBoth({
    IDCS_DOMAIN_URL: url, IDCS_CLIENT_ID: "octo", IDCS_CLIENT_SECRET: "a secret that both know", OCTO_SSO_ROLES: "admin=octo-admins",
  }, { ports: { shop, crm } }));
});

after(async () => {
  await stopBoth();
  issuer?.closeAllConnections();
  issuer?.close();
});

/** A page that may go to the provider, as others may not. */
async function openAnywhere(origin) {
  const context = await browser.newContext({ baseURL: origin });
  context.setDefaultTimeout(60_000);
  return context.newPage();
}

async function passTheProvider(page, name) {
  await page.getByRole("link", { name: "Sign in with 127.0.0.1" }).click();
  await page.getByPlaceholder("Enter any login").fill(name);
  await page.getByPlaceholder("and password").fill("any");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}

test("who is in the right group administers the portal, and is out when he signs out", async () => {
  const page = await openAnywhere(octo.crm);
  await page.goto("/users");
  await passTheProvider(page, "grace");
  await page.getByRole("heading", { level: 1, name: "Dashboard" }).waitFor();
  await page.goto("/users");
  await page.getByRole("row").filter({ hasText: "grace@example.org" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
  await page.context().close();
});

test("a buyer sees the own orders in the shop", async () => {
  const page = await openAnywhere(octo.shop);
  await page.goto("/shop/sign-in");
  await passTheProvider(page, "ada");
  await page.getByText("Signed in as ada, user.").waitFor();
  await page.locator("#main").getByRole("link", { name: "Your orders" }).click();
  await page.getByText("No order yet").waitFor();
  await page.goto("/shop/sign-in");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL("**/shop");
  await page.context().close();
});

test("what went wrong is said", async () => {
  const page = await openAnywhere(octo.crm);
  await page.goto("/api/auth/sso/callback?state=x&error=access_denied");
  await page.getByRole("alert").getByText("began in another browser").waitFor();
  await page.goto("/login?sso_error=denied");
  await page.getByRole("alert").getByText("did not let you in").waitFor();
  await page.context().close();
});
