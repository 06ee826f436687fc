-- Support tickets, newest first, and what is said about them. A `pattern` (small letters, `!` escapes) is
-- looked for in subject and description.

-- row: ticket
-- A ticket as lists and GET show it.
-- columns: id int, customer_id int?, customer_name text?, subject text, description text0?,
--   priority text, status text, assigned_to text?, created_at time, updated_at time

-- name: ticket_page
-- Tickets whose id is below `before`.
-- params: pattern text?, priority text?, before int, most int
-- columns: ticket.*
SELECT t.id, t.customer_id, c.name AS customer_name, t.subject, t.description, t.priority, t.status,
       t.assigned_to, t.created_at, t.updated_at
  FROM support_tickets t
  LEFT JOIN customers c ON c.id = t.customer_id
 WHERE t.id < :before
   AND (:priority IS NULL OR t.priority = :priority)
   AND (:pattern IS NULL OR lower(t.subject) LIKE :pattern ESCAPE '!'
        OR lower(t.description) LIKE :pattern ESCAPE '!')
 ORDER BY t.id DESC
 LIMIT :most

-- name: ticket_page_of_status
-- Those of a status, by its index.
-- params: status text, pattern text?, priority text?, before int, most int
-- columns: ticket.*
SELECT t.id, t.customer_id, c.name AS customer_name, t.subject, t.description, t.priority, t.status,
       t.assigned_to, t.created_at, t.updated_at
  FROM support_tickets t
  LEFT JOIN customers c ON c.id = t.customer_id
 WHERE t.status = :status AND t.id < :before
   AND (:priority IS NULL OR t.priority = :priority)
   AND (:pattern IS NULL OR lower(t.subject) LIKE :pattern ESCAPE '!'
        OR lower(t.description) LIKE :pattern ESCAPE '!')
 ORDER BY t.id DESC
 LIMIT :most

-- name: ticket_page_of_assignee
-- Those that somebody is to see to, by that index.
-- params: assigned_to text, status text?, pattern text?, priority text?,
--   before int, most int
-- columns: ticket.*
SELECT t.id, t.customer_id, c.name AS customer_name, t.subject, t.description, t.priority, t.status,
       t.assigned_to, t.created_at, t.updated_at
  FROM support_tickets t
  LEFT JOIN customers c ON c.id = t.customer_id
 WHERE t.assigned_to = :assigned_to AND t.id < :before
   AND (:status IS NULL OR t.status = :status)
   AND (:priority IS NULL OR t.priority = :priority)
   AND (:pattern IS NULL OR lower(t.subject) LIKE :pattern ESCAPE '!'
        OR lower(t.description) LIKE :pattern ESCAPE '!')
 ORDER BY t.id DESC
 LIMIT :most

-- name: ticket_page_of_customer
-- One customer's.
-- params: customer_id int, assigned_to text?, status text?, pattern text?,
--   priority text?, before int, most int
-- columns: ticket.*
SELECT t.id, t.customer_id, c.name AS customer_name, t.subject, t.description, t.priority, t.status,
       t.assigned_to, t.created_at, t.updated_at
  FROM support_tickets t
  LEFT JOIN customers c ON c.id = t.customer_id
 WHERE t.customer_id = :customer_id AND t.id < :before
   AND (:assigned_to IS NULL OR t.assigned_to = :assigned_to)
   AND (:status IS NULL OR t.status = :status)
   AND (:priority IS NULL OR t.priority = :priority)
   AND (:pattern IS NULL OR lower(t.subject) LIKE :pattern ESCAPE '!'
        OR lower(t.description) LIKE :pattern ESCAPE '!')
 ORDER BY t.id DESC
 LIMIT :most

-- name: ticket_by_id
-- One ticket.
-- params: id int
-- columns: ticket.*
SELECT t.id, t.customer_id, c.name AS customer_name, t.subject, t.description, t.priority, t.status,
       t.assigned_to, t.created_at, t.updated_at
  FROM support_tickets t
  LEFT JOIN customers c ON c.id = t.customer_id
 WHERE t.id = :id

-- name: ticket_lock
-- The same, for who is about to change it: others who are wait.
-- params: id int
-- columns: ticket.*
-- sqlite:
SELECT t.id, t.customer_id, c.name AS customer_name, t.subject, t.description, t.priority, t.status,
       t.assigned_to, t.created_at, t.updated_at
  FROM support_tickets t
  LEFT JOIN customers c ON c.id = t.customer_id
 WHERE t.id = :id
-- postgres:
SELECT t.id, t.customer_id, c.name AS customer_name, t.subject, t.description, t.priority, t.status,
       t.assigned_to, t.created_at, t.updated_at
  FROM support_tickets t
  LEFT JOIN customers c ON c.id = t.customer_id
 WHERE t.id = :id
   FOR UPDATE OF t

-- name: ticket_add
-- Opens a ticket.
-- params: customer_id int?, subject text, description text0?, priority text, assigned_to text?,
--   now now
-- columns: id int
INSERT INTO support_tickets
       (customer_id, subject, description, priority, status, assigned_to, created_at, updated_at)
VALUES (:customer_id, :subject, :description, :priority, 'open', :assigned_to, :now, :now)
RETURNING id

-- name: ticket_change
-- Sets what may change.
-- params: id int, priority text, status text, assigned_to text?, now now
UPDATE support_tickets
   SET priority = :priority, status = :status, assigned_to = :assigned_to, updated_at = :now
 WHERE id = :id

-- name: ticket_status_of
-- The status of a ticket.
-- params: id int
-- columns: status text
SELECT status FROM support_tickets WHERE id = :id

-- name: ticket_hold
-- Until the end of the transaction nobody else changes a ticket or adds to what is said about it. Gives no
-- row, so that it travels with what is asked next.
-- params: id int
UPDATE support_tickets SET status = status WHERE id = :id

-- name: ticket_message_add
-- Adds to what is said about a ticket; no row: there is none, or it is closed.
-- params: ticket_id int, author text, content text, now now
-- columns: id int, created_at time
INSERT INTO support_ticket_messages (ticket_id, author, content, created_at)
SELECT t.id, :author, :content, :now
  FROM support_tickets t
 WHERE t.id = :ticket_id AND t.status <> 'closed'
RETURNING id, created_at

-- name: ticket_message_page
-- What was said about a ticket behind the message `after`, in that order.
-- params: ticket_id int, after int, most int
-- columns: id int, author text, content text, created_at time
SELECT id, author, content, created_at
  FROM support_ticket_messages
 WHERE ticket_id = :ticket_id AND id > :after
 ORDER BY id
 LIMIT :most

-- name: ticket_to_recommend_by
-- The ticket, or where none is named the customer's newest.
-- params: id int?, customer_id int?
-- columns: id int, customer_id int?
SELECT id, customer_id
  FROM support_tickets
 WHERE (:id IS NULL OR id = :id)
   AND (:id IS NOT NULL OR customer_id = :customer_id)
 ORDER BY id DESC
 LIMIT 1
