/*
 * The audit of what leads from a request to its statements: for how many the SQL_ID is that of the text, the tags are the
 * trace's and the parent is stored; what does not fit and why; services whose clocks are apart.
 */
import { count, duration, percent } from "../kit/format";
import { useGet } from "../kit/load";
import { Badge, Empty, Icon, Link, LongText, Note, PageTitle, Pill, ProblemPanel, Skeleton, SqlId, Table, Time, setParams, useAddress, withParams, type Column } from "../kit/ui";
import { carried, type Range } from "./range";
import { Retention } from "./retention";
import { Service } from "./services";

interface Shares {
  spans: number; // of statements
  with_sql_id: number;
  with_tags: number;
  with_trace: number;
  whole: number; // all three fit
}

interface Clock {
  service: string;
  caller: string;
  ahead_ns: number;
  uncertainty_ns: number;
  questions: number;
  is_off: boolean;
}

interface Mismatch {
  kind: string;
  service: string;
  sql_id: string | null;
  name: string | null;
  count: number;
  said: string | null;
  reason: string;
  trace_id: string | null; // an example
  span_id: string | null;
  start: string | null;
}

interface Match {
  from: string;
  to: string;
  all: Shares;
  services: (Shares & { service: string })[];
  clocks: Clock[];
  mismatches: Mismatch[];
  total: number;
  next_cursor: string | null;
}

const KINDS: Record<string, string> = {
  no_sql_id: "No SQL_ID", odd_sql_id: "No valid SQL_ID", altered_text: "Another text's SQL_ID", unknown_statement: "In no catalogue", no_tags: "Tags missing",
  foreign_tag: "Another trace's tag", no_trace: "Below nothing", no_parent: "Parent missing", clock_off: "Clocks apart",
};
const PAGE = 100;
const ROUND = 2 * Math.PI * 15; // of the ring

/** All of them is a promise that one in a million breaks: it is never rounded up to. */
function share(part: number, of: number): string {
  return part === of ? "100 %" : part / of > 0.9995 ? `${(Math.floor((part / of) * 100_000) / 1000).toFixed(3)} %` : percent(part / of);
}

function Score({ label, part, of, says }: { label: string; part: number; of: number; says: string }) {
  const isWhole = part === of;
  return (
    <section className="card card-body score" aria-label={label}>
      <svg className="ring" viewBox="0 0 36 36" aria-hidden="true" fill="none" strokeWidth="3.5">
        <circle cx="18" cy="18" r="15" stroke="var(--line)" />
        <circle cx="18" cy="18" r="15" stroke={isWhole ? "var(--ok)" : "var(--warn)"} strokeDasharray={`${(part / of) * ROUND} ${ROUND}`} transform="rotate(-90 18 18)" />
        <path d={isWhole ? "M12 18l4.5 4.500L25 14" : "M18 11v9M18 24.500v.5"} stroke={isWhole ? "var(--ok)" : "var(--warn)"} strokeLinecap="round" />
      </svg>
      <div className="stack stack-1"><h2>{label}</h2><p className={isWhole ? "big-n" : "big-n warn"}>{share(part, of)}</p><p className="muted small">{isWhole ? says : `${count(of - part)} of ${count(of)} not`}</p></div>
    </section>
  );
}

function Scores({ of }: { of: Shares }) {
  return (
    <div className="grid g-4 keep-2">
      <Score label="Right SQL_ID" part={of.with_sql_id} of={of.spans} says="each is that of its text" />
      <Score label="Right tags" part={of.with_tags} of={of.spans} says="CLIENT_IDENTIFIER is the trace id" />
      <Score label="Right trace" part={of.with_trace} of={of.spans} says="what each stands below is stored" />
      <Score label="All three" part={of.whole} of={of.spans} says={`of ${count(of.spans)} statements`} />
    </div>
  );
}

function exampleOf(one: Mismatch, range: Range): string | null {
  return one.trace_id === null ? null : `/console/traces/${one.trace_id}${carried(range)}${one.span_id === null ? "" : `${carried(range) === "" ? "?" : "&"}span=${one.span_id}`}`;
}

function columns(range: Range): Column<Mismatch>[] {
  return [
    { id: "kind", head: "What", cell: (one) => <Badge tone="warn">{KINDS[one.kind] ?? one.kind}</Badge> },
    { id: "count", head: "Times", isNumber: true, cell: (one) => <b>{count(one.count)}</b> },
    { id: "name", head: "Statement", className: "full", cell: (one) => (
      <span className="row row-wrap">{one.name !== null && one.name !== "" && <span className="mono small clip-name">{one.name}</span>}{one.sql_id !== null && <SqlId id={one.sql_id} query={carried(range)} />}{one.sql_id === null && (one.name ?? "") === "" && <span className="muted">—</span>}</span>
    ) },
    { id: "service", head: "Service", className: "hide-s", cell: (one) => <Service name={one.service} /> },
    { id: "reason", head: "Why", className: "full", cell: (one) => <span className="audit-why"><LongText text={one.reason} most={200} />{one.said !== null && one.said !== "" && <span className="muted small"> Said: <span className="mono"><LongText text={one.said} most={80} /></span></span>}</span> },
    { id: "example", head: "Example", cell: (one) => {
      const href = exampleOf(one, range);
      return href === null ? <span className="muted">—</span> : <Link className="id" href={href}>{one.trace_id!.slice(0, 8)}</Link>;
    } },
  ];
}

function Clocks({ clocks }: { clocks: Clock[] }) {
  return (
    <section className="card" aria-label="Clocks">
      <div className="card-head"><h2>Clocks</h2><p>of services that ask each other</p></div>
      {clocks.length === 0 ? <p className="card-pad muted">No service asked another.</p> : (
        <ul className="split-list">
          {clocks.map((clock) => (
            <li key={`${clock.service} ${clock.caller}`}>
              <Service name={clock.service} /><span className="grow muted small">against</span><Service name={clock.caller} />
              <span className="push muted small nowrap">± {duration(clock.uncertainty_ns)}</span>
              <b className={clock.is_off ? "warn nowrap" : "nowrap"}>{clock.ahead_ns > 0 ? "+" : ""}{duration(clock.ahead_ns)}</b>{clock.is_off && <Icon name="warn" />}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Services({ services }: { services: Match["services"] }) {
  const shown: Column<Match["services"][number]>[] = [
    { id: "service", head: "Service", cell: (one) => <Link className="cell" href={withParams({ service: one.service, cursor: null })}><Service name={one.service} /></Link> },
    { id: "whole", head: "All fits", isNumber: true, cell: (one) => <b className={one.whole === one.spans ? undefined : "warn"}>{share(one.whole, one.spans)}</b> },
    { id: "spans", head: "Statements", isNumber: true, className: "hide-s", cell: (one) => count(one.spans) },
  ];
  return (
    <section className="card" aria-label="Services">
      <div className="card-head"><h2>By service</h2></div>
      <Table caption="Services" columns={shown} rows={services} keyOf={(one) => one.service} empty={<p className="card-pad muted">None.</p>} />
    </section>
  );
}

export function AuditPage({ range }: { range: Range & { tick: number } }) {
  const { query } = useAddress();
  const service = query.get("service") ?? "";
  const cursor = query.get("cursor");
  const loaded = useGet<Match>("/api/match", { from: range.since, to: range.until, service, cursor, limit: PAGE });
  const value = loaded.value;
  return (
    <>
      <div className="page-head">
        <div className="stack stack-1 grow">
          <PageTitle tab="Audit" app="Console">Correlation audit</PageTitle>
          <p className="soft">Does every statement lead to its request, and every request to its statements?{value !== undefined && <> Spans of <Time at={value.from} /> – <Time at={value.to} /> UTC.</>}</p>
        </div>
        <button type="button" className="btn" onClick={loaded.reload}><Icon name="sync" />Audit again</button>
      </div>
      {range.ignored.length > 0 && <Note tone="warn"><b>Left out of the address:</b> <span className="long">{range.ignored.join(", ")}</span>, which is no moment.</Note>}
      {service !== "" && <div className="filters"><Pill name="service" onRemove={() => setParams({ service: null, cursor: null })}>{service}</Pill></div>}
      {value === undefined && (loaded.problem === undefined ? <Skeleton lines={12} /> : <ProblemPanel problem={loaded.problem} what="The audit could not be made" retry={loaded.reload} />)}
      {value !== undefined && loaded.problem !== undefined && <Note tone="warn"><b>Older than it should be:</b> {loaded.problem.detail}</Note>}
      {value !== undefined && value.all.spans === 0 && <Empty title="No statement to audit">No span told of one in this time.</Empty>}
      {value !== undefined && value.all.spans > 0 && (
        <>
          <Scores of={value.all} />
          <section className="card" aria-label="What does not fit">
            <div className="card-head"><h2>What does not fit</h2><p>{value.total === 0 ? "nothing" : `${count(value.total)} ${value.total === 1 ? "cause" : "causes"}`}</p></div>
            <Table caption="What does not fit" columns={columns(range)} rows={value.mismatches} keyOf={(one) => `${one.kind} ${one.service} ${one.sql_id} ${one.said}`} isLoading={loaded.isLoading}
              empty={<Empty title="Everything fits">Every statement of this time has the SQL_ID of its text, the tags of its trace and its place in it.</Empty>} />
            {value.mismatches.length > 0 && (
              <div className="card-foot">
                <span role="status">{count(value.mismatches.length)} of {count(value.total)}</span>
                <nav className="row push" aria-label="Pages">
                  {cursor !== null && <Link className="btn btn-sm" href={withParams({ cursor: null })}>First page</Link>}
                  {value.next_cursor !== null && <Link className="btn btn-sm" rel="next" href={withParams({ cursor: value.next_cursor })}>Next {PAGE}</Link>}
                </nav>
              </div>
            )}
          </section>
          <div className="grid g-2"><Services services={value.services} /><Clocks clocks={value.clocks} /></div>
        </>
      )}
      <Retention />
    </>
  );
}
