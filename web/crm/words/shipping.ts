/* The texts of the portal: shipping. */
export const SHIPPING = {
  movingShipmentsAlong: "moving shipments along",
  changingWarehouses: "changing warehouses",
};
