/* The synchronisation with the shop: how it stands, its runs as they end, and each order's line of the trail. */
import { useState } from "react";

import { count } from "../kit/format";
import { Choice, Name, NoMatch, NumberedPages, useOffset } from "../kit/lists";
import { useLive } from "../kit/live";
import { useGet } from "../kit/load";
import { sentence, State } from "../kit/states";
import { Badge, Button, Empty, Kv, Link, PageTitle, ProblemNote, Skeleton, Table, Time, TraceId, useParam, withParams, type Column } from "../kit/ui";
import { RoleNote, useMay } from "./session";
import { leaseOf, Progress, SYNC_EVENTS, SyncSays, toldOf, useSync, type Read, type Run } from "./syncrun";
import type { SyncEntry, SyncHealth } from "./types";
import { APP } from "./words/app";
import { SYNC } from "./words/sync";

const ENTRIES = 50;
const RUNS = 20;
const COLUMNS: Column<SyncEntry>[] = [
  { id: "at", head: SYNC.when, className: "full", cell: (row) => <Time at={row.created_at} style="full" /> },
  { id: "order", head: SYNC.shopsOrder, isNumber: true, cell: (row) => row.source_order_id === null ? <span className="muted">—</span> : <Link className="cell" href={withParams({ order: row.source_order_id, page: null })}>#{row.source_order_id}</Link> },
  { id: "action", head: SYNC.action, cell: (row) => sentence(row.sync_action) },
  { id: "status", head: SYNC.outcome, className: "r", cell: (row) => <State word={row.sync_status} /> },
  { id: "message", head: SYNC.why, className: "full late", cell: (row) => row.message === null ? <span className="muted hide-s">—</span> : <Name text={row.message} most={300} /> },
  { id: "trace", head: SYNC.trace, className: "hide-s", cell: (row) => row.trace_id === null ? <span className="muted">—</span> : <TraceId id={row.trace_id} short /> },
];

function Now({ health }: { health: SyncHealth }) {
  const stats = health.stats;
  return (
    <Kv pairs={[
      [SYNC.runs, health.enabled ? SYNC.byItselfEveryS(count(health.interval_seconds)) : SYNC.onlyWhenSomebodyAsks],
      [SYNC.lease, leaseOf(health)],
      [SYNC.source, <Name text={health.source} />],
      [SYNC.watermark, health.watermark === null ? SYNC.noneTheNextRunTakes : <span className="mono small"><Time at={health.watermark} style="full" /></span>],
      [SYNC.lastSuccess, stats && (stats.last_successful_sync === null ? SYNC.never : <span><Time at={stats.last_successful_sync} showAge /> {SYNC.ago}</span>)],
      [SYNC.orders, stats && SYNC.takenOverFailed(count(stats.successful), count(stats.failed))],
    ]} />
  );
}

function Trail() {
  const [status] = useParam("status");
  const [order] = useParam("order");
  const offset = useOffset(ENTRIES);
  const trail = useGet<{ entries: SyncEntry[]; total: number }>("/api/orders/sync/audit", { sync_status: status, source_order_id: order, limit: ENTRIES, offset: offset === 0 ? null : offset }, { everyMs: 30_000 });
  const rows = trail.value?.entries;
  return (
    <section className="card" aria-labelledby="trail">
      <div className="card-head">
        <h2 id="trail">{SYNC.history}</h2>
        <div className="filters push">
          <Choice name="status" label={SYNC.outcome} words={["success", "failed"]} />
          {order !== "" && <Choice name="order" label={SYNC.shopsOrder} words={[]} labelOf={(word) => `#${word}`} />}
        </div>
      </div>
      <Table caption={SYNC.whatTheSynchronisationDidNewest} columns={COLUMNS} rows={rows} keyOf={(row) => row.id} isLoading={trail.isLoading} problem={trail.problem} what={SYNC.history}
        retry={trail.reload} empty={status + order !== "" ? <NoMatch what={SYNC.entries} /> : <Empty title={SYNC.nothingWasSyncedYet} />} />
      {trail.value !== undefined && rows !== undefined && rows.length > 0 && <NumberedPages total={trail.value.total} what={SYNC.entries} limit={ENTRIES} />}
    </section>
  );
}

export function SyncPage() {
  const mayWrite = useMay("write");
  const mayWatch = useMay("watch");
  const health = useGet<SyncHealth>("/api/observability/360/sync-health", {}, { everyMs: 30_000 });
  const [runs, setRuns] = useState<Run[]>([]);
  const [read, setRead] = useState<Read>(); // by the run that is at it
  const sync = useSync();
  const live = useLive(mayWatch ? SYNC_EVENTS : null, ["progress", "run", "missed"], (data, type) => {
    setRead(type === "progress" ? data as Read : undefined);
    if (type === "run" && (data as Run).status !== "busy") {
      setRuns((before) => [data as Run, ...before].slice(0, RUNS));
    }
    if (type !== "progress") {
      health.reload();
    }
  });
  return (
    <>
      <div className="page-head">
        <PageTitle tab={SYNC.orderSync} app={APP}>{SYNC.orderSync}</PageTitle>
        <div className="row row-wrap">
          {mayWatch && <span className={live === "live" ? "live" : "live live-off"}>{live === "live" ? SYNC.live : live === "lost" ? SYNC.noLongerLiveConnectingAgain : SYNC.connecting}</span>}
          {mayWrite && <Button onClick={() => sync.run(true)} busy={sync.busy}>{SYNC.syncAllAgain}</Button>}
          {mayWrite && <Button kind="primary" icon="sync" onClick={() => sync.run()} busy={sync.busy}>{SYNC.syncNow}</Button>}
        </div>
      </div>
      <RoleNote right="write" doing={SYNC.syncingAndSeeingItsHistory} />
      <SyncSays sync={sync} />
      <div className="grid g-2">
        <section className="card" aria-labelledby="now">
          <div className="card-head"><h2 id="now">{SYNC.now}</h2>{health.value !== undefined && <span className="push"><Badge tone={health.value.enabled ? "ok" : undefined}>{health.value.enabled ? SYNC.on : SYNC.off}</Badge></span>}</div>
          <div className="card-body">
            {health.problem !== undefined && <ProblemNote problem={health.problem} />}
            {health.value === undefined ? <Skeleton lines={5} /> : <Now health={health.value} />}
          </div>
        </section>
        <section className="card" aria-labelledby="runs">
          <div className="card-head"><h2 id="runs">{SYNC.runs}</h2><p>{SYNC.sinceThisPageWasOpened}</p></div>
          {read !== undefined && <div className="card-body" role="status"><Progress read={read} /></div>}
          {runs.length === 0 && read === undefined && <p className="card-body soft">{mayWatch ? SYNC.noneYet : SYNC.runsAreShownLiveTo}</p>}
          <div role="log" aria-label={SYNC.runsAsTheyEnd}>
            <ul className="split-list">
              {runs.map((run) => (
                <li key={run.trace_id}><State word={run.status} /><span className="grow">{toldOf(run)}</span><Time at={run.at} style="clock-ms" /><TraceId id={run.trace_id} short /></li>
              ))}
            </ul>
          </div>
        </section>
      </div>
      {mayWrite && <Trail />}
    </>
  );
}
