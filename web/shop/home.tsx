/* The first page, and the catalogue: what is looked for, filtered and sorted stands in the address. */
import type { ReactNode } from "react";

import { count, money } from "../kit/format";
import { useGet } from "../kit/load";
import { Empty, Icon, Link, Note, PageTitle, Pill, ProblemPanel, setParams, useAddress, withParams } from "../kit/ui";
import {
  CATALOGUE_MOST, compare, firstAddress, isDrone, isGroup, useCompared, useProducts, type Dealer, type Product, type Service,
} from "./data";
import { APP, productHref, Products, ProductSkeletons } from "./parts";
import { DealerCards, ServiceCards } from "./places";
import { HOME } from "./words/home";

const PAGE_ROWS = 24; // as src/shop/front.c pages
const FIRST_ROWS = 8;

/* ---- the first page ---- */

/** What drones are bought for, as searches of the catalogue. */
const JOBS: [string, string, string, string][] = [
  ["map", HOME.surveyAndMap, HOME.roofsFieldsCorridors, "q=survey"],
  ["eye", HOME.inspect, HOME.mastsTanksFacades, "q=inspect"],
  ["leaf", HOME.farm, HOME.sprayAndSpread, "q=sprayer"],
  ["siren", HOME.searchAndRescue, HOME.thermalCameras, "q=thermal"],
  ["film", HOME.film, HOME.cameraDrones, "category=Camera+Drones"],
  ["flag", HOME.raceAndLearn, HOME.racingDrones, "category=Racing+Drones"],
];

function Section({ id, title, about, children }: { id: string; title: string; about?: ReactNode; children: ReactNode }) {
  return (
    <section className="section" id={id} aria-labelledby={`h-${id}`}>
      <div className="section-head"><div><h2 id={`h-${id}`}>{title}</h2>{about !== undefined && <p>{about}</p>}</div></div>
      {children}
    </section>
  );
}

const HERO = "DRN-002"; // as tools/illustrate/run.mjs draws it

/** The drawing is of the product that the tag names. */
function Hero({ total, shown }: { total: number | undefined; shown: Product | undefined }) {
  return (
    <section className="hero">
      <img className="ill-bg" src="/assets/illustrations/hills.svg" alt="" />
      <div>
        <PageTitle tab={HOME.dronesAndParts} app={APP}>{total === undefined ? HOME.getOffTheGround : HOME.waysToGetOffThe(count(total))}</PageTitle>
        <p>{HOME.dronesForTheWorkYou}</p>
        <div className="row row-wrap">
          <Link className="btn btn-primary btn-lg" href="/shop?category=drones">{HOME.seeTheDrones}</Link>
          <Link className="btn btn-lg" href="/shop/assistant"><Icon name="chat" />{HOME.helpMeChoose}</Link>
        </div>
      </div>
      <div className="big"><img className="ill" src="/assets/illustrations/hero.svg" alt="" width="320" height="240" /></div>
      {shown !== undefined && <Link className="hero-tag" href={productHref(shown.sku)}><b dir="auto">{shown.name}</b> · {money(shown.price, { whole: true })}</Link>}
    </section>
  );
}

function priceRange(products: Product[]): string {
  const prices = products.map((product) => product.price);
  return products.length === 0 ? "" : HOME.fromPriceToPrice(count(products.length), money(Math.min(...prices), { whole: true }), money(Math.max(...prices), { whole: true }));
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
    return <div className="shop-wrap shop-main"><ProblemPanel problem={problem} what={HOME.theCatalogueCouldNotBe} retry={reload} /></div>;
  }
  return (
    <>
      <div className="shop-wrap shop-main"><div className="stack stack-6">
        <Hero total={value?.total} shown={value?.products.find((product) => product.sku === HERO)} />
        <Section id="jobs" title={HOME.whatIsItFor}>
          <div className="jobs">
            {JOBS.map(([icon, name, about, query]) => <Link key={name} className="job" href={`/shop?${query}`}><Icon name={icon} /><b>{name}</b><span>{about}</span></Link>)}
          </div>
        </Section>
        <Section id="drones" title={HOME.readyToFly} about={`${priceRange(drones)}.`}>
          {value === undefined ? <ProductSkeletons /> : <Products products={drones.slice(0, FIRST_ROWS)} />}
          <div className="row"><Link className="btn btn-lg" href="/shop?category=drones">{HOME.allDrones(count(drones.length))}<Icon name="arrow" /></Link></div>
        </Section>
        <Section id="parts" title={HOME.partsAndGear} about={HOME.products(count(parts.length))}><Categories products={parts} /></Section>
      </div></div>
      {(services.value?.services.length ?? 0) > 0 &&
        <div className="band"><div className="shop-wrap"><Section id="services" title={HOME.keptFlying} about={HOME.byThePeopleWhoBuild}><ServiceCards services={services.value!.services} /></Section></div></div>}
      {(dealers.value?.shops.length ?? 0) > 0 &&
        <div className="shop-wrap shop-main"><Section id="dealers" title={HOME.tryOneNearYou}><DealerCards dealers={dealers.value!.shops} /></Section></div>}
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
  const name = category === "drones" ? "Drones" : category === "parts" ? HOME.partsAndGear : category;
  return search !== "" ? `“${search}”${name === "" ? "" : ` in ${name}`}` : name === "" ? HOME.allProducts : name;
}

/** A filter whose value is typed; it counts once Enter is pressed or the field is left. */
function Filters({ query }: { query: URLSearchParams }) {
  const set = (name: string, value: string | null) => setParams({ [name]: value, page: null });
  return (
    <div className="row row-wrap">
      <div className="filters">
        {["500", "2000", "10000"].map((limit) => query.get("price_max") === limit
          ? <Pill key={limit} name="Price" onRemove={() => set("price_max", null)}>{HOME.upTo(money(Number(limit), { whole: true }))}</Pill>
          : !query.has("price_max") && <button key={limit} type="button" className="pill pill-add" onClick={() => set("price_max", limit)}><Icon name="plus" />{HOME.upToOf(money(Number(limit), { whole: true }))}</button>)}
        {["30", "60"].map((least) => query.get("flight_min") === least
          ? <Pill key={least} name="Flight" onRemove={() => set("flight_min", null)}>{HOME.fromMinutes(least)}</Pill>
          : !query.has("flight_min") && <button key={least} type="button" className="pill pill-add" onClick={() => set("flight_min", least)}><Icon name="plus" />{HOME.fromMinutesOf(least)}</button>)}
        {query.get("stock") === "yes"
          ? <Pill name="Stock" onRemove={() => set("stock", null)}>{HOME.inStock}</Pill>
          : <button type="button" className="pill pill-add" onClick={() => set("stock", "yes")}><Icon name="plus" />{HOME.inStockAgain}</button>}
      </div>
      <label className="row"><span className="small muted">{HOME.sort}</span>
        <select className="select sort" value={query.get("sort") ?? "name"} onChange={(event) => set("sort", event.target.value === "name" ? null : event.target.value)}>
          <option value="name">{HOME.name}</option><option value="price">{HOME.priceLowToHigh}</option><option value="-price">{HOME.priceHighToLow}</option><option value="newest">{HOME.newest}</option>
        </select>
      </label>
    </div>
  );
}

function CompareBar() {
  const skus = useCompared();
  return skus.length === 0 ? null : (
    <div className="compare-bar" role="region" aria-label={HOME.toCompare}>
      <div className="shop-wrap row row-wrap">
        {skus.map((sku) => <Pill key={sku} name="" onRemove={() => compare(sku, false)}>{sku}</Pill>)}
        <Link className="btn btn-primary push" href={`/shop/compare?sku=${skus.map(encodeURIComponent).join(",")}`}>{HOME.compare(skus.length)}</Link>
      </div>
    </div>
  );
}

function CompareBox({ product }: { product: Product }) {
  const skus = useCompared();
  return (
    <label className="check small">
      <input type="checkbox" checked={skus.includes(product.sku)} onChange={(event) => compare(product.sku, event.target.checked)} />
      <span>{HOME.compareAgain}<span className="vh"> {product.name}</span></span>
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
            <p role="status">{found === undefined ? HOME.looking : `${count(found.length)} ${found.length === 1 ? HOME.product : HOME.productsInText}`}</p></div>
          <Filters query={query} />
        </div>
        {value !== undefined && value.total > CATALOGUE_MOST &&
          <Note>{HOME.ofProductsThatFitAre(count(value.total), count(CATALOGUE_MOST))}</Note>}
        {problem !== undefined && <ProblemPanel problem={problem} what={HOME.theCatalogueCouldNotBe} retry={reload} />}
        {shown === undefined && problem === undefined && <ProductSkeletons />}
        {shown !== undefined && shown.length === 0 &&
          <Empty title={HOME.nothingFits} action={<Link className="btn btn-primary" href="/shop?category=drones">{HOME.clearFilters}</Link>}>{HOME.fewerWordsOrAnotherPrice}</Empty>}
        {shown !== undefined && shown.length > 0 && <h2 className="vh">{HOME.whatWasFound}</h2>}
        {shown !== undefined && shown.length > 0 && <Products products={shown}>{(product) => <CompareBox product={product} />}</Products>}
        {pages > 1 &&
          <nav className="row" aria-label={HOME.pages}>
            {page > 1 && <Link className="btn" rel="prev" href={withParams({ page: page === 2 ? null : page - 1 })}>{HOME.previous}</Link>}
            <span className="small muted">{HOME.fromToOf(count((page - 1) * PAGE_ROWS + 1), count(Math.min(page * PAGE_ROWS, found!.length)), count(found!.length))}</span>
            {page < pages && <Link className="btn" rel="next" href={withParams({ page: page + 1 })}>{HOME.next}</Link>}
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

