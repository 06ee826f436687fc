-- Do spans fit what they are of (store/match.h)?

-- name: statement_spans
-- Spans of statements, in the numbers of the file. parent_state: 0 it names no parent, 1 the parent is in
-- this file, 2 it is not.
-- params: from_ns int, to_ns int, service text?
-- columns: trace_high int, trace_low int, span_id int, parent_id int?, parent_state int, start_ns int, service int,
--   pack int, statement int, module int?, action int?, own text?
SELECT s.trace_high, s.trace_low, s.span_id, s.parent_id,
       CASE WHEN s.parent_id IS NULL THEN 0
            WHEN EXISTS (SELECT 1 FROM span AS p
                          WHERE p.trace_low = s.trace_low AND p.span_id = s.parent_id) THEN 1
            ELSE 2 END AS parent_state,
       s.start_ns, s.service, s.pack, s.statement, s.module, s.action, s.own
  FROM span AS s
 WHERE s.statement IS NOT NULL
   AND s.start_ns BETWEEN :from_ns AND :to_ns
   AND (:service IS NULL OR s.service IN (SELECT id FROM words WHERE word = :service))

-- name: span_find
-- A span of a trace; no row: it is not in this file.
-- params: trace_low int, span_id int
-- columns: id int
SELECT id FROM span WHERE trace_low = :trace_low AND span_id = :span_id

-- name: questions_between
-- Questions of one service to another: of both sides when they began and how long they took. 2 and 3 are
-- OpenTelemetry's numbers of servers and clients.
-- params: from_ns int, to_ns int, service text?
-- columns: service text0, caller text0, start_ns int, duration_ns int, asked_ns int, waited_ns int, trace_high int,
--   trace_low int
SELECT service.word AS service, caller.word AS caller, s.start_ns, s.duration_ns, p.start_ns AS asked_ns,
       p.duration_ns AS waited_ns, s.trace_high, s.trace_low
  FROM span AS s
  JOIN span AS p ON p.trace_low = s.trace_low AND p.span_id = s.parent_id
  JOIN words AS service ON service.id = s.service
  JOIN words AS caller ON caller.id = p.service
 WHERE s.entry = 2 AND s.kind = 2 AND p.kind = 3 AND p.service <> s.service
   AND s.start_ns BETWEEN :from_ns AND :to_ns
   AND s.duration_ns >= 0 AND p.duration_ns >= s.duration_ns
   AND (:service IS NULL OR s.service IN (SELECT id FROM words WHERE word = :service))
