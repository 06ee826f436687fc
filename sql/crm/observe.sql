-- What the portal shows of its own state, beside what sql/core/health.sql counts.

-- name: portal_counts
-- How many rows the portal's own tables hold.
-- columns: invoices int, support_tickets int, storefronts int
SELECT (SELECT COUNT(*) FROM invoices) AS invoices,
       (SELECT COUNT(*) FROM support_tickets) AS support_tickets,
       (SELECT COUNT(*) FROM storefronts) AS storefronts

-- name: portal_activity
-- What has happened since a time, and how many sessions are valid.
-- params: since time, now now
-- columns: orders_updated int, sync_operations int, sessions int
SELECT (SELECT COUNT(*) FROM orders WHERE updated_at >= :since) AS orders_updated,
       (SELECT COUNT(*) FROM order_sync_audit WHERE created_at >= :since) AS sync_operations,
       (SELECT COUNT(*) FROM user_sessions WHERE expires_at > :now) AS sessions

-- name: portal_sync_failures
-- Lines of the synchronisation's audit trail that tell of a failure.
-- columns: count.*
SELECT COUNT(*) AS total
  FROM order_sync_audit
 WHERE sync_status <> 'success' AND sync_status = 'failed'
