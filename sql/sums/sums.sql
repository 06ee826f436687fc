-- Sums are made, and what is too old goes.

-- name: summed_find
-- Up to which span the file is summed up; no row: nothing of it is.
-- params: hour int, made int
-- columns: span int
SELECT span FROM summed WHERE hour = :hour AND made = :made

-- name: summed_advance
-- Changes nothing where somebody else has summed up meanwhile.
-- params: hour int, made int, after int, until int
INSERT INTO summed (hour, made, span) VALUES (:hour, :made, :until)
    ON CONFLICT (hour, made) DO UPDATE SET span = excluded.span WHERE summed.span = :after

-- name: subject_add
-- The number of a subject.
-- params: service text0, module text0, action text0, sql_id text0, statement text0, wait text0
-- columns: id int
INSERT INTO subjects (service, module, action, sql_id, statement, wait)
VALUES (:service, :module, :action, :sql_id, :statement, :wait)
    ON CONFLICT (sql_id, action, module, service, statement, wait) DO UPDATE SET wait = excluded.wait
RETURNING id

-- name: text_add
-- The text of a statement, unless it is known.
-- params: sql_id text, sql_text text0
INSERT INTO texts (sql_id, sql_text) VALUES (:sql_id, :sql_text)
    ON CONFLICT (sql_id) DO NOTHING

-- name: sum_add
-- What a period has more of a subject.
-- params: length_s int, subject int, start_s int, executions int, failures int, row_count int,
--   total_ns int, squares real, longest_ns int, active_ns int
INSERT INTO sums (length_s, subject, start_s, executions, failures, row_count, total_ns, squares,
                  longest_ns, active_ns)
VALUES (:length_s, :subject, :start_s, :executions, :failures, :row_count, :total_ns, :squares,
        :longest_ns, :active_ns)
    ON CONFLICT (length_s, subject, start_s) DO UPDATE
       SET executions = executions + excluded.executions, failures = failures + excluded.failures,
           row_count = row_count + excluded.row_count, total_ns = total_ns + excluded.total_ns,
           squares = squares + excluded.squares, longest_ns = max(longest_ns, excluded.longest_ns),
           active_ns = active_ns + excluded.active_ns

-- name: step_add
-- How many more took as long.
-- params: length_s int, subject int, start_s int, step int, executions int
INSERT INTO steps (length_s, subject, start_s, step, executions)
VALUES (:length_s, :subject, :start_s, :step, :executions)
    ON CONFLICT (length_s, subject, start_s, step) DO UPDATE
       SET executions = executions + excluded.executions

-- name: example_put
-- In the place of the one before.
-- params: subject int, start_s int, is_failed int, step int, trace_high int, trace_low int,
--   span_id int, start_ns int, duration_ns int
INSERT INTO examples (subject, start_s, is_failed, step, trace_high, trace_low, span_id, start_ns,
                      duration_ns)
VALUES (:subject, :start_s, :is_failed, :step, :trace_high, :trace_low, :span_id, :start_ns,
        :duration_ns)
    ON CONFLICT (subject, start_s, is_failed, step) DO UPDATE
       SET trace_high = excluded.trace_high, trace_low = excluded.trace_low,
           span_id = excluded.span_id, start_ns = excluded.start_ns,
           duration_ns = excluded.duration_ns

-- name: sums_sweep
-- Periods of one length that began before.
-- params: length_s int, before_s int
DELETE FROM sums
 WHERE length_s = :length_s AND subject IN (SELECT id FROM subjects) AND start_s < :before_s

-- name: steps_sweep
-- Their steps.
-- params: length_s int, before_s int
DELETE FROM steps
 WHERE length_s = :length_s AND subject IN (SELECT id FROM subjects) AND start_s < :before_s

-- name: examples_sweep
-- Of hours that began before.
-- params: before_s int
DELETE FROM examples WHERE subject IN (SELECT id FROM subjects) AND start_s < :before_s

-- name: summed_sweep
-- Files of hours before.
-- params: before_hour int
DELETE FROM summed WHERE hour < :before_hour

-- name: subjects_sweep
-- Nothing is counted of them any more.
DELETE FROM subjects
 WHERE NOT EXISTS (SELECT 1 FROM sums WHERE length_s = 86400 AND subject = subjects.id)

-- name: texts_sweep
-- Of statements that nothing is counted of.
DELETE FROM texts WHERE sql_id NOT IN (SELECT sql_id FROM subjects)

-- name: sums_bytes_in_use
-- Of the file: what was removed leaves room for what comes.
-- columns: used int
SELECT (pages.page_count - spare.freelist_count) * size.page_size AS used
  FROM pragma_page_count AS pages, pragma_freelist_count AS spare, pragma_page_size AS size

-- name: subjects_longest_ago
-- Those that were counted last the longest time ago.
-- params: most int
-- columns: subject int
SELECT j.id AS subject
  FROM subjects AS j
 ORDER BY (SELECT max(start_s) FROM sums WHERE length_s = 60 AND subject = j.id),
          (SELECT max(start_s) FROM sums WHERE length_s = 3600 AND subject = j.id), j.id
 LIMIT :most

-- name: sums_forget
-- All of a subject.
-- params: subject int
DELETE FROM sums WHERE length_s IN (60, 3600, 86400) AND subject = :subject

-- name: steps_forget
-- The same.
-- params: subject int
DELETE FROM steps WHERE length_s IN (60, 3600, 86400) AND subject = :subject

-- name: examples_forget
-- The same.
-- params: subject int
DELETE FROM examples WHERE subject = :subject

-- name: text_forget
-- The text that it alone has.
-- params: subject int
DELETE FROM texts
 WHERE sql_id = (SELECT sql_id FROM subjects WHERE id = :subject)
   AND NOT EXISTS (SELECT 1 FROM subjects AS j WHERE j.sql_id = texts.sql_id AND j.id <> :subject)

-- name: subject_forget
-- The subject itself.
-- params: subject int
DELETE FROM subjects WHERE id = :subject
