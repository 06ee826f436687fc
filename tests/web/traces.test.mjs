/* What the console's pages make of a trace: ways to other tools (web/console/links.ts), OTLP's JSON (otlp.ts), two as one (compare.ts). */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import test from "node:test";

import { ROOT } from "./root.mjs";

const FILES = ["console/links", "console/otlp", "console/compare"];
const script = execFileSync("esbuild", ["--bundle", "--format=esm"], {
  cwd: ROOT, encoding: "utf8", input: FILES.map((file) => `export * from "./web/${file}";`).join("\n"),
});
const { causesOf, differs, otlpOf, pairsOf, wayOut } = await import(`data:text/javascript;base64,${Buffer.from(script).toString("base64")}`);

let ids = 0;
const span = (depth, name, ms, rest = {}) => ({
  span_id: (ids += 1).toString(16).padStart(16, "0"), parent_span_id: null, depth, service: "shop", name, kind: "server", offset_ns: 0, duration_ns: ms * 1e6, self_ns: ms * 1e6,
  status: "unset", http_status: null, sql_id: null, attributes: {}, more: null, resource: 0, ...rest,
});
const trace = (...spans) => ({ trace_id: "ab".repeat(16), start: "2026-11-29T14:12:41.318123Z", duration_ns: spans[0].duration_ns, resources: [{ "host.name": "a&b" }], spans });

test("a link is made of what the span has, encoded, and says what is missing", () => {
  const template = { name: "APM", template: "https://apm.example/t/<TraceId>?sql=<DbOracleSqlId>&from=<StartTimeInMs>&to=<EndTimeInMs>&route=<http.route>&host=<resource.host.name>" };
  const value = "/a b?c=d&e=<f>\u202e'\"";
  const whole = trace(span(0, "GET", 250, { sql_id: "a1xbxtm9g2j9q", offset_ns: 1_500_000, attributes: { "http.route": value } }));
  const way = wayOut(template, whole, whole.spans[0]);
  const found = new URL(way.href);
  assert.deepEqual(way.missing, []);
  assert.equal(found.pathname, `/t/${whole.trace_id}`);
  const start = Date.UTC(2026, 10, 29, 14, 12, 41, 318) + 1;
  assert.deepEqual(Object.fromEntries(found.searchParams), { sql: "a1xbxtm9g2j9q", from: String(start), to: String(start + 251), route: value, host: "a&b" });
  const poor = trace(span(0, "GET", 1));
  assert.deepEqual(wayOut(template, poor, poor.spans[0]), { name: "APM", href: null, missing: ["DbOracleSqlId", "http.route"] });
  assert.equal(wayOut({ name: "x", template: "<http.route>" }, whole, { ...whole.spans[0], attributes: { "http.route": "javascript:alert(1)" } }).href, null);
});

test("a trace as OTLP has exact moments, and each value its kind", () => {
  const only = span(0, "POST", 1.5, {
    offset_ns: 7, status: "error", kind: "client", attributes: { text: "x", whole: 5, part: 0.5, yes: true, list: ["a", 1], map: { k: null } },
    more: { status_message: "no", events: [{ time_ns: 1, name: "retry", attributes: { at: 1 } }], links: [{ trace_id: "1".repeat(32), span_id: "2".repeat(16), attributes: {} }] },
  });
  const [{ resource, scopeSpans }] = otlpOf(trace(only)).resourceSpans;
  assert.deepEqual(resource.attributes, [{ key: "host.name", value: { stringValue: "a&b" } }]);
  const [sent] = scopeSpans[0].spans;
  const begin = BigInt(Date.UTC(2026, 10, 29, 14, 12, 41)) * 1_000_000n + 318_123_007n;
  assert.deepEqual([sent.startTimeUnixNano, sent.endTimeUnixNano, sent.kind, sent.status], [String(begin), String(begin + 1_500_000n), 3, { code: 2, message: "no" }]);
  assert.deepEqual(sent.attributes.map((one) => one.value), [
    { stringValue: "x" }, { intValue: "5" }, { doubleValue: 0.5 }, { boolValue: true },
    { arrayValue: { values: [{ stringValue: "a" }, { intValue: "1" }] } }, { kvlistValue: { values: [{ key: "k", value: {} }] } },
  ]);
  assert.deepEqual(sent.events, [{ timeUnixNano: "1", name: "retry", attributes: [{ key: "at", value: { intValue: "1" } }] }]);
  assert.equal(sent.links[0].traceId, "1".repeat(32));
});

test("two traces are laid over each other by what is called alike, and their difference is named", () => {
  const sql = (ms) => span(2, "line_by_id", ms, { sql_id: "a1xbxtm9g2j9q" });
  const self = (ms) => ({ self_ns: ms * 1e6 });
  const quick = trace(span(0, "POST", 20, self(5)), span(1, "write", 10, self(8)), sql(2), span(1, "send", 5));
  const slow = trace(span(0, "POST", 90, self(5)), span(1, "write", 80, self(18)), sql(2), sql(60), span(1, "pay", 5));
  const pairs = pairsOf(quick, slow);
  assert.deepEqual(pairs.map((pair) => [pair.name, pair.level, ...pair.sides.map((side) => side.count), ...pair.sides.map((side) => side.ns / 1e6)]), [
    ["POST", 1, 1, 1, 20, 90], ["write", 2, 1, 1, 10, 80], ["line_by_id", 3, 1, 2, 2, 62], ["send", 2, 1, 0, 5, 0], ["pay", 2, 0, 1, 0, 5],
  ]);
  assert.equal(pairs.filter((pair) => differs(pair, 90e6)).length, 5);
  assert.equal(pairsOf(quick, quick).filter((pair) => differs(pair, 20e6)).length, 0);
  assert.deepEqual(causesOf(pairs, 2).map(({ pair, ns }) => [pair.name, ns / 1e6]), [["line_by_id", 60], ["write", 10]]);
});
