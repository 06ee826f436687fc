/*
 * Two traces, laid over each other by their shape: what is called alike below what is called alike is one row, however often it
 * ran. Rows say how often and for how long on either side. All of it is pure.
 */
import type { Span, Trace } from "./tree";

export interface Side {
  count: number;
  ns: number; // together
  selfNs: number; // of it, without what it called
  first: string; // a span of it; "": there is none
}

export interface Pair {
  key: string; // the names from the root on
  level: number;
  name: string;
  service: string;
  isSql: boolean;
  sides: readonly [Side, Side];
}

interface Node {
  name: string;
  service: string;
  isSql: boolean;
  sides: [Side, Side];
  children: Map<string, Node>; // in the order in which they came, of the first trace first
}

const nobody = (): Side => ({ count: 0, ns: 0, selfNs: 0, first: "" });

function nodeOf(span: Span): Node {
  return { name: span.name, service: span.service, isSql: span.sql_id !== null, sides: [nobody(), nobody()], children: new Map() };
}

/** Adds a trace's spans on one side. A span whose parent is not there stands beside the root. */
function lay(root: Node, trace: Trace, side: 0 | 1): void {
  const places: Node[] = []; // by depth
  for (const span of trace.spans) {
    const parent = span.depth === 0 ? root : places[span.depth - 1] ?? root;
    const key = `${span.service}\n${span.sql_id ?? ""}\n${span.name}`;
    const node = parent.children.get(key) ?? nodeOf(span);
    parent.children.set(key, node);
    const one = node.sides[side];
    one.count++;
    one.ns += Math.max(0, span.duration_ns);
    one.selfNs += span.self_ns;
    one.first = one.first === "" ? span.span_id : one.first;
    places.length = span.depth;
    places[span.depth] = node;
  }
}

export function pairsOf(a: Trace, b: Trace): Pair[] {
  const root: Node = { name: "", service: "", isSql: false, sides: [nobody(), nobody()], children: new Map() };
  lay(root, a, 0);
  lay(root, b, 1);
  const pairs: Pair[] = [];
  const open: { node: Node; key: string; level: number }[] = [];
  const push = (node: Node, key: string, level: number) => [...node.children].reverse().forEach(([part, child]) => open.push({ node: child, key: `${key}\n${part}`, level }));
  push(root, "", 1);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, key, level } = next;
    pairs.push({ key, level, name: node.name, service: node.service, isSql: node.isSql, sides: node.sides });
    push(node, key, level + 1);
  }
  return pairs;
}

/** On one side only, another number of times, or another duration by more than a share of the longer trace. */
export function differs(pair: Pair, whole: number, share = 0.02): boolean {
  const [a, b] = pair.sides;
  return a.count !== b.count || Math.abs(a.ns - b.ns) > whole * share;
}

export interface Moved {
  pair: Pair;
  ns: number; // more in the second; below 0: less
}

/** Where the difference came from: by time of their own, the largest first. */
export function causesOf(pairs: Pair[], most = 5): Moved[] {
  return pairs.map((pair) => ({ pair, ns: pair.sides[1].selfNs - pair.sides[0].selfNs })).filter(({ ns }) => ns !== 0)
    .sort((x, y) => Math.abs(y.ns) - Math.abs(x.ns)).slice(0, most);
}
