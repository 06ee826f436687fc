/* One order: its lines, what happened to it, how it came from the shop, where it goes, and the trace of its purchase. */
import { useState } from "react";

import { send } from "../kit/api";
import { money, time } from "../kit/format";
import { FormDialog } from "../kit/formdialog";
import { Name } from "../kit/lists";
import { useGet } from "../kit/load";
import { useSendKey } from "../kit/sendkey";
import { sentence, State } from "../kit/states";
import { Badge, Button, Dialog, Empty, Icon, Kv, Link, LongText, Note, PageTitle, ProblemNote, ProblemPanel, Skeleton, SqlId, Table, Time, TraceId, useForm, useToast, type Column } from "../kit/ui";
import { Avatar, JsonText, SyncState } from "./parts";
import { RoleNote, useMay } from "./session";
import { ORDER_MOVES } from "./states";
import { SyncSays, useSync } from "./syncrun";
import type { OrderDetail, OrderLine, Page, SyncEntry, SyncFailure } from "./types";
import { APP } from "./words/app";
import { ORDER } from "./words/order";

const LINES: Column<OrderLine>[] = [
  { id: "product", head: ORDER.product, className: "full", cell: (line) => <span className="row"><img className="thumb hide-s" src={line.image_url} alt="" width="48" height="36" loading="lazy" /><span className="grow">{line.product_id === null ? <span className="strong"><Name text={line.product_name} most={200} /></span> : <Link className="cell" href={`/products?id=${line.product_id}`}><Name text={line.product_name} most={200} /></Link>}{line.sku !== null && <span className="sub mono">{line.sku}</span>}</span></span> },
  { id: "quantity", head: ORDER.quantity, isNumber: true, cell: (line) => line.quantity },
  { id: "price", head: ORDER.price, isNumber: true, className: "hide-s", cell: (line) => money(line.unit_price) },
  { id: "sum", head: ORDER.sum, isNumber: true, cell: (line) => <span className="strong">{money(line.line_total)}</span> },
];

function cents(value: number): number {
  return Math.round(value * 100);
}

function Lines({ order }: { order: OrderDetail }) {
  const sum = order.items.reduce((total, line) => total + cents(line.line_total), 0);
  const rest = cents(order.total) - sum;
  return (
    <section className="card" aria-labelledby="lines">
      <div className="card-head"><h2 id="lines">{ORDER.lines}</h2></div>
      <Table caption={ORDER.linesOfOrder(order.id)} columns={LINES} rows={order.items} keyOf={(line) => line.id} empty={<p className="card-body soft">{ORDER.thisOrderHasNoLines}</p>} />
      <dl className="sums">
        <div><dt>{ORDER.lines}</dt><dd>{money(sum / 100)}</dd></div>
        {rest !== 0 && <div><dt>{rest > 0 ? ORDER.deliveryAndOthers : ORDER.lessADiscount}</dt><dd>{money(rest / 100)}</dd></div>}
        <div className="total"><dt>{ORDER.total}</dt><dd>{money(order.total)}</dd></div>
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
    at: order.created_at, title: order.source_order_id === null ? ORDER.takenHere : ORDER.placedInTheShop, traceId: order.correlation_id,
    about: order.source_order_id === null ? ORDER.bySomebodyWhoIsSigned : ORDER.orderOf(order.source_order_id, order.source_system),
  }];
  for (const entry of entries) {
    steps.push({
      at: entry.created_at, traceId: entry.trace_id, isBad: entry.sync_status === "failed",
      title: entry.sync_status === "failed" ? ORDER.notTakenOver : entry.sync_action === "created" ? ORDER.takenOverFromTheShop : ORDER.byTheSync(sentence(entry.sync_action)),
      about: entry.message ?? undefined,
    });
  }
  if (order.shipment !== null) {
    steps.push({ at: order.shipment.created_at, title: ORDER.shipmentMade, about: [order.shipment.carrier?.toUpperCase(), order.shipment.tracking_number].filter(Boolean).join(", ") });
    if (order.shipment.actual_delivery !== null) {
      steps.push({ at: order.shipment.actual_delivery, title: ORDER.delivered });
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
      <div className="card-head"><h2 id="history">{ORDER.whatHappened}</h2><p>{ORDER.timesAreUtcEachStep}</p></div>
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
              <div className="row between base"><b>{ORDER.waitsInTheBacklog}</b><span className="muted small">{ORDER.now}</span></div>
              <p className="soft">{ORDER.untilItIsShippedCompleted} <Time at={order.created_at} showAge />.</p>
            </li>
          )}
        </ol>
        {trail.problem !== undefined && <ProblemNote problem={trail.problem} what={ORDER.theSyncsPartIsMissing} />}
        {order.source_order_id !== null && <RoleNote right="write" doing={ORDER.seeingWhatTheSyncDid} />}
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
      <div className="card-head"><h2 id="sync">{ORDER.sync}</h2></div>
      <div className="card-body stack stack-3">
        <Kv pairs={[
          [ORDER.state, <SyncState word={order.sync_status} />],
          [ORDER.last, order.last_synced_at !== null && <span><Time at={order.last_synced_at} showAge /> {ORDER.ago}</span>],
          [ORDER.source, <Name text={order.source_system} />],
          [ORDER.sourceOrder, order.source_order_id],
        ]} />
        {order.sync_error !== null && <Note tone="bad"><b>{ORDER.whyItFailed} </b><LongText text={order.sync_error} /></Note>}
        {failure !== undefined && <p className="soft small">{ORDER.soFarTheNextIs(failure.attempts, failure.attempts === 1 ? ORDER.try : ORDER.tries)} <Time at={failure.next_attempt_at} style="clock-ms" /> {ORDER.utc}</p>}
        <SyncSays sync={sync} />
        {order.sync_status === "failed" && mayWrite && <Button icon="sync" busy={sync.busy} onClick={() => sync.run(true)}>{ORDER.tryAgainNow}</Button>}
        {failure !== undefined && <JsonText text={failure.payload} label={ORDER.payloadThatFailed} />}
      </div>
    </section>
  );
}

function ShipmentCard({ order }: { order: OrderDetail }) {
  const shipment = order.shipment;
  return (
    <section className="card" aria-labelledby="shipment">
      <div className="card-head"><h2 id="shipment">{ORDER.shipment}</h2>{shipment !== null && <Link className="small push" href={`/shipments?id=${shipment.id}`}>{ORDER.open}</Link>}</div>
      <div className="card-body">
        {shipment === null ? <p className="soft">{ORDER.noneYet}</p> : (
          <Kv pairs={[
            [ORDER.state, <State word={shipment.status} />],
            [ORDER.tracking, <span className="mono small"><Name text={shipment.tracking_number} /></span>],
            [ORDER.carrier, <Name text={[shipment.carrier?.toUpperCase(), shipment.weight_kg === null ? null : `${shipment.weight_kg.toFixed(2)} kg`].filter(Boolean).join(", ")} />],
            [ORDER.route, `${shipment.origin_region ?? "—"} → ${shipment.destination_region ?? "—"}`],
            [ORDER.expected, shipment.estimated_delivery !== null && <Time at={shipment.estimated_delivery} style="day" />],
            [ORDER.delivered, shipment.actual_delivery !== null && <Time at={shipment.actual_delivery} style="day" />],
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
    say(ORDER.orderIsNow(order.id, sentence(to).toLowerCase()));
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
      {moves.includes("cancelled") && <Button onClick={() => begin("cancelled")}>{ORDER.cancelOrder}</Button>}
      {first !== undefined && <Button kind="primary" onClick={() => begin(first)}>{ORDER.markAs(sentence(first).toLowerCase())}</Button>}
      {asked !== undefined && (
        <Dialog title={asked === "cancelled" ? ORDER.cancelOrderOf(order.id) : ORDER.changeTheStatusOfOrder(order.id)} onClose={() => setAsked(undefined)} actions={
          <>
            <Button autoFocus onClick={() => setAsked(undefined)}>{ORDER.keepIt(sentence(order.status).toLowerCase())}</Button>
            <Button kind={to === "cancelled" ? "danger" : "primary"} busy={form.isBusy ? ORDER.changing : undefined} onClick={() => form.submit()}>{to === "cancelled" ? ORDER.cancelOrder : ORDER.markAsOf(sentence(to).toLowerCase())}</Button>
          </>
        }>
          <div className="stack stack-3">
            {form.problem !== undefined && <ProblemNote problem={form.problem} />}
            <label className="field"><span className="label">{ORDER.newStatus}</span>
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
    <FormDialog title={ORDER.makeTheInvoiceOfOrder(order.id)} verb={ORDER.makeInvoice} busy={ORDER.makingInvoice} done={ORDER.invoiceMade} onClose={onClose} initial={{ tax_percent: "0", due_days: "30" }}
      fields={[{ name: "tax_percent", label: ORDER.taxPercent, kind: "number" }, { name: "due_days", label: ORDER.dueInDays, kind: "number" }, { name: "notes", label: ORDER.note, kind: "area" }]}
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
        <div className="page-head"><div className="stack stack-1"><div className="row row-wrap"><PageTitle tab={ORDER.order(id)} app={APP}>{ORDER.order(id)}</PageTitle></div></div></div>
        <section className="card" aria-busy={loaded.isLoading}>{loaded.problem === undefined ? <Skeleton lines={8} />
          : loaded.problem.status === 404 ? <Empty title={ORDER.noSuchOrder(id)} action={<Link className="btn" href="/orders">{ORDER.allOrders}</Link>}>{ORDER.theNewestIsFirst}</Empty>
          : <ProblemPanel problem={loaded.problem} what={ORDER.orderCouldNotBeLoaded(id)} retry={loaded.reload} />}</section>
      </>
    );
  }
  return (
    <>
      <div className="page-head">
        <div className="stack stack-1">
          <div className="row row-wrap">
            <PageTitle tab={ORDER.order(id)} app={APP}>{ORDER.order(id)}</PageTitle>
            <State word={order.status} /><SyncState word={order.sync_status} />
            {order.backlog_status === "backlog" && <Badge tone="warn">{ORDER.inBacklog} <Time at={order.created_at} showAge /></Badge>}
          </div>
          <p><Name text={order.customer_name} />{ORDER.utcOf(time(order.created_at, "full"))}{order.source_order_id !== null && ORDER.fromTheDroneShopOrder(order.source_order_id)}</p>
        </div>
        <div className="row row-wrap">
          <span className="row">
            {id > 1 && <Link className="btn btn-icon" href={`/orders/${id - 1}`} aria-label={ORDER.previousOrder}><Icon name="up" /></Link>}
            <Link className="btn btn-icon" href={`/orders/${id + 1}`} aria-label={ORDER.nextOrder}><Icon name="down" /></Link>
          </span>
          {mayWrite && <Button icon="invoice" onClick={() => setInvoice(true)}>{ORDER.invoice}</Button>}
          {mayWrite && <Moves order={order} reload={loaded.reload} />}
        </div>
      </div>
      <RoleNote right="write" doing={ORDER.changingOrders} />
      {isInvoice && <MakeInvoice order={order} onClose={() => setInvoice(false)} />}
      <div className="grid g-main">
        <div className="stack">
          <Lines order={order} />
          <History order={order} />
          {order.source_payload !== null && (
            <section className="card" aria-labelledby="payload">
              <div className="card-head"><h2 id="payload">{ORDER.sourcePayload}</h2><p>{ORDER.asTheShopToldIt}</p></div>
              <JsonText text={order.source_payload} label={ORDER.sourcePayloadInText} />
            </section>
          )}
        </div>
        <aside className="stack" aria-label={ORDER.aboutThisOrder}>
          {order.correlation_id !== null && (
            <section className="card" aria-labelledby="trace">
              <div className="card-head"><h2 id="trace">{ORDER.trace}</h2></div>
              <div className="card-body stack stack-3">
                <p className="soft small">{ORDER.theRequestThatPlacedIt}</p>
                <TraceId id={order.correlation_id} />
                <a className="btn btn-block" href={`${document.documentElement.dataset.console ?? ""}/console/traces/${order.correlation_id}`}><Icon name="trace" />{ORDER.openInTheConsole}</a>
              </div>
            </section>
          )}
          <SyncCard order={order} />
          <section className="card" aria-labelledby="customer">
            <div className="card-head"><h2 id="customer">{ORDER.customer}</h2>{order.customer_id !== null && <Link className="small push" href={`/customers?id=${order.customer_id}`}>{ORDER.open}</Link>}</div>
            <div className="card-body stack stack-2">
              <div className="row"><Avatar name={order.customer_name ?? "?"} /><span className="grow"><b><Name text={order.customer_name} /></b><br /><span className="muted small"><Name text={order.customer_email} /></span></span></div>
              <Kv pairs={[[ORDER.shipTo, order.shipping_address !== null && <LongText text={order.shipping_address} />], [ORDER.note, order.notes !== null && <LongText text={order.notes} />]]} />
            </div>
          </section>
          <ShipmentCard order={order} />
          <section className="card" aria-labelledby="statements">
            <div className="card-head"><h2 id="statements">{ORDER.thisPagesStatements}</h2><p className="clip">{order.db_drilldown.database_target}</p></div>
            <ul className="split-list">{order.db_drilldown.sql_ids.map((sqlId) => <li key={sqlId}><SqlId id={sqlId} /></li>)}</ul>
          </section>
        </aside>
      </div>
    </>
  );
}
