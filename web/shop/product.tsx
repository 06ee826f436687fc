/* One product: picture, price and stock, buying, what is known of it, what goes with it, what buyers say. */
import { useState } from "react";

import { send } from "../kit/api";
import { count, money } from "../kit/format";
import { useGet } from "../kit/load";
import { Breadcrumb, Button, Empty, faultOf, Field, FormProblem, Icon, Kv, Link, Note, PageTitle, ProblemNote, ProblemPanel, Skeleton, Time, useForm, useToast } from "../kit/ui";
import { CompareTable } from "./compare";
import { catalogueAddress, compare, isDrone, useCompared, useProduct, useProducts, useStockEvents, type Product, type ReviewList } from "./data";
import { APP, Picture, Products, Quantity, Said, Stars, Stock, useAdding } from "./parts";
import { PRODUCT } from "./words/product";

const GOES_WITH = 4;
const COMPARED_WITH = 3;

function groupOf(product: Product): { label: string; href: string } {
  return isDrone(product) ? { label: PRODUCT.drones, href: "/shop?category=drones" } : { label: PRODUCT.parts, href: "/shop?category=parts" };
}

/* What fits is known by what both descriptions name: a battery of "6S 5200 mAh" and a drone that flies on one. */
const CODES = /\b\d+S(?: \d+ mAh)?\b|\b\d{1,2} inch\b/g;

function codesOf(product: Product): Set<string> {
  return new Set((product.description ?? "").match(CODES) ?? []);
}

export function goesWith(product: Product, all: Product[]): Product[] {
  const own = codesOf(product);
  const shared = (other: Product) => [...codesOf(other)].reduce((sum, code) => sum + (own.has(code) ? code.length : 0), 0);
  return all.filter((other) => other.id !== product.id && isDrone(other) !== isDrone(product) && shared(other) > 0)
    .sort((a, b) => shared(b) - shared(a)).slice(0, GOES_WITH);
}

/** The nearest in price of its category. */
function likeIt(product: Product, all: Product[]): Product[] {
  return all.filter((other) => other.id !== product.id && other.category === product.category)
    .sort((a, b) => Math.abs(a.price - product.price) - Math.abs(b.price - product.price)).slice(0, COMPARED_WITH);
}

function Facts({ product }: { product: Product }) {
  const facts = product.specs.filter((spec) => !["Category", "SKU", "Availability", "Technical note"].includes(spec.label)).slice(0, 4);
  return facts.length === 0 ? null : <dl className="facts">{facts.map((fact) => <div key={fact.label}><dd>{fact.value}</dd><dt>{fact.label.toLowerCase()}</dt></div>)}</dl>;
}

function Buy({ product, mean, reviews }: { product: Product; mean: number | null; reviews: number }) {
  const [quantity, setQuantity] = useState(1);
  const { isBusy, problem, add } = useAdding(product);
  const skus = useCompared();
  const isSoldOut = product.stock <= 0;
  return (
    <div className="buy">
      <div className="stack stack-2">
        <p className="row small">{product.category !== null && product.category !== "" && <span className="badge badge-accent badge-plain">{product.category}</span>}<span className="mono muted">{product.sku}</span></p>
        <PageTitle tab={product.name} app={APP} className="h-product"><bdi>{product.name}</bdi></PageTitle>
        {mean !== null && <p className="row"><Stars mean={mean} /><a className="small" href="#reviews">{count(reviews)} {reviews === 1 ? PRODUCT.review : PRODUCT.reviews}</a></p>}
      </div>
      <p className="lead soft"><Said text={product.description} /></p>
      <div className="row between"><span className="price price-xl">{money(product.price)}</span><span role="status"><Stock of={product} /></span></div>
      {isSoldOut ? <Note tone="warn">{PRODUCT.soldOut} <Link href="/shop/assistant">{PRODUCT.theAssistant}</Link> {PRODUCT.knowsWhatElseFits}</Note> : (
        <form className="row" onSubmit={(event) => { event.preventDefault(); add(quantity); }}>
          <Quantity value={quantity} onChange={setQuantity} label={PRODUCT.quantity} most={product.stock} />
          <Button type="submit" kind="primary" size="lg" className="grow" busy={isBusy ? PRODUCT.adding : undefined}>{PRODUCT.addToCart}</Button>
        </form>
      )}
      {problem !== undefined && <ProblemNote problem={problem} />}
      <ul className="stack stack-2 small soft">
        <li className="row"><Icon name="truck" />{PRODUCT.delivery14900FreeFrom}</li>
        <li className="row"><Icon name="shield" />{PRODUCT.support(product.support_tier)}</li>
      </ul>
      <label className="check small"><input type="checkbox" checked={skus.includes(product.sku)} onChange={(event) => compare(product.sku, event.target.checked)} />{PRODUCT.compareWithOthers}</label>
      <div className="note note-info"><Icon name="chat" /><span>{PRODUCT.notSureItFits} <Link href={`/shop/assistant?focus=${encodeURIComponent(product.sku)}`}>{PRODUCT.askAboutIt}</Link>{PRODUCT.somethingWrongWithYours} <Link href={`/shop/tickets/new?product=${encodeURIComponent(product.sku)}`}>{PRODUCT.openATicket}</Link></span></div>
      {!isSoldOut &&
        <div className="buy-bar" aria-hidden="true"><span className="grow"><span className="price">{money(product.price)}</span><br /><span className="small muted">{PRODUCT.inStock(count(product.stock))}</span></span>
          <button type="button" tabIndex={-1} className="btn btn-primary btn-lg" onClick={() => add(quantity)}>{PRODUCT.addToCart}</button></div>}
    </div>
  );
}

function WriteReview({ product, onDone }: { product: Product; onDone: () => void }) {
  const [rating, setRating] = useState(5);
  const [comment, setComment] = useState("");
  const [author, setAuthor] = useState("");
  const toast = useToast();
  const form = useForm(async () => {
    await send("POST", `/api/products/${product.id}/reviews`, { rating, comment, author_name: author });
    toast(PRODUCT.theReviewIsThere);
    onDone();
  });
  return (
    <form className="card card-pad stack" onSubmit={form.submit} noValidate>
      <fieldset><legend className="label">{PRODUCT.stars}</legend>
        <div className="stars-pick">{[1, 2, 3, 4, 5].map((stars) => (
          <label key={stars} className="check"><input type="radio" name="rating" checked={rating === stars} onChange={() => setRating(stars)} />{stars}</label>
        ))}</div></fieldset>
      <Field label={PRODUCT.whatShouldOthersKnow} error={faultOf(form.problem, "comment")}><textarea className="input" rows={3} maxLength={4000} value={comment} onChange={(event) => setComment(event.target.value)} /></Field>
      <Field label={PRODUCT.yourName} hint={PRODUCT.asItShallStandThere} error={faultOf(form.problem, "author_name")}><input className="input" autoComplete="nickname" maxLength={100} value={author} onChange={(event) => setAuthor(event.target.value)} /></Field>
      <FormProblem problem={form.problem} names={["comment", "author_name"]} />
      <div className="row"><Button type="submit" kind="primary" busy={form.isBusy ? PRODUCT.sending : undefined}>{PRODUCT.publishReview}</Button><Button onClick={onDone}>{PRODUCT.cancel}</Button></div>
    </form>
  );
}

function Reviews({ product, list, reload }: { product: Product; list: ReviewList | undefined; reload: () => void }) {
  const [isWriting, setWriting] = useState(false);
  return (
    <section className="section" id="reviews" aria-labelledby="h-rv">
      <div className="section-head"><h2 id="h-rv" className="h-sec">{PRODUCT.reviewsAgain}</h2>{!isWriting && <Button onClick={() => setWriting(true)}>{PRODUCT.writeAReview}</Button>}</div>
      {isWriting && <WriteReview product={product} onDone={() => { setWriting(false); reload(); }} />}
      {list?.reviews.length === 0 && !isWriting && <p className="soft">{PRODUCT.nobodyHasWrittenOneYet}</p>}
      {list?.reviews.map((review) => (
        <article key={review.id} className="card card-pad stack stack-2">
          <div className="row between"><Stars mean={review.rating} /><span className="small muted"><Time at={review.created_at} style="day" /></span></div>
          <p className="lead"><Said text={review.comment} /></p>
          <p className="small soft"><b className="strong"><Said text={review.author_name} most={80} /></b></p>
        </article>
      ))}
    </section>
  );
}

function Whole({ product }: { product: Product }) {
  const all = useProducts(catalogueAddress("", "", "name")).value?.products ?? [];
  const reviews = useGet<ReviewList>(`/api/products/${product.id}/reviews`, { limit: 20 });
  const others = goesWith(product, all);
  const like = likeIt(product, all);
  const group = groupOf(product);
  return (
    <div className="shop-wrap shop-main with-buy-bar"><div className="stack stack-6">
      <Breadcrumb crumbs={[group, { label: product.category ?? "", href: `/shop?category=${encodeURIComponent(product.category ?? "")}` }, { label: product.name }].filter((crumb) => crumb.label !== "")} />
      <div className="grid product-top">
        <div className="gallery"><div className="stage"><Picture of={product} alt={PRODUCT.drawingOf(product.name)} /></div></div>
        <Buy product={product} mean={reviews.value?.rating.mean ?? null} reviews={reviews.value?.rating.count ?? 0} />
      </div>
      <Facts product={product} />
      {others.length > 0 &&
        <section className="section" aria-labelledby="h-fit"><div className="section-head"><div><h2 id="h-fit">{isDrone(product) ? PRODUCT.goesWithIt : PRODUCT.fitsThese}</h2><p>{PRODUCT.byBatteryAndSizeAs}</p></div></div><Products products={others} /></section>}
      {like.length > 0 &&
        <section className="section" aria-labelledby="h-cmp"><div className="section-head"><h2 id="h-cmp">{PRODUCT.comparedWithOthers}</h2></div><CompareTable products={[...like.slice(0, 1), product, ...like.slice(1)]} current={product.sku} /></section>}
      <div className="grid g-2">
        <section className="section" aria-labelledby="h-spec"><div className="section-head"><h2 id="h-spec" className="h-sec">{PRODUCT.details}</h2></div>
          <div className="card card-pad"><Kv tight={false} pairs={[...product.specs.filter((spec) => spec.label !== "Availability").map((spec): [string, string] => [spec.label, spec.value]), [PRODUCT.supportAgain, product.support_tier]]} /></div></section>
        <Reviews product={product} list={reviews.value} reload={reviews.reload} />
      </div>
    </div></div>
  );
}

export function ProductPage({ sku }: { sku: string }) {
  const { product, loaded } = useProduct(sku);
  useStockEvents(product ? [product.id] : [], loaded.reload);
  if (product !== undefined && product !== null) {
    return <Whole product={product} />;
  }
  return (
    <div className="shop-wrap shop-main">
      <PageTitle tab={sku} app={APP} className="vh">{sku}</PageTitle>
      {loaded.problem !== undefined ? <ProblemPanel problem={loaded.problem} what={PRODUCT.theProductCouldNotBe} retry={loaded.reload} />
        : product === null ? <Empty title={PRODUCT.isNotForSale(sku)} action={<Link className="btn btn-primary" href="/shop">{PRODUCT.toTheCatalogue}</Link>} />
          : <Skeleton />}
    </div>
  );
}
