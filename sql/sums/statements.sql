-- Questions about statements, of periods of one length. A filter that is NULL asks for nothing.

-- row: work
-- What was counted.
-- columns: executions int, failures int, row_count int, total_ns int, squares real, longest_ns int, active_ns int

-- name: statement_find
-- Its name and text; no row: nothing is known of it.
-- params: sql_id text
-- columns: name text0, sql_text text0
SELECT max(j.statement) AS name, max(t.sql_text) AS sql_text
  FROM subjects AS j
  JOIN texts AS t ON t.sql_id = j.sql_id
 WHERE j.sql_id = :sql_id
 GROUP BY j.sql_id

-- name: statements_count
-- How many statements ran.
-- params: length_s int, from_s int, to_s int, service text?, module text?, action text?
-- columns: total int
SELECT count(DISTINCT j.sql_id) AS total
  FROM subjects AS j
 WHERE j.sql_id <> ''
   AND (:service IS NULL OR j.service = :service)
   AND (:module IS NULL OR j.module = :module)
   AND (:action IS NULL OR j.action = :action)
   AND EXISTS (SELECT 1 FROM sums AS p
                WHERE p.length_s = :length_s AND p.subject = j.id
                  AND p.start_s >= :from_s AND p.start_s < :to_s)

-- name: statements_list
-- Those with the most of what `sort` says, behind one where `before_value` is how much it has of that
-- and `before_id` its SQL_ID.
-- params: length_s int, from_s int, to_s int, service text?, module text?, action text?, sort text,
--   before_value int?, before_id text?, most int
-- columns: sql_id text, name text0, value int, work.*
WITH totals AS (
    SELECT j.sql_id, max(j.statement) AS name, sum(p.executions) AS executions,
           sum(p.failures) AS failures, sum(p.row_count) AS row_count, sum(p.total_ns) AS total_ns,
           sum(p.squares) AS squares, max(p.longest_ns) AS longest_ns, sum(p.active_ns) AS active_ns
      FROM subjects AS j
      JOIN sums AS p ON p.length_s = :length_s AND p.subject = j.id
                    AND p.start_s >= :from_s AND p.start_s < :to_s
     WHERE j.sql_id <> ''
       AND (:service IS NULL OR j.service = :service)
       AND (:module IS NULL OR j.module = :module)
       AND (:action IS NULL OR j.action = :action)
     GROUP BY j.sql_id),
valued AS (
    SELECT t.*, CASE :sort WHEN 'executions' THEN t.executions
                           WHEN 'failures' THEN t.failures
                           WHEN 'rows' THEN t.row_count
                           WHEN 'mean' THEN t.total_ns / max(t.executions, 1)
                           WHEN 'longest' THEN t.longest_ns
                           ELSE t.active_ns END AS value
      FROM totals AS t)
SELECT v.sql_id, v.name, v.value, v.executions, v.failures, v.row_count, v.total_ns, v.squares,
       v.longest_ns, v.active_ns
  FROM valued AS v
 WHERE :before_value IS NULL OR v.value < :before_value
    OR (v.value = :before_value AND v.sql_id > :before_id)
 ORDER BY v.value DESC, v.sql_id
 LIMIT :most

-- name: statement_series
-- Of one statement by time.
-- params: length_s int, from_s int, to_s int, step_s int, sql_id text, service text?, module text?, action text?
-- columns: start_s int, work.*
SELECT p.start_s / :step_s * :step_s AS start_s, sum(p.executions) AS executions,
       sum(p.failures) AS failures, sum(p.row_count) AS row_count, sum(p.total_ns) AS total_ns,
       sum(p.squares) AS squares, max(p.longest_ns) AS longest_ns, sum(p.active_ns) AS active_ns
  FROM subjects AS j
  JOIN sums AS p ON p.length_s = :length_s AND p.subject = j.id
                AND p.start_s >= :from_s AND p.start_s < :to_s
 WHERE j.sql_id = :sql_id
   AND (:service IS NULL OR j.service = :service)
   AND (:module IS NULL OR j.module = :module)
   AND (:action IS NULL OR j.action = :action)
 GROUP BY p.start_s / :step_s
 ORDER BY 1

-- name: statement_steps
-- How long its executions took, by time.
-- params: length_s int, from_s int, to_s int, step_s int, sql_id text, service text?, module text?, action text?
-- columns: start_s int, step int, executions int
SELECT p.start_s / :step_s * :step_s AS start_s, p.step, sum(p.executions) AS executions
  FROM subjects AS j
  JOIN steps AS p ON p.length_s = :length_s AND p.subject = j.id
                 AND p.start_s >= :from_s AND p.start_s < :to_s
 WHERE j.sql_id = :sql_id
   AND (:service IS NULL OR j.service = :service)
   AND (:module IS NULL OR j.module = :module)
   AND (:action IS NULL OR j.action = :action)
 GROUP BY p.start_s / :step_s, p.step
 ORDER BY 1, 2

-- name: statement_callers
-- Who ran it, the longest first.
-- params: length_s int, from_s int, to_s int, sql_id text, service text?, module text?, action text?, most int
-- columns: service text0, module text0, action text0, work.*
SELECT j.service, j.module, j.action, sum(p.executions) AS executions,
       sum(p.failures) AS failures, sum(p.row_count) AS row_count, sum(p.total_ns) AS total_ns,
       sum(p.squares) AS squares, max(p.longest_ns) AS longest_ns, sum(p.active_ns) AS active_ns
  FROM subjects AS j
  JOIN sums AS p ON p.length_s = :length_s AND p.subject = j.id
                AND p.start_s >= :from_s AND p.start_s < :to_s
 WHERE j.sql_id = :sql_id
   AND (:service IS NULL OR j.service = :service)
   AND (:module IS NULL OR j.module = :module)
   AND (:action IS NULL OR j.action = :action)
 GROUP BY j.service, j.module, j.action
 ORDER BY sum(p.active_ns) DESC, j.service, j.module, j.action
 LIMIT :most

-- name: statement_examples
-- Of each step the execution that came last, of those that failed and of the others; those of hours
-- whose spans are gone are left out.
-- params: since_s int, from_ns int, to_ns int, sql_id text, service text?, module text?, action text?
-- columns: is_failed int, step int, trace_high int, trace_low int, span_id int, duration_ns int, start_ns int
SELECT x.is_failed, x.step, x.trace_high, x.trace_low, x.span_id, x.duration_ns,
       max(x.start_ns) AS start_ns
  FROM subjects AS j
  JOIN examples AS x ON x.subject = j.id AND x.start_s >= :since_s
 WHERE j.sql_id = :sql_id
   AND x.start_ns >= :from_ns AND x.start_ns < :to_ns
   AND (:service IS NULL OR j.service = :service)
   AND (:module IS NULL OR j.module = :module)
   AND (:action IS NULL OR j.action = :action)
 GROUP BY x.is_failed, x.step
 ORDER BY x.is_failed, x.step

-- name: statements_ran
-- Those of a service in the periods from `from_s` on (`most`), and how much of that is of the periods from
-- `surely_s` on (`least`).
-- params: length_s int, from_s int, surely_s int, service text
-- columns: sql_id text, name text0, most_executions int, most_rows int, most_ns int, least_executions int,
--   least_rows int, least_ns int
SELECT j.sql_id, max(j.statement) AS name,
       sum(p.executions - p.failures) AS most_executions, sum(p.row_count) AS most_rows,
       sum(p.total_ns) AS most_ns,
       sum(CASE WHEN p.start_s >= :surely_s THEN p.executions - p.failures ELSE 0 END) AS least_executions,
       sum(CASE WHEN p.start_s >= :surely_s THEN p.row_count ELSE 0 END) AS least_rows,
       sum(CASE WHEN p.start_s >= :surely_s THEN p.total_ns ELSE 0 END) AS least_ns
  FROM subjects AS j
  JOIN sums AS p ON p.length_s = :length_s AND p.subject = j.id AND p.start_s >= :from_s
 WHERE j.sql_id <> '' AND j.service = :service
 GROUP BY j.sql_id
HAVING sum(p.executions - p.failures) > 0
 ORDER BY j.sql_id

-- name: sums_began
-- When this file was made: before that there are sums of stored spans alone, if of any.
-- columns: began_us int
SELECT min(applied_at) AS began_us FROM schema_migrations
