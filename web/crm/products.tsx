/* The portal's own catalogue, and one product beside it: kept here, or taken over with an order of the shop. */
import { useState } from "react";

import { send } from "../kit/api";
import { count, money } from "../kit/format";
import { FormDialog, optionsOf, type Body, type FieldSpec } from "../kit/formdialog";
import { Choice, closeDrawer, Drawer, DrawerOf, hrefOfId, Name, NoMatch, NumberedPages, ROWS, Search, useChosen, useOffset } from "../kit/lists";
import { useGet } from "../kit/load";
import { useSendKey } from "../kit/sendkey";
import { sentence } from "../kit/states";
import { Badge, Button, Dialog, Empty, Kv, Link, LongText, PageTitle, ProblemNote, Table, Time, useForm, useParam, useToast, type Column } from "../kit/ui";
import { RoleNote, useMay } from "./session";
import type { Product } from "./types";
import { APP } from "./words/app";
import { PRODUCTS } from "./words/products";

const STATES = ["active", "inactive", "all"];
const LOW_STOCK = 20; // as the shop's pages call low

const FIELDS: FieldSpec[] = [
  { name: "name", label: PRODUCTS.name, isRequired: true },
  { name: "sku", label: PRODUCTS.articleNumber, isRequired: true, hint: PRODUCTS.lettersDigitsDotsAndDashes },
  { name: "price", label: PRODUCTS.priceDollars, kind: "number", isRequired: true },
  { name: "stock", label: PRODUCTS.inStock, kind: "number" },
  { name: "category", label: PRODUCTS.category },
  { name: "description", label: PRODUCTS.description, kind: "area" },
];
const STATE_FIELD: FieldSpec = { name: "is_active", label: PRODUCTS.state, kind: "select", options: optionsOf(["1", "0"], (word) => word === "1" ? PRODUCTS.forSale : PRODUCTS.notForSale) };

function ProductState({ product }: { product: Product }) {
  return <Badge tone={product.status === "active" ? "ok" : undefined}>{product.status === "active" ? PRODUCTS.forSale : PRODUCTS.notForSale}</Badge>;
}

function Stock({ of }: { of: number }) {
  return <span className={of <= LOW_STOCK ? "warn strong" : undefined}>{count(of)}</span>;
}

const COLUMNS: Column<Product>[] = [
  { id: "name", head: PRODUCTS.product, className: "full", cell: (row) => <><Link className="cell" href={hrefOfId(row.id)}><Name text={row.name} /></Link><span className="sub mono">{row.sku}</span></> },
  { id: "category", head: PRODUCTS.category, className: "hide-s", cell: (row) => <Name text={row.category} most={30} /> },
  { id: "price", head: PRODUCTS.price, isNumber: true, cell: (row) => <span className="nowrap">{money(row.price)}</span> },
  { id: "stock", head: PRODUCTS.inStock, isNumber: true, cell: (row) => <Stock of={row.stock} /> },
  { id: "state", head: PRODUCTS.state, className: "r", cell: (row) => <ProductState product={row} /> },
];

/** What the service takes as whole numbers came from a list of words. */
function bodyOf(body: Body): Body {
  return body.is_active === undefined ? body : { ...body, is_active: Number(body.is_active) };
}

/** What was never ordered is deleted; what stands in orders stays there, and is no longer for sale. */
function Remove({ product, onClose, onDone }: { product: Product; onClose: () => void; onDone: () => void }) {
  const keyFor = useSendKey();
  const say = useToast();
  const form = useForm(async () => {
    const { status } = await send<{ status: string }>("DELETE", `/api/products/${product.id}`, undefined, { key: keyFor(["remove", product.id]) });
    say(status === "deleted" ? PRODUCTS.isDeleted(product.sku) : PRODUCTS.isNoLongerForSale(product.sku));
    onDone();
    closeDrawer();
  });
  return (
    <Dialog title={PRODUCTS.takeOffSale(product.sku)} onClose={onClose} actions={
      <><Button autoFocus onClick={onClose}>{PRODUCTS.keepIt}</Button><Button kind="danger" busy={form.isBusy ? PRODUCTS.takingItOff : undefined} onClick={() => form.submit()}>{PRODUCTS.takeItOffSale}</Button></>
    }>
      {form.problem !== undefined ? <ProblemNote problem={form.problem} /> : <p>{PRODUCTS.itIsDeletedWhereNo}</p>}
    </Dialog>
  );
}

function ProductDrawer({ id, onChange }: { id: number; onChange: () => void }) {
  const loaded = useGet<{ product: Product }>(`/api/products/${id}`);
  const mayWrite = useMay("write");
  const [opened, setOpened] = useState<"edit" | "remove">();
  const keyFor = useSendKey();
  const close = () => setOpened(undefined);
  return (
    <DrawerOf loaded={loaded} what={PRODUCTS.product}>
      {({ product }) => (
        <Drawer label={PRODUCTS.productOf(product.id)} title={<Name text={product.name} most={200} />} sub={<span className="mono">{product.sku}</span>} actions={
          <>
            <ProductState product={product} />
            {mayWrite && <Button size="sm" onClick={() => setOpened("edit")}>{PRODUCTS.change}</Button>}
            {mayWrite && product.status === "active" && <Button size="sm" onClick={() => setOpened("remove")}>{PRODUCTS.takeOffSaleAgain}</Button>}
          </>
        }>
          <div className="panel-sec stack stack-3">
            <Kv pairs={[
              [PRODUCTS.number, product.id], [PRODUCTS.price, <b>{money(product.price)}</b>], [PRODUCTS.inStock, <Stock of={product.stock} />], [PRODUCTS.category, <Name text={product.category} />],
              [PRODUCTS.soldBy, product.shop_name !== null && <Name text={product.shop_name} />], [PRODUCTS.hereSince, <Time at={product.created_at} style="day" />],
            ]} />
            {product.description !== null && product.description !== "" && <LongText text={product.description} most={600} />}
            <RoleNote right="write" doing={PRODUCTS.changingProducts} />
          </div>
          {opened === "edit" && <FormDialog title={PRODUCTS.changeTheProduct} verb={PRODUCTS.save} busy={PRODUCTS.saving} done={PRODUCTS.productSaved} isChange fields={[...FIELDS, STATE_FIELD]} onClose={close} onNewer={loaded.reload}
            initial={{ name: product.name, sku: product.sku, price: String(product.price), stock: String(product.stock), category: product.category ?? "", description: product.description ?? "", is_active: product.status === "active" ? "1" : "0" }}
            send={async (body) => {
              await send("PATCH", `/api/products/${id}`, bodyOf(body), { key: keyFor([loaded.etag, body]), etag: loaded.etag ?? undefined });
              loaded.reload();
              onChange();
            }} />}
          {opened === "remove" && <Remove product={product} onClose={close} onDone={onChange} />}
        </Drawer>
      )}
    </DrawerOf>
  );
}

export function ProductsPage() {
  const [q] = useParam("q");
  const [status] = useParam("status");
  const chosen = useChosen();
  const offset = useOffset();
  const mayWrite = useMay("write");
  const [isNew, setNew] = useState(false);
  const keyFor = useSendKey();
  const list = useGet<{ products: Product[]; total: number }>("/api/products", { search: q, status, limit: ROWS, offset: offset === 0 ? null : offset });
  const rows = list.value?.products;
  return (
    <>
      <div className="page-head">
        <PageTitle tab={PRODUCTS.products} app={APP}>{PRODUCTS.products}</PageTitle>
        {mayWrite && <Button kind="primary" icon="plus" onClick={() => setNew(true)}>{PRODUCTS.newProduct}</Button>}
      </div>
      <RoleNote right="write" doing={PRODUCTS.changingProducts} />
      <div className={chosen === undefined ? "grid" : "grid g-cust"}>
        <section className="card" aria-label={PRODUCTS.products}>
          <div className="card-head"><Search label={PRODUCTS.nameOrArticleNumber} /><div className="filters"><Choice name="status" label={PRODUCTS.state} words={STATES} labelOf={(word) => word === "all" ? "All" : sentence(word)} /></div></div>
          <Table caption={PRODUCTS.products} columns={COLUMNS} rows={rows} keyOf={(row) => row.id} hrefOf={(row) => hrefOfId(row.id)} selected={chosen} isLoading={list.isLoading}
            problem={list.problem} what={PRODUCTS.products} retry={list.reload} empty={q + status !== "" ? <NoMatch what={PRODUCTS.productsInText} /> : <Empty title={PRODUCTS.noProductsYet}>{PRODUCTS.theyComeWithTheFirst}</Empty>} />
          {list.value !== undefined && rows !== undefined && rows.length > 0 && <NumberedPages total={list.value.total} what={PRODUCTS.productsInText} />}
        </section>
        {chosen !== undefined && <ProductDrawer key={chosen} id={chosen} onChange={list.reload} />}
      </div>
      {isNew && <FormDialog title={PRODUCTS.newProduct} verb={PRODUCTS.save} busy={PRODUCTS.saving} done={PRODUCTS.productSaved} fields={FIELDS} onClose={() => setNew(false)}
        send={async (body) => { await send("POST", "/api/products", body, { key: keyFor(body) }); list.reload(); }} />}
    </>
  );
}
