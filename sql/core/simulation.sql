-- What simulated faults do to a database (src/service/simulation_faults.c). None of it touches a row of the business.

-- name: simulated_wait
-- A statement that takes about so long. A server sleeps; a file has nobody who could, so that a processor
-- counts to 2000 for each millisecond: they were seen to do 1500 to 5000 in it.
-- params: milliseconds int
-- columns: steps int
-- sqlite:
WITH RECURSIVE step (number) AS (
    SELECT 1 UNION ALL SELECT number + 1 FROM step WHERE number < :milliseconds * 2000
)
SELECT COUNT(*) AS steps FROM step
-- postgres:
SELECT COUNT(*) AS steps FROM pg_sleep(CAST(:milliseconds AS double precision) / 1000)
-- oracle:
BEGIN
    DBMS_SESSION.SLEEP(:milliseconds / 1000);
    SELECT 1 INTO :steps FROM dual;
END;

-- name: simulated_lock
-- Locks the row until the end of the transaction.
-- params: now now
UPDATE simulation_locks SET held_at = :now WHERE id = 1

-- name: simulated_look_up
-- One of many look-ups, each of which one statement for all would have done.
-- params: id int
-- columns: id int
SELECT id FROM simulation_locks WHERE id = :id

-- name: simulated_orders
-- The newest orders, whose lines are then read one order at a time.
-- params: most int
-- columns: id int
SELECT id FROM orders ORDER BY id DESC LIMIT :most

-- name: simulated_lines
-- How many lines one order has.
-- params: order_id int
-- columns: count.*
SELECT COUNT(*) AS total FROM order_items WHERE order_id = :order_id

-- name: simulated_failure
-- What the database refuses: the row is there.
INSERT INTO simulation_locks (id) VALUES (1)
