/*
 * Conditions of a search for traces: as the address has them, as the question wants them, and as somebody types them.
 * What cannot be understood is said, never guessed.
 */
import type { Params } from "../kit/api";
import { looksLikeOne, partsOf, textOf, type Part } from "./where";

export interface Condition {
  name: string; // in the address
  label: string;
  ask: string; // the question's parameter
  isFit: (value: string) => boolean;
  hint: string;
  asked?: (value: string) => string;
  shown?: (value: string) => string;
}

/** "190", "190ms" and "1.5s" in whole milliseconds; NaN: it is none. */
export function millisecondsOf(text: string): number {
  const found = /^(\d{1,8}(?:\.\d{1,3})?)\s*(ms|s)?$/.exec(text.trim());
  return found === null ? NaN : Math.round(Number(found[1]) * (found[2] === "s" ? 1000 : 1));
}

const isDuration = (value: string) => millisecondsOf(value) <= 86_400_000;
const asMs = (value: string) => `${millisecondsOf(value)} ms`;

export const CONDITIONS: Condition[] = [
  { name: "service", label: "service", ask: "service", isFit: (value) => value.length <= 300, hint: "octo-drone-shop" },
  { name: "route", label: "request", ask: "route", isFit: (value) => value.length <= 300, hint: "POST /api/shop/checkout" },
  { name: "status", label: "result", ask: "status", isFit: (value) => value === "ok" || value === "error", hint: "ok or error" },
  { name: "http_status", label: "status", ask: "http_status", isFit: (value) => /^[1-5]\d\d$/.test(value), hint: "503" },
  { name: "sql_id", label: "SQL_ID", ask: "sql_id", isFit: isSqlId, hint: "a1xbxtm9g2j9q" },
  { name: "min", label: "at least", ask: "min_ms", isFit: isDuration, hint: "190ms", asked: (value) => String(millisecondsOf(value)), shown: asMs },
  { name: "max", label: "at most", ask: "max_ms", isFit: isDuration, hint: "5s", asked: (value) => String(millisecondsOf(value)), shown: asMs },
];

export function isTraceId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

/** Oracle's alphabet of 32: no e, i, l, o. */
export function isSqlId(text: string): boolean {
  return /^[0-9a-df-hjkmnp-z]{13}$/.test(text);
}

export interface Conditions {
  set: { condition: Condition; value: string }[];
  where: string; // of any field or attribute, as the address has it in `q`
  parts: Part[];
  params: Params;
  ignored: string[]; // of the address: what has a value that cannot be
}

export function conditionsOf(query: URLSearchParams): Conditions {
  const where = query.get("q") ?? "";
  const found: Conditions = { set: [], where, parts: partsOf(where), params: { q: where }, ignored: [] };
  for (const condition of CONDITIONS) {
    const value = query.get(condition.name);
    if (value === null || value === "") {
      continue;
    }
    if (!condition.isFit(value)) {
      found.ignored.push(`${condition.name}=${value}`);
      continue;
    }
    found.set.push({ condition, value });
    found.params[condition.ask] = condition.asked?.(value) ?? value;
  }
  return found;
}

export type Typed =
  | { kind: "trace"; id: string }
  | { kind: "conditions"; params: Params; where?: string } // where: beside what there is
  | { kind: "wrong"; why: string };

/** What was typed: an id goes straight to its place, the rest are conditions, parted by blanks. */
export function read(typed: string): Typed {
  const text = typed.trim();
  if (isTraceId(text.toLowerCase())) {
    return { kind: "trace", id: text.toLowerCase() };
  }
  if (/^(GET|HEAD|POST|PUT|PATCH|DELETE) \/\S*$/.test(text)) {
    return { kind: "conditions", params: { route: text } };
  }
  const attribute = /^([\w-]+(?:\.[\w-]+)+):([^=<>~]+)$/.exec(text);
  if (attribute !== null) {
    return { kind: "conditions", params: {}, where: textOf({ field: attribute[1]!, test: "=", value: attribute[2]!, most: "" }) };
  }
  const params: Params = {};
  for (const word of text.split(/\s+/)) {
    const named = /^([a-z_]+)[:=](.+)$/i.exec(word);
    const condition = CONDITIONS.find((one) => one.name === named?.[1]?.toLowerCase());
    if (condition !== undefined && named !== null) {
      if (!condition.isFit(named[2]!)) {
        return { kind: "wrong", why: `${named[2]} is no value of ${condition.name}. Example: ${condition.name}:${condition.hint}` };
      }
      params[condition.name] = named[2]!;
    } else if (isSqlId(word)) {
      params.sql_id = word;
    } else if (word.startsWith("/")) {
      params.route = word;
    } else if (/^(≥|>=|>)?\d+(\.\d+)?(ms|s)$/.test(word)) {
      params.min = word.replace(/^\D+/, "");
    } else if (looksLikeOne(text)) {
      return { kind: "conditions", params: {}, where: text }; // whatever is wrong with it the console says
    } else {
      return { kind: "wrong", why: `"${word}" is no condition. Examples: ${CONDITIONS.map((one) => `${one.name}:${one.hint.split(" ")[0]}`).join(", ")}, db.rows > 100` };
    }
  }
  return { kind: "conditions", params };
}
