-- Ids of carts, and what else browsers sent under the name session_id, stood in clear in tables that
-- are read by others than their owners. Now a cart is known by the SHA-256 of its id, and in records
-- by the first digits of that, so none of the old carts can be opened any more: what they held is
-- removed. What the figures count stays, under names that open nothing. Of the audit trail it is the
-- one member that is erased, and no row.
-- sqlite:
DELETE FROM cart_items;
UPDATE cart_sessions SET session_id = 'erased-' || lower(hex(randomblob(16)));
UPDATE page_views
   SET session_id = 'erased-' || visitor.first_id
  FROM (SELECT session_id, min(id) AS first_id FROM page_views GROUP BY session_id) visitor
 WHERE page_views.session_id = visitor.session_id;

UPDATE security_events
   SET session_id = NULL,
       payload = CASE WHEN payload LIKE '%session_id%' THEN '[erased]' ELSE payload END
 WHERE session_id IS NOT NULL OR payload LIKE '%session_id%';

UPDATE idempotency_keys
   SET body = CASE WHEN json_valid(body) THEN json_remove(body, '$.session_id') ELSE '' END
 WHERE body LIKE '%"session_id"%';

DROP TRIGGER audit_logs_no_update;
UPDATE audit_logs
   SET details = CASE WHEN json_valid(details) THEN json_remove(details, '$.session_id') END
 WHERE details LIKE '%"session_id"%';
CREATE TRIGGER audit_logs_no_update BEFORE UPDATE ON audit_logs
BEGIN
    SELECT RAISE(ABORT, 'audit_logs is append-only');
END;

-- postgres:
DELETE FROM cart_items;
UPDATE cart_sessions SET session_id = 'erased-' || replace(gen_random_uuid()::text, '-', '');
UPDATE page_views
   SET session_id = 'erased-' || visitor.first_id
  FROM (SELECT session_id, min(id) AS first_id FROM page_views GROUP BY session_id) visitor
 WHERE page_views.session_id = visitor.session_id;

UPDATE security_events
   SET session_id = NULL,
       payload = CASE WHEN payload LIKE '%session_id%' THEN '[erased]' ELSE payload END
 WHERE session_id IS NOT NULL OR payload LIKE '%session_id%';

UPDATE idempotency_keys
   SET body = regexp_replace(body, ',"session_id":"[^"]*"', '')
 WHERE body LIKE '%"session_id"%';

ALTER TABLE audit_logs DISABLE TRIGGER audit_logs_append_only;
UPDATE audit_logs
   SET details = regexp_replace(details, ',"session_id":(null|"[^"]*")', '')
 WHERE details LIKE '%"session_id"%';
ALTER TABLE audit_logs ENABLE TRIGGER audit_logs_append_only;
