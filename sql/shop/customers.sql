-- Customers as administrators see and keep them. Positions of pages are told in service/listing.h.

-- name: customers_by_name
-- A page in the order of their names; of those whose name, address or company is like `pattern` (small
-- letters, `!` escapes), null: of all.
-- params: pattern text?, name text0, id int, most int
-- columns: customer.*
SELECT id, name, email, phone, company, industry, revenue, notes, created_at, updated_at
  FROM customers
 WHERE name >= :name AND (name > :name OR id > :id)
   AND (:pattern IS NULL OR lower(name) LIKE :pattern ESCAPE '!' OR email LIKE :pattern ESCAPE '!'
        OR lower(company) LIKE :pattern ESCAPE '!')
 ORDER BY name, id
 LIMIT :most

-- name: customers_newest
-- The same, the newest first: ids grow with time.
-- params: pattern text?, id int, most int
-- columns: customer.*
SELECT id, name, email, phone, company, industry, revenue, notes, created_at, updated_at
  FROM customers
 WHERE id < :id
   AND (:pattern IS NULL OR lower(name) LIKE :pattern ESCAPE '!' OR email LIKE :pattern ESCAPE '!'
        OR lower(company) LIKE :pattern ESCAPE '!')
 ORDER BY id DESC
 LIMIT :most

-- name: customer_add
-- A new customer.
-- params: name text, email text, phone text0?, company text0?, industry text0?, revenue money,
--   notes text0?, now now
-- columns: customer.*
INSERT INTO customers (name, email, phone, company, industry, revenue, notes, created_at,
                       updated_at)
VALUES (:name, :email, :phone, :company, :industry, :revenue, :notes, :now, :now)
RETURNING id, name, email, phone, company, industry, revenue, notes, created_at, updated_at

-- name: customer_change
-- Another text for all of it but its id and when it was made; the revenue stays as it is where it is null.
-- params: id int, name text, email text, phone text0?, company text0?, industry text0?,
--   revenue money?, notes text0?, now now
-- columns: customer.*
UPDATE customers
   SET name = :name, email = :email, phone = :phone, company = :company, industry = :industry,
       revenue = coalesce(:revenue, revenue), notes = :notes, updated_at = :now
 WHERE id = :id
RETURNING id, name, email, phone, company, industry, revenue, notes, created_at, updated_at

-- name: customer_pulled
-- One whom the CRM has; none where his address is known here already.
-- params: name text, email text, phone text0?, company text0?, industry text0?, notes text, now now
INSERT INTO customers (name, email, phone, company, industry, notes, created_at, updated_at)
VALUES (:name, :email, :phone, :company, :industry, :notes, :now, :now)
ON CONFLICT (email) DO NOTHING
