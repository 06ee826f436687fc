/*
 * What the console's pages work out without a page: conditions and their parts (web/console/where.ts), scales (web/kit/scale.ts),
 * rows of a waterfall (web/console/tree.ts).
 */
import assert from "node:assert/strict";
import test from "node:test";

import { bundled } from "./bundled.mjs";

const { closedBelow, decadesOf, fieldOf, foldsOf, joined, linear, logarithmic, looksLikeOne, matchesOf, partsOf, rowsOf, textOf, ticksUpTo, withClause, withoutPart } =
  await bundled(["kit/scale", "console/tree", "console/where"]);

/* ---- conditions ---- */

const plain = (field, condition, value = "", most = "") => ({ field, test: condition, value, most });

test("a condition is parted at its outer ands, and each test is read and written again", () => {
  for (const [text, clause] of [
    ["db.rows = 5", plain("db.rows", "=", "5")], ["db.rows != 5", plain("db.rows", "!=", "5")], ["db.rows = 5..9", plain("db.rows", "range", "5", "9")],
    ["http.route ~ /api/products", plain("http.route", "~", "/api/products")], ["duration >= 250ms", plain("duration", ">=", "250ms")],
    ["drone.colour absent", plain("drone.colour", "absent")], ["span.x exists", plain("span.x", "exists")],
    ['"a b" = "and"', plain("a b", "=", "and")], ['name = "GET \\"x\\" \\\\ \u202e"', plain("name", "=", 'GET "x" \\ \u202e')], ['span.x = ""', plain("span.x", "=", "")],
  ]) {
    assert.deepEqual(partsOf(text), [{ text, clause }]);
    assert.equal(textOf(clause), text);
  }
  assert.deepEqual(partsOf("a.b = 1 AND not c.d = 2 and (e.f > 1 or g.h ~ x)").map((part) => [part.text, part.clause?.test]),
    [["a.b = 1", "="], ["not c.d = 2", undefined], ["(e.f > 1 or g.h ~ x)", undefined]]);
  for (const whole of ["a.b = 1 or c.d = 2 and e.f = 3", "a.b = 1 and", 'a.b = "x', "a.b = (", "any(a.b = 1 and c.d = 2)"]) {
    assert.deepEqual(partsOf(whole), [{ text: whole, clause: undefined }]);
  }
  assert.deepEqual(partsOf("  "), []);
});

test("a condition grows and shrinks by its parts, and what or joins is kept together", () => {
  const red = plain("drone.colour", "=", "red");
  assert.equal(withClause("", red), "drone.colour = red");
  assert.equal(withClause("drone.colour = red", red), "drone.colour = red");
  assert.equal(withClause("a.b = 1 or c.d = 2", red), "(a.b = 1 or c.d = 2) and drone.colour = red");
  assert.equal(withClause("(a.b = 1) or (c.d = 2)", red), "((a.b = 1) or (c.d = 2)) and drone.colour = red");
  assert.equal(withoutPart("a.b = 1 and c.d = 2 and e.f = 3", 1), "a.b = 1 and e.f = 3");
  assert.equal(joined([]), "");
  assert.deepEqual(["http_status", "client.address", "x", "span.y", "resource.host.name"].map(fieldOf), ["http_status", "client.address", "span.x", "span.span.y", "resource.host.name"]);
  assert.deepEqual(["a.b = 1", "a.b absent", "not a.b > 1", "colour:red"].map(looksLikeOne), [true, true, true, false]);
});

/* ---- scales ---- */

test("scales go there and back, and ticks are round", () => {
  const x = linear([10, 20], [0, 100]);
  assert.equal(x(15), 50);
  assert.equal(x.invert(50), 15);
  assert.equal(linear([7, 7], [3, 9])(7), 3);
  const y = logarithmic([1, 100], [200, 0]);
  assert.equal(y(10), 100);
  assert.ok(Math.abs(y.invert(100) - 10) < 1e-9);
  assert.deepEqual(ticksUpTo(7, 4), [0, 2, 4, 6, 8]);
  assert.deepEqual(ticksUpTo(0.8, 4), [0, 0.2, 0.4, 0.6, 0.8]);
  assert.deepEqual(ticksUpTo(1_300_000, 4), [0, 500_000, 1_000_000, 1_500_000]);
  assert.deepEqual(ticksUpTo(0, 4), [0, 0.5, 1]);
  assert.deepEqual(decadesOf([900, 1_000_000]), [1000, 10_000, 100_000, 1_000_000]);
});

/* ---- rows of a waterfall ---- */

/* Spans by their depths, 1 ms each but where told otherwise. */
const spansOf = (...list) => list.map(([depth, name, more = {}], at) => ({
  span_id: String(at), parent_span_id: null, depth, name, service: "shop", kind: "internal", offset_ns: at, duration_ns: 1e6, self_ns: 0, critical_ns: 0,
  status: "unset", http_status: null, sql_id: null, statement: null, has_odd_clock: false, resource: 0, attributes: {}, more: null, ...more,
}));

function shown(spans, view = {}, repeats = []) {
  const trace = { spans, repeats };
  return rowsOf(trace, foldsOf(trace), { show: "all", leastNs: -Infinity, closed: new Set(), unfolded: new Set(), ...view })
    .map((row) => row.kind === "fold" ? `${row.fold.spans.length} x ${row.fold.repeat.statement}` : `${"  ".repeat(row.level - 1)}${row.hasChildren ? row.isOpen ? "- " : "+ " : ""}${row.span.name}`);
}

test("what is not wanted stays where it holds something that is, and closed spans hide what is below them", () => {
  const spans = spansOf([0, "root"], [1, "a"], [2, "deep", { sql_id: "s" }], [1, "b"], [2, "c"], [2, "d", { duration_ns: 9e6, critical_ns: 1 }], [0, "second"]);
  assert.deepEqual(shown(spans), ["- root", "  - a", "    deep", "  - b", "    c", "    d", "second"]);
  assert.deepEqual(shown(spans, { show: "sql" }), ["- root", "  - a", "    deep"]);
  assert.deepEqual(shown(spans, { show: "critical" }), ["- root", "  - b", "    d"]);
  assert.deepEqual(shown(spans, { leastNs: 5e6 }), ["- root", "  - b", "    d"]);
  assert.deepEqual(shown(spans, { leastNs: 1e9 }), []);
  assert.deepEqual(shown(spans, { closed: closedBelow(spans, 2) }), ["- root", "  + a", "  + b", "second"]);
  assert.deepEqual(shown([]), []);
});

test("a statement that is repeated is one row, where it first ran", () => {
  const one = { parent_span_id: "0", sql_id: "s", statement: "line" };
  const spans = spansOf([0, "root"], [1, "line", one], [1, "other"], [1, "line", one], [2, "within"]);
  const repeats = [{ span_id: "0", sql_id: "s", statement: "line", count: 2, total_ns: 2e6 }];
  assert.deepEqual(shown(spans, {}, repeats), ["- root", "2 x line", "  other"]);
  assert.deepEqual(shown(spans, { unfolded: new Set(["0:s"]) }, repeats), ["- root", "  line", "  other", "  - line", "    within"]);
});

test("a span is found by any text in it, small or capital, and by one attribute's value", () => {
  const spans = spansOf([0, "GET /x (a+b)"], [1, "n", { attributes: { "db.rows": 12, list: ["Red", { deep: "Blue" }], yes: true, none: null } }], [1, "m", { more: { events: [{ name: "Retry" }] } }]);
  const found = (wanted) => matchesOf(spans, wanted).map((span) => span.span_id).join();
  assert.deepEqual(["get /X", "(a+b)", "a.b", "DB.ROWS", "12", "red", "blue", "retry", "true", "db.rows=1", "db.rows=3", " ", "shop"].map(found),
    ["0", "0", "", "1", "1", "1", "1", "2", "1", "1", "", "", "0,1,2"]);
});
