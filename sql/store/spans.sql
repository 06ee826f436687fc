-- Spans come in. What the dictionaries hold is found again by what it says, and gets a number where
-- it is new.

-- name: word_add
-- The number of a word.
-- params: word text0
-- columns: id int
INSERT INTO words (word) VALUES (:word)
    ON CONFLICT (word) DO UPDATE SET word = excluded.word
RETURNING id

-- name: statement_add
-- The number of a statement.
-- params: sql_id text0, name text0, sql_text text0
-- columns: id int
INSERT INTO statements (sql_id, name, sql_text) VALUES (:sql_id, :name, :sql_text)
    ON CONFLICT (sql_id, name, sql_text) DO UPDATE SET name = excluded.name
RETURNING id

-- name: source_add
-- The number of who records spans.
-- params: service text0, scope text0, scope_version text0, resource text
-- columns: id int
INSERT INTO sources (service, scope, scope_version, resource)
VALUES (:service, :scope, :scope_version, :resource)
    ON CONFLICT (resource, scope, scope_version, service) DO UPDATE SET scope = excluded.scope
RETURNING id

-- name: pack_add
-- The number of what spans have alike.
-- params: shared text, own text, trace_ids text, statements text
-- columns: id int
INSERT INTO packs (shared, own, trace_ids, statements)
VALUES (:shared, :own, :trace_ids, :statements)
    ON CONFLICT (shared, own, trace_ids, statements) DO UPDATE SET own = excluded.own
RETURNING id

-- name: span_add
-- A span; one that is there already stays as it is.
-- params: trace_high int, trace_low int, span_id int, parent_id int?, start_ns int, duration_ns int,
--   entry int, kind int, status int, http_status int?, service int, name int, source int, pack int,
--   statement int?, own text?, more text?, module int?, action int?, row_count int?
INSERT INTO span (trace_high, trace_low, span_id, parent_id, start_ns, duration_ns, entry, kind, status,
                  http_status, service, name, source, pack, statement, own, more, module, action, row_count)
VALUES (:trace_high, :trace_low, :span_id, :parent_id, :start_ns, :duration_ns, :entry, :kind, :status,
        :http_status, :service, :name, :source, :pack, :statement, :own, :more, :module, :action, :row_count)
    ON CONFLICT (trace_low, span_id) DO NOTHING

-- name: entry_count
-- One more entry span.
-- params: service int, name int, errors int, longest_ns int
INSERT INTO entries (service, name, total, errors, longest_ns)
VALUES (:service, :name, 1, :errors, :longest_ns)
    ON CONFLICT (service, name) DO UPDATE
       SET total = total + 1, errors = errors + excluded.errors,
           longest_ns = max(longest_ns, excluded.longest_ns)

-- name: wait_add
-- What the span that was added last waited for.
-- params: wait int, start_ns int, duration_ns int
INSERT INTO waits (span, wait, start_ns, duration_ns)
SELECT max(id), :wait, :start_ns, :duration_ns FROM span
