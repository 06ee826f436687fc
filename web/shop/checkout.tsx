/* Cart and checkout on one page: lines, who and where, how to pay, the sum; then the order. */
import { useRef, useState, type ReactNode } from "react";

import { asProblem, newKey, send, sendFor, type Problem } from "../kit/api";
import { count, money } from "../kit/format";
import { Button, Empty, faultOf, Field, FormProblem, Icon, Link, navigate, Note, PageTitle, ProblemNote, ProblemPanel, Skeleton, useForm, useToast } from "../kit/ui";
import { addToCart, cartWasBought, keepPlaced, readCart, removeFromCart, setQuantity, useCart, useStockEvents, type Cart, type CartLine, type OrderLine } from "./data";
import { APP, Picture, productHref, Quantity } from "./parts";

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
      <b>Your last order has no answer yet.</b> Whether it came through is not known. Asked again it is placed once, and not twice.
      <p><Button busy={form.isBusy ? "Asking" : undefined} onClick={() => form.submit()}>Ask what became of it</Button></p>
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
  unknown: "No coupon is called so.", inactive: "This coupon has ended.", exhausted: "This coupon has been used up.",
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
  const remove = () => run(removeFromCart(line), () => toast(<><bdi>{line.name}</bdi> was removed</>, () => void addToCart(line.product_id, line.quantity)));
  const isShort = line.quantity > line.stock;
  return (
    <div className={line.stock <= 0 ? "line-item gone" : "line-item"} aria-busy={isBusy}>
      <Link href={productHref(line.sku)} tabIndex={-1} aria-hidden="true"><Picture of={line} /></Link>
      <div className="stack stack-1">
        <h3><Link className="no-u strong" href={productHref(line.sku)} dir="auto">{line.name}</Link></h3>
        <p className="small muted">{line.sku} · {money(line.price)} each</p>
        <div className="row row-wrap">
          <Quantity small value={line.quantity} onChange={(value) => run(setQuantity(line, value))} label={`Quantity of ${line.name}`} most={Math.max(line.stock, 1)} />
          <button type="button" className="link-btn small" onClick={remove}>Remove<span className="vh"> {line.name}</span></button>
        </div>
        {isShort && line.stock > 0 &&
          <p className="small warn" role="alert">Only {count(line.stock)} left: <button type="button" className="link-btn small" onClick={() => run(setQuantity(line, line.stock))}>take {count(line.stock)}</button></p>}
        {line.stock <= 0 && <p className="small down" role="alert">Sold out since it was put here. Remove it to order the rest.</p>}
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
      setSaid(REASONS[result.reason ?? ""] ?? "This coupon does not count here.");
    }
  });
  return (
    <form className="stack stack-2" onSubmit={form.submit} noValidate>
      <div className="row base">
        <div className="grow"><Field label="Coupon" error={said ?? faultOf(form.problem, "code") ?? error}>
          <input className="input mono" autoComplete="off" maxLength={50} value={typed} onChange={(event) => { setTyped(event.target.value); setSaid(undefined); }} /></Field></div>
      </div>
      <Button type="submit" busy={form.isBusy ? "Asking" : undefined}>Apply</Button>
      {coupon !== undefined && <p className="small up row" role="status"><Icon name="ok" />{money(coupon.discount)} off with {coupon.code}</p>}
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
        <div><dt>Subtotal</dt><dd>{money(cart.total)}</dd></div>
        {coupon !== undefined && <div><dt className="clip">{coupon.code}</dt><dd className="up">{money(-coupon.discount)}</dd></div>}
        <div><dt>Delivery</dt><dd className={shipping === 0 ? "up" : undefined}>{shipping === 0 ? "Free" : money(shipping)}</dd></div>
        <div className="total"><dt>Total</dt><dd>{money(total)}</dd></div>
      </dl>
      {shipping > 0 &&
        <div className="stack stack-1"><div className="meter"><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width={Math.min(100, (100 * cart.total) / FREE_FROM)} height="8" fill="var(--accent)" /></svg></div>
          <p className="small soft">{money(FREE_FROM - cart.total)} more and delivery is free.</p></div>}
    </>
  );
}

const WAYS: [string, string, string, string][] = [
  ["credit_card", "Card", "Charged now; the order starts at once", "lock"],
  ["invoice", "Invoice", "For companies; payment stays open until you settle it", "invoice"],
  ["bank_transfer", "Bank transfer", "The order starts when the money is here", "home"],
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
    missing.customer_name = "Whose order is it?";
  }
  if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(typed.customer_email.trim())) {
    missing.customer_email = typed.customer_email.trim() === "" ? "Where shall the confirmation go?" : "This address has no domain ending. Example: name@company.com";
  }
  if (typed.shipping_address.trim() === "") {
    missing.shipping_address = "Where shall it be delivered?";
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
      <li className="done"><span className="n"><Icon name="check" /></span><span className="t">Cart</span></li>
      <li aria-current="step"><span className="n">2</span><span className="t">Delivery and payment</span></li>
      <li><span className="n">3</span><span className="t">Done</span></li>
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
  const optional = (label: string) => <>{label} <span className="muted">(optional)</span></>;
  return (
    <div className="grid g-check" ref={frame}>
      <form id="checkout" className="stack stack-5" noValidate onSubmit={(event) => { event.preventDefault(); submit(); }}>
        <section className="card card-pad" aria-labelledby="h-cart">
          <div className="row between"><h2 id="h-cart">Cart</h2><span className="small muted">{count(items)} {items === 1 ? "item" : "items"}</span></div>
          {cart.items.map((line) => <Line key={line.id} line={line} />)}
        </section>
        <Card title="Who and where" id="h-who">
          <div className="grid g-2">
            {field("customer_name", "Name", { autoComplete: "name", maxLength: 200 })}
            {field("customer_email", "E-mail", { type: "email", autoComplete: "email", maxLength: 200 })}
            {field("company", optional("Company"), { autoComplete: "organization", maxLength: 200 })}
            {field("customer_phone", optional("Phone"), { type: "tel", autoComplete: "tel", maxLength: 50 })}
          </div>
          {field("shipping_address", "Delivery address", { autoComplete: "street-address", maxLength: 4000, rows: 2 })}
        </Card>
        <Card title="How to pay" id="h-pay">
          <fieldset className="choice"><legend className="vh">Payment</legend>
            {WAYS.map(([word, name, about, icon]) => (
              <label key={word}><input type="radio" name="pay" checked={payment === word} onChange={() => setPayment(word)} />
                <span className="grow"><b>{name}</b><br /><span className="small soft">{about}</span></span><Icon name={icon} /></label>
            ))}</fieldset>
        </Card>
      </form>
      <aside className="stack" aria-label="Summary"><div className="card card-pad stack sticky">
        <h2>Summary</h2>
        <CouponField key={cart.total} cart={cart} coupon={coupon} onCoupon={setCoupon} error={faultOf(place.problem, "coupon_code")} />
        <Sum cart={cart} coupon={coupon} />
        {place.problem?.status === 409 ? <Note tone="warn"><span role="alert"><b>Nothing was ordered.</b> {capital(place.problem.detail)}.</span></Note> : <FormProblem problem={place.problem} names={NAMES} />}
        <Button type="submit" form="checkout" kind="primary" size="lg" className="btn-block" busy={place.isBusy ? "Placing order" : undefined}>Place order</Button>
        <p className="small muted">Pressing twice is safe: the order is placed once.</p>
      </div></aside>
    </div>
  );
}

export function CheckoutPage() {
  const { cart, problem } = useCart();
  const [sent] = useState(() => kept<Sent>(SENT));
  return (
    <div className="shop-wrap shop-main"><div className="stack stack-5">
      <div className="page-head"><PageTitle tab="Checkout" app={APP} className="h-product">Checkout</PageTitle>{(cart?.items.length ?? 0) > 0 && <Steps />}</div>
      {cart === undefined && problem === undefined && <Skeleton />}
      {problem !== undefined && cart === undefined && <ProblemPanel problem={problem} what="The cart could not be loaded" />}
      {sent !== undefined && <Unanswered sent={sent} />}
      {cart !== undefined && cart.items.length === 0 && sent === undefined &&
        <Empty title="The cart is empty" action={<Link className="btn btn-primary" href="/shop?category=drones">See the drones</Link>}>What is put into it stands here for thirty days.</Empty>}
      {cart !== undefined && cart.items.length > 0 && <Checkout cart={cart} />}
    </div></div>
  );
}
