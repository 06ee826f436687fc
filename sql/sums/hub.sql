-- Questions about all work in databases, by one of its dimensions: service, module, action, sql_id or
-- wait. A filter that is NULL asks for nothing; a wait that is '' asks for statements that ran.

-- name: hub_keys
-- The values of the dimension that were active for longest; '' where it is none or not told.
-- params: length_s int, from_s int, to_s int, by text, service text?, module text?, action text?,
--   sql_id text?, wait text0?, most int
-- columns: key text0, name text0, work.*
SELECT CASE :by WHEN 'service' THEN j.service WHEN 'module' THEN j.module
                WHEN 'action' THEN j.action WHEN 'sql_id' THEN j.sql_id ELSE j.wait END AS key,
       max(j.statement) AS name, sum(p.executions) AS executions,
       sum(p.failures) AS failures, sum(p.row_count) AS row_count, sum(p.total_ns) AS total_ns,
       sum(p.squares) AS squares, max(p.longest_ns) AS longest_ns, sum(p.active_ns) AS active_ns
  FROM subjects AS j
  JOIN sums AS p ON p.length_s = :length_s AND p.subject = j.id
                AND p.start_s >= :from_s AND p.start_s < :to_s
 WHERE (:service IS NULL OR j.service = :service)
   AND (:module IS NULL OR j.module = :module)
   AND (:action IS NULL OR j.action = :action)
   AND (:sql_id IS NULL OR j.sql_id = :sql_id)
   AND (:wait IS NULL OR j.wait = :wait)
 GROUP BY 1
 ORDER BY sum(p.active_ns) DESC, 1
 LIMIT :most

-- name: hub_series
-- How long they were active, by time.
-- params: length_s int, from_s int, to_s int, step_s int, by text, service text?, module text?,
--   action text?, sql_id text?, wait text0?
-- columns: key text0, start_s int, active_ns int
SELECT CASE :by WHEN 'service' THEN j.service WHEN 'module' THEN j.module
                WHEN 'action' THEN j.action WHEN 'sql_id' THEN j.sql_id ELSE j.wait END AS key,
       p.start_s / :step_s * :step_s AS start_s, sum(p.active_ns) AS active_ns
  FROM subjects AS j
  JOIN sums AS p ON p.length_s = :length_s AND p.subject = j.id
                AND p.start_s >= :from_s AND p.start_s < :to_s
 WHERE (:service IS NULL OR j.service = :service)
   AND (:module IS NULL OR j.module = :module)
   AND (:action IS NULL OR j.action = :action)
   AND (:sql_id IS NULL OR j.sql_id = :sql_id)
   AND (:wait IS NULL OR j.wait = :wait)
 GROUP BY 1, 2
 ORDER BY 1, 2
