/* Parts of the shop's pages: product cards, pictures, stock, stars, quantities. */
import { useState, type ReactNode } from "react";

import { asProblem, type Problem } from "../kit/api";
import { count, money } from "../kit/format";
import { Icon, Link, LongText, useToast } from "../kit/ui";
import { addToCart, LINE_MOST, type Product } from "./data";
import { PARTS } from "./words/parts";

const LOW_STOCK = 20;

export const APP = PARTS.droneShop;

export function productHref(sku: string): string {
  return `/shop/products/${encodeURIComponent(sku)}`;
}

/** A drawing beside a name says nothing by itself. */
export function Picture({ of, alt = "" }: { of: { image_url: string }; alt?: string }) {
  return <img className="ill" src={of.image_url} alt={alt} width="320" height="240" />;
}

export function Stock({ of }: { of: { stock: number } }) {
  if (of.stock <= 0) {
    return <span className="stock stock-out">{PARTS.soldOut}</span>;
  }
  return of.stock <= LOW_STOCK
    ? <span className="stock stock-low">{PARTS.onlyLeft(count(of.stock))}</span>
    : <span className="stock">{PARTS.inStock(count(of.stock))}</span>;
}

export function Stars({ mean }: { mean: number }) {
  const full = Math.round(mean);
  return (
    <span className="stars" role="img" aria-label={PARTS.of5(mean.toFixed(1))}>
      <span aria-hidden="true">{"★".repeat(full)}{"☆".repeat(5 - full)}</span> <span className="v" aria-hidden="true">{mean.toFixed(1)}</span>
    </span>
  );
}

/** "42 minutes · 24MP sensor", of what the description says in numbers; else its first sentence. */
export function specLine(product: Product): string {
  const told = product.specs.filter((spec) => !["Category", "SKU", "Availability", "Technical note"].includes(spec.label)).map((spec) => spec.value);
  return told.length > 0 ? told.slice(0, 3).join(" · ") : (product.description ?? "").split(". ")[0]!;
}

/** Puts one into the cart, and says what became of it where the button is. */
export function useAdding(product: { id: number; name: string }): { isBusy: boolean; problem: Problem | undefined; add: (quantity: number) => void } {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const toast = useToast();
  const add = (quantity: number) => {
    if (isBusy) {
      return;
    }
    setBusy(true);
    setProblem(undefined);
    addToCart(product.id, quantity)
      .then(() => toast(<><b className="long">{product.name}</b> {PARTS.isInTheCart} <Link href="/shop/checkout">{PARTS.toCheckout}</Link></>))
      .catch((error: unknown) => setProblem(asProblem(error)))
      .finally(() => setBusy(false));
  };
  return { isBusy, problem, add };
}

export function ProductCard({ product, note, children }: { product: Product; note?: string; children?: ReactNode }) {
  const { isBusy, problem, add } = useAdding(product);
  return (
    <article className="p-card">
      <div className="pic"><Picture of={product} /></div>
      <div className="txt">
        <h3><Link href={productHref(product.sku)} dir="auto">{product.name}</Link></h3>
        <p className="spec">{note ?? specLine(product)}</p>
        <div className="foot">
          <span><span className="price">{money(product.price, { whole: true })}</span><br /><Stock of={product} /></span>
          {product.stock > 0 &&
            <button type="button" className="btn btn-icon" aria-busy={isBusy || undefined} aria-label={PARTS.addToTheCart(product.name)} onClick={() => add(1)}>
              {!isBusy && <Icon name="plus" />}
            </button>}
        </div>
        {problem !== undefined && <p className="small down" role="alert">{problem.detail}</p>}
        {children}
      </div>
    </article>
  );
}

export function Products({ products, children }: { products: Product[]; children?: (product: Product) => ReactNode }) {
  return <div className="products">{products.map((product) => <ProductCard key={product.id} product={product}>{children?.(product)}</ProductCard>)}</div>;
}

/** While cards are on their way. */
export function ProductSkeletons({ count: many = 8 }: { count?: number }) {
  return (
    <div className="products" aria-hidden="true">
      {Array.from({ length: many }, (_, at) => (
        <div key={at} className="p-card"><div className="pic" /><div className="txt"><span className="skel w-3" /><span className="skel w-4" /><span className="skel w-1" /></div></div>
      ))}
    </div>
  );
}

interface QuantityProps {
  value: number;
  onChange: (value: number) => void;
  label: string;
  most?: number;
  small?: boolean;
}

/** Typed, or by its buttons; what is typed counts once the field is left or Enter is pressed. */
export function Quantity({ value, onChange, label, most = LINE_MOST, small = false }: QuantityProps) {
  const [typed, setTyped] = useState<string>();
  const top = Math.max(1, Math.min(most, LINE_MOST));
  const take = (text: string) => {
    const wanted = Number.parseInt(text, 10);
    setTyped(undefined);
    if (Number.isFinite(wanted)) {
      onChange(Math.max(1, Math.min(wanted, top)));
    }
  };
  return (
    <div className={small ? "qty qty-sm" : "qty"}>
      <button type="button" aria-label={PARTS.oneLess(label)} disabled={value <= 1} onClick={() => onChange(value - 1)}><Icon name="minus" /></button>
      <input value={typed ?? String(value)} inputMode="numeric" aria-label={label} maxLength={3}
        onChange={(event) => setTyped(event.target.value)} onBlur={(event) => typed !== undefined && take(event.target.value)}
        onKeyDown={(event) => { if (event.key === "Enter") { event.preventDefault(); take(event.currentTarget.value); } }} />
      <button type="button" aria-label={PARTS.oneMore(label)} disabled={value >= top} onClick={() => onChange(value + 1)}><Icon name="plus" /></button>
    </div>
  );
}

/** What somebody wrote, as text. */
export function Said({ text, most }: { text: string | null; most?: number }) {
  return text === null || text === "" ? null : <LongText text={text} most={most} />;
}
