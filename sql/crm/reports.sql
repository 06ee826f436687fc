-- Reports that somebody has saved: one of the queries of report_queries.sql under a name, with its
-- parameters.

-- row: report
-- `query` is the name of an allowed query, `parameters` an object of texts in JSON.
-- columns: id int, name text, report_type text?, query text?, parameters text?, created_by int?,
--   created_at time

-- name: report_page
-- Saved reports whose id is below `before`, newest first.
-- params: before int, most int
-- columns: report.*
SELECT id, name, report_type, query, parameters, created_by, created_at
  FROM reports
 WHERE id < :before
 ORDER BY id DESC
 LIMIT :most

-- name: report_by_id
-- One of them.
-- params: id int
-- columns: report.*
SELECT id, name, report_type, query, parameters, created_by, created_at
  FROM reports
 WHERE id = :id

-- name: report_add
-- Saves one.
-- params: name text, query text, parameters text?, created_by int?, now now
-- columns: id int
INSERT INTO reports (name, report_type, query, parameters, created_by, created_at)
VALUES (:name, 'custom', :query, :parameters, :created_by, :now)
RETURNING id

-- name: report_remove
-- Forgets one.
-- params: id int
DELETE FROM reports WHERE id = :id
