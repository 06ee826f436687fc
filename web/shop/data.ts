/* What the shop's routes give, and the cart, of which all parts of a page and all tabs know the same. */
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";

import { asProblem, get, send, type Problem } from "../kit/api";
import { useIsSeen, useLive } from "../kit/live";
import { useGet, type Loaded } from "../kit/load";

export interface Spec {
  label: string;
  value: string;
}

export interface Product {
  id: number;
  name: string;
  sku: string;
  description: string | null;
  price: number;
  stock: number;
  category: string | null;
  image_url: string;
  specs: Spec[];
  support_tier: string;
}

export interface ProductList {
  products: Product[];
  total: number;
}

export interface CartLine extends Product {
  id: number; // of the line
  product_id: number;
  quantity: number;
  line_total: number;
}

export interface Cart {
  items: CartLine[];
  total: number;
}

export interface Review {
  id: number;
  rating: number;
  comment: string | null;
  author_name: string | null;
  created_at: string;
}

export interface ReviewList {
  reviews: Review[];
  rating: { count: number; mean: number | null };
}

export interface Service {
  id: number;
  name: string;
  description: string | null;
  price: number;
  category: string | null;
}

export interface Dealer {
  id: number;
  name: string;
  address: string;
  contact_email: string | null;
  contact_phone: string | null;
}

/** Of the catalogue at most so many are asked for; a search narrows what is larger. */
export const CATALOGUE_MOST = 500;
export const LINE_MOST = 20; // of one product in a cart, as POST /api/cart/add takes

/* ---- the catalogue ---- */

const kept = new Map<string, ProductList>();

/** The words "drones" and "parts" stand for groups of categories (src/shop/front.c). */
export function isGroup(category: string): boolean {
  return category === "drones" || category === "parts";
}

export function isDrone(product: Product): boolean {
  return product.category?.endsWith("Drones") ?? false;
}

const ORDERS: Record<string, [string, string]> = {
  name: ["name", "asc"], price: ["price", "asc"], "-price": ["price", "desc"], newest: ["created_at", "desc"], "": ["id", "asc"],
};

export function catalogueAddress(search: string, category: string, sort: string): string {
  const [sortBy, order] = ORDERS[sort] ?? ORDERS["name"]!;
  const query = new URLSearchParams({ sort_by: sortBy, order, limit: String(CATALOGUE_MOST) });
  if (search !== "") {
    query.set("search", search);
  }
  if (category !== "" && !isGroup(category)) {
    query.set("category", category);
  }
  return `/api/products?${query}`;
}

/** A list of products; what was there before shows until the newer one is. */
export function useProducts(address: string): Loaded<ProductList> {
  const loaded = useGet<ProductList>(address);
  if (loaded.value !== undefined && !loaded.isLoading) {
    kept.set(address, loaded.value);
  }
  return { ...loaded, value: loaded.isLoading ? kept.get(address) ?? loaded.value : loaded.value };
}

export function productAddress(sku: string): string {
  return catalogueAddress(sku, "", "name");
}

/** undefined: not there yet; null: no such product. */
export function useProduct(sku: string): { product: Product | null | undefined; loaded: Loaded<ProductList> } {
  const loaded = useProducts(productAddress(sku));
  const found = loaded.value?.products.find((one) => one.sku === sku);
  return { product: found ?? (loaded.isLoading || loaded.value === undefined ? undefined : null), loaded };
}

const REDRAW_MS = 1000;
const LOOK_MS = 15_000; // where events do not come: no place for one more stream, a sale by another process

/** Calls `onChange` when the stock of one of these products changes while the page is looked at, at most once a second. */
export function useStockEvents(productIds: number[], onChange: () => void): void {
  const isSeen = useIsSeen();
  const due = useRef<ReturnType<typeof setTimeout>>();
  const latest = useRef(onChange);
  latest.current = onChange;
  const isWatching = isSeen && productIds.length > 0;
  const ask = useCallback(() => {
    due.current ??= setTimeout(() => {
      due.current = undefined;
      latest.current();
    }, REDRAW_MS);
  }, []);
  useLive(isWatching ? "/api/events/stock" : null, ["stock", "missed"], (data, type) => {
    const { product_id: id } = data as { product_id?: number | null };
    if (type === "missed" || id === null || id === undefined || productIds.includes(id)) {
      ask();
    }
  });
  useEffect(() => {
    if (!isWatching) {
      return undefined;
    }
    const timer = setInterval(ask, LOOK_MS);
    return () => clearInterval(timer);
  }, [isWatching, ask]);
  useEffect(() => () => clearTimeout(due.current), []);
}

/** Before the first page is drawn: what it shows, so that it is whole at once. A failure is shown by the page. */
export async function readFirst(path: string, query: URLSearchParams): Promise<void> {
  const sku = /^\/shop\/products\/([^/]+)$/.exec(path)?.[1];
  const isCatalogue = path === "/" || path === "/shop";
  const address = sku !== undefined ? productAddress(decodeURIComponent(sku))
    : isCatalogue ? firstAddress(query) : null;
  const asked: Promise<unknown>[] = [readCart()];
  if (address !== null) {
    asked.push(get<ProductList>(address).then((list) => void kept.set(address, list)));
  }
  await Promise.allSettled(asked);
}

/** The first page shows the drones as they came into the house, everything else is by name unless another order is asked for. */
export function firstAddress(query: URLSearchParams): string {
  const search = query.get("q") ?? "";
  const category = query.get("category") ?? "";
  return catalogueAddress(search, category, query.get("sort") ?? (search === "" && category === "" ? "" : "name"));
}

/* ---- the cart ---- */

interface CartState {
  cart: Cart | undefined;
  problem: Problem | undefined;
}

let state: CartState = { cart: undefined, problem: undefined };
const listeners = new Set<() => void>();
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("octo:cart") : null;

function set(next: CartState): void {
  state = next;
  listeners.forEach((listener) => listener());
}

export async function readCart(): Promise<void> {
  try {
    set({ cart: await get<Cart>("/api/cart"), problem: undefined });
  } catch (error) {
    set({ ...state, problem: asProblem(error) });
  }
}

/** After a change: this tab and the others ask anew. */
async function cartChanged(): Promise<void> {
  await readCart();
  tabs?.postMessage("changed");
}

export function useCart(): CartState {
  useEffect(() => {
    const again = () => void readCart();
    const onSeen = () => document.visibilityState === "visible" && again();
    tabs?.addEventListener("message", again);
    document.addEventListener("visibilitychange", onSeen);
    return () => {
      tabs?.removeEventListener("message", again);
      document.removeEventListener("visibilitychange", onSeen);
    };
  }, []);
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, () => state);
}

export async function addToCart(productId: number, quantity: number): Promise<void> {
  await send("POST", "/api/cart/add", { product_id: productId, quantity });
  await cartChanged();
}

export async function removeFromCart(line: CartLine): Promise<void> {
  await send("DELETE", `/api/cart/${line.id}`);
  await cartChanged();
}

/** The route raises lines and removes them: fewer of a line is a new one in its place. */
export async function setQuantity(line: CartLine, quantity: number): Promise<void> {
  if (quantity < line.quantity) {
    await send("DELETE", `/api/cart/${line.id}`);
  }
  const more = quantity < line.quantity ? quantity : quantity - line.quantity;
  if (more > 0) {
    await send("POST", "/api/cart/add", { product_id: line.product_id, quantity: more });
  }
  await cartChanged();
}

export async function cartWasBought(): Promise<void> {
  await cartChanged();
}

/* ---- who is signed in ---- */

const TOKEN = "octo:token";
/** In place of a token: who came by single sign-on has a cookie, which no script sees. */
export const BY_COOKIE = "cookie";

export function token(): string | null {
  return sessionStorage.getItem(TOKEN);
}

export function keepToken(value: string | null): void {
  profile = undefined;
  if (value === null) {
    sessionStorage.removeItem(TOKEN);
  } else {
    sessionStorage.setItem(TOKEN, value);
  }
  listeners.forEach((listener) => listener());
}

export interface Profile {
  username: string;
  email: string;
  role: string;
}

let profile: Promise<Profile> | undefined;

/** Who is signed in; undefined: nobody, or it is not known yet. */
export function useProfile(): Profile | undefined {
  const [known, setKnown] = useState<Profile>();
  useEffect(() => {
    if (token() === null) {
      return undefined;
    }
    let isThere = true;
    profile ??= get<Profile>("/api/auth/profile");
    profile.then((value) => isThere && setKnown(value), () => {
      profile = undefined;
    });
    return () => {
      isThere = false;
    };
  }, []);
  return known;
}

/* ---- orders of this browser ---- */

export interface OrderLine {
  product_id: number;
  name: string;
  sku: string;
  image_url: string;
  quantity: number;
  line_total: number;
}

/** What was answered when it was placed, and by which request. */
export interface PlacedOrder {
  order_id: number;
  tracking_number: string;
  subtotal: number;
  discount: number;
  shipping_cost: number;
  total: number;
  placed_at: string;
  trace_id: string;
  address: string;
  payment: string;
  coupon: string;
  lines: OrderLine[];
  order_link?: string; // "/shop/orders/OCTO-000007#key": opens it without an account
}

const PLACED = "octo:orders";
const PLACED_MOST = 20;

/** Who buys without an account finds his orders in the browser that he bought with. */
export function placedOrders(): PlacedOrder[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(PLACED) ?? "[]");
    return Array.isArray(found) ? found as PlacedOrder[] : [];
  } catch {
    return [];
  }
}

export function keepPlaced(order: PlacedOrder): void {
  try {
    const others = placedOrders().filter((one) => one.order_id !== order.order_id);
    localStorage.setItem(PLACED, JSON.stringify([order, ...others].slice(0, PLACED_MOST)));
  } catch { /* no storage: it is shown once */ }
}

/** The key of an order's link; "": it has none. It stands behind the "#", which browsers send nobody. */
export function keyOfLink(link: string): string {
  const at = link.indexOf("#");
  return at < 0 ? "" : link.slice(at + 1);
}

/* ---- what is compared ---- */

export const COMPARED_MOST = 3;
const COMPARED = "octo:compared";
let compared: string[] = readCompared();

function readCompared(): string[] {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(COMPARED) ?? "[]");
    return Array.isArray(found) ? found.filter((sku): sku is string => typeof sku === "string").slice(0, COMPARED_MOST) : [];
  } catch {
    return [];
  }
}

export function useCompared(): string[] {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, () => compared);
}

export function compare(sku: string, isIn: boolean): void {
  compared = isIn ? [...compared.filter((one) => one !== sku), sku].slice(-COMPARED_MOST) : compared.filter((one) => one !== sku);
  sessionStorage.setItem(COMPARED, JSON.stringify(compared));
  listeners.forEach((listener) => listener());
}
