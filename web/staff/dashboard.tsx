/* What the shop did, at a glance: figures that lead to what they count, the newest orders, the best customers. */
import { count, money } from "../kit/format";
import { Name } from "../kit/lists";
import { useGet } from "../kit/load";
import { State, sentence } from "../kit/states";
import { Kpi, Kpis, Link, PageTitle, ProblemPanel, Skeleton, Table, Time } from "../kit/ui";
import { DASHBOARD } from "./words/dashboard";
import { APP } from "./words/staff";

interface Summary {
  orders: { total: number; revenue: number; average: number; status_breakdown: Record<string, number> };
  recent_orders: { id: number; customer_name: string | null; total: number; status: string; created_at: string }[];
  top_customers: { customer_id: number; name: string; order_count: number; revenue: number }[];
  customers: { total: number; companies: number };
  products: { total: number; low_stock: number };
  tickets: { total: number; open: number };
  backlog: number;
}

const AGAIN_MS = 15_000;

function Figures({ of }: { of: Summary }) {
  return (
    <Kpis>
      <Kpi label={DASHBOARD.orders} value={count(of.orders.total)} href="/staff/orders">{DASHBOARD.average(money(of.orders.average))}</Kpi>
      <Kpi label={DASHBOARD.revenue} value={money(of.orders.revenue, { whole: true })}>{DASHBOARD.revenueAbout}</Kpi>
      <Kpi label={DASHBOARD.low} value={count(of.products.low_stock)} tone={of.products.low_stock > 0 ? "warn" : undefined} href="/staff/products?sort=stock">{DASHBOARD.lowAbout(count(of.products.total))}</Kpi>
      <Kpi label={DASHBOARD.tickets} value={count(of.tickets.open)}>{DASHBOARD.ticketsAbout(count(of.tickets.total))}</Kpi>
      <Kpi label={DASHBOARD.backlog} value={count(of.backlog)} tone={of.backlog > 0 ? "warn" : undefined}>{DASHBOARD.backlogAbout}</Kpi>
      <Kpi label={DASHBOARD.customers} value={count(of.customers.total)}>{DASHBOARD.companies(count(of.customers.companies))}</Kpi>
    </Kpis>
  );
}

export function DashboardPage() {
  const { value, problem, reload } = useGet<Summary>("/api/dashboard/summary", {}, { everyMs: AGAIN_MS });
  return (
    <>
      <div className="page-head"><PageTitle tab={DASHBOARD.title} app={APP}>{DASHBOARD.title}</PageTitle></div>
      {value === undefined && problem !== undefined && <ProblemPanel problem={problem} what={DASHBOARD.theFiguresCouldNotBe} retry={reload} />}
      {value === undefined && problem === undefined && <Skeleton lines={6} />}
      {value !== undefined && (
        <>
          <Figures of={value} />
          <section className="card" aria-labelledby="newest">
            <div className="card-head"><h2 id="newest">{DASHBOARD.newest}</h2><p>{DASHBOARD.newestAbout}</p><Link className="small push" href="/staff/orders">{DASHBOARD.all}</Link></div>
            <Table caption={DASHBOARD.newest} rows={value.recent_orders} keyOf={(row) => row.id} hrefOf={(row) => `/staff/orders/${row.id}`} columns={[
              { id: "id", head: DASHBOARD.order, cell: (row) => <Link className="cell" href={`/staff/orders/${row.id}`}>#{row.id}</Link> },
              { id: "total", head: DASHBOARD.total, isNumber: true, cell: (row) => money(row.total) },
              { id: "who", head: DASHBOARD.customer, className: "full", cell: (row) => <Name text={row.customer_name} /> },
              { id: "placed", head: DASHBOARD.placed, cell: (row) => <Time at={row.created_at} /> },
              { id: "status", head: DASHBOARD.state, className: "r", cell: (row) => <State word={row.status} /> },
            ]} />
          </section>
          <div className="grid g-2">
            <section className="card" aria-labelledby="best"><div className="card-head"><h2 id="best">{DASHBOARD.best}</h2></div>
              <ul className="split-list">{value.top_customers.map((row) => <li key={row.customer_id}><span className="grow clip"><Name text={row.name} most={40} /></span><span className="muted nowrap">{DASHBOARD.ordersOf(row.order_count)}</span><span className="num">{money(row.revenue)}</span></li>)}</ul></section>
            <section className="card" aria-labelledby="states"><div className="card-head"><h2 id="states">{DASHBOARD.states}</h2></div>
              <ul className="split-list">{Object.entries(value.orders.status_breakdown).map(([word, many]) => <li key={word}><Link className="grow no-u" href={`/staff/orders?status=${word}`}>{sentence(word)}</Link><span className="num">{count(many)}</span></li>)}</ul></section>
          </div>
        </>
      )}
    </>
  );
}
