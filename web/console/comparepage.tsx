/* Two traces beside each other, by shape and duration: one axis, two bars a row, and what is on one side only. Both stand in the address. */
import { useMemo, useState, type FormEvent } from "react";

import { count, duration, factor } from "../kit/format";
import { useGet } from "../kit/load";
import { Badge, Button, Empty, Field, Link, Note, PageTitle, ProblemPanel, Skeleton, Table, Time, navigate, setParams, useAddress, withParams, type Column } from "../kit/ui";
import { causesOf, differs, pairsOf, type Pair, type Side } from "./compare";
import { isTraceId } from "./conditions";
import { carried, type Range } from "./range";
import { serviceKey } from "./services";
import type { Trace } from "./tree";
import type { TraceEntry } from "./traces";

const MOST = 400; // rows
const SIDES = ["A", "B"] as const;
const COLORS = ["var(--c0)", "var(--accent)"] as const;

/** The other trace: by its id, or one of the same request. */
function Choose({ to }: { to: Trace }) {
  const root = to.spans[0]!;
  const [typed, setTyped] = useState("");
  const [isWrong, setWrong] = useState(false);
  const list = useGet<{ traces: TraceEntry[] }>("/api/traces", { route: root.name, sort: "slowest", limit: 20 });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const id = typed.trim().toLowerCase();
    setWrong(!isTraceId(id));
    if (isTraceId(id)) {
      setParams({ b: id });
    }
  };
  const others = (list.value?.traces ?? []).filter((entry) => entry.trace_id !== to.trace_id);
  const columns: Column<TraceEntry>[] = [
    { id: "start", head: "Started", cell: (entry) => <Link className="cell mono small" href={withParams({ b: entry.trace_id })}><Time at={entry.start} style="clock-ms" /></Link> },
    { id: "duration", head: "Duration", isNumber: true, cell: (entry) => <b>{duration(entry.duration_ns)}</b> },
    { id: "against", head: "Against this one", isNumber: true, className: "hide-s", cell: (entry) => factor(entry.duration_ns, root.duration_ns) },
    { id: "trace", head: "Trace", className: "mono small", cell: (entry) => entry.trace_id.slice(0, 8) },
  ];
  return (
    <section className="card" aria-label="The other trace">
      <div className="card-head"><h2>Compare with</h2><p>this one took {duration(root.duration_ns)}</p></div>
      <form className="card-body row row-wrap top" onSubmit={submit}>
        <div className="grow"><Field label="A trace id" error={isWrong ? "32 digits of 0 to 9 and a to f" : undefined}><input className="input mono" value={typed} onChange={(event) => setTyped(event.target.value)} /></Field></div>
        <Button type="submit" kind="primary">Compare</Button>
      </form>
      <Table caption="Other requests of the same kind, the slowest first" columns={columns} rows={list.value === undefined ? undefined : others} keyOf={(entry) => entry.span_id} hrefOf={(entry) => withParams({ b: entry.trace_id })}
        isLoading={list.isLoading} problem={list.problem} what="Other requests" retry={list.reload} empty={<Empty title="It is the only one of its kind">Paste the id of any other trace.</Empty>} />
    </section>
  );
}

function Bars({ pair, whole }: { pair: Pair; whole: number }) {
  return (
    <svg className="plot compare-bars" viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true">
      {pair.sides.map((side, at) => side.count > 0 && <rect key={at} y={at * 10 + 1} height={8} width={Math.max(2, (side.ns / whole) * 1000)} fill={COLORS[at]} />)}
    </svg>
  );
}

function figure(side: Side): JSX.Element {
  return side.count === 0 ? <span className="muted">—</span> : <>{duration(side.ns)}{side.count > 1 && <span className="muted"> ×{count(side.count)}</span>}</>;
}

function changeOf({ sides: [a, b] }: Pair): JSX.Element {
  if (a.count === 0 || b.count === 0) {
    return <Badge tone="warn">only in {a.count === 0 ? "B" : "A"}</Badge>;
  }
  const ns = b.ns - a.ns;
  return <span className={ns > 0 ? "down" : ns < 0 ? "up" : undefined}>{ns > 0 ? "+" : ""}{duration(ns)}</span>;
}

function columns(traces: readonly [Trace, Trace], whole: number, range: Range): Column<Pair>[] {
  const open = (at: 0 | 1) => (pair: Pair) => {
    const side = pair.sides[at];
    return side.count === 0 ? figure(side) : <Link className="cell" href={`/console/traces/${traces[at].trace_id}${carried(range)}${carried(range) === "" ? "?" : "&"}span=${side.first}`}>{figure(side)}</Link>;
  };
  return [
    { id: "name", head: "Span", className: "full", cell: (pair) => (
      <span className="row nowrap compare-name" style={{ paddingLeft: `${Math.min(pair.level - 1, 12) * 0.75}rem` }}>
        <i className={`key ${pair.isSql ? "k5" : serviceKey(pair.service)}`} aria-hidden="true" /><span className={`clip ${pair.isSql ? "mono small" : ""}`} title={`${pair.service}: ${pair.name}`} dir="auto">{pair.name === "" ? "(no name)" : pair.name}</span>
      </span>
    ) },
    { id: "bars", head: "A above, B below", className: "hide-s w-bar", cell: (pair) => <Bars pair={pair} whole={whole} /> },
    { id: "a", head: "A", isNumber: true, cell: open(0) },
    { id: "b", head: "B", isNumber: true, cell: open(1) },
    { id: "change", head: "B against A", isNumber: true, cell: changeOf },
  ];
}

function Both({ traces, range }: { traces: readonly [Trace, Trace]; range: Range }) {
  const { query } = useAddress();
  const isAll = query.get("show") === "all";
  const pairs = useMemo(() => pairsOf(traces[0], traces[1]), [traces[0], traces[1]]);
  const whole = Math.max(1, traces[0].duration_ns, traces[1].duration_ns);
  const wanted = isAll ? pairs : pairs.filter((pair) => differs(pair, whole));
  const causes = causesOf(pairs);
  return (
    <>
      <div className="grid g-2">
        {traces.map((trace, at) => (
          <section key={SIDES[at]} className="card" aria-label={`Trace ${SIDES[at]}`}>
            <div className="card-head"><h2>{SIDES[at]}</h2><svg className="key-svg" width="11" height="11" aria-hidden="true"><rect width="11" height="11" rx="2" fill={COLORS[at]} /></svg><Link className="id" href={`/console/traces/${trace.trace_id}${carried(range)}`}>{trace.trace_id.slice(0, 8)}</Link></div>
            <div className="card-body stack stack-1"><p className="mono long" dir="auto">{trace.spans[0]!.name}</p><p><b>{duration(trace.duration_ns)}</b> <span className="muted">{count(trace.span_count)} spans, <Time at={trace.start} style="full" /> UTC</span></p></div>
          </section>
        ))}
      </div>
      {causes.length > 0 && (
        <Note>
          <b>B took {factor(traces[1].duration_ns, traces[0].duration_ns)}{traces[1].duration_ns >= traces[0].duration_ns * 2 ? " as long as A" : " against A"}.</b> Most of the difference: {causes.map(({ pair, ns }, at) => <span key={pair.key}>{at > 0 && ", "}<span className="mono">{pair.name}</span> {ns > 0 ? "+" : ""}{duration(ns)}</span>)}.
        </Note>
      )}
      <section className="card" aria-label="Spans of both">
        <div className="card-head">
          <h2>{isAll ? `${count(pairs.length)} kinds of spans` : `${count(wanted.length)} of ${count(pairs.length)} kinds of spans differ`}</h2>
          <div className="seg push" role="group" aria-label="Show"><button type="button" aria-pressed={!isAll} onClick={() => setParams({ show: null })}>What differs</button><button type="button" aria-pressed={isAll} onClick={() => setParams({ show: "all" })}>All</button></div>
        </div>
        <Table caption="Spans of both traces, by their place in the tree" columns={columns(traces, whole, range)} rows={wanted.slice(0, MOST)} keyOf={(pair) => pair.key}
          empty={<Empty title="They are alike">The same spans, as often, and no duration differs by more than 2 % of the whole.</Empty>}
          partial={wanted.length > MOST ? `The first ${count(MOST)} of ${count(wanted.length)}` : undefined} />
      </section>
    </>
  );
}

export function ComparePage({ range }: { range: Range }) {
  const { query } = useAddress();
  const ids = ["a", "b"].map((name) => query.get(name) ?? "");
  const [first, second] = ids.map((id) => isTraceId(id) ? `/api/traces/${id}` : null);
  const loaded = [useGet<Trace>(first ?? null), useGet<Trace>(second ?? null)] as const;
  const [a, b] = [first === null ? undefined : loaded[0].value, second === null ? undefined : loaded[1].value];
  const ignored = ids.flatMap((id, at) => id !== "" && !isTraceId(id) ? [`${"ab"[at]}=${id}`] : []);
  const failed = loaded.map((one, at) => isTraceId(ids[at]!) && one.value === undefined ? one.problem : undefined);
  const at = failed.findIndex((problem) => problem !== undefined);
  return (
    <>
      <div className="page-head">
        <div className="grow"><PageTitle tab="Compare" app="Console">Compare two traces</PageTitle></div>
        {a !== undefined && b !== undefined && <div className="row"><Button icon="sync" onClick={() => navigate(withParams({ a: ids[1], b: ids[0] }))}>Swap</Button><Link className="btn" href={withParams({ b: null })}>Another B</Link></div>}
      </div>
      {ignored.length > 0 && <Note tone="warn"><b>Left out of the address:</b> <span className="long" dir="auto">{ignored.join(", ")}</span>, which is no trace id.</Note>}
      {at >= 0 ? (failed[at]!.status === 404
        ? <Empty title={`Trace ${SIDES[at]} is not here`} action={<Link className="btn" href="/console/traces">All traces</Link>}>No span of {ids[at]} is kept: it was never sent here, or it is older than what the console keeps.</Empty>
        : <ProblemPanel problem={failed[at]!} what={`Trace ${SIDES[at]} could not be loaded`} retry={loaded[at]!.reload} />)
        : !isTraceId(ids[0]!) ? <Empty title="Which traces?" action={<Link className="btn" href="/console/traces">All traces</Link>}>Open one, and press C there.</Empty>
          : a === undefined || (isTraceId(ids[1]!) && b === undefined) ? <Skeleton lines={12} />
            : b === undefined ? <Choose to={a} /> : <Both traces={[a, b]} range={range} />}
    </>
  );
}
