/* Customers, and all about one of them beside the list: orders, invoices, tickets, what happened. */
import { useState } from "react";

import { send } from "../kit/api";
import { count, money } from "../kit/format";
import { FormDialog, type FieldSpec } from "../kit/formdialog";
import { Drawer, DrawerOf, hrefOfId, Name, NoMatch, NumberedPages, ROWS, Search, useChosen, useOffset } from "../kit/lists";
import { useGet } from "../kit/load";
import { useSendKey } from "../kit/sendkey";
import { sentence, State } from "../kit/states";
import { Badge, Button, Empty, Kv, Link, LongText, PageTitle, ProblemNote, Table, Tabs, Time, tabPanel, useParam, withParams, type Column } from "../kit/ui";
import { NewOrder } from "./orders";
import { Avatar } from "./parts";
import { RoleNote, useMay } from "./session";
import { NewTicket } from "./tickets";
import type { Customer, Invoice, OrderList, Page, Ticket } from "./types";
import { APP } from "./words/app";
import { CUSTOMERS } from "./words/customers";

const FIELDS: FieldSpec[] = [
  { name: "name", label: CUSTOMERS.name, isRequired: true },
  { name: "email", label: CUSTOMERS.eMail, kind: "email", isRequired: true },
  { name: "phone", label: CUSTOMERS.phone },
  { name: "company", label: CUSTOMERS.company },
  { name: "industry", label: CUSTOMERS.industry },
  { name: "revenue", label: CUSTOMERS.yearlyRevenueDollars, kind: "number" },
  { name: "notes", label: CUSTOMERS.note, kind: "area" },
];

/** Whom the synchronisation brought, and nobody has told us of yet: it names the shop where a company would stand. */
function isFromShop(row: Customer): boolean {
  return row.company === "octo-drone-shop";
}

const COLUMNS: Column<Customer>[] = [
  { id: "name", head: CUSTOMERS.customer, sort: "name", className: "full", cell: (row) => <><Link className="cell" href={hrefOfId(row.id)}><Name text={row.name} /></Link><span className="sub"><Name text={isFromShop(row) ? row.email : row.company ?? row.email} /></span></> },
  { id: "industry", head: CUSTOMERS.industry, className: "hide-s", cell: (row) => isFromShop(row) ? <Badge>{CUSTOMERS.fromTheShop}</Badge> : <Name text={row.industry} most={30} /> },
  { id: "revenue", head: CUSTOMERS.yearlyRevenue, isNumber: true, sort: "revenue", cell: (row) => row.revenue ? <span className="nowrap">{money(row.revenue, { whole: true })}</span> : <span className="muted">—</span> },
  { id: "created", head: CUSTOMERS.since, isNumber: true, sort: "created_at", className: "hide-s", cell: (row) => <span className="muted"><Time at={row.created_at} style="day" /></span> },
];

interface Overview {
  orders: { count: number; total: number; backlog: number; last_at: string | null };
  invoices: { open: number; owed: number; overdue: number; paid: number };
  tickets: { count: number; open: number };
}

interface Happening {
  kind: string;
  at: string;
  id: number;
  label: string | null;
  amount: number | null;
  status: string | null;
}

const SHOWN = 10;

function OrdersOf({ id }: { id: number }) {
  const list = useGet<OrderList>("/api/orders", { customer_id: id, limit: SHOWN });
  const rows = list.value?.orders ?? [];
  return (
    <>
      {list.problem !== undefined && <ProblemNote problem={list.problem} />}
      {list.value !== undefined && rows.length === 0 && <p className="soft">{CUSTOMERS.noOrders}</p>}
      <ul className="stack stack-2">
        {rows.map((order) => (
          <li key={order.id} className="row"><Link className="strong no-u" href={`/orders/${order.id}`}>#{order.id}</Link><span className="grow muted"><Time at={order.created_at} /></span><State word={order.status} /><span className="num nowrap w-money">{money(order.total)}</span></li>
        ))}
      </ul>
      {list.value !== undefined && list.value.total > SHOWN && <p className="small"><Link href={`/orders?customer=${id}`}>{CUSTOMERS.allOrders(list.value.total)}</Link></p>}
    </>
  );
}

function InvoicesOf({ id }: { id: number }) {
  const list = useGet<Page & { invoices: Invoice[] }>("/api/invoices", { customer_id: id, limit: SHOWN });
  const rows = list.value?.invoices ?? [];
  return (
    <>
      {list.problem !== undefined && <ProblemNote problem={list.problem} />}
      {list.value !== undefined && rows.length === 0 && <p className="soft">{CUSTOMERS.noInvoices}</p>}
      <ul className="stack stack-2">
        {rows.map((invoice) => (
          <li key={invoice.id} className="row"><Link className="strong no-u grow clip" href={`/invoices?id=${invoice.id}`}>{invoice.invoice_number}</Link><State word={invoice.status} /><span className="num nowrap w-money">{money(invoice.total)}</span></li>
        ))}
      </ul>
    </>
  );
}

function TicketsOf({ id }: { id: number }) {
  const list = useGet<Page & { tickets: Ticket[] }>("/api/tickets", { customer_id: id, limit: SHOWN });
  const rows = list.value?.tickets ?? [];
  return (
    <>
      {list.problem !== undefined && <ProblemNote problem={list.problem} />}
      {list.value !== undefined && rows.length === 0 && <p className="soft">{CUSTOMERS.noTickets}</p>}
      <ul className="stack stack-2">
        {rows.map((ticket) => (
          <li key={ticket.id} className="row"><State word={ticket.status} /><Link className="grow no-u" href={`/tickets?id=${ticket.id}`}><Name text={ticket.subject} /></Link><span className="muted small"><Time at={ticket.created_at} showAge /></span></li>
        ))}
      </ul>
    </>
  );
}

function hrefOfHappening(one: Happening): string | undefined {
  const place = { order: "/orders/", invoice: "/invoices?id=", ticket: "/tickets?id=" }[one.kind.split("_")[0]!];
  return place === undefined || one.kind === "ticket_message" ? undefined : `${place}${one.id}`;
}

function TimelineOf({ id }: { id: number }) {
  const list = useGet<Page & { events: Happening[] }>(`/api/customers/${id}/timeline`, { limit: 20 });
  const rows = list.value?.events ?? [];
  return (
    <>
      {list.problem !== undefined && <ProblemNote problem={list.problem} />}
      {list.value !== undefined && rows.length === 0 && <p className="soft">{CUSTOMERS.nothingHappenedYet}</p>}
      <ol className="timeline">
        {rows.map((one, at) => {
          const href = hrefOfHappening(one);
          return (
            <li key={at} className="done">
              <div className="row between base"><b>{href === undefined ? sentence(one.kind) : <Link href={href}>{sentence(one.kind)}</Link>}</b><Time at={one.at} style="day" /></div>
              <p className="soft"><Name text={one.label} most={120} />{one.amount !== null && `, ${money(one.amount)}`}{one.status !== null && `, ${sentence(one.status).toLowerCase()}`}</p>
            </li>
          );
        })}
      </ol>
    </>
  );
}

function CustomerDrawer({ id, onChange }: { id: number; onChange: () => void }) {
  const loaded = useGet<{ customer: Customer }>(`/api/customers/${id}`);
  const about = useGet<Overview>(`/api/customers/${id}/overview`).value;
  const [view] = useParam("view", "orders");
  const [opened, setOpened] = useState<"edit" | "order" | "ticket">();
  const mayWrite = useMay("write");
  const mayHelp = useMay("help");
  const keyFor = useSendKey();
  const close = () => setOpened(undefined);
  return (
    <DrawerOf loaded={loaded} what={CUSTOMERS.customer}>
      {({ customer }) => (
        <Drawer label={CUSTOMERS.customerOf(customer.id)} lead={<Avatar name={customer.name} large />} title={<Name text={customer.name} most={200} />}
          sub={<Name text={[customer.company, customer.industry].filter(Boolean).join(", ")} most={120} />} actions={
            <>
              <a className="btn btn-sm" href={`mailto:${encodeURIComponent(customer.email).replace("%40", "@")}`}>{CUSTOMERS.write}</a>
              {mayWrite && <Button size="sm" icon="plus" onClick={() => setOpened("order")}>{CUSTOMERS.order}</Button>}
              {mayHelp && <Button size="sm" icon="ticket" onClick={() => setOpened("ticket")}>{CUSTOMERS.ticket}</Button>}
              {mayWrite && <Button size="sm" onClick={() => setOpened("edit")}>{CUSTOMERS.change}</Button>}
            </>
          }>
          <div className="panel-sec">
            <Kv pairs={[
              [CUSTOMERS.eMail, <Name text={customer.email} most={200} />], [CUSTOMERS.phone, customer.phone], [CUSTOMERS.customerSince, <Time at={customer.created_at} style="day" />],
              [CUSTOMERS.bought, about && `${count(about.orders.count)} ${about.orders.count === 1 ? CUSTOMERS.orderInText : CUSTOMERS.orders}, ${money(about.orders.total)}`], [CUSTOMERS.owes, about && `${money(about.invoices.owed)}${about.invoices.overdue > 0 ? CUSTOMERS.ofItOverdue(money(about.invoices.overdue)) : ""}`],
              [CUSTOMERS.note, customer.notes !== null && <LongText text={customer.notes} />],
            ]} />
            <RoleNote right="write" doing={CUSTOMERS.changingCustomers} />
          </div>
          <div className="panel-sec">
            <Tabs label={CUSTOMERS.aboutThisCustomer} param="view" current={view} tabs={[
              { id: "orders", label: CUSTOMERS.ordersAgain, count: about?.orders.count }, { id: "invoices", label: CUSTOMERS.invoices },
              { id: "tickets", label: CUSTOMERS.tickets, count: about?.tickets.count }, { id: "timeline", label: CUSTOMERS.timeline },
            ]} />
            <div className="drawer-tab" {...tabPanel(view)}>
              {view === "orders" && <OrdersOf id={id} />}{view === "invoices" && <InvoicesOf id={id} />}{view === "tickets" && <TicketsOf id={id} />}{view === "timeline" && <TimelineOf id={id} />}
            </div>
          </div>
          {opened === "order" && <NewOrder customerId={id} onClose={close} onDone={loaded.reload} />}
          {opened === "ticket" && <NewTicket customerId={id} onClose={close} onDone={loaded.reload} />}
          {opened === "edit" && <FormDialog title={CUSTOMERS.changeTheCustomer} verb={CUSTOMERS.save} busy={CUSTOMERS.saving} done={CUSTOMERS.customerSaved} fields={FIELDS} isChange onClose={close}
            initial={Object.fromEntries(FIELDS.map(({ name }) => [name, String((customer as unknown as Record<string, unknown>)[name] ?? "")]))}
            send={async (body) => {
              await send("PUT", `/api/customers/${id}`, body, { key: keyFor([loaded.etag, body]), etag: loaded.etag ?? undefined });
              loaded.reload();
              onChange();
            }} />}
        </Drawer>
      )}
    </DrawerOf>
  );
}

export function CustomersPage() {
  const [q] = useParam("q");
  const [sort] = useParam("sort", "name");
  const chosen = useChosen();
  const offset = useOffset();
  const mayWrite = useMay("write");
  const [isNew, setNew] = useState(false);
  const keyFor = useSendKey();
  const list = useGet<{ customers: Customer[]; total: number }>("/api/customers", {
    search: q, limit: ROWS, offset: offset === 0 ? null : offset, sort_by: sort.replace("-", ""), order: sort.startsWith("-") ? "desc" : "asc",
  });
  const rows = list.value?.customers;
  return (
    <>
      <div className="page-head">
        <PageTitle tab={CUSTOMERS.customers} app={APP}>{CUSTOMERS.customers}</PageTitle>
        {mayWrite && <Button kind="primary" icon="plus" onClick={() => setNew(true)}>{CUSTOMERS.newCustomer}</Button>}
      </div>
      <RoleNote right="write" doing={CUSTOMERS.changingCustomers} />
      <div className={chosen === undefined ? "grid" : "grid g-cust"}>
        <section className="card" aria-label={CUSTOMERS.customers}>
          <div className="card-head"><Search label={CUSTOMERS.nameCompanyOrEMail} /></div>
          <Table caption={CUSTOMERS.customers} columns={COLUMNS} rows={rows} keyOf={(row) => row.id} hrefOf={(row) => withParams({ id: row.id })} sort={sort} selected={chosen}
            isLoading={list.isLoading} problem={list.problem} what={CUSTOMERS.customers} retry={list.reload} empty={q !== "" ? <NoMatch what={CUSTOMERS.customersInText} /> : <Empty title={CUSTOMERS.noCustomersYet} />} />
          {list.value !== undefined && rows !== undefined && rows.length > 0 && <NumberedPages total={list.value.total} what={CUSTOMERS.customersInText} />}
        </section>
        {chosen !== undefined && <CustomerDrawer key={chosen} id={chosen} onChange={list.reload} />}
      </div>
      {isNew && <FormDialog title={CUSTOMERS.newCustomer} verb={CUSTOMERS.save} busy={CUSTOMERS.saving} done={CUSTOMERS.customerSaved} fields={FIELDS} onClose={() => setNew(false)}
        send={async (body) => { await send("POST", "/api/customers", body, { key: keyFor(body) }); list.reload(); }} />}
    </>
  );
}
