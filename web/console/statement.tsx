/* Statements: which took the most time, and what one of them did: its text, over time, for whom, with executions to look at. */
import { Lines, Bars, type Point } from "../kit/chart";
import { count, duration, durationParts, time } from "../kit/format";
import { useGet } from "../kit/load";
import {
  Button, Copy, Empty, Kpi, Kpis, Link, Note, PageTitle, ProblemNote, ProblemPanel, Skeleton, SqlId, Table, Time, setParams, useAddress, withParams, type Column,
} from "../kit/ui";
import { carried, type Range } from "./range";
import { ServerSide } from "./server";
import { Service } from "./services";
import { Sql } from "./sql";

interface Work {
  executions: number;
  failures: number;
  rows: number;
  total_ns: number;
  mean_ns: number;
  longest_ns: number;
}

interface Ranked extends Work {
  p50_ns: number;
  p95_ns: number;
  p99_ns: number;
}

interface Entry extends Ranked {
  sql_id: string;
  name: string;
}

interface StatementList {
  from: string;
  to: string;
  statements: Entry[];
  total: number;
  next_cursor: string | null;
}

interface Example {
  trace_id: string;
  span_id: string;
  start: string;
  duration_ns: number;
}

interface Statement extends Ranked {
  sql_id: string;
  hash_value: number;
  name: string;
  file: string | null;
  text: string;
  from: string;
  to: string;
  step_s: number;
  series: (Ranked & { start: string })[];
  callers: (Work & { service: string; module: string | null; action: string | null })[];
  examples: Record<"fast" | "typical" | "slow" | "failed", Example | null>;
}

const PAGE = 100;
const SORTS: Record<string, string> = { "-total": "time", "-executions": "executions", "-failures": "failures", "-rows": "rows", "-mean": "mean", "-longest": "longest" };

function Window({ from, to }: { from: string; to: string }) {
  return <><Time at={from} /> – <Time at={to} /> UTC</>;
}

/* ---- all of them ---- */

function columns(range: Range): Column<Entry>[] {
  return [
    { id: "name", head: "Statement", className: "full", cell: (entry) => <Link className="cell mono small clip-name" href={`/console/statements/${entry.sql_id}${carried(range)}`}>{entry.name === "" ? entry.sql_id : entry.name}</Link> },
    { id: "id", head: "SQL_ID", cell: (entry) => <SqlId id={entry.sql_id} query={carried(range)} /> },
    { id: "total", head: "Time", sort: "total", isNumber: true, cell: (entry) => <b>{duration(entry.total_ns)}</b> },
    { id: "executions", head: "Executions", sort: "executions", isNumber: true, className: "hide-s", cell: (entry) => count(entry.executions) },
    { id: "mean", head: "Mean", sort: "mean", isNumber: true, className: "hide-s", cell: (entry) => duration(entry.mean_ns) },
    { id: "p95", head: "p95", isNumber: true, className: "hide-s", cell: (entry) => duration(entry.p95_ns) },
    { id: "longest", head: "Longest", sort: "longest", isNumber: true, className: "hide-s", cell: (entry) => duration(entry.longest_ns) },
    { id: "rows", head: "Rows", sort: "rows", isNumber: true, className: "hide-s", cell: (entry) => count(entry.rows) },
    { id: "failures", head: "Failed", sort: "failures", isNumber: true, className: "hide-s", cell: (entry) => entry.failures > 0 ? <span className="down">{count(entry.failures)}</span> : "0" },
  ];
}

export function StatementsPage({ range }: { range: Range & { tick: number } }) {
  const { query } = useAddress();
  const asked = query.get("sort") ?? "-total";
  const sort = asked in SORTS ? asked : "-total";
  const cursor = query.get("cursor");
  const list = useGet<StatementList>("/api/statements", { from: range.since, to: range.until, sort: SORTS[sort], cursor, limit: PAGE }, { again: cursor === null ? range.tick : 0 });
  const value = list.value;
  return (
    <>
      <PageTitle tab="Statements" app="Console" className="vh">Statements</PageTitle>
      {range.ignored.length > 0 && <Note tone="warn"><b>Left out of the address:</b> <span className="long">{range.ignored.join(", ")}</span>, which is no moment.</Note>}
      <section className="card" aria-label="Statements">
        <div className="card-head"><h2>{value === undefined ? "Statements" : `${count(value.total)} ${value.total === 1 ? "statement" : "statements"}`}</h2>{value !== undefined && <p><Window from={value.from} to={value.to} /></p>}</div>
        <Table caption="Statements" columns={columns(range)} rows={value?.statements} keyOf={(entry) => entry.sql_id} hrefOf={(entry) => `/console/statements/${entry.sql_id}${carried(range)}`}
          sort={sort} sortsDownOnly isLoading={list.isLoading} isQuiet={range.isLive} problem={list.problem} what="Statements" retry={list.reload}
          empty={<Empty title="No statement ran">None was told of in this time by a span with a SQL_ID.</Empty>} />
        {value !== undefined && value.statements.length > 0 && (
          <div className="card-foot">
            <span role="status">{count(value.statements.length)} of {count(value.total)}</span>
            <nav className="row push" aria-label="Pages">
              {cursor !== null && <Link className="btn btn-sm" href={withParams({ cursor: null })}>First page</Link>}
              {value.next_cursor !== null && <Link className="btn btn-sm" rel="next" href={withParams({ cursor: value.next_cursor })}>Next {PAGE}</Link>}
            </nav>
          </div>
        )}
      </section>
    </>
  );
}

/* ---- one ---- */

const KINDS: [keyof Statement["examples"], string][] = [["slow", "Slow"], ["typical", "Typical"], ["fast", "Fast"], ["failed", "Failed"]];

function Examples({ of, range }: { of: Statement["examples"]; range: Range }) {
  const there = KINDS.flatMap(([kind, label]) => of[kind] === null ? [] : [{ label, example: of[kind]! }]);
  return (
    <section className="card" aria-label="Examples">
      <div className="card-head"><h2>Executions to look at</h2></div>
      {there.length === 0 ? <p className="card-pad muted">Their spans are no longer kept.</p> : (
        <ul className="split-list">
          {there.map(({ label, example }) => (
            <li key={label}>
              <span className="w-badge">{label}</span>
              <Link className="id" href={`/console/traces/${example.trace_id}${carried(range)}${carried(range) === "" ? "?" : "&"}span=${example.span_id}`}>{example.trace_id.slice(0, 8)}</Link>
              <span className="grow muted small"><Time at={example.start} style="clock-ms" /></span>
              <b>{duration(example.duration_ns)}</b>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

type Caller = Statement["callers"][number];
const CALLERS: Column<Caller>[] = [
  { id: "action", head: "ACTION", className: "full", cell: (caller) => <span className="caller"><span className="mono small">{caller.action ?? "—"}</span><span className="sub">{caller.module ?? <Service name={caller.service} />}</span></span> },
  { id: "executions", head: "Executions", isNumber: true, cell: (caller) => count(caller.executions) },
  { id: "mean", head: "Mean", isNumber: true, className: "hide-s", cell: (caller) => duration(caller.mean_ns) },
  { id: "total", head: "Time", isNumber: true, className: "hide-s", cell: (caller) => <b>{duration(caller.total_ns)}</b> },
];

const RANKS = [{ id: "p50", label: "p50", color: "var(--c5)" }, { id: "p95", label: "p95", color: "var(--c3)" }, { id: "p99", label: "p99", color: "var(--c4)" }];
const RUNS = [{ id: "executions", label: "executions", color: "var(--c1)" }];

function OverTime({ statement }: { statement: Statement }) {
  const points = (values: (point: Statement["series"][number]) => Record<string, number>): Point[] =>
    statement.series.map((point) => ({ label: time(point.start, statement.step_s >= 86_400 ? "day" : "clock"), values: values(point) }));
  const zoom = (at: number) => {
    const start = Date.parse(statement.series[at]!.start);
    setParams({ from: new Date(start).toISOString(), to: new Date(start + statement.step_s * 1000).toISOString() });
  };
  return (
    <div className="grid g-2">
      <section className="card" aria-label="Durations">
        <div className="card-head"><h2>Durations</h2><p>each point {duration(statement.step_s * 1e9)}</p></div>
        <div className="card-body"><Lines title="Durations of the statement over time" series={RANKS} format={duration} onPick={zoom} points={points((point) => ({ p50: point.p50_ns, p95: point.p95_ns, p99: point.p99_ns }))} /></div>
      </section>
      <section className="card" aria-label="Executions">
        <div className="card-head"><h2>Executions</h2><p>each bar {duration(statement.step_s * 1e9)}</p></div>
        <div className="card-body"><Bars title="Executions of the statement over time" series={RUNS} format={count} onPick={zoom} points={points((point) => ({ executions: point.executions }))} /></div>
      </section>
    </div>
  );
}

interface PlanAnswer {
  service: string | null;
  engine: string | null;
  plan: string[];
  reason: string | null;
}

/** How the database would run it: asked of the database, and only when somebody wants to know. */
function Plan({ id }: { id: string }) {
  const { query } = useAddress();
  const isAsked = query.get("plan") === "1";
  const loaded = useGet<PlanAnswer>(isAsked ? `/api/statements/${encodeURIComponent(id)}/plan` : null);
  const { value, problem } = loaded;
  const text = value?.plan.join("\n") ?? "";
  return (
    <section className="card" aria-label="Plan">
      <div className="card-head">
        <h2>Plan</h2>{isAsked && value?.engine != null && <p>of {value.engine}, the {value.service}&apos;s; nothing was run</p>}
        <div className="push">{isAsked
          ? <Button size="sm" busy={loaded.isLoading ? "Asking" : undefined} onClick={loaded.reload}>Ask again</Button>
          : <Button size="sm" onClick={() => setParams({ plan: "1" })}>Ask for the plan</Button>}</div>
      </div>
      {!isAsked && <p className="card-pad muted">The database says how it would run the statement, whatever its values, without running it.</p>}
      {isAsked && value === undefined && problem === undefined && <Skeleton lines={3} />}
      {isAsked && problem !== undefined && <div className="card-pad"><ProblemNote problem={problem} what="There is no plan." /></div>}
      {isAsked && problem === undefined && value?.reason != null && <div className="card-pad"><Note tone="warn"><b>No plan:</b> <span className="long">{value.reason}</span></Note></div>}
      {isAsked && problem === undefined && text !== "" && (
        <div className="card-body">
          <div className="sql-block">
            <div className="code" tabIndex={0} role="region" aria-label="Plan of the database"><pre>{text}</pre></div>
            <span className="sql-copy"><Copy text={text} what="plan" /></span>
          </div>
        </div>
      )}
    </section>
  );
}

export function StatementPage({ id, range }: { id: string; range: Range & { tick: number } }) {
  const loaded = useGet<Statement>(`/api/statements/${encodeURIComponent(id)}`, { from: range.since, to: range.until });
  const statement = loaded.value;
  if (loaded.problem?.status === 404) {
    return (
      <>
        <PageTitle tab="No such statement" app="Console" className="vh">No such statement</PageTitle>
        <Empty title="This statement did not run" action={<Link className="btn" href={`/console/statements${carried(range)}`}>All statements</Link>}>{loaded.problem.detail}</Empty>
      </>
    );
  }
  if (statement === undefined) {
    return (
      <>
        <PageTitle tab={id} app="Console" className="vh">Statement</PageTitle>
        {loaded.problem === undefined ? <Skeleton lines={12} /> : <ProblemPanel problem={loaded.problem} what="The statement could not be loaded" retry={loaded.reload} />}
      </>
    );
  }
  const part = (label: string, ns: number, tone?: "down") => {
    const { value, unit } = durationParts(ns);
    return <Kpi label={label} value={value} unit={unit} tone={tone} />;
  };
  return (
    <>
      <div className="page-head">
        <div className="stack stack-1 grow">
          <PageTitle tab={statement.name === "" ? statement.sql_id : statement.name} app="Console" className="mono-h long">{statement.name === "" ? statement.sql_id : statement.name}</PageTitle>
          <p className="row row-wrap small"><span className="tag tag-sql">{statement.sql_id}</span><Copy text={statement.sql_id} what="SQL_ID" /><span>hash value {statement.hash_value}</span><Copy text={String(statement.hash_value)} what="hash value" />{statement.file !== null && <span className="mono">{statement.file}</span>}<span className="muted"><Window from={statement.from} to={statement.to} /></span></p>
        </div>
        <Link className="btn" href={`/console/hub?sql_id=${statement.sql_id}${carried(range).replace("?", "&")}`}>Performance Hub</Link>
        <Link className="btn" href={`/console/traces?sql_id=${statement.sql_id}${carried(range).replace("?", "&")}`}>Traces with it</Link>
      </div>
      <Kpis slim>
        <Kpi label="Executions" value={count(statement.executions)} unit={`in ${duration(statement.total_ns)}`} />
        {part("Mean", statement.mean_ns)}{part("p50", statement.p50_ns)}{part("p95", statement.p95_ns)}{part("p99", statement.p99_ns)}{part("Longest", statement.longest_ns)}
        <Kpi label="Rows" value={count(statement.rows)} />
        <Kpi label="Failed" value={count(statement.failures)} tone={statement.failures > 0 ? "down" : undefined} />
      </Kpis>
      {statement.series.length > 0 && <OverTime statement={statement} />}
      <div className="grid g-wide">
        <div className="stack stack-3">
          <section className="card" aria-label="Text"><div className="card-head"><h2>SQL text</h2><p>as it is sent, byte for byte</p></div><div className="card-body"><Sql text={statement.text} /></div></section>
          <Plan id={statement.sql_id} />
          <ServerSide id={statement.sql_id} range={range} />
        </div>
        <div className="stack stack-3">
          <section className="card" aria-label="Callers">
            <div className="card-head"><h2>Who runs it</h2><p>by MODULE and ACTION</p></div>
            <Table caption="Callers" columns={CALLERS} rows={statement.callers} keyOf={(caller) => `${caller.service} ${caller.module} ${caller.action}`} empty={<p className="card-pad muted">Nobody told.</p>} />
          </section>
          <Examples of={statement.examples} range={range} />
        </div>
      </div>
    </>
  );
}
