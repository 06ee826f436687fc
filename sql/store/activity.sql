-- What one file tells of the work in databases, for sums of all files.

-- name: file_made
-- Which file it is, and its newest span; NULL without any.
-- columns: id int, newest int?
SELECT m.id, (SELECT max(id) FROM span) AS newest FROM made AS m

-- name: activity
-- Statements that ran and waits, of the spans behind `after` up to `until`, in the numbers of the file. A
-- span whose end lies before its start, or that lasted for more than `longest_ns`, is not believed.
-- params: after int, until int, longest_ns int
-- columns: start_ns int, duration_ns int, status int, row_count int, service int, module int?, action int?,
--   statement int?, wait int?, trace_high int, trace_low int, span_id int
SELECT s.start_ns, s.duration_ns, s.status, coalesce(s.row_count, 0) AS row_count, s.service, s.module,
       s.action, s.statement, NULL AS wait, s.trace_high, s.trace_low, s.span_id
  FROM span AS s
 WHERE s.id > :after AND s.id <= :until AND s.statement IS NOT NULL
   AND s.duration_ns BETWEEN 0 AND :longest_ns
 UNION ALL
SELECT w.start_ns, w.duration_ns, 0, 0, s.service, s.module, s.action, NULL, w.wait, s.trace_high,
       s.trace_low, s.span_id
  FROM waits AS w
  JOIN span AS s ON s.id = w.span
 WHERE w.span > :after AND w.span <= :until AND w.duration_ns <= :longest_ns

-- name: activity_words
-- What those numbers say; '' for what is none.
-- params: service int, module int, action int, statement int, wait int
-- columns: service text0, module text0, action text0, wait text0, sql_id text0, statement text0, sql_text text0
SELECT coalesce((SELECT word FROM words WHERE id = :service), '') AS service,
       coalesce((SELECT word FROM words WHERE id = :module), '') AS module,
       coalesce((SELECT word FROM words WHERE id = :action), '') AS action,
       coalesce((SELECT word FROM words WHERE id = :wait), '') AS wait,
       coalesce((SELECT sql_id FROM statements WHERE id = :statement), '') AS sql_id,
       coalesce((SELECT name FROM statements WHERE id = :statement), '') AS statement,
       coalesce((SELECT sql_text FROM statements WHERE id = :statement), '') AS sql_text
