-- What payment providers tell of orders.

-- name: payment_event_add
-- Notes what was told; no change: it was told before.
-- params: provider text, event_id text, event_type text, order_id int?, outcome text, now now
INSERT INTO payment_events (provider, event_id, event_type, order_id, outcome, created_at)
VALUES (:provider, :event_id, :event_type, :order_id, :outcome, :now)
ON CONFLICT (provider, event_id) DO NOTHING

-- name: payment_order
-- The order that a payment is for: the one of that reference, or else of that id, as long as no other payment
-- is noted for it. Until the end of the transaction nobody else changes it.
-- params: reference text, id int?
-- columns: id int, total money, currency text, payment_status text
-- sqlite:
SELECT id, total, currency, payment_status
  FROM orders
 WHERE id = COALESCE((SELECT MIN(x.id) FROM orders x WHERE x.payment_provider_reference = :reference), :id)
   AND (payment_provider_reference IS NULL OR payment_provider_reference = :reference)
-- postgres:
SELECT id, total, currency, payment_status
  FROM orders
 WHERE id = COALESCE((SELECT MIN(x.id) FROM orders x WHERE x.payment_provider_reference = :reference), :id)
   AND (payment_provider_reference IS NULL OR payment_provider_reference = :reference)
   FOR NO KEY UPDATE

-- name: payment_note
-- What has become of the payment of an order.
-- params: id int, payment_status text, provider text, reference text, now now
UPDATE orders
   SET payment_status = :payment_status, payment_provider = :provider,
       payment_provider_reference = :reference, updated_at = :now
 WHERE id = :id
