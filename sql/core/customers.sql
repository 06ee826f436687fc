-- Customers, as both services have them.

-- row: customer
-- A customer with all that is kept of him.
-- columns: id int, name text, email text, phone text0?, company text0?, industry text0?,
--   revenue money, notes text0?, created_at time, updated_at time

-- name: customer_whole
-- One customer.
-- params: id int
-- columns: customer.*
SELECT id, name, email, phone, company, industry, revenue, notes, created_at, updated_at
  FROM customers
 WHERE id = :id

-- name: customer_to_change
-- The same; until the end of the transaction nobody else changes him.
-- params: id int
-- columns: customer.*
-- sqlite:
SELECT id, name, email, phone, company, industry, revenue, notes, created_at, updated_at
  FROM customers
 WHERE id = :id
-- postgres:
SELECT id, name, email, phone, company, industry, revenue, notes, created_at, updated_at
  FROM customers
 WHERE id = :id
   FOR NO KEY UPDATE

-- name: customer_or_first
-- The customer of that id, or where none is named the first one.
-- params: id int?
-- columns: id int, name text, email text
SELECT id, name, email
  FROM customers
 WHERE (:id IS NULL OR id = :id)
 ORDER BY id
 LIMIT 1
