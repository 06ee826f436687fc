/* The Trace Explorer: which requests there were, the newest or the slowest first, and those of a chosen kind. */
import { useEffect, useState } from "react";

import { count, duration } from "../kit/format";
import { useGet } from "../kit/load";
import { Badge, Empty, Link, Note, PageTitle, Table, Time, TraceId, setParams, useAddress, withParams, type Column } from "../kit/ui";
import { conditionsOf } from "./conditions";
import { Differences, Durations, boxLabel, boxOf, durationsOf } from "./durations";
import { FacetsButton, FacetsCard, type Facets } from "./facets";
import { carried, slowly, type Range } from "./range";
import { SearchBox } from "./searchbox";
import { Service } from "./services";
import { FIELDS, joined, partsOf } from "./where";

export interface TraceEntry {
  trace_id: string;
  span_id: string;
  service: string;
  name: string;
  start: string;
  duration_ns: number;
  status: "unset" | "ok" | "error";
  http_status: number | null;
  column: string | null; // the attribute that was asked for
}

interface TraceList {
  traces: TraceEntry[];
  total: number;
  next_cursor: string | null;
}

const PAGE = 100;
const TITLE_MOST = 300; // characters of a value; the whole is with its span
const NAME_MOST = 300; // of an attribute's name, as the question takes it

export function Result({ status, http }: { status: string; http: number | null }) {
  if (status === "error") {
    return <Badge tone="bad" icon="bad">{http ?? "failed"}</Badge>;
  }
  return http === null ? <span className="muted">—</span> : <Badge tone={http >= 400 ? "warn" : "ok"} icon={http >= 400 ? "warn" : "check"}>{http}</Badge>;
}

function columns(range: Range, chosen: string): Column<TraceEntry>[] {
  const href = (entry: TraceEntry) => `/console/traces/${entry.trace_id}${carried(range)}`;
  return [
    { id: "start", head: "Started", sort: "start", cell: (entry) => <span className="mono small"><Time at={entry.start} style="clock-ms" /></span> },
    { id: "name", head: "Request", className: "full", cell: (entry) => <Link className="cell mono small clip-name" href={href(entry)} title={entry.name}>{entry.name === "" ? "(no name)" : entry.name}</Link> },
    { id: "service", head: "Service", cell: (entry) => <Service name={entry.service} /> },
    ...(chosen === "" ? [] : [{
      id: "column", head: <span className="mono">{chosen}</span>, className: "late", cell: (entry: TraceEntry) => entry.column === null ? <span className="muted">—</span>
        : <span className="mono small clip-name chosen" dir="auto" title={entry.column.slice(0, TITLE_MOST)}>{entry.column.slice(0, TITLE_MOST)}</span>,
    }]),
    { id: "duration", head: "Duration", sort: "duration", isNumber: true, cell: (entry) => <b>{duration(entry.duration_ns)}</b> },
    { id: "status", head: "Result", className: "r", cell: (entry) => <Result status={entry.status} http={entry.http_status} /> },
    { id: "trace", head: "Trace", className: "hide-s", cell: (entry) => <TraceId id={entry.trace_id} short /> },
  ];
}

/** Which attribute of the requests has a column: one of those that they have, or that the address names. */
function ColumnChoice({ known, chosen }: { known: Facets | undefined; chosen: string }) {
  const names = (known?.facets ?? []).map((facet) => facet.field).filter((name) => !FIELDS.includes(name)).sort();
  return (
    <select className="select select-sm" aria-label="An attribute as a column" value={chosen} onChange={(event) => setParams({ column: event.target.value })}>
      <option value="">Column: none</option>
      {[...new Set(chosen === "" ? names : [chosen, ...names])].map((name) => <option key={name} value={name}>{name}</option>)}
    </select>
  );
}

/** A chosen few of what there is, as switches. */
function Switches({ query }: { query: URLSearchParams }) {
  const only = (name: string, value: string) => query.get(name) === value;
  const turn = (name: string, value: string) => setParams({ [name]: only(name, value) ? null : value, cursor: null });
  const all: [string, string, string][] = [["service", "octo-drone-shop", "Shop"], ["service", "enterprise-crm-portal", "CRM"], ["status", "error", "Failed"], ["min", "100ms", "100 ms or more"]];
  return (
    <div className="seg" role="group" aria-label="Only these">
      {all.map(([name, value, label]) => <button key={label} type="button" aria-pressed={only(name, value)} onClick={() => turn(name, value)}>{label}</button>)}
    </div>
  );
}

export function TracesPage({ range }: { range: Range & { tick: number } }) {
  const { query } = useAddress();
  const conditions = conditionsOf(query);
  const sort = query.get("sort") ?? "-start";
  const slowest = sort === "-duration";
  const cursor = query.get("cursor");
  const column = query.get("column") ?? "";
  const chosen = column.length <= NAME_MOST ? column : "";
  const box = boxOf(query.get("box") ?? "");
  const plot = query.get("plot") === "dots" ? "dots" : "heat";
  const { where } = conditions;
  const all = slowly(range);
  // A condition that the console refuses is left out, with what it said of it: the rest of the address works.
  const [refused, setRefused] = useState({ where: "", why: "" });
  const isRefused = where !== "" && refused.where === where;
  const params = { ...conditions.params, q: isRefused ? "" : where };
  const facets = useGet<Facets>("/api/traces/facets", { ...params, since: all.since, until: all.until, values: 20 }, { again: all.tick });
  const why = facets.problem?.errors.find((fault) => fault.pointer === "q")?.message;
  useEffect(() => {
    if (why !== undefined) {
      setRefused({ where, why });
    }
  // Of the question that was answered so: the address may have another condition by now.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [why]);
  const inBox = box === undefined ? { since: range.since, until: range.until, q: params.q } : {
    since: new Date(box.from).toISOString(), until: new Date(box.to).toISOString(), q: joined([...partsOf(params.q), ...partsOf(durationsOf(box))]),
  };
  const list = useGet<TraceList>("/api/traces", {
    ...params, ...inBox, sort: slowest ? "slowest" : "newest", cursor, limit: PAGE, column: chosen,
  }, { again: cursor === null ? range.tick : 0 });
  const traces = list.value?.traces ?? [];
  const ignored = [
    ...conditions.ignored, ...range.ignored, ...(chosen === column ? [] : [`column=${column.slice(0, 40)}…`]), ...(["-start", "-duration"].includes(sort) ? [] : [`sort=${sort}`]),
    ...(box === undefined && query.get("box") ? [`box=${query.get("box")!}`] : []), ...(["", "heat", "dots"].includes(query.get("plot") ?? "") ? [] : [`plot=${query.get("plot")!}`]),
  ];
  const isNarrowed = conditions.set.length > 0 || where !== "" || box !== undefined || range.from !== "" || range.to !== "";
  const clear = withParams(Object.fromEntries(["from", "to", "cursor", "q", "box", ...conditions.set.map(({ condition }) => condition.name)].map((name) => [name, null])));
  const names = [...new Set(traces.flatMap((entry) => [`service:${entry.service}`, entry.name]))].slice(0, 40);
  const selection = { ...params, since: all.since, until: all.until };
  return (
    <>
      <PageTitle tab="Traces" app="Console" className="vh">Trace Explorer</PageTitle>
      <SearchBox conditions={conditions} names={names} known={facets.value?.facets ?? []} />
      {ignored.length > 0 && <Note tone="warn"><b>Left out of the address:</b> <span className="long" dir="auto">{ignored.join(", ")}</span>, which cannot be understood. The rest is shown.</Note>}
      {isRefused && <Note tone="warn"><b>Left out of the search:</b> <span className="mono long" dir="auto">{where}</span>. <span className="long">{refused.why}</span></Note>}
      <div className="grid g-facets">
        <FacetsCard loaded={facets} where={where} />
        <div className="stack stack-3">
          {list.value?.total === 0 && !isNarrowed ? null : (
            <div className="grid g-heat stretch">
              <Durations plot={plot} params={selection} again={all.tick} box={box} hrefOf={(id) => `/console/traces/${id}${carried(range)}`}
                dots={traces.map((entry) => ({ id: entry.trace_id, at: Date.parse(entry.start), ns: entry.duration_ns, service: entry.service, isError: entry.status === "error" }))} />
              <Differences params={selection} box={box} where={params.q} again={all.tick} />
            </div>
          )}
          <section className="card" aria-label="Traces">
            <div className="card-head">
              <h2>{list.value === undefined ? "Traces" : `${count(list.value.total)} ${list.value.total === 1 ? "trace" : "traces"}`}</h2>
              <p>{slowest ? "slowest first" : "newest first"}{box !== undefined && `, ${boxLabel(box)}`}</p>
              <div className="row row-wrap push"><FacetsButton loaded={facets} where={where} /><ColumnChoice known={facets.value} chosen={chosen} /><Switches query={query} /></div>
            </div>
            <Table caption={slowest ? "Traces, the slowest first" : "Traces, the newest first"} columns={columns(range, chosen)} rows={list.value?.traces}
              keyOf={(entry) => entry.span_id} hrefOf={(entry) => `/console/traces/${entry.trace_id}${carried(range)}`} sort={slowest ? "-duration" : "-start"} sortsDownOnly
              isLoading={list.isLoading} isQuiet={range.isLive} problem={list.problem} what="Traces" retry={list.reload}
              empty={isNarrowed
                ? <Empty title="No trace fits" action={<Link className="btn" href={clear}>Clear all conditions</Link>}>There are none with these conditions in this time.</Empty>
                : <Empty title="No spans yet">Programs send them to this host by OTLP over HTTP; what <code>octo up</code> starts does so by itself.</Empty>} />
            {list.value !== undefined && list.value.traces.length > 0 && (
              <div className="card-foot">
                <span role="status">{count(list.value.traces.length)} of {count(list.value.total)}{cursor !== null && ", not from the first"}</span>
                <span className="push row hide-s"><kbd>J</kbd> <kbd>K</kbd> move, <kbd>Enter</kbd> opens</span>
                <nav className="row" aria-label="Pages">
                  {cursor !== null && <Link className="btn btn-sm" href={withParams({ cursor: null })}>First page</Link>}
                  {list.value.next_cursor !== null && <Link className="btn btn-sm" rel="next" href={withParams({ cursor: list.value.next_cursor })}>Next {PAGE}</Link>}
                </nav>
              </div>
            )}
          </section>
        </div>
      </div>
    </>
  );
}
