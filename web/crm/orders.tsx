/* Orders: all of them, what waits, what could not be taken over from the shop and why. */
import { useEffect, useRef, useState } from "react";

import { send } from "../kit/api";
import { count, money } from "../kit/format";
import { FormDialog, type FieldSpec } from "../kit/formdialog";
import { Choice, Name, NoMatch, NumberedPages, ROWS, Search, useOffset } from "../kit/lists";
import { useLive, type LiveState } from "../kit/live";
import { useGet } from "../kit/load";
import { useSendKey } from "../kit/sendkey";
import { State } from "../kit/states";
import { Button, Empty, Link, Note, PageTitle, ProblemNote, Table, Tabs, Time, TraceId, tabPanel, useForm, useParam, useToast, withParams, type Column, type Tab } from "../kit/ui";
import { JsonText, SyncState } from "./parts";
import { RoleNote, useMay } from "./session";
import { ORDER_STATUSES } from "./states";
import { SyncSays, useSync } from "./syncrun";
import type { Order, OrderList, OrderRisks, Page, SyncFailure } from "./types";
import { APP } from "./words/app";
import { ORDERS } from "./words/orders";

const REDRAW_MS = 1000;

/** Asks again when an order comes or changes, at most once a second. Says whether it is told of them. */
export function useOrderEvents(onEvent: () => void): LiveState {
  const mayWatch = useMay("watch");
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const latest = useRef(onEvent);
  latest.current = onEvent;
  const live = useLive(mayWatch ? "/api/events/orders" : null, ["created", "status", "taken_over", "missed"], () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      latest.current();
    }, REDRAW_MS);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return live;
}

const COLUMNS: Column<Order>[] = [
  { id: "order", head: ORDERS.order, cell: (order) => <Link className="cell" href={`/orders/${order.id}`}>#{order.id}</Link> },
  {
    id: "customer", head: ORDERS.customer, className: "full", cell: (order) => (
      <>
        {order.customer_id === null ? <Name text={order.customer_name} /> : <Link className="cell" href={`/customers?id=${order.customer_id}`}><Name text={order.customer_name} /></Link>}
        <span className="sub"><Name text={order.customer_email} /></span>
      </>
    ),
  },
  {
    id: "source", head: ORDERS.source, className: "hide-s", cell: (order) => order.source_order_id === null
      ? <span className="muted nowrap">{ORDERS.madeHere}</span> : <span className="nowrap"><Name text={order.source_system.replace("octo-drone-shop", "Shop")} most={20} /> <span className="muted">#{order.source_order_id}</span></span>,
  },
  { id: "total", head: ORDERS.total, isNumber: true, cell: (order) => <span className="nowrap">{money(order.total)}</span> },
  { id: "status", head: ORDERS.status, cell: (order) => <State word={order.status} /> },
  { id: "sync", head: ORDERS.sync, className: "r", cell: (order) => <SyncState word={order.sync_status} /> },
  { id: "waiting", head: ORDERS.waiting, className: "hide-s", cell: (order) => order.backlog_status === "backlog" ? <span className="warn strong"><Time at={order.created_at} showAge /></span> : <span className="muted">—</span> },
  { id: "trace", head: ORDERS.trace, className: "hide-s", cell: (order) => order.correlation_id === null ? <span className="muted">—</span> : <TraceId id={order.correlation_id} short /> },
  { id: "created", head: ORDERS.created, isNumber: true, className: "hide-s", cell: (order) => <span className="muted"><Time at={order.created_at} /></span> },
];

interface FailureList extends Page {
  failures: SyncFailure[];
}

/** Why an order failed, what came, when it is tried again. */
function Failure({ failure, onRetry, busy, mayRetry }: { failure: SyncFailure; onRetry: () => void; busy: string | undefined; mayRetry: boolean }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li className="failure">
      <Note tone="bad">
        <div className="row row-wrap between top">
          <p className="grow">
            <b>{ORDERS.orderOfTheShopWas(failure.source_order_id, failure.order_id === null ? ORDERS.takenOver : ORDERS.broughtUpToDate)} </b><Name text={failure.last_error} most={500} /><br />
            <span className="soft">
              {ORDERS.lastAt(failure.attempts === 1 ? ORDERS.triedOnce : ORDERS.triedTimes(count(failure.attempts)))} <Time at={failure.updated_at} style="clock-ms" />{ORDERS.theNextTryIsDue} <Time at={failure.next_attempt_at} style="clock-ms" /> {ORDERS.utc}
              {failure.order_id !== null && <> {ORDERS.whatIsKnownOfIt} <Link href={`/orders/${failure.order_id}`}>{ORDERS.orderOf(failure.order_id)}</Link>.</>}
            </span>
          </p>
          <span className="row">
            <Button size="sm" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>{isOpen ? ORDERS.hidePayload : ORDERS.showPayload}</Button>
            {mayRetry && <Button size="sm" icon="sync" busy={busy} onClick={onRetry}>{ORDERS.tryAgainNow}</Button>}
          </span>
        </div>
        {isOpen && <JsonText text={failure.payload} label={ORDERS.payloadOfOrder(failure.source_order_id)} />}
      </Note>
    </li>
  );
}

function Failures() {
  const mayWrite = useMay("write");
  const failures = useGet<FailureList>(mayWrite ? "/api/orders/sync/failures" : null, { limit: 50 });
  const sync = useSync();
  if (!mayWrite) {
    return <section className="card card-pad"><RoleNote right="write" doing={ORDERS.seeingWhyAnOrderFailed} /></section>;
  }
  const rows = failures.value?.failures ?? [];
  return (
    <section className="card" aria-labelledby="not-taken">
      <div className="card-head"><h2 id="not-taken">{ORDERS.whatFailed}</h2><p>{ORDERS.keptAsItCameAnd}</p></div>
      <div className="card-body stack stack-3">
        <SyncSays sync={sync} />
        {failures.problem !== undefined && <ProblemNote problem={failures.problem} what={ORDERS.whatFailedCouldNotBe} />}
        {failures.value !== undefined && rows.length === 0 && <p className="soft">{ORDERS.noOrderFailed}</p>}
        <ul className="stack stack-2">
          {rows.map((failure) => <Failure key={failure.source_order_id} failure={failure} busy={sync.busy} mayRetry={mayWrite} onRetry={() => sync.run(true)} />)}
        </ul>
      </div>
    </section>
  );
}

const NEW_ORDER: FieldSpec[] = [
  { name: "customer_id", label: ORDERS.customerNumber, kind: "number", isRequired: true, hint: ORDERS.itStandsInTheAddress },
  { name: "product_id", label: ORDERS.productNumber, kind: "number", isRequired: true },
  { name: "quantity", label: ORDERS.quantity, kind: "number", isRequired: true },
  { name: "shipping_address", label: ORDERS.shipTo, kind: "area" },
  { name: "notes", label: ORDERS.note, kind: "area" },
];

export function NewOrder({ onClose, onDone, customerId }: { onClose: () => void; onDone: () => void; customerId?: number }) {
  const keyFor = useSendKey();
  return (
    <FormDialog title={ORDERS.newOrder} verb={ORDERS.placeOrder} busy={ORDERS.placingOrder} done={ORDERS.orderPlaced} fields={NEW_ORDER} onClose={onClose}
      initial={{ quantity: "1", customer_id: customerId === undefined ? "" : String(customerId) }}
      send={async (body) => { await send("POST", "/api/orders", body, { key: keyFor(body) }); onDone(); }} />
  );
}

/** What is selected: how many, worth what, and what may be done with all of them. */
function BulkBar({ orders, onClear, onDone }: { orders: Order[]; onClear: () => void; onDone: () => void }) {
  const say = useToast();
  const sum = orders.reduce((total, order) => total + Math.round(order.total * 100), 0) / 100;
  const form = useForm(async () => {
    for (const order of orders) { // one after the other: where one is refused the rest is as it was, and what is done stays
      await send("PATCH", `/api/orders/${order.id}/status`, { status: "shipped" });
    }
    say(ORDERS.markedAsShipped(orders.length, orders.length === 1 ? ORDERS.orderIs : ORDERS.ordersAre));
    onDone();
  });
  return (
    <div className="bulk" role="region" aria-label={ORDERS.selectedOrders}>
      <b role="status">{ORDERS.selected(orders.length)}</b><span className="muted">{money(sum)}</span>
      <Button size="sm" busy={form.isBusy ? ORDERS.marking : undefined} onClick={() => form.submit()}>{ORDERS.markAsShipped}</Button>
      <Button size="sm" kind="quiet" onClick={onClear}>{ORDERS.clear}</Button>
      {form.problem !== undefined && <ProblemNote problem={form.problem} />}
    </div>
  );
}

export function OrdersPage() {
  const [tab] = useParam("tab", "all");
  const [q] = useParam("q");
  const [status] = useParam("status");
  const [source] = useParam("source");
  const [customer] = useParam("customer");
  const offset = useOffset();
  const mayWrite = useMay("write");
  const [isNew, setNew] = useState(false);
  const [chosen, setChosen] = useState<number[]>([]);
  const list = useGet<OrderList>("/api/orders", {
    search: q, limit: ROWS, offset: offset === 0 ? null : offset, status, source_system: source, customer_id: customer,
    backlog_only: tab === "backlog" ? true : null, sync_status: tab === "failed" ? "failed" : null,
  });
  const risks = useGet<OrderRisks>("/api/orders/security/summary");
  const reload = () => { list.reload(); risks.reload(); };
  const sync = useSync();
  useOrderEvents(reload);

  const tabs: Tab[] = [
    { id: "all", label: ORDERS.all, count: risks.value?.total_orders },
    { id: "backlog", label: ORDERS.backlog, count: risks.value?.backlog_orders },
    { id: "failed", label: ORDERS.syncFailed, count: risks.value?.failed_syncs },
  ];
  const limit = risks.value?.thresholds.suspicious_order_total ?? Infinity;
  const rows = list.value?.orders;
  const selected = rows?.filter((order) => chosen.includes(order.id)) ?? [];
  const isFiltered = q !== "" || status !== "" || source !== "" || customer !== "";
  const columns: Column<Order>[] = [
    ...(mayWrite ? [{
      id: "select", head: <span className="vh">{ORDERS.select}</span>, className: "hide-s", cell: (order: Order) => (
        <input type="checkbox" aria-label={ORDERS.selectOrder(order.id)} checked={chosen.includes(order.id)}
          onChange={(event) => setChosen(event.target.checked ? [...chosen, order.id] : chosen.filter((id) => id !== order.id))} />
      ),
    }] : []),
    ...COLUMNS.map((column) => column.id !== "total" ? column : {
      ...column, cell: (order: Order) => <><span className="nowrap">{money(order.total)}</span>{order.total >= limit && <span className="sub warn">{ORDERS.above(money(limit, { whole: true }))}</span>}</>,
    }),
  ];
  return (
    <>
      <div className="page-head">
        <PageTitle tab={ORDERS.orders} app={APP}>{ORDERS.orders}</PageTitle>
        <div className="row row-wrap">
          {mayWrite && <Button icon="sync" busy={sync.busy} onClick={() => sync.run()}>{ORDERS.syncNow}</Button>}
          {mayWrite && <Button kind="primary" icon="plus" onClick={() => setNew(true)}>{ORDERS.newOrder}</Button>}
        </div>
      </div>
      {!mayWrite && <RoleNote right="write" doing={ORDERS.changingOrders} />}
      <SyncSays sync={sync} />
      <Tabs tabs={tabs} current={tab} label={ORDERS.views} />
      <div className="stack" {...tabPanel(tab)}>
        {tab === "failed" && <Failures />}
        <section className="card" aria-label={ORDERS.orders}>
          <div className="card-head">
            <Search label={ORDERS.numberCustomerOrEMail} />
            <div className="filters">
              <Choice name="status" label={ORDERS.status} words={ORDER_STATUSES} />
              <Choice name="source" label={ORDERS.source} words={["octo-drone-shop", "enterprise-crm"]} labelOf={(word) => word === "enterprise-crm" ? ORDERS.madeHere : ORDERS.droneShop} />
              {customer !== "" && <span className="pill pill-on">{ORDERS.customer} <b>{customer}</b><Link href={withParams({ customer: null })} aria-label={ORDERS.removeCustomer}>×</Link></span>}
            </div>
          </div>
          <Table caption={ORDERS.ordersNewestFirst} columns={columns} rows={rows} keyOf={(order) => order.id} hrefOf={(order) => `/orders/${order.id}`} isLoading={list.isLoading}
            problem={list.problem} what={ORDERS.orders} retry={reload} empty={isFiltered ? <NoMatch what={ORDERS.ordersInText} /> : <NoOrders tab={tab} minutes={risks.value?.thresholds.backlog_age_minutes} />} />
          {list.value !== undefined && rows !== undefined && rows.length > 0 && <NumberedPages total={list.value.total} what={ORDERS.ordersInText} />}
        </section>
        {selected.length > 0 && <BulkBar orders={selected} onClear={() => setChosen([])} onDone={() => { setChosen([]); reload(); }} />}
      </div>
      {isNew && <NewOrder onClose={() => setNew(false)} onDone={reload} />}
    </>
  );
}

function NoOrders({ tab, minutes }: { tab: string; minutes: number | undefined }) {
  if (tab === "backlog") {
    return <Empty title={ORDERS.noOrderWaitsLongerThan(minutes ?? 30)} />;
  }
  if (tab === "failed") {
    return <Empty title={ORDERS.noOrderThatIsHere} />;
  }
  return <Empty title={ORDERS.noOrdersYet}>{ORDERS.whatIsBoughtInThe}</Empty>;
}

