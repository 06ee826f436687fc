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
import { APP } from "./words";

interface PageEntry extends NavItem {
  page: () => JSX.Element;
  right?: keyof typeof MAY; // who finds it in the side bar; "read" where nothing is said
}

const PAGES: PageEntry[] = [
  { href: "/", label: "Dashboard", icon: "home", key: "d", isExact: true, page: DashboardPage },
  { href: "/orders", label: "Orders", icon: "list", key: "o", page: OrdersPage },
  { href: "/customers", label: "Customers", icon: "users", key: "c", page: CustomersPage },
  { href: "/invoices", label: "Invoices", icon: "invoice", isMore: true, page: InvoicesPage },
  { href: "/tickets", label: "Tickets", icon: "ticket", page: TicketsPage },
  { href: "/products", label: "Products", icon: "box", key: "p", isMore: true, page: ProductsPage },
  { href: "/campaigns", label: "Campaigns", icon: "horn", group: "Growth", isMore: true, page: CampaignsPage },
  { href: "/leads", label: "Leads", icon: "flag", group: "Growth", isMore: true, page: LeadsPage },
  { href: "/shipments", label: "Shipments", icon: "truck", group: "Supply", isMore: true, page: ShipmentsPage },
  { href: "/warehouses", label: "Warehouses", icon: "house", group: "Supply", isMore: true, page: WarehousesPage },
  { href: "/reports", label: "Reports", icon: "chart", key: "r", group: "Records", isMore: true, page: ReportsPage },
  { href: "/sync", label: "Order sync", icon: "sync", group: "Records", isMore: true, page: SyncPage },
  { href: "/observability", label: "Observability", icon: "pulse", group: "Records", isMore: true, page: ObservabilityPage },
  { href: "/users", label: "Users", icon: "user", group: "Records", isMore: true, right: "administer", page: UsersPage },
];

interface Place {
  crumbs: Crumb[];
  content: JSX.Element;
}

function NotFound() {
  return (
    <>
      <PageTitle tab="No such page" app={APP}>No such page</PageTitle>
      <section className="card"><Empty title="There is no such page" action={<Link className="btn" href="/">Dashboard</Link>}>The address may have been cut.</Empty></section>
    </>
  );
}

/** For the role that anybody gets who makes himself a user: nothing of the portal is his to see. */
function NothingToSee({ session }: { session: Session }) {
  return (
    <>
      <PageTitle tab="No right" app={APP}>Nothing here is for this role</PageTitle>
      <section className="card">
        <Empty title={`Your role is ${session.user?.role}`}>What the portal knows is for viewer, support, analyst, manager and admin. An administrator can give you one of these roles.</Empty>
      </section>
    </>
  );
}

function placeOf(path: string): Place {
  const order = match("/orders/:id", path);
  if (order !== null) {
    const id = Number(order.id);
    return { crumbs: [{ label: "Orders", href: "/orders" }, { label: `Order ${order.id}` }], content: <OrderPage key={id} id={id} /> };
  }
  const entry = PAGES.find((page) => match(page.href, path) !== null);
  if (entry !== undefined) {
    const { page: Content, label } = entry;
    return { crumbs: [{ label }], content: <Content /> };
  }
  return { crumbs: [{ label: "No such page" }], content: <NotFound /> };
}

function Foot({ session }: { session: Session }) {
  return (
    <div className="row">
      <Avatar name={session.user?.username ?? ""} />
      <span className="grow clip"><span className="strong">{session.user?.username}</span><br />{sentence(session.user?.role)}</span>
      <Button kind="quiet" size="sm" icon="out" aria-label="Sign out" title="Sign out" onClick={() => void session.signOut().catch(() => undefined)} />
    </div>
  );
}

/** What was typed into the palette: a number, a trace id, or whom to look for. */
function commandsFor(typed: string): Command[] {
  const found: Command[] = [];
  if (/^[0-9a-f]{32}$/i.test(typed)) {
    const origin = document.documentElement.dataset.console ?? "";
    found.push({ label: `Trace ${typed}`, group: "In the Console", icon: "trace", run: () => location.assign(`${origin}/console/traces/${typed.toLowerCase()}`) });
  }
  if (/^#?\d{1,12}$/.test(typed)) {
    found.push({ label: `Order ${typed.replace("#", "")}`, group: "Go to", icon: "list", run: () => navigate(`/orders/${typed.replace("#", "")}`) });
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
  useKeys([{ keys: "/", does: "Search of this page", run: () => document.querySelector<HTMLElement>("[data-search]")?.focus() }]);
  const place = mayRead ? placeOf(path) : { crumbs: [{ label: "No right" }], content: <NothingToSee session={session} /> };
  return (
    <Shell app={APP} about="enterprise-crm-portal" home="/" nav={nav} crumbs={place.crumbs} foot={<Foot session={session} />} source={commandsFor}>
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
