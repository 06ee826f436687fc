/* The texts of the pages of shipments and of warehouses. */
export const SHIPMENTS = {
  title: "Shipments", caption: "Shipments, newest first", none: "No shipments yet", one: "Shipment", tab: (id: number) => `Shipment ${id}`,
  move: "Move along", moveTitle: "Move the shipment along", moving: "Moving", moved: "Shipment moved along", newStatus: "New state", way: "The way that it has come",
  columns: { tracking: "Tracking", customer: "Customer", order: "Order", status: "State", carrier: "Carrier", route: "Route", expected: "Expected" },
  order: (id: number) => `Order ${id}`, worth: "Worth", weight: "Weight", cost: "Cost",
  what: "shipments",
};

export const WAREHOUSES = {
  title: "Warehouses", caption: "Warehouses, by name", none: "No warehouses yet", one: "Warehouse", tab: (id: number) => `Warehouse ${id}`,
  add: "New warehouse", change: "Change", changeTitle: "Change the warehouse", save: "Save", saving: "Saving", saved: "Warehouse saved",
  columns: { name: "Warehouse", region: "Region", state: "State", stock: "Stock", capacity: "Capacity" },
  fields: { name: "Name", region: "Region", address: "Address", capacity: "Capacity", stock: "Stock" },
  active: "Active", inactive: "Inactive", address: "Address", filled: "Filled", filledBy: (share: string) => `Filled: ${share}`, what: "warehouses",
};
