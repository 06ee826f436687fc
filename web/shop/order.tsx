/*
 * One order: how far it has come, what is in it, what it cost, and the trace of the request that placed it. It is shown to
 * who is signed in, to who has its link, and in the browser that it was placed with.
 */
import { useEffect, useState, useSyncExternalStore } from "react";

import { asProblem, send, type Problem } from "../kit/api";
import { count, money, time } from "../kit/format";
import { useGet } from "../kit/load";
import { Badge, Copy, Empty, Icon, Kv, Link, Note, PageTitle, ProblemPanel, Skeleton, Time, TraceId } from "../kit/ui";
import { catalogueAddress, keyOfLink, placedOrders, token, useProducts, type OrderLine, type PlacedOrder } from "./data";
import { APP, Picture, productHref } from "./parts";
import { ORDER, ORDER_LINK } from "./words/order";

const AGAIN_MS = 15_000;

export interface Shipment {
  tracking_number: string;
  carrier: string | null;
  status: string;
  origin_region: string | null;
  destination_region: string | null;
  weight_kg: number | null;
  estimated_delivery: string | null;
  actual_delivery: string | null;
}

export interface Order {
  id: number;
  customer_name: string | null;
  total: number;
  subtotal: number;
  discount: number;
  shipping_cost: number;
  coupon_code: string | null;
  status: string;
  payment_method: string | null;
  payment_status: string | null;
  shipping_address: string | null;
  correlation_id: string | null;
  created_at: string;
  shipment: Shipment | null;
  items: { product_id: number; sku: string; name: string; category: string | null; image_url: string | null; quantity: number; line_total: number }[];
}

/** What is shown of an order, wherever it is known from. */
interface Shown {
  number: string;
  placedAt: string;
  status: string;
  shipment: Shipment | null;
  lines: OrderLine[];
  subtotal: number;
  discount: number;
  coupon: string;
  shipping: number;
  total: number;
  address: string;
  payment: string;
  paymentStatus: string;
  traceId: string;
}

function ofPlaced(order: PlacedOrder): Shown {
  return {
    number: order.tracking_number, placedAt: order.placed_at, status: "placed", shipment: null, lines: order.lines, subtotal: order.subtotal,
    discount: order.discount, coupon: order.coupon, shipping: order.shipping_cost, total: order.total, address: order.address, payment: order.payment,
    paymentStatus: "", traceId: order.trace_id,
  };
}

function ofOrder(order: Order, pictures: Map<string, string>): Shown {
  return {
    number: order.shipment?.tracking_number ?? String(order.id), placedAt: order.created_at, status: order.status, shipment: order.shipment,
    lines: order.items.map((item) => ({ ...item, image_url: item.image_url ?? pictures.get(item.sku) ?? "/assets/illustrations/any.svg" })),
    subtotal: order.subtotal, discount: order.discount, coupon: order.coupon_code ?? "", shipping: order.shipping_cost, total: order.total,
    address: order.shipping_address ?? "", payment: order.payment_method ?? "", paymentStatus: order.payment_status ?? "", traceId: order.correlation_id ?? "",
  };
}

const STEPS: [string, string][] = [["Placed", "check"], ["Shipped", "truck"], ["Delivered", "home"]];

/** How many steps are done: an order is on its way once its shipment says so. */
function stepsDone(shown: Shown): number {
  const word = shown.shipment?.status ?? "";
  if (word === "delivered" || shown.status === "delivered") {
    return 3;
  }
  return ["shipped", "in_transit", "out_for_delivery", "customs"].includes(word) || shown.status === "shipped" ? 2 : 1;
}

function Track({ shown }: { shown: Shown }) {
  const done = stepsDone(shown);
  const said = [time(shown.placedAt, "day-time"), shown.shipment?.carrier?.toUpperCase() ?? "",
    shown.shipment?.actual_delivery != null ? time(shown.shipment.actual_delivery, "day") : shown.shipment?.estimated_delivery != null ? `Expected ${time(shown.shipment.estimated_delivery, "day")}` : ""];
  return (
    <section className="card card-pad" aria-label={ORDER.progress}>
      <ol className="track">
        {STEPS.map(([name, icon], at) => (
          <li key={name} className={at + 1 < done || done === 3 ? "done" : at + 1 === done ? "now" : undefined} aria-current={at + 1 === done ? "step" : undefined}>
            <span className="dot"><Icon name={icon} /></span><b>{name}</b><span className="small">{said[at]}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

const TITLES: Record<number, string> = { 1: ORDER.thankYouItIsOrdered, 2: ORDER.onItsWay, 3: "Delivered" };

function Lines({ shown }: { shown: Shown }) {
  return (
    <section className="card card-pad" aria-labelledby="h-in"><h2 id="h-in">{ORDER.inTheParcel}</h2>
      {shown.lines.map((line) => (
        <div key={line.sku} className="line-item">
          <Link href={productHref(line.sku)} tabIndex={-1} aria-hidden="true"><Picture of={line} /></Link>
          <div><h3><Link className="no-u strong" href={productHref(line.sku)} dir="auto">{line.name}</Link></h3><p className="small muted">{ORDER.quantity(line.sku, count(line.quantity))}</p></div>
          <span className="price num">{money(line.line_total)}</span>
        </div>
      ))}
      <dl className="sum">
        <div><dt>{ORDER.subtotal}</dt><dd>{money(shown.subtotal)}</dd></div>
        {shown.discount > 0 && <div><dt className="clip">{shown.coupon === "" ? ORDER.discount : shown.coupon}</dt><dd className="up">{money(-shown.discount)}</dd></div>}
        <div><dt>{ORDER.delivery}</dt><dd className={shown.shipping === 0 ? "up" : undefined}>{shown.shipping === 0 ? ORDER.free : money(shown.shipping)}</dd></div>
        <div className="total"><dt>{ORDER.total}</dt><dd>{money(shown.total)}</dd></div>
      </dl>
    </section>
  );
}

const PAYMENTS: Record<string, string> = { credit_card: "by card", invoice: "by invoice", bank_transfer: "by bank transfer", wire: "by wire", crypto: "by crypto" };

function Parcel({ shown }: { shown: Shown }) {
  const paid = shown.paymentStatus === "" ? PAYMENTS[shown.payment] ?? shown.payment
    : <span className="row"><Badge tone={shown.paymentStatus === "paid" ? "ok" : "warn"}>{shown.paymentStatus}</Badge>{PAYMENTS[shown.payment] ?? shown.payment}</span>;
  return (
    <section className="card card-pad stack stack-3" aria-labelledby="h-parcel"><h2 id="h-parcel">{ORDER.parcel}</h2>
      <Kv tight={false} pairs={[
        [ORDER.tracking, <span className="row"><span className="mono">{shown.number}</span><Copy text={shown.number} what={ORDER.trackingNumber} /></span>],
        [ORDER.carrier, shown.shipment?.carrier?.toUpperCase()],
        [ORDER.weight, shown.shipment?.weight_kg == null ? null : `${shown.shipment.weight_kg.toFixed(2)} kg`],
        [ORDER.to, <bdi className="long">{shown.address}</bdi>],
        [ORDER.payment, paid],
      ]} />
    </section>
  );
}

/** The link as it may be kept or sent on. */
function OwnLink({ link }: { link: string }) {
  const whole = new URL(link, location.href).href;
  return (
    <section className="card card-pad stack stack-2" aria-labelledby="h-link"><h2 id="h-link">{ORDER_LINK.title}</h2>
      <p className="small soft">{ORDER_LINK.about} {ORDER_LINK.until(time(endOf(keyOfLink(link)), "day"))}</p>
      <p className="row"><a className="clip mono small" href={whole}>{whole}</a><Copy text={whole} what={ORDER_LINK.what} /></p></section>
  );
}

/** The second at which a key ends stands in its middle. */
function endOf(key: string): number {
  return Number(key.split(".")[1] ?? NaN) * 1000;
}

function Whole({ shown, isKeptHere, link }: { shown: Shown; isKeptHere: boolean; link: string }) {
  return (
    <div className="shop-wrap shop-main"><div className="stack stack-5">
      <div className="page-head">
        <div><p className="small muted">{ORDER.orderPlaced(shown.number)} <Time at={shown.placedAt} style="day" /></p>
          <PageTitle tab={ORDER.order(shown.number)} app={APP} className="h-product">{TITLES[stepsDone(shown)]}</PageTitle></div>
        <Link className="btn" href={`/shop/tickets/new?about=${encodeURIComponent(`Order ${shown.number}`)}`}><Icon name="chat" />{ORDER.getHelp}</Link>
      </div>
      <Track shown={shown} />
      <div className="grid g-check">
        <Lines shown={shown} />
        <div className="stack">
          <Parcel shown={shown} />
          {shown.traceId !== "" &&
            <section className="card card-pad stack stack-2" aria-labelledby="h-ref"><h2 id="h-ref">{ORDER.howWasThisMade}</h2>
              <p className="small soft">{ORDER.theTraceOfTheRequest}</p>
              <TraceId id={shown.traceId} /></section>}
          {link !== "" && <OwnLink link={link} />}
          {isKeptHere && <Note>{ORDER.thisPageIsKeptIn} <Link href="/shop/sign-in">{ORDER.whoIsSignedIn}</Link>.</Note>}
        </div>
      </div>
    </div></div>
  );
}

/** "OCTO-000007" or "7". */
function idOf(number: string): number {
  return Number.parseInt(number.replace(/^OCTO-/, ""), 10) || 0;
}

/** What stands behind the "#" of the address. */
function useHash(): string {
  return useSyncExternalStore((listener) => {
    addEventListener("hashchange", listener);
    return () => removeEventListener("hashchange", listener);
  }, () => location.hash.slice(1));
}

/** The order that a key opens; asked for again from time to time, as long as the page is seen. */
function useOrderOfKey(key: string): { order: Order | undefined; problem: Problem | undefined } {
  const [order, setOrder] = useState<Order>();
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    setOrder(undefined);
    setProblem(undefined);
    if (key === "") {
      return undefined;
    }
    let isThere = true;
    const ask = () => void send<Order>("POST", "/api/shop/order-link", { key }).then(
      (value) => { if (isThere) { setOrder(value); setProblem(undefined); } }, (error: unknown) => isThere && setProblem(asProblem(error)));
    ask();
    const timer = setInterval(() => document.visibilityState === "visible" && ask(), AGAIN_MS);
    return () => {
      isThere = false;
      clearInterval(timer);
    };
  }, [key]);
  return { order, problem };
}

/** Where nothing can be shown: why, and what to do. */
function Closed({ number, title, about }: { number: string; title: string; about: string }) {
  return <Empty title={title} action={<Link className="btn btn-primary" href={`/shop/sign-in?next=${encodeURIComponent(`/shop/orders/${number}`)}`}>{ORDER.signIn}</Link>}>{about}</Empty>;
}

export function OrderPage({ number }: { number: string }) {
  const id = idOf(number);
  const isSignedIn = token() !== null;
  const own = useGet<Order>(isSignedIn && id > 0 ? `/api/orders/${id}` : null, {}, { everyMs: AGAIN_MS });
  const products = useProducts(catalogueAddress("", "", "name")).value?.products ?? [];
  const placed = placedOrders().find((order) => order.order_id === id);
  const given = useHash();
  const key = given !== "" ? given : keyOfLink(placed?.order_link ?? "");
  const byLink = useOrderOfKey(own.value === undefined && (!isSignedIn || own.problem !== undefined) ? key : "");
  const order = own.value ?? byLink.order;
  const link = given !== "" ? `/shop/orders/${encodeURIComponent(number)}#${given}` : placed?.order_link ?? "";
  const problem = own.problem ?? byLink.problem;
  const isAsking = (isSignedIn && own.isLoading) || (key !== "" && problem === undefined);
  if (order !== undefined) {
    return <Whole shown={ofOrder(order, new Map(products.map((product) => [product.sku, product.image_url])))} isKeptHere={false} link={link} />;
  }
  if (placed !== undefined && (!isSignedIn || own.problem !== undefined)) {
    return <Whole shown={ofPlaced(placed)} isKeptHere={byLink.problem !== undefined || key === ""} link="" />;
  }
  return (
    <div className="shop-wrap shop-main">
      <PageTitle tab={ORDER.order(number)} app={APP} className="h-product">{ORDER.order(number)}</PageTitle>
      {isAsking ? <Skeleton />
        : byLink.problem?.status === 404 ? <Closed number={number} title={ORDER_LINK.closed} about={byLink.problem.detail} />
          : problem !== undefined && problem.status !== 401 ? <ProblemPanel problem={problem} what={ORDER.theOrderCouldNotBe} retry={own.reload} />
            : <Closed number={number} title={ORDER.thisBrowserDidNotPlace} about={ORDER.whoIsSignedInSees} />}
    </div>
  );
}
