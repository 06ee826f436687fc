-- Orders on their way to the CRM.

-- name: outbox_add
-- Notes, in the order's own transaction, that it has to be handed over. The payload carries the
-- buyer's trace, so that the hand-over is seen as a part of it.
-- params: order_id int, payload text, now now
INSERT INTO order_outbox (order_id, payload, next_attempt_at, created_at)
VALUES (:order_id, :payload, :now, :now)
ON CONFLICT DO NOTHING

-- name: outbox_claim
-- Takes the orders that are due. They become due again at `lease_until`, should the one who took
-- them not get to say how it went.
-- params: now now, lease_until time, most int
-- columns: order_id int, attempts int, payload text?
UPDATE order_outbox
   SET next_attempt_at = :lease_until, attempts = attempts + 1
 WHERE order_id IN (SELECT order_id
                      FROM order_outbox
                     WHERE sent_at IS NULL AND next_attempt_at <= :now
                     ORDER BY next_attempt_at
                     LIMIT :most)
RETURNING order_id, attempts, payload
-- postgres:
UPDATE order_outbox
   SET next_attempt_at = :lease_until, attempts = attempts + 1
 WHERE order_id IN (SELECT order_id
                      FROM order_outbox
                     WHERE sent_at IS NULL AND next_attempt_at <= :now
                     ORDER BY next_attempt_at
                     LIMIT :most
                       FOR UPDATE SKIP LOCKED)
RETURNING order_id, attempts, payload

-- name: outbox_next
-- When the next order is due; null when none waits.
-- columns: next_attempt_at time?
SELECT min(next_attempt_at) AS next_attempt_at FROM order_outbox WHERE sent_at IS NULL

-- name: outbox_settle
-- How handing an order over went. Without `failure` it is done; otherwise it is due again at
-- `next_attempt_at`.
-- params: order_id int, failure text?, next_attempt_at time, now now
UPDATE order_outbox
   SET sent_at = CASE WHEN :failure IS NULL THEN :now END,
       last_error = :failure, next_attempt_at = :next_attempt_at
 WHERE order_id = :order_id AND sent_at IS NULL
