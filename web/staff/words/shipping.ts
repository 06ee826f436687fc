/* The texts of the pages of shipments and warehouses. */
export const SHIPPING = { shipments: "Shipments", warehouses: "Warehouses", readOnly: "Your role sees shipments; moving them along takes support, manager or admin." };
