/* Up to three products side by side; which ones stands in the address. */
import { money } from "../kit/format";
import { Empty, Link, navigate, PageTitle, ProblemPanel, useAddress } from "../kit/ui";
import { catalogueAddress, compare, COMPARED_MOST, useProducts, type Product } from "./data";
import { APP, Picture, productHref, Stock } from "./parts";
import { COMPARE } from "./words/compare";

/** What is told of at least one of them, in the order of the first that tells it. */
function labelsOf(products: Product[]): string[] {
  return [...new Set(products.flatMap((product) => product.specs.map((spec) => spec.label)))].filter((label) => !["SKU", "Availability", "Technical note"].includes(label));
}

export function CompareTable({ products, current, onRemove }: { products: Product[]; current?: string; onRemove?: (sku: string) => void }) {
  const cell = (product: Product, text: React.ReactNode) => <td key={product.id} className={product.sku === current ? "strong" : undefined}>{text}</td>;
  return (
    <div className="card table-wrap" tabIndex={0} role="region" aria-label={COMPARE.comparison}>
      <table className="table compare">
        <caption className="vh">{COMPARE.comparisonOf(products.map((product) => product.name).join(", "))}</caption>
        <thead>
          <tr><td />{products.map((product) => (
            <th key={product.id} scope="col" aria-current={product.sku === current || undefined}>
              <div className="cmp-pic"><Picture of={product} /></div><Link className="cell" href={productHref(product.sku)}>{product.name}</Link>
              {onRemove !== undefined && <p><button type="button" className="link-btn small" onClick={() => onRemove(product.sku)}>{COMPARE.remove}<span className="vh"> {product.name}</span></button></p>}
            </th>
          ))}</tr>
        </thead>
        <tbody>
          {labelsOf(products).map((label) => (
            <tr key={label}><th scope="row">{label}</th>{products.map((product) => cell(product, product.specs.find((spec) => spec.label === label)?.value ?? "—"))}</tr>
          ))}
          <tr><th scope="row">{COMPARE.stock}</th>{products.map((product) => cell(product, <Stock of={product} />))}</tr>
          <tr><th scope="row">{COMPARE.price}</th>{products.map((product) => cell(product, <b>{money(product.price)}</b>))}</tr>
        </tbody>
      </table>
    </div>
  );
}

export function CatalogueCompare() {
  const { query } = useAddress();
  const skus = (query.get("sku") ?? "").split(",").filter((sku) => sku !== "").slice(0, COMPARED_MOST);
  const { value, problem, reload } = useProducts(catalogueAddress("", "", "name"));
  const products = skus.map((sku) => value?.products.find((product) => product.sku === sku)).filter((product) => product !== undefined);
  const remove = (sku: string) => {
    compare(sku, false);
    navigate(`/shop/compare?sku=${skus.filter((one) => one !== sku).map(encodeURIComponent).join(",")}`, { replace: true });
  };
  return (
    <div className="shop-wrap shop-main"><div className="stack stack-5">
      <PageTitle tab={COMPARE.compare} app={APP} className="h-product">{COMPARE.compare}</PageTitle>
      {problem !== undefined && value === undefined && <ProblemPanel problem={problem} what={COMPARE.theProductsCouldNotBe} retry={reload} />}
      {products.length > 0 ? <CompareTable products={products} onRemove={remove} />
        : value !== undefined && <Empty title={COMPARE.nothingToCompare} action={<Link className="btn btn-primary" href="/shop?category=drones">{COMPARE.seeTheDrones}</Link>}>{COMPARE.tickUpToThreeProducts}</Empty>}
    </div></div>
  );
}
