-- Tickets of customers and what was written in them. Positions of pages are told in service/listing.h.

-- row: ticket
-- A ticket with one of its newest messages, and as many rows as it has of those: `shown` at most. Without
-- messages it is one row, in which they are null.
-- columns: id int, customer_id int?, customer_name text?, customer_email text?, title text,
--   status text, priority text, product_id int?, service_id int?, created_at time, updated_at time,
--   message_count int, message_id int?, sender_type text?, content text?, sent_at time?

-- name: tickets_newest
-- A page of all tickets, the newest first: ids grow with time. Each filter may be left out.
-- params: status text?, priority text?, id int, most int, shown int
-- columns: ticket.*
SELECT t.id, t.customer_id, c.name AS customer_name, c.email AS customer_email, t.title, t.status,
       t.priority, t.product_id, t.service_id, t.created_at, t.updated_at, t.message_count,
       m.id AS message_id, m.sender_type, m.content, m.created_at AS sent_at
  FROM (SELECT k.*,
               (SELECT count(*) FROM ticket_messages n WHERE n.ticket_id = k.id) AS message_count,
               (SELECT x.id FROM ticket_messages x WHERE x.ticket_id = k.id
                 ORDER BY x.id DESC LIMIT 1 OFFSET :shown) AS hidden_id
          FROM tickets k
         WHERE k.id < :id
           AND (:status IS NULL OR k.status = :status)
           AND (:priority IS NULL OR k.priority = :priority)
         ORDER BY k.id DESC
         LIMIT :most) t
  LEFT JOIN customers c ON c.id = t.customer_id
  LEFT JOIN ticket_messages m ON m.ticket_id = t.id AND m.id > coalesce(t.hidden_id, 0)
 ORDER BY t.id DESC, m.id

-- name: tickets_oldest
-- The same the other way round: who has waited longest.
-- params: status text?, priority text?, id int, most int, shown int
-- columns: ticket.*
SELECT t.id, t.customer_id, c.name AS customer_name, c.email AS customer_email, t.title, t.status,
       t.priority, t.product_id, t.service_id, t.created_at, t.updated_at, t.message_count,
       m.id AS message_id, m.sender_type, m.content, m.created_at AS sent_at
  FROM (SELECT k.*,
               (SELECT count(*) FROM ticket_messages n WHERE n.ticket_id = k.id) AS message_count,
               (SELECT x.id FROM ticket_messages x WHERE x.ticket_id = k.id
                 ORDER BY x.id DESC LIMIT 1 OFFSET :shown) AS hidden_id
          FROM tickets k
         WHERE k.id > :id
           AND (:status IS NULL OR k.status = :status)
           AND (:priority IS NULL OR k.priority = :priority)
         ORDER BY k.id
         LIMIT :most) t
  LEFT JOIN customers c ON c.id = t.customer_id
  LEFT JOIN ticket_messages m ON m.ticket_id = t.id AND m.id > coalesce(t.hidden_id, 0)
 ORDER BY t.id, m.id

-- name: tickets_newest_of
-- A page of one customer's tickets, the newest first.
-- params: customer_id int, status text?, priority text?, id int, most int, shown int
-- columns: ticket.*
SELECT t.id, t.customer_id, c.name AS customer_name, c.email AS customer_email, t.title, t.status,
       t.priority, t.product_id, t.service_id, t.created_at, t.updated_at, t.message_count,
       m.id AS message_id, m.sender_type, m.content, m.created_at AS sent_at
  FROM (SELECT k.*,
               (SELECT count(*) FROM ticket_messages n WHERE n.ticket_id = k.id) AS message_count,
               (SELECT x.id FROM ticket_messages x WHERE x.ticket_id = k.id
                 ORDER BY x.id DESC LIMIT 1 OFFSET :shown) AS hidden_id
          FROM tickets k
         WHERE k.customer_id = :customer_id AND k.id < :id
           AND (:status IS NULL OR k.status = :status)
           AND (:priority IS NULL OR k.priority = :priority)
         ORDER BY k.id DESC
         LIMIT :most) t
  LEFT JOIN customers c ON c.id = t.customer_id
  LEFT JOIN ticket_messages m ON m.ticket_id = t.id AND m.id > coalesce(t.hidden_id, 0)
 ORDER BY t.id DESC, m.id

-- name: tickets_oldest_of
-- The same the other way round.
-- params: customer_id int, status text?, priority text?, id int, most int, shown int
-- columns: ticket.*
SELECT t.id, t.customer_id, c.name AS customer_name, c.email AS customer_email, t.title, t.status,
       t.priority, t.product_id, t.service_id, t.created_at, t.updated_at, t.message_count,
       m.id AS message_id, m.sender_type, m.content, m.created_at AS sent_at
  FROM (SELECT k.*,
               (SELECT count(*) FROM ticket_messages n WHERE n.ticket_id = k.id) AS message_count,
               (SELECT x.id FROM ticket_messages x WHERE x.ticket_id = k.id
                 ORDER BY x.id DESC LIMIT 1 OFFSET :shown) AS hidden_id
          FROM tickets k
         WHERE k.customer_id = :customer_id AND k.id > :id
           AND (:status IS NULL OR k.status = :status)
           AND (:priority IS NULL OR k.priority = :priority)
         ORDER BY k.id
         LIMIT :most) t
  LEFT JOIN customers c ON c.id = t.customer_id
  LEFT JOIN ticket_messages m ON m.ticket_id = t.id AND m.id > coalesce(t.hidden_id, 0)
 ORDER BY t.id, m.id

-- name: ticket_by_id
-- One ticket.
-- params: id int, shown int
-- columns: ticket.*
SELECT t.id, t.customer_id, c.name AS customer_name, c.email AS customer_email, t.title, t.status,
       t.priority, t.product_id, t.service_id, t.created_at, t.updated_at, t.message_count,
       m.id AS message_id, m.sender_type, m.content, m.created_at AS sent_at
  FROM (SELECT k.*,
               (SELECT count(*) FROM ticket_messages n WHERE n.ticket_id = k.id) AS message_count,
               (SELECT x.id FROM ticket_messages x WHERE x.ticket_id = k.id
                 ORDER BY x.id DESC LIMIT 1 OFFSET :shown) AS hidden_id
          FROM tickets k
         WHERE k.id = :id) t
  LEFT JOIN customers c ON c.id = t.customer_id
  LEFT JOIN ticket_messages m ON m.ticket_id = t.id AND m.id > coalesce(t.hidden_id, 0)
 ORDER BY m.id

-- name: ticket_hold
-- Until the end of the transaction nobody else changes a ticket or writes in it. Gives no row, so that it
-- travels with what is asked next.
-- params: id int
UPDATE tickets SET status = status WHERE id = :id

-- name: ticket_add
-- A new ticket of a customer; no row: there is no such customer.
-- params: customer_id int, title text, priority text, product_id int?, service_id int?, now now
-- columns: id int
INSERT INTO tickets (customer_id, title, status, priority, product_id, service_id, created_at,
                     updated_at)
SELECT id, :title, 'open', :priority, :product_id, :service_id, :now, :now
  FROM customers
 WHERE id = :customer_id
RETURNING id

-- name: ticket_add_of
-- The same of the customer with this e-mail address, who is the one with that id where one is given.
-- params: email text, customer_id int?, title text, priority text, product_id int?, service_id int?,
--   now now
-- columns: id int
INSERT INTO tickets (customer_id, title, status, priority, product_id, service_id, created_at,
                     updated_at)
SELECT id, :title, 'open', :priority, :product_id, :service_id, :now, :now
  FROM customers
 WHERE email = :email AND (:customer_id IS NULL OR id = :customer_id)
RETURNING id

-- name: ticket_change
-- Changes what is given and keeps the rest.
-- params: id int, status text?, priority text?, now now
UPDATE tickets
   SET status = coalesce(:status, status), priority = coalesce(:priority, priority),
       updated_at = :now
 WHERE id = :id

-- row: ticket_message
-- What somebody wrote.
-- columns: id int, ticket_id int, sender_type text, content text, created_at time

-- name: ticket_message_add
-- One more message.
-- params: ticket_id int, sender_type text, content text, now now
-- columns: ticket_message.*
INSERT INTO ticket_messages (ticket_id, sender_type, content, created_at)
VALUES (:ticket_id, :sender_type, :content, :now)
RETURNING id, ticket_id, sender_type, content, created_at

-- name: ticket_messages_oldest
-- A page of a ticket's messages in the order in which they came.
-- params: ticket_id int, id int, most int
-- columns: ticket_message.*
SELECT id, ticket_id, sender_type, content, created_at
  FROM ticket_messages
 WHERE ticket_id = :ticket_id AND id > :id
 ORDER BY id
 LIMIT :most

-- name: ticket_messages_newest
-- The same the other way round.
-- params: ticket_id int, id int, most int
-- columns: ticket_message.*
SELECT id, ticket_id, sender_type, content, created_at
  FROM ticket_messages
 WHERE ticket_id = :ticket_id AND id < :id
 ORDER BY id DESC
 LIMIT :most

-- name: ticket_owner
-- Whose a ticket is, and how it stands.
-- params: id int
-- columns: status text, customer_email text?
SELECT t.status, c.email AS customer_email
  FROM tickets t
  LEFT JOIN customers c ON c.id = t.customer_id
 WHERE t.id = :id
