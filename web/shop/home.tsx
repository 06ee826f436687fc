/* The first page, and the catalogue: what is looked for, filtered and sorted stands in the address. */
import type { ReactNode } from "react";

import { count, money } from "../kit/format";
import { useGet } from "../kit/load";
import { Empty, Icon, Link, Note, PageTitle, Pill, ProblemPanel, setParams, useAddress, withParams } from "../kit/ui";
import {
  CATALOGUE_MOST, compare, firstAddress, isDrone, isGroup, useCompared, useProducts, type Dealer, type Product, type Service,
} from "./data";
import { APP, Products, ProductSkeletons } from "./parts";
import { DealerCards, ServiceCards } from "./places";

const PAGE_ROWS = 24; // as src/shop/front.c pages
const FIRST_ROWS = 8;

/* ---- the first page ---- */

/** What drones are bought for, as searches of the catalogue. */
const JOBS: [string, string, string, string][] = [
  ["map", "Survey and map", "Roofs, fields, corridors", "q=survey"],
  ["eye", "Inspect", "Masts, tanks, facades", "q=inspect"],
  ["leaf", "Farm", "Spray and spread", "q=sprayer"],
  ["siren", "Search and rescue", "Thermal cameras", "q=thermal"],
  ["film", "Film", "Camera drones", "category=Camera+Drones"],
  ["flag", "Race and learn", "Racing drones", "category=Racing+Drones"],
];

function Section({ id, title, about, children }: { id: string; title: string; about?: ReactNode; children: ReactNode }) {
  return (
    <section className="section" id={id} aria-labelledby={`h-${id}`}>
      <div className="section-head"><div><h2 id={`h-${id}`}>{title}</h2>{about !== undefined && <p>{about}</p>}</div></div>
      {children}
    </section>
  );
}

function Hero({ total }: { total: number | undefined }) {
  return (
    <section className="hero">
      <div>
        <PageTitle tab="Drones and parts" app={APP}>{total === undefined ? "Get off the ground." : `${count(total)} ways to get off the ground.`}</PageTitle>
        <p>Drones for the work you do, and every part that keeps them flying.</p>
        <div className="row row-wrap">
          <Link className="btn btn-primary btn-lg" href="/shop?category=drones">See the drones</Link>
          <Link className="btn btn-lg" href="/shop/assistant"><Icon name="chat" />Help me choose</Link>
        </div>
      </div>
      <div className="big"><img className="ill" src="/assets/illustrations/hero.svg" alt="" width="320" height="240" /></div>
    </section>
  );
}

function priceRange(products: Product[]): string {
  const prices = products.map((product) => product.price);
  return products.length === 0 ? "" : `${count(products.length)} from ${money(Math.min(...prices), { whole: true })} to ${money(Math.max(...prices), { whole: true })}`;
}

function Categories({ products }: { products: Product[] }) {
  const names = [...new Set(products.map((product) => product.category ?? ""))].filter((name) => name !== "").sort();
  return (
    <div className="cats">
      {names.map((name) => {
        const own = products.filter((product) => product.category === name);
        return (
          <Link key={name} className="cat" href={`/shop?category=${encodeURIComponent(name)}`}>
            <img src={own[0]!.image_url} alt="" width="320" height="240" loading="lazy" /><span>{name}<small>{own.length}</small></span>
          </Link>
        );
      })}
    </div>
  );
}

function FirstPage() {
  const { value, problem, reload } = useProducts(firstAddress(new URLSearchParams()));
  const services = useGet<{ services: Service[] }>("/api/services/catalog");
  const dealers = useGet<{ shops: Dealer[] }>("/api/shop/locations");
  const drones = value?.products.filter(isDrone) ?? [];
  const parts = value?.products.filter((product) => !isDrone(product)) ?? [];
  if (value === undefined && problem !== undefined) {
    return <div className="shop-wrap shop-main"><ProblemPanel problem={problem} what="The catalogue could not be loaded" retry={reload} /></div>;
  }
  return (
    <>
      <div className="shop-wrap shop-main"><div className="stack stack-6">
        <Hero total={value?.total} />
        <Section id="jobs" title="What is it for?">
          <div className="jobs">
            {JOBS.map(([icon, name, about, query]) => <Link key={name} className="job" href={`/shop?${query}`}><Icon name={icon} /><b>{name}</b><span>{about}</span></Link>)}
          </div>
        </Section>
        <Section id="drones" title="Ready to fly" about={`${priceRange(drones)}.`}>
          {value === undefined ? <ProductSkeletons /> : <Products products={drones.slice(0, FIRST_ROWS)} />}
          <div className="row"><Link className="btn btn-lg" href="/shop?category=drones">All {count(drones.length)} drones<Icon name="arrow" /></Link></div>
        </Section>
        <Section id="parts" title="Parts and gear" about={`${count(parts.length)} products.`}><Categories products={parts} /></Section>
      </div></div>
      {(services.value?.services.length ?? 0) > 0 &&
        <div className="band"><div className="shop-wrap"><Section id="services" title="Kept flying" about="By the people who build them."><ServiceCards services={services.value!.services} /></Section></div></div>}
      {(dealers.value?.shops.length ?? 0) > 0 &&
        <div className="shop-wrap shop-main"><Section id="dealers" title="Try one near you"><DealerCards dealers={dealers.value!.shops} /></Section></div>}
    </>
  );
}

/* ---- the catalogue ---- */

/** Minutes of flight, of the specification that says so; parts have none. */
function flightMinutes(product: Product): number {
  return isDrone(product) ? Number.parseInt(product.specs.find((spec) => spec.label === "Flight")?.value ?? "0", 10) : 0;
}

interface Wanted {
  category: string;
  priceMax: number;
  flightMin: number;
  isInStock: boolean;
}

function wantedOf(query: URLSearchParams): Wanted {
  const number = (name: string, fallback: number) => {
    const value = Number.parseFloat(query.get(name) ?? "");
    return Number.isFinite(value) && value >= 0 ? value : fallback;
  };
  return {
    category: query.get("category") ?? "", priceMax: number("price_max", Infinity), flightMin: number("flight_min", 0), isInStock: query.get("stock") === "yes",
  };
}

function fits(product: Product, wanted: Wanted): boolean {
  return (!isGroup(wanted.category) || isDrone(product) === (wanted.category === "drones")) && product.price <= wanted.priceMax &&
    (wanted.flightMin === 0 || flightMinutes(product) >= wanted.flightMin) && (!wanted.isInStock || product.stock > 0);
}

function headingOf(query: URLSearchParams): string {
  const category = query.get("category") ?? "";
  const search = query.get("q") ?? "";
  const name = category === "drones" ? "Drones" : category === "parts" ? "Parts and gear" : category;
  return search !== "" ? `“${search}”${name === "" ? "" : ` in ${name}`}` : name === "" ? "All products" : name;
}

/** A filter whose value is typed; it counts once Enter is pressed or the field is left. */
function Filters({ query }: { query: URLSearchParams }) {
  const set = (name: string, value: string | null) => setParams({ [name]: value, page: null });
  return (
    <div className="row row-wrap">
      <div className="filters">
        {["500", "2000", "10000"].map((limit) => query.get("price_max") === limit
          ? <Pill key={limit} name="Price" onRemove={() => set("price_max", null)}>up to {money(Number(limit), { whole: true })}</Pill>
          : !query.has("price_max") && <button key={limit} type="button" className="pill pill-add" onClick={() => set("price_max", limit)}><Icon name="plus" />Up to {money(Number(limit), { whole: true })}</button>)}
        {["30", "60"].map((least) => query.get("flight_min") === least
          ? <Pill key={least} name="Flight" onRemove={() => set("flight_min", null)}>from {least} minutes</Pill>
          : !query.has("flight_min") && <button key={least} type="button" className="pill pill-add" onClick={() => set("flight_min", least)}><Icon name="plus" />From {least} minutes</button>)}
        {query.get("stock") === "yes"
          ? <Pill name="Stock" onRemove={() => set("stock", null)}>in stock</Pill>
          : <button type="button" className="pill pill-add" onClick={() => set("stock", "yes")}><Icon name="plus" />In stock</button>}
      </div>
      <label className="row"><span className="small muted">Sort</span>
        <select className="select sort" value={query.get("sort") ?? "name"} onChange={(event) => set("sort", event.target.value === "name" ? null : event.target.value)}>
          <option value="name">Name</option><option value="price">Price, low to high</option><option value="-price">Price, high to low</option><option value="newest">Newest</option>
        </select>
      </label>
    </div>
  );
}

function CompareBar() {
  const skus = useCompared();
  return skus.length === 0 ? null : (
    <div className="compare-bar" role="region" aria-label="To compare">
      <div className="shop-wrap row row-wrap">
        {skus.map((sku) => <Pill key={sku} name="" onRemove={() => compare(sku, false)}>{sku}</Pill>)}
        <Link className="btn btn-primary push" href={`/shop/compare?sku=${skus.map(encodeURIComponent).join(",")}`}>Compare {skus.length}</Link>
      </div>
    </div>
  );
}

function CompareBox({ product }: { product: Product }) {
  const skus = useCompared();
  return (
    <label className="check small">
      <input type="checkbox" checked={skus.includes(product.sku)} onChange={(event) => compare(product.sku, event.target.checked)} />
      <span>Compare<span className="vh"> {product.name}</span></span>
    </label>
  );
}

function Catalogue({ query }: { query: URLSearchParams }) {
  const { value, problem, isLoading, reload } = useProducts(firstAddress(query));
  const found = value?.products.filter((product) => fits(product, wantedOf(query)));
  const pages = Math.max(1, Math.ceil((found?.length ?? 0) / PAGE_ROWS));
  const page = Math.min(pages, Math.max(1, Number.parseInt(query.get("page") ?? "1", 10) || 1));
  const shown = found?.slice((page - 1) * PAGE_ROWS, page * PAGE_ROWS);
  const skus = useCompared();
  return (
    <div className={skus.length > 0 ? "shop-wrap shop-main with-compare-bar" : "shop-wrap shop-main"}>
      <section className="section" aria-busy={isLoading}>
        <div className="section-head">
          <div><PageTitle tab={headingOf(query)} app={APP} className="h-product">{headingOf(query)}</PageTitle>
            <p role="status">{found === undefined ? "Looking" : `${count(found.length)} ${found.length === 1 ? "product" : "products"}`}</p></div>
          <Filters query={query} />
        </div>
        {value !== undefined && value.total > CATALOGUE_MOST &&
          <Note>Of {count(value.total)} products that fit, {count(CATALOGUE_MOST)} are looked at: search to narrow them.</Note>}
        {problem !== undefined && <ProblemPanel problem={problem} what="The catalogue could not be loaded" retry={reload} />}
        {shown === undefined && problem === undefined && <ProductSkeletons />}
        {shown !== undefined && shown.length === 0 &&
          <Empty title="Nothing fits" action={<Link className="btn btn-primary" href="/shop?category=drones">Clear filters</Link>}>Fewer words or another price find more.</Empty>}
        {shown !== undefined && shown.length > 0 && <h2 className="vh">What was found</h2>}
        {shown !== undefined && shown.length > 0 && <Products products={shown}>{(product) => <CompareBox product={product} />}</Products>}
        {pages > 1 &&
          <nav className="row" aria-label="Pages">
            {page > 1 && <Link className="btn" rel="prev" href={withParams({ page: page === 2 ? null : page - 1 })}>Previous</Link>}
            <span className="small muted">{count((page - 1) * PAGE_ROWS + 1)}–{count(Math.min(page * PAGE_ROWS, found!.length))} of {count(found!.length)}</span>
            {page < pages && <Link className="btn" rel="next" href={withParams({ page: page + 1 })}>Next</Link>}
          </nav>}
      </section>
      <CompareBar />
    </div>
  );
}

const FILTERS = ["q", "category", "sort", "price_max", "flight_min", "stock", "page"];

export function HomePage() {
  const { query } = useAddress();
  return FILTERS.some((name) => query.has(name)) ? <Catalogue query={query} /> : <FirstPage />;
}

