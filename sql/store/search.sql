-- Questions about the entry spans of one file. What is asked for is a bind each: NULL asks for
-- nothing. `reach` is 0 for all of them, 1 for roots, 2 for those of them that are no jobs: of
-- another kind than internal, or somebody else was asked in their trace.

-- row: entry
-- An entry span.
-- columns: id int, trace_high int, trace_low int, span_id int, parent_id int?, start_ns int,
--   duration_ns int, status int, http_status int?, service text0, name text0

-- name: entries_sum
-- What a file may have, from its sums: nothing where `total` is 0, else how long the longest took.
-- params: service text?, route text?, only_errors int
-- columns: total int, longest_ns int
SELECT coalesce(sum(CASE WHEN :only_errors = 1 THEN e.errors ELSE e.total END), 0) AS total,
       coalesce(max(e.longest_ns), 0) AS longest_ns
  FROM entries AS e
  JOIN words AS service ON service.id = e.service
  JOIN words AS name ON name.id = e.name
 WHERE (:service IS NULL OR service.word = :service)
   AND (:route IS NULL OR name.word = :route OR substr(name.word, instr(name.word, ' ') + 1) = :route)

-- name: entries_count
-- How many there are.
-- params: service text?, route text?, status int?, http_status int?, least_ns int, most_ns int,
--   since_ns int, until_ns int, sql_id text?, reach int
-- columns: total int
SELECT count(*) AS total
  FROM span AS s
 WHERE s.entry > 0
   AND s.start_ns BETWEEN :since_ns AND :until_ns
   AND s.duration_ns BETWEEN :least_ns AND :most_ns
   AND (:status IS NULL OR (s.status = 2) = (:status = 2))
   AND (:service IS NULL OR s.service IN (SELECT id FROM words WHERE word = :service))
   AND (:route IS NULL OR s.name IN (SELECT id FROM words WHERE word = :route
                                        OR substr(word, instr(word, ' ') + 1) = :route))
   AND (:http_status IS NULL OR s.http_status = :http_status)
   AND (:reach < 2 OR s.kind <> 1 OR EXISTS (SELECT 1 FROM span AS e
                                              WHERE e.trace_low = s.trace_low AND e.entry = 2))
   AND (:reach = 0 OR s.entry = 1 OR NOT EXISTS (SELECT 1 FROM span AS p
                                                  WHERE p.trace_low = s.trace_low
                                                    AND p.span_id = s.parent_id))
   AND (:sql_id IS NULL OR s.trace_low IN (SELECT q.trace_low FROM span AS q
                                            WHERE q.statement IN (SELECT id FROM statements
                                                                   WHERE sql_id = :sql_id)))

-- name: entries_newest
-- The newest, behind one where `before_ns` is its start and `before_id` its number.
-- params: service text?, route text?, status int?, http_status int?, least_ns int, most_ns int,
--   since_ns int, until_ns int, sql_id text?, reach int, before_ns int?, before_id int, most int
-- columns: entry.*
SELECT s.id, s.trace_high, s.trace_low, s.span_id, s.parent_id, s.start_ns, s.duration_ns, s.status,
       s.http_status, service.word AS service, name.word AS name
  FROM (SELECT s.id
          FROM span AS s
         WHERE s.entry > 0
           AND s.start_ns BETWEEN :since_ns AND :until_ns
           AND s.duration_ns BETWEEN :least_ns AND :most_ns
           AND (:before_ns IS NULL OR s.start_ns < :before_ns
                OR (s.start_ns = :before_ns AND s.id < :before_id))
           AND (:status IS NULL OR (s.status = 2) = (:status = 2))
           AND (:service IS NULL OR s.service IN (SELECT id FROM words WHERE word = :service))
           AND (:route IS NULL OR s.name IN (SELECT id FROM words WHERE word = :route
                                                OR substr(word, instr(word, ' ') + 1) = :route))
           AND (:http_status IS NULL OR s.http_status = :http_status)
           AND (:reach < 2 OR s.kind <> 1 OR EXISTS (SELECT 1 FROM span AS e
                                                      WHERE e.trace_low = s.trace_low AND e.entry = 2))
           AND (:reach = 0 OR s.entry = 1 OR NOT EXISTS (SELECT 1 FROM span AS p
                                                          WHERE p.trace_low = s.trace_low
                                                            AND p.span_id = s.parent_id))
           AND (:sql_id IS NULL OR s.trace_low IN (SELECT q.trace_low FROM span AS q
                                                    WHERE q.statement IN (SELECT id FROM statements
                                                                           WHERE sql_id = :sql_id)))
         ORDER BY s.start_ns DESC, s.id DESC
         LIMIT :most) AS chosen
  JOIN span AS s ON s.id = chosen.id
  JOIN words AS service ON service.id = s.service
  JOIN words AS name ON name.id = s.name
 ORDER BY s.start_ns DESC, s.id DESC

-- name: entries_slowest
-- The slowest, behind one where `before_ns` is its duration and `before_id` its number.
-- params: service text?, route text?, status int?, http_status int?, least_ns int, most_ns int,
--   since_ns int, until_ns int, sql_id text?, reach int, before_ns int?, before_id int, most int
-- columns: entry.*
SELECT s.id, s.trace_high, s.trace_low, s.span_id, s.parent_id, s.start_ns, s.duration_ns, s.status,
       s.http_status, service.word AS service, name.word AS name
  FROM (SELECT s.id
          FROM span AS s
         WHERE s.entry > 0
           AND s.start_ns BETWEEN :since_ns AND :until_ns
           AND s.duration_ns BETWEEN :least_ns AND :most_ns
           AND (:before_ns IS NULL OR s.duration_ns < :before_ns
                OR (s.duration_ns = :before_ns AND s.id < :before_id))
           AND (:status IS NULL OR (s.status = 2) = (:status = 2))
           AND (:service IS NULL OR s.service IN (SELECT id FROM words WHERE word = :service))
           AND (:route IS NULL OR s.name IN (SELECT id FROM words WHERE word = :route
                                                OR substr(word, instr(word, ' ') + 1) = :route))
           AND (:http_status IS NULL OR s.http_status = :http_status)
           AND (:reach < 2 OR s.kind <> 1 OR EXISTS (SELECT 1 FROM span AS e
                                                      WHERE e.trace_low = s.trace_low AND e.entry = 2))
           AND (:reach = 0 OR s.entry = 1 OR NOT EXISTS (SELECT 1 FROM span AS p
                                                          WHERE p.trace_low = s.trace_low
                                                            AND p.span_id = s.parent_id))
           AND (:sql_id IS NULL OR s.trace_low IN (SELECT q.trace_low FROM span AS q
                                                    WHERE q.statement IN (SELECT id FROM statements
                                                                           WHERE sql_id = :sql_id)))
         ORDER BY s.duration_ns DESC, s.id DESC
         LIMIT :most) AS chosen
  JOIN span AS s ON s.id = chosen.id
  JOIN words AS service ON service.id = s.service
  JOIN words AS name ON name.id = s.name
 ORDER BY s.duration_ns DESC, s.id DESC

-- name: entry_attribute
-- One attribute of a span, or of who recorded it, as text.
-- params: id int, of_resource bool, key text
-- columns: value text0
SELECT CASE e.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' WHEN 'null' THEN 'null'
                   ELSE CAST(e.value AS TEXT) END AS value
  FROM spans AS s
  JOIN json_each(CASE WHEN :of_resource THEN s.resource ELSE s.attributes END) AS e ON e.key = :key
 WHERE s.id = :id
