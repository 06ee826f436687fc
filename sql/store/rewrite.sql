-- A file is written anew without what some services have in it: rows go from one file to the other as lists
-- of JSON, a list of values each, with the numbers that they have. `without` is a list of services' numbers.

-- row: json_list
-- Rows, or numbers.
-- columns: list text

-- row: json_rows
-- Rows, and the number of the last; 0 without any.
-- columns: list text, last int

-- name: rewrite_spans
-- Spans behind `after`.
-- params: after int, without text, most int
-- columns: json_rows.*
SELECT json_group_array(json_array(id, trace_high, trace_low, span_id, parent_id, start_ns, duration_ns,
                                   entry, kind, status, http_status, service, name, source, pack, statement,
                                   own, more, module, action, row_count)) AS list,
       coalesce(max(id), 0) AS last
  FROM (SELECT *
          FROM span
         WHERE id > :after AND service NOT IN (SELECT value FROM json_each(:without))
         ORDER BY id
         LIMIT :most) AS kept

-- name: rewrite_put_spans
-- The other side of it.
-- params: list text
INSERT INTO span (id, trace_high, trace_low, span_id, parent_id, start_ns, duration_ns, entry, kind, status,
                  http_status, service, name, source, pack, statement, own, more, module, action, row_count)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
       value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14,
       value ->> 15, value ->> 16, value ->> 17, value ->> 18, value ->> 19, value ->> 20
  FROM json_each(:list)

-- name: rewrite_waits
-- What spans behind `after` up to `until` waited for.
-- params: after int, until int, without text
-- columns: json_list.*
SELECT json_group_array(json_array(w.span, w.wait, w.start_ns, w.duration_ns)) AS list
  FROM waits AS w
  JOIN span AS s ON s.id = w.span
 WHERE w.span > :after AND w.span <= :until AND s.service NOT IN (SELECT value FROM json_each(:without))

-- name: rewrite_put_waits
-- The other side of it.
-- params: list text
INSERT INTO waits (span, wait, start_ns, duration_ns)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(:list)

-- name: rewrite_logs
-- Log records behind `after`.
-- params: after int, without text, most int
-- columns: json_rows.*
SELECT json_group_array(json_array(id, time_ns, digest, trace_high, trace_low, span_id, severity, severity_text,
                                   event, service, source, pack, own, body, dropped)) AS list,
       coalesce(max(id), 0) AS last
  FROM (SELECT *
          FROM log
         WHERE id > :after AND service NOT IN (SELECT value FROM json_each(:without))
         ORDER BY id
         LIMIT :most) AS kept

-- name: rewrite_put_logs
-- The other side of it.
-- params: list text
INSERT INTO log (id, time_ns, digest, trace_high, trace_low, span_id, severity, severity_text, event, service,
                 source, pack, own, body, dropped)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
       value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14
  FROM json_each(:list)

-- name: rewrite_entries
-- Sums of entry spans.
-- params: without text
-- columns: json_list.*
SELECT json_group_array(json_array(service, name, total, errors, longest_ns)) AS list
  FROM entries
 WHERE service NOT IN (SELECT value FROM json_each(:without))

-- name: rewrite_put_entries
-- In the place of what is there.
-- params: list text
INSERT OR REPLACE INTO entries (service, name, total, errors, longest_ns)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(:list)

-- name: rewrite_senders
-- Who has how much.
-- params: without text
-- columns: json_list.*
SELECT json_group_array(json_array(service, spans, log_records, bytes)) AS list
  FROM senders
 WHERE service NOT IN (SELECT value FROM json_each(:without))

-- name: rewrite_put_senders
-- In the place of what is there.
-- params: list text
INSERT OR REPLACE INTO senders (service, spans, log_records, bytes)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(:list)

-- name: rewrite_used_words
-- Numbers of words that what was written needs.
-- columns: json_list.*
SELECT json_group_array(id) AS list
  FROM (SELECT service AS id FROM span
         UNION SELECT name FROM span
         UNION SELECT module FROM span WHERE module IS NOT NULL
         UNION SELECT action FROM span WHERE action IS NOT NULL
         UNION SELECT wait FROM waits
         UNION SELECT service FROM log
         UNION SELECT severity_text FROM log WHERE severity_text IS NOT NULL
         UNION SELECT event FROM log WHERE event IS NOT NULL
         UNION SELECT service FROM senders
         UNION SELECT name FROM entries) AS used

-- name: rewrite_words
-- Those words.
-- params: used text
-- columns: json_list.*
SELECT json_group_array(json_array(id, word)) AS list
  FROM words
 WHERE id IN (SELECT value FROM json_each(:used))

-- name: rewrite_put_words
-- Those of them that are not there yet.
-- params: list text
INSERT OR IGNORE INTO words (id, word) SELECT value ->> 0, value ->> 1 FROM json_each(:list)

-- name: rewrite_used_statements
-- The same of statements.
-- columns: json_list.*
SELECT json_group_array(id) AS list
  FROM (SELECT DISTINCT statement AS id FROM span WHERE statement IS NOT NULL) AS used

-- name: rewrite_statements
-- Those statements.
-- params: used text
-- columns: json_list.*
SELECT json_group_array(json_array(id, sql_id, name, sql_text)) AS list
  FROM statements
 WHERE id IN (SELECT value FROM json_each(:used))

-- name: rewrite_put_statements
-- Those of them that are not there yet.
-- params: list text
INSERT OR IGNORE INTO statements (id, sql_id, name, sql_text)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(:list)

-- name: rewrite_used_sources
-- The same of who recorded it.
-- columns: json_list.*
SELECT json_group_array(id) AS list
  FROM (SELECT source AS id FROM span UNION SELECT source FROM log) AS used

-- name: rewrite_sources
-- Those sources.
-- params: used text
-- columns: json_list.*
SELECT json_group_array(json_array(id, service, scope, scope_version, resource)) AS list
  FROM sources
 WHERE id IN (SELECT value FROM json_each(:used))

-- name: rewrite_put_sources
-- Those of them that are not there yet.
-- params: list text
INSERT OR IGNORE INTO sources (id, service, scope, scope_version, resource)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(:list)

-- name: rewrite_used_packs
-- The same of what spans and log records have alike.
-- columns: json_list.*
SELECT json_group_array(id) AS list
  FROM (SELECT pack AS id FROM span UNION SELECT pack FROM log) AS used

-- name: rewrite_packs
-- Those packs.
-- params: used text
-- columns: json_list.*
SELECT json_group_array(json_array(id, shared, own, trace_ids, statements)) AS list
  FROM packs
 WHERE id IN (SELECT value FROM json_each(:used))

-- name: rewrite_put_packs
-- Those of them that are not there yet.
-- params: list text
INSERT OR IGNORE INTO packs (id, shared, own, trace_ids, statements)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(:list)
