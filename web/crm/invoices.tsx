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
import { INVOICE_STATUSES } from "./states";
import { APP } from "./words/app";
import { INVOICES } from "./words/invoices";

const COLUMNS: Column<Invoice>[] = [
  { id: "number", head: INVOICES.invoice, cell: (row) => <Link className="cell" href={hrefOfId(row.id)}>{row.invoice_number}</Link> },
  { id: "customer", head: INVOICES.customer, className: "full", cell: (row) => <Name text={row.customer_name} /> },
  { id: "total", head: INVOICES.total, isNumber: true, cell: (row) => money(row.total) },
  { id: "status", head: INVOICES.status, className: "r", cell: (row) => <State word={row.status} /> },
  { id: "issued", head: INVOICES.issued, isNumber: true, className: "hide-s", cell: (row) => <Time at={row.issued_at} style="day" /> },
  { id: "due", head: INVOICES.due, isNumber: true, className: "hide-s", cell: (row) => <Time at={row.due_date} style="day" /> },
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
    say(INVOICES.theInvoiceIsNotedAs);
    done();
  });
  return (
    <DrawerOf loaded={loaded} what={INVOICES.invoice}>
      {({ invoice }) => {
        const isOpen = invoice.status !== "paid" && invoice.status !== "void";
        return (
          <Drawer label={INVOICES.invoiceOf(invoice.id)} title={invoice.invoice_number} sub={<Name text={invoice.customer_name} />} actions={
            <><State word={invoice.status} />{mayWrite && isOpen && <><Button size="sm" icon="check" onClick={() => setAsked("pay")}>{INVOICES.noteAsPaid}</Button><Button size="sm" onClick={() => setAsked("void")}>{INVOICES.makeVoid}</Button></>}</>
          }>
            <div className="panel-sec stack stack-3">
              <Kv pairs={[
                [INVOICES.amount, money(invoice.amount)], [INVOICES.tax, money(invoice.tax)], [INVOICES.total, <b>{money(invoice.total)}</b>], [INVOICES.issued, <Time at={invoice.issued_at} style="day" />],
                [INVOICES.due, invoice.due_date !== null && <Time at={invoice.due_date} style="day" />], [INVOICES.paid, invoice.paid_at !== null && <Time at={invoice.paid_at} />],
                [INVOICES.order, invoice.order_id !== null && <Link href={`/orders/${invoice.order_id}`}>{INVOICES.orderOf(invoice.order_id)}</Link>],
                [INVOICES.customer, invoice.customer_id !== null && <Link href={`/customers?id=${invoice.customer_id}`}><Name text={invoice.customer_name} /></Link>],
                [INVOICES.whyVoid, invoice.void_reason !== null && <LongText text={invoice.void_reason} />], [INVOICES.note, invoice.notes !== null && <LongText text={invoice.notes} />],
              ]} />
              <RoleNote right="write" doing={INVOICES.changingInvoices} />
            </div>
            {asked === "pay" && (
              <Dialog title={INVOICES.noteAsPaidOf(invoice.invoice_number)} onClose={() => setAsked(undefined)} actions={
                <><Button autoFocus onClick={() => setAsked(undefined)}>{INVOICES.keepItOpen}</Button><Button kind="primary" busy={pay.isBusy ? INVOICES.noting : undefined} onClick={() => pay.submit()}>{INVOICES.noteAsPaid}</Button></>
              }>
                {pay.problem !== undefined ? <ProblemNote problem={pay.problem} /> : <p>{INVOICES.of(money(invoice.total))} {invoice.customer_name}.</p>}
              </Dialog>
            )}
            {asked === "void" && <FormDialog title={INVOICES.makeVoidOf(invoice.invoice_number)} verb={INVOICES.makeVoid} busy={INVOICES.makingVoid} done={INVOICES.theInvoiceIsVoid} onClose={() => setAsked(undefined)}
              fields={[{ name: "reason", label: INVOICES.why, kind: "area", isRequired: true }]}
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
      <div className="page-head"><PageTitle tab={INVOICES.invoices} app={APP}>{INVOICES.invoices}</PageTitle></div>
      <div className={chosen === undefined ? "grid" : "grid g-cust"}>
        <CursorList<Invoice> path="/api/invoices" name="invoices" what={INVOICES.invoicesInText} caption={INVOICES.invoicesNewestFirst} columns={COLUMNS} keyOf={(row) => row.id} hrefOf={(row) => hrefOfId(row.id)}
          selected={chosen} params={{ status }} isFiltered={status !== ""} empty={<Empty title={INVOICES.noInvoicesYet}>{INVOICES.theyAreMadeOnAn}</Empty>} onReload={keep}
          filters={<div className="filters"><Choice name="status" label={INVOICES.status} words={INVOICE_STATUSES} /></div>} />
        {chosen !== undefined && <InvoiceDrawer key={chosen} id={chosen} onChange={reload} />}
      </div>
    </>
  );
}
