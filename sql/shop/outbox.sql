-- Orders on their way to the CRM. Pauses are in seconds; which clock judges them is in
-- docs/decisions/0019.

-- name: outbox_add
-- Notes, in the order's own transaction, that it has to be handed over. The payload carries the
-- buyer's trace, so that the hand-over is seen as a part of it.
-- params: order_id int, payload text, now now
INSERT INTO order_outbox (order_id, payload, next_attempt_at, created_at)
VALUES (:order_id, :payload, :now, :now)
ON CONFLICT (order_id) DO NOTHING
-- postgres:
INSERT INTO order_outbox (order_id, payload, next_attempt_at, created_at)
VALUES (:order_id, :payload, statement_timestamp(), :now)
ON CONFLICT (order_id) DO NOTHING

-- name: outbox_claim
-- Takes the orders that are due. They become due again after `lease` seconds, should the one who took
-- them not get to say how it went. Oracle locks no page of rows: there whoever comes second waits, and
-- gets what the first has left.
-- params: lease int, most int, now now
-- columns: order_id int, attempts int, payload text?
-- sqlite:
UPDATE order_outbox
   SET next_attempt_at = :now + :lease * 1000000, attempts = attempts + 1
 WHERE order_id IN (SELECT order_id
                      FROM order_outbox
                     WHERE sent_at IS NULL AND next_attempt_at <= :now
                     ORDER BY next_attempt_at
                     LIMIT :most)
RETURNING order_id, attempts, payload
-- postgres:
UPDATE order_outbox
   SET next_attempt_at = statement_timestamp() + :lease * interval '1 second',
       attempts = attempts + 1
 WHERE order_id IN (SELECT order_id
                      FROM order_outbox
                     WHERE sent_at IS NULL AND next_attempt_at <= statement_timestamp()
                     ORDER BY next_attempt_at
                     LIMIT :most
                       FOR UPDATE SKIP LOCKED)
RETURNING order_id, attempts, payload
-- oracle:
UPDATE order_outbox
   SET next_attempt_at = SYS_EXTRACT_UTC(SYSTIMESTAMP) + NUMTODSINTERVAL(:lease, 'SECOND'),
       attempts = attempts + 1
 WHERE sent_at IS NULL AND next_attempt_at <= SYS_EXTRACT_UTC(SYSTIMESTAMP)
   AND order_id IN (SELECT order_id
                      FROM order_outbox
                     WHERE sent_at IS NULL AND next_attempt_at <= SYS_EXTRACT_UTC(SYSTIMESTAMP)
                     ORDER BY next_attempt_at
                     FETCH FIRST :most ROWS ONLY)
RETURNING order_id, attempts, payload INTO :order_id, :attempts, :payload

-- name: outbox_look
-- Is an order due? And does one wait longer than `longest`, the longest pause? Its time is of a clock
-- that was ahead.
-- params: longest int, now now
-- columns: is_due bool, is_ahead bool
-- sqlite:
SELECT EXISTS (SELECT 1 FROM order_outbox
                WHERE sent_at IS NULL AND next_attempt_at <= :now) AS is_due,
       EXISTS (SELECT 1 FROM order_outbox
                WHERE sent_at IS NULL AND next_attempt_at > :now + :longest * 1000000) AS is_ahead
-- postgres:
SELECT EXISTS (SELECT 1 FROM order_outbox
                WHERE sent_at IS NULL AND next_attempt_at <= statement_timestamp()) AS is_due,
       EXISTS (SELECT 1 FROM order_outbox
                WHERE sent_at IS NULL
                  AND next_attempt_at > statement_timestamp() + :longest * interval '1 second')
           AS is_ahead

-- name: outbox_call_back
-- Makes the orders due that wait longer than `longest`.
-- params: longest int, now now
-- sqlite:
UPDATE order_outbox
   SET next_attempt_at = :now
 WHERE sent_at IS NULL AND next_attempt_at > :now + :longest * 1000000
-- postgres:
UPDATE order_outbox
   SET next_attempt_at = statement_timestamp()
 WHERE sent_at IS NULL AND next_attempt_at > statement_timestamp() + :longest * interval '1 second'

-- name: outbox_settle
-- How handing an order over went. Without `failure` it is done; otherwise it is due again after
-- `pause` seconds.
-- params: order_id int, failure text?, pause int, now now
-- sqlite:
UPDATE order_outbox
   SET sent_at = CASE WHEN :failure IS NULL THEN :now END,
       last_error = :failure, next_attempt_at = :now + :pause * 1000000
 WHERE order_id = :order_id AND sent_at IS NULL
-- postgres:
UPDATE order_outbox
   SET sent_at = CASE WHEN :failure IS NULL THEN :now END,
       last_error = :failure,
       next_attempt_at = statement_timestamp() + :pause * interval '1 second'
 WHERE order_id = :order_id AND sent_at IS NULL
