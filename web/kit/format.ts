/*
 * How numbers and times are written, the same on every page. All of it is pure and has no language but English;
 * what is unknown (null, undefined, not a number) is a dash.
 */

export const UNKNOWN = "—";
const MINUS = "−";

type Maybe<T> = T | null | undefined;

function isKnown(value: Maybe<number>): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ",");
}

function signed(isNegative: boolean, text: string): string {
  return isNegative ? MINUS + text : text;
}

/** Whole numbers with groups of three: 18,412. */
export function count(value: Maybe<number>): string {
  return isKnown(value) ? signed(value < 0, grouped(Math.abs(Math.round(value)).toString())) : UNKNOWN;
}

/** Counts where there is little room, three digits of them from 100,000 on: 412k, 1.1M. */
export function shortCount(value: Maybe<number>): string {
  if (!isKnown(value) || Math.abs(value) < 100_000) {
    return count(value);
  }
  const size = Math.abs(value);
  const [unit, letter] = size < 999_500 ? [1e3, "k"] : size < 999_500_000 ? [1e6, "M"] : [1e9, "G"];
  const scaled = size / unit;
  return signed(value < 0, (scaled < 9.95 ? scaled.toFixed(1) : Math.round(scaled).toString()) + letter);
}

/** Dollars where there is little room: $812, $20k, $1.2M. */
export function shortMoney(value: Maybe<number>): string {
  if (!isKnown(value)) {
    return UNKNOWN;
  }
  const size = Math.abs(value);
  const [unit, letter] = size < 9_950 ? [1, ""] : size < 999_500 ? [1e3, "k"] : size < 999_500_000 ? [1e6, "M"] : [1e9, "G"];
  const scaled = size / unit;
  return signed(value < 0, `$${unit > 1 && scaled < 9.95 ? scaled.toFixed(1) : grouped(Math.round(scaled).toString())}${letter}`);
}

/** Dollars, of a number or of the text that a service writes: $3,499.00. Exact to the cent below 90 trillion. */
export function money(value: Maybe<number | string>, options: { whole?: boolean } = {}): string {
  const amount = typeof value === "string" ? Number(value) : value;
  if (!isKnown(amount)) {
    return UNKNOWN;
  }
  const cents = Math.round(Math.abs(amount) * 100);
  const rest = (cents % 100).toString().padStart(2, "0");
  const whole = grouped(Math.floor(cents / 100).toString());
  return signed(amount < 0 && cents > 0, `$${whole}${options.whole && rest === "00" ? "" : `.${rest}`}`);
}

/** Of a share: 0.098 is "9.8 %"; one decimal below 10. */
export function percent(share: Maybe<number>): string {
  if (!isKnown(share)) {
    return UNKNOWN;
  }
  const value = Math.abs(share * 100);
  const text = value === 0 ? "0" : value < 9.95 ? value.toFixed(1) : grouped(Math.round(value).toString());
  return `${signed(share < 0 && value > 0, text)} %`;
}

const NS_PER_MS = 1e6;
export type DurationUnit = "µs" | "ms" | "s" | "min" | "h";

function threeDigits(value: number): string {
  return value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : Math.round(value).toString();
}

/** The parts of a duration of so many nanoseconds, for where the unit is written smaller. */
export function durationParts(ns: Maybe<number>): { value: string; unit: string } {
  if (!isKnown(ns)) {
    return { value: UNKNOWN, unit: "" };
  }
  const size = Math.abs(ns);
  const ms = size / NS_PER_MS;
  if (size === 0) {
    return { value: "0", unit: "ms" };
  }
  if (ms < 0.0995) {
    return { value: signed(ns < 0, threeDigits(size / 1e3).replace(/\.?0+$/, "")), unit: "µs" };
  }
  if (ms < 999.5) {
    return { value: signed(ns < 0, ms < 99.95 ? ms.toFixed(1) : Math.round(ms).toString()), unit: "ms" };
  }
  if (ms < 59_995) {
    return { value: signed(ns < 0, threeDigits(ms / 1e3)), unit: "s" };
  }
  const seconds = Math.round(ms / 1e3);
  const [large, small, a, b] = seconds < 3600
    ? [Math.floor(seconds / 60), seconds % 60, "min", "s"]
    : [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), "h", "min"];
  return { value: signed(ns < 0, large.toString()), unit: `${a} ${small.toString().padStart(2, "0")} ${b}` };
}

/** Nanoseconds as 0.6 ms, 38.2 ms, 412 ms, 1.42 s, 2 min 04 s; below a tenth of a millisecond in microseconds. */
export function duration(ns: Maybe<number>): string {
  const { value, unit } = durationParts(ns);
  return unit === "" ? value : `${value} ${unit}`;
}

/** How many times as much: "255 ×" from 2 on, below as the difference in percent: "+40 %". */
export function factor(value: Maybe<number>, base: Maybe<number>): string {
  if (!isKnown(value) || !isKnown(base) || base <= 0) {
    return UNKNOWN;
  }
  const ratio = value / base;
  if (ratio >= 2) {
    return `${ratio < 9.95 ? ratio.toFixed(1).replace(/\.0$/, "") : grouped(Math.round(ratio).toString())} ×`;
  }
  return `${ratio >= 1 ? "+" : ""}${percent(ratio - 1)}`;
}

/** 612 B, 1.4 KB; a kilobyte is 1,000. */
export function bytes(value: Maybe<number>): string {
  if (!isKnown(value)) {
    return UNKNOWN;
  }
  let scaled = Math.abs(value);
  let unit = "B";
  for (const next of ["KB", "MB", "GB", "TB"]) {
    if (scaled < 999.5) {
      break;
    }
    scaled /= 1000;
    unit = next;
  }
  return `${signed(value < 0, unit === "B" || scaled >= 9.95 ? Math.round(scaled).toString() : scaled.toFixed(1))} ${unit}`;
}

/* ---- times ---- */

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
export type TimeStyle = "clock" | "clock-ms" | "short-day" | "day" | "day-time" | "full";

function two(value: number): string {
  return value.toString().padStart(2, "0");
}

/** A moment as a number of milliseconds, or as the services write it. */
export type Moment = number | string | Date;

export function millisOf(moment: Maybe<Moment>): number {
  if (moment === null || moment === undefined) {
    return NaN;
  }
  return typeof moment === "number" ? moment : moment instanceof Date ? moment.getTime() : Date.parse(moment);
}

/** In UTC, or in the browser's zone with `local`: "14:12", "14:12:41.318", "29 Nov", "23 Nov 2026", "29 Nov, 14:31", "29 Nov 2026, 14:12:41.318". */
export function time(moment: Maybe<Moment>, style: TimeStyle = "day-time", options: { local?: boolean } = {}): string {
  const at = millisOf(moment);
  if (!Number.isFinite(at)) {
    return UNKNOWN;
  }
  const date = new Date(options.local ? at - new Date(at).getTimezoneOffset() * 60_000 : at);
  const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  const exact = `${clock}:${two(date.getUTCSeconds())}.${date.getUTCMilliseconds().toString().padStart(3, "0")}`;
  const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
  const whole = `${day} ${date.getUTCFullYear()}`;
  switch (style) {
    case "clock": return clock;
    case "clock-ms": return exact;
    case "short-day": return day;
    case "day": return whole;
    case "day-time": return `${day}, ${clock}`;
    case "full": return `${whole}, ${exact}`;
  }
}

/** Since then: "0 s", also of what a clock that is ahead has told, "40 s", "6 min", "5 h", "4 d". */
export function age(moment: Maybe<Moment>, now: number = Date.now()): string {
  const at = millisOf(moment);
  if (!Number.isFinite(at)) {
    return UNKNOWN;
  }
  const seconds = Math.max(0, Math.floor((now - at) / 1000));
  if (seconds < 60) {
    return `${seconds} s`;
  }
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)} min`;
  }
  return seconds < 48 * 3600 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

/** The first eight digits of a trace id, for lists. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}
