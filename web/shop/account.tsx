/* Signing in, and the orders of who is signed in and of this browser. */
import { useEffect, useState } from "react";

import { get, send } from "../kit/api";
import { money } from "../kit/format";
import { useGet } from "../kit/load";
import { SingleSignOn } from "../kit/sso";
import { Badge, Button, Empty, faultOf, Field, FormProblem, Link, navigate, PageTitle, Table, Time, useAddress, useForm } from "../kit/ui";
import { BY_COOKIE, keepToken, placedOrders, token, useProfile, type Profile } from "./data";
import type { Order } from "./order";
import { APP } from "./parts";
import { ACCOUNT } from "./words/account";

/** Only an address of the shop: a link from elsewhere cannot lead away from here. */
function nextOf(query: URLSearchParams): string {
  const next = query.get("next") ?? "";
  return next.startsWith("/shop") ? next : "/shop/orders";
}

function SignedIn() {
  const value = useProfile();
  const out = useForm(async () => {
    await send("POST", "/api/auth/logout").finally(() => keepToken(null));
    navigate("/shop");
  });
  return (
    <div className="card card-pad stack signin-card">
      <p>{value === undefined ? ACCOUNT.signedIn : <>{ACCOUNT.signedInAs} <b className="strong"><bdi>{value.username}</bdi></b>, {value.role}.</>}</p>
      <div className="row"><Link className="btn btn-primary" href="/shop/orders">{ACCOUNT.yourOrders}</Link><Link className="btn" href="/shop/tickets">{ACCOUNT.yourTickets}</Link><Button onClick={() => out.submit()}>{ACCOUNT.signOut}</Button></div>
    </div>
  );
}

function SignInForm() {
  const { query } = useAddress();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [isShown, setShown] = useState(false);
  const form = useForm(async () => {
    const { token: value } = await send<{ token: string }>("POST", "/api/auth/login", { username, password });
    keepToken(value);
    navigate(nextOf(query), { replace: true });
  });
  return (
    <form className="card card-pad stack signin-card" onSubmit={form.submit} noValidate>
      <FormProblem problem={form.problem} names={["username", "password"]} />
      <Field label={ACCOUNT.userName} error={faultOf(form.problem, "username")}>
        <input className="input" name="username" autoComplete="username" autoCapitalize="none" spellCheck={false} maxLength={100} value={username} onChange={(event) => setUsername(event.target.value)} /></Field>
      <Field label={ACCOUNT.password} error={faultOf(form.problem, "password")}>
        <input className="input" name="password" type={isShown ? "text" : "password"} autoComplete="current-password" maxLength={200} value={password} onChange={(event) => setPassword(event.target.value)} /></Field>
      <label className="check small"><input type="checkbox" checked={isShown} onChange={(event) => setShown(event.target.checked)} />{ACCOUNT.showThePassword}</label>
      <Button type="submit" kind="primary" size="lg" className="btn-block" busy={form.isBusy ? ACCOUNT.signingIn : undefined}>{ACCOUNT.signIn}</Button>
      <p className="small muted">{ACCOUNT.buyingNeedsNoAccountWho}</p>
    </form>
  );
}

/** Back from the provider: the cookie is there, or the address was only typed. */
function useSingleSignOn() {
  const { query } = useAddress();
  const isBack = query.get("sso") === "in" && token() === null;
  useEffect(() => {
    if (isBack) {
      get<Profile>("/api/auth/profile").then(() => keepToken(BY_COOKIE), () => undefined).finally(() => navigate("/shop/sign-in", { replace: true }));
    }
  }, [isBack]);
}

export function SignInPage() {
  const isSignedIn = token() !== null;
  useSingleSignOn();
  return (
    <div className="shop-wrap shop-main"><div className="stack stack-5">
      <PageTitle tab={isSignedIn ? ACCOUNT.account : ACCOUNT.signIn} app={APP} className="h-product">{isSignedIn ? ACCOUNT.account : ACCOUNT.signIn}</PageTitle>
      {isSignedIn ? <SignedIn /> : <><SignInForm /><div className="signin-card"><SingleSignOn /></div></>}
    </div></div>
  );
}

interface Row {
  number: string;
  placedAt: string;
  total: number;
  status: string;
  what: string;
}

function OwnOrders() {
  const { value, problem, isLoading, reload } = useGet<{ orders: Order[] }>("/api/orders", { limit: 50 });
  const rows = value?.orders.map((order): Row => ({
    number: order.shipment?.tracking_number ?? String(order.id), placedAt: order.created_at, total: order.total, status: order.status,
    what: order.items.map((item) => item.name).join(", "),
  }));
  return <Orders caption={ACCOUNT.ordersOfYourAccount} rows={rows} isLoading={isLoading} problem={problem} retry={reload} />;
}

function Orders({ caption, rows, ...rest }: { caption: string; rows: Row[] | undefined; isLoading?: boolean; problem?: ReturnType<typeof useGet>["problem"]; retry?: () => void }) {
  return (
    <Table caption={caption} what={ACCOUNT.orders} rows={rows} keyOf={(row) => row.number} hrefOf={(row) => `/shop/orders/${encodeURIComponent(row.number)}`} {...rest}
      empty={<Empty title={ACCOUNT.noOrderYet} action={<Link className="btn btn-primary" href="/shop?category=drones">{ACCOUNT.seeTheDrones}</Link>} />}
      columns={[
        { id: "number", head: ACCOUNT.order, cell: (row) => <Link className="cell mono" href={`/shop/orders/${encodeURIComponent(row.number)}`}>{row.number}</Link> },
        { id: "total", head: ACCOUNT.total, cell: (row) => money(row.total), isNumber: true },
        { id: "what", head: ACCOUNT.what, cell: (row) => <bdi className="long">{row.what}</bdi>, className: "full" },
        { id: "placed", head: ACCOUNT.placed, cell: (row) => <Time at={row.placedAt} style="day" /> },
        { id: "status", head: ACCOUNT.state, cell: (row) => <Badge tone={row.status === "delivered" || row.status === "completed" ? "ok" : row.status === "cancelled" ? "bad" : "info"}>{row.status}</Badge>, className: "r" },
      ]} />
  );
}

export function OrdersPage() {
  const isSignedIn = token() !== null;
  const placed = placedOrders().map((order): Row => ({
    number: order.tracking_number, placedAt: order.placed_at, total: order.total, status: "placed", what: order.lines.map((line) => line.name).join(", "),
  }));
  return (
    <div className="shop-wrap shop-main"><div className="stack stack-5">
      <div className="page-head"><PageTitle tab={ACCOUNT.yourOrders} app={APP} className="h-product">{ACCOUNT.yourOrders}</PageTitle>
        {!isSignedIn && <Link className="btn" href="/shop/sign-in?next=%2Fshop%2Forders">{ACCOUNT.signIn}</Link>}</div>
      {isSignedIn && <section className="stack stack-3" aria-labelledby="h-own"><h2 id="h-own">{ACCOUNT.ofYourAccount}</h2><div className="card"><OwnOrders /></div></section>}
      {(!isSignedIn || placed.length > 0) &&
        <section className="stack stack-3" aria-labelledby="h-here"><h2 id="h-here">{ACCOUNT.placedWithThisBrowser}</h2><div className="card"><Orders caption={ACCOUNT.ordersPlacedWithThisBrowser} rows={placed} /></div></section>}
    </div></div>
  );
}
