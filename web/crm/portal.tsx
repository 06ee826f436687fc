/* The frame of the portal's pages: who is signed in, where one can go, which page the address names. */
import { useEffect } from "react";

import { useGet } from "../kit/load";
import { sentence } from "../kit/states";
import { Button, Empty, Link, PageTitle, Shell, match, navigate, useAddress, useKeys, type Command, type Crumb, type NavItem } from "../kit/ui";
import { CampaignsPage, LeadsPage } from "./campaigns";
import { CustomersPage } from "./customers";
import { DashboardPage } from "./dashboard";
import { InvoicesPage } from "./invoices";
import { ObservabilityPage } from "./observability";
import { OrderPage } from "./order";
import { OrdersPage } from "./orders";
import { Avatar } from "./parts";
import { ProductsPage } from "./products";
import { ReportsPage } from "./reports";
import { MAY, useMay, useSession, type Session } from "./session";
import { ShipmentsPage, WarehousesPage } from "./shipping";
import { SignInAgain, SignInPage } from "./signin";
import { SyncPage } from "./sync";
import { TicketsPage } from "./tickets";
import type { OrderRisks } from "./types";
import { UsersPage } from "./users";
import { APP } from "./words/app";
import { PORTAL } from "./words/portal";

interface PageEntry extends NavItem {
  page: () => JSX.Element;
  right?: keyof typeof MAY; // who finds it in the side bar; "read" where nothing is said
}

const PAGES: PageEntry[] = [
  { href: "/", label: PORTAL.dashboard, icon: "home", key: "d", isExact: true, page: DashboardPage },
  { href: "/orders", label: PORTAL.orders, icon: "list", key: "o", page: OrdersPage },
  { href: "/customers", label: PORTAL.customers, icon: "users", key: "c", page: CustomersPage },
  { href: "/invoices", label: PORTAL.invoices, icon: "invoice", isMore: true, page: InvoicesPage },
  { href: "/tickets", label: PORTAL.tickets, icon: "ticket", page: TicketsPage },
  { href: "/products", label: PORTAL.products, icon: "box", key: "p", isMore: true, page: ProductsPage },
  { href: "/campaigns", label: PORTAL.campaigns, icon: "horn", group: PORTAL.growth, isMore: true, page: CampaignsPage },
  { href: "/leads", label: PORTAL.leads, icon: "flag", group: PORTAL.growth, isMore: true, page: LeadsPage },
  { href: "/shipments", label: PORTAL.shipments, icon: "truck", group: PORTAL.supply, isMore: true, page: ShipmentsPage },
  { href: "/warehouses", label: PORTAL.warehouses, icon: "house", group: PORTAL.supply, isMore: true, page: WarehousesPage },
  { href: "/reports", label: PORTAL.reports, icon: "chart", key: "r", group: PORTAL.records, isMore: true, page: ReportsPage },
  { href: "/sync", label: PORTAL.orderSync, icon: "sync", group: PORTAL.records, isMore: true, page: SyncPage },
  { href: "/observability", label: PORTAL.observability, icon: "pulse", group: PORTAL.records, isMore: true, page: ObservabilityPage },
  { href: "/users", label: PORTAL.users, icon: "user", group: PORTAL.records, isMore: true, right: "administer", page: UsersPage },
];

interface Place {
  crumbs: Crumb[];
  content: JSX.Element;
}

function NotFound() {
  return (
    <>
      <PageTitle tab={PORTAL.noSuchPage} app={APP}>{PORTAL.noSuchPage}</PageTitle>
      <section className="card"><Empty title={PORTAL.thereIsNoSuchPage} action={<Link className="btn" href="/">{PORTAL.dashboard}</Link>}>{PORTAL.theAddressMayHaveBeen}</Empty></section>
    </>
  );
}

/** For the role that anybody gets who makes himself a user: nothing of the portal is his to see. */
function NothingToSee({ session }: { session: Session }) {
  return (
    <>
      <PageTitle tab={PORTAL.noRight} app={APP}>{PORTAL.nothingHereIsForThis}</PageTitle>
      <section className="card">
        <Empty title={`Your role is ${session.user?.role}`}>{PORTAL.whatThePortalKnowsIs}</Empty>
      </section>
    </>
  );
}

function placeOf(path: string): Place {
  const order = match("/orders/:id", path);
  if (order !== null) {
    const id = Number(order.id);
    return { crumbs: [{ label: PORTAL.orders, href: "/orders" }, { label: `Order ${order.id}` }], content: <OrderPage key={id} id={id} /> };
  }
  const entry = PAGES.find((page) => match(page.href, path) !== null);
  if (entry !== undefined) {
    const { page: Content, label } = entry;
    return { crumbs: [{ label }], content: <Content /> };
  }
  return { crumbs: [{ label: PORTAL.noSuchPage }], content: <NotFound /> };
}

function Foot({ session }: { session: Session }) {
  return (
    <div className="row">
      <Avatar name={session.user?.username ?? ""} />
      <span className="grow clip"><span className="strong">{session.user?.username}</span><br />{sentence(session.user?.role)}</span>
      <Button kind="quiet" size="sm" icon="out" aria-label={PORTAL.signOut} title={PORTAL.signOut} onClick={() => void session.signOut().catch(() => undefined)} />
    </div>
  );
}

/** What was typed into the palette: a number, a trace id, or whom to look for. */
function commandsFor(typed: string): Command[] {
  const found: Command[] = [];
  if (/^[0-9a-f]{32}$/i.test(typed)) {
    const origin = document.documentElement.dataset.console ?? "";
    found.push({ label: PORTAL.trace(typed), group: PORTAL.inTheConsole, icon: "trace", run: () => location.assign(`${origin}/console/traces/${typed.toLowerCase()}`) });
  }
  if (/^#?\d{1,12}$/.test(typed)) {
    found.push({ label: PORTAL.order(typed.replace("#", "")), group: PORTAL.goTo, icon: "list", run: () => navigate(`/orders/${typed.replace("#", "")}`) });
  }
  return found;
}

function useNav(): NavItem[] {
  const may = { read: useMay("read"), watch: useMay("watch"), write: useMay("write"), help: useMay("help"), report: useMay("report"), administer: useMay("administer") };
  const risks = useGet<OrderRisks>(may.read ? "/api/orders/security/summary" : null, {}, { everyMs: 60_000 }).value;
  const counts: Record<string, Partial<NavItem>> = {
    "/orders": { count: risks?.backlog_orders },
    "/sync": { count: risks?.failed_syncs, isBad: true },
  };
  return PAGES.filter((page) => may[page.right ?? "read"]).map(({ page: _, right: __, ...item }) => ({ ...item, ...counts[item.href] }));
}

function Signed({ session }: { session: Session }) {
  const { path } = useAddress();
  const mayRead = useMay("read");
  const nav = useNav();
  useKeys([{ keys: "/", does: PORTAL.searchOfThisPage, run: () => document.querySelector<HTMLElement>("[data-search]")?.focus() }]);
  const place = mayRead ? placeOf(path) : { crumbs: [{ label: PORTAL.noRight }], content: <NothingToSee session={session} /> };
  return (
    <Shell app={APP} about={PORTAL.enterpriseCrmPortal} home="/" nav={nav} crumbs={place.crumbs} foot={<Foot session={session} />} source={commandsFor}
      commands={[{ label: PORTAL.signOut, group: PORTAL.account, icon: "out", run: () => void session.signOut().catch(() => undefined) }]}>
      {session.state === "ended" && <SignInAgain />}
      {place.content}
    </Shell>
  );
}

export function Portal() {
  const session = useSession();
  const { path } = useAddress();
  const isOut = session.state === "out";
  useEffect(() => {
    if (isOut && path !== "/login") {
      const here = location.pathname + location.search;
      navigate(here === "/" ? "/login" : `/login?next=${encodeURIComponent(here)}`, { replace: true });
    }
  }, [isOut, path]);
  if (session.state === "asking" || (isOut && path !== "/login")) {
    return null;
  }
  return path === "/login" ? <SignInPage /> : <Signed session={session} />;
}
