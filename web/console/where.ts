/*
 * The condition of a search as text (src/store/where.h has its words) and as parts that are joined by "and", of which each
 * can be changed by itself. Who reads it for good is the console; here a part that is no plain test stays as it was typed.
 */

export type Test = "=" | "!=" | "~" | "!~" | ">=" | "<=" | ">" | "<" | "exists" | "absent" | "range";

export interface Clause {
  field: string; // "drone.colour", without quotes
  test: Test;
  value: string; // "": none, of exists and absent
  most: string; // of a range
}

export interface Part {
  text: string;
  clause: Clause | undefined; // undefined: more than one test
}

export const TESTS: [Test, string][] = [
  ["=", "is"], ["!=", "is another than"], ["~", "contains"], ["!~", "does not contain"], ["range", "lies between"],
  [">=", "is at least"], ["<=", "is at most"], [">", "is above"], ["<", "is below"], ["exists", "is there"], ["absent", "is not there"],
];

/** Of every span; all others are attributes. */
export const FIELDS = ["service", "name", "route", "kind", "status", "http_status", "duration", "sql_id", "statement"];

const WORDS = new Set(["and", "or", "not", "any", "exists", "absent"]);
const PLAIN = /^[\w\-./:@*+${}\u0080-\uffff]+$/;
const SIGNS = ["!=", "<=", ">=", "!~", "..", "=", "<", ">", "~", "(", ")"];

interface Token {
  kind: "word" | "quoted" | "sign";
  text: string;
  from: number;
  to: number;
}

/** null: it cannot be parted. */
function tokensOf(text: string): Token[] | null {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    const rest = text.slice(at);
    const blank = /^\s+/.exec(rest);
    if (blank !== null) {
      at += blank[0].length;
      continue;
    }
    const quoted = /^"((?:[^"\\]|\\[\s\S])*)"/.exec(rest);
    const word = quoted === null ? /^(?:(?!\.\.)[\w\-./:@*+${}\u0080-\uffff])+/.exec(rest) : null;
    const sign = quoted === null && word === null ? SIGNS.find((one) => rest.startsWith(one)) : undefined;
    const whole = quoted?.[0] ?? word?.[0] ?? sign;
    if (whole === undefined) {
      return null;
    }
    tokens.push({
      kind: quoted !== null ? "quoted" : word !== null ? "word" : "sign",
      text: quoted === null ? whole : quoted[1]!.replace(/\\([\s\S])/g, "$1"), from: at, to: at + whole.length,
    });
    at += whole.length;
  }
  return tokens;
}

const is = (token: Token | undefined, word: string) => token?.kind === "word" && token.text.toLowerCase() === word;

function clauseOf(tokens: Token[]): Clause | undefined {
  const [field, test, value, dots, most] = tokens;
  if (field === undefined || field.kind === "sign" || test === undefined || WORDS.has(field.text.toLowerCase()) && field.kind === "word") {
    return undefined;
  }
  const clause = { field: field.text, value: "", most: "" };
  if (tokens.length === 2 && (is(test, "exists") || is(test, "absent"))) {
    return { ...clause, test: test.text.toLowerCase() as Test };
  }
  if (test.kind !== "sign" || ["(", ")", ".."].includes(test.text) || value === undefined || value.kind === "sign") {
    return undefined;
  }
  if (tokens.length === 3) {
    return { ...clause, test: test.text as Test, value: value.text };
  }
  const isRange = tokens.length === 5 && test.text === "=" && dots!.kind === "sign" && dots!.text === ".." && most!.kind !== "sign";
  return isRange ? { ...clause, test: "range", value: value.text, most: most!.text } : undefined;
}

/** What is joined by "and" outside of brackets; the whole is one part where "or" joins it as well. */
export function partsOf(text: string): Part[] {
  const tokens = tokensOf(text);
  if (text.trim() === "") {
    return [];
  }
  let depth = 0;
  const groups: Token[][] = [[]];
  for (const token of tokens ?? []) {
    depth += token.kind !== "sign" ? 0 : token.text === "(" ? 1 : token.text === ")" ? -1 : 0;
    if (depth === 0 && is(token, "or")) {
      return [{ text: text.trim(), clause: undefined }];
    }
    if (depth === 0 && is(token, "and")) {
      groups.push([]);
    } else {
      groups[groups.length - 1]!.push(token);
    }
  }
  if (tokens === null || depth !== 0 || groups.some((group) => group.length === 0)) {
    return [{ text: text.trim(), clause: undefined }];
  }
  return groups.map((group) => ({ text: text.slice(group[0]!.from, group[group.length - 1]!.to), clause: clauseOf(group) }));
}

function quoted(text: string): string {
  return PLAIN.test(text) && !text.includes("..") && !WORDS.has(text.toLowerCase()) ? text : `"${text.replace(/["\\]/g, "\\$&")}"`;
}

export function textOf({ field, test, value, most }: Clause): string {
  const name = quoted(field);
  switch (test) {
    case "exists":
    case "absent": return `${name} ${test}`;
    case "range": return `${name} = ${quoted(value)}..${quoted(most)}`;
    default: return `${name} ${test} ${quoted(value)}`;
  }
}

/** "and" binds before "or": what "or" joins stands in brackets beside others. */
export function joined(parts: Part[]): string {
  const bracketed = (text: string) => partsOf(`${text} and x.y exists`).length === 1 ? `(${text})` : text;
  return parts.length === 1 ? parts[0]!.text : parts.map(({ text }) => bracketed(text)).join(" and ");
}

/** The name by which a condition asks for what the console calls by an attribute's own name. */
export function fieldOf(name: string): string {
  return FIELDS.includes(name) || name.startsWith("resource.") || (name.includes(".") && !name.startsWith("span.")) ? name : `span.${name}`;
}

export function sameClause(a: Clause, b: Clause): boolean {
  return a.field === b.field && a.test === b.test && a.value === b.value && a.most === b.most;
}

/** The condition with one more part; one that is there already stays once. */
export function withClause(text: string, clause: Clause): string {
  const parts = partsOf(text);
  return parts.some((part) => part.clause !== undefined && sameClause(part.clause, clause)) ? text : joined([...parts, { text: textOf(clause), clause }]);
}

export function withoutPart(text: string, at: number): string {
  return joined(partsOf(text).filter((_, k) => k !== at));
}

/** Does this look like a condition, and not like a word of the search box's own? */
export function looksLikeOne(text: string): boolean {
  return /[=<>~]|\s(exists|absent)\s*$|^\s*(not|any)\b/i.test(text);
}
