/* Cart and checkout on one page: lines, who and where, how to pay, the sum; then the order. */
import { useRef, useState, type ReactNode } from "react";

import { asProblem, newKey, send, sendFor, type Problem } from "../kit/api";
import { count, money } from "../kit/format";
import { Button, Empty, faultOf, Field, FormProblem, Icon, Link, navigate, Note, PageTitle, ProblemNote, ProblemPanel, Skeleton, useForm, useToast } from "../kit/ui";
import { addToCart, cartWasBought, keepPlaced, readCart, removeFromCart, setQuantity, useCart, useStockEvents, type Cart, type CartLine, type OrderLine } from "./data";
import { APP, Picture, productHref, Quantity } from "./parts";
import { CHECKOUT } from "./words/checkout";

/* As src/shop/pricing.h has them: what is shown before the order; the order's own sum is the server's. */
const SHIPPING = 149;
const FREE_FROM = 5000;

const NAMES = ["customer_name", "customer_email", "customer_phone", "company", "shipping_address", "coupon_code"];
const KEY = "octo:checkout-key";

/* The key is made when the page is first there and lives until an order has come of it: neither a second click nor a
   reload, nor a try after an answer that was lost, buys twice. */
function checkoutKey(): string {
  const kept = sessionStorage.getItem(KEY) ?? newKey();
  sessionStorage.setItem(KEY, kept);
  return kept;
}

/* ---- what a reload must not lose ---- */

const DRAFT = "octo:checkout-draft"; // what was typed
const SENT = "octo:checkout-sent"; // what was sent and has no answer yet

function kept<T>(name: string): T | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(name) ?? "null") as T | null ?? undefined;
  } catch {
    return undefined;
  }
}

interface Sent {
  body: Record<string, unknown>;
  lines: OrderLine[];
}

/** Places the order, or learns what became of it: with the same key it is placed once, however often it is sent. */
async function placeOrder(wanted: Sent): Promise<void> {
  const before = kept<Sent>(SENT);
  let counts = wanted;
  sessionStorage.setItem(SENT, JSON.stringify(wanted));
  const answer = () => sendFor<Placed>("POST", "/api/shop/checkout", counts.body, { key: checkoutKey() });
  const { value, traceId } = await answer().catch(async (error: unknown) => {
    const { status, errors } = asProblem(error);
    if (before !== undefined && errors.some((fault) => fault.pointer.toLowerCase().includes("idempotency-key"))) {
      counts = before; // which came through, though no answer did; what was changed since comes too late
      return answer();
    }
    if (status >= 400 && status < 500) {
      sessionStorage.removeItem(SENT); // that was an answer
    }
    if (status === 409) {
      await readCart(); // what has run out meanwhile is then said at its line
    }
    throw error;
  });
  [KEY, DRAFT, SENT].forEach((name) => sessionStorage.removeItem(name));
  const { body, lines } = counts;
  keepPlaced({
    ...value, placed_at: new Date().toISOString(), trace_id: traceId, address: String(body.shipping_address), payment: String(body.payment_method),
    coupon: String(body.coupon_code ?? ""), lines,
  });
  navigate(`/shop/orders/${value.tracking_number}`, { replace: true });
  await cartWasBought();
}

/** After a reload, where an order was sent and its answer never came. */
function Unanswered({ sent }: { sent: Sent }) {
  const form = useForm(() => placeOrder(sent));
  return (
    <Note tone="warn">
      <b>{CHECKOUT.yourLastOrderHasNo}</b> {CHECKOUT.whetherItCameThroughIs}
      <p><Button busy={form.isBusy ? CHECKOUT.asking : undefined} onClick={() => form.submit()}>{CHECKOUT.askWhatBecameOfIt}</Button></p>
      {form.problem !== undefined && <ProblemNote problem={form.problem} />}
    </Note>
  );
}

interface Coupon {
  code: string;
  discount: number;
}

interface CouponResult extends Coupon {
  valid: boolean;
  reason: string | null;
}

const REASONS: Record<string, string> = {
  unknown: CHECKOUT.noCouponIsCalledSo, inactive: CHECKOUT.thisCouponHasEnded, exhausted: CHECKOUT.thisCouponHasBeenUsed,
};

function Line({ line }: { line: CartLine }) {
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const toast = useToast();
  const run = (work: Promise<void>, done?: () => void) => {
    setBusy(true);
    setProblem(undefined);
    work.then(done).catch((error: unknown) => setProblem(asProblem(error))).finally(() => setBusy(false));
  };
  const remove = (button: HTMLElement) => {
    const own = button.closest(".line-item");
    const beside = own?.nextElementSibling ?? own?.previousElementSibling;
    run(removeFromCart(line), () => {
      (beside?.querySelector<HTMLElement>(".remove") ?? document.querySelector<HTMLElement>("h1"))?.focus(); // the button goes with its line
      toast(<><bdi>{line.name}</bdi> {CHECKOUT.wasRemoved}</>, () => void addToCart(line.product_id, line.quantity));
    });
  };
  const isShort = line.quantity > line.stock;
  return (
    <div className={line.stock <= 0 ? "line-item gone" : "line-item"} aria-busy={isBusy}>
      <Link href={productHref(line.sku)} tabIndex={-1} aria-hidden="true"><Picture of={line} /></Link>
      <div className="stack stack-1">
        <h3><Link className="no-u strong" href={productHref(line.sku)} dir="auto">{line.name}</Link></h3>
        <p className="small muted">{CHECKOUT.each(line.sku, money(line.price))}</p>
        <div className="row row-wrap">
          <Quantity small value={line.quantity} onChange={(value) => run(setQuantity(line, value))} label={CHECKOUT.quantityOf(line.name)} most={Math.max(line.stock, 1)} />
          <button type="button" className="link-btn small remove" onClick={(event) => remove(event.currentTarget)}>{CHECKOUT.remove}<span className="vh"> {line.name}</span></button>
        </div>
        {isShort && line.stock > 0 &&
          <p className="small warn" role="alert">{CHECKOUT.onlyLeft(count(line.stock))} <button type="button" className="link-btn small" onClick={() => run(setQuantity(line, line.stock))}>{CHECKOUT.take(count(line.stock))}</button></p>}
        {line.stock <= 0 && <p className="small down" role="alert">{CHECKOUT.soldOutSinceItWas}</p>}
        {problem !== undefined && <ProblemNote problem={problem} />}
      </div>
      <span className="price num">{money(line.line_total)}</span>
    </div>
  );
}

function CouponField({ cart, coupon, onCoupon, error }: { cart: Cart; coupon: Coupon | undefined; onCoupon: (coupon: Coupon | undefined) => void; error: string | undefined }) {
  const [typed, setTyped] = useState(coupon?.code ?? "");
  const [said, setSaid] = useState<string>();
  const form = useForm(async () => {
    onCoupon(undefined);
    setSaid(undefined);
    if (typed.trim() === "") {
      return;
    }
    const result = await send<CouponResult>("POST", "/api/shop/coupon/apply", { code: typed.trim(), subtotal: cart.total });
    if (result.valid) {
      onCoupon(result);
    } else {
      setSaid(REASONS[result.reason ?? ""] ?? CHECKOUT.thisCouponDoesNotCount);
    }
  });
  return (
    <form className="stack stack-2" onSubmit={form.submit} noValidate>
      <div className="coupon">
        <div className="grow"><Field label={CHECKOUT.coupon} error={said ?? faultOf(form.problem, "code") ?? error}>
          <input className="input mono" autoComplete="off" maxLength={50} value={typed} onChange={(event) => { setTyped(event.target.value); setSaid(undefined); }} /></Field></div>
        <Button type="submit" busy={form.isBusy ? CHECKOUT.asking : undefined}>{CHECKOUT.apply}</Button>
      </div>
      {coupon !== undefined && <p className="small up row" role="status"><Icon name="ok" />{CHECKOUT.offWith(money(coupon.discount), coupon.code)}</p>}
      <FormProblem problem={form.problem} names={["code"]} />
    </form>
  );
}

function Sum({ cart, coupon }: { cart: Cart; coupon: Coupon | undefined }) {
  const shipping = cart.total > 0 && cart.total < FREE_FROM ? SHIPPING : 0;
  const cents = (value: number) => Math.round(value * 100);
  const total = (cents(cart.total) - cents(coupon?.discount ?? 0) + cents(shipping)) / 100;
  return (
    <>
      <dl className="sum">
        <div><dt>{CHECKOUT.subtotal}</dt><dd>{money(cart.total)}</dd></div>
        {coupon !== undefined && <div><dt className="clip">{coupon.code}</dt><dd className="up">{money(-coupon.discount)}</dd></div>}
        <div><dt>{CHECKOUT.delivery}</dt><dd className={shipping === 0 ? "up" : undefined}>{shipping === 0 ? CHECKOUT.free : money(shipping)}</dd></div>
        <div className="total"><dt>{CHECKOUT.total}</dt><dd>{money(total)}</dd></div>
      </dl>
      {shipping > 0 &&
        <div className="stack stack-1"><div className="meter"><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width={Math.min(100, (100 * cart.total) / FREE_FROM)} height="8" fill="var(--accent)" /></svg></div>
          <p className="small soft">{CHECKOUT.moreAndDeliveryIsFree(money(FREE_FROM - cart.total))}</p></div>}
    </>
  );
}

const WAYS: [string, string, string, string][] = [
  ["credit_card", "Card", CHECKOUT.chargedNowTheOrderStarts, "lock"],
  ["invoice", "Invoice", CHECKOUT.forCompaniesPaymentStaysOpen, "invoice"],
  ["bank_transfer", CHECKOUT.bankTransfer, CHECKOUT.theOrderStartsWhenThe, "home"],
];

interface Typed {
  customer_name: string;
  customer_email: string;
  company: string;
  customer_phone: string;
  shipping_address: string;
}

/** What is plainly missing is said at its field before anything is sent; the server judges the rest. */
function missingOf(typed: Typed): Partial<Record<keyof Typed, string>> {
  const missing: Partial<Record<keyof Typed, string>> = {};
  if (typed.customer_name.trim() === "") {
    missing.customer_name = CHECKOUT.whoseOrderIsIt;
  }
  if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(typed.customer_email.trim())) {
    missing.customer_email = typed.customer_email.trim() === "" ? CHECKOUT.whereShallTheConfirmationGo : CHECKOUT.thisAddressHasNoDomain;
  }
  if (typed.shipping_address.trim() === "") {
    missing.shipping_address = CHECKOUT.whereShallItBeDelivered;
  }
  return missing;
}

/** What the service says, as a sentence of its own. */
function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

interface Placed {
  order_id: number;
  tracking_number: string;
  order_link: string;
  subtotal: number;
  discount: number;
  shipping_cost: number;
  total: number;
}

function Steps() {
  return (
    <ol className="steps">
      <li className="done"><span className="n"><Icon name="check" /></span><span className="t">{CHECKOUT.cart}</span></li>
      <li aria-current="step"><span className="n">2</span><span className="t">{CHECKOUT.deliveryAndPayment}</span></li>
      <li><span className="n">3</span><span className="t">{CHECKOUT.done}</span></li>
    </ol>
  );
}

function Card({ title, id, children }: { title: string; id: string; children: ReactNode }) {
  return <section className="card card-pad stack" aria-labelledby={id}><h2 id={id}>{title}</h2>{children}</section>;
}

const NOTHING: Typed = { customer_name: "", customer_email: "", company: "", customer_phone: "", shipping_address: "" };

function Checkout({ cart }: { cart: Cart }) {
  const [typed, setTyped] = useState<Typed>(() => ({ ...NOTHING, ...kept<Typed>(DRAFT) }));
  const [payment, setPayment] = useState("credit_card");
  const [coupon, setCoupon] = useState<Coupon>();
  const [missing, setMissing] = useState<Partial<Record<keyof Typed, string>>>({});
  const frame = useRef<HTMLDivElement>(null);
  useStockEvents(cart.items.map((line) => line.product_id), () => void readCart());
  const items = cart.items.reduce((sum, line) => sum + line.quantity, 0);

  const place = useForm(() => placeOrder({
    body: { ...typed, customer_email: typed.customer_email.trim(), payment_method: payment, ...(coupon === undefined ? {} : { coupon_code: coupon.code }) },
    lines: cart.items.map(({ product_id, name, sku, image_url, quantity, line_total }) => ({ product_id, name, sku, image_url, quantity, line_total })),
  }));
  const submit = () => {
    const found = missingOf(typed);
    setMissing(found);
    if (Object.keys(found).length === 0) {
      place.submit();
    } else {
      setTimeout(() => frame.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
    }
  };
  const field = (name: keyof Typed, label: ReactNode, control: { type?: string; autoComplete: string; maxLength: number; rows?: number }) => {
    const common = {
      className: "input", value: typed[name], required: missingOf({ ...typed, [name]: "" })[name] !== undefined,
      onChange: (event: { target: { value: string } }) => {
        const next = { ...typed, [name]: event.target.value };
        setTyped(next);
        sessionStorage.setItem(DRAFT, JSON.stringify(next));
        if (missing[name] !== undefined) {
          setMissing({ ...missing, [name]: missingOf(next)[name] });
        }
      },
      onBlur: () => typed[name] !== "" && setMissing({ ...missing, [name]: missingOf(typed)[name] }),
    };
    return (
      <Field label={label} error={missing[name] ?? faultOf(place.problem, name)}>
        {control.rows === undefined ? <input {...common} {...control} /> : <textarea {...common} {...control} />}
      </Field>
    );
  };
  const optional = (label: string) => <>{label} <span className="muted">{CHECKOUT.optional}</span></>;
  return (
    <div className="grid g-check" ref={frame}>
      <form id="checkout" className="stack stack-5" noValidate onSubmit={(event) => { event.preventDefault(); submit(); }}>
        <section className="card card-pad" aria-labelledby="h-cart">
          <div className="row between"><h2 id="h-cart">{CHECKOUT.cart}</h2><span className="small muted">{count(items)} {items === 1 ? CHECKOUT.item : CHECKOUT.items}</span></div>
          {cart.items.map((line) => <Line key={line.id} line={line} />)}
        </section>
        <Card title={CHECKOUT.whoAndWhere} id="h-who">
          <div className="grid g-2">
            {field("customer_name", "Name", { autoComplete: "name", maxLength: 200 })}
            {field("customer_email", "E-mail", { type: "email", autoComplete: "email", maxLength: 200 })}
            {field("company", optional("Company"), { autoComplete: "organization", maxLength: 200 })}
            {field("customer_phone", optional("Phone"), { type: "tel", autoComplete: "tel", maxLength: 50 })}
          </div>
          {field("shipping_address", CHECKOUT.deliveryAddress, { autoComplete: "street-address", maxLength: 4000, rows: 2 })}
        </Card>
        <Card title={CHECKOUT.howToPay} id="h-pay">
          <fieldset className="choice"><legend className="vh">{CHECKOUT.payment}</legend>
            {WAYS.map(([word, name, about, icon]) => (
              <label key={word}><input type="radio" name="pay" checked={payment === word} onChange={() => setPayment(word)} />
                <span className="grow"><b>{name}</b><br /><span className="small soft">{about}</span></span><Icon name={icon} /></label>
            ))}</fieldset>
        </Card>
      </form>
      <aside className="stack" aria-label={CHECKOUT.summary}><div className="card card-pad stack sticky">
        <h2>{CHECKOUT.summary}</h2>
        <CouponField key={cart.total} cart={cart} coupon={coupon} onCoupon={setCoupon} error={faultOf(place.problem, "coupon_code")} />
        <Sum cart={cart} coupon={coupon} />
        {place.problem?.status === 409 ? <Note tone="warn"><span role="alert"><b>{CHECKOUT.nothingWasOrdered}</b> {capital(place.problem.detail)}.</span></Note> : <FormProblem problem={place.problem} names={NAMES} />}
        <Button type="submit" form="checkout" kind="primary" size="lg" className="btn-block" busy={place.isBusy ? CHECKOUT.placingOrder : undefined}>{CHECKOUT.placeOrder}</Button>
        <p className="small muted">{CHECKOUT.pressingTwiceIsSafeThe}</p>
      </div></aside>
    </div>
  );
}

export function CheckoutPage() {
  const { cart: there, problem } = useCart();
  const [sent] = useState(() => kept<Sent>(SENT));
  const last = useRef<Cart>();
  if (there !== undefined && there.items.length > 0) {
    last.current = there;
  }
  // An order that has no answer yet may have emptied the cart already: what was sent stays here until it has one.
  const isOpen = there?.items.length === 0 && sent === undefined && kept<Sent>(SENT) !== undefined;
  const cart = isOpen ? last.current ?? there : there;
  return (
    <div className="shop-wrap shop-main"><div className="stack stack-5">
      <div className="page-head"><PageTitle tab={CHECKOUT.checkout} app={APP} className="h-product">{CHECKOUT.checkout}</PageTitle>{(cart?.items.length ?? 0) > 0 && <Steps />}</div>
      {cart === undefined && problem === undefined && <Skeleton />}
      {problem !== undefined && cart === undefined && <ProblemPanel problem={problem} what={CHECKOUT.theCartCouldNotBe} />}
      {sent !== undefined && <Unanswered sent={sent} />}
      {cart !== undefined && cart.items.length === 0 && sent === undefined &&
        <Empty title={CHECKOUT.theCartIsEmpty} action={<Link className="btn btn-primary" href="/shop?category=drones">{CHECKOUT.seeTheDrones}</Link>}>{CHECKOUT.whatIsPutIntoIt}</Empty>}
      {cart !== undefined && cart.items.length > 0 && <Checkout cart={cart} />}
    </div></div>
  );
}
