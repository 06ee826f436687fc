-- Orders of partners.

-- name: partner_order_add
-- Notes whose an order is.
-- params: order_id int, partner text
INSERT INTO partner_orders (order_id, partner) VALUES (:order_id, :partner)

-- name: partner_order
-- Is the order his?
-- params: order_id int, partner text
-- columns: id int
SELECT order_id AS id FROM partner_orders WHERE order_id = :order_id AND partner = :partner
