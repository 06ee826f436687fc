/*
 * The sessions that the services have of their databases at this moment: for whom each works, what it runs or ran last, what
 * it waits for, since when and because of whom. It is asked of the services again and again while the view is live.
 */
import { useState } from "react";

import { count, duration, time } from "../kit/format";
import { useGet } from "../kit/load";
import { Button, Empty, Icon, Link, Note, PageTitle, ProblemPanel, Skeleton, SqlId, Table, TraceId, setParams, useAddress, type Column } from "../kit/ui";
import { isSqlId, isTraceId } from "./conditions";
import { Pools, type PoolsOverTime } from "./pools";
import { carried, type Range } from "./range";
import { serviceKey, shortName } from "./services";

interface Session {
  sid: number;
  service: string;
  pool: string;
  state: string; // idle, active, waiting; of a server also "in transaction", "aborted", "other"
  module: string; // the tags are those of who has it; "": nobody
  action: string;
  client_identifier: string;
  sql_id: string;
  statement: string;
  waits_for: string;
  blocked_by: number[];
  state_ms: number;
}

interface Now {
  sessions: Session[];
  missing: { service: string; reason: string }[];
}

const NS_PER_MS = 1e6;
const IDLE = "idle";
const STATES: Record<string, { key: string; word: string }> = {
  active: { key: "k5", word: "Running" }, "in transaction": { key: "", word: "Next statement" }, aborted: { key: "", word: "Roll-back" }, other: { key: "", word: "Server" },
};

/** Who only looks at sessions is there because somebody asked. */
const isAtWork = (one: Session) => one.state !== IDLE && one.pool !== "observer";

/** What one of the engines calls a wait, in words and with the colour that such a wait has everywhere. */
export function waitOf(session: { state: string; waits_for: string }): { key: string; word: string } | undefined {
  const name = session.waits_for;
  const process = /^process:(\d+)$/.exec(name);
  if (process !== null) {
    return { key: "k7", word: `Turn to write, process ${process[1]} has it` };
  }
  switch (name) {
    case "": return STATES[session.state];
    case "turn": return { key: "k7", word: "Turn to write" };
    case "commit": case "IO:WALSync": case "IO:WalSync": case "LWLock:WALWrite": case "log file sync": return { key: "k3", word: "Commit" };
    case "Lock:transactionid": case "Lock:tuple": case "enq: TX - row lock contention": return { key: "k4", word: "Row lock" };
    default: return { key: name.startsWith("Lock:") || name.startsWith("enq: ") ? "k4" : "", word: name };
  }
}

/** Who stands in another's way first, then who waits longest, who works longest, who does nothing. */
export function inOrder(sessions: Session[]): Session[] {
  const rank = (one: Session) => one.blocked_by.length > 0 ? 0 : one.state === "waiting" ? 1 : one.state === IDLE ? 3 : 2;
  return [...sessions].sort((a, b) => rank(a) - rank(b) || b.state_ms - a.state_ms || a.sid - b.sid);
}

function Wait({ of }: { of: Session }) {
  const wait = waitOf(of);
  if (wait === undefined) {
    return <span className="muted">{of.state}</span>;
  }
  return <span className="row nowrap" title={of.waits_for || of.state}><i className={`key ${wait.key}`} aria-hidden="true" /><span className="clip">{wait.word}</span></span>;
}

/** Blockers that are sessions of ours say what they are at. */
function Blockers({ of, all }: { of: Session; all: Session[] }) {
  if (of.blocked_by.length === 0) {
    return <span className="muted none">—</span>;
  }
  const actionOf = (sid: number) => {
    const one = all.find((other) => other.sid === sid && other.service === of.service) ?? all.find((other) => other.sid === sid);
    return one === undefined ? "none of ours" : one.action || one.statement || one.state;
  };
  return (
    <span className="blockers">
      {of.blocked_by.map((sid) => <span key={sid} className="row nowrap" title={actionOf(sid)}><Icon name="lock" />SID {sid}</span>)}
    </span>
  );
}

function columns(range: Range, all: Session[]): Column<Session>[] {
  const dash = <span className="muted none">—</span>;
  return [
    { id: "sid", head: "SID", cell: (one) => <b>{one.sid}</b> },
    { id: "module", head: "MODULE", cell: (one) => <span className="row nowrap"><i className={`key ${serviceKey(one.module || one.service)}`} aria-hidden="true" /><span className="clip">{one.module || shortName(one.service)}</span></span> },
    { id: "action", head: "ACTION", className: "c-action", cell: (one) => one.action === "" ? dash : <Link className="cell mono small clip-name" title={one.action} href={`/console/hub?${new URLSearchParams({ action: one.action })}`}>{one.action}</Link> },
    { id: "statement", head: "Statement", className: "c-action", cell: (one) => one.statement === "" ? dash : <span className="mono small clip-name" title={one.state === IDLE ? "ran last" : undefined}>{one.statement}</span> },
    { id: "wait", head: "Waits for", cell: (one) => <Wait of={one} /> },
    { id: "since", head: "Since", isNumber: true, cell: (one) => <span className={one.state === "waiting" ? "down strong" : undefined}>{one.state_ms === 0 ? "now" : duration(one.state_ms * NS_PER_MS)}</span> },
    { id: "blocked", head: "Blocked by", className: "c-blocked", cell: (one) => <Blockers of={one} all={all} /> },
    { id: "sql_id", head: "SQL_ID", className: "hide-s", cell: (one) => isSqlId(one.sql_id) ? <SqlId id={one.sql_id} query={carried(range)} /> : dash },
    { id: "client", head: "CLIENT_IDENTIFIER", className: "hide-s", cell: (one) => isTraceId(one.client_identifier) ? <TraceId id={one.client_identifier} short /> : one.client_identifier === "" ? dash : <span className="mono small clip-name">{one.client_identifier}</span> },
    { id: "pool", head: "Pool", className: "r", cell: (one) => <span className="muted">{one.pool}</span> },
  ];
}

export function SessionsNow({ range }: { range: Range & { tick: number } }) {
  const { query } = useAddress();
  const loaded = useGet<Now>("/api/hub/sessions", {}, { again: range.tick });
  const [asked, setAsked] = useState(false);
  const isAll = query.get("show") === "all";
  const all = loaded.value?.sessions;
  const busy = all?.filter(isAtWork);
  const shown = all === undefined ? undefined : inOrder(isAll ? all : busy!);
  const missing = loaded.value?.missing ?? [];
  const askAgain = () => {
    setAsked(true);
    loaded.reload();
  };
  return (
    <section className="card" id="sessions" aria-label="Sessions now">
      <div className="card-head">
        <h2>Sessions now</h2>
        <p role="status">{all === undefined ? "" : `${count(busy!.length)} of ${count(all.length)} ${busy!.length === 1 ? "is" : "are"} at work`}</p>
        <div className="row push">
          {!range.isLive && <Button size="sm" onClick={askAgain}>Ask again</Button>}
          <div className="seg" role="group" aria-label="Show">
            <button type="button" aria-pressed={!isAll} onClick={() => setParams({ show: null })}>At work</button>
            <button type="button" aria-pressed={isAll} onClick={() => setParams({ show: "all" })}>All</button>
          </div>
        </div>
      </div>
      {missing.map(({ service, reason }) => <Note key={service} tone="warn"><b>Not of {shortName(service)}:</b> <span className="long">{reason}</span></Note>)}
      <Table caption="Database sessions of this moment" columns={columns(range, all ?? [])} rows={shown} keyOf={(one) => `${one.service} ${one.sid}`} skeletonRows={4}
        isLoading={loaded.isLoading} isQuiet={range.isLive && !asked} problem={loaded.problem} what="Sessions" retry={loaded.reload}
        empty={all !== undefined && all.length > 0
          ? <Empty title="No session is at work" action={<Button onClick={() => setParams({ show: "all" })}>All {count(all.length)}</Button>}>All of them wait for somebody to need them.</Empty>
          : <Empty title="No database has a session">{missing.length > 0 ? "Of the services that could be asked none has one." : "Services open them as they are needed."}</Empty>} />
    </section>
  );
}

export function SessionsPage({ range }: { range: Range & { tick: number } }) {
  const pools = useGet<PoolsOverTime>("/api/hub", { from: range.since, to: range.until, top: 1 }, { again: range.tick });
  return (
    <>
      <PageTitle tab="Sessions and pools" app="Console" className="vh">Sessions and pools</PageTitle>
      {range.ignored.length > 0 && <Note tone="warn"><b>Left out of the address:</b> <span className="long">{range.ignored.join(", ")}</span>, which is no moment.</Note>}
      {pools.value === undefined && (pools.problem === undefined ? <Skeleton lines={6} /> : <ProblemPanel problem={pools.problem} what="Pools could not be loaded" retry={pools.reload} />)}
      {pools.value !== undefined && pools.problem !== undefined && <Note tone="warn"><b>Older than it should be, as of {time(pools.value.times[pools.value.times.length - 1], "clock")}:</b> {pools.problem.detail}</Note>}
      {pools.value !== undefined && <Pools of={pools.value} />}
      <SessionsNow range={range} />
    </>
  );
}
