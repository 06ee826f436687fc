/*
 * Spans of what happens here: a trace begins where a person waits, at the load of the page, a click, a key, a step back.
 * The questions that follow are its children and take the trace along (traceparent), so that what the services did stands
 * below them. What the page asks by itself, as every minute, begins none.
 *
 * Without a word from the frame (data-traces: the share of traces that are recorded) there is nothing: no header, no question.
 */
import { watchExchanges, type ExchangeWatcher } from "./api";

const FIRST_MS = 400; // that a first question may come after what began the trace: what was typed waits a moment
const QUIET_MS = 100; // after which no other question belongs to it
const SEND_MS = 1000; // that spans wait for others
const SPANS_MOST = 32; // of a message, as the service takes
const LONGEST_US = 600e6; // a machine that slept is no wait
const PATH = "/api/browser-spans";

interface Span {
  trace_id: string;
  id: string;
  parent_id?: string;
  kind: string;
  name: string;
  page?: string;
  method?: string;
  status?: number;
  start_us: number;
  end_us: number;
}

/** What one thing that a person did brought about. */
interface Act {
  root: Span;
  children: Span[];
  isRecorded: boolean;
  inFlight: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

let act: Act | undefined; // that questions belong to now
let waiting: Span[] = [];
let sending: ReturnType<typeof setTimeout> | undefined;
let share = 0;

function micros(sinceStartMs: number): number {
  return Math.round((performance.timeOrigin + sinceStartMs) * 1000);
}

function newId(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  random[bytes - 1]! |= 1; // never all zero
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** By the bits that the services look at too (Trace Context level 2): those from which ratios are told. */
function isRecorded(traceId: string): boolean {
  return parseInt(traceId.slice(-14, -6), 16) / 2 ** 32 >= 1 - share;
}

/** A path with what names one thing left out: "/orders/{id}"; "360" is a page. */
export function patternOf(path: string): string {
  return path.replace(/\/(?!360\b)[^/]*\d[^/]*/g, "/{id}").slice(0, 90);
}

/* ---- sending ---- */

function send(): void {
  clearTimeout(sending);
  sending = undefined;
  const spans = waiting.splice(0, SPANS_MOST);
  if (spans.length === 0) {
    return;
  }
  // Its own trace, which is not recorded: else each message would be a trace in the list.
  fetch(PATH, {
    method: "POST", keepalive: true, credentials: "omit", body: JSON.stringify({ sent_us: micros(performance.now()), spans }),
    headers: { "Content-Type": "application/json", "X-Requested-With": "fetch", traceparent: `00-${newId(16)}-${newId(8)}-00` },
  }).catch(() => undefined); // lost: nothing waits for them
  send();
}

function put(spans: Span[]): void {
  const now = micros(performance.now());
  waiting.push(...spans.filter((span) => span.end_us - span.start_us < LONGEST_US && now - span.start_us < LONGEST_US));
  sending ??= setTimeout(send, SEND_MS);
}

/* ---- acts ---- */

function end(of: Act): void {
  clearTimeout(of.timer);
  if (act === of) {
    act = undefined;
  }
  const { root, children } = of;
  if (of.isRecorded && (children.length > 0 || root.kind === "load")) {
    root.end_us = Math.max(root.end_us, ...children.map((child) => child.end_us));
    put([root, ...children]);
  }
}

function settle(of: Act, ms: number): void {
  clearTimeout(of.timer);
  of.timer = of.inFlight > 0 ? undefined : setTimeout(end, ms, of);
}

function begin(kind: string, what: string, startMs: number): Act {
  if (act !== undefined) {
    end(act);
  }
  const traceId = newId(16);
  act = {
    root: { trace_id: traceId, id: newId(8), kind, name: `${kind} ${what}`, page: patternOf(location.pathname), start_us: micros(startMs), end_us: micros(performance.now()) },
    children: [], isRecorded: isRecorded(traceId), inFlight: 0, timer: undefined,
  };
  settle(act, FIRST_MS);
  return act;
}

function childOf(of: Act, name: string, method: string, startMs: number): Span {
  const { trace_id, id } = of.root;
  return { trace_id, id: newId(8), parent_id: id, kind: "fetch", name, method, page: of.root.page, start_us: micros(startMs), end_us: 0 };
}

/** Of a question that begins: its headers, and whom to tell of its end. */
const onExchange: ExchangeWatcher = (method, path) => {
  const own = act;
  if (own === undefined) {
    return null;
  }
  const span = childOf(own, `${method} ${patternOf(path.split("?")[0]!)}`, method, performance.now());
  own.inFlight++;
  clearTimeout(own.timer);
  return {
    headers: { traceparent: `00-${span.trace_id}-${span.id}-${own.isRecorded ? "03" : "02"}` },
    ended: (status) => {
      span.end_us = micros(performance.now());
      if (typeof status === "number") {
        span.status = status;
      }
      if (status !== "withdrawn" && own.children.length < SPANS_MOST - 1) {
        own.children.push(span);
      }
      own.inFlight--;
      settle(own, QUIET_MS);
    },
  };
};

/* ---- what begins one ---- */

/** What the page itself calls the control; where a link leads, whose text may be somebody's name. */
function labelOf(target: EventTarget | null): string {
  const control = target instanceof Element ? target.closest("a[href], button, [role=option], summary, label, tr") : null;
  if (control instanceof HTMLAnchorElement) {
    return patternOf(new URL(control.href).pathname);
  }
  const said = control instanceof HTMLButtonElement ? control.getAttribute("aria-label") ?? control.textContent ?? "" : "";
  return said.replace(/\s+/g, " ").trim().slice(0, 60) || patternOf(location.pathname);
}

function onKey(event: KeyboardEvent): void {
  const isTyped = event.target instanceof Element && event.target.closest("textarea, select, input") !== null;
  if (event.key === "Enter" || (!isTyped && event.key.length === 1)) {
    begin("key", event.key, event.timeStamp);
  }
}

function beginLoad(): void {
  const load = begin("load", patternOf(location.pathname), 0);
  const [document_] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  if (document_ !== undefined && document_.responseEnd > 0) {
    const span = childOf(load, `GET ${load.root.page}`, "GET", document_.requestStart);
    load.children.push({ ...span, end_us: micros(document_.responseEnd), status: document_.responseStatus || 200 });
  }
}

/** Once, before the first question. */
export function startTraces(): void {
  share = Number(document.documentElement.dataset.traces ?? 0);
  if (!(share > 0)) {
    return;
  }
  watchExchanges(onExchange);
  beginLoad();
  addEventListener("click", (event) => begin("click", labelOf(event.target), event.timeStamp), true);
  addEventListener("submit", (event) => begin("click", labelOf(event.submitter), event.timeStamp), true);
  addEventListener("keydown", onKey, true);
  addEventListener("input", () => begin("key", "typing", performance.now()), true);
  addEventListener("popstate", (event) => begin("back", patternOf(location.pathname), event.timeStamp), true);
  addEventListener("pagehide", () => {
    if (act !== undefined) {
      end(act);
    }
    send();
  });
}
