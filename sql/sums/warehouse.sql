-- Questions about statements day by day. A filter that is NULL asks for nothing.

-- name: warehouse_totals
-- What each statement did, and its share of what units of work waited for: those of an ACTION are shared
-- out among its statements, by how long each was active.
-- params: from_s int, to_s int, service text?, module text?, action text?
-- columns: sql_id text, name text0, waited_ns real, work.*
WITH chosen AS (
    SELECT j.*, sum(p.executions) AS executions, sum(p.failures) AS failures,
           sum(p.row_count) AS row_count, sum(p.total_ns) AS total_ns, sum(p.squares) AS squares,
           max(p.longest_ns) AS longest_ns, sum(p.active_ns) AS active_ns
      FROM subjects AS j
      JOIN sums AS p ON p.length_s = 86400 AND p.subject = j.id
                    AND p.start_s >= :from_s AND p.start_s < :to_s
     WHERE (:service IS NULL OR j.service = :service)
       AND (:module IS NULL OR j.module = :module)
       AND (:action IS NULL OR j.action = :action)
     GROUP BY j.id),
actions AS (
    SELECT c.service, c.module, c.action, sum(CASE WHEN c.wait = '' THEN c.active_ns ELSE 0 END) AS ran_ns,
           sum(CASE WHEN c.wait <> '' THEN c.active_ns ELSE 0 END) AS waited_ns
      FROM chosen AS c
     GROUP BY c.service, c.module, c.action)
SELECT c.sql_id, max(c.statement) AS name,
       total(1.0 * c.active_ns * a.waited_ns / nullif(a.ran_ns, 0)) AS waited_ns,
       sum(c.executions) AS executions, sum(c.failures) AS failures, sum(c.row_count) AS row_count,
       sum(c.total_ns) AS total_ns, sum(c.squares) AS squares, max(c.longest_ns) AS longest_ns,
       sum(c.active_ns) AS active_ns
  FROM chosen AS c
  JOIN actions AS a ON a.service = c.service AND a.module = c.module AND a.action = c.action
 WHERE c.sql_id <> ''
 GROUP BY c.sql_id
 ORDER BY sum(c.active_ns) DESC, c.sql_id

-- name: warehouse_steps
-- By statement, day and step.
-- params: from_s int, to_s int, service text?, module text?, action text?
-- columns: sql_id text, start_s int, step int, executions int
SELECT j.sql_id, p.start_s, p.step, sum(p.executions) AS executions
  FROM subjects AS j
  JOIN steps AS p ON p.length_s = 86400 AND p.subject = j.id
                 AND p.start_s >= :from_s AND p.start_s < :to_s
 WHERE j.sql_id <> ''
   AND (:service IS NULL OR j.service = :service)
   AND (:module IS NULL OR j.module = :module)
   AND (:action IS NULL OR j.action = :action)
 GROUP BY j.sql_id, p.start_s, p.step
 ORDER BY j.sql_id, p.start_s, p.step
