-- All that a file has of one trace: its spans by numbers, and what of the dictionaries they name. The
-- spans are read first: what comes in meanwhile adds to dictionaries and takes nothing from them.

-- name: trace_spans
-- The first of a trace, in the order of their starts.
-- params: trace_high int, trace_low int, most int
-- columns: span_id int, parent_id int?, start_ns int, duration_ns int, kind int, status int, http_status int?,
--   service text0, name text0, source int, pack int, statement int?, own text?, more text?
SELECT s.span_id, s.parent_id, s.start_ns, s.duration_ns, s.kind, s.status, s.http_status,
       service.word AS service, name.word AS name, s.source, s.pack, s.statement, s.own, s.more
  FROM span AS s
  JOIN words AS service ON service.id = s.service
  JOIN words AS name ON name.id = s.name
 WHERE s.id IN (SELECT id FROM span WHERE trace_low = :trace_low AND trace_high = :trace_high
                 ORDER BY start_ns, id LIMIT :most)
 ORDER BY s.start_ns, s.id

-- name: trace_statements
-- Statements that its spans are of.
-- params: trace_high int, trace_low int
-- columns: kept_statement.*
SELECT id, sql_id, name, sql_text FROM statements
 WHERE id IN (SELECT statement FROM span WHERE trace_low = :trace_low AND trace_high = :trace_high)
 ORDER BY id

-- name: trace_sources
-- Who recorded them.
-- params: trace_high int, trace_low int
-- columns: kept_source.*
SELECT id, resource FROM sources
 WHERE id IN (SELECT source FROM span WHERE trace_low = :trace_low AND trace_high = :trace_high)
 ORDER BY id

-- name: trace_packs
-- What they have alike.
-- params: trace_high int, trace_low int
-- columns: kept_pack.*
SELECT id, shared, own, trace_ids, statements FROM packs
 WHERE id IN (SELECT pack FROM span WHERE trace_low = :trace_low AND trace_high = :trace_high)
 ORDER BY id
