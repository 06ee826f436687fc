-- Parcels as they are looked for and moved along. Positions of pages are told in service/listing.h. In a list each filter may be left out.

-- row: shipment
-- A parcel with its order and whose that is; the weight is in hundredths of a kilogram.
-- columns: id int, order_id int?, tracking_number text?, carrier text?, status text,
--   origin_region text?, destination_region text?, weight_kg money, shipping_cost money,
--   estimated_delivery time?, actual_delivery time?, created_at time, updated_at time,
--   order_total money?, customer_id int?, customer_name text?, customer_email text?

-- name: shipments_newest
-- A page of all parcels, the newest first: ids grow with time. A region is where they start or end.
-- params: status text?, carrier text?, region text?, id int, most int
-- columns: shipment.*
SELECT s.id, s.order_id, s.tracking_number, s.carrier, s.status, s.origin_region,
       s.destination_region, s.weight_kg, s.shipping_cost, s.estimated_delivery, s.actual_delivery,
       s.created_at, s.updated_at, o.total AS order_total, o.customer_id,
       c.name AS customer_name, c.email AS customer_email
  FROM (SELECT *
          FROM shipments
         WHERE id < :id
           AND (:status IS NULL OR status = :status)
           AND (:carrier IS NULL OR carrier = :carrier)
           AND (:region IS NULL OR origin_region = :region OR destination_region = :region)
         ORDER BY id DESC
         LIMIT :most) s
  LEFT JOIN orders o ON o.id = s.order_id
  LEFT JOIN customers c ON c.id = o.customer_id
 ORDER BY s.id DESC

-- name: shipments_of_order
-- The same of one order.
-- params: order_id int, status text?, carrier text?, region text?, id int, most int
-- columns: shipment.*
SELECT s.id, s.order_id, s.tracking_number, s.carrier, s.status, s.origin_region,
       s.destination_region, s.weight_kg, s.shipping_cost, s.estimated_delivery, s.actual_delivery,
       s.created_at, s.updated_at, o.total AS order_total, o.customer_id,
       c.name AS customer_name, c.email AS customer_email
  FROM shipments s
  LEFT JOIN orders o ON o.id = s.order_id
  LEFT JOIN customers c ON c.id = o.customer_id
 WHERE s.order_id = :order_id AND s.id < :id
   AND (:status IS NULL OR s.status = :status)
   AND (:carrier IS NULL OR s.carrier = :carrier)
   AND (:region IS NULL OR s.origin_region = :region OR s.destination_region = :region)
 ORDER BY s.id DESC
 LIMIT :most

-- name: shipments_of_customer
-- The same of the orders of the customer with this e-mail address.
-- params: email text, order_id int?, status text?, carrier text?, region text?, id int, most int
-- columns: shipment.*
SELECT s.id, s.order_id, s.tracking_number, s.carrier, s.status, s.origin_region,
       s.destination_region, s.weight_kg, s.shipping_cost, s.estimated_delivery, s.actual_delivery,
       s.created_at, s.updated_at, o.total AS order_total, o.customer_id,
       c.name AS customer_name, c.email AS customer_email
  FROM customers c
  JOIN orders o ON o.customer_id = c.id
  JOIN shipments s ON s.order_id = o.id
 WHERE c.email = :email AND s.id < :id
   AND (:order_id IS NULL OR s.order_id = :order_id)
   AND (:status IS NULL OR s.status = :status)
   AND (:carrier IS NULL OR s.carrier = :carrier)
   AND (:region IS NULL OR s.origin_region = :region OR s.destination_region = :region)
 ORDER BY s.id DESC
 LIMIT :most

-- name: shipment_by_id
-- One parcel.
-- params: id int
-- columns: shipment.*
SELECT s.id, s.order_id, s.tracking_number, s.carrier, s.status, s.origin_region,
       s.destination_region, s.weight_kg, s.shipping_cost, s.estimated_delivery, s.actual_delivery,
       s.created_at, s.updated_at, o.total AS order_total, o.customer_id,
       c.name AS customer_name, c.email AS customer_email
  FROM shipments s
  LEFT JOIN orders o ON o.id = s.order_id
  LEFT JOIN customers c ON c.id = o.customer_id
 WHERE s.id = :id

-- name: shipment_to_move
-- The same; until the end of the transaction nobody else moves it.
-- params: id int
-- columns: shipment.*
-- sqlite:
SELECT s.id, s.order_id, s.tracking_number, s.carrier, s.status, s.origin_region,
       s.destination_region, s.weight_kg, s.shipping_cost, s.estimated_delivery, s.actual_delivery,
       s.created_at, s.updated_at, o.total AS order_total, o.customer_id,
       c.name AS customer_name, c.email AS customer_email
  FROM shipments s
  LEFT JOIN orders o ON o.id = s.order_id
  LEFT JOIN customers c ON c.id = o.customer_id
 WHERE s.id = :id
-- postgres:
SELECT s.id, s.order_id, s.tracking_number, s.carrier, s.status, s.origin_region,
       s.destination_region, s.weight_kg, s.shipping_cost, s.estimated_delivery, s.actual_delivery,
       s.created_at, s.updated_at, o.total AS order_total, o.customer_id,
       c.name AS customer_name, c.email AS customer_email
  FROM shipments s
  LEFT JOIN orders o ON o.id = s.order_id
  LEFT JOIN customers c ON c.id = o.customer_id
 WHERE s.id = :id
   FOR NO KEY UPDATE OF s

-- name: shipment_move
-- Moves a parcel along; one that arrives does so now.
-- params: id int, status text, now now
UPDATE shipments
   SET status = :status, updated_at = :now,
       actual_delivery = CASE WHEN :status = 'delivered' THEN :now ELSE actual_delivery END
 WHERE id = :id

-- name: order_touch
-- Says in the feed of orders that something of an order has changed.
-- params: id int, now now
UPDATE orders SET updated_at = :now WHERE id = :id
