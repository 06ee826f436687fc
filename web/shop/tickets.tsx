/* Tickets of who is signed in: the list, one with what was said, a new one. A buyer sees his own, staff all. */
import { useState } from "react";

import { send } from "../kit/api";
import { count } from "../kit/format";
import { useGet } from "../kit/load";
import { useSendKey } from "../kit/sendkey";
import {
  Badge, Button, Empty, faultOf, Field, FormProblem, Link, LongText, navigate, Note, PageTitle, ProblemPanel, setParams, Skeleton, Table, Time, useAddress, useForm, useParam,
  useToast, withParams, type BadgeTone,
} from "../kit/ui";
import { catalogueAddress, token, useProducts, useProfile, type Product } from "./data";
import { APP, productHref } from "./parts";
import { NEW_TICKET, PRIORITY_SHORT, PRIORITY_WORDS, STATUS_WORDS, TICKET, TICKETS } from "./words/tickets";

const ROWS = 25;
const MESSAGES = 100; // of one page of a conversation
const AGAIN_MS = 15_000;

interface Message {
  id: number;
  sender_type: "customer" | "agent";
  content: string;
  created_at: string;
}

interface Ticket {
  id: number;
  customer_name: string | null;
  title: string;
  status: string;
  priority: string;
  product_id: number | null;
  created_at: string;
  message_count: number;
}

const TONES: Record<string, BadgeTone> = { open: "info", in_progress: "accent", resolved: "ok", closed: "plain", high: "warn", critical: "bad" };

function State({ word, words }: { word: string; words: Record<string, string> }) {
  return <Badge tone={TONES[word] ?? "plain"}>{words[word] ?? word}</Badge>;
}

/** Of a page that needs an account: where to get in, and what works without. */
function SignInFirst() {
  const here = location.pathname + location.search;
  return (
    <Empty title={TICKETS.signIn} action={
      <span className="row row-wrap center"><Link className="btn btn-primary" href={`/shop/sign-in?next=${encodeURIComponent(here)}`}>{TICKETS.signInShort}</Link><Link className="btn" href="/shop/assistant">{TICKETS.ask}</Link></span>
    }>{TICKETS.signInAbout}</Empty>
  );
}

/* ---- the list ---- */

function List() {
  const [status] = useParam("status");
  const [cursor] = useParam("cursor");
  const isBuyer = useProfile()?.role === "user";
  const { value, problem, isLoading, reload } = useGet<{ tickets: Ticket[]; next_cursor: string | null }>("/api/services/tickets", { limit: ROWS, status, cursor });
  return (
    <section className="card" aria-label={TICKETS.title}>
      <div className="card-head">
        <select className="select sel-sm" aria-label={TICKETS.status} value={status} onChange={(event) => setParams({ status: event.target.value, cursor: null })}>
          <option value="">{TICKETS.anyStatus}</option>
          {Object.entries(STATUS_WORDS).map(([word, name]) => <option key={word} value={word}>{name}</option>)}
        </select>
      </div>
      <Table caption={TICKETS.caption} what={TICKETS.what} rows={value?.tickets} keyOf={(row) => row.id} hrefOf={(row) => `/shop/tickets/${row.id}`} isLoading={isLoading} problem={problem} retry={reload}
        empty={status !== "" ? <Empty title={TICKETS.noMatch} action={<Link className="btn" href="/shop/tickets">{TICKETS.all}</Link>} />
          : <Empty title={TICKETS.none} action={<Link className="btn btn-primary" href="/shop/tickets/new">{TICKETS.open}</Link>}>{TICKETS.noneAbout}</Empty>}
        columns={[
          { id: "title", head: TICKETS.columns.title, className: "full", cell: (row) => <><Link className="cell" href={`/shop/tickets/${row.id}`}><bdi className="long">{row.title}</bdi></Link>{!isBuyer && row.customer_name !== null && <span className="sub"><bdi>{row.customer_name}</bdi></span>}</> },
          { id: "priority", head: TICKETS.columns.priority, className: "hide-s", cell: (row) => <State word={row.priority} words={PRIORITY_SHORT} /> },
          { id: "messages", head: TICKETS.columns.messages, isNumber: true, className: "hide-s", cell: (row) => count(row.message_count) },
          { id: "age", head: TICKETS.columns.age, cell: (row) => <Time at={row.created_at} style="day" /> },
          { id: "status", head: TICKETS.columns.status, className: "r", cell: (row) => <State word={row.status} words={STATUS_WORDS} /> },
        ]} />
      {(cursor !== "" || value?.next_cursor != null) &&
        <div className="card-foot"><nav className="row push" aria-label={TICKETS.pages}>
          {cursor !== "" && <Link className="btn btn-sm" href={withParams({ cursor: null })}>{TICKETS.first}</Link>}
          {value?.next_cursor != null && <Link className="btn btn-sm" rel="next" href={withParams({ cursor: value.next_cursor })}>{TICKETS.next}</Link>}
        </nav></div>}
    </section>
  );
}

export function TicketsPage() {
  return (
    <div className="shop-wrap shop-main"><div className="stack stack-5">
      <div className="page-head"><div><PageTitle tab={TICKETS.title} app={APP} className="h-product">{TICKETS.title}</PageTitle><p>{TICKETS.about}</p></div>
        {token() !== null && <Link className="btn btn-primary" href="/shop/tickets/new">{TICKETS.open}</Link>}</div>
      {token() === null ? <SignInFirst /> : <List />}
    </div></div>
  );
}

/* ---- one, with what was said ---- */

function Said({ message, isBuyer }: { message: Message; isBuyer: boolean }) {
  const isOwn = (message.sender_type === "customer") === isBuyer;
  const name = message.sender_type === "agent" ? TICKET.us : isBuyer ? TICKET.you : "Customer";
  return (
    <div className={isOwn ? "msg msg-me" : "msg msg-them"}>
      <div className="bubble"><p className="row between small"><b>{name}</b><span className="muted"><Time at={message.created_at} /></span></p><LongText text={message.content} most={1500} /></div>
    </div>
  );
}

function WriteMessage({ ticket, onSent }: { ticket: Ticket; onSent: () => void }) {
  const [text, setText] = useState("");
  const keyFor = useSendKey();
  const toast = useToast();
  const form = useForm(async () => {
    const body = { content: text };
    await send("POST", `/api/services/tickets/${ticket.id}/messages`, body, { key: keyFor([ticket.message_count, body]) });
    setText("");
    toast(TICKET.sent);
    onSent();
  });
  if (ticket.status === "closed") {
    return <Note>{TICKET.closed} <Link href="/shop/tickets/new">{TICKETS.open}</Link></Note>;
  }
  return (
    <form className="card card-pad stack stack-3" onSubmit={form.submit} noValidate>
      <Field label={TICKET.answer} hint={ticket.status === "resolved" ? TICKET.resolvedHint : undefined} error={faultOf(form.problem, "content")}>
        <textarea className="input" rows={3} maxLength={8000} value={text} onChange={(event) => setText(event.target.value)} /></Field>
      <FormProblem problem={form.problem} names={["content"]} />
      <div className="row end"><Button type="submit" kind="primary" icon="send" busy={form.isBusy ? TICKET.sending : undefined}>{TICKET.send}</Button></div>
    </form>
  );
}

function Whole({ ticket, reload, product }: { ticket: Ticket; reload: () => void; product: Product | undefined }) {
  const [cursor] = useParam("cursor");
  const isBuyer = useProfile()?.role === "user";
  const mayWrite = useProfile()?.role !== "analyst";
  const list = useGet<{ messages: Message[]; next_cursor: string | null }>(`/api/services/tickets/${ticket.id}/messages`, { limit: MESSAGES, cursor }, { everyMs: AGAIN_MS });
  const isLast = list.value !== undefined && list.value.next_cursor === null;
  return (
    <div className="shop-wrap shop-main"><div className="stack stack-5">
      <div className="page-head">
        <div><p className="small muted">{TICKET.tab(ticket.id)} · {TICKET.opened} <Time at={ticket.created_at} style="day" />{!isBuyer && ticket.customer_name !== null && <> · <bdi>{ticket.customer_name}</bdi></>}</p>
          <PageTitle tab={TICKET.tab(ticket.id)} app={APP} className="h-product"><bdi>{ticket.title}</bdi></PageTitle>
          <p className="row row-wrap"><State word={ticket.status} words={STATUS_WORDS} /><State word={ticket.priority} words={PRIORITY_SHORT} />
            {product !== undefined && <span>{TICKET.product}: <Link href={productHref(product.sku)} dir="auto">{product.name}</Link></span>}</p></div>
        <Link className="btn" href="/shop/tickets">{TICKETS.all}</Link>
      </div>
      <section className="stack ticket" aria-label={TICKET.conversation}>
        {cursor !== "" && <p><Link className="btn btn-sm" href={withParams({ cursor: null })}>{TICKET.earlier}</Link></p>}
        {list.problem !== undefined && list.value === undefined && <ProblemPanel problem={list.problem} what={TICKET.conversation} retry={list.reload} />}
        <div className="chat" role="log" aria-label={TICKET.conversation}>{list.value?.messages.map((message) => <Said key={message.id} message={message} isBuyer={isBuyer} />)}</div>
        {!isLast && list.value !== undefined && <p><Link className="btn btn-sm" rel="next" href={withParams({ cursor: list.value.next_cursor })}>{TICKET.later}</Link></p>}
        {isLast && mayWrite && <WriteMessage ticket={ticket} onSent={() => { list.reload(); reload(); }} />}
      </section>
    </div></div>
  );
}

export function TicketPage({ id }: { id: string }) {
  const isSignedIn = token() !== null;
  const number = /^\d+$/.test(id) ? Number(id) : 0;
  const loaded = useGet<Ticket>(isSignedIn && number > 0 ? `/api/services/tickets/${number}` : null, {}, { everyMs: AGAIN_MS });
  const products = useProducts(catalogueAddress("", "", "name")).value?.products ?? [];
  if (loaded.value !== undefined) {
    return <Whole ticket={loaded.value} reload={loaded.reload} product={products.find((product) => product.id === loaded.value!.product_id)} />;
  }
  return (
    <div className="shop-wrap shop-main">
      <PageTitle tab={TICKET.tab(number)} app={APP} className="h-product">{TICKET.tab(number)}</PageTitle>
      {!isSignedIn || loaded.problem?.status === 401 ? <SignInFirst />
        : loaded.problem !== undefined ? <ProblemPanel problem={loaded.problem} what={TICKETS.notLoaded} retry={loaded.reload} /> : <Skeleton />}
    </div>
  );
}

/* ---- a new one ---- */

function NewTicket() {
  const { query } = useAddress();
  const profile = useProfile();
  const sku = query.get("product") ?? "";
  const products = useProducts(catalogueAddress("", "", "name")).value?.products ?? [];
  const product = products.find((one) => one.sku === sku);
  const [title, setTitle] = useState(query.get("about") ?? "");
  const [content, setContent] = useState("");
  const [priority, setPriority] = useState("medium");
  const [customer, setCustomer] = useState("");
  const [missing, setMissing] = useState<{ title?: string; content?: string }>({});
  const keyFor = useSendKey();
  const isStaff = profile !== undefined && profile.role !== "user";
  const form = useForm(async () => {
    const body = {
      title: title.trim(), content: content.trim(), priority, ...(product === undefined ? {} : { product_id: product.id }), ...(customer === "" ? {} : { customer_id: Number(customer) }),
    };
    const { ticket_id: id } = await send<{ ticket_id: number }>("POST", "/api/services/tickets", body, { key: keyFor(body) });
    navigate(`/shop/tickets/${id}`, { replace: true });
  });
  const submit = () => {
    const found = { title: title.trim() === "" ? NEW_TICKET.missingTitle : undefined, content: content.trim() === "" ? NEW_TICKET.missingContent : undefined };
    setMissing(found);
    if (found.title === undefined && found.content === undefined) {
      form.submit();
    } else {
      setTimeout(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
    }
  };
  return (
    <form className="card card-pad stack ticket" noValidate onSubmit={(event) => { event.preventDefault(); submit(); }}>
      {product !== undefined && <p>{NEW_TICKET.ofProduct} <Link href={productHref(product.sku)} dir="auto">{product.name}</Link></p>}
      {isStaff && <Field label={NEW_TICKET.customer} hint={NEW_TICKET.customerHint} error={faultOf(form.problem, "customer_id")}>
        <input className="input" inputMode="numeric" value={customer} onChange={(event) => setCustomer(event.target.value.replace(/\D/g, ""))} /></Field>}
      <Field label={NEW_TICKET.subject} error={missing.title ?? faultOf(form.problem, "title")}>
        <input className="input" maxLength={200} value={title} onChange={(event) => { setTitle(event.target.value); setMissing({ ...missing, title: undefined }); }} /></Field>
      <Field label={NEW_TICKET.content} error={missing.content ?? faultOf(form.problem, "content")}>
        <textarea className="input" rows={6} maxLength={8000} value={content} onChange={(event) => { setContent(event.target.value); setMissing({ ...missing, content: undefined }); }} /></Field>
      <Field label={NEW_TICKET.priority} error={faultOf(form.problem, "priority")}>
        <select className="select" value={priority} onChange={(event) => setPriority(event.target.value)}>{Object.entries(PRIORITY_WORDS).map(([word, name]) => <option key={word} value={word}>{name}</option>)}</select></Field>
      <FormProblem problem={form.problem} names={["title", "content", "priority", "customer_id"]} />
      <div className="row end"><Link className="btn" href="/shop/tickets">{NEW_TICKET.cancel}</Link><Button type="submit" kind="primary" busy={form.isBusy ? NEW_TICKET.opening : undefined}>{NEW_TICKET.open}</Button></div>
    </form>
  );
}

export function NewTicketPage() {
  return (
    <div className="shop-wrap shop-main"><div className="stack stack-5">
      <div className="page-head"><div><PageTitle tab={NEW_TICKET.title} app={APP} className="h-product">{NEW_TICKET.title}</PageTitle><p>{NEW_TICKET.about}</p></div></div>
      {token() === null ? <SignInFirst /> : <NewTicket />}
    </div></div>
  );
}
