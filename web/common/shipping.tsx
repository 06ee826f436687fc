/*
 * Shipments with the way that each has come, and the warehouses that they leave from, one of either beside its list. The
 * portal and the shop's staff have the same pages, each of its own service's; what differs they say.
 */
import { useState, type ReactNode } from "react";

import { send } from "../kit/api";
import { count, money, percent } from "../kit/format";
import { FormDialog, optionsOf, type FieldSpec } from "../kit/formdialog";
import { Choice, CursorList, Drawer, DrawerOf, hrefOfId, Name, useChosen, useReload } from "../kit/lists";
import { useGet } from "../kit/load";
import { useSendKey } from "../kit/sendkey";
import { sentence, State } from "../kit/states";
import { Badge, Button, Empty, Kv, Link, LongText, Meter, PageTitle, Time, useParam, type Column } from "../kit/ui";
import type { ParcelFacts } from "./parcel";
import { SHIPMENTS, WAREHOUSES } from "./words/shipping";

interface Shipment extends ParcelFacts {
  order_id: number;
  order_total: number;
  customer_id: number | null;
  customer_name: string | null;
}

interface Warehouse {
  id: number;
  name: string;
  region: string;
  address: string | null;
  capacity: number | null;
  current_stock: number | null;
  is_active: number;
}

const STATUSES = ["processing", "shipped", "in_transit", "delivered", "returned", "cancelled"];

/** What may follow, as the services have it (src/service/shipment_status.c); they refuse everything else. */
const MOVES: Record<string, string[]> = {
  processing: ["shipped", "cancelled"], shipped: ["in_transit", "delivered", "returned"], in_transit: ["delivered", "returned"], delivered: ["returned"],
};

/** What differs between who has the pages. */
interface ShipmentPlace {
  app: string; // of the tab's title
  mayMove: boolean;
  moveBy: "PATCH" | "POST"; // of /api/shipping/{id}/status
  note?: ReactNode; // in the place of what the role may not do
  orderHref: (order: number) => string;
  customerHref?: (customer: number) => string;
}

interface WarehousePlace {
  app: string;
  path: string; // of the list; one is below it
  mayWrite: boolean;
  note?: ReactNode;
}

function shipmentColumns(place: ShipmentPlace): Column<Shipment>[] {
  return [
    { id: "tracking", head: SHIPMENTS.columns.tracking, cell: (row) => <Link className="cell" href={hrefOfId(row.id)}><Name text={row.tracking_number ?? SHIPMENTS.tab(row.id)} most={30} /></Link> },
    { id: "status", head: SHIPMENTS.columns.status, className: "r", cell: (row) => <State word={row.status} /> },
    { id: "customer", head: SHIPMENTS.columns.customer, className: "full", cell: (row) => <Name text={row.customer_name} /> },
    { id: "order", head: SHIPMENTS.columns.order, isNumber: true, className: "hide-s", cell: (row) => <Link className="cell" href={place.orderHref(row.order_id)}>#{row.order_id}</Link> },
    { id: "carrier", head: SHIPMENTS.columns.carrier, className: "hide-s", cell: (row) => <Name text={row.carrier?.toUpperCase()} most={20} /> },
    { id: "route", head: SHIPMENTS.columns.route, className: "hide-s", cell: (row) => <Name text={routeOf(row)} /> },
    { id: "expected", head: SHIPMENTS.columns.expected, isNumber: true, className: "hide-s", cell: (row) => <Time at={row.estimated_delivery} style="day" /> },
  ];
}

function routeOf(of: Shipment): string {
  return `${of.origin_region ?? "—"} → ${of.destination_region ?? "—"}`;
}

interface TrackedShipment extends Shipment {
  tracking: { status: string; at: string | null }[];
}

function Way({ of }: { of: TrackedShipment }) {
  return (
    <div className="panel-sec stack stack-3">
      <h3>{SHIPMENTS.way}</h3>
      <ol className="timeline">{of.tracking.map((step, at) => <li key={at} className="done"><div className="row between base"><b>{sentence(step.status)}</b><Time at={step.at} /></div></li>)}</ol>
    </div>
  );
}

function ShipmentPairs({ of, place }: { of: Shipment; place: ShipmentPlace }) {
  const customer = <Name text={of.customer_name} />;
  return (
    <Kv pairs={[
      [SHIPMENTS.columns.order, <Link href={place.orderHref(of.order_id)}>{SHIPMENTS.order(of.order_id)}</Link>], [SHIPMENTS.worth, money(of.order_total)],
      [SHIPMENTS.columns.customer, of.customer_id === null || place.customerHref === undefined ? customer : <Link href={place.customerHref(of.customer_id)}>{customer}</Link>],
      [SHIPMENTS.columns.carrier, <Name text={of.carrier?.toUpperCase()} />], [SHIPMENTS.columns.route, routeOf(of)],
      [SHIPMENTS.weight, of.weight_kg !== null && `${of.weight_kg.toFixed(2)} kg`], [SHIPMENTS.cost, money(of.shipping_cost)],
      [SHIPMENTS.columns.expected, of.estimated_delivery !== null && <Time at={of.estimated_delivery} style="day" />],
    ]} />
  );
}

function ShipmentDrawer({ id, place, onChange }: { id: number; place: ShipmentPlace; onChange: () => void }) {
  const loaded = useGet<TrackedShipment>(`/api/shipping/${id}`);
  const [isEdit, setEdit] = useState(false);
  const keyFor = useSendKey();
  return (
    <DrawerOf loaded={loaded} what={SHIPMENTS.one}>
      {(shipment) => {
        const moves = MOVES[shipment.status] ?? [];
        return (
          <Drawer label={SHIPMENTS.tab(shipment.id)} title={<Name text={shipment.tracking_number ?? SHIPMENTS.tab(shipment.id)} most={100} />} sub={<Name text={shipment.customer_name} />}
            actions={<><State word={shipment.status} />{place.mayMove && moves.length > 0 && <Button size="sm" onClick={() => setEdit(true)}>{SHIPMENTS.move}</Button>}</>}>
            <div className="panel-sec stack stack-3"><ShipmentPairs of={shipment} place={place} />{place.note}</div>
            <Way of={shipment} />
            {isEdit && <FormDialog title={SHIPMENTS.moveTitle} verb={SHIPMENTS.move} busy={SHIPMENTS.moving} done={SHIPMENTS.moved} onClose={() => setEdit(false)} onNewer={loaded.reload}
              initial={{ status: moves[0] ?? "" }} fields={[{ name: "status", label: SHIPMENTS.newStatus, kind: "select", options: optionsOf(moves, sentence), isRequired: true }]}
              send={async (body) => {
                await send(place.moveBy, `/api/shipping/${id}/status`, body, { key: keyFor([loaded.etag, body]), etag: loaded.etag ?? undefined });
                loaded.reload();
                onChange();
              }} />}
          </Drawer>
        );
      }}
    </DrawerOf>
  );
}

export function ShipmentsPage(place: ShipmentPlace) {
  const [status] = useParam("status");
  const chosen = useChosen();
  const [reload, keep] = useReload();
  return (
    <>
      <div className="page-head"><PageTitle tab={SHIPMENTS.title} app={place.app}>{SHIPMENTS.title}</PageTitle></div>
      <div className={chosen === undefined ? "grid" : "grid g-cust"}>
        <CursorList<Shipment> path="/api/shipping" name="shipments" what={SHIPMENTS.what} caption={SHIPMENTS.caption} columns={shipmentColumns(place)} keyOf={(row) => row.id} hrefOf={(row) => hrefOfId(row.id)}
          selected={chosen} params={{ status }} isFiltered={status !== ""} empty={<Empty title={SHIPMENTS.none} />} onReload={keep}
          filters={<div className="filters"><Choice name="status" label={SHIPMENTS.columns.status} words={STATUSES} /></div>} />
        {chosen !== undefined && <ShipmentDrawer key={chosen} id={chosen} place={place} onChange={reload} />}
      </div>
    </>
  );
}

/* ---- warehouses ---- */

const WAREHOUSE_COLUMNS: Column<Warehouse>[] = [
  { id: "name", head: WAREHOUSES.columns.name, className: "full", cell: (row) => <><Link className="cell" href={hrefOfId(row.id)}><Name text={row.name} /></Link><span className="sub"><Name text={row.address} most={80} /></span></> },
  { id: "region", head: WAREHOUSES.columns.region, cell: (row) => <Name text={row.region} most={30} /> },
  { id: "state", head: WAREHOUSES.columns.state, className: "r", cell: (row) => <Badge tone={row.is_active === 1 ? "ok" : undefined}>{row.is_active === 1 ? WAREHOUSES.active : WAREHOUSES.inactive}</Badge> },
  { id: "stock", head: WAREHOUSES.columns.stock, isNumber: true, className: "hide-s", cell: (row) => count(row.current_stock) },
  { id: "capacity", head: WAREHOUSES.columns.capacity, isNumber: true, className: "hide-s", cell: (row) => count(row.capacity) },
];

const FIELDS: FieldSpec[] = [
  { name: "name", label: WAREHOUSES.fields.name, isRequired: true }, { name: "region", label: WAREHOUSES.fields.region, isRequired: true }, { name: "address", label: WAREHOUSES.fields.address, kind: "area" },
  { name: "capacity", label: WAREHOUSES.fields.capacity, kind: "number" }, { name: "current_stock", label: WAREHOUSES.fields.stock, kind: "number" },
];

function WarehouseDrawer({ id, place, onChange }: { id: number; place: WarehousePlace; onChange: () => void }) {
  const path = `${place.path}/${id}`;
  const loaded = useGet<Warehouse>(path);
  const [isEdit, setEdit] = useState(false);
  const keyFor = useSendKey();
  return (
    <DrawerOf loaded={loaded} what={WAREHOUSES.one}>
      {(warehouse) => {
        const share = warehouse.capacity ? (warehouse.current_stock ?? 0) / warehouse.capacity : null;
        return (
          <Drawer label={WAREHOUSES.tab(warehouse.id)} title={<Name text={warehouse.name} most={200} />} sub={<Name text={warehouse.region} />}
            actions={place.mayWrite && <Button size="sm" onClick={() => setEdit(true)}>{WAREHOUSES.change}</Button>}>
            <div className="panel-sec stack stack-3">
              <Kv pairs={[
                [WAREHOUSES.address, warehouse.address !== null && <LongText text={warehouse.address} />], [WAREHOUSES.columns.stock, count(warehouse.current_stock)], [WAREHOUSES.columns.capacity, count(warehouse.capacity)],
                [WAREHOUSES.filled, share !== null && <span className="row">{percent(share)}<Meter share={share} label={WAREHOUSES.filledBy(percent(share))} /></span>],
              ]} />
              {place.note}
            </div>
            {isEdit && <FormDialog title={WAREHOUSES.changeTitle} verb={WAREHOUSES.save} busy={WAREHOUSES.saving} done={WAREHOUSES.saved} onClose={() => setEdit(false)} onNewer={loaded.reload} fields={FIELDS}
              initial={Object.fromEntries(FIELDS.map(({ name }) => [name, String((warehouse as unknown as Record<string, unknown>)[name] ?? "")]))}
              send={async (body) => { // the route replaces the whole
                const whole = { ...body, is_active: warehouse.is_active };
                await send("PUT", path, whole, { key: keyFor([loaded.etag, whole]), etag: loaded.etag ?? undefined });
                loaded.reload();
                onChange();
              }} />}
          </Drawer>
        );
      }}
    </DrawerOf>
  );
}

export function WarehousesPage(place: WarehousePlace) {
  const [status] = useParam("status");
  const chosen = useChosen();
  const [isNew, setNew] = useState(false);
  const keyFor = useSendKey();
  const [reload, keep] = useReload();
  return (
    <>
      <div className="page-head">
        <PageTitle tab={WAREHOUSES.title} app={place.app}>{WAREHOUSES.title}</PageTitle>
        {place.mayWrite && <Button kind="primary" icon="plus" onClick={() => setNew(true)}>{WAREHOUSES.add}</Button>}
      </div>
      <div className={chosen === undefined ? "grid" : "grid g-cust"}>
        <CursorList<Warehouse> path={place.path} name="warehouses" what={WAREHOUSES.what} caption={WAREHOUSES.caption} columns={WAREHOUSE_COLUMNS} keyOf={(row) => row.id} hrefOf={(row) => hrefOfId(row.id)}
          selected={chosen} params={{ status }} isFiltered={status !== ""} empty={<Empty title={WAREHOUSES.none} />} onReload={keep}
          filters={<div className="filters"><Choice name="status" label={WAREHOUSES.columns.state} words={["active", "inactive"]} /></div>} />
        {chosen !== undefined && <WarehouseDrawer key={chosen} id={chosen} place={place} onChange={reload} />}
      </div>
      {isNew && <FormDialog title={WAREHOUSES.add} verb={WAREHOUSES.save} busy={WAREHOUSES.saving} done={WAREHOUSES.saved} fields={FIELDS} onClose={() => setNew(false)}
        send={async (body) => { await send("POST", place.path, body, { key: keyFor(body) }); reload(); }} />}
    </>
  );
}
