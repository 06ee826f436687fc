/* The frame of the staff's pages: where one can go by one's role, and which page the address names. */
import { navigate, Button, Empty, Link, match, PageTitle, Shell, useAddress, useKeys, type Command, type NavItem } from "../kit/ui";
import type { Profile } from "../shop/data";
import { CampaignsPage, LeadsPage } from "./campaigns";
import { DashboardPage } from "./dashboard";
import { OrderPage, OrdersPage } from "./orders";
import { ProductsPage } from "./products";
import { AuditPage, SecurityPage } from "./records";
import { MAY, Session, type Right } from "./session";
import { ShipmentsPage, WarehousesPage } from "./shipping";
import { SimulationsPage } from "./simulations";
import { TicketsPage } from "./tickets";
import { CAMPAIGNS, LEADS } from "./words/campaigns";
import { DASHBOARD } from "./words/dashboard";
import { ORDERS } from "./words/orders";
import { PRODUCTS } from "./words/products";
import { AUDIT, SECURITY } from "./words/records";
import { SHIPPING } from "./words/shipping";
import { SIMULATIONS } from "./words/simulations";
import { APP, FRAME } from "./words/staff";
import { TICKETS } from "./words/tickets";

interface PageEntry extends NavItem {
  page: () => JSX.Element;
  right: Right;
}

const PAGES: PageEntry[] = [
  { href: "/staff", label: DASHBOARD.title, icon: "home", key: "d", isExact: true, page: DashboardPage, right: "look" },
  { href: "/staff/orders", label: ORDERS.title, icon: "list", key: "o", page: OrdersPage, right: "look" },
  { href: "/staff/products", label: PRODUCTS.title, icon: "box", key: "p", page: ProductsPage, right: "look" },
  { href: "/staff/tickets", label: TICKETS.title, icon: "ticket", key: "t", page: TicketsPage, right: "look" },
  { href: "/staff/campaigns", label: CAMPAIGNS.title, icon: "horn", key: "c", group: FRAME.growth, isMore: true, page: CampaignsPage, right: "look" },
  { href: "/staff/leads", label: LEADS.title, icon: "flag", key: "l", group: FRAME.growth, isMore: true, page: LeadsPage, right: "look" },
  { href: "/staff/shipping", label: SHIPPING.shipments, icon: "truck", group: FRAME.supply, isMore: true, page: ShipmentsPage, right: "look" },
  { href: "/staff/warehouses", label: SHIPPING.warehouses, icon: "house", group: FRAME.supply, isMore: true, page: WarehousesPage, right: "administer" },
  { href: "/staff/security", label: SECURITY.title, icon: "shield", key: "s", group: FRAME.records, isMore: true, page: SecurityPage, right: "guard" },
  { href: "/staff/audit", label: AUDIT.title, icon: "clock", key: "a", group: FRAME.records, isMore: true, page: AuditPage, right: "administer" },
  { href: "/staff/simulations", label: SIMULATIONS.title, icon: "bolt", group: FRAME.records, isMore: true, page: SimulationsPage, right: "seeSimulated" },
];

function isFor(entry: PageEntry, role: string): boolean {
  return (MAY[entry.right] as readonly string[]).includes(role);
}

/** To the first page that is for the role, or out of here. */
function wayOut(role: string): JSX.Element {
  const first = PAGES.find((page) => isFor(page, role));
  return first === undefined ? <a className="btn" href="/shop">{FRAME.toShop}</a> : <Link className="btn" href={first.href}>{first.label}</Link>;
}

function contentOf(path: string, role: string): { label: string; parent?: { label: string; href: string }; content: JSX.Element } {
  const order = match("/staff/orders/:id", path);
  const entry = PAGES.find((page) => match(page.href, path) !== null || (order !== null && page.href === "/staff/orders"));
  if (entry === undefined || !isFor(entry, role)) {
    return { label: FRAME.noRight, content: <><PageTitle tab={FRAME.noRight} app={APP}>{FRAME.noRight}</PageTitle><section className="card"><Empty title={FRAME.yourRole(role)} action={wayOut(role)}>{FRAME.noRightAbout}</Empty></section></> };
  }
  if (order !== null) {
    return { label: ORDERS.order(order.id!), parent: { label: ORDERS.title, href: "/staff/orders" }, content: <OrderPage key={order.id} id={order.id!} /> };
  }
  const { page: Content, label } = entry;
  return { label, content: <Content /> };
}

/** What was typed into the palette: the number of an order, or a trace id. */
function commandsFor(typed: string): Command[] {
  const order = /^(?:octo-|#)?0*(\d{1,12})$/i.exec(typed);
  if (/^[0-9a-f]{32}$/i.test(typed)) {
    const origin = document.documentElement.dataset.console ?? "";
    return [{ label: FRAME.trace(typed), group: FRAME.inTheConsole, icon: "trace", run: () => location.assign(`${origin}/console/traces/${typed.toLowerCase()}`) }];
  }
  return order === null ? [] : [{ label: ORDERS.order(order[1]!), group: FRAME.goTo, icon: "list", run: () => navigate(`/staff/orders/${order[1]}`) }];
}

function Frame({ user, signOut }: { user: Profile; signOut: () => void }) {
  const { path } = useAddress();
  useKeys([{ keys: "/", does: FRAME.searchOfThisPage, run: () => document.querySelector<HTMLElement>("[data-search]")?.focus() }]);
  const nav = PAGES.filter((page) => isFor(page, user.role)).map(({ page: _, right: __, ...item }) => item);
  const { label, parent, content } = contentOf(path, user.role);
  const foot = (
    <div className="row"><span className="grow clip"><bdi>{FRAME.signedIn(user.username, user.role)}</bdi></span>
      <Button kind="quiet" size="sm" icon="out" aria-label={FRAME.signOut} title={FRAME.signOut} onClick={signOut} /></div>
  );
  return (
    <Shell app={APP} about={FRAME.about} home="/staff" nav={nav} crumbs={parent === undefined ? [{ label }] : [parent, { label }]} foot={foot} source={commandsFor}
      commands={[{ label: FRAME.signOut, group: FRAME.account, icon: "out", run: signOut }]}>{content}</Shell>
  );
}

export function Staff() {
  return <Session>{(user, signOut) => <Frame user={user} signOut={signOut} />}</Session>;
}
