/* What the portal knows of itself, at a glance: itself, its database, the shop, the sync, what is watched, where its spans go. */
import { count, duration } from "../kit/format";
import { Name } from "../kit/lists";
import { useGet } from "../kit/load";
import { Badge, Kpi, Kpis, Kv, Link, PageTitle, ProblemPanel, Skeleton, Table, Time, TraceId, type BadgeTone, type Column } from "../kit/ui";
import { APP } from "./words";

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
  order_sync: { enabled: boolean; interval_seconds: number; leader?: boolean; watermark?: string | null; stats?: { successful: number; failed: number; last_successful_sync: string | null } };
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
  { id: "name", head: "Pool", className: "full", cell: (row) => <b>{row.name}</b> },
  { id: "use", head: "In use", isNumber: true, cell: (row) => <><span className="card-label">In use </span>{count(row.in_use)} of {count(row.max)}</> },
  { id: "waiting", head: "Waiting", isNumber: true, cell: (row) => <><span className="card-label">waiting </span><span className={row.waiting > 0 ? "warn strong" : undefined}>{count(row.waiting)}</span></> },
  { id: "kept", head: "Kept open", isNumber: true, className: "hide-s", cell: (row) => count(row.min) },
  { id: "minute", head: "Opened and closed, last minute", isNumber: true, className: "hide-s", cell: (row) => `${count(row.opened_last_minute)} / ${count(row.closed_last_minute)}` },
  { id: "patience", head: "Longest wait", isNumber: true, className: "hide-s", cell: (row) => duration(row.acquire_timeout_ms * NS_PER_MS) },
];

const BREAKERS: Record<Breaker["state"], [BadgeTone, string]> = {
  closed: ["ok", "Answers"], half_open: ["warn", "Is tried again"], open: ["bad", "Is not asked for now"],
};

function Yes({ when, no = "No" }: { when: boolean; no?: string }) {
  return when ? <Badge tone="ok">Yes</Badge> : <Badge>{no}</Badge>;
}

function ShopCard({ shop }: { shop: View["integration_health"]["drone_shop"] }) {
  const breaker = shop.circuit_breaker;
  return (
    <section className="card" aria-labelledby="peer">
      <div className="card-head"><h2 id="peer">The shop</h2>{breaker !== null && <span className="push"><Badge tone={BREAKERS[breaker.state][0]}>{BREAKERS[breaker.state][1]}</Badge></span>}</div>
      <div className="card-body">
        {breaker === null ? <p className="soft">{shop.configured ? "How it answers is for who may see all of this page." : "None is configured."}</p> : (
          <Kv pairs={[
            ["Address", <span className="mono small"><Name text={shop.url} /></span>],
            ["Failures in a row", `${count(breaker.failure_count)}; from ${count(breaker.failure_threshold)} on it is left alone for ${duration(breaker.recovery_timeout_s * NS_PER_S)}`],
            ["Last failure", breaker.last_failure_age_s === null ? "none" : `${duration(breaker.last_failure_age_s * NS_PER_S)} ago`],
          ]} />
        )}
      </div>
    </section>
  );
}

function SyncCard({ sync, failures }: { sync: View["order_sync"]; failures: number | undefined }) {
  return (
    <section className="card" aria-labelledby="sync">
      <div className="card-head"><h2 id="sync">Order sync</h2><Link className="small push" href="/sync">Runs</Link></div>
      <div className="card-body">
        <Kv pairs={[
          ["Runs", sync.enabled ? `by itself, every ${count(sync.interval_seconds)} s` : "only when somebody asks"],
          ["Lease", sync.leader === undefined ? undefined : sync.leader ? "held: this portal leads" : "another replica holds it, or nobody"],
          ["Last success", sync.stats && (sync.stats.last_successful_sync === null ? "never" : <span><Time at={sync.stats.last_successful_sync} showAge /> ago</span>)],
          ["Orders", sync.stats && `${count(sync.stats.successful)} taken over, ${count(sync.stats.failed)} failed`],
          ["Waiting to be tried again", failures === undefined ? undefined : failures === 0 ? "none" : <Link href="/orders?tab=failed">{count(failures)} orders</Link>],
        ]} />
      </div>
    </section>
  );
}

function WatchCard({ view }: { view: View }) {
  const { audit } = view.security;
  return (
    <section className="card" aria-labelledby="watched">
      <div className="card-head"><h2 id="watched">What is recorded</h2></div>
      <div className="card-body">
        <Kv pairs={[
          ["Spans are sent", <Yes when={view.pillars.apm.configured} no="Nowhere" />],
          ["Pages begin traces", <Yes when={view.pillars.apm.rum_configured} />],
          ["Sessions are tagged", <Yes when={view.db_health.session_tagging} />],
          ["Metrics", <><span className="mono">/metrics</span>, for Prometheus</>],
          ["Audit trail", audit.total_entries === undefined ? undefined : `${count(audit.total_entries)} entries, ${count(audit.entries_24h)} of the last 24 hours`],
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
        <Kpi label="Portal" value={app.status === "healthy" ? "Healthy" : "Failing"} tone={app.status === "healthy" ? "up" : "down"}>{app.error ?? `up for ${duration(view.dashboard_meta.uptime_seconds * NS_PER_S)}`}</Kpi>
        <Kpi label="Database" value={isUp ? "Connected" : "Away"} tone={isUp ? "up" : "down"}>{database.error ?? `answers in ${duration(database.latency_ms * NS_PER_MS)}`}</Kpi>
        {app.activity.active_sessions !== undefined && <Kpi label="Signed in" value={count(app.activity.active_sessions)}>sessions that have not ended</Kpi>}
        {app.activity.orders_updated_24h !== undefined && <Kpi label="Orders changed" value={count(app.activity.orders_updated_24h)} href="/orders">in the last 24 hours</Kpi>}
        {app.activity.sync_operations_24h !== undefined && <Kpi label="Sync" value={count(app.activity.sync_operations_24h)} href="/sync">orders looked at in 24 hours</Kpi>}
      </Kpis>
      {database.pools !== undefined && (
        <section className="card" aria-labelledby="pools">
          <div className="card-head"><h2 id="pools">Sessions of the database</h2><p className="mono small">{database.database_target}</p></div>
          <Table caption="Pools of database sessions" columns={POOLS} rows={database.pools} keyOf={(row) => row.name} />
        </section>
      )}
      <div className="grid g-2">
        <ShopCard shop={view.integration_health.drone_shop} />
        <SyncCard sync={view.order_sync} failures={view.security.order_sync_failures} />
        <WatchCard view={view} />
        {Object.keys(app.entities).length > 0 && (
          <section className="card" aria-labelledby="entities">
            <div className="card-head"><h2 id="entities">What there is</h2></div>
            <ul className="split-list">
              {ENTITIES.map(([name, label, href]) => app.entities[name] !== undefined && (
                <li key={name}><span className="grow">{href === undefined ? label : <Link href={href}>{label}</Link>}</span><b className="num">{count(app.entities[name])}</b></li>
              ))}
            </ul>
          </section>
        )}
      </div>
      <p className="small muted row row-wrap"><span>{view.service.name} {view.service.version}, {view.service.environment}. As of <Time at={view.timestamp} style="clock" /> UTC, put together in {duration(view.dashboard_meta.query_time_ms * NS_PER_MS)}.</span> <TraceId id={view.correlation.trace_id} short /></p>
    </>
  );
}

export function ObservabilityPage() {
  const loaded = useGet<View>("/api/observability/360", {}, { everyMs: EVERY_MS });
  const isOld = loaded.problem !== undefined && loaded.value !== undefined;
  return (
    <>
      <div className="page-head">
        <PageTitle tab="Observability" app={APP}>Observability</PageTitle>
        <span className={isOld ? "live live-off" : "live"}>{isOld ? "No longer live; asking again" : "Every 10 s"}</span>
      </div>
      {loaded.value !== undefined ? <Everything view={loaded.value} /> : (
        <section className="card" aria-busy={loaded.isLoading}>{loaded.problem === undefined ? <Skeleton lines={8} /> : <ProblemPanel problem={loaded.problem} what="What the portal knows of itself could not be loaded" retry={loaded.reload} />}</section>
      )}
    </>
  );
}
