/* Shipments with the way that each has come, and the warehouses that they leave from. */
import { useCallback, useState } from "react";

import { send } from "../kit/api";
import { count, money, percent } from "../kit/format";
import { FormDialog, optionsOf, type FieldSpec } from "../kit/formdialog";
import { Choice, CursorList, Drawer, DrawerOf, hrefOfId, Name, useChosen } from "../kit/lists";
import { useGet } from "../kit/load";
import { useSendKey } from "../kit/sendkey";
import { sentence, State } from "../kit/states";
import { Badge, Button, Empty, Kv, Link, LongText, PageTitle, Time, useParam, type Column } from "../kit/ui";
import { Meter } from "./dashboard";
import { RoleNote, useMay } from "./session";
import type { Shipment, Warehouse } from "./types";
import { APP, SHIPMENT_MOVES, SHIPMENT_STATUSES } from "./words";

const SHIPMENT_COLUMNS: Column<Shipment>[] = [
  { id: "tracking", head: "Tracking", cell: (row) => <Link className="cell" href={hrefOfId(row.id)}><Name text={row.tracking_number ?? `Shipment ${row.id}`} most={30} /></Link> },
  { id: "customer", head: "Customer", className: "full", cell: (row) => <Name text={row.customer_name} /> },
  { id: "order", head: "Order", isNumber: true, cell: (row) => <Link className="cell" href={`/orders/${row.order_id}`}>#{row.order_id}</Link> },
  { id: "status", head: "Status", className: "r", cell: (row) => <State word={row.status} /> },
  { id: "carrier", head: "Carrier", className: "hide-s", cell: (row) => <Name text={row.carrier?.toUpperCase()} most={20} /> },
  { id: "route", head: "Route", className: "hide-s", cell: (row) => <Name text={`${row.origin_region ?? "—"} → ${row.destination_region ?? "—"}`} /> },
  { id: "expected", head: "Expected", isNumber: true, className: "hide-s", cell: (row) => <Time at={row.estimated_delivery} style="day" /> },
];

interface TrackedShipment extends Shipment {
  tracking: { status: string; at: string }[];
}

function ShipmentDrawer({ id, onChange }: { id: number; onChange: () => void }) {
  const loaded = useGet<TrackedShipment>(`/api/shipping/${id}`);
  const mayHelp = useMay("help");
  const [isEdit, setEdit] = useState(false);
  const keyFor = useSendKey();
  return (
    <DrawerOf loaded={loaded} what="Shipment">
      {(shipment) => {
        const moves = SHIPMENT_MOVES[shipment.status] ?? [];
        return (
          <Drawer label={`Shipment ${shipment.id}`} title={<Name text={shipment.tracking_number ?? `Shipment ${shipment.id}`} most={100} />} sub={<Name text={shipment.customer_name} />}
            actions={<><State word={shipment.status} />{mayHelp && moves.length > 0 && <Button size="sm" onClick={() => setEdit(true)}>Move along</Button>}</>}>
            <div className="panel-sec stack stack-3">
              <Kv pairs={[
                ["Order", <Link href={`/orders/${shipment.order_id}`}>Order {shipment.order_id}</Link>], ["Worth", money(shipment.order_total)],
                ["Customer", shipment.customer_id !== null && <Link href={`/customers?id=${shipment.customer_id}`}><Name text={shipment.customer_name} /></Link>],
                ["Carrier", <Name text={shipment.carrier?.toUpperCase()} />], ["Route", `${shipment.origin_region ?? "—"} → ${shipment.destination_region ?? "—"}`],
                ["Weight", shipment.weight_kg !== null && `${shipment.weight_kg.toFixed(2)} kg`], ["Cost", money(shipment.shipping_cost)],
                ["Expected", shipment.estimated_delivery !== null && <Time at={shipment.estimated_delivery} style="day" />],
              ]} />
              <RoleNote right="help" doing="moving shipments along" />
            </div>
            <div className="panel-sec stack stack-3">
              <h3>The way that it has come</h3>
              <ol className="timeline">{shipment.tracking.map((step, at) => <li key={at} className="done"><div className="row between base"><b>{sentence(step.status)}</b><Time at={step.at} /></div></li>)}</ol>
            </div>
            {isEdit && <FormDialog title="Move the shipment along" verb="Move along" busy="Moving" done="Shipment moved along" onClose={() => setEdit(false)} onNewer={loaded.reload}
              initial={{ status: moves[0] ?? "" }} fields={[{ name: "status", label: "New status", kind: "select", options: optionsOf(moves, sentence), isRequired: true }]}
              send={async (body) => {
                await send("PATCH", `/api/shipping/${id}/status`, body, { key: keyFor([loaded.etag, body]), etag: loaded.etag ?? undefined });
                loaded.reload();
                onChange();
              }} />}
          </Drawer>
        );
      }}
    </DrawerOf>
  );
}

function useReload(): [() => void, (next: () => void) => void] {
  const [reload, setReload] = useState<() => void>(() => () => undefined);
  return [reload, useCallback((next: () => void) => setReload(() => next), [])];
}

export function ShipmentsPage() {
  const [status] = useParam("status");
  const chosen = useChosen();
  const [reload, keep] = useReload();
  return (
    <>
      <div className="page-head"><PageTitle tab="Shipments" app={APP}>Shipments</PageTitle></div>
      <div className={chosen === undefined ? "grid" : "grid g-cust"}>
        <CursorList<Shipment> path="/api/shipping" name="shipments" what="shipments" caption="Shipments, newest first" columns={SHIPMENT_COLUMNS} keyOf={(row) => row.id} hrefOf={(row) => hrefOfId(row.id)}
          selected={chosen} params={{ status }} isFiltered={status !== ""} empty={<Empty title="No shipments yet" />} onReload={keep}
          filters={<div className="filters"><Choice name="status" label="Status" words={SHIPMENT_STATUSES} /></div>} />
        {chosen !== undefined && <ShipmentDrawer key={chosen} id={chosen} onChange={reload} />}
      </div>
    </>
  );
}

const WAREHOUSE_COLUMNS: Column<Warehouse>[] = [
  { id: "name", head: "Warehouse", className: "full", cell: (row) => <><Link className="cell" href={hrefOfId(row.id)}><Name text={row.name} /></Link><span className="sub"><Name text={row.address} most={80} /></span></> },
  { id: "region", head: "Region", cell: (row) => <Name text={row.region} most={30} /> },
  { id: "state", head: "State", className: "r", cell: (row) => <Badge tone={row.is_active === 1 ? "ok" : undefined}>{row.is_active === 1 ? "Active" : "Inactive"}</Badge> },
  { id: "stock", head: "Stock", isNumber: true, className: "hide-s", cell: (row) => count(row.current_stock) },
  { id: "capacity", head: "Capacity", isNumber: true, className: "hide-s", cell: (row) => count(row.capacity) },
];

const WAREHOUSE_FIELDS: FieldSpec[] = [
  { name: "name", label: "Name", isRequired: true }, { name: "region", label: "Region", isRequired: true }, { name: "address", label: "Address", kind: "area" },
  { name: "capacity", label: "Capacity", kind: "number" }, { name: "current_stock", label: "Stock", kind: "number" },
];

function WarehouseDrawer({ id, onChange }: { id: number; onChange: () => void }) {
  const loaded = useGet<Warehouse>(`/api/shipping/warehouses/${id}`);
  const mayWrite = useMay("write");
  const [isEdit, setEdit] = useState(false);
  const keyFor = useSendKey();
  return (
    <DrawerOf loaded={loaded} what="Warehouse">
      {(warehouse) => {
        const share = warehouse.capacity ? (warehouse.current_stock ?? 0) / warehouse.capacity : null;
        return (
          <Drawer label={`Warehouse ${warehouse.id}`} title={<Name text={warehouse.name} most={200} />} sub={<Name text={warehouse.region} />}
            actions={mayWrite && <Button size="sm" onClick={() => setEdit(true)}>Change</Button>}>
            <div className="panel-sec stack stack-3">
              <Kv pairs={[
                ["Address", warehouse.address !== null && <LongText text={warehouse.address} />], ["Stock", count(warehouse.current_stock)], ["Capacity", count(warehouse.capacity)],
                ["Filled", share !== null && <span className="row">{percent(share)}<Meter share={share} label={`Filled: ${percent(share)}`} /></span>],
              ]} />
              <RoleNote right="write" doing="changing warehouses" />
            </div>
            {isEdit && <FormDialog title="Change the warehouse" verb="Save" busy="Saving" done="Warehouse saved" onClose={() => setEdit(false)} onNewer={loaded.reload} fields={WAREHOUSE_FIELDS}
              initial={Object.fromEntries(WAREHOUSE_FIELDS.map(({ name }) => [name, String((warehouse as unknown as Record<string, unknown>)[name] ?? "")]))}
              send={async (body) => { // the route replaces the whole
                const whole = { ...body, is_active: warehouse.is_active };
                await send("PUT", `/api/shipping/warehouses/${id}`, whole, { key: keyFor([loaded.etag, whole]), etag: loaded.etag ?? undefined });
                loaded.reload();
                onChange();
              }} />}
          </Drawer>
        );
      }}
    </DrawerOf>
  );
}

export function WarehousesPage() {
  const [status] = useParam("status");
  const chosen = useChosen();
  const mayWrite = useMay("write");
  const [isNew, setNew] = useState(false);
  const keyFor = useSendKey();
  const [reload, keep] = useReload();
  return (
    <>
      <div className="page-head">
        <PageTitle tab="Warehouses" app={APP}>Warehouses</PageTitle>
        {mayWrite && <Button kind="primary" icon="plus" onClick={() => setNew(true)}>New warehouse</Button>}
      </div>
      <div className={chosen === undefined ? "grid" : "grid g-cust"}>
        <CursorList<Warehouse> path="/api/shipping/warehouses" name="warehouses" what="warehouses" caption="Warehouses, by name" columns={WAREHOUSE_COLUMNS} keyOf={(row) => row.id} hrefOf={(row) => hrefOfId(row.id)}
          selected={chosen} params={{ status }} isFiltered={status !== ""} empty={<Empty title="No warehouses yet" />} onReload={keep}
          filters={<div className="filters"><Choice name="status" label="State" words={["active", "inactive"]} /></div>} />
        {chosen !== undefined && <WarehouseDrawer key={chosen} id={chosen} onChange={reload} />}
      </div>
      {isNew && <FormDialog title="New warehouse" verb="Save" busy="Saving" done="Warehouse saved" fields={WAREHOUSE_FIELDS} onClose={() => setNew(false)}
        send={async (body) => { await send("POST", "/api/shipping/warehouses", body, { key: keyFor(body) }); reload(); }} />}
    </>
  );
}
