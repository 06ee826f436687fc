/* Products and their stock: administrators keep them, others see what is for sale. */
import { useCallback, useState } from "react";

import { ask, send } from "../kit/api";
import { count, money } from "../kit/format";
import { FormDialog, type Body, type FieldSpec } from "../kit/formdialog";
import { Choice, CursorList, Name, Search } from "../kit/lists";
import { useGet } from "../kit/load";
import { useSendKey } from "../kit/sendkey";
import { sentence } from "../kit/states";
import { Badge, Button, Empty, Link, PageTitle, Table, setParams, useParam, withParams, type Column } from "../kit/ui";
import { catalogueAddress, type Product as ForSale } from "../shop/data";
import { useMay } from "./session";
import { PRODUCTS } from "./words/products";
import { APP } from "./words/staff";

interface Product {
  id: number;
  name: string;
  sku: string;
  description: string | null;
  price: number;
  stock: number;
  category: string | null;
  image_url: string | null;
  is_active: number | boolean;
}

const LOW = 10; // as the dashboard counts (sql/shop/dashboard.sql)
const SORTS: Record<string, string> = { name: "Name", stock: PRODUCTS.stockLowFirst, "-price": PRODUCTS.priceHighFirst, "-created_at": "Newest" };

function StockBadge({ stock }: { stock: number }) {
  return <Badge tone={stock <= 0 ? "bad" : stock < LOW ? "warn" : "ok"}>{stock <= 0 ? PRODUCTS.out : stock < LOW ? PRODUCTS.low : PRODUCTS.ok}</Badge>;
}

function columnsOf<T extends Pick<Product, "name" | "sku" | "category" | "price" | "stock">>(name: (row: T) => JSX.Element): Column<T>[] {
  return [
    { id: "name", head: PRODUCTS.product, className: "full", cell: (row) => <>{name(row)}<span className="sub mono">{row.sku}</span></> },
    { id: "category", head: PRODUCTS.category, className: "hide-s", cell: (row) => row.category ?? "—" },
    { id: "price", head: PRODUCTS.price, isNumber: true, cell: (row) => money(row.price) },
    { id: "stock", head: PRODUCTS.stock, isNumber: true, cell: (row) => <>{count(row.stock)} <span className="muted small">{PRODUCTS.left}</span></> },
    { id: "state", head: PRODUCTS.state, className: "r", cell: (row) => <StockBadge stock={row.stock} /> },
  ];
}

const FIELDS: FieldSpec[] = [
  { name: "name", label: PRODUCTS.name, isRequired: true }, { name: "sku", label: PRODUCTS.sku, isRequired: true }, { name: "price", label: PRODUCTS.priceDollars, kind: "number", isRequired: true },
  { name: "stock", label: PRODUCTS.stock, kind: "number" }, { name: "category", label: PRODUCTS.category }, { name: "description", label: PRODUCTS.description, kind: "area" },
];

/** Sends all of the product, as its route wants it; a stock that was not touched is left to what was sold meanwhile. */
function bodyOf(product: Product, changes: Body): Body {
  const { name, sku, price, category, description, image_url } = product;
  const whole: Body = { name, sku, price, category, description, image_url, ...changes };
  return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== null));
}

function Change({ id, onClose, onDone }: { id: number; onClose: () => void; onDone: () => void }) {
  const path = `/api/admin/products/${id}`;
  const { value, etag, reload } = useGet<Product>(path);
  const keyFor = useSendKey();
  if (value === undefined) {
    return null;
  }
  const isActive = value.is_active === true || value.is_active === 1;
  return (
    <FormDialog title={PRODUCTS.changeTitle} verb={PRODUCTS.save} busy={PRODUCTS.saving} done={PRODUCTS.productSaved} isChange onClose={onClose} onNewer={reload}
      initial={{ name: value.name, sku: value.sku, price: String(value.price), stock: String(value.stock), category: value.category ?? "", description: value.description ?? "", is_active: isActive ? "1" : "0" }}
      fields={[...FIELDS.map((field) => field.name === "stock" ? { ...field, hint: PRODUCTS.stockHint } : field),
        { name: "is_active", label: PRODUCTS.forSale, kind: "select", options: [{ value: "1", label: PRODUCTS.yes }, { value: "0", label: PRODUCTS.no }] }]}
      send={async (changes) => {
        const body = bodyOf(value, changes.is_active === undefined ? changes : { ...changes, is_active: Number(changes.is_active) });
        await send("PUT", path, body, { key: keyFor([etag, body]), etag: etag ?? (await ask<Product>(path)).etag ?? undefined });
        onDone();
      }} />
  );
}

function Kept() {
  const [q] = useParam("q");
  const [status] = useParam("status");
  const [sort] = useParam("sort", "name");
  const [changed, setChanged] = useState<number>();
  const [isNew, setNew] = useState(false);
  const [reload, setReload] = useState<() => void>(() => () => undefined);
  const keep = useCallback((next: () => void) => setReload(() => next), []);
  const keyFor = useSendKey();
  return (
    <>
      <div className="page-head"><PageTitle tab={PRODUCTS.title} app={APP}>{PRODUCTS.title}</PageTitle><Button kind="primary" icon="plus" onClick={() => setNew(true)}>{PRODUCTS.add}</Button></div>
      <CursorList<Product> path="/api/admin/products" name="products" what={PRODUCTS.products} caption={PRODUCTS.caption} keyOf={(row) => row.id} params={{ search: q, status, sort: sort in SORTS ? sort : "name" }} isFiltered={q + status !== ""}
        empty={<Empty title={PRODUCTS.none} />} onReload={keep}
        columns={columnsOf<Product>((row) => <button type="button" className="link-btn cell" onClick={() => setChanged(row.id)} aria-label={`${PRODUCTS.change} ${row.name}`}><Name text={row.name} most={80} /></button>)}
        filters={<><Search label={PRODUCTS.search} /><div className="filters"><Choice name="status" label={PRODUCTS.forSale} words={["active", "inactive"]} labelOf={(word) => word === "active" ? "yes" : "no"} />
          <select className="select sel-sm" aria-label={PRODUCTS.sort} value={sort} onChange={(event) => setParams({ sort: event.target.value === "name" ? null : event.target.value, cursor: null })}>
            {Object.entries(SORTS).map(([word, label]) => <option key={word} value={word}>{label}</option>)}</select></div></>} />
      {changed !== undefined && <Change key={changed} id={changed} onClose={() => setChanged(undefined)} onDone={reload} />}
      {isNew && <FormDialog title={PRODUCTS.add} verb={PRODUCTS.save} busy={PRODUCTS.saving} done={PRODUCTS.productSaved} onClose={() => setNew(false)} fields={FIELDS}
        send={async (body) => { await send("POST", "/api/admin/products", body, { key: keyFor(body) }); reload(); }} />}
    </>
  );
}

function ForSaleOnly() {
  const [q] = useParam("q");
  const [sort] = useParam("sort");
  const { value, problem, isLoading, reload } = useGet<{ products: ForSale[] }>(catalogueAddress(q, "", "name"));
  const rows = sort === "stock" && value !== undefined ? [...value.products].sort((a, b) => a.stock - b.stock) : value?.products;
  return (
    <>
      <div className="page-head"><PageTitle tab={PRODUCTS.title} app={APP}>{PRODUCTS.title}</PageTitle></div>
      <p className="small muted">{PRODUCTS.readOnly}</p>
      <section className="card" aria-label={PRODUCTS.title}>
        <div className="card-head"><Search label={PRODUCTS.search} /><Link className="btn btn-sm" href={withParams({ sort: sort === "stock" ? null : "stock" })}>{sort === "stock" ? SORTS.name : sentence(SORTS.stock)}</Link></div>
        <Table caption={PRODUCTS.caption} what={PRODUCTS.title} rows={rows} keyOf={(row) => row.id} isLoading={isLoading} problem={problem} retry={reload} empty={<Empty title={PRODUCTS.none} />}
          columns={columnsOf<ForSale>((row) => <a className="cell" href={`/shop/products/${encodeURIComponent(row.sku)}`}><Name text={row.name} most={80} /></a>)} />
      </section>
    </>
  );
}

export function ProductsPage() {
  return useMay("administer") ? <Kept /> : <ForSaleOnly />;
}
