/* A conversation with the advisor: questions, answers with the products that they name, conversations of before. */
import { useEffect, useRef, useState } from "react";

import { asProblem, get, newKey, send, type Problem } from "../kit/api";
import { money } from "../kit/format";
import { Button, Icon, Link, Mark, navigate, PageTitle, ProblemNote, setParams, Time, useAddress } from "../kit/ui";
import { catalogueAddress, useProducts, type Product } from "./data";
import { APP, Picture, productHref, specLine } from "./parts";
import { ASSISTANT } from "./words/assistant";

interface Message {
  role: "user" | "assistant";
  content: string;
}

interface Answer {
  session_id: string;
  answer: string;
  provider: string;
}

interface Earlier {
  id: string;
  asked: string;
  at: string;
}

const EARLIER = "octo:conversations";
const EARLIER_MOST = 8;
const ABOUT_MOST = 100; // letters of a question that a ticket's subject begins with
const IDEAS = [ASSISTANT.whichDroneFindsPeopleAt, ASSISTANT.whatFitsTheHexa900, ASSISTANT.firstRacerForATwelve];

function earlierOnes(): Earlier[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(EARLIER) ?? "[]");
    return Array.isArray(found) ? found as Earlier[] : [];
  } catch {
    return [];
  }
}

function keepEarlier(one: Earlier): void {
  try {
    localStorage.setItem(EARLIER, JSON.stringify([one, ...earlierOnes().filter((other) => other.id !== one.id)].slice(0, EARLIER_MOST)));
  } catch { /* no storage: the conversation has its address */ }
}

/** The advisor names products with their numbers: "Kestrel Pro Mapper (product 2)". */
function productsOf(text: string, all: Product[]): Product[] {
  const ids = new Set([...text.matchAll(/\(product (\d+)\)/g)].map((found) => Number(found[1])));
  return [...ids].map((id) => all.find((product) => product.id === id)).filter((product) => product !== undefined);
}

/** Without what the cards below it say better. */
function wordsOf(text: string): string {
  return text.replace(/ \(product \d+\)/g, "");
}

function Bubble({ message, all }: { message: Message; all: Product[] }) {
  if (message.role === "user") {
    return <div className="msg msg-me"><div className="bubble"><p className="answer" dir="auto">{message.content}</p></div></div>;
  }
  const products = productsOf(message.content, all);
  return (
    <div className="msg"><span className="bot" aria-hidden="true"><Mark /></span>
      <div className="bubble"><p className="answer" dir="auto">{wordsOf(message.content)}</p>
        {products.length > 0 && <div className="stack stack-2">{products.map((product) => (
          <Link key={product.id} className="cite" href={productHref(product.sku)}>
            <Picture of={product} /><span><b dir="auto">{product.name}</b><br /><span className="small soft">{specLine(product)}</span></span><span className="price">{money(product.price, { whole: true })}</span>
          </Link>
        ))}</div>}
      </div></div>
  );
}

function Waiting() {
  return <div className="msg"><span className="bot" aria-hidden="true"><Mark /></span><div className="bubble" role="status"><span className="vh">{ASSISTANT.theAnswerIsOnIts}</span><span className="skel w-4" /><span className="skel w-3" /></div></div>;
}

/** `about`: what a ticket would be about. */
function Side({ onIdea, about }: { onIdea: (text: string) => void; about: string }) {
  const earlier = earlierOnes();
  return (
    <aside className="stack" aria-label={ASSISTANT.suggestions}>
      <div className="card card-pad stack stack-3"><h2>{ASSISTANT.tryAsking}</h2><ul className="stack stack-2">
        {IDEAS.map((idea) => <li key={idea}><button type="button" className="btn btn-block start" onClick={() => onIdea(idea)}>{idea}</button></li>)}</ul></div>
      {earlier.length > 0 &&
        <div className="card card-pad stack stack-3"><h2>{ASSISTANT.earlier}</h2><ul className="stack stack-2 small">
          {earlier.map((one) => <li key={one.id}><Link href={`/shop/assistant?session=${encodeURIComponent(one.id)}`} dir="auto">{one.asked}</Link><br /><span className="muted"><Time at={one.at} style="day" /></span></li>)}</ul></div>}
      <div className="card card-pad stack stack-2"><h2>{ASSISTANT.aPersonPlease}</h2><p className="small soft">{ASSISTANT.dealersAnswerQuestionsAndTake}</p>
        <Link className="btn" href={`/shop/tickets/new${about === "" ? "" : `?about=${encodeURIComponent(about)}`}`}><Icon name="ticket" />{ASSISTANT.openATicket}</Link><Link className="btn" href="/shop/dealers"><Icon name="phone" />{ASSISTANT.dealers}</Link></div>
    </aside>
  );
}

export function AssistantPage() {
  const { query } = useAddress();
  const session = query.get("session") ?? "";
  const focus = query.get("focus") ?? "";
  const all = useProducts(catalogueAddress("", "", "name")).value?.products ?? [];
  const [messages, setMessages] = useState<Message[]>([]);
  const [typed, setTyped] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const told = useRef(""); // the conversation that `messages` are of
  const end = useRef<HTMLDivElement>(null);
  const key = useRef(newKey());

  useEffect(() => {
    if (session === told.current) {
      return;
    }
    told.current = session;
    setMessages([]);
    setProblem(undefined);
    if (session !== "") {
      get<{ messages: Message[] }>(`/api/shop/assistant/history/${encodeURIComponent(session)}`)
        .then((history) => setMessages(history.messages)).catch((error: unknown) => setProblem(asProblem(error)));
    }
  }, [session]);
  useEffect(() => {
    void end.current?.scrollIntoView({ block: "nearest" });
  }, [messages, isBusy]);

  const ask = async (text: string) => {
    const question = text.trim();
    if (question === "" || isBusy) {
      return;
    }
    setBusy(true);
    setProblem(undefined);
    try {
      const answer = await send<Answer>("POST", "/api/shop/assistant/query", {
        message: question, ...(session === "" ? {} : { session_id: session }), ...(focus === "" ? {} : { product_focus: focus }),
      }, { key: key.current });
      key.current = newKey();
      told.current = answer.session_id;
      if (session === "") {
        keepEarlier({ id: answer.session_id, asked: question.slice(0, 80), at: new Date().toISOString() });
      }
      setMessages((before) => [...before, { role: "user", content: question }, { role: "assistant", content: answer.answer }]);
      setTyped("");
      setParams({ session: answer.session_id }, { replace: true });
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  };
  const focused = all.find((product) => product.sku === focus);
  return (
    <div className="shop-wrap shop-main"><div className="grid g-chat">
      <section className="stack" aria-labelledby="h-as">
        <div className="page-head"><div id="h-as"><PageTitle tab={ASSISTANT.assistant} app={APP} className="h-product">{ASSISTANT.askAboutDrones}</PageTitle><p>{ASSISTANT.answersComeFromTheCatalogue}</p></div>
          {messages.length > 0 && <Button icon="plus" onClick={() => navigate("/shop/assistant")}>{ASSISTANT.newConversation}</Button>}</div>
        {focused !== undefined && <p className="small soft">{ASSISTANT.about} <Link href={productHref(focused.sku)} dir="auto">{focused.name}</Link></p>}
        <div className="chat" role="log" aria-live="polite" aria-label={ASSISTANT.conversation}>
          {messages.map((message, at) => <Bubble key={at} message={message} all={all} />)}
          {isBusy && <><div className="msg msg-me"><div className="bubble"><p className="answer" dir="auto">{typed}</p></div></div><Waiting /></>}
        </div>
        {problem !== undefined && <ProblemNote problem={problem} />}
        <div ref={end} className="ask"><form onSubmit={(event) => { event.preventDefault(); void ask(typed); }}>
          <input className="input" aria-label={ASSISTANT.question} placeholder={ASSISTANT.askAboutAJobOr} maxLength={4000} autoComplete="off" value={typed} onChange={(event) => setTyped(event.target.value)} />
          <Button type="submit" kind="primary" size="lg" icon="send" aria-label={ASSISTANT.ask} /></form></div>
      </section>
      <Side about={(messages.find((one) => one.role === "user")?.content ?? focused?.name ?? "").slice(0, ABOUT_MOST)} onIdea={(idea) => { setTyped(idea); void ask(idea); }} />
    </div></div>
  );
}
