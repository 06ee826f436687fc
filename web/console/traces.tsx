/* The Trace Explorer: which requests there were, the newest or the slowest first, and those of a chosen kind. */
import { useRef, useState, type FormEvent } from "react";

import { count, duration } from "../kit/format";
import { useGet } from "../kit/load";
import {
  Badge, Button, Empty, Icon, Link, Note, PageTitle, Pill, Table, Time, TraceId, navigate, setParams, useAddress, useKeys, withParams, type Column,
} from "../kit/ui";
import { conditionsOf, read, type Conditions } from "./conditions";
import { carried, type Range } from "./range";
import { Scatter, type Box } from "./scatter";
import { Service } from "./services";

export interface TraceEntry {
  trace_id: string;
  span_id: string;
  service: string;
  name: string;
  start: string;
  duration_ns: number;
  status: "unset" | "ok" | "error";
  http_status: number | null;
}

interface TraceList {
  traces: TraceEntry[];
  total: number;
  next_cursor: string | null;
}

const PAGE = 100;

export function Result({ status, http }: { status: string; http: number | null }) {
  if (status === "error") {
    return <Badge tone="bad" icon="bad">{http ?? "failed"}</Badge>;
  }
  return http === null ? <span className="muted">—</span> : <Badge tone={http >= 400 ? "warn" : "ok"} icon={http >= 400 ? "warn" : "check"}>{http}</Badge>;
}

function columns(range: Range): Column<TraceEntry>[] {
  const href = (entry: TraceEntry) => `/console/traces/${entry.trace_id}${carried(range)}`;
  return [
    { id: "start", head: "Started", sort: "start", cell: (entry) => <span className="mono small"><Time at={entry.start} style="clock-ms" /></span> },
    { id: "name", head: "Request", className: "full", cell: (entry) => <Link className="cell mono small clip-name" href={href(entry)} title={entry.name}>{entry.name === "" ? "(no name)" : entry.name}</Link> },
    { id: "service", head: "Service", cell: (entry) => <Service name={entry.service} /> },
    { id: "duration", head: "Duration", sort: "duration", isNumber: true, cell: (entry) => <b>{duration(entry.duration_ns)}</b> },
    { id: "status", head: "Result", className: "r", cell: (entry) => <Result status={entry.status} http={entry.http_status} /> },
    { id: "trace", head: "Trace", className: "hide-s", cell: (entry) => <TraceId id={entry.trace_id} short /> },
  ];
}

function SearchBox({ conditions, list }: { conditions: Conditions; list: TraceEntry[] }) {
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState("");
  const input = useRef<HTMLInputElement>(null);
  useKeys([{ keys: "/", does: "Search", run: () => input.current?.focus() }]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed.trim() === "") {
      return;
    }
    const found = read(typed);
    if (found.kind === "wrong") {
      setWrong(found.why);
      return;
    }
    setWrong("");
    setTyped("");
    if (found.kind === "trace") {
      navigate(`/console/traces/${found.id}`);
    } else {
      setParams({ ...found.params, cursor: null });
    }
  };
  const suggestions = [...new Set(list.flatMap((entry) => [`service:${entry.service}`, entry.name]))].slice(0, 40);
  return (
    <form className="stack stack-1" role="search" onSubmit={submit}>
      <div className="row row-wrap">
        <div className="query grow">
          <Icon name="search" />
          {conditions.set.map(({ condition, value }) => (
            <Pill key={condition.name} name={condition.label} onRemove={() => setParams({ [condition.name]: null, cursor: null })}>{condition.shown?.(value) ?? value}</Pill>
          ))}
          <input ref={input} className="bare grow" list="traces-known" aria-label="Add a condition, or paste a trace id or SQL_ID" aria-invalid={wrong !== "" || undefined}
            aria-describedby={wrong === "" ? undefined : "traces-wrong"} placeholder="Add a condition, or paste a trace id or SQL_ID" value={typed}
            onChange={(event) => { setTyped(event.target.value); setWrong(""); }} />
          <datalist id="traces-known">{suggestions.map((one) => <option key={one} value={one} />)}<option value="status:error" /><option value="min:100ms" /></datalist>
          <kbd aria-hidden="true">/</kbd>
        </div>
        <Button type="submit" kind="primary">Search</Button>
      </div>
      {wrong !== "" && <p className="field-error" id="traces-wrong" role="alert"><Icon name="warn" />{wrong}</p>}
    </form>
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

function select(box: Box): void {
  const MS = 1e6;
  setParams({
    from: new Date(box.from).toISOString(), to: new Date(box.to).toISOString(), cursor: null,
    min: `${Math.floor(box.minNs / MS)}ms`, max: `${Math.max(1, Math.ceil(box.maxNs / MS))}ms`,
  });
}

export function TracesPage({ range }: { range: Range & { tick: number } }) {
  const { query } = useAddress();
  const conditions = conditionsOf(query);
  const sort = query.get("sort") ?? "-start";
  const slowest = sort === "-duration";
  const cursor = query.get("cursor");
  const list = useGet<TraceList>("/api/traces", {
    ...conditions.params, since: range.since, until: range.until, sort: slowest ? "slowest" : "newest", cursor, limit: PAGE,
  }, { again: cursor === null ? range.tick : 0 });
  const traces = list.value?.traces ?? [];
  const ignored = [...conditions.ignored, ...range.ignored, ...(["-start", "-duration"].includes(sort) ? [] : [`sort=${sort}`])];
  const isNarrowed = conditions.set.length > 0 || range.from !== "" || range.to !== "";
  const clear = withParams(Object.fromEntries(["from", "to", "cursor", ...conditions.set.map(({ condition }) => condition.name)].map((name) => [name, null])));
  return (
    <>
      <PageTitle tab="Traces" app="Console" className="vh">Trace Explorer</PageTitle>
      <SearchBox conditions={conditions} list={traces} />
      {ignored.length > 0 && <Note tone="warn"><b>Left out of the address:</b> <span className="long" dir="auto">{ignored.join(", ")}</span>, which cannot be understood. The rest is shown.</Note>}
      {traces.length > 0 && (
        <section className="card" aria-label="Durations">
          <div className="card-head">
            <h2>Durations</h2><p>of the {count(traces.length)} below; draw a box to search within</p>
            <div className="legend push"><span><i className="key k1" />Shop</span><span><i className="key k2" />CRM</span><span><i className="key" />others</span><span><span className="down" aria-hidden="true">×</span>failed</span></div>
          </div>
          <div className="card-body">
            <Scatter dots={traces.map((entry) => ({ id: entry.trace_id, at: Date.parse(entry.start), ns: entry.duration_ns, service: entry.service, isError: entry.status === "error" }))}
              onSelect={select} onOpen={(id) => navigate(`/console/traces/${id}${carried(range)}`)} />
          </div>
        </section>
      )}
      <section className="card" aria-label="Traces">
        <div className="card-head">
          <h2>{list.value === undefined ? "Traces" : `${count(list.value.total)} ${list.value.total === 1 ? "trace" : "traces"}`}</h2>
          <p>{slowest ? "slowest first" : "newest first"}</p>
          <div className="push"><Switches query={query} /></div>
        </div>
        <Table caption={slowest ? "Traces, the slowest first" : "Traces, the newest first"} columns={columns(range)} rows={list.value?.traces}
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
    </>
  );
}
