/* One order: its lines, what happened to it, how it came from the shop, where it goes, and the trace of its purchase. */
import { useState } from "react";

import { send } from "../kit/api";
import { money, time } from "../kit/format";
import { FormDialog } from "../kit/formdialog";
import { Name } from "../kit/lists";
import { useGet } from "../kit/load";
import { useSendKey } from "../kit/sendkey";
import { sentence, State } from "../kit/states";
import { Badge, Button, Dialog, Icon, Kv, Link, LongText, Note, PageTitle, ProblemNote, ProblemPanel, Skeleton, SqlId, Table, Time, TraceId, useForm, useToast, type Column } from "../kit/ui";
import { useSync } from "./orders";
import { Avatar, JsonText, SyncState } from "./parts";
import { RoleNote, useMay } from "./session";
import type { OrderDetail, OrderLine, Page, SyncEntry, SyncFailure } from "./types";
import { APP, ORDER_MOVES } from "./words";

const LINES: Column<OrderLine>[] = [
  { id: "product", head: "Product", className: "full", cell: (line) => <>{line.product_id === null ? <span className="strong"><Name text={line.product_name} most={200} /></span> : <Link className="cell" href={`/products?id=${line.product_id}`}><Name text={line.product_name} most={200} /></Link>}{line.sku !== null && <span className="sub mono">{line.sku}</span>}</> },
  { id: "quantity", head: "Quantity", isNumber: true, cell: (line) => line.quantity },
  { id: "price", head: "Price", isNumber: true, className: "hide-s", cell: (line) => money(line.unit_price) },
  { id: "sum", head: "Sum", isNumber: true, cell: (line) => <span className="strong">{money(line.line_total)}</span> },
];

function cents(value: number): number {
  return Math.round(value * 100);
}

function Lines({ order }: { order: OrderDetail }) {
  const sum = order.items.reduce((total, line) => total + cents(line.line_total), 0);
  const rest = cents(order.total) - sum;
  return (
    <section className="card" aria-labelledby="lines">
      <div className="card-head"><h2 id="lines">Lines</h2></div>
      <Table caption={`Lines of order ${order.id}`} columns={LINES} rows={order.items} keyOf={(line) => line.id} empty={<p className="card-body soft">This order has no lines.</p>} />
      <dl className="sums">
        <div><dt>Lines</dt><dd>{money(sum / 100)}</dd></div>
        {rest !== 0 && <div><dt>{rest > 0 ? "Delivery and others" : "Less a discount"}</dt><dd>{money(rest / 100)}</dd></div>}
        <div className="total"><dt>Total</dt><dd>{money(order.total)}</dd></div>
      </dl>
    </section>
  );
}

interface Step {
  at: string;
  title: string;
  about?: string;
  traceId?: string | null;
  isBad?: boolean;
}

function stepsOf(order: OrderDetail, entries: SyncEntry[]): Step[] {
  const steps: Step[] = [{
    at: order.created_at, title: order.source_order_id === null ? "Taken here" : "Placed in the shop", traceId: order.correlation_id,
    about: order.source_order_id === null ? "By somebody who is signed in to the portal." : `Order ${order.source_order_id} of ${order.source_system}.`,
  }];
  for (const entry of entries) {
    steps.push({
      at: entry.created_at, traceId: entry.trace_id, isBad: entry.sync_status === "failed",
      title: entry.sync_status === "failed" ? "Not taken over" : entry.sync_action === "created" ? "Taken over from the shop" : `${sentence(entry.sync_action)} by the sync`,
      about: entry.message ?? undefined,
    });
  }
  if (order.shipment !== null) {
    steps.push({ at: order.shipment.created_at, title: "Shipment made", about: [order.shipment.carrier, order.shipment.tracking_number].filter(Boolean).join(", ") });
    if (order.shipment.actual_delivery !== null) {
      steps.push({ at: order.shipment.actual_delivery, title: "Delivered" });
    }
  }
  return steps.sort((one, other) => one.at.localeCompare(other.at));
}

function History({ order }: { order: OrderDetail }) {
  const maySee = useMay("write");
  const trail = useGet<{ entries: SyncEntry[] }>(maySee && order.source_order_id !== null ? "/api/orders/sync/audit" : null, { source_order_id: order.source_order_id, limit: 50 });
  const steps = stepsOf(order, trail.value?.entries ?? []);
  const isWaiting = order.backlog_status === "backlog";
  return (
    <section className="card" aria-labelledby="history">
      <div className="card-head"><h2 id="history">What happened</h2><p>Times are UTC; each step opens its trace.</p></div>
      <div className="card-body">
        <ol className="timeline">
          {steps.map((step, at) => (
            <li key={at} className={step.isBad ? "bad" : "done"}>
              <div className="row between base"><b>{step.title}</b><Time at={step.at} /></div>
              <div className="soft">{step.about !== undefined && <Name text={step.about} most={400} />} {step.traceId != null && <TraceId id={step.traceId} short />}</div>
            </li>
          ))}
          {isWaiting && (
            <li className="now">
              <div className="row between base"><b>Waits in the backlog</b><span className="muted small">now</span></div>
              <p className="soft">Until it is shipped, completed or cancelled; since <Time at={order.created_at} showAge />.</p>
            </li>
          )}
        </ol>
        {trail.problem !== undefined && <ProblemNote problem={trail.problem} what="The sync's part is missing." />}
        {order.source_order_id !== null && <RoleNote right="write" doing="seeing what the sync did" />}
      </div>
    </section>
  );
}

function SyncCard({ order }: { order: OrderDetail }) {
  const mayWrite = useMay("write");
  const failures = useGet<Page & { failures: SyncFailure[] }>(mayWrite && order.sync_status === "failed" ? "/api/orders/sync/failures" : null, { source_order_id: order.source_order_id });
  const sync = useSync();
  const failure = failures.value?.failures[0];
  return (
    <section className="card" aria-labelledby="sync">
      <div className="card-head"><h2 id="sync">Sync</h2></div>
      <div className="card-body stack stack-3">
        <Kv pairs={[
          ["State", <SyncState word={order.sync_status} />],
          ["Last", order.last_synced_at !== null && <span><Time at={order.last_synced_at} showAge /> ago</span>],
          ["Source", <Name text={order.source_system} />],
          ["Source order", order.source_order_id],
        ]} />
        {order.sync_error !== null && <Note tone="bad"><b>Why it failed: </b><LongText text={order.sync_error} /></Note>}
        {failure !== undefined && <p className="soft small">{failure.attempts} {failure.attempts === 1 ? "try" : "tries"} so far; the next is due at <Time at={failure.next_attempt_at} style="clock-ms" /> UTC.</p>}
        {sync.problem !== undefined && <ProblemNote problem={sync.problem} />}
        {order.sync_status === "failed" && mayWrite && <Button icon="sync" busy={sync.isBusy ? "Trying" : undefined} onClick={() => sync.run(true)}>Try again now</Button>}
        {failure !== undefined && <JsonText text={failure.payload} label="payload that failed" />}
      </div>
    </section>
  );
}

function ShipmentCard({ order }: { order: OrderDetail }) {
  const shipment = order.shipment;
  return (
    <section className="card" aria-labelledby="shipment">
      <div className="card-head"><h2 id="shipment">Shipment</h2>{shipment !== null && <Link className="small push" href={`/shipments?id=${shipment.id}`}>Open</Link>}</div>
      <div className="card-body">
        {shipment === null ? <p className="soft">None yet.</p> : (
          <Kv pairs={[
            ["State", <State word={shipment.status} />],
            ["Tracking", <span className="mono small"><Name text={shipment.tracking_number} /></span>],
            ["Carrier", <Name text={[shipment.carrier?.toUpperCase(), shipment.weight_kg === null ? null : `${shipment.weight_kg.toFixed(2)} kg`].filter(Boolean).join(", ")} />],
            ["Route", `${shipment.origin_region ?? "—"} → ${shipment.destination_region ?? "—"}`],
            ["Expected", shipment.estimated_delivery !== null && <Time at={shipment.estimated_delivery} style="day" />],
            ["Delivered", shipment.actual_delivery !== null && <Time at={shipment.actual_delivery} style="day" />],
          ]} />
        )}
      </div>
    </section>
  );
}

/** Change of status: to what may follow, the next first. */
function Moves({ order, reload }: { order: OrderDetail; reload: () => void }) {
  const say = useToast();
  const keyFor = useSendKey();
  const [asked, setAsked] = useState<string>();
  const [to, setTo] = useState("");
  const moves = ORDER_MOVES[order.status] ?? [];
  const form = useForm(async () => {
    await send("PATCH", `/api/orders/${order.id}/status`, { status: to }, { key: keyFor([order.status, to]) });
    setAsked(undefined);
    say(`Order ${order.id} is ${sentence(to).toLowerCase()} now.`);
    reload();
  });
  const begin = (status: string) => {
    setTo(status);
    setAsked(status);
    form.clear();
  };
  const first = moves.includes("shipped") ? "shipped" : moves.find((word) => word !== "cancelled");
  return (
    <>
      {moves.includes("cancelled") && <Button onClick={() => begin("cancelled")}>Cancel order</Button>}
      {first !== undefined && <Button kind="primary" onClick={() => begin(first)}>Mark as {sentence(first).toLowerCase()}</Button>}
      {asked !== undefined && (
        <Dialog title={asked === "cancelled" ? `Cancel order ${order.id}?` : `Change the status of order ${order.id}?`} onClose={() => setAsked(undefined)} actions={
          <>
            <Button autoFocus onClick={() => setAsked(undefined)}>Keep it {sentence(order.status).toLowerCase()}</Button>
            <Button kind={to === "cancelled" ? "danger" : "primary"} busy={form.isBusy ? "Changing" : undefined} onClick={() => form.submit()}>{to === "cancelled" ? "Cancel order" : `Mark as ${sentence(to).toLowerCase()}`}</Button>
          </>
        }>
          <div className="stack stack-3">
            {form.problem !== undefined && <ProblemNote problem={form.problem} />}
            <label className="field"><span className="label">New status</span>
              <select className="select" value={to} onChange={(event) => setTo(event.target.value)}>{moves.map((word) => <option key={word} value={word}>{sentence(word)}</option>)}</select>
            </label>
          </div>
        </Dialog>
      )}
    </>
  );
}

function MakeInvoice({ order, onClose }: { order: OrderDetail; onClose: () => void }) {
  const keyFor = useSendKey();
  return (
    <FormDialog title={`Make the invoice of order ${order.id}`} verb="Make invoice" busy="Making invoice" done="Invoice made" onClose={onClose} initial={{ tax_percent: "0", due_days: "30" }}
      fields={[{ name: "tax_percent", label: "Tax, percent", kind: "number" }, { name: "due_days", label: "Due in days", kind: "number" }, { name: "notes", label: "Note", kind: "area" }]}
      send={async (body) => {
        const whole = { ...body, order_id: order.id };
        await send("POST", "/api/invoices", whole, { key: keyFor(whole) });
      }} />
  );
}

export function OrderPage({ id }: { id: number }) {
  const loaded = useGet<{ order: OrderDetail }>(`/api/orders/${id}`);
  const mayWrite = useMay("write");
  const [isInvoice, setInvoice] = useState(false);
  const order = loaded.value?.order;
  if (order === undefined) {
    return (
      <>
        <div className="page-head"><div className="stack stack-1"><div className="row row-wrap"><PageTitle tab={`Order ${id}`} app={APP}>Order {id}</PageTitle></div></div></div>
        <section className="card" aria-busy={loaded.isLoading}>{loaded.problem === undefined ? <Skeleton lines={8} /> : <ProblemPanel problem={loaded.problem} what={`Order ${id} could not be loaded`} retry={loaded.reload} />}</section>
      </>
    );
  }
  return (
    <>
      <div className="page-head">
        <div className="stack stack-1">
          <div className="row row-wrap">
            <PageTitle tab={`Order ${id}`} app={APP}>Order {id}</PageTitle>
            <State word={order.status} /><SyncState word={order.sync_status} />
            {order.backlog_status === "backlog" && <Badge tone="warn">In backlog, <Time at={order.created_at} showAge /></Badge>}
          </div>
          <p><Name text={order.customer_name} />, {time(order.created_at, "full")} UTC.{order.source_order_id !== null && ` From the Drone Shop, order ${order.source_order_id} there.`}</p>
        </div>
        <div className="row row-wrap">
          <span className="row">
            {id > 1 && <Link className="btn btn-icon" href={`/orders/${id - 1}`} aria-label="Previous order"><Icon name="up" /></Link>}
            <Link className="btn btn-icon" href={`/orders/${id + 1}`} aria-label="Next order"><Icon name="down" /></Link>
          </span>
          {mayWrite && <Button icon="invoice" onClick={() => setInvoice(true)}>Invoice</Button>}
          {mayWrite && <Moves order={order} reload={loaded.reload} />}
        </div>
      </div>
      <RoleNote right="write" doing="changing orders" />
      {isInvoice && <MakeInvoice order={order} onClose={() => setInvoice(false)} />}
      <div className="grid g-main">
        <div className="stack">
          <Lines order={order} />
          <History order={order} />
          {order.source_payload !== null && (
            <section className="card" aria-labelledby="payload">
              <div className="card-head"><h2 id="payload">Source payload</h2><p>As the shop told it.</p></div>
              <JsonText text={order.source_payload} label="source payload" />
            </section>
          )}
        </div>
        <aside className="stack" aria-label="About this order">
          {order.correlation_id !== null && (
            <section className="card" aria-labelledby="trace">
              <div className="card-head"><h2 id="trace">Trace</h2></div>
              <div className="card-body stack stack-3">
                <p className="soft small">The request that placed it, and what both services did with it, statement by statement.</p>
                <TraceId id={order.correlation_id} />
                <a className="btn btn-block" href={`${document.documentElement.dataset.console ?? ""}/console/traces/${order.correlation_id}`}><Icon name="trace" />Open in the Console</a>
              </div>
            </section>
          )}
          <SyncCard order={order} />
          <section className="card" aria-labelledby="customer">
            <div className="card-head"><h2 id="customer">Customer</h2>{order.customer_id !== null && <Link className="small push" href={`/customers?id=${order.customer_id}`}>Open</Link>}</div>
            <div className="card-body stack stack-2">
              <div className="row"><Avatar name={order.customer_name ?? "?"} /><span className="grow"><b><Name text={order.customer_name} /></b><br /><span className="muted small"><Name text={order.customer_email} /></span></span></div>
              <Kv pairs={[["Ship to", order.shipping_address !== null && <LongText text={order.shipping_address} />], ["Note", order.notes !== null && <LongText text={order.notes} />]]} />
            </div>
          </section>
          <ShipmentCard order={order} />
          <section className="card" aria-labelledby="statements">
            <div className="card-head"><h2 id="statements">This page's statements</h2><p className="clip">{order.db_drilldown.database_target}</p></div>
            <ul className="split-list">{order.db_drilldown.sql_ids.map((sqlId) => <li key={sqlId}><SqlId id={sqlId} /></li>)}</ul>
          </section>
        </aside>
      </div>
    </>
  );
}
