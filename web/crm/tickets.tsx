/* Support tickets, and one of them beside the list with what was said. */
import { useCallback, useState } from "react";

import { send } from "../kit/api";
import { FormDialog, optionsOf } from "../kit/formdialog";
import { Choice, CursorList, Drawer, DrawerOf, hrefOfId, Name, Search, useChosen } from "../kit/lists";
import { useGet } from "../kit/load";
import { useSendKey } from "../kit/sendkey";
import { sentence, State } from "../kit/states";
import { Button, Empty, Field, FormProblem, Kv, Link, LongText, PageTitle, ProblemNote, Time, faultOf, useForm, useParam, useToast, type Column } from "../kit/ui";
import { RoleNote, useMay } from "./session";
import type { Page, Ticket, TicketMessage } from "./types";
import { PRIORITIES, TICKET_MOVES, TICKET_STATUSES } from "./states";
import { APP } from "./words/app";
import { TICKETS } from "./words/tickets";

const COLUMNS: Column<Ticket>[] = [
  { id: "subject", head: TICKETS.subject, className: "full", cell: (row) => <><Link className="cell" href={hrefOfId(row.id)}><Name text={row.subject} most={80} /></Link><span className="sub"><Name text={row.customer_name} /></span></> },
  { id: "priority", head: TICKETS.priority, cell: (row) => <State word={row.priority} /> },
  { id: "status", head: TICKETS.status, className: "r", cell: (row) => <State word={row.status} /> },
  { id: "who", head: TICKETS.whoSeesToIt, className: "hide-s", cell: (row) => <Name text={row.assigned_to ?? "nobody yet"} most={30} /> },
  { id: "age", head: TICKETS.age, isNumber: true, className: "hide-s", cell: (row) => <span className="muted"><Time at={row.created_at} showAge /></span> },
];

export function NewTicket({ customerId, onClose, onDone }: { customerId?: number; onClose: () => void; onDone: () => void }) {
  const keyFor = useSendKey();
  return (
    <FormDialog title={TICKETS.newTicket} verb={TICKETS.openTicket} busy={TICKETS.openingTicket} done={TICKETS.ticketOpened} onClose={onClose}
      initial={{ priority: "medium", customer_id: customerId === undefined ? "" : String(customerId) }}
      fields={[
        { name: "subject", label: TICKETS.subject, isRequired: true }, { name: "description", label: TICKETS.whatHappened, kind: "area" },
        { name: "priority", label: TICKETS.priority, kind: "select", options: optionsOf(PRIORITIES, sentence) },
        { name: "customer_id", label: TICKETS.customerNumber, kind: "number" }, { name: "assigned_to", label: TICKETS.whoSeesToIt },
      ]}
      send={async (body) => { await send("POST", "/api/tickets", body, { key: keyFor(body) }); onDone(); }} />
  );
}

function Messages({ ticket }: { ticket: Ticket }) {
  const list = useGet<Page & { messages: TicketMessage[] }>(`/api/tickets/${ticket.id}/messages`);
  const [text, setText] = useState("");
  const keyFor = useSendKey();
  const mayHelp = useMay("help");
  const say = useToast();
  const form = useForm(async () => {
    const body = { content: text };
    await send("POST", `/api/tickets/${ticket.id}/messages`, body, { key: keyFor([list.value?.messages.length, body]) });
    setText("");
    say(TICKETS.sent);
    list.reload();
  });
  return (
    <div className="panel-sec stack stack-3">
      <h3>{TICKETS.whatWasSaid}</h3>
      {list.problem !== undefined && <ProblemNote problem={list.problem} />}
      {list.value?.messages.length === 0 && <p className="soft">{TICKETS.nothingYet}</p>}
      <ol className="stack stack-3">
        {list.value?.messages.map((message) => (
          <li key={message.id}><p className="row between small"><b><Name text={message.author} /></b><span className="muted"><Time at={message.created_at} /></span></p><LongText text={message.content} most={500} /></li>
        ))}
      </ol>
      {mayHelp && ticket.status !== "closed" && (
        <form className="stack stack-2" onSubmit={form.submit} noValidate>
          <FormProblem problem={form.problem} names={["content"]} />
          <Field label={TICKETS.answer} error={faultOf(form.problem, "content")}><textarea className="input" rows={3} required value={text} onChange={(event) => setText(event.target.value)} /></Field>
          <div className="row end"><Button type="submit" busy={form.isBusy ? TICKETS.sending : undefined}>{TICKETS.sendAnswer}</Button></div>
        </form>
      )}
      {ticket.status === "closed" && <p className="soft small">{TICKETS.aClosedTicketStaysClosed}</p>}
    </div>
  );
}

function TicketDrawer({ id, onChange }: { id: number; onChange: () => void }) {
  const loaded = useGet<{ ticket: Ticket }>(`/api/tickets/${id}`);
  const mayHelp = useMay("help");
  const [isEdit, setEdit] = useState(false);
  const keyFor = useSendKey();
  return (
    <DrawerOf loaded={loaded} what={TICKETS.ticket}>
      {({ ticket }) => (
        <Drawer label={TICKETS.ticketOf(ticket.id)} title={<Name text={ticket.subject} most={300} />} sub={TICKETS.ticketOf(ticket.id)}
          actions={<><State word={ticket.priority} /><State word={ticket.status} />{mayHelp && <Button size="sm" onClick={() => setEdit(true)}>{TICKETS.change}</Button>}</>}>
          <div className="panel-sec stack stack-3">
            <Kv pairs={[
              [TICKETS.customer, ticket.customer_id === null ? <Name text={ticket.customer_name} /> : <Link href={`/customers?id=${ticket.customer_id}`}><Name text={ticket.customer_name} /></Link>],
              [TICKETS.whoSeesToIt, <Name text={ticket.assigned_to ?? "nobody yet"} />], [TICKETS.opened, <Time at={ticket.created_at} />], [TICKETS.changed, <Time at={ticket.updated_at} />],
            ]} />
            {ticket.description !== null && <LongText text={ticket.description} most={600} />}
            <RoleNote right="help" doing={TICKETS.changingAndAnsweringTickets} />
          </div>
          <Messages ticket={ticket} />
          {isEdit && <FormDialog title={TICKETS.changeTheTicket} verb={TICKETS.save} busy={TICKETS.saving} done={TICKETS.ticketSaved} isChange onClose={() => setEdit(false)} onNewer={loaded.reload}
            initial={{ status: ticket.status, priority: ticket.priority, assigned_to: ticket.assigned_to ?? "" }}
            fields={[
              { name: "status", label: TICKETS.status, kind: "select", options: optionsOf([ticket.status, ...(TICKET_MOVES[ticket.status] ?? [])], sentence) },
              { name: "priority", label: TICKETS.priority, kind: "select", options: optionsOf(PRIORITIES, sentence) }, { name: "assigned_to", label: TICKETS.whoSeesToIt },
            ]}
            send={async (body) => {
              await send("PATCH", `/api/tickets/${id}`, body, { key: keyFor([loaded.etag, body]), etag: loaded.etag ?? undefined });
              loaded.reload();
              onChange();
            }} />}
        </Drawer>
      )}
    </DrawerOf>
  );
}

export function TicketsPage() {
  const [q] = useParam("q");
  const [status] = useParam("status");
  const [priority] = useParam("priority");
  const [isNew, setNew] = useState(false);
  const [reload, setReload] = useState<() => void>(() => () => undefined);
  const keep = useCallback((next: () => void) => setReload(() => next), []);
  const chosen = useChosen();
  const mayHelp = useMay("help");
  return (
    <>
      <div className="page-head">
        <PageTitle tab={TICKETS.tickets} app={APP}>{TICKETS.tickets}</PageTitle>
        {mayHelp && <Button kind="primary" icon="plus" onClick={() => setNew(true)}>{TICKETS.newTicket}</Button>}
      </div>
      <RoleNote right="help" doing={TICKETS.changingAndAnsweringTickets} />
      <div className={chosen === undefined ? "grid" : "grid g-cust"}>
        <CursorList<Ticket> path="/api/tickets" name="tickets" what={TICKETS.ticketsInText} caption={TICKETS.ticketsNewestFirst} columns={COLUMNS} keyOf={(row) => row.id} hrefOf={(row) => hrefOfId(row.id)}
          selected={chosen} params={{ search: q, status, priority }} isFiltered={q + status + priority !== ""} empty={<Empty title={TICKETS.noTicketsYet} />} onReload={keep}
          filters={<><Search label={TICKETS.subjectOrDescription} /><div className="filters"><Choice name="status" label={TICKETS.status} words={TICKET_STATUSES} /><Choice name="priority" label={TICKETS.priority} words={PRIORITIES} /></div></>} />
        {chosen !== undefined && <TicketDrawer key={chosen} id={chosen} onChange={reload} />}
      </div>
      {isNew && <NewTicket onClose={() => setNew(false)} onDone={reload} />}
    </>
  );
}
