/*
 * A trace as rows of a waterfall: what is shown of 50,000 spans, folded, filtered, found. All of it is pure; the numbers are the
 * console's own (/api/traces/{trace_id}), here they are only added up.
 */

export interface Span {
  span_id: string;
  parent_span_id: string | null;
  depth: number;
  service: string;
  name: string;
  kind: string;
  offset_ns: number;
  duration_ns: number;
  self_ns: number;
  critical_ns: number;
  status: "unset" | "ok" | "error";
  http_status: number | null;
  sql_id: string | null;
  statement: string | null;
  has_odd_clock: boolean;
  resource: number;
  attributes: Record<string, unknown>;
  more: Record<string, unknown> | null;
}

export interface Repeat {
  span_id: string; // of the parent
  sql_id: string;
  statement: string;
  count: number;
  total_ns: number;
}

/** A line of a log that was written in the trace. */
export interface Log {
  time: string;
  offset_ns: number;
  at_span_id: string | null; // where it is shown: its own span, or the nearest that is there
  service: string;
  severity: string;
  severity_text: string | null;
  event: string | null;
  body: string | null;
  attributes: Record<string, unknown>;
}

export interface Trace {
  trace_id: string;
  start: string;
  duration_ns: number;
  span_count: number;
  error_count: number;
  is_cut: boolean;
  missing_parents: string[];
  repeats: Repeat[];
  resources: Record<string, unknown>[];
  logs: Log[];
  has_more_logs: boolean;
  spans: Span[]; // parents before children, in the order of the tree
}

export interface Fold {
  key: string;
  repeat: Repeat;
  spans: Span[];
  slowest: Span;
}

export type Row =
  | { kind: "span"; key: string; span: Span; level: number; hasChildren: boolean; isOpen: boolean; foldKey?: string }
  | { kind: "fold"; key: string; fold: Fold; level: number };

export type Show = "all" | "sql" | "critical";

export interface View {
  show: Show;
  leastNs: number; // shorter ones are hidden, unless they hold a longer one
  closed: ReadonlySet<string>; // spans whose children are hidden
  unfolded: ReadonlySet<string>; // keys of folds that are shown span by span
}

const endsOfTrees = new WeakMap<Span[], Int32Array>();

/** Of each span the place behind its descendants. */
function endsOf(spans: Span[]): Int32Array {
  let ends = endsOfTrees.get(spans);
  if (ends === undefined) {
    ends = new Int32Array(spans.length).fill(spans.length);
    const open: number[] = [];
    for (let at = 0; at < spans.length; at++) {
      while (open.length > 0 && spans[open[open.length - 1]!]!.depth >= spans[at]!.depth) {
        ends[open.pop()!] = at;
      }
      open.push(at);
    }
    endsOfTrees.set(spans, ends);
  }
  return ends;
}

function foldKey(repeat: Pick<Repeat, "span_id" | "sql_id">): string {
  return `${repeat.span_id}:${repeat.sql_id}`;
}

/** What is folded, by its key: the repeated statements that the console found, with their spans. */
export function foldsOf(trace: Trace): Map<string, Fold> {
  const wanted = new Map(trace.repeats.map((repeat) => [foldKey(repeat), repeat]));
  const folds = new Map<string, Fold>();
  for (const span of trace.spans) {
    if (span.sql_id === null || span.parent_span_id === null) {
      continue;
    }
    const key = foldKey({ span_id: span.parent_span_id, sql_id: span.sql_id });
    const repeat = wanted.get(key);
    if (repeat === undefined) {
      continue;
    }
    const fold = folds.get(key);
    if (fold === undefined) {
      folds.set(key, { key, repeat, spans: [span], slowest: span });
    } else {
      fold.spans.push(span);
      fold.slowest = span.duration_ns > fold.slowest.duration_ns ? span : fold.slowest;
    }
  }
  return folds;
}

function isWanted(span: Span, view: View): boolean {
  return span.duration_ns >= view.leastNs && (view.show === "all" || (view.show === "sql" ? span.sql_id !== null : span.critical_ns > 0));
}

/** The rows in their order. A span that is not wanted stays where one of its descendants is. */
export function rowsOf(trace: Trace, folds: Map<string, Fold>, view: View): Row[] {
  const { spans } = trace;
  const ends = endsOf(spans);
  const nextKept = new Int32Array(spans.length + 1); // at or behind each place
  nextKept[spans.length] = spans.length;
  for (let at = spans.length - 1; at >= 0; at--) {
    // Where one before its end is kept it is an ancestor.
    nextKept[at] = nextKept[at + 1]! < ends[at]! || isWanted(spans[at]!, view) ? at : nextKept[at + 1]!;
  }
  const rows: Row[] = [];
  const shownFolds = new Set<string>();
  for (let at = 0; at < spans.length;) {
    const span = spans[at]!;
    if (nextKept[at] !== at) {
      at = nextKept[at]!;
      continue;
    }
    const key = span.parent_span_id === null || span.sql_id === null ? "" : foldKey({ span_id: span.parent_span_id, sql_id: span.sql_id });
    const fold = folds.get(key);
    if (fold !== undefined && !view.unfolded.has(key)) {
      if (!shownFolds.has(key)) {
        shownFolds.add(key);
        rows.push({ kind: "fold", key, fold, level: span.depth + 1 });
      }
      at = ends[at]!;
      continue;
    }
    const hasChildren = nextKept[at + 1]! < ends[at]!;
    const isOpen = !view.closed.has(span.span_id);
    rows.push({ kind: "span", key: span.span_id, span, level: span.depth + 1, hasChildren, isOpen, ...(fold !== undefined && { foldKey: key }) });
    at = isOpen ? at + 1 : ends[at]!;
  }
  return rows;
}

/** Spans that have children, deeper than a level: closing them folds the tree to that level. */
export function closedBelow(spans: Span[], level: number): Set<string> {
  const ends = endsOf(spans);
  return new Set(spans.filter((span, at) => span.depth >= level - 1 && ends[at]! > at + 1).map((span) => span.span_id));
}

/** The spans around one, the root last. */
export function ancestorsOf(spans: Span[], spanId: string): Span[] {
  const byId = new Map(spans.map((span) => [span.span_id, span]));
  const found: Span[] = [];
  const seen = new Set<string>();
  for (let span = byId.get(spanId); span?.parent_span_id != null && !seen.has(span.span_id);) {
    seen.add(span.span_id);
    span = byId.get(span.parent_span_id);
    if (span !== undefined) {
      found.push(span);
    }
  }
  return found;
}

/* ---- finding ---- */

/* As text, as it is sought: numbers and words as they are, lists and objects as JSON. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "object" ? JSON.stringify(value) : String(value);
}

/* No text is made of a span for it: of so many that would take longer than a person waits for a letter to work. */
function holds(span: Span, sought: RegExp): boolean {
  if (sought.test(span.name) || sought.test(span.service) || sought.test(span.span_id) || (span.sql_id !== null && sought.test(span.sql_id))) {
    return true;
  }
  for (const name in span.attributes) {
    if (sought.test(name) || sought.test(textOf(span.attributes[name]))) {
      return true;
    }
  }
  return span.more !== null && sought.test(JSON.stringify(span.more));
}

/** Spans with the text anywhere in name, ids or attributes; "name=value" asks for one attribute. */
export function matchesOf(spans: Span[], wanted: string): Span[] {
  const text = wanted.trim();
  if (text === "") {
    return [];
  }
  const named = /^([\w.]+)=(.*)$/.exec(text);
  if (named !== null && spans.some((span) => named[1]! in span.attributes)) {
    return spans.filter((span) => named[1]! in span.attributes && String(span.attributes[named[1]!]).toLowerCase().includes(named[2]!.toLowerCase()));
  }
  const sought = new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "i");
  return spans.filter((span) => holds(span, sought));
}

/* ---- where the time went ---- */

export type Cause = "sql" | "commit" | "pool" | "queue" | "shop" | "crm" | "other";

export const CAUSES: Record<Cause, { label: string; color: string; key: string }> = {
  sql: { label: "SQL running", color: "var(--c5)", key: "k5" },
  commit: { label: "Commit", color: "var(--c3)", key: "k3" },
  pool: { label: "Pool", color: "var(--c6)", key: "k6" },
  queue: { label: "Write queue", color: "var(--c7)", key: "k7" },
  shop: { label: "Shop", color: "var(--c1)", key: "k1" },
  crm: { label: "CRM", color: "var(--c2)", key: "k2" },
  other: { label: "Others", color: "var(--c0)", key: "" },
};

const NS_PER_US = 1000;

export function numberOf(span: Span, name: string): number {
  const value = span.attributes[name];
  return typeof value === "number" && value > 0 ? value : 0;
}

function ownerOf(span: Span): Cause {
  return span.service === "octo-drone-shop" ? "shop" : span.service === "enterprise-crm-portal" ? "crm" : "other";
}

export function causeOf(span: Span): Cause {
  return span.sql_id !== null || "db.query.text" in span.attributes ? "sql" : span.name === "db.checkout" ? "pool" : ownerOf(span);
}

export interface Share {
  cause: Cause;
  ns: number;
}

/** What a unit of work waited for before and after its statements (db.write): within the bar, and of its own time. */
export function waitsOf(span: Span): { queueNs: number; commitNs: number } {
  const queueNs = Math.min(span.duration_ns, numberOf(span, "db.queue_us") * NS_PER_US);
  return { queueNs, commitNs: Math.min(span.duration_ns - queueNs, numberOf(span, "db.commit_wait_us") * NS_PER_US) };
}

/** The critical path, by cause; the shares add up to it. */
export function sharesOf(trace: Trace): Share[] {
  const sums = new Map<Cause, number>();
  const add = (cause: Cause, ns: number) => ns > 0 && sums.set(cause, (sums.get(cause) ?? 0) + ns);
  for (const span of trace.spans) {
    let left = span.critical_ns;
    const { queueNs, commitNs } = waitsOf(span);
    const commit = Math.min(left, commitNs);
    left -= commit;
    const queue = Math.min(left, queueNs);
    left -= queue;
    add("commit", commit);
    add("queue", queue);
    add(causeOf(span), left);
  }
  return (Object.keys(CAUSES) as Cause[]).map((cause) => ({ cause, ns: sums.get(cause) ?? 0 })).filter((share) => share.ns > 0);
}

/** Where nothing at all was under way for more than a share of the trace: before which span, and how long. */
export function idleBefore(trace: Trace, share = 0.15): Map<string, { from: number; ns: number }> {
  const found = new Map<string, { from: number; ns: number }>();
  const byStart = [...trace.spans].sort((a, b) => a.offset_ns - b.offset_ns);
  let end = byStart[0] === undefined ? 0 : byStart[0].offset_ns;
  for (const span of byStart) {
    if (span.offset_ns - end > trace.duration_ns * share) {
      found.set(span.span_id, { from: end, ns: span.offset_ns - end });
    }
    end = Math.max(end, span.offset_ns + Math.max(0, span.duration_ns));
  }
  return found;
}
