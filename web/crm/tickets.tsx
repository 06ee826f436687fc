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
import { APP, PRIORITIES, TICKET_MOVES, TICKET_STATUSES } from "./words";

const COLUMNS: Column<Ticket>[] = [
  { id: "subject", head: "Subject", className: "full", cell: (row) => <><Link className="cell" href={hrefOfId(row.id)}><Name text={row.subject} most={80} /></Link><span className="sub"><Name text={row.customer_name} /></span></> },
  { id: "priority", head: "Priority", cell: (row) => <State word={row.priority} /> },
  { id: "status", head: "Status", className: "r", cell: (row) => <State word={row.status} /> },
  { id: "who", head: "Who sees to it", className: "hide-s", cell: (row) => <Name text={row.assigned_to ?? "nobody yet"} most={30} /> },
  { id: "age", head: "Age", isNumber: true, className: "hide-s", cell: (row) => <span className="muted"><Time at={row.created_at} showAge /></span> },
];

export function NewTicket({ customerId, onClose, onDone }: { customerId?: number; onClose: () => void; onDone: () => void }) {
  const keyFor = useSendKey();
  return (
    <FormDialog title="New ticket" verb="Open ticket" busy="Opening ticket" done="Ticket opened" onClose={onClose}
      initial={{ priority: "medium", customer_id: customerId === undefined ? "" : String(customerId) }}
      fields={[
        { name: "subject", label: "Subject", isRequired: true }, { name: "description", label: "What happened", kind: "area" },
        { name: "priority", label: "Priority", kind: "select", options: optionsOf(PRIORITIES, sentence) },
        { name: "customer_id", label: "Customer number", kind: "number" }, { name: "assigned_to", label: "Who sees to it" },
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
    say("Sent.");
    list.reload();
  });
  return (
    <div className="panel-sec stack stack-3">
      <h3>What was said</h3>
      {list.problem !== undefined && <ProblemNote problem={list.problem} />}
      {list.value?.messages.length === 0 && <p className="soft">Nothing yet.</p>}
      <ol className="stack stack-3">
        {list.value?.messages.map((message) => (
          <li key={message.id}><p className="row between small"><b><Name text={message.author} /></b><span className="muted"><Time at={message.created_at} /></span></p><LongText text={message.content} most={500} /></li>
        ))}
      </ol>
      {mayHelp && ticket.status !== "closed" && (
        <form className="stack stack-2" onSubmit={form.submit} noValidate>
          <FormProblem problem={form.problem} names={["content"]} />
          <Field label="Answer" error={faultOf(form.problem, "content")}><textarea className="input" rows={3} required value={text} onChange={(event) => setText(event.target.value)} /></Field>
          <div className="row end"><Button type="submit" busy={form.isBusy ? "Sending" : undefined}>Send answer</Button></div>
        </form>
      )}
      {ticket.status === "closed" && <p className="soft small">A closed ticket stays closed; who has more to say opens another.</p>}
    </div>
  );
}

function TicketDrawer({ id, onChange }: { id: number; onChange: () => void }) {
  const loaded = useGet<{ ticket: Ticket }>(`/api/tickets/${id}`);
  const mayHelp = useMay("help");
  const [isEdit, setEdit] = useState(false);
  const keyFor = useSendKey();
  return (
    <DrawerOf loaded={loaded} what="Ticket">
      {({ ticket }) => (
        <Drawer label={`Ticket ${ticket.id}`} title={<Name text={ticket.subject} most={300} />} sub={`Ticket ${ticket.id}`}
          actions={<><State word={ticket.priority} /><State word={ticket.status} />{mayHelp && <Button size="sm" onClick={() => setEdit(true)}>Change</Button>}</>}>
          <div className="panel-sec stack stack-3">
            <Kv pairs={[
              ["Customer", ticket.customer_id === null ? <Name text={ticket.customer_name} /> : <Link href={`/customers?id=${ticket.customer_id}`}><Name text={ticket.customer_name} /></Link>],
              ["Who sees to it", <Name text={ticket.assigned_to ?? "nobody yet"} />], ["Opened", <Time at={ticket.created_at} />], ["Changed", <Time at={ticket.updated_at} />],
            ]} />
            {ticket.description !== null && <LongText text={ticket.description} most={600} />}
            <RoleNote right="help" doing="changing and answering tickets" />
          </div>
          <Messages ticket={ticket} />
          {isEdit && <FormDialog title="Change the ticket" verb="Save" busy="Saving" done="Ticket saved" isChange onClose={() => setEdit(false)} onNewer={loaded.reload}
            initial={{ status: ticket.status, priority: ticket.priority, assigned_to: ticket.assigned_to ?? "" }}
            fields={[
              { name: "status", label: "Status", kind: "select", options: optionsOf([ticket.status, ...(TICKET_MOVES[ticket.status] ?? [])], sentence) },
              { name: "priority", label: "Priority", kind: "select", options: optionsOf(PRIORITIES, sentence) }, { name: "assigned_to", label: "Who sees to it" },
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
        <PageTitle tab="Tickets" app={APP}>Tickets</PageTitle>
        {mayHelp && <Button kind="primary" icon="plus" onClick={() => setNew(true)}>New ticket</Button>}
      </div>
      <RoleNote right="help" doing="changing and answering tickets" />
      <div className={chosen === undefined ? "grid" : "grid g-cust"}>
        <CursorList<Ticket> path="/api/tickets" name="tickets" what="tickets" caption="Tickets, newest first" columns={COLUMNS} keyOf={(row) => row.id} hrefOf={(row) => hrefOfId(row.id)}
          selected={chosen} params={{ search: q, status, priority }} isFiltered={q + status + priority !== ""} empty={<Empty title="No tickets yet" />} onReload={keep}
          filters={<><Search label="Subject or description" /><div className="filters"><Choice name="status" label="Status" words={TICKET_STATUSES} /><Choice name="priority" label="Priority" words={PRIORITIES} /></div></>} />
        {chosen !== undefined && <TicketDrawer key={chosen} id={chosen} onChange={reload} />}
      </div>
      {isNew && <NewTicket onClose={() => setNew(false)} onDone={reload} />}
    </>
  );
}
