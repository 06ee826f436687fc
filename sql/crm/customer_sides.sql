-- One customer from all sides: figures, and what happened in order of time.

-- name: customer_figures
-- What a customer bought, owes and waits for. What was cancelled, refunded or has failed was not bought.
-- params: id int, now now
-- columns: name text, email text, company text0?, orders int, bought money, backlog int,
--   last_order time?, invoices_open int, owed money, overdue money, paid money, tickets int,
--   tickets_open int
SELECT c.name, c.email, c.company, o.orders, o.bought, o.backlog, o.last_order, i.invoices_open,
       i.owed, i.overdue, i.paid, t.tickets, t.tickets_open
  FROM customers c,
       (SELECT COUNT(CASE WHEN status NOT IN ('cancelled', 'refunded', 'failed') THEN 1 END)
                   AS orders,
               COALESCE(SUM(CASE WHEN status NOT IN ('cancelled', 'refunded', 'failed')
                                 THEN total END), 0) AS bought,
               COUNT(CASE WHEN backlog_status = 'backlog' THEN 1 END) AS backlog,
               MAX(CASE WHEN status NOT IN ('cancelled', 'refunded', 'failed')
                        THEN created_at END) AS last_order
          FROM orders WHERE customer_id = :id) o,
       (SELECT COUNT(CASE WHEN status IN ('unpaid', 'pending', 'overdue') THEN 1 END)
                   AS invoices_open,
               COALESCE(SUM(CASE WHEN status IN ('unpaid', 'pending', 'overdue')
                                 THEN amount + tax END), 0) AS owed,
               COALESCE(SUM(CASE WHEN status IN ('unpaid', 'pending', 'overdue') AND due_date < :now
                                 THEN amount + tax END), 0) AS overdue,
               COALESCE(SUM(CASE WHEN status = 'paid' THEN amount + tax END), 0) AS paid
          FROM invoices WHERE customer_id = :id) i,
       (SELECT COUNT(*) AS tickets,
               COUNT(CASE WHEN status IN ('open', 'in_progress') THEN 1 END) AS tickets_open
          FROM support_tickets WHERE customer_id = :id) t
 WHERE c.id = :id

-- name: customer_timeline
-- What happened with a customer, newest first, before the moment `at` or at it and below `place`: the row's
-- id and which of the seven kinds it is, so that no two have the same.
-- params: customer_id int, kind text?, at time, place int, most int
-- columns: kind text, at time, place int, ref_id int, label text, amount money?, status text?
SELECT e.kind, e.at, e.place, e.ref_id, e.label, e.amount, e.status
  FROM (SELECT 'order_placed' AS kind, o.created_at AS at, o.id * 8 AS place, o.id AS ref_id,
               o.source_system AS label, o.total AS amount, o.status AS status
          FROM orders o WHERE o.customer_id = :customer_id
         UNION ALL
        SELECT 'invoice_issued', i.issued_at, i.id * 8 + 1, i.id, i.invoice_number, i.amount + i.tax,
               NULL
          FROM invoices i WHERE i.customer_id = :customer_id AND i.issued_at IS NOT NULL
         UNION ALL
        SELECT 'invoice_paid', i.paid_at, i.id * 8 + 2, i.id, i.invoice_number, i.amount + i.tax,
               NULL
          FROM invoices i WHERE i.customer_id = :customer_id AND i.paid_at IS NOT NULL
         UNION ALL
        SELECT 'invoice_voided', i.voided_at, i.id * 8 + 3, i.id, i.invoice_number, i.amount + i.tax,
               NULL
          FROM invoices i WHERE i.customer_id = :customer_id AND i.voided_at IS NOT NULL
         UNION ALL
        SELECT 'ticket_opened', t.created_at, t.id * 8 + 4, t.id, t.subject, NULL, t.status
          FROM support_tickets t WHERE t.customer_id = :customer_id
         UNION ALL
        SELECT 'ticket_message', m.created_at, m.id * 8 + 5, t.id, m.author, NULL, NULL
          FROM support_tickets t
          JOIN support_ticket_messages m ON m.ticket_id = t.id
         WHERE t.customer_id = :customer_id
         UNION ALL
        SELECT 'lead_captured', l.created_at, l.id * 8 + 6, l.id, COALESCE(l.source, 'lead'), NULL,
               l.status
          FROM leads l WHERE l.customer_id = :customer_id) e
 WHERE (:kind IS NULL OR e.kind = :kind)
   AND e.at <= :at AND (e.at < :at OR e.place < :place)
 ORDER BY e.at DESC, e.place DESC
 LIMIT :most
