/* A parcel, as the routes of shipments and those of orders tell of it. */
export interface ParcelFacts {
  id: number;
  tracking_number: string | null;
  carrier: string | null;
  status: string;
  origin_region: string | null;
  destination_region: string | null;
  weight_kg: number | null;
  shipping_cost: number | null;
  estimated_delivery: string | null;
}
