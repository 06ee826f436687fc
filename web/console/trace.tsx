/* One trace: its waterfall, what there is to know of a span, and what is missing or odd about it. What is chosen stands in the address. */
import { memo, useEffect, useMemo, useRef, useState } from "react";

import { count, duration, durationParts } from "../kit/format";
import { useGet } from "../kit/load";
import {
  Badge, Button, Copy, Empty, Icon, Kpi, Kpis, Link, Note, PageTitle, ProblemPanel, Skeleton, Time, navigate, setParams, useAddress, useKeys,
} from "../kit/ui";
import type { LinkTemplate } from "./links";
import { otlpOf } from "./otlp";
import { SpanPanel, hubAround } from "./panel";
import { carried, type Range } from "./range";
import { CAUSES, ancestorsOf, closedBelow, foldsOf, idleBefore, matchesOf, rowsOf, sharesOf, type Row, type Show, type Trace } from "./tree";
import { Result } from "./traces";
import { Waterfall, isRequest, zoomed, type Window } from "./waterfall";

const SHOWS: [Show, string][] = [["all", "All"], ["sql", "SQL"], ["critical", "Critical path"]];
const HIDES: [string, string][] = [["0", "nothing"], ["0.01", "0.01 ms"], ["0.1", "0.1 ms"], ["0.5", "0.5 ms"], ["1", "1 ms"], ["10", "10 ms"], ["100", "100 ms"]];
const NS_PER_MS = 1e6;
const REPEATS_SHOWN = 3; // in words; all of them are in the waterfall

/* These three add up all spans: they are drawn once for a trace, whatever becomes of the address. */
const Facts = memo(function Facts({ trace }: { trace: Trace }) {
  const root = trace.spans[0];
  const sql = trace.spans.filter((span) => span.sql_id !== null);
  const trips = trace.spans.reduce((sum, span) => sum + (span.sql_id !== null && typeof span.attributes["db.round_trips"] === "number" ? span.attributes["db.round_trips"] : 0), 0);
  const answer = durationParts(root?.duration_ns);
  const all = durationParts(trace.duration_ns);
  const services = new Set(trace.spans.map((span) => span.service)).size;
  return (
    <Kpis slim>
      <Kpi label="Answer after" value={answer.value} unit={answer.unit} />
      <Kpi label="All done after" value={all.value} unit={all.unit} />
      <Kpi label="Services" value={count(services)} />
      <Kpi label="Spans" value={count(trace.span_count)} />
      <Kpi label="SQL statements" value={count(sql.length)} unit={`${count(new Set(sql.map((span) => span.sql_id)).size)} SQL_IDs`} />
      {trips > 0 && <Kpi label="Round trips" value={count(trips)} />}
      <Kpi label="Failed spans" value={count(trace.error_count)} tone={trace.error_count > 0 ? "down" : undefined} />
    </Kpis>
  );
});

/** The critical path of the answer, by cause. */
const WhereItWent = memo(function WhereItWent({ trace }: { trace: Trace }) {
  const shares = sharesOf(trace);
  const whole = shares.reduce((sum, share) => sum + share.ns, 0);
  if (whole === 0) {
    return null;
  }
  let at = 0;
  return (
    <section className="card" aria-label="Where the time went">
      <div className="card-head"><h2>Where the time went</h2><p>of the {duration(whole)} that the answer had to wait for</p></div>
      <div className="card-body stack stack-2">
        <svg className="went" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
          {shares.map((share) => {
            const x = (at / whole) * 1000;
            at += share.ns;
            return <rect key={share.cause} x={x} width={Math.max(1, (share.ns / whole) * 1000 - 1)} height={10} fill={CAUSES[share.cause].color} />;
          })}
        </svg>
        <ul className="legend">{shares.map((share) => <li key={share.cause}><i className={`key ${CAUSES[share.cause].key}`} aria-hidden="true" />{CAUSES[share.cause].label} <b>{duration(share.ns)}</b></li>)}</ul>
      </div>
    </section>
  );
});

/** What is wrong with the trace itself. */
const Faults = memo(function Faults({ trace }: { trace: Trace }) {
  const roots = trace.spans.filter((span) => span.depth === 0).length;
  const odd = trace.spans.filter((span) => span.has_odd_clock).length;
  const missing = trace.missing_parents.length;
  const negative = trace.spans.filter((span) => span.duration_ns < 0).length;
  const said = [
    missing > 0 && `${count(missing)} ${missing === 1 ? "span names a parent" : "spans name parents"} that did not arrive: they stand at the left.`,
    roots - missing > 1 && `It begins ${roots - missing} times: there are so many spans without a parent.`,
    odd > 0 && `${count(odd)} ${odd === 1 ? "span has times" : "spans have times"} that do not fit the parent's; they are shown as they were received.`,
    negative > 0 && `${count(negative)} ${negative === 1 ? "span ends" : "spans end"} before the beginning.`,
  ].filter((text): text is string => typeof text === "string");
  return (
    <>
      {trace.is_cut && <Note tone="warn"><b>Partial:</b> the trace has more spans than are shown, which are the first {count(trace.spans.length)}. Numbers and sums are of these alone.</Note>}
      {said.length > 0 && <Note tone="warn"><b>This trace is not whole.</b> {said.join(" ")}</Note>}
    </>
  );
});

/** Statements that one span runs again and again. */
const Repeats = memo(function Repeats({ trace }: { trace: Trace }) {
  const more = trace.repeats.length - REPEATS_SHOWN;
  return (
    <>
      {trace.repeats.slice(0, REPEATS_SHOWN).map((repeat) => {
        const parent = trace.spans.find((span) => span.span_id === repeat.span_id);
        return (
          <Note key={`${repeat.span_id} ${repeat.sql_id}`} tone="warn">
            <b>N+1:</b> {parent === undefined ? "one span" : <span className="mono">{parent.name}</span>} runs <span className="mono">{repeat.statement || repeat.sql_id}</span> {count(repeat.count)} times, {duration(repeat.total_ns)} together. One statement for all of them would do.
          </Note>
        );
      })}
      {more > 0 && <p className="small muted">and {count(more)} more {more === 1 ? "statement that is" : "that are"} repeated, in the waterfall</p>}
    </>
  );
});

/** The part of time that the address asks for, "12.5-30" in milliseconds. */
function windowOf(text: string, whole: number): Window {
  const found = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(text);
  const [from, to] = found === null ? [0, whole] : [Number(found[1]) * NS_PER_MS, Number(found[2]) * NS_PER_MS];
  return to - from >= 1000 && from < whole ? { from, to: Math.min(to, whole) } : { from: 0, to: whole };
}

function toggled<T>(set: ReadonlySet<T>, one: T): Set<T> {
  const other = new Set(set);
  if (!other.delete(one)) {
    other.add(one);
  }
  return other;
}

function Explorer({ trace, range }: { trace: Trace; range: Range }) {
  const { query } = useAddress();
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set<string>());
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set<string>());
  const [find, setFind] = useState(query.get("find") ?? "");
  const findInput = useRef<HTMLInputElement>(null);
  const whole = Math.max(1, trace.duration_ns);
  const show = SHOWS.find(([id]) => id === query.get("show"))?.[0] ?? "all";
  const hide = HIDES.find(([id]) => id === query.get("hide"))?.[0] ?? "0";
  const selected = query.get("span");
  const view = windowOf(query.get("zoom") ?? "", whole);
  const folds = useMemo(() => foldsOf(trace), [trace]);
  const idle = useMemo(() => idleBefore(trace), [trace]);
  const leastNs = hide === "0" ? -Infinity : Number(hide) * NS_PER_MS;
  const rows = useMemo(() => rowsOf(trace, folds, { show, leastNs, closed, unfolded }), [trace, folds, show, leastNs, closed, unfolded]);
  const wanted = query.get("find") ?? "";
  const found = useMemo(() => matchesOf(trace.spans, wanted), [trace, wanted]);
  const matches = useMemo(() => new Set(found.map((span) => span.span_id)), [found]);
  const span = useMemo(() => selected === null ? undefined : trace.spans.find((one) => one.span_id === selected), [trace, selected]);
  const replace = { replace: true };
  const templates = useGet<{ links: LinkTemplate[] }>("/api/links").value?.links ?? [];

  const setView = (next: Window) => setParams({
    zoom: next.from <= 0 && next.to >= whole ? null : `${+(next.from / NS_PER_MS).toFixed(6)}-${+(next.to / NS_PER_MS).toFixed(6)}`,
  }, replace);
  const select = (id: string) => {
    // What stands around it has to be open.
    const around = ancestorsOf(trace.spans, id).filter((one) => closed.has(one.span_id));
    if (around.length > 0) {
      setClosed(new Set([...closed].filter((one) => !around.some((other) => other.span_id === one))));
    }
    setParams({ span: id }, replace);
  };
  const toggle = (row: Row) => row.kind === "fold" ? setUnfolded(toggled(unfolded, row.key))
    : setClosed(toggled(closed, row.span.span_id));
  const step = (by: number) => {
    if (found.length > 0) {
      const at = found.findIndex((one) => one.span_id === selected);
      select(found[(at + by + found.length) % found.length]!.span_id);
    }
  };
  useEffect(() => {
    const timer = setTimeout(() => find !== wanted && setParams({ find }, replace), 150);
    return () => clearTimeout(timer);
  });
  useKeys([
    { keys: "f", does: "Find a span", run: () => findInput.current?.focus() },
    { keys: "n", does: "Next match", run: () => step(1) },
    { keys: "s", does: "Open the statement", run: () => span?.sql_id != null && navigate(`/console/statements/${span.sql_id}${carried(range)}`) },
    { keys: "p", does: "Performance Hub around the span", run: () => span !== undefined && navigate(hubAround(trace, span)) },
    { keys: "c", does: "Compare with another trace", run: () => navigate(compareOf(trace, range)) },
    { keys: "Escape", does: "Close the span", run: () => setParams({ span: null }, replace) },
    { keys: "+", does: "Zoom in", run: () => setView(zoomed(view, whole, 0.5)) },
    { keys: "-", does: "Zoom out", run: () => setView(zoomed(view, whole, 2)) },
    { keys: "0", does: "All of the trace", run: () => setView({ from: 0, to: whole }) },
  ]);
  const sqlCount = useMemo(() => trace.spans.filter((one) => one.sql_id !== null).length, [trace]);
  const hidden = useMemo(() => trace.spans.length - rows.reduce((sum, row) => sum + (row.kind === "fold" ? row.fold.spans.length : 1), 0), [trace, rows]);
  return (
    <div className={span === undefined ? "grid" : "grid g-trace"}>
      <section className="card" aria-label="Waterfall">
        <div className="card-head">
          <div className="search wf-find">
            <Icon name="search" />
            <input ref={findInput} className="input" type="search" aria-label="Find a span" placeholder="Find span, SQL_ID, attribute" value={find} onChange={(event) => setFind(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === "Enter") {
                  event.preventDefault();
                  step(event.shiftKey ? -1 : 1);
                }
              }} />
            <kbd aria-hidden="true">F</kbd>
          </div>
          {wanted !== "" && (
            <span className="row small" role="status">{count(found.length)} found
              <Button size="sm" icon="up" kind="quiet" aria-label="Previous match" onClick={() => step(-1)} /><Button size="sm" icon="down" kind="quiet" aria-label="Next match" onClick={() => step(1)} />
            </span>
          )}
          <div className="seg" role="group" aria-label="Show">
            {SHOWS.map(([id, label]) => <button key={id} type="button" aria-pressed={id === show} onClick={() => setParams({ show: id === "all" ? null : id }, replace)}>{label}{id === "all" ? ` ${count(trace.spans.length)}` : id === "sql" ? ` ${count(sqlCount)}` : ""}</button>)}
          </div>
          <label className="row small nowrap">Hide below
            <select className="select sel-sm" value={hide} onChange={(event) => setParams({ hide: event.target.value === "0" ? null : event.target.value }, replace)}>
              {HIDES.map(([id, label]) => <option key={id} value={id}>{label}</option>)}
            </select>
          </label>
          <label className="row small nowrap">Levels
            <select className="select sel-sm" value="" aria-label="Fold to a level" onChange={(event) => setClosed(event.target.value === "all" ? new Set() : closedBelow(trace.spans, Number(event.target.value)))}>
              <option value="" disabled>fold to</option>{[1, 2, 3, 4, 5].map((level) => <option key={level} value={level}>{level}</option>)}<option value="all">all</option>
            </select>
          </label>
          {(view.from > 0 || view.to < whole) && <Button size="sm" onClick={() => setView({ from: 0, to: whole })}>All of the trace</Button>}
        </div>
        <Waterfall trace={trace} rows={rows} selected={selected} matches={matches} idle={idle} view={view} onView={setView} onSelect={select} onToggle={toggle} />
        <div className="card-foot">
          {hidden > 0 && <span role="status">{count(hidden)} spans are hidden or folded away</span>}
          <span className="legend"><span><i className="key k5" />SQL</span><span><i className="key k3" />Commit</span><span><i className="key k6" />Pool</span><span><i className="key k7" />Write queue</span></span>
          <span className="push row hide-s"><kbd>↑</kbd> <kbd>↓</kbd> move, <kbd>←</kbd> <kbd>→</kbd> fold, <kbd>+</kbd> <kbd>-</kbd> zoom</span>
        </div>
      </section>
      {span !== undefined && <SpanPanel trace={trace} span={span} range={carried(range)} templates={templates} onClose={() => setParams({ span: null }, replace)} />}
      {selected !== null && span === undefined && <Note tone="warn">The span <span className="mono">{selected}</span> of the address is not in this trace.</Note>}
    </div>
  );
}

function compareOf(trace: Trace, range: Range): string {
  return `/console/compare?a=${trace.trace_id}${carried(range).replace("?", "&")}`;
}

/** As a file that any program reads that reads OpenTelemetry's JSON. */
function saveOtlp(trace: Trace): void {
  const address = URL.createObjectURL(new Blob([JSON.stringify(otlpOf(trace))], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `trace-${trace.trace_id}.otlp.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export function TracePage({ id, range }: { id: string; range: Range }) {
  const isId = /^[0-9a-f]{32}$/.test(id);
  const loaded = useGet<Trace>(isId ? `/api/traces/${id}` : null);
  const trace = loaded.value;
  const back = <Link className="btn" href={`/console/traces${carried(range)}`}>All traces</Link>;
  if (!isId || loaded.problem?.status === 404) {
    return (
      <>
        <PageTitle tab="No such trace" app="Console" className="vh">No such trace</PageTitle>
        <Empty title={isId ? "This trace is not here" : "This is no trace id"} action={back}>
          {isId ? "No span of it is kept: it was never sent here, or it is older than what the console keeps." : "A trace id has 32 digits of 0 to 9 and a to f."}
        </Empty>
      </>
    );
  }
  if (trace === undefined) {
    return (
      <>
        <PageTitle tab="Trace" app="Console" className="vh">Trace</PageTitle>
        {loaded.problem === undefined ? <Skeleton lines={12} /> : <ProblemPanel problem={loaded.problem} what="The trace could not be loaded" retry={loaded.reload} />}
      </>
    );
  }
  const root = trace.spans[0]!;
  return (
    <>
      <div className="page-head">
        <div className="stack stack-1 grow">
          <div className="row row-wrap">
            <PageTitle tab={root.name} app="Console" className="mono-h long">{root.name === "" ? "(no name)" : root.name}</PageTitle>
            {isRequest(root) && <Result status={root.status} http={root.http_status} />}
            {trace.repeats.length > 0 && <Badge tone="warn" icon="loop">N+1 ×{count(trace.repeats[0]!.count)}</Badge>}
          </div>
          <p className="row row-wrap small"><span className="mono long">{trace.trace_id}</span><Copy text={trace.trace_id} what="trace id" /><Time at={trace.start} style="full" /> UTC</p>
        </div>
        <div className="row"><Button icon="sync" onClick={loaded.reload} busy={loaded.isLoading ? "Loading" : undefined}>Reload</Button><Link className="btn" href={compareOf(trace, range)}><Icon name="compare" />Compare</Link><Button icon="save" onClick={() => saveOtlp(trace)} title="All that is shown, as OpenTelemetry's JSON">OTLP</Button></div>
      </div>
      <Faults trace={trace} />
      <Repeats trace={trace} />
      <Facts trace={trace} />
      <WhereItWent trace={trace} />
      <Explorer key={trace.trace_id} trace={trace} range={range} />
    </>
  );
}
