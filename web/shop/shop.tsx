/* The frame of the shop's pages, and which page an address is. */
import { useEffect, useState, type ReactNode } from "react";

import { addHeaders } from "../kit/api";
import { Help, Palette, type Command } from "../kit/shell";
import { Empty, HowMade, Icon, Link, Mark, match, navigate, PageTitle, ThemeSwitch, useAddress, useKeys } from "../kit/ui";
import { OrdersPage, SignInPage } from "./account";
import { AssistantPage } from "./assistant";
import { CatalogueCompare } from "./compare";
import { CheckoutPage } from "./checkout";
import { HomePage } from "./home";
import { OrderPage } from "./order";
import { APP, productHref } from "./parts";
import { DealersPage, ServicesPage } from "./places";
import { ProductPage } from "./product";
import { NewTicketPage, TicketPage, TicketsPage } from "./tickets";
import { BY_COOKIE, catalogueAddress, token, useCart, useProducts } from "./data";
import { SHOP } from "./words/shop";

addHeaders((): Record<string, string> => {
  const value = token();
  return value === null || value === BY_COOKIE ? {} : { Authorization: `Bearer ${value}` };
});

const PAGES: [string, (places: Record<string, string>) => ReactNode][] = [
  ["/", () => <HomePage />],
  ["/shop", () => <HomePage />],
  ["/shop/products/:sku", ({ sku }) => <ProductPage key={sku} sku={sku!} />],
  ["/shop/compare", () => <CatalogueCompare />],
  ["/shop/checkout", () => <CheckoutPage />],
  ["/shop/orders", () => <OrdersPage />],
  ["/shop/orders/:id", ({ id }) => <OrderPage key={id} number={id!} />],
  ["/shop/services", () => <ServicesPage />],
  ["/shop/dealers", () => <DealersPage />],
  ["/shop/assistant", () => <AssistantPage />],
  ["/shop/tickets", () => <TicketsPage />],
  ["/shop/tickets/new", () => <NewTicketPage />],
  ["/shop/tickets/:id", ({ id }) => <TicketPage key={id} id={id!} />],
  ["/shop/sign-in", () => <SignInPage />],
];

function pageOf(path: string): ReactNode {
  for (const [pattern, page] of PAGES) {
    const places = match(pattern, path);
    if (places !== null) {
      return page(places);
    }
  }
  return (
    <div className="shop-wrap shop-main">
      <PageTitle tab={SHOP.noSuchPage} app={APP} className="h-product">{SHOP.noSuchPage}</PageTitle>
      <Empty title={path} action={<Link className="btn btn-primary" href="/shop">{SHOP.toTheShop}</Link>}>{SHOP.theShopHasNothingThere}</Empty>
    </div>
  );
}

/** A group is current where its products are shown. */
const LINKS: [string, string][] = [
  ["/shop?category=drones", "Drones"], ["/shop?category=parts", "Parts"], ["/shop/services", "Services"],
  ["/shop/dealers", "Dealers"], ["/shop/assistant", "Assistant"],
];

function Search() {
  const { path, query } = useAddress();
  const asked = path === "/shop" ? query.get("q") ?? "" : "";
  const [typed, setTyped] = useState(asked);
  useEffect(() => setTyped(asked), [asked]);
  const search = (text: string, replace: boolean) => {
    const wanted = text.trim();
    navigate(wanted === "" ? "/shop" : `/shop?q=${encodeURIComponent(wanted)}`, { replace });
  };
  return (
    <form className="search grow push" role="search" action="/shop" onSubmit={(event) => { event.preventDefault(); search(typed, false); }}>
      <Icon name="search" />
      <input className="input" type="search" name="q" id="search" maxLength={200} aria-label={SHOP.searchProducts} placeholder={SHOP.searchByNameSkuOr}
        value={typed} onChange={(event) => setTyped(event.target.value)} />
    </form>
  );
}

function Bar({ onCommands }: { onCommands: () => void }) {
  const { path, query } = useAddress();
  const { cart } = useCart();
  const items = cart?.items.reduce((sum, line) => sum + line.quantity, 0) ?? 0;
  const here = path === "/shop" && query.has("category") ? `/shop?category=${query.get("category")}` : path;
  return (
    <header className="shop-bar">
      <div className="shop-wrap">
        <Link className="brand" href="/shop"><Mark /><span>{APP}</span></Link>
        <nav className="shop-nav" aria-label={SHOP.main}>
          {LINKS.map(([href, label]) => <Link key={href} href={href} aria-current={here === href ? "page" : undefined}>{label}</Link>)}
        </nav>
        <Search />
        <button type="button" className="btn btn-quiet btn-icon push" aria-label={SHOP.commandsCtrlK} title={SHOP.commandsCtrlK} onClick={onCommands}><Icon name="menu" className="i-lg" /></button>
        <Link className="btn btn-quiet btn-icon" href="/shop/orders" aria-label={SHOP.yourOrders}><Icon name="truck" className="i-lg" /></Link>
        <Link className="btn btn-quiet btn-icon" href="/shop/sign-in" aria-label={token() === null ? SHOP.signIn : SHOP.account}><Icon name="user" className="i-lg" /></Link>
        <Link className="btn btn-quiet btn-icon cart-link" href="/shop/checkout" aria-label={items === 0 ? SHOP.cart : SHOP.cartOf(items, items === 1 ? SHOP.item : SHOP.items)}>
          <Icon name="cart" className="i-lg" />{items > 0 && <span className="n" aria-hidden="true">{items}</span>}
        </Link>
      </div>
    </header>
  );
}

function Foot() {
  return (
    <footer className="shop-foot">
      <div className="shop-wrap grid g-4">
        <div><h2>{APP}</h2><p>{SHOP.dronesAndPartsServicesAnd}</p>
          <div className="row"><ThemeSwitch /></div></div>
        <div><h2>{SHOP.buy}</h2><ul><li><Link href="/shop?category=drones">{SHOP.drones}</Link></li><li><Link href="/shop?category=parts">{SHOP.parts}</Link></li>
          <li><Link href="/shop/orders">{SHOP.yourOrders}</Link></li></ul></div>
        <div><h2>{SHOP.help}</h2><ul><li><Link href="/shop/assistant">{SHOP.askTheAssistant}</Link></li><li><Link href="/shop/services">{SHOP.servicesAndTraining}</Link></li>
          <li><Link href="/shop/tickets">{SHOP.tickets}</Link></li><li><Link href="/shop/dealers">{SHOP.dealers}</Link></li></ul></div>
        <div><h2>{SHOP.forYourRecords}</h2><p>{SHOP.everyAnswerCarriesATrace} <a href="/docs">{SHOP.forPrograms}</a></p><HowMade key={location.href} /></div>
      </div>
    </footer>
  );
}

/** What can be done anywhere, and every product and order by its name or number. */
function Commands({ onHelp, onClose }: { onHelp: () => void; onClose: () => void }) {
  const products = useProducts(catalogueAddress("", "", "name")).value?.products ?? [];
  const go = (label: string, icon: string, href: string, keys?: string): Command => ({ label, group: SHOP.goTo, icon, keys, run: () => navigate(href) });
  const commands = [
    go("Drones", "box", "/shop?category=drones", "g d"), go(SHOP.partsAndGear, "cog", "/shop?category=parts"), go(SHOP.cartAndCheckout, "cart", "/shop/checkout", "g c"),
    go(SHOP.yourOrders, "truck", "/shop/orders", "g o"), go(SHOP.yourTickets, "ticket", "/shop/tickets", "g t"), go(SHOP.newTicket, "plus", "/shop/tickets/new"),
    go("Services", "wrench", "/shop/services"), go("Dealers", "pin", "/shop/dealers"), go("Assistant", "chat", "/shop/assistant", "g a"),
    go(token() === null ? SHOP.signIn : "Account", "user", "/shop/sign-in"),
    { label: SHOP.keys, group: SHOP.help, icon: "info", keys: "?", run: onHelp },
  ];
  const source = (typed: string): Command[] => {
    const order = /^(?:octo-)?0*(\d{1,12})$/i.exec(typed);
    const words = typed.toLowerCase().split(/\s+/);
    const found = typed === "" ? [] : products.filter((product) => words.every((word) => `${product.name} ${product.sku}`.toLowerCase().includes(word)));
    return [
      ...(order === null ? [] : [go(SHOP.orderOcto(order[1]!.padStart(6, "0")), "truck", `/shop/orders/OCTO-${order[1]!.padStart(6, "0")}`)]),
      ...found.slice(0, 8).map((product): Command => ({ label: product.name, detail: product.sku, group: SHOP.products, icon: "tag", run: () => navigate(productHref(product.sku)) })),
      ...(found.length > 0 || typed === "" || order !== null ? [] : [{ label: SHOP.search(typed), group: SHOP.catalogue, icon: "search", run: () => navigate(`/shop?q=${encodeURIComponent(typed)}`) }]),
    ];
  };
  return <Palette commands={commands} source={source} onClose={onClose} />;
}

export function Shop() {
  const { path } = useAddress();
  const [isHelp, setHelp] = useState(false);
  const [isPalette, setPalette] = useState(false);
  useKeys([
    { keys: "ctrl+k", does: SHOP.commandsProductsOrders, run: () => setPalette(true) },
    { keys: "/", does: SHOP.searchAgain, run: () => document.getElementById("search")?.focus() },
    { keys: "?", does: SHOP.thisList, run: () => setHelp(true) },
    { keys: "g d", does: SHOP.drones, run: () => navigate("/shop?category=drones") },
    { keys: "g c", does: SHOP.cartAndCheckout, run: () => navigate("/shop/checkout") },
    { keys: "g o", does: SHOP.yourOrders, run: () => navigate("/shop/orders") },
    { keys: "g t", does: SHOP.yourTickets, run: () => navigate("/shop/tickets") },
    { keys: "g a", does: SHOP.assistant, run: () => navigate("/shop/assistant") },
  ]);
  return (
    <>
      <a className="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById("main")?.focus(); }}>{SHOP.skipToContent}</a>
      <Bar onCommands={() => setPalette(true)} />
      <main id="main" tabIndex={-1}>{pageOf(path)}</main>
      <Foot />
      {isHelp && <Help onClose={() => setHelp(false)} />}
      {isPalette && <Commands onHelp={() => setHelp(true)} onClose={() => setPalette(false)} />}
    </>
  );
}
