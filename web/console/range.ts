/*
 * The time that a view is about, as the address says it: `from` and `to`, each a moment (RFC 3339) or "now-15m". Without
 * either it is all that is kept. A view that ends now is live until it is paused.
 */
import { useEffect, useState } from "react";

import { millisOf, time } from "../kit/format";
import { setParams, useAddress } from "../kit/url";

const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const TICK_MS = 2000;

export const PRESETS: [string, string][] = [
  ["now-15m", "Last 15 min"], ["now-60m", "Last 60 min"], ["now-24h", "Last 24 h"], ["now-7d", "Last 7 days"], ["now-30d", "Last 30 days"], ["", "All that is kept"],
];

/** Milliseconds; NaN: it is no moment. */
export function momentOf(text: string, now: number): number {
  const relative = /^now(?:-(\d{1,6})([smhd]))?$/.exec(text);
  if (relative === null) {
    return millisOf(text);
  }
  return relative[1] === undefined ? now : now - Number(relative[1]) * UNIT_MS[relative[2]!]!;
}

export interface Range {
  from: string; // as the address has it; "": the first that is kept
  to: string; // "": now
  since: string | undefined; // as the questions want it
  until: string | undefined;
  sinceMs: number; // NaN: unbounded
  untilMs: number;
  isLive: boolean;
  canBeLive: boolean;
  label: string;
  usual: string;
  ignored: string[]; // what of the address is no moment
  now: number; // the moment that "now" is
}

function labelOf(from: string, sinceMs: number, untilMs: number, endsNow: boolean): string {
  const preset = PRESETS.find(([value]) => value === from);
  if (endsNow && preset !== undefined) {
    return preset[1];
  }
  const sameDay = new Date(sinceMs).toISOString().slice(0, 10) === new Date(untilMs).toISOString().slice(0, 10);
  return `${time(sinceMs, "day-time")} – ${time(untilMs, sameDay ? "clock" : "day-time")}`;
}

/** Moments of the services have microseconds; a bound of ours has whole milliseconds. */
function asked(ms: number): string | undefined {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : undefined;
}

/** `usual`: from when on, where the address does not say; "": all that is kept. */
export function rangeOf(query: URLSearchParams, now: number, usual = ""): Range {
  const ignored: string[] = [];
  const read = (name: string): string => {
    const text = query.get(name) ?? "";
    if (text !== "" && !Number.isFinite(momentOf(text, now))) {
      ignored.push(`${name}=${text}`);
      return "";
    }
    return text;
  };
  const from = read("from") || usual;
  const to = read("to");
  const endsNow = to === "" || to === "now";
  const sinceMs = from === "" ? NaN : momentOf(from, now);
  const untilMs = endsNow ? now : momentOf(to, now);
  return {
    from, to, sinceMs, untilMs, ignored, usual, now,
    since: asked(sinceMs),
    until: endsNow ? undefined : asked(untilMs),
    canBeLive: endsNow,
    isLive: endsNow && query.get("live") !== "0",
    label: labelOf(from, Number.isFinite(sinceMs) ? sinceMs : 0, untilMs, endsNow),
  };
}

/** The range of the address; while it is live its end goes with the clock, a step every two seconds. */
export function useRange(usual = ""): Range & { tick: number } {
  const { query } = useAddress();
  const [now, setNow] = useState(Date.now);
  const range = rangeOf(query, now, usual);
  useEffect(() => {
    if (!range.isLive) {
      return undefined;
    }
    const timer = setInterval(() => document.visibilityState === "visible" && setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [range.isLive]);
  return { ...range, tick: range.isLive ? now : 0 };
}

/** The same time for questions that cost much: its end goes with the clock in steps of ten seconds. */
export function slowly(range: Range & { tick: number }): { since: string | undefined; until: string | undefined; tick: number } {
  const step = 10_000;
  const lag = range.canBeLive ? range.now % step : 0;
  const { since, until } = rangeOf(new URLSearchParams({ from: range.from, to: range.to }), range.now - lag, range.usual);
  return { since, until, tick: range.tick === 0 ? 0 : range.tick - lag };
}

/** Goes earlier or later by the range's own length. */
export function shiftRange(range: Range, steps: number): void {
  if (!Number.isFinite(range.sinceMs)) {
    return;
  }
  const length = range.untilMs - range.sinceMs;
  setParams({
    from: new Date(range.sinceMs + steps * length).toISOString(),
    to: range.untilMs + steps * length >= Date.now() ? null : new Date(range.untilMs + steps * length).toISOString(),
    cursor: null,
  });
}

/** The parameters that go along to another page; moments are absolute, so that the receiver sees the same. */
export function carried(range: Range): string {
  const query = new URLSearchParams();
  if (range.from !== "") {
    query.set("from", range.from);
  }
  if (range.to !== "") {
    query.set("to", range.to);
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}
