-- The order synchronisation: lease and watermark, one order into the database, failures, audit.

-- name: sync_state_make
-- Makes the state of a synchronisation that runs for the first time.
-- params: name text, now now
INSERT INTO sync_state (name, updated_at) VALUES (:name, :now)
ON CONFLICT (name) DO NOTHING

-- name: sync_lease_take
-- Takes the lease for `life` seconds when nobody holds it or its holder let it expire; no row means it
-- is held. One that begins in the future is of a clock that was ahead, and over: a holder that is still
-- there notices with its next step. On a server its clock judges, at the moment when the row is had.
-- params: name text, owner text, life int, now now
-- columns: watermark_at time, cursor_text text?
-- sqlite:
UPDATE sync_state
   SET lease_owner = :owner, lease_until = :now + :life * 1000000, updated_at = :now
 WHERE name = :name AND (lease_until <= :now OR updated_at > :now)
RETURNING watermark_at, cursor_text
-- postgres:
UPDATE sync_state
   SET lease_owner = :owner, lease_until = clock_timestamp() + :life * interval '1 second',
       updated_at = clock_timestamp()
 WHERE name = :name AND (lease_until <= clock_timestamp() OR updated_at > clock_timestamp())
RETURNING watermark_at, cursor_text

-- name: sync_state_get
-- Where a synchronisation stands and who is at it.
-- params: name text
-- columns: watermark_at time, lease_owner text?, lease_until time, completed_at time?
SELECT watermark_at, lease_owner, lease_until, completed_at FROM sync_state WHERE name = :name

-- name: sync_advance
-- Moves the watermark and renews the lease; no row changes when the lease was lost.
-- params: name text, owner text, watermark_at time, watermark_id int, cursor_text text?,
--   life int, now now
-- sqlite:
UPDATE sync_state
   SET watermark_at = :watermark_at, watermark_id = :watermark_id, cursor_text = :cursor_text,
       lease_until = :now + :life * 1000000, updated_at = :now
 WHERE name = :name AND lease_owner = :owner
-- postgres:
UPDATE sync_state
   SET watermark_at = :watermark_at, watermark_id = :watermark_id, cursor_text = :cursor_text,
       lease_until = clock_timestamp() + :life * interval '1 second',
       updated_at = clock_timestamp()
 WHERE name = :name AND lease_owner = :owner

-- name: sync_lease_renew
-- Keeps the lease; no row changes when it was lost.
-- params: name text, owner text, life int, now now
-- sqlite:
UPDATE sync_state
   SET lease_until = :now + :life * 1000000, updated_at = :now
 WHERE name = :name AND lease_owner = :owner
-- postgres:
UPDATE sync_state
   SET lease_until = clock_timestamp() + :life * interval '1 second',
       updated_at = clock_timestamp()
 WHERE name = :name AND lease_owner = :owner

-- name: sync_lease_release
-- Ends the lease; its owner stays to be seen as the last one.
-- params: name text, owner text, is_completed bool, now now
UPDATE sync_state
   SET lease_until = 0, updated_at = :now,
       completed_at = CASE WHEN :is_completed THEN :now ELSE completed_at END
 WHERE name = :name AND lease_owner = :owner
-- postgres:
UPDATE sync_state
   SET lease_until = 'epoch', updated_at = clock_timestamp(),
       completed_at = CASE WHEN :is_completed THEN :now ELSE completed_at END
 WHERE name = :name AND lease_owner = :owner
-- oracle:
UPDATE sync_state
   SET lease_until = TIMESTAMP '1970-01-01 00:00:00', updated_at = SYS_EXTRACT_UTC(SYSTIMESTAMP),
       completed_at = CASE WHEN :is_completed = 1 THEN :now ELSE completed_at END
 WHERE name = :name AND lease_owner = :owner

-- name: sync_orders
-- What is stored of the orders with these source numbers, a JSON list; `position` is the number's
-- place in it. Each number is looked up by itself: PostgreSQL would otherwise read all orders there
-- are where it was told of few.
-- params: source_system text, numbers text
-- columns: position int, id int, is_synced int, payload text?
-- sqlite:
SELECT k.key AS position, o.id, o.sync_status = 'synced' AS is_synced,
       o.source_payload AS payload
  FROM json_each(:numbers) k
 CROSS JOIN orders o ON o.source_system = :source_system AND o.source_order_id = k.value
-- postgres:
SELECT k.ordinal - 1 AS position, o.id, CAST(o.sync_status = 'synced' AS int) AS is_synced,
       o.source_payload AS payload
  FROM json_array_elements_text(CAST(:numbers AS json)) WITH ORDINALITY k (number, ordinal)
 CROSS JOIN LATERAL (SELECT id, sync_status, source_payload
                       FROM orders
                      WHERE source_system = :source_system
                        AND source_order_id = CAST(k.number AS bigint)
                      LIMIT 1) o
-- oracle:
SELECT k.ordinal - 1 AS position, o.id,
       CASE WHEN o.sync_status = 'synced' THEN 1 ELSE 0 END AS is_synced,
       o.source_payload AS payload
  FROM JSON_TABLE(:numbers, '$[*]' COLUMNS (ordinal FOR ORDINALITY, id NUMBER PATH '$')) k
  JOIN orders o ON o.source_system = :source_system AND o.source_order_id = k.id

-- name: sync_customers
-- The customers with these e-mail addresses, a JSON list; `position` is the address's place in it.
-- params: emails text
-- columns: position int, id int
-- sqlite:
SELECT k.key AS position, c.id
  FROM json_each(:emails) k
 CROSS JOIN customers c ON c.email = k.value
-- postgres:
SELECT k.ordinal - 1 AS position, c.id
  FROM json_array_elements_text(CAST(:emails AS json)) WITH ORDINALITY k (email, ordinal)
 CROSS JOIN LATERAL (SELECT id FROM customers WHERE email = k.email LIMIT 1) c
-- oracle:
SELECT k.ordinal - 1 AS position, c.id
  FROM JSON_TABLE(:emails, '$[*]'
                  COLUMNS (ordinal FOR ORDINALITY, email VARCHAR2(255) PATH '$')) k
  JOIN customers c ON c.email = k.email

-- name: sync_customer_change
-- Takes over what the feed says; what it leaves open stays, and so does a customer of whom it says
-- what is known.
-- params: email text, name text?, phone text?, company text?, now now
UPDATE customers
   SET name = COALESCE(:name, name), phone = COALESCE(:phone, phone),
       company = COALESCE(:company, company), updated_at = :now
 WHERE email = :email
   AND (name <> :name OR phone IS DISTINCT FROM COALESCE(:phone, phone)
        OR company IS DISTINCT FROM COALESCE(:company, company))
-- oracle:
UPDATE customers
   SET name = COALESCE(:name, name), phone = COALESCE(:phone, phone),
       company = COALESCE(:company, company), updated_at = :now
 WHERE email = :email
   AND (name <> :name OR DECODE(phone, COALESCE(:phone, phone), 0, 1) = 1
        OR DECODE(company, COALESCE(:company, company), 0, 1) = 1)

-- name: sync_customer_add
-- A customer first seen in the feed, unless an earlier order or somebody else added it.
-- params: name text, email text, phone text?, company text, notes text, now now
INSERT INTO customers
       (name, email, phone, company, industry, revenue, notes, created_at, updated_at)
VALUES (:name, :email, :phone, :company, 'Retail', 0, :notes, :now, :now)
ON CONFLICT (email) DO NOTHING

-- name: sync_order_put
-- Writes an order of the feed over the one stored under its number, or as a new one. `was_there`
-- says which, where somebody else may have written one since it was looked for: PostgreSQL locks the
-- row that it updates, and a new one has no lock. The trace of the purchase stays, once it is known;
-- until then that of the run which made the row stands there.
-- params: customer_id int, total money, subtotal money, discount money, shipping_cost money,
--   status text, payment_method text, payment_status text, currency text, coupon_code text?,
--   notes text?, shipping_address text?, created_at time, source_system text,
--   source_order_id int, source_customer_email text, backlog_status text, source_payload text,
--   purchase_trace text?, run_trace text, now now
-- columns: source_order_id int, id int, was_there int
-- sqlite:
INSERT INTO orders
       (customer_id, total, subtotal, discount, shipping_cost, status, payment_method,
        payment_status, currency, coupon_code, notes, shipping_address, created_at, updated_at,
        source_system, source_order_id, source_customer_email, sync_status, backlog_status,
        sync_error, source_payload, correlation_id, last_synced_at)
VALUES (:customer_id, :total, :subtotal, :discount, :shipping_cost, :status, :payment_method,
        :payment_status, :currency, :coupon_code, :notes, :shipping_address, :created_at, :now,
        :source_system, :source_order_id, :source_customer_email, 'synced', :backlog_status,
        NULL, :source_payload, coalesce(:purchase_trace, :run_trace), :now)
ON CONFLICT (source_system, source_order_id) WHERE source_order_id IS NOT NULL DO UPDATE
   SET customer_id = excluded.customer_id, total = excluded.total, subtotal = excluded.subtotal,
       discount = excluded.discount, shipping_cost = excluded.shipping_cost,
       status = excluded.status, payment_method = excluded.payment_method,
       payment_status = excluded.payment_status, currency = excluded.currency,
       coupon_code = excluded.coupon_code, notes = excluded.notes,
       shipping_address = excluded.shipping_address, created_at = excluded.created_at,
       updated_at = excluded.updated_at,
       source_customer_email = excluded.source_customer_email,
       sync_status = excluded.sync_status, backlog_status = excluded.backlog_status,
       sync_error = excluded.sync_error, source_payload = excluded.source_payload,
       correlation_id = coalesce(:purchase_trace, orders.correlation_id, :run_trace),
       last_synced_at = excluded.last_synced_at
RETURNING source_order_id, id, 0 AS was_there
-- postgres:
INSERT INTO orders
       (customer_id, total, subtotal, discount, shipping_cost, status, payment_method,
        payment_status, currency, coupon_code, notes, shipping_address, created_at, updated_at,
        source_system, source_order_id, source_customer_email, sync_status, backlog_status,
        sync_error, source_payload, correlation_id, last_synced_at)
VALUES (:customer_id, :total, :subtotal, :discount, :shipping_cost, :status, :payment_method,
        :payment_status, :currency, :coupon_code, :notes, :shipping_address, :created_at, :now,
        :source_system, :source_order_id, :source_customer_email, 'synced', :backlog_status,
        NULL, :source_payload, coalesce(:purchase_trace, :run_trace), :now)
ON CONFLICT (source_system, source_order_id) WHERE source_order_id IS NOT NULL DO UPDATE
   SET customer_id = excluded.customer_id, total = excluded.total, subtotal = excluded.subtotal,
       discount = excluded.discount, shipping_cost = excluded.shipping_cost,
       status = excluded.status, payment_method = excluded.payment_method,
       payment_status = excluded.payment_status, currency = excluded.currency,
       coupon_code = excluded.coupon_code, notes = excluded.notes,
       shipping_address = excluded.shipping_address, created_at = excluded.created_at,
       updated_at = excluded.updated_at,
       source_customer_email = excluded.source_customer_email,
       sync_status = excluded.sync_status, backlog_status = excluded.backlog_status,
       sync_error = excluded.sync_error, source_payload = excluded.source_payload,
       correlation_id = coalesce(:purchase_trace, orders.correlation_id, :run_trace),
       last_synced_at = excluded.last_synced_at
RETURNING source_order_id, id, CAST(CAST(xmax AS text) <> '0' AS int) AS was_there
-- oracle:
DECLARE
  order_id orders.id%TYPE;
  found_one NUMBER(1) := 1;
BEGIN
  UPDATE orders
     SET customer_id = :customer_id, total = :total, subtotal = :subtotal, discount = :discount,
         shipping_cost = :shipping_cost, status = :status, payment_method = :payment_method,
         payment_status = :payment_status, currency = :currency, coupon_code = :coupon_code,
         notes = :notes, shipping_address = :shipping_address, created_at = :created_at,
         updated_at = :now, source_customer_email = :source_customer_email,
         sync_status = 'synced', backlog_status = :backlog_status, sync_error = NULL,
         source_payload = :source_payload,
         correlation_id = coalesce(:purchase_trace, correlation_id, :run_trace),
         last_synced_at = :now
   WHERE source_system = :source_system AND source_order_id = :source_order_id
  RETURNING id INTO order_id;
  IF SQL%NOTFOUND THEN
    found_one := 0;
    INSERT INTO orders
           (customer_id, total, subtotal, discount, shipping_cost, status, payment_method,
            payment_status, currency, coupon_code, notes, shipping_address, created_at, updated_at,
            source_system, source_order_id, source_customer_email, sync_status, backlog_status,
            source_payload, correlation_id, last_synced_at)
    VALUES (:customer_id, :total, :subtotal, :discount, :shipping_cost, :status, :payment_method,
            :payment_status, :currency, :coupon_code, :notes, :shipping_address, :created_at, :now,
            :source_system, :source_order_id, :source_customer_email, 'synced', :backlog_status,
            :source_payload, coalesce(:purchase_trace, :run_trace), :now)
    RETURNING id INTO order_id;
  END IF;
  :ret_source_order_id := :source_order_id;
  :id := order_id;
  :was_there := found_one;
END;

-- name: sync_lines_clear
-- Takes away the lines of orders that are written anew, a JSON list of order ids.
-- params: order_ids text
-- sqlite:
DELETE FROM order_items WHERE order_id IN (SELECT value FROM json_each(:order_ids))
-- postgres:
DELETE FROM order_items
 WHERE order_id = ANY (ARRAY(SELECT CAST(value AS bigint)
                               FROM json_array_elements_text(CAST(:order_ids AS json))))
-- oracle:
DELETE FROM order_items
 WHERE order_id IN (SELECT k.id
                      FROM JSON_TABLE(:order_ids, '$[*]' COLUMNS (id NUMBER PATH '$')) k)

-- name: sync_products
-- The products with these article numbers, a JSON list; `position` is the number's place in it.
-- params: skus text
-- columns: position int, id int
-- sqlite:
SELECT k.key AS position, p.id
  FROM json_each(:skus) k
 CROSS JOIN products p ON p.sku = k.value
-- postgres:
SELECT k.ordinal - 1 AS position, p.id
  FROM json_array_elements_text(CAST(:skus AS json)) WITH ORDINALITY k (sku, ordinal)
 CROSS JOIN LATERAL (SELECT id FROM products WHERE sku = k.sku LIMIT 1) p
-- oracle:
SELECT k.ordinal - 1 AS position, p.id
  FROM JSON_TABLE(:skus, '$[*]' COLUMNS (ordinal FOR ORDINALITY, sku VARCHAR2(50) PATH '$')) k
  JOIN products p ON p.sku = k.sku

-- name: sync_product_placeholder
-- An inactive product that stands for one the portal does not know.
-- params: name text, sku text, price money, now now
INSERT INTO products (name, sku, description, price, stock, category, is_active, created_at,
                      updated_at)
VALUES (:name, :sku, 'Stands for a product of the shop that this catalogue does not hold', :price,
        0, 'External Sync', 0, :now, :now)
ON CONFLICT (sku) DO NOTHING

-- name: sync_shipment_put
-- Writes a shipment over the one with its tracking number, or as a new one.
-- params: order_id int, tracking_number text, carrier text?, status text, origin_region text?,
--   destination_region text?, weight_kg money, shipping_cost money,
--   estimated_delivery time?, actual_delivery time?, created_at time, now now
INSERT INTO shipments
       (order_id, tracking_number, carrier, status, origin_region, destination_region, weight_kg,
        shipping_cost, estimated_delivery, actual_delivery, created_at, updated_at)
VALUES (:order_id, :tracking_number, :carrier, :status, :origin_region, :destination_region,
        :weight_kg, :shipping_cost, :estimated_delivery, :actual_delivery, :created_at,
        :now)
ON CONFLICT (tracking_number) DO UPDATE
   SET order_id = excluded.order_id, carrier = excluded.carrier, status = excluded.status,
       origin_region = excluded.origin_region, destination_region = excluded.destination_region,
       weight_kg = excluded.weight_kg, shipping_cost = excluded.shipping_cost,
       estimated_delivery = excluded.estimated_delivery,
       actual_delivery = excluded.actual_delivery, updated_at = excluded.updated_at

-- name: sync_audit_add
-- One line of the synchronisation's audit trail.
-- params: source_system text, source_order_id int?, sync_action text, sync_status text,
--   message text0?, correlation_id text, trace_id text, now now
INSERT INTO order_sync_audit
       (source_system, source_order_id, sync_action, sync_status, message, correlation_id,
        trace_id, created_at)
VALUES (:source_system, :source_order_id, :sync_action, :sync_status, :message, :correlation_id,
        :trace_id, :now)

-- name: sync_order_fail
-- Marks a stored order whose newest state could not be taken over.
-- params: source_system text, source_order_id int, sync_error text0, now now
UPDATE orders
   SET sync_status = 'failed', sync_error = :sync_error, last_synced_at = :now
 WHERE source_system = :source_system AND source_order_id = :source_order_id

-- name: sync_failure_attempts
-- How often an order has failed so far.
-- params: source_system text, source_order_id int
-- columns: attempts int
SELECT attempts
  FROM sync_failures
 WHERE source_system = :source_system AND source_order_id = :source_order_id

-- name: sync_failure_put
-- Keeps an order that failed, for another attempt in `pause` seconds.
-- params: source_system text, source_order_id int, attempts int, pause int,
--   last_error text0, payload text, now now
-- sqlite:
INSERT INTO sync_failures
       (source_system, source_order_id, attempts, next_attempt_at, last_error, payload,
        created_at, updated_at)
VALUES (:source_system, :source_order_id, :attempts, :now + :pause * 1000000, :last_error, :payload,
        :now, :now)
ON CONFLICT (source_system, source_order_id) DO UPDATE
   SET attempts = excluded.attempts, next_attempt_at = excluded.next_attempt_at,
       last_error = excluded.last_error, payload = excluded.payload,
       updated_at = excluded.updated_at
-- postgres:
INSERT INTO sync_failures
       (source_system, source_order_id, attempts, next_attempt_at, last_error, payload,
        created_at, updated_at)
VALUES (:source_system, :source_order_id, :attempts,
        statement_timestamp() + :pause * interval '1 second', :last_error, :payload, :now, :now)
ON CONFLICT (source_system, source_order_id) DO UPDATE
   SET attempts = excluded.attempts, next_attempt_at = excluded.next_attempt_at,
       last_error = excluded.last_error, payload = excluded.payload,
       updated_at = excluded.updated_at

-- name: sync_failures_clear
-- Forgets the failures of orders that have been stored, a JSON list of their source numbers.
-- params: source_system text, numbers text
-- sqlite:
DELETE FROM sync_failures
 WHERE source_system = :source_system
   AND source_order_id IN (SELECT value FROM json_each(:numbers))
-- postgres:
DELETE FROM sync_failures
 WHERE source_system = :source_system
   AND source_order_id = ANY (ARRAY(SELECT CAST(value AS bigint)
                                      FROM json_array_elements_text(CAST(:numbers AS json))))
-- oracle:
DELETE FROM sync_failures
 WHERE source_system = :source_system
   AND source_order_id IN (SELECT k.id
                             FROM JSON_TABLE(:numbers, '$[*]' COLUMNS (id NUMBER PATH '$')) k)

-- name: sync_failures_due
-- Failed orders whose time for another attempt has come, or all of them. A time further ahead than
-- `longest`, the longest pause in seconds, is of a clock that was ahead, and has come.
-- params: source_system text, is_all bool, longest int, limit int, now now
-- columns: source_order_id int, last_error text0, payload text
-- sqlite:
SELECT source_order_id, last_error, payload
  FROM sync_failures
 WHERE source_system = :source_system
   AND (:is_all OR next_attempt_at <= :now OR next_attempt_at > :now + :longest * 1000000)
 ORDER BY next_attempt_at
 LIMIT :limit
-- postgres:
SELECT source_order_id, last_error, payload
  FROM sync_failures
 WHERE source_system = :source_system
   AND (:is_all OR next_attempt_at <= statement_timestamp()
        OR next_attempt_at > statement_timestamp() + :longest * interval '1 second')
 ORDER BY next_attempt_at
 LIMIT :limit

-- name: sync_failures_page
-- Orders that failed, the newest of the source first, each with the order here where there is one.
-- params: source_system text, source_order_id int?, before int, most int
-- columns: source_order_id int, order_id int?, attempts int, next_attempt_at time,
--   last_error text0, payload text, created_at time, updated_at time
SELECT f.source_order_id, o.id AS order_id, f.attempts, f.next_attempt_at, f.last_error, f.payload,
       f.created_at, f.updated_at
  FROM sync_failures f
  LEFT JOIN orders o ON o.source_system = f.source_system
                    AND o.source_order_id = f.source_order_id
 WHERE f.source_system = :source_system
   AND (:source_order_id IS NULL OR f.source_order_id = :source_order_id)
   AND f.source_order_id < :before
 ORDER BY f.source_order_id DESC
 LIMIT :most

-- name: sync_audit_page
-- The audit trail, newest first.
-- params: sync_status text?, source_order_id int?, correlation_id text?, limit int, offset int
-- columns: id int, source_system text, source_order_id int?, sync_action text, sync_status text,
--   message text0?, correlation_id text?, trace_id text?, created_at time
SELECT id, source_system, source_order_id, sync_action, sync_status, message, correlation_id,
       trace_id, created_at
  FROM order_sync_audit
 WHERE (:sync_status IS NULL OR sync_status = :sync_status)
   AND (:source_order_id IS NULL OR source_order_id = :source_order_id)
   AND (:correlation_id IS NULL OR correlation_id = :correlation_id)
 ORDER BY id DESC
 LIMIT :limit OFFSET :offset

-- name: sync_audit_count
-- How many lines sync_audit_page finds.
-- params: sync_status text?, source_order_id int?, correlation_id text?
-- columns: count.*
SELECT COUNT(*) AS total
  FROM order_sync_audit
 WHERE (:sync_status IS NULL OR sync_status = :sync_status)
   AND (:source_order_id IS NULL OR source_order_id = :source_order_id)
   AND (:correlation_id IS NULL OR correlation_id = :correlation_id)

-- name: sync_figures
-- What the synchronisation's health shows. The audit trail only grows, so its newest id counts it
-- (with PostgreSQL's few gaps, which rolled back lines leave).
-- params: suspicious_total money
-- columns: operations int, not_successful int, external_orders int, backlog_orders int,
--   suspicious_orders int
SELECT (SELECT COALESCE(MAX(id), 0) FROM order_sync_audit) AS operations,
       (SELECT COUNT(*) FROM order_sync_audit WHERE sync_status <> 'success') AS not_successful,
       (SELECT COUNT(*) FROM orders WHERE source_order_id IS NOT NULL) AS external_orders,
       (SELECT COUNT(*) FROM orders WHERE backlog_status = 'backlog') AS backlog_orders,
       (SELECT COUNT(*) FROM orders WHERE total >= :suspicious_total) AS suspicious_orders
