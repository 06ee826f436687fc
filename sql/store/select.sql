-- Conditions that people write are judged row by row, outside of SQL (store/where.h): here is what is
-- read of a file for that, its dictionaries first.

-- name: dictionary_words
-- Services, and names of spans.
-- columns: id int, word text0
SELECT id, word FROM words ORDER BY id

-- row: kept_statement
-- A statement that spans are of.
-- columns: id int, sql_id text0, name text0, sql_text text0

-- name: dictionary_statements
-- Statements that spans are of.
-- columns: kept_statement.*
SELECT id, sql_id, name, sql_text FROM statements ORDER BY id

-- row: kept_source
-- Who recorded spans.
-- columns: id int, resource text

-- name: dictionary_sources
-- All who recorded spans.
-- columns: kept_source.*
SELECT id, resource FROM sources ORDER BY id

-- row: kept_pack
-- What spans have alike.
-- columns: id int, shared text, own text, trace_ids text, statements text

-- name: dictionary_packs
-- All that spans have alike.
-- columns: kept_pack.*
SELECT id, shared, own, trace_ids, statements FROM packs ORDER BY id

-- row: judged
-- A span as conditions see it.
-- columns: id int, trace_high int, trace_low int, span_id int, start_ns int, duration_ns int, kind int,
--   status int, http_status int?, service int, name int, source int, pack int, statement int?, own text?

-- name: spans_scan
-- All spans.
-- columns: judged.*
SELECT id, trace_high, trace_low, span_id, start_ns, duration_ns, kind, status, http_status, service, name,
       source, pack, statement, own
  FROM span

-- name: entries_scan
-- Entry spans, by what sql/store/search.sql asks for.
-- params: service text?, route text?, status int?, http_status int?, least_ns int, most_ns int,
--   since_ns int, until_ns int, sql_id text?, reach int
-- columns: judged.*
SELECT s.id, s.trace_high, s.trace_low, s.span_id, s.start_ns, s.duration_ns, s.kind, s.status,
       s.http_status, s.service, s.name, s.source, s.pack, s.statement, s.own
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
