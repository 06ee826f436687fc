/* Orders of the shop, and one with its lines, its parcel and the trace of its purchase. */
import { useState } from "react";

import { ask, send } from "../kit/api";
import { count, money } from "../kit/format";
import { FormDialog, optionsOf } from "../kit/formdialog";
import { Choice, Name, NoMatch, NumberedPages, ROWS, useOffset } from "../kit/lists";
import { useGet } from "../kit/load";
import { useSendKey } from "../kit/sendkey";
import { State, sentence } from "../kit/states";
import { Button, Empty, Kv, Link, LongText, PageTitle, ProblemPanel, Skeleton, Table, Time, TraceId, useParam, type Column } from "../kit/ui";
import type { Order as ShownOrder } from "../shop/order";
import { useMay } from "./session";
import { ORDERS } from "./words/orders";
import { APP } from "./words/staff";

interface Order extends ShownOrder {
  customer_email: string | null;
}

const STATUSES = ["pending", "queued", "processing", "payment_pending", "paid", "shipped", "completed", "delivered", "failed", "cancelled", "refunded", "backlog", "awaiting_fulfillment", "awaiting_dispatch"];
const PAYMENTS = ["pending", "payment_pending", "paid", "failed", "cancelled", "refunded"];
const SETTABLE = ["pending", "queued", "processing", "shipped", "delivered", "completed", "cancelled"]; // what an administrator may say; what may follow what, the service knows
const AGAIN_MS = 15_000;

const COLUMNS: Column<Order>[] = [
  { id: "id", head: ORDERS.orderHead, cell: (row) => <Link className="cell" href={`/staff/orders/${row.id}`}>#{row.id}</Link> },
  { id: "total", head: ORDERS.total, isNumber: true, cell: (row) => money(row.total) },
  { id: "who", head: ORDERS.customer, className: "full", cell: (row) => <><Name text={row.customer_name} /><span className="sub"><Name text={row.customer_email} /></span></> },
  { id: "what", head: ORDERS.what, className: "hide-s", cell: (row) => <Name text={row.items.map((item) => item.name).join(", ")} most={70} /> },
  { id: "payment", head: ORDERS.payment, className: "hide-s", cell: (row) => row.payment_status === null ? "—" : <State word={row.payment_status} /> },
  { id: "placed", head: ORDERS.placed, className: "hide-s", cell: (row) => <span className="muted"><Time at={row.created_at} /></span> },
  { id: "status", head: ORDERS.state, className: "r", cell: (row) => <State word={row.status} /> },
];

export function OrdersPage() {
  const [status] = useParam("status");
  const offset = useOffset();
  const { value, problem, isLoading, reload } = useGet<{ orders: Order[]; total: number }>("/api/orders", { status, limit: ROWS, offset }, { everyMs: AGAIN_MS });
  return (
    <>
      <div className="page-head"><PageTitle tab={ORDERS.title} app={APP}>{ORDERS.title}</PageTitle></div>
      <section className="card" aria-label={ORDERS.title}>
        <div className="card-head"><div className="filters"><Choice name="status" label={ORDERS.state} words={STATUSES} /></div></div>
        <Table caption={ORDERS.caption} what={ORDERS.title} columns={COLUMNS} rows={value?.orders} keyOf={(row) => row.id} hrefOf={(row) => `/staff/orders/${row.id}`} isLoading={isLoading} isQuiet={value !== undefined}
          problem={problem} retry={reload} empty={status !== "" ? <NoMatch what={ORDERS.ordersInText} /> : <Empty title={ORDERS.none} />} />
        {value !== undefined && value.total > 0 && <NumberedPages total={value.total} what={ORDERS.ordersInText} />}
      </section>
    </>
  );
}

interface Kept {
  customer_id: number;
  total: number;
  status: string;
  payment_status: string;
  shipping_address: string | null;
  notes: string | null;
}

function Change({ order, onClose, onDone }: { order: Order; onClose: () => void; onDone: () => void }) {
  const keyFor = useSendKey();
  const path = `/api/admin/orders/${order.id}`;
  const kept = useGet<Kept>(path);
  if (kept.value === undefined) {
    return null;
  }
  const { customer_id, total, shipping_address, notes, status, payment_status } = kept.value;
  return (
    <FormDialog title={ORDERS.changeTitle(order.id)} verb={ORDERS.save} busy={ORDERS.saving} done={ORDERS.orderSaved} isChange onClose={onClose} onNewer={kept.reload} initial={{ status, payment_status }}
      fields={[
        { name: "status", label: ORDERS.state, kind: "select", options: optionsOf([...new Set([status, ...SETTABLE])], sentence), hint: ORDERS.cancelHint },
        { name: "payment_status", label: ORDERS.payment, kind: "select", options: optionsOf([...new Set([payment_status, ...PAYMENTS])], sentence) },
      ]}
      send={async (changes) => {
        const body = { customer_id, total, shipping_address, ...(notes === null ? {} : { notes }), ...changes };
        await send("PUT", path, body, { key: keyFor([kept.etag, body]), etag: kept.etag ?? (await ask<Kept>(path)).etag ?? undefined });
        onDone();
      }} />
  );
}

function Lines({ order }: { order: Order }) {
  return (
    <section className="card" aria-labelledby="lines"><div className="card-head"><h2 id="lines">{ORDERS.lines}</h2></div>
      <Table caption={ORDERS.lines} rows={order.items} keyOf={(row) => row.sku} columns={[
        { id: "name", head: ORDERS.product, className: "full", cell: (row) => <><a className="cell" href={`/shop/products/${encodeURIComponent(row.sku)}`}><Name text={row.name} most={80} /></a><span className="sub mono">{row.sku}</span></> },
        { id: "quantity", head: ORDERS.quantity, isNumber: true, cell: (row) => count(row.quantity) },
        { id: "total", head: ORDERS.total, isNumber: true, cell: (row) => money(row.line_total) },
      ]} partial={<span className="push num">{money(order.subtotal)} − {money(order.discount)} + {money(order.shipping_cost)} = <b>{money(order.total)}</b></span>} />
    </section>
  );
}

export function OrderPage({ id }: { id: string }) {
  const loaded = useGet<Order>(/^\d+$/.test(id) ? `/api/orders/${id}` : null, {}, { everyMs: AGAIN_MS });
  const mayChange = useMay("administer");
  const [isChange, setChange] = useState(false);
  const order = loaded.value;
  return (
    <>
      <div className="page-head"><PageTitle tab={ORDERS.order(id)} app={APP}>{ORDERS.order(id)}</PageTitle>
        {order !== undefined && <span className="row"><State word={order.status} />{mayChange && <Button onClick={() => setChange(true)}>{ORDERS.change}</Button>}</span>}</div>
      {order === undefined && (loaded.problem === undefined ? <Skeleton lines={6} /> : <ProblemPanel problem={loaded.problem} what={ORDERS.theOrderCouldNotBe} retry={loaded.reload} />)}
      {order !== undefined && (
        <div className="grid g-2">
          <Lines order={order} />
          <div className="stack">
            <section className="card card-pad stack stack-3" aria-labelledby="who"><h2 id="who">{ORDERS.who}</h2>
              <Kv pairs={[[ORDERS.customer, <Name text={order.customer_name} />], [ORDERS.eMail, <Name text={order.customer_email} />], [ORDERS.to, order.shipping_address === null ? null : <LongText text={order.shipping_address} />],
                [ORDERS.payment, <span className="row">{order.payment_status !== null && <State word={order.payment_status} />}{sentence(order.payment_method)}</span>], [ORDERS.coupon, order.coupon_code], [ORDERS.placed, <Time at={order.created_at} />]]} /></section>
            {order.shipment !== null &&
              <section className="card card-pad stack stack-3" aria-labelledby="parcel"><h2 id="parcel">{ORDERS.parcel}</h2>
                <Kv pairs={[[ORDERS.tracking, <span className="mono">{order.shipment.tracking_number}</span>], [ORDERS.state, <State word={order.shipment.status} />], [ORDERS.carrier, order.shipment.carrier], [ORDERS.expected, order.shipment.estimated_delivery && <Time at={order.shipment.estimated_delivery} style="day" />]]} /></section>}
            {order.correlation_id !== null && order.correlation_id !== "" &&
              <section className="card card-pad stack stack-2" aria-labelledby="made"><h2 id="made">{ORDERS.trace}</h2><TraceId id={order.correlation_id} /></section>}
          </div>
        </div>
      )}
      {order !== undefined && isChange && <Change order={order} onClose={() => setChange(false)} onDone={loaded.reload} />}
    </>
  );
}
