-- What `octo ora selftest` asks, see src/db/oracle/selftest.c. Values of every type are bound to the first two,
-- whatever is declared here.

-- name: selftest_echo
-- What is bound is what the query gives.
-- params: v text
-- columns: v text
SELECT :v AS v FROM dual

-- name: selftest_echo_months
-- The same of an interval, which the listener of the tests tells from the other kind by its cast.
-- params: v text
-- columns: v text
SELECT CAST(:v AS INTERVAL YEAR TO MONTH) AS v FROM dual

-- name: selftest_out
-- What goes into a block comes out of it.
-- params: v text
-- columns: w text
BEGIN SELECT :v INTO :w FROM dual; END;

-- name: selftest_cursor
-- A cursor that a block opens, with two rows.
-- columns: opened text
BEGIN OPEN :opened FOR SELECT 1 AS n FROM dual UNION ALL SELECT 2 FROM dual; END;

-- name: selftest_results
-- A block that gives two results by itself, of one row each.
-- columns: results int
DECLARE
  l_first SYS_REFCURSOR;
  l_second SYS_REFCURSOR;
BEGIN
  OPEN l_first FOR SELECT 1 AS n FROM dual;
  dbms_sql.return_result(l_first);
  OPEN l_second FOR SELECT 2 AS n FROM dual;
  dbms_sql.return_result(l_second);
  :results := 2;
END;

-- name: selftest_sleep
-- Lasts longer than the call may.
-- params: seconds int
-- columns: slept int
BEGIN
  dbms_session.sleep(:seconds);
  SELECT 1 INTO :slept FROM dual;
END;

-- name: selftest_make
-- For what needs a table; dropped at the end.
CREATE TABLE octo_selftest (id NUMBER(10) PRIMARY KEY, note VARCHAR2(100 CHAR), body CLOB)

-- name: selftest_drop
-- And by the next run, where one was cut short.
DROP TABLE octo_selftest PURGE

-- name: selftest_put
-- One row, or many at once.
-- params: id int, note text
INSERT INTO octo_selftest (id, note) VALUES (:id, :note)

-- name: selftest_place
-- Where a row is, as a ROWID.
-- params: id int
-- columns: place text
SELECT rowid AS place FROM octo_selftest WHERE id = :id

-- name: selftest_at
-- The row that is there.
-- params: place text
-- columns: id int
SELECT id FROM octo_selftest WHERE rowid = :place

-- name: selftest_change
-- Gives back what it has changed, a CLOB among it.
-- params: body text, least int
-- columns: id int, body text
UPDATE octo_selftest SET body = :body WHERE id > :least RETURNING id, body INTO :id, :ret_body

-- name: selftest_session
-- What the server tells of one of our sessions.
-- params: sid int
-- columns: module text, action text, client_identifier text, client_info text, prev_sql_id text
SELECT s.module AS module, s.action AS action, s.client_identifier AS client_identifier,
  s.client_info AS client_info, s.prev_sql_id AS prev_sql_id
FROM v$session s
WHERE s.sid = :sid
