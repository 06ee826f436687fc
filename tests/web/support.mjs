/*
 * What tests of the pages need: a running Octo in a directory of its own, Chromium, a page in each size and colour, and
 * what every page has to hold (checkPage). Nothing here sleeps: a time limit only ends what hangs.
 *
 * Pictures go to build-test/pictures/; they are for people to look at, no test compares them.
 */
import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { createRequire } from "node:module";
import { test as limitless } from "node:test";

import { chromium } from "playwright-core";

import { ROOT } from "./root.mjs";

export const PICTURES = path.join(ROOT, "build-test/pictures");
const PROGRAM = process.env.OCTO_BIN ?? path.join(ROOT, "build/src/app/octo");
const PATIENCE_MS = Number(process.env.OCTO_PAGES_PATIENCE_MS ?? 60_000);
const TEST_MS = 10 * PATIENCE_MS; // for a case, which waits often
const LEAVE_MS = 2 * PATIENCE_MS; // after the end, for what does not close
const AXE = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const LOOKS = [1440, 768, 390].flatMap((width) => ["light", "dark"].map((scheme) => ({ width, scheme })));

/* ---- an end to everything ---- */

/** What `work` gives; fails with what `said` says when that is not there by then. */
async function within(milliseconds, work, said) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done in ${milliseconds} ms: ${said()}`)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

let open; // what startBoth has started

/** A case, which ends also where something never answers; `more` milliseconds for what is long on purpose. */
export function test(name, work, more = 0) {
  const pages = () => open?.browser.contexts().flatMap((context) => context.pages()).map((page) => page.url()) ?? [];
  return limitless(name, (t) => within(TEST_MS + more, work(t), () => `open are ${pages().join(" ")}`));
}

/** An Octo and a browser, or neither: who awaits this has to close nothing when it fails. `stopBoth` closes them. */
export async function startBoth(environment, options) {
  const [octo, browser] = await Promise.allSettled([startOcto(environment, options), startBrowser()]);
  open = { octo: octo.value, browser: browser.value };
  const failed = [octo, browser].find(({ status }) => status === "rejected");
  if (failed) {
    await stopBoth();
    throw failed.reason;
  }
  return open;
}

export async function stopBoth() {
  setTimeout(() => process.exit(1), LEAVE_MS).unref(); // where something does not close, it keeps nobody here
  await open?.browser?.close();
  await open?.octo?.close();
}

/* ---- a running Octo ---- */

const ADDRESSES = { shop: /^Drone Shop +(\S+)$/m, crm: /^CRM Portal +(\S+)$/m, console: /^Console +(\S+)$/m };
const SPANS_PORT = /event="listening for spans".* port=(\d+)\b/;

const FIRST_PORT = 12_000; // below those that the system gives to who asks for none: none of these is taken before we are there
const PORTS = 18_000;

/** One that nobody listens on. */
export async function freePort() {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    const isFree = await new Promise((resolve) => {
      const server = net.createServer().once("error", () => resolve(false)).listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
    if (isFree) {
      return port;
    }
  }
}

/** The service dies, and its supervisor starts it again, on a port that was chosen (startOcto's `ports`). */
export async function killService(octo, name) {
  const children = () => fs.readFileSync(`/proc/${octo.pid}/task/${octo.pid}/children`, "ascii").trim().split(" ");
  const child = children().find((pid) => fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`\0${name}\0`));
  process.kill(Number(child), "SIGKILL");
  await eventually(() => !children().includes(child)); // until then it may still answer
  await eventually(() => fetch(`${octo[name]}/health`).then((answer) => answer.ok, () => false));
}

/**
 * `octo up` on free ports, or on those of `ports`: its addresses, the password of `admin`, the internal key. `close` ends it and
 * removes its data.
 */
async function startOcto(environment = {}, { ports: chosen = {} } = {}) {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), "octo-pages-"));
  const ports = ["shop", "crm", "console", "otlp"].flatMap((name) => [`--${name}-port`, String(chosen[name] ?? 0)]);
  const child = spawn(PROGRAM, ["up", ...ports], {
    cwd: data, stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: "", ...environment, OCTO_DATA_DIR: data },
  });
  let said = "";
  const ended = new Promise((resolve) => child.once("exit", resolve).once("error", resolve));
  const close = async () => {
    child.kill("SIGTERM");
    await ended;
    fs.rmSync(data, { recursive: true, force: true });
  };
  const listens = new Promise((resolve, reject) => {
    const listen = (chunk) => { // of two streams, which come in any order
      said += chunk;
      if (said.includes("Ctrl-C stops all.") && Object.values(ADDRESSES).every((pattern) => pattern.test(said)) && SPANS_PORT.test(said)) {
        resolve();
      }
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`octo up ended with ${code}:\n${said}`)));
  });
  try {
    await within(2 * PATIENCE_MS, listens, () => `octo up said\n${said}`);
  } catch (error) {
    await close();
    throw error;
  }
  const octo = { data, pid: child.pid, close, log: () => said };
  for (const [name, pattern] of Object.entries(ADDRESSES)) {
    octo[name] = pattern.exec(said)[1];
  }
  octo.otlp = `http://127.0.0.1:${SPANS_PORT.exec(said)[1]}`;
  octo.password = fs.readFileSync(path.join(data, "admin.password"), "utf8").trim();
  octo.key = fs.readFileSync(path.join(data, "internal.key"), "utf8").trim();
  return octo;
}

/** Asks again until the answer is one that `isRight` takes. */
export async function eventually(work, isRight = Boolean) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await work();
    if (isRight(found)) {
      return found;
    }
    if (Date.now() > end) {
      throw new Error(`this was still so after ${PATIENCE_MS} ms: ${JSON.stringify(found)}`);
    }
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
}

/** The control holds that text, if not at once. */
export function holds(control, text) {
  return eventually(() => control.inputValue(), (value) => value === text);
}

/** G and another key, until `wanted` is there: the second has to come within a second, which a busy machine may miss. */
export async function goByKeys(page, key, wanted) {
  await eventually(async () => {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    return wanted.waitFor({ timeout: 2000 }).then(() => true, () => false);
  });
}

/** A JSON question with the internal key, as peers ask; throws where the answer is no success. */
export async function askPeer(octo, origin, address, init = {}) {
  const answer = await fetch(origin + address, {
    ...init, headers: { "X-Internal-Service-Key": octo.key, ...(init.body && { "Content-Type": "application/json" }), ...init.headers },
  });
  if (!answer.ok) {
    throw new Error(`${address}: ${answer.status} ${await answer.text()}`);
  }
  return answer.json();
}

/* ---- browser ---- */

async function startBrowser() {
  fs.mkdirSync(PICTURES, { recursive: true });
  return chromium.launch({
    executablePath: process.env.OCTO_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"], timeout: 2 * PATIENCE_MS,
    ignoreDefaultArgs: ["--enable-features=CDPScreenshotNewSurface"], // made for another Chromium than Debian's
  });
}

/**
 * A page of a browser of its own. What goes wrong in it is kept: messages of its console, script errors, questions to another
 * origin (which get no answer); `expected` are patterns of what may be said.
 */
export async function openPage(browser, origin, { width = 1440, scheme = "light", expected = [], state } = {}) {
  const context = await browser.newContext({
    baseURL: origin, colorScheme: scheme, viewport: { width, height: 900 }, storageState: state, reducedMotion: "reduce", serviceWorkers: "block",
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const faults = [];
  await context.route((url) => url.origin !== origin && url.protocol.startsWith("http"), (route) => {
    faults.push(`a question to ${route.request().url()}`);
    return route.abort();
  });
  const page = await context.newPage();
  const note = (text) => {
    if (!expected.some((pattern) => pattern.test(text))) {
      faults.push(text);
    }
  };
  page.on("console", (message) => note(`console ${message.type()}: ${message.text()} (${message.location().url})`));
  page.on("pageerror", (error) => note(`script error: ${error.stack ?? error}`));
  return Object.assign(page, { faults, look: `${width}-${scheme}` });
}

/** Signs in by a service's own route; the state that openPage takes. */
export async function signIn(browser, origin, username, password) {
  const context = await browser.newContext({ baseURL: origin });
  const answer = await context.request.post("/api/auth/login", {
    data: { username, password }, headers: { "X-Requested-With": "tests" }, timeout: PATIENCE_MS,
  });
  if (!answer.ok()) {
    throw new Error(`signing in as ${username}: ${answer.status()} ${await answer.text()}`);
  }
  const state = await context.storageState();
  await context.close();
  return state;
}

/* ---- what every page has to hold ---- */

/* In the page. Text that is cut without a sign of it, and text above other text, by the boxes of what is seen. */
function geometry() {
  const faults = [];
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) {
    faults.push(`scrolls sideways: ${scrollWidth} px wide in ${innerWidth}`);
  }
  const name = (element) => `<${element.tagName.toLowerCase()} class="${element.getAttribute("class") ?? ""}"> "${element.textContent.trim().slice(0, 60)}"`;
  const floats = (element) => element.closest("dialog, .toasts, .vh, [hidden], [aria-hidden=true]") !== null;
  const isPinned = (element) => {
    for (let one = element; one !== null; one = one.parentElement) {
      if (["fixed", "sticky"].includes(getComputedStyle(one).position)) {
        return true;
      }
    }
    return false;
  };
  /* What is left of a box once all that clips it has done so. */
  const visible = (box, element) => {
    let { left, top, right, bottom } = box;
    for (let one = element; one !== null && one !== document.body; one = one.parentElement) {
      const style = getComputedStyle(one);
      if (style.overflowX !== "visible" || style.overflowY !== "visible") {
        const outer = one.getBoundingClientRect();
        [left, top] = [Math.max(left, outer.left), Math.max(top, outer.top)];
        [right, bottom] = [Math.min(right, outer.right), Math.min(bottom, outer.bottom)];
      }
    }
    return right - left > 1 && bottom - top > 1 ? { left, top, right, bottom } : null;
  };
  const boxes = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    const style = getComputedStyle(element);
    if (node.data.trim() === "" || style.visibility === "hidden" || floats(element)) {
      continue;
    }
    const range = document.createRange();
    range.selectNodeContents(node);
    const pinned = isPinned(element);
    for (const box of range.getClientRects()) {
      const seen = visible(box, element);
      if (seen !== null && !pinned) {
        boxes.push({ ...seen, element });
      }
    }
    if (style.overflowX === "hidden" && element.scrollWidth > element.clientWidth + 1 && style.textOverflow !== "ellipsis") {
      faults.push(`cut: ${name(element)}`);
    }
  }
  boxes.sort((a, b) => a.top - b.top);
  for (const [at, a] of boxes.entries()) {
    for (let k = at + 1; k < boxes.length && boxes[k].top < a.bottom; k++) {
      const b = boxes[k];
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      // Lines of tight text touch by the boxes of their letters, which are higher than the letters.
      const small = Math.min(a.bottom - a.top, b.bottom - b.top);
      if (across > 2 && down > small * 0.4 && !a.element.contains(b.element) && !b.element.contains(a.element)) {
        faults.push(`overlap: ${name(a.element)} and ${name(b.element)}`);
      }
    }
  }
  return [...new Set(faults)];
}

export { ROOT };

/**
 * For people to look at. The window grows to the page instead of the screenshot: one beyond the window now and then leaves
 * the page without frames for good.
 */
export async function picture(page, name) {
  const { width, height } = page.viewportSize();
  const whole = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width, height: Math.max(height, whole) });
  await page.screenshot({ timeout: 2 * PATIENCE_MS, path: path.join(PICTURES, `${name}-${page.look}.jpg`), type: "jpeg", quality: 80 });
  await page.setViewportSize({ width, height });
}

/** A colour that is on its way to another is neither. */
function atRest() {
  const moving = document.getAnimations().filter((one) => one.effect?.getComputedTiming().iterations !== Infinity);
  return Promise.all(moving.map((one) => one.finished.catch(() => undefined))).then(() => undefined);
}

/* What a screen reader calls that which can be operated, and what else the focus may stand on. */
const CONTROLS = new Set(["button", "link", "textbox", "searchbox", "combobox", "listbox", "option", "checkbox", "radio", "switch", "slider", "spinbutton", "tab", "menuitem", "Date",
  "DateTime", "row", "treeitem", "gridcell", "columnheader", "DisclosureTriangle"]);
const PLACES = new Set(["group", "region", "log", "grid", "treegrid", "table", "scrollable", "application", "figure", "dialog", "img", "tabpanel", "list"]);
const UNNAMED = new Set(["main", "heading", "RootWebArea"]); // where the focus is put for a moment; their content is what is read

/**
 * The page as a screen reader has it: all that can have the focus is a control or a place that readers know, and has a name.
 * Roles and names are kept beside the pictures.
 */
async function unnamed(page, name) {
  page.devtools ??= await page.context().newCDPSession(page);
  const { nodes } = await page.devtools.send("Accessibility.getFullAXTree");
  const faults = [];
  const tree = [];
  const where = async (backendNodeId) => {
    const { node } = await page.devtools.send("DOM.describeNode", { backendNodeId });
    return `<${node.localName} ${(node.attributes ?? []).join(" ")}>`;
  };
  for (const { ignored, role, name: called, properties = [], backendDOMNodeId } of nodes) {
    const isFocusable = properties.some((one) => one.name === "focusable" && one.value.value === true);
    if (ignored || !(isFocusable || CONTROLS.has(role?.value))) {
      continue;
    }
    const text = (called?.value ?? "").trim();
    tree.push(`${role.value} ${text}`);
    if (!CONTROLS.has(role.value) && !PLACES.has(role.value) && !UNNAMED.has(role.value)) {
      faults.push(`a screen reader has no word for the ${role.value} ${await where(backendDOMNodeId)}`);
    } else if (text === "" && !UNNAMED.has(role.value) && (isFocusable || role.value !== "row")) {
      faults.push(`a screen reader finds a ${role.value} without a name: ${await where(backendDOMNodeId)}`);
    }
  }
  fs.writeFileSync(path.join(PICTURES, `${name}-${page.look}.txt`), `${tree.join("\n")}\n`);
  return faults;
}

let namesAreAsked = false;

/** From here on checkPage asks for roles and names too. */
export function askForNames() {
  namesAreAsked = true;
}

async function faultsOf(page, name, axe) {
  await page.evaluate(atRest);
  const faults = await page.evaluate(geometry);
  if (axe) {
    faults.push(...namesAreAsked ? await unnamed(page, name) : []);
    if (!await page.evaluate(() => "axe" in globalThis)) {
      await page.evaluate(AXE);
    }
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    faults.push(...violations.map(({ id, nodes }) => `axe ${id}: ${nodes.map((node) => node.html.slice(0, 160)).slice(0, 3).join(" | ")}`));
  }
  return faults;
}

/**
 * Throws with all that is wrong with the page once nothing moves, and keeps its picture. What is wrong has to stay so: something
 * may still be on its way to the page.
 */
export async function checkPage(page, name, { axe = true } = {}) {
  const end = Date.now() + PATIENCE_MS;
  let faults = await faultsOf(page, name, axe);
  while (faults.length > 0 && Date.now() < end) {
    await page.evaluate(drawn);
    faults = await faultsOf(page, name, axe);
  }
  await picture(page, name);
  faults.push(...page.faults);
  if (faults.length > 0) {
    throw new Error(`${name} ${page.look}:\n  ${faults.join("\n  ")}`);
  }
}

/* What was resized has been drawn. */
function drawn() {
  return new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); });
}

/**
 * What the page shows now in each size and colour, without another load: a window that is resized, a system that turns dark.
 * axe looks at both colours, each in one of the outermost widths.
 */
export async function checkEachLook(page, name) {
  const turnTo = async ({ width, scheme }) => {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    page.look = `${width}-${scheme}`;
    await page.evaluate(drawn);
  };
  for (const look of LOOKS) {
    await turnTo(look);
    await checkPage(page, name, { axe: look === LOOKS[0] || look === LOOKS[5] });
  }
  await turnTo(LOOKS[0]);
}

/** The same of a page that `show(page)` makes. */
export async function checkLooks(browser, origin, state, name, show) {
  const page = await openPage(browser, origin, { ...LOOKS[0], state });
  await show(page);
  await checkEachLook(page, name);
  await page.context().close();
}
