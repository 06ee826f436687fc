/* What buyers ask: the list, and one ticket beside it with what was said, to be answered and moved along. */
import { useState } from "react";

import { send } from "../kit/api";
import { count } from "../kit/format";
import { FormDialog, optionsOf } from "../kit/formdialog";
import { Choice, CursorList, Drawer, DrawerOf, Name, hrefOfId, useChosen, useReload } from "../kit/lists";
import { useGet } from "../kit/load";
import { useSendKey } from "../kit/sendkey";
import { State, sentence } from "../kit/states";
import { Button, Empty, Field, FormProblem, Kv, Link, LongText, PageTitle, ProblemNote, Time, faultOf, useForm, useParam, useToast, type Column } from "../kit/ui";
import { useMay } from "./session";
import { APP } from "./words/staff";
import { TICKETS } from "./words/tickets";

interface Ticket {
  id: number;
  customer_id: number | null;
  customer_name: string | null;
  title: string;
  status: string;
  priority: string;
  product_id: number | null;
  created_at: string;
  updated_at: string;
  message_count: number;
}

interface Message {
  id: number;
  sender_type: "customer" | "agent";
  content: string;
  created_at: string;
}

const STATUSES = ["open", "in_progress", "resolved", "closed"];
const PRIORITIES = ["low", "medium", "high", "critical"];
const MESSAGES = 100; // the newest of a conversation, oldest first
const AGAIN_MS = 15_000;

const COLUMNS: Column<Ticket>[] = [
  { id: "title", head: TICKETS.columns.title, className: "full", cell: (row) => <><Link className="cell" href={hrefOfId(row.id)}><Name text={row.title} most={80} /></Link><span className="sub"><Name text={row.customer_name} /></span></> },
  { id: "priority", head: TICKETS.columns.priority, cell: (row) => <State word={row.priority} /> },
  { id: "status", head: TICKETS.columns.status, className: "r", cell: (row) => <State word={row.status} /> },
  { id: "messages", head: TICKETS.columns.messages, isNumber: true, className: "hide-s", cell: (row) => count(row.message_count) },
  { id: "age", head: TICKETS.columns.age, isNumber: true, className: "hide-s", cell: (row) => <span className="muted"><Time at={row.created_at} showAge /></span> },
];

function Answer({ ticket, said, onSent }: { ticket: Ticket; said: number; onSent: () => void }) {
  const [text, setText] = useState("");
  const keyFor = useSendKey();
  const say = useToast();
  const form = useForm(async () => {
    const body = { content: text };
    await send("POST", `/api/services/tickets/${ticket.id}/messages`, body, { key: keyFor([said, body]) });
    setText("");
    say(TICKETS.sent);
    onSent();
  });
  return (
    <form className="stack stack-2" onSubmit={form.submit} noValidate>
      <FormProblem problem={form.problem} names={["content"]} />
      <Field label={TICKETS.answer} error={faultOf(form.problem, "content")}><textarea className="input" rows={3} maxLength={8000} required value={text} onChange={(event) => setText(event.target.value)} /></Field>
      <div className="row end"><Button type="submit" icon="send" busy={form.isBusy ? TICKETS.sending : undefined}>{TICKETS.send}</Button></div>
    </form>
  );
}

function Conversation({ ticket, onSent }: { ticket: Ticket; onSent: () => void }) {
  const list = useGet<{ messages: Message[]; next_cursor: string | null }>(`/api/services/tickets/${ticket.id}/messages`, { limit: MESSAGES, sort: "-created_at" }, { everyMs: AGAIN_MS });
  const mayHelp = useMay("help");
  const messages = [...list.value?.messages ?? []].reverse();
  return (
    <div className="panel-sec stack stack-3">
      <h3>{TICKETS.said}</h3>
      {list.problem !== undefined && <ProblemNote problem={list.problem} />}
      {list.value?.next_cursor != null && <p className="small warn">{TICKETS.onlyNewest(MESSAGES)}</p>}
      {list.value !== undefined && messages.length === 0 && <p className="soft">{TICKETS.nothing}</p>}
      <ol className="stack stack-3">
        {messages.map((message) => (
          <li key={message.id}><p className="row between small"><b>{message.sender_type === "agent" ? TICKETS.us : TICKETS.customer}</b><span className="muted"><Time at={message.created_at} /></span></p><LongText text={message.content} most={500} /></li>
        ))}
      </ol>
      {mayHelp && ticket.status !== "closed" && <Answer ticket={ticket} said={ticket.message_count} onSent={() => { list.reload(); onSent(); }} />}
      {ticket.status === "closed" && <p className="soft small">{TICKETS.closed}</p>}
    </div>
  );
}

function TicketDrawer({ id, onChange }: { id: number; onChange: () => void }) {
  const path = `/api/services/tickets/${id}`;
  const loaded = useGet<Ticket>(path);
  const mayHelp = useMay("help");
  const [isEdit, setEdit] = useState(false);
  const keyFor = useSendKey();
  const onSent = () => { loaded.reload(); onChange(); };
  return (
    <DrawerOf loaded={loaded} what={TICKETS.one}>
      {(ticket) => (
        <Drawer label={TICKETS.tab(ticket.id)} title={<Name text={ticket.title} most={300} />} sub={TICKETS.tab(ticket.id)}
          actions={<><State word={ticket.priority} /><State word={ticket.status} />{mayHelp && <Button size="sm" onClick={() => setEdit(true)}>{TICKETS.change}</Button>}</>}>
          <div className="panel-sec stack stack-3">
            <Kv pairs={[[TICKETS.customer, <Name text={ticket.customer_name} />], [TICKETS.product, ticket.product_id], [TICKETS.opened, <Time at={ticket.created_at} />], [TICKETS.changed, <Time at={ticket.updated_at} />]]} />
            {!mayHelp && <p className="small muted">{TICKETS.readOnly}</p>}
          </div>
          <Conversation ticket={ticket} onSent={onSent} />
          {isEdit && <FormDialog title={TICKETS.changeTitle} verb={TICKETS.save} busy={TICKETS.saving} done={TICKETS.saved} isChange onClose={() => setEdit(false)} onNewer={loaded.reload}
            initial={{ status: ticket.status, priority: ticket.priority }}
            fields={[
              { name: "status", label: TICKETS.columns.status, kind: "select", options: optionsOf(STATUSES, sentence) },
              { name: "priority", label: TICKETS.columns.priority, kind: "select", options: optionsOf(PRIORITIES, sentence) },
            ]}
            send={async (body) => {
              await send("PATCH", path, body, { key: keyFor([loaded.etag, body]), etag: loaded.etag ?? undefined });
              onSent();
            }} />}
        </Drawer>
      )}
    </DrawerOf>
  );
}

export function TicketsPage() {
  const [status] = useParam("status");
  const [priority] = useParam("priority");
  const chosen = useChosen();
  const [reload, keep] = useReload();
  return (
    <>
      <div className="page-head"><PageTitle tab={TICKETS.title} app={APP}>{TICKETS.title}</PageTitle></div>
      <div className={chosen === undefined ? "grid" : "grid g-cust"}>
        <CursorList<Ticket> path="/api/services/tickets" name="tickets" what={TICKETS.tickets} caption={TICKETS.caption} columns={COLUMNS} keyOf={(row) => row.id} hrefOf={(row) => hrefOfId(row.id)}
          selected={chosen} params={{ status, priority }} isFiltered={status + priority !== ""} empty={<Empty title={TICKETS.none}>{TICKETS.noneAbout}</Empty>} onReload={keep}
          filters={<div className="filters"><Choice name="status" label={TICKETS.columns.status} words={STATUSES} /><Choice name="priority" label={TICKETS.columns.priority} words={PRIORITIES} /></div>} />
        {chosen !== undefined && <TicketDrawer key={chosen} id={chosen} onChange={reload} />}
      </div>
    </>
  );
}
