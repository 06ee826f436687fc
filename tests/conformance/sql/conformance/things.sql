-- Statements of the conformance suite.

-- name: thing_put
-- Stores a thing with a value of each type.
-- params: id int, name text0, amount int?, price money?, at time?, flag bool?, ratio real?, body text0?
INSERT INTO things (id, name, amount, price, at, flag, ratio, body)
VALUES (:id, :name, :amount, :price, :at, :flag, :ratio, :body)

-- name: thing_get
-- Everything of one thing.
-- params: id int
-- columns: id int, name text0, amount int?, price money?, at time?, flag bool?, ratio real?, body text0?
SELECT id, name, amount, price, at, flag, ratio, body FROM things WHERE id = :id

-- name: thing_get_strict
-- Declares a column as never null that may be.
-- params: id int
-- columns: body text
SELECT body FROM things WHERE id = :id

-- name: thing_list
-- All things by id.
-- columns: id int, name text0
SELECT id, name FROM things ORDER BY id

-- name: thing_name
-- Its name, declared as one that is never empty.
-- params: id int
-- columns: name text
SELECT name FROM things WHERE id = :id

-- name: thing_count
-- How many things there are.
-- columns: total int
SELECT count(*) AS total FROM things

-- name: thing_upsert
-- One of a name: stores it or raises its stock, and gives what stands there then.
-- params: name text, stock int
-- columns: id int, stock int
INSERT INTO things (name, stock) VALUES (:name, :stock)
    ON CONFLICT (name) DO UPDATE SET stock = things.stock + excluded.stock
RETURNING id, stock

-- name: thing_take
-- Takes from the stock; no row means too few are left. The binds stand in another order.
-- params: id int, quantity int
-- columns: stock int
UPDATE things SET stock = stock - :quantity WHERE id = :id AND stock >= :quantity
RETURNING stock

-- name: thing_own
-- Sets the owner, which must exist.
-- params: id int, owner_id int?
UPDATE things SET owner_id = :owner_id WHERE id = :id

-- name: thing_own_returning
-- As thing_own, giving the row: the reference is checked only after it.
-- params: id int, owner_id int?
-- columns: id int
UPDATE things SET owner_id = :owner_id WHERE id = :id RETURNING id

-- name: thing_stock_set
-- Sets the stock, which must not be negative.
-- params: id int, stock int
UPDATE things SET stock = :stock WHERE id = :id

-- name: thing_name_set
-- Renames a thing.
-- params: id int, name text?
UPDATE things SET name = :name WHERE id = :id

-- name: thing_all_returning
-- More rows than a call for one row may have.
-- columns: id int
UPDATE things SET stock = stock RETURNING id

-- name: promise_put
-- Points to a thing that must exist when the unit ends.
-- params: id int, thing_id int
INSERT INTO promises (id, thing_id) VALUES (:id, :thing_id)

-- name: promise_break
-- Points, where it looks like reading, to a thing that is not there when the statement is over.
-- columns: id int
-- sqlite:
SELECT 0 AS id
-- postgres:
SELECT promise_break() AS id
-- oracle:
SELECT 0 AS id FROM dual

-- name: counter_put
-- Starts a counter.
-- params: id int, value int
INSERT INTO counters (id, value) VALUES (:id, :value)

-- name: counter_start
-- Starts a counter, unless it is there, and notes when.
-- params: id int, value int, now now
INSERT INTO counters (id, value, at) VALUES (:id, :value, :now) ON CONFLICT (id) DO NOTHING

-- name: counter_raise
-- Adds one and notes when.
-- params: id int, now now
UPDATE counters SET value = value + 1, at = :now WHERE id = :id

-- name: counter_get
-- Where a counter stands.
-- params: id int
-- columns: value int, at time
SELECT value, at FROM counters WHERE id = :id

-- name: mark_put
-- Notes that a step of a unit was done.
-- params: unit int, step int
INSERT INTO marks (unit, step) VALUES (:unit, :step)

-- name: mark_count
-- How many steps were done.
-- columns: total int
SELECT count(*) AS total FROM marks

-- name: mark_count_of
-- How many steps of one unit were done.
-- params: unit int
-- columns: total int
SELECT count(*) AS total FROM marks WHERE unit = :unit

-- name: loose_put_text
-- Stores a text where numbers are expected.
-- params: value text
INSERT INTO loose (value) VALUES (:value)

-- name: loose_put_real
-- Stores a fraction where whole numbers are expected.
-- params: value real
-- sqlite:
INSERT INTO loose (value) VALUES (:value)
-- postgres:
INSERT INTO loose (value) VALUES (CAST(:value AS text))
-- oracle:
INSERT INTO loose (value) VALUES (TO_CHAR(:value))

-- name: loose_get
-- Reads what is there as a whole number.
-- columns: value int
SELECT value FROM loose

-- name: loose_clear
-- Empties the table.
DELETE FROM loose

-- name: slow_count
-- Runs for a long time.
-- params: steps int
-- columns: total int
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :steps)
SELECT count(*) AS total FROM n

-- name: slow_fill
-- Writes for a long time.
-- params: unit int, steps int
INSERT INTO marks (unit, step)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :steps)
SELECT :unit, i FROM n

-- name: fail_with
-- Fails with an SQLSTATE.
-- params: state text
-- columns: state text
-- sqlite:
SELECT :state AS state
-- postgres:
SELECT fail_with(:state) AS state
-- oracle:
SELECT :state AS state FROM dual

-- name: timeout_set
-- Sets how long the server lets a statement of this session run, in milliseconds.
-- params: ms text
-- columns: ms text
-- sqlite:
SELECT :ms AS ms
-- postgres:
SELECT set_config('statement_timeout', :ms, false) AS ms
-- oracle:
SELECT :ms AS ms FROM dual

-- name: session_pid
-- The server's process of this session.
-- columns: pid int
-- sqlite:
SELECT 0 AS pid
-- postgres:
SELECT pg_backend_pid() AS pid
-- oracle:
SELECT TO_NUMBER(SYS_CONTEXT('USERENV', 'SID')) AS pid FROM dual

-- name: tags_shown
-- The tags in force while it runs.
-- columns: application_name text, module text, action text, client_identifier text
-- sqlite:
SELECT '' AS application_name, '' AS module, '' AS action, '' AS client_identifier
-- postgres:
SELECT current_setting('application_name') AS application_name,
       coalesce(current_setting('octo.module', true), '') AS module,
       coalesce(current_setting('octo.action', true), '') AS action,
       coalesce(current_setting('octo.client_identifier', true), '') AS client_identifier
-- oracle:
SELECT SYS_CONTEXT('USERENV', 'MODULE') AS application_name, SYS_CONTEXT('USERENV', 'MODULE') AS module,
       SYS_CONTEXT('USERENV', 'ACTION') AS action,
       SYS_CONTEXT('USERENV', 'CLIENT_IDENTIFIER') AS client_identifier
  FROM dual

-- name: time_shown
-- Gives a time back.
-- params: at time
-- columns: at time
SELECT :at AS at
