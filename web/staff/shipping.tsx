/* The shop's shipments and warehouses (web/common/shipping.tsx). */
import * as Common from "../common/shipping";
import { useMay } from "./session";
import { SHIPPING } from "./words/shipping";
import { APP } from "./words/staff";

export function ShipmentsPage() {
  const mayHelp = useMay("help");
  return (
    <Common.ShipmentsPage app={APP} mayMove={mayHelp} moveBy="POST" note={mayHelp ? undefined : <p className="small muted">{SHIPPING.readOnly}</p>}
      orderHref={(order) => `/staff/orders/${order}`} />
  );
}

export function WarehousesPage() {
  return <Common.WarehousesPage app={APP} path="/api/admin/warehouses" mayWrite />;
}
