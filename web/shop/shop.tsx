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
      <PageTitle tab="No such page" app={APP} className="h-product">No such page</PageTitle>
      <Empty title={path} action={<Link className="btn btn-primary" href="/shop">To the shop</Link>}>The shop has nothing there.</Empty>
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
      <input className="input" type="search" name="q" id="search" maxLength={200} aria-label="Search products" placeholder="Search by name, SKU or job"
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
        <nav className="shop-nav" aria-label="Main">
          {LINKS.map(([href, label]) => <Link key={href} href={href} aria-current={here === href ? "page" : undefined}>{label}</Link>)}
        </nav>
        <Search />
        <button type="button" className="btn btn-quiet btn-icon push" aria-label="Commands, Ctrl K" title="Commands, Ctrl K" onClick={onCommands}><Icon name="menu" className="i-lg" /></button>
        <Link className="btn btn-quiet btn-icon" href="/shop/orders" aria-label="Your orders"><Icon name="truck" className="i-lg" /></Link>
        <Link className="btn btn-quiet btn-icon" href="/shop/sign-in" aria-label={token() === null ? "Sign in" : "Account"}><Icon name="user" className="i-lg" /></Link>
        <Link className="btn btn-quiet btn-icon cart-link" href="/shop/checkout" aria-label={items === 0 ? "Cart" : `Cart, ${items} ${items === 1 ? "item" : "items"}`}>
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
        <div><h2>{APP}</h2><p>Drones and parts, services and dealers. Orders from $5,000.00 ship free; below that delivery is $149.00.</p>
          <div className="row"><ThemeSwitch /></div></div>
        <div><h2>Buy</h2><ul><li><Link href="/shop?category=drones">Drones</Link></li><li><Link href="/shop?category=parts">Parts</Link></li>
          <li><Link href="/shop/orders">Your orders</Link></li></ul></div>
        <div><h2>Help</h2><ul><li><Link href="/shop/assistant">Ask the assistant</Link></li><li><Link href="/shop/services">Services and training</Link></li>
          <li><Link href="/shop/tickets">Tickets</Link></li><li><Link href="/shop/dealers">Dealers</Link></li></ul></div>
        <div><h2>For your records</h2><p>Every answer carries a trace id. If something goes wrong, give it to support: it leads to the very statement
          that failed. <a href="/docs">For programs</a></p><HowMade key={location.href} /></div>
      </div>
    </footer>
  );
}

/** What can be done anywhere, and every product and order by its name or number. */
function Commands({ onHelp, onClose }: { onHelp: () => void; onClose: () => void }) {
  const products = useProducts(catalogueAddress("", "", "name")).value?.products ?? [];
  const go = (label: string, icon: string, href: string, keys?: string): Command => ({ label, group: "Go to", icon, keys, run: () => navigate(href) });
  const commands = [
    go("Drones", "box", "/shop?category=drones", "g d"), go("Parts and gear", "cog", "/shop?category=parts"), go("Cart and checkout", "cart", "/shop/checkout", "g c"),
    go("Your orders", "truck", "/shop/orders", "g o"), go("Your tickets", "ticket", "/shop/tickets", "g t"), go("New ticket", "plus", "/shop/tickets/new"),
    go("Services", "wrench", "/shop/services"), go("Dealers", "pin", "/shop/dealers"), go("Assistant", "chat", "/shop/assistant", "g a"),
    go(token() === null ? "Sign in" : "Account", "user", "/shop/sign-in"),
    { label: "Keys", group: "Help", icon: "info", keys: "?", run: onHelp },
  ];
  const source = (typed: string): Command[] => {
    const order = /^(?:octo-)?0*(\d{1,12})$/i.exec(typed);
    const words = typed.toLowerCase().split(/\s+/);
    const found = typed === "" ? [] : products.filter((product) => words.every((word) => `${product.name} ${product.sku}`.toLowerCase().includes(word)));
    return [
      ...(order === null ? [] : [go(`Order OCTO-${order[1]!.padStart(6, "0")}`, "truck", `/shop/orders/OCTO-${order[1]!.padStart(6, "0")}`)]),
      ...found.slice(0, 8).map((product): Command => ({ label: product.name, detail: product.sku, group: "Products", icon: "tag", run: () => navigate(productHref(product.sku)) })),
      ...(found.length > 0 || typed === "" || order !== null ? [] : [{ label: `Search “${typed}”`, group: "Catalogue", icon: "search", run: () => navigate(`/shop?q=${encodeURIComponent(typed)}`) }]),
    ];
  };
  return <Palette commands={commands} source={source} onClose={onClose} />;
}

export function Shop() {
  const { path } = useAddress();
  const [isHelp, setHelp] = useState(false);
  const [isPalette, setPalette] = useState(false);
  useKeys([
    { keys: "ctrl+k", does: "Commands, products, orders", run: () => setPalette(true) },
    { keys: "/", does: "Search", run: () => document.getElementById("search")?.focus() },
    { keys: "?", does: "This list", run: () => setHelp(true) },
    { keys: "g d", does: "Drones", run: () => navigate("/shop?category=drones") },
    { keys: "g c", does: "Cart and checkout", run: () => navigate("/shop/checkout") },
    { keys: "g o", does: "Your orders", run: () => navigate("/shop/orders") },
    { keys: "g t", does: "Your tickets", run: () => navigate("/shop/tickets") },
    { keys: "g a", does: "Assistant", run: () => navigate("/shop/assistant") },
  ]);
  return (
    <>
      <a className="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById("main")?.focus(); }}>Skip to content</a>
      <Bar onCommands={() => setPalette(true)} />
      <main id="main" tabIndex={-1}>{pageOf(path)}</main>
      <Foot />
      {isHelp && <Help onClose={() => setHelp(false)} />}
      {isPalette && <Commands onHelp={() => setHelp(true)} onClose={() => setPalette(false)} />}
    </>
  );
}
