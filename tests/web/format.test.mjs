/* web/kit/format.ts: numbers and times as people read them. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import test from "node:test";

import { ROOT } from "./root.mjs";

const script = execFileSync("esbuild", ["web/kit/format.ts", "--format=esm"], { cwd: ROOT, encoding: "utf8" });
const { age, bytes, count, duration, factor, money, percent, shortCount, shortId, shortMoney, time } =
  await import(`data:text/javascript;base64,${Buffer.from(script).toString("base64")}`);

function each(format, cases) {
  for (const [value, text, ...more] of cases) {
    assert.equal(format(value, ...more), text, `${format.name}(${value})`);
  }
}

const MS = 1e6;
const NOON = Date.UTC(2026, 10, 29, 14, 12, 41, 318);

test("what is unknown is a dash, zero is zero", () => {
  for (const format of [count, shortCount, money, shortMoney, percent, duration, bytes, time, age]) {
    each(format, [[null, "—"], [undefined, "—"], [NaN, "—"]]);
  }
  each(count, [[0, "0"]]);
  each(percent, [[0, "0 %"]]);
  each(money, [[0, "$0.00"], [-0.001, "$0.00"]]);
});

test("counts have groups, and little room takes three digits from 100,000 on", () => {
  each(count, [[7, "7"], [999, "999"], [1000, "1,000"], [18412, "18,412"], [1234567, "1,234,567"], [-1500, "−1,500"]]);
  each(shortCount, [[99_999, "99,999"], [100_000, "100k"], [412_400, "412k"], [999_499, "999k"], [999_500, "1.0M"],
    [1_100_000, "1.1M"], [12_345_678, "12M"], [2_500_000_000, "2.5G"]]);
});

test("money is exact to the cent, of numbers and of texts", () => {
  each(money, [[3499, "$3,499.00"], [0.1 + 0.2, "$0.30"], ["16906.98", "$16,906.98"], [-12.5, "−$12.50"], [1.005, "$1.00"],
    [90071992547.99, "$90,071,992,547.99"]]);
  each(shortMoney, [[0, "$0"], [812, "$812"], [9_949, "$9,949"], [9_950, "$10k"], [20_000, "$20k"], [182_400, "$182k"], [999_500, "$1.0M"], [-1_240_000, "−$1.2M"],
    [3e9, "$3.0G"]]);
  each(money, [[3499, "$3,499", { whole: true }], [3499.5, "$3,499.50", { whole: true }]]);
});

test("percent has a space, and a decimal below ten", () => {
  each(percent, [[0.098, "9.8 %"], [0.0994, "9.9 %"], [0.0996, "10 %"], [0.92, "92 %"], [-0.034, "−3.4 %"], [12.5, "1,250 %"]]);
});

test("durations have three digits at most, and the unit of their size", () => {
  each(duration, [[0, "0 ms"], [800, "0.8 µs"], [12_345, "12.3 µs"], [99_000, "99 µs"], [600_000, "0.6 ms"], [38.2 * MS, "38.2 ms"],
    [99.96 * MS, "100 ms"], [412 * MS, "412 ms"], [999.4 * MS, "999 ms"], [999.6 * MS, "1.00 s"], [1420 * MS, "1.42 s"],
    [12_340 * MS, "12.3 s"], [124_000 * MS, "2 min 04 s"], [59_999 * MS, "1 min 00 s"], [3_660_000 * MS, "1 h 01 min"],
    [86_400_000 * MS, "24 h 00 min"], [-5 * MS, "−5.0 ms"]]);
});

test("factors from two on are factors, below they are percent", () => {
  each(factor, [[510, "255 ×", 2], [5, "2.5 ×", 2], [4, "2 ×", 2], [1.4, "+40 %", 1], [0.9, "−10 %", 1], [3, "—", 0]]);
});

test("a kilobyte is a thousand", () => {
  each(bytes, [[612, "612 B"], [999, "999 B"], [1000, "1.0 KB"], [1400, "1.4 KB"], [16_384, "16 KB"], [3_200_000, "3.2 MB"]]);
});

test("times are in UTC, in the style of the list", () => {
  each(time, [[NOON, "14:12", "clock"], [NOON, "14:12:41.318", "clock-ms"], [NOON, "29 Nov", "short-day"], [NOON, "29 Nov 2026", "day"], [NOON, "29 Nov, 14:12"],
    [NOON, "29 Nov 2026, 14:12:41.318", "full"], ["2026-11-29T14:12:41.318999Z", "14:12:41.318", "clock-ms"], ["soon", "—"]]);
});

test("ages have one unit", () => {
  const ago = (seconds) => NOON - seconds * 1000;
  for (const [seconds, text] of [[0, "0 s"], [-5, "0 s"], [40, "40 s"], [360, "6 min"], [5 * 3600, "5 h"], [47 * 3600, "47 h"], [4 * 86400, "4 d"]]) {
    assert.equal(age(ago(seconds), NOON), text);
  }
});

test("a short trace id is its first eight digits", () => {
  assert.equal(shortId("7b19f8f886a2d451188d29d27bfbde5e"), "7b19f8f8");
});
