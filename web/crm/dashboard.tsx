/* The dashboard: what the portal knows at a glance, what waits longest, how the synchronisation goes. */

import type { Campaign } from "../common/campaigns";
import { Bars, Spark, type Point } from "../kit/chart";
import { count, money, percent, shortMoney, time } from "../kit/format";
import { Name } from "../kit/lists";
import { useGet, type Loaded } from "../kit/load";
import { sentence, State } from "../kit/states";
import { Badge, Button, Kpi, Kpis, Kv, Link, Meter, PageTitle, ProblemNote, setParams, Skeleton, Time, useParam } from "../kit/ui";
import { useOrderEvents } from "./orders";
import { RoleNote, useMay } from "./session";
import { RunBars, SyncSays, useSync } from "./syncrun";
import type { OrderList, OrderRisks, SyncHealth, Ticket } from "./types";
import { APP } from "./words/app";
import { DASHBOARD } from "./words/dashboard";

interface Summary {
  total_customers: number;
  open_tickets: number;
  orders: { total: number; revenue: number; average: number };
  security: OrderRisks;
}

interface Sold {
  orders: number;
  revenue: number;
}

interface Revenue {
  since: string;
  by_day: (Sold & { day: string; from_shop: boolean })[]; // days on which nothing was sold are left out
  period: Sold;
  before: Sold; // as many days before
}

const EVERY_MS = 30_000;
const DAY_MS = 86_400_000;
const PERIODS = [7, 30, 90];
const BY_WEEK = 60; // days, from which on a bar stands for a week
const SERIES = [{ id: "shop", label: DASHBOARD.droneShop, color: "var(--c1)" }, { id: "crm", label: DASHBOARD.crm, color: "var(--c2)" }];

/** One point for each day, or each seven days, of a period of so many days. */
function pointsOf({ since, by_day: rows }: Revenue, days: number): Point[] {
  const each = days < BY_WEEK ? 1 : 7;
  const start = Date.parse(since);
  const missing = (each - days % each) % each; // days of the first week that are before the period: the last ends with it
  const points = Array.from({ length: Math.ceil(days / each) }, (_, at) => ({
    label: time(start + Math.max(0, at * each - missing) * DAY_MS, "short-day"), values: { shop: 0, crm: 0 },
  }));
  for (const row of rows) {
    const day = Math.round((Date.parse(`${row.day}T00:00:00Z`) - start) / DAY_MS);
    const values = points[Math.floor((day + missing) / each)]?.values;
    if (values !== undefined) {
      values[row.from_shop ? "shop" : "crm"] += row.revenue;
    }
  }
  return points;
}

function RevenueCard({ revenue, days }: { revenue: Loaded<Revenue>; days: number }) {
  const title = days < BY_WEEK ? DASHBOARD.revenueByDay : DASHBOARD.revenueByWeek;
  return (
    <section className="card" aria-labelledby="revenue">
      <div className="card-head"><h2 id="revenue">{title}</h2><p>{DASHBOARD.withoutWhatWasCancelledRefunded}</p></div>
      <div className="card-body">
        {revenue.problem !== undefined && <ProblemNote problem={revenue.problem} what={DASHBOARD.revenueCouldNotBeLoaded} />}
        {revenue.value === undefined ? <Skeleton lines={5} /> : revenue.value.by_day.length === 0 ? <p className="soft">{DASHBOARD.nothingSoldIn(days)}</p>
          : <Bars title={DASHBOARD.inDollars(title)} series={SERIES} points={pointsOf(revenue.value, days)} format={shortMoney} height={220} />}
      </div>
    </section>
  );
}

/** By how much more or less was sold than before. */
function Compared({ revenue, days }: { revenue: Revenue; days: number }) {
  const { period, before } = revenue;
  if (before.revenue === 0) {
    return <>{DASHBOARD.nothingBefore(days)}</>;
  }
  const isUp = period.revenue >= before.revenue;
  return <><span className={isUp ? "up" : "down"}>{isUp ? "▲" : "▼"} {percent(Math.abs(period.revenue - before.revenue) / before.revenue)}</span> {isUp ? DASHBOARD.moreThan(days) : DASHBOARD.lessThan(days)}</>;
}

function SyncCard() {
  const health = useGet<SyncHealth>("/api/observability/360/sync-health", {}, { everyMs: EVERY_MS });
  const mayWrite = useMay("write");
  const sync = useSync();
  const value = health.value;
  const last = value?.stats?.last_successful_sync ?? null;
  return (
    <section className="card" aria-labelledby="order-sync">
      <div className="card-head"><h2 id="order-sync">{DASHBOARD.orderSync}</h2>{value !== undefined && <span className="push">{value.enabled ? <Badge tone={value.leader ? "ok" : "hollow"}>{value.leader ? DASHBOARD.leader : DASHBOARD.anotherLeads}</Badge> : <Badge>{DASHBOARD.off}</Badge>}</span>}</div>
      <div className="card-body stack stack-3">
        <RunBars />
        {health.problem !== undefined && <ProblemNote problem={health.problem} />}
        {value === undefined ? <Skeleton lines={4} /> : (
          <Kv pairs={[
            [DASHBOARD.last, last === null ? DASHBOARD.never : <span><Time at={last} showAge /> {DASHBOARD.ago}</span>],
            [DASHBOARD.every, `${count(value.interval_seconds)} s`],
            [DASHBOARD.watermark, value.watermark === null ? "—" : <span className="mono small"><Time at={value.watermark} style="full" /></span>],
            [DASHBOARD.success, value.stats && `${count(value.stats.successful)} of ${count(value.stats.total_sync_operations)}`],
            [DASHBOARD.fromTheShop, value.orders && `${count(value.orders.external_total)} orders`],
          ]} />
        )}
        <SyncSays sync={sync} />
        <div className="row row-wrap">
          {mayWrite && <Button kind="primary" icon="sync" busy={sync.busy} onClick={() => sync.run()}>{DASHBOARD.syncNow}</Button>}
          <Link className="btn" href="/sync">{DASHBOARD.runs}</Link>
        </div>
        <RoleNote right="write" doing={DASHBOARD.syncingInText} />
      </div>
    </section>
  );
}

const OLDEST = 5;

function OldestCard({ risks }: { risks: OrderRisks | undefined }) {
  const total = risks?.backlog_orders;
  // The list has the newest first: the oldest are its end.
  const backlog = useGet<OrderList>(total === undefined ? null : "/api/orders/backlog", { limit: OLDEST, offset: Math.max(0, (total ?? 0) - OLDEST) });
  const rows = [...(backlog.value?.orders ?? [])].reverse();
  return (
    <section className="card" aria-labelledby="oldest">
      <div className="card-head"><h2 id="oldest">{DASHBOARD.oldestInTheBacklog}</h2><Link className="small push" href="/orders?tab=backlog">{DASHBOARD.all} {total}</Link></div>
      {backlog.problem !== undefined && <div className="card-body"><ProblemNote problem={backlog.problem} /></div>}
      {backlog.value !== undefined && rows.length === 0 && <p className="card-body soft">{DASHBOARD.noOrderWaitsLongerThan} {risks?.thresholds.backlog_age_minutes} {DASHBOARD.minutes}</p>}
      <ul className="split-list">
        {rows.map((order) => (
          <li key={order.id}>
            <Link className="strong no-u" href={`/orders/${order.id}`}>#{order.id}</Link><span className="grow clip"><Name text={order.customer_name} most={40} /></span>
            <State word={order.status} /><span className="num nowrap w-money hide-s">{money(order.total)}</span><span className="num muted w-age"><Time at={order.created_at} showAge /></span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function TicketsCard({ open }: { open: number | undefined }) {
  const tickets = useGet<{ tickets: Ticket[] }>("/api/tickets", { status: "open", limit: OLDEST });
  const rows = tickets.value?.tickets ?? [];
  return (
    <section className="card" aria-labelledby="tickets">
      <div className="card-head"><h2 id="tickets">{DASHBOARD.openTickets}</h2><Link className="small push" href="/tickets?status=open">{DASHBOARD.all} {open}</Link></div>
      {tickets.problem !== undefined && <div className="card-body"><ProblemNote problem={tickets.problem} /></div>}
      {tickets.value !== undefined && rows.length === 0 && <p className="card-body soft">{DASHBOARD.noTicketIsOpen}</p>}
      <ul className="split-list">
        {rows.map((ticket) => (
          <li key={ticket.id}>
            <State word={ticket.priority} /><span className="grow clip"><Link className="strong no-u" href={`/tickets?id=${ticket.id}`}><Name text={ticket.subject} most={60} /></Link> <span className="muted"><Name text={ticket.customer_name} most={30} /></span></span>
            <span className="muted small hide-s"><Name text={ticket.assigned_to ?? "nobody yet"} most={20} /></span><span className="num muted w-age"><Time at={ticket.created_at} showAge /></span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function CampaignsCard() {
  const campaigns = useGet<{ campaigns: Campaign[] }>("/api/campaigns", { limit: OLDEST });
  return (
    <section className="card" aria-labelledby="campaigns">
      <div className="card-head"><h2 id="campaigns">{DASHBOARD.campaigns}</h2><p className="push">{DASHBOARD.spentOfBudget}</p></div>
      {campaigns.problem !== undefined && <div className="card-body"><ProblemNote problem={campaigns.problem} /></div>}
      <ul className="split-list">
        {(campaigns.value?.campaigns ?? []).map((campaign) => (
          <li key={campaign.id}>
            <Link className="w-name clip no-u" href={`/campaigns?id=${campaign.id}`}><Name text={campaign.name} most={40} /></Link>
            <Meter share={campaign.budget > 0 ? campaign.spent / campaign.budget : 0} label={`${money(campaign.spent)} of ${money(campaign.budget)}`} color={campaign.status === "active" ? "var(--accent)" : "var(--c0)"} />
            <span className="num nowrap hide-s">{money(campaign.spent, { whole: true })} <span className="muted">{DASHBOARD.of(money(campaign.budget, { whole: true }))}</span></span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function FunnelCard() {
  const funnel = useGet<{ funnel: { stage: string; count: number }[] }>("/api/analytics/funnel");
  const stages = funnel.value?.funnel ?? [];
  const most = Math.max(1, ...stages.map((stage) => stage.count));
  return (
    <section className="card" aria-labelledby="funnel">
      <div className="card-head"><h2 id="funnel">{DASHBOARD.fromLeadToOrder}</h2></div>
      {funnel.problem !== undefined && <div className="card-body"><ProblemNote problem={funnel.problem} /></div>}
      <ul className="split-list">
        {stages.map((stage) => (
          <li key={stage.stage}><span className="w-name">{sentence(stage.stage)}</span><Meter share={stage.count / most} label={`${sentence(stage.stage)}: ${stage.count}`} color="var(--c1)" /><b className="num">{count(stage.count)}</b></li>
        ))}
      </ul>
    </section>
  );
}

export function DashboardPage() {
  const summary = useGet<Summary>("/api/dashboard/summary", {}, { everyMs: EVERY_MS });
  const risks = useGet<OrderRisks>("/api/orders/security/summary", {}, { everyMs: EVERY_MS });
  const mayWatch = useMay("watch");
  const [period] = useParam("days", "30");
  const days = PERIODS.find((one) => String(one) === period) ?? 30;
  const revenue = useGet<Revenue>("/api/dashboard/revenue", { days }, { everyMs: EVERY_MS });
  const live = useOrderEvents(() => { summary.reload(); risks.reload(); revenue.reload(); });
  const value = summary.value;
  const figures = risks.value;
  return (
    <>
      <div className="page-head">
        <PageTitle tab={DASHBOARD.dashboard} app={APP}>{DASHBOARD.dashboard}</PageTitle>
        <div className="row row-wrap">
          {mayWatch && <span className={live === "live" ? "live" : "live live-off"}>{live === "live" ? DASHBOARD.live : live === "lost" ? DASHBOARD.noLongerLiveConnectingAgain : DASHBOARD.connecting}</span>}
          <div className="seg" role="group" aria-label={DASHBOARD.period}>
            {PERIODS.map((one) => <button key={one} type="button" aria-pressed={one === days} onClick={() => setParams({ days: one === 30 ? null : String(one) })}>{DASHBOARD.days(one)}</button>)}
          </div>
        </div>
      </div>
      {summary.problem !== undefined && <ProblemNote problem={summary.problem} what={DASHBOARD.theFiguresCouldNotBe} />}
      <Kpis>
        <Kpi label={DASHBOARD.revenueOf(days)} value={<span title={money(revenue.value?.period.revenue)}>{shortMoney(revenue.value?.period.revenue)}</span>}>
          {revenue.value && <Compared revenue={revenue.value} days={days} />}
          {revenue.value && revenue.value.by_day.length > 0 && <Spark values={pointsOf(revenue.value, days).map((point) => (point.values.shop ?? 0) + (point.values.crm ?? 0))} label={DASHBOARD.asAbove} />}
        </Kpi>
        <Kpi label={DASHBOARD.orders} value={count(figures?.total_orders)} href="/orders">{value && DASHBOARD.ofCustomers(count(value.total_customers))}</Kpi>
        <Kpi label={DASHBOARD.backlog} value={count(figures?.backlog_orders)} href="/orders?tab=backlog">{figures && <span className={figures.stale_backlog_orders > 0 ? "warn" : undefined}>{DASHBOARD.waitOverMin(count(figures.stale_backlog_orders), figures.thresholds.backlog_age_minutes)}</span>}</Kpi>
        <Kpi label={DASHBOARD.suspiciousTotals} value={count(figures?.suspicious_totals)}>{figures && DASHBOARD.atOrAbove(money(figures.thresholds.suspicious_order_total, { whole: true }))}</Kpi>
        <Kpi label={DASHBOARD.failedSyncs} value={count(figures?.failed_syncs)} tone={figures !== undefined && figures.failed_syncs > 0 ? "down" : undefined} href="/orders?tab=failed">{figures && (figures.failed_syncs > 0 ? DASHBOARD.triedAgainByItself : DASHBOARD.none)}</Kpi>
      </Kpis>
      <div className="grid g-wide stretch">
        <RevenueCard revenue={revenue} days={days} />
        <SyncCard />
      </div>
      <div className="grid g-2 stretch">
        <OldestCard risks={figures} />
        <TicketsCard open={value?.open_tickets} />
        <CampaignsCard />
        <FunnelCard />
      </div>
    </>
  );
}
