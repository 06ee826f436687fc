/* What the portal knows of itself, at a glance: itself, its database, the shop, the sync, what is watched, where its spans go. */
import { count, duration } from "../kit/format";
import { Name } from "../kit/lists";
import { useGet } from "../kit/load";
import { Badge, Kpi, Kpis, Kv, Link, PageTitle, ProblemPanel, Skeleton, Table, Time, TraceId, type BadgeTone, type Column } from "../kit/ui";
import { leaseOf } from "./syncrun";
import { APP } from "./words/app";
import { OBSERVABILITY } from "./words/observability";

interface PoolBounds {
  name: string;
  min: number;
  max: number;
  in_use: number;
  waiting: number;
  acquire_timeout_ms: number;
  opened_last_minute: number;
  closed_last_minute: number;
}

interface Breaker {
  name: string;
  state: "closed" | "open" | "half_open";
  failure_count: number;
  failure_threshold: number;
  recovery_timeout_s: number;
  last_failure_age_s: number | null;
}

interface View {
  timestamp: string;
  correlation: { trace_id: string };
  service: { name: string; version: string; environment: string };
  pillars: { apm: { configured: boolean; rum_configured: boolean }; metrics: { prometheus: boolean } };
  app_health: { status: string; error?: string; entities: Record<string, number>; activity: Record<string, number> };
  db_health: { status: string; latency_ms: number; database_target: string; session_tagging: boolean; error?: string; pools?: PoolBounds[] };
  integration_health: { drone_shop: { configured: boolean; url: string | null; circuit_breaker: Breaker | null } };
  security: { audit: { total_entries?: number; entries_24h?: number }; order_sync_failures?: number };
  order_sync: { enabled: boolean; interval_seconds: number; leader?: boolean; running?: boolean; watermark?: string | null; stats?: { successful: number; failed: number; last_successful_sync: string | null } };
  dashboard_meta: { query_time_ms: number; uptime_seconds: number };
}

const EVERY_MS = 10_000;
const NS_PER_MS = 1e6;
const NS_PER_S = 1e9;

/** What there is of each kind, and where one sees it. */
const ENTITIES: [string, string, string?][] = [
  ["orders", "Orders", "/orders"], ["customers", "Customers", "/customers"], ["products", "Products", "/products"], ["invoices", "Invoices", "/invoices"],
  ["support_tickets", "Tickets", "/tickets"], ["shipments", "Shipments", "/shipments"], ["campaigns", "Campaigns", "/campaigns"], ["leads", "Leads", "/leads"],
];

const POOLS: Column<PoolBounds>[] = [
  { id: "name", head: OBSERVABILITY.pool, className: "full", cell: (row) => <b>{row.name}</b> },
  { id: "use", head: OBSERVABILITY.inUse, isNumber: true, cell: (row) => <><span className="card-label">{OBSERVABILITY.inUse} </span>{OBSERVABILITY.of(count(row.in_use), count(row.max))}</> },
  { id: "waiting", head: OBSERVABILITY.waiting, isNumber: true, cell: (row) => <><span className="card-label">{OBSERVABILITY.waitingInText} </span><span className={row.waiting > 0 ? "warn strong" : undefined}>{count(row.waiting)}</span></> },
  { id: "kept", head: OBSERVABILITY.keptOpen, isNumber: true, className: "hide-s", cell: (row) => count(row.min) },
  { id: "minute", head: OBSERVABILITY.openedAndClosedLastMinute, isNumber: true, className: "hide-s", cell: (row) => `${count(row.opened_last_minute)} / ${count(row.closed_last_minute)}` },
  { id: "patience", head: OBSERVABILITY.longestWait, isNumber: true, className: "hide-s", cell: (row) => duration(row.acquire_timeout_ms * NS_PER_MS) },
];

const BREAKERS: Record<Breaker["state"], [BadgeTone, string]> = {
  closed: ["ok", "Answers"], half_open: ["warn", OBSERVABILITY.isTriedAgain], open: ["bad", OBSERVABILITY.isNotAskedForNow],
};

function Yes({ when, no = "No" }: { when: boolean; no?: string }) {
  return when ? <Badge tone="ok">{OBSERVABILITY.yes}</Badge> : <Badge>{no}</Badge>;
}

function ShopCard({ shop }: { shop: View["integration_health"]["drone_shop"] }) {
  const breaker = shop.circuit_breaker;
  return (
    <section className="card" aria-labelledby="peer">
      <div className="card-head"><h2 id="peer">{OBSERVABILITY.theShop}</h2>{breaker !== null && <span className="push"><Badge tone={BREAKERS[breaker.state][0]}>{BREAKERS[breaker.state][1]}</Badge></span>}</div>
      <div className="card-body">
        {breaker === null ? <p className="soft">{shop.configured ? OBSERVABILITY.howItAnswersIsFor : OBSERVABILITY.noneIsConfigured}</p> : (
          <Kv pairs={[
            [OBSERVABILITY.address, <span className="mono small"><Name text={shop.url} /></span>],
            [OBSERVABILITY.failuresInARow, OBSERVABILITY.fromOnItIsLeft(count(breaker.failure_count), count(breaker.failure_threshold), duration(breaker.recovery_timeout_s * NS_PER_S))],
            [OBSERVABILITY.lastFailure, breaker.last_failure_age_s === null ? OBSERVABILITY.none : `${duration(breaker.last_failure_age_s * NS_PER_S)} ago`],
          ]} />
        )}
      </div>
    </section>
  );
}

function SyncCard({ sync, failures }: { sync: View["order_sync"]; failures: number | undefined }) {
  return (
    <section className="card" aria-labelledby="sync">
      <div className="card-head"><h2 id="sync">{OBSERVABILITY.orderSync}</h2><Link className="small push" href="/sync">{OBSERVABILITY.runs}</Link></div>
      <div className="card-body">
        <Kv pairs={[
          [OBSERVABILITY.runs, sync.enabled ? OBSERVABILITY.byItselfEveryS(count(sync.interval_seconds)) : OBSERVABILITY.onlyWhenSomebodyAsks],
          [OBSERVABILITY.lease, leaseOf(sync)],
          [OBSERVABILITY.lastSuccess, sync.stats && (sync.stats.last_successful_sync === null ? OBSERVABILITY.never : <span><Time at={sync.stats.last_successful_sync} showAge /> {OBSERVABILITY.ago}</span>)],
          [OBSERVABILITY.orders, sync.stats && OBSERVABILITY.takenOverFailed(count(sync.stats.successful), count(sync.stats.failed))],
          [OBSERVABILITY.waitingToBeTriedAgain, failures === undefined ? undefined : failures === 0 ? OBSERVABILITY.none : <Link href="/orders?tab=failed">{OBSERVABILITY.ordersOf(count(failures))}</Link>],
        ]} />
      </div>
    </section>
  );
}

function WatchCard({ view }: { view: View }) {
  const { audit } = view.security;
  return (
    <section className="card" aria-labelledby="watched">
      <div className="card-head"><h2 id="watched">{OBSERVABILITY.whatIsRecorded}</h2></div>
      <div className="card-body">
        <Kv pairs={[
          [OBSERVABILITY.spansAreSent, <Yes when={view.pillars.apm.configured} no="Nowhere" />],
          [OBSERVABILITY.pagesBeginTraces, <Yes when={view.pillars.apm.rum_configured} />],
          [OBSERVABILITY.sessionsAreTagged, <Yes when={view.db_health.session_tagging} />],
          [OBSERVABILITY.metrics, <><span className="mono">/metrics</span>{OBSERVABILITY.forPrometheus}</>],
          [OBSERVABILITY.auditTrail, audit.total_entries === undefined ? undefined : OBSERVABILITY.entriesOfTheLast24(count(audit.total_entries), count(audit.entries_24h))],
        ]} />
      </div>
    </section>
  );
}

function Everything({ view }: { view: View }) {
  const { app_health: app, db_health: database } = view;
  const isUp = database.status === "connected";
  return (
    <>
      <Kpis>
        <Kpi label={OBSERVABILITY.portal} value={app.status === "healthy" ? "Healthy" : "Failing"} tone={app.status === "healthy" ? "up" : "down"}>{app.error ?? OBSERVABILITY.upFor(duration(view.dashboard_meta.uptime_seconds * NS_PER_S))}</Kpi>
        <Kpi label={OBSERVABILITY.database} value={isUp ? "Connected" : "Away"} tone={isUp ? "up" : "down"}>{database.error ?? OBSERVABILITY.answersIn(duration(database.latency_ms * NS_PER_MS))}</Kpi>
        {app.activity.active_sessions !== undefined && <Kpi label={OBSERVABILITY.signedIn} value={count(app.activity.active_sessions)}>{OBSERVABILITY.sessionsThatHaveNotEnded}</Kpi>}
        {app.activity.orders_updated_24h !== undefined && <Kpi label={OBSERVABILITY.ordersChanged} value={count(app.activity.orders_updated_24h)} href="/orders">{OBSERVABILITY.inTheLast24Hours}</Kpi>}
        {app.activity.sync_operations_24h !== undefined && <Kpi label={OBSERVABILITY.sync} value={count(app.activity.sync_operations_24h)} href="/sync">{OBSERVABILITY.ordersLookedAtIn24}</Kpi>}
      </Kpis>
      {database.pools !== undefined && (
        <section className="card" aria-labelledby="pools">
          <div className="card-head"><h2 id="pools">{OBSERVABILITY.sessionsOfTheDatabase}</h2><p className="mono small">{database.database_target}</p></div>
          <Table caption={OBSERVABILITY.poolsOfDatabaseSessions} columns={POOLS} rows={database.pools} keyOf={(row) => row.name} />
        </section>
      )}
      <div className="grid g-2">
        <ShopCard shop={view.integration_health.drone_shop} />
        <SyncCard sync={view.order_sync} failures={view.security.order_sync_failures} />
        <WatchCard view={view} />
        {Object.keys(app.entities).length > 0 && (
          <section className="card" aria-labelledby="entities">
            <div className="card-head"><h2 id="entities">{OBSERVABILITY.whatThereIs}</h2></div>
            <ul className="split-list">
              {ENTITIES.map(([name, label, href]) => app.entities[name] !== undefined && (
                <li key={name}><span className="grow">{href === undefined ? label : <Link href={href}>{label}</Link>}</span><b className="num">{count(app.entities[name])}</b></li>
              ))}
            </ul>
          </section>
        )}
      </div>
      <p className="small muted row row-wrap"><span>{OBSERVABILITY.asOf(view.service.name, view.service.version, view.service.environment)} <Time at={view.timestamp} style="clock" /> {OBSERVABILITY.utcPutTogetherIn(duration(view.dashboard_meta.query_time_ms * NS_PER_MS))}</span> <TraceId id={view.correlation.trace_id} short /></p>
    </>
  );
}

export function ObservabilityPage() {
  const loaded = useGet<View>("/api/observability/360", {}, { everyMs: EVERY_MS });
  const isOld = loaded.problem !== undefined && loaded.value !== undefined;
  return (
    <>
      <div className="page-head">
        <PageTitle tab={OBSERVABILITY.observability} app={APP}>{OBSERVABILITY.observability}</PageTitle>
        <span className={isOld ? "live live-off" : "live"}>{isOld ? OBSERVABILITY.noLongerLiveAskingAgain : OBSERVABILITY.every10S}</span>
      </div>
      {loaded.value !== undefined ? <Everything view={loaded.value} /> : (
        <section className="card" aria-busy={loaded.isLoading}>{loaded.problem === undefined ? <Skeleton lines={8} /> : <ProblemPanel problem={loaded.problem} what={OBSERVABILITY.whatThePortalKnowsOf} retry={loaded.reload} />}</section>
      )}
    </>
  );
}
