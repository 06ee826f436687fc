-- Changes of products on their way to the shop. Pauses are in seconds; which clock judges them is in
-- docs/decisions/0019.

-- name: product_outbox_put
-- Notes, in the change's own transaction, that the shop has to be told of an article number. One that
-- waits already is told once, as it is then. The payload carries the trace of the newest change.
-- params: sku text, name text, price money, payload text, now now
INSERT INTO product_outbox (sku, change_number, name, price, payload, next_attempt_at, created_at)
VALUES (:sku, 1, :name, :price, :payload, :now, :now)
ON CONFLICT (sku) DO UPDATE
   SET change_number = product_outbox.change_number + 1, name = excluded.name,
       price = excluded.price, payload = excluded.payload, attempts = 0,
       next_attempt_at = excluded.next_attempt_at, last_error = NULL,
       created_at = excluded.created_at, sent_at = NULL
-- postgres:
INSERT INTO product_outbox (sku, change_number, name, price, payload, next_attempt_at, created_at)
VALUES (:sku, 1, :name, :price, :payload, statement_timestamp(), :now)
ON CONFLICT (sku) DO UPDATE
   SET change_number = product_outbox.change_number + 1, name = excluded.name,
       price = excluded.price, payload = excluded.payload, attempts = 0,
       next_attempt_at = excluded.next_attempt_at, last_error = NULL,
       created_at = excluded.created_at, sent_at = NULL

-- name: product_outbox_claim
-- Takes the changes that are due. They become due again after `lease` seconds, should the one who took
-- them not get to say how it went.
-- params: lease int, most int, now now
-- columns: sku text, change_number int, attempts int, payload text
-- sqlite:
UPDATE product_outbox
   SET next_attempt_at = :now + :lease * 1000000, attempts = attempts + 1
 WHERE sku IN (SELECT sku
                 FROM product_outbox
                WHERE sent_at IS NULL AND next_attempt_at <= :now
                ORDER BY next_attempt_at
                LIMIT :most)
RETURNING sku, change_number, attempts, payload
-- postgres:
UPDATE product_outbox
   SET next_attempt_at = statement_timestamp() + :lease * interval '1 second',
       attempts = attempts + 1
 WHERE sku IN (SELECT sku
                 FROM product_outbox
                WHERE sent_at IS NULL AND next_attempt_at <= statement_timestamp()
                ORDER BY next_attempt_at
                LIMIT :most
                  FOR UPDATE SKIP LOCKED)
RETURNING sku, change_number, attempts, payload
-- oracle:
UPDATE product_outbox
   SET next_attempt_at = SYS_EXTRACT_UTC(SYSTIMESTAMP) + NUMTODSINTERVAL(:lease, 'SECOND'),
       attempts = attempts + 1
 WHERE sent_at IS NULL AND next_attempt_at <= SYS_EXTRACT_UTC(SYSTIMESTAMP)
   AND sku IN (SELECT sku
                 FROM product_outbox
                WHERE sent_at IS NULL AND next_attempt_at <= SYS_EXTRACT_UTC(SYSTIMESTAMP)
                ORDER BY next_attempt_at
                FETCH FIRST :most ROWS ONLY)
RETURNING sku, change_number, attempts, payload INTO :sku, :change_number, :attempts, :payload

-- name: product_outbox_look
-- Is a change due? And does one wait longer than `longest`, the longest pause? Its time is of a clock
-- that was ahead.
-- params: longest int, now now
-- columns: is_due bool, is_ahead bool
-- sqlite:
SELECT EXISTS (SELECT 1 FROM product_outbox
                WHERE sent_at IS NULL AND next_attempt_at <= :now) AS is_due,
       EXISTS (SELECT 1 FROM product_outbox
                WHERE sent_at IS NULL AND next_attempt_at > :now + :longest * 1000000) AS is_ahead
-- postgres:
SELECT EXISTS (SELECT 1 FROM product_outbox
                WHERE sent_at IS NULL AND next_attempt_at <= statement_timestamp()) AS is_due,
       EXISTS (SELECT 1 FROM product_outbox
                WHERE sent_at IS NULL
                  AND next_attempt_at > statement_timestamp() + :longest * interval '1 second')
           AS is_ahead

-- name: product_outbox_call_back
-- Makes the changes due that wait longer than `longest`.
-- params: longest int, now now
-- sqlite:
UPDATE product_outbox
   SET next_attempt_at = :now
 WHERE sent_at IS NULL AND next_attempt_at > :now + :longest * 1000000
-- postgres:
UPDATE product_outbox
   SET next_attempt_at = statement_timestamp()
 WHERE sent_at IS NULL AND next_attempt_at > statement_timestamp() + :longest * interval '1 second'

-- name: product_outbox_settle
-- How telling of a change went. Without `failure` it is done; otherwise it is due again after `pause`
-- seconds. A later change of the same article number is not touched.
-- params: sku text, change_number int, failure text?, pause int, now now
-- sqlite:
UPDATE product_outbox
   SET sent_at = CASE WHEN :failure IS NULL THEN :now END,
       last_error = :failure, next_attempt_at = :now + :pause * 1000000
 WHERE sku = :sku AND change_number = :change_number AND sent_at IS NULL
-- postgres:
UPDATE product_outbox
   SET sent_at = CASE WHEN :failure IS NULL THEN :now END,
       last_error = :failure,
       next_attempt_at = statement_timestamp() + :pause * interval '1 second'
 WHERE sku = :sku AND change_number = :change_number AND sent_at IS NULL

-- name: product_outbox_called
-- What a product was called and cost when it changed last, for one that is in the catalogue no more.
-- params: sku text
-- columns: name text, price money
SELECT name, price FROM product_outbox WHERE sku = :sku
