-- Log records come in, and are asked for by their trace.

-- name: log_add
-- A record; one that is there already stays as it is.
-- params: time_ns int, digest int, trace_high int?, trace_low int?, span_id int?, severity int,
--   severity_text int?, event int?, service int, source int, pack int, own text?, body text0?, dropped int
INSERT INTO log (time_ns, digest, trace_high, trace_low, span_id, severity, severity_text, event, service,
                 source, pack, own, body, dropped)
VALUES (:time_ns, :digest, :trace_high, :trace_low, :span_id, :severity, :severity_text, :event, :service,
        :source, :pack, :own, :body, :dropped)
    ON CONFLICT (time_ns, digest) DO NOTHING

-- name: trace_logs
-- Those of a trace, in their order.
-- params: trace_high int, trace_low int, most int
-- columns: time_ns int, span_id text?, severity text, severity_text text0?, service text0, event text0?,
--   body text0?, attributes text
SELECT v.time_ns, v.span_id, v.severity, v.severity_text, v.service, v.event, v.body, v.attributes
  FROM logs AS v
 WHERE v.id IN (SELECT l.id FROM log AS l
                 WHERE l.trace_low = :trace_low AND l.trace_high = :trace_high
                 ORDER BY l.time_ns, l.id LIMIT :most)
 ORDER BY v.time_ns, v.id
