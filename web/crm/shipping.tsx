/* The portal's shipments and warehouses (web/common/shipping.tsx). */
import * as Common from "../common/shipping";
import { RoleNote, useMay } from "./session";
import { APP } from "./words/app";
import { SHIPPING } from "./words/shipping";

export function ShipmentsPage() {
  return (
    <Common.ShipmentsPage app={APP} mayMove={useMay("help")} moveBy="PATCH" note={<RoleNote right="help" doing={SHIPPING.movingShipmentsAlong} />}
      orderHref={(order) => `/orders/${order}`} customerHref={(customer) => `/customers?id=${customer}`} />
  );
}

export function WarehousesPage() {
  return <Common.WarehousesPage app={APP} path="/api/shipping/warehouses" mayWrite={useMay("write")} note={<RoleNote right="write" doing={SHIPPING.changingWarehouses} />} />;
}
