-- Figures about visitors, buyers and attackers.

-- name: shop_funnel
-- The four stages from a look to a parcel at the door.
-- columns: visitors int, cart_sessions int, orders int, completed int
SELECT (SELECT count(DISTINCT session_id) FROM page_views) AS visitors,
       (SELECT count(*) FROM cart_sessions) AS cart_sessions,
       (SELECT count(*) FROM orders) AS orders,
       (SELECT count(*) FROM orders WHERE status = 'completed') AS completed

-- name: security_event_insert
-- One recorded attack.
-- params: attack_type text, severity text, endpoint text, source_ip text, payload text?,
--   product_id int?, session_id text?, trace_id text, details text, created_at time
INSERT INTO security_events (attack_type, severity, endpoint, source_ip, payload, product_id,
                             session_id, trace_id, details, created_at)
VALUES (:attack_type, :severity, :endpoint, :source_ip, :payload, :product_id, :session_id,
        :trace_id, :details, :created_at)

-- name: security_event_sweep
-- Forgets attacks that are older than `age` seconds, the oldest first.
-- params: age int, most int, now now
-- sqlite:
DELETE FROM security_events
 WHERE id IN (SELECT id FROM security_events
               WHERE created_at <= :now - :age * 1000000
               ORDER BY created_at
               LIMIT :most)
-- postgres:
DELETE FROM security_events
 WHERE id IN (SELECT id FROM security_events
               WHERE created_at <= statement_timestamp() - :age * interval '1 second'
               ORDER BY created_at
               LIMIT :most)

-- name: security_events_list
-- A page of attacks, newest first; each filter may be left out.
-- params: attack_type text?, severity text?, since time?, limit int, offset int
-- columns: id int, attack_type text, severity text, endpoint text?, source_ip text?,
--   payload text?, product_id int?, session_id text?, trace_id text?, details text?,
--   created_at time
SELECT id, attack_type, severity, endpoint, source_ip, payload, product_id, session_id, trace_id,
       details, created_at
  FROM security_events
 WHERE (:attack_type IS NULL OR attack_type = :attack_type)
   AND (:severity IS NULL OR severity = :severity)
   AND (:since IS NULL OR created_at >= :since)
 ORDER BY id DESC
 LIMIT :limit OFFSET :offset

-- name: security_events_count
-- How many attacks the list has without a page limit.
-- params: attack_type text?, severity text?, since time?
-- columns: count.*
SELECT count(*) AS total
  FROM security_events
 WHERE (:attack_type IS NULL OR attack_type = :attack_type)
   AND (:severity IS NULL OR severity = :severity)
   AND (:since IS NULL OR created_at >= :since)

-- name: security_totals
-- How many attacks were recorded, and how many of them since a moment.
-- params: since time
-- columns: total int, recent int
SELECT (SELECT count(*) FROM security_events) AS total,
       (SELECT count(*) FROM security_events WHERE created_at >= :since) AS recent

-- name: shop_activity
-- What the shop has done: since a moment, and what is still open.
-- params: since time
-- columns: recent_orders int, recent_revenue money, open_cart_lines int, low_stock_products int,
--   outbox_waiting int
SELECT (SELECT count(*) FROM orders WHERE updated_at >= :since AND created_at >= :since)
           AS recent_orders,
       (SELECT coalesce(sum(total), 0) FROM orders
         WHERE updated_at >= :since AND created_at >= :since) AS recent_revenue,
       (SELECT count(*) FROM cart_items) AS open_cart_lines,
       (SELECT count(*) FROM products WHERE is_active = 1 AND stock < 10) AS low_stock_products,
       (SELECT count(*) FROM order_outbox WHERE sent_at IS NULL) AS outbox_waiting
