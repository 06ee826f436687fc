-- Parcels that the portal sends itself, and sums over all of them.

-- name: shipment_add
-- A new one of an order; no row: there is no such order, or another parcel has the tracking number.
-- params: order_id int, tracking_number text?, carrier text, origin_region text?,
--   destination_region text?, weight_kg money, shipping_cost money, estimated_delivery time?, now now
-- columns: id int
INSERT INTO shipments (order_id, tracking_number, carrier, status, origin_region, destination_region,
                       weight_kg, shipping_cost, estimated_delivery, created_at, updated_at)
SELECT o.id, :tracking_number, :carrier, 'processing', :origin_region, :destination_region,
       :weight_kg, :shipping_cost, :estimated_delivery, :now, :now
  FROM orders o
 WHERE o.id = :order_id
ON CONFLICT (tracking_number) DO NOTHING
RETURNING id

-- name: order_exists
-- How many orders have this id: one or none.
-- params: id int
-- columns: count.*
SELECT COUNT(*) AS total FROM orders WHERE id = :id

-- name: shipments_by_region
-- Parcels by where they start and end, the busiest ways first. The mean weight is in hundredths of a
-- kilogram, half up.
-- params: region text?, most int
-- columns: origin_region text?, destination_region text?, shipments int, cost money, weight money
-- sqlite:
SELECT origin_region, destination_region, COUNT(*) AS shipments, SUM(shipping_cost) AS cost,
       (2 * SUM(weight_kg) + COUNT(*)) / (2 * COUNT(*)) AS weight
  FROM shipments
 WHERE :region IS NULL OR origin_region = :region OR destination_region = :region
 GROUP BY origin_region, destination_region
 ORDER BY shipments DESC, origin_region, destination_region
 LIMIT :most
-- postgres:
SELECT origin_region, destination_region, COUNT(*) AS shipments, SUM(shipping_cost) AS cost,
       ROUND(AVG(weight_kg), 2) AS weight
  FROM shipments
 WHERE :region IS NULL OR origin_region = :region OR destination_region = :region
 GROUP BY origin_region, destination_region
 ORDER BY shipments DESC, origin_region NULLS FIRST, destination_region NULLS FIRST
 LIMIT :most
