/* Invoices, and one of them beside the list: noted as paid, or made void. */
import { useCallback, useState } from "react";

import { send } from "../kit/api";
import { money } from "../kit/format";
import { FormDialog } from "../kit/formdialog";
import { Choice, CursorList, Drawer, DrawerOf, hrefOfId, Name, useChosen } from "../kit/lists";
import { useGet } from "../kit/load";
import { useSendKey } from "../kit/sendkey";
import { State } from "../kit/states";
import { Button, Dialog, Empty, Kv, Link, LongText, PageTitle, ProblemNote, Time, useForm, useParam, useToast, type Column } from "../kit/ui";
import { RoleNote, useMay } from "./session";
import type { Invoice } from "./types";
import { APP, INVOICE_STATUSES } from "./words";

const COLUMNS: Column<Invoice>[] = [
  { id: "number", head: "Invoice", cell: (row) => <Link className="cell" href={hrefOfId(row.id)}>{row.invoice_number}</Link> },
  { id: "customer", head: "Customer", className: "full", cell: (row) => <Name text={row.customer_name} /> },
  { id: "total", head: "Total", isNumber: true, cell: (row) => money(row.total) },
  { id: "status", head: "Status", className: "r", cell: (row) => <State word={row.status} /> },
  { id: "issued", head: "Issued", isNumber: true, className: "hide-s", cell: (row) => <Time at={row.issued_at} style="day" /> },
  { id: "due", head: "Due", isNumber: true, className: "hide-s", cell: (row) => <Time at={row.due_date} style="day" /> },
];

function InvoiceDrawer({ id, onChange }: { id: number; onChange: () => void }) {
  const loaded = useGet<{ invoice: Invoice }>(`/api/invoices/${id}`);
  const mayWrite = useMay("write");
  const [asked, setAsked] = useState<"pay" | "void">();
  const keyFor = useSendKey();
  const say = useToast();
  const done = () => { loaded.reload(); onChange(); };
  const pay = useForm(async () => {
    await send("POST", `/api/invoices/${id}/pay`, undefined, { key: keyFor(["pay", id]) });
    setAsked(undefined);
    say("The invoice is noted as paid.");
    done();
  });
  return (
    <DrawerOf loaded={loaded} what="Invoice">
      {({ invoice }) => {
        const isOpen = invoice.status !== "paid" && invoice.status !== "void";
        return (
          <Drawer label={`Invoice ${invoice.id}`} title={invoice.invoice_number} sub={<Name text={invoice.customer_name} />} actions={
            <><State word={invoice.status} />{mayWrite && isOpen && <><Button size="sm" icon="check" onClick={() => setAsked("pay")}>Note as paid</Button><Button size="sm" onClick={() => setAsked("void")}>Make void</Button></>}</>
          }>
            <div className="panel-sec stack stack-3">
              <Kv pairs={[
                ["Amount", money(invoice.amount)], ["Tax", money(invoice.tax)], ["Total", <b>{money(invoice.total)}</b>], ["Issued", <Time at={invoice.issued_at} style="day" />],
                ["Due", invoice.due_date !== null && <Time at={invoice.due_date} style="day" />], ["Paid", invoice.paid_at !== null && <Time at={invoice.paid_at} />],
                ["Order", invoice.order_id !== null && <Link href={`/orders/${invoice.order_id}`}>Order {invoice.order_id}</Link>],
                ["Customer", invoice.customer_id !== null && <Link href={`/customers?id=${invoice.customer_id}`}><Name text={invoice.customer_name} /></Link>],
                ["Why void", invoice.void_reason !== null && <LongText text={invoice.void_reason} />], ["Note", invoice.notes !== null && <LongText text={invoice.notes} />],
              ]} />
              <RoleNote right="write" doing="changing invoices" />
            </div>
            {asked === "pay" && (
              <Dialog title={`Note ${invoice.invoice_number} as paid?`} onClose={() => setAsked(undefined)} actions={
                <><Button autoFocus onClick={() => setAsked(undefined)}>Keep it open</Button><Button kind="primary" busy={pay.isBusy ? "Noting" : undefined} onClick={() => pay.submit()}>Note as paid</Button></>
              }>
                {pay.problem !== undefined ? <ProblemNote problem={pay.problem} /> : <p>{money(invoice.total)} of {invoice.customer_name}.</p>}
              </Dialog>
            )}
            {asked === "void" && <FormDialog title={`Make ${invoice.invoice_number} void?`} verb="Make void" busy="Making void" done="The invoice is void" onClose={() => setAsked(undefined)}
              fields={[{ name: "reason", label: "Why", kind: "area", isRequired: true }]}
              send={async (body) => { await send("POST", `/api/invoices/${id}/void`, body, { key: keyFor(body) }); done(); }} />}
          </Drawer>
        );
      }}
    </DrawerOf>
  );
}

export function InvoicesPage() {
  const [status] = useParam("status");
  const chosen = useChosen();
  const [reload, setReload] = useState<() => void>(() => () => undefined);
  const keep = useCallback((next: () => void) => setReload(() => next), []);
  return (
    <>
      <div className="page-head"><PageTitle tab="Invoices" app={APP}>Invoices</PageTitle></div>
      <div className={chosen === undefined ? "grid" : "grid g-cust"}>
        <CursorList<Invoice> path="/api/invoices" name="invoices" what="invoices" caption="Invoices, newest first" columns={COLUMNS} keyOf={(row) => row.id} hrefOf={(row) => hrefOfId(row.id)}
          selected={chosen} params={{ status }} isFiltered={status !== ""} empty={<Empty title="No invoices yet">They are made on an order&apos;s page.</Empty>} onReload={keep}
          filters={<div className="filters"><Choice name="status" label="Status" words={INVOICE_STATUSES} /></div>} />
        {chosen !== undefined && <InvoiceDrawer key={chosen} id={chosen} onChange={reload} />}
      </div>
    </>
  );
}
