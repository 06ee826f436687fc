-- Customers as the portal shows and changes them. E-mail addresses come here normalised.

-- name: customer_page
-- Customers in order of name.
-- params: limit int, offset int
-- columns: customer.*
SELECT id, name, email, phone, company, industry, revenue, notes, created_at, updated_at
  FROM customers
 ORDER BY name, id
 LIMIT :limit OFFSET :offset

-- name: customer_search
-- Customers whose name or e-mail is like `pattern` (small letters, `!` escapes), in any order.
-- params: pattern text?, sort text, is_descending bool, limit int, offset int
-- columns: customer.*
SELECT id, name, email, phone, company, industry, revenue, notes, created_at, updated_at
  FROM customers
 WHERE :pattern IS NULL
    OR lower(name) LIKE :pattern ESCAPE '!'
    OR email LIKE :pattern ESCAPE '!'
 ORDER BY CASE WHEN NOT :is_descending THEN
               CASE :sort WHEN 'name' THEN name WHEN 'email' THEN email
                          WHEN 'company' THEN company END
          END NULLS FIRST,
          CASE WHEN :is_descending THEN
               CASE :sort WHEN 'name' THEN name WHEN 'email' THEN email
                          WHEN 'company' THEN company END
          END DESC NULLS LAST,
          CASE WHEN :sort = 'revenue' AND NOT :is_descending THEN revenue END,
          CASE WHEN :sort = 'revenue' AND :is_descending THEN revenue END DESC,
          CASE WHEN NOT :is_descending THEN
               CASE :sort WHEN 'created_at' THEN created_at WHEN 'updated_at' THEN updated_at END
          END,
          CASE WHEN :is_descending THEN
               CASE :sort WHEN 'created_at' THEN created_at WHEN 'updated_at' THEN updated_at END
          END DESC,
          CASE WHEN :is_descending THEN id END DESC,
          id
 LIMIT :limit OFFSET :offset

-- name: customer_search_count
-- How many customers customer_search finds; all of them without a pattern.
-- params: pattern text?
-- columns: count.*
SELECT COUNT(*) AS total
  FROM customers
 WHERE :pattern IS NULL
    OR lower(name) LIKE :pattern ESCAPE '!'
    OR email LIKE :pattern ESCAPE '!'

-- name: customer_count
-- How many customers there are.
-- columns: count.*
SELECT COUNT(*) AS total FROM customers

-- name: customer_by_email
-- The customer with this normalised address.
-- params: email text
-- columns: customer.*
SELECT id, name, email, phone, company, industry, revenue, notes, created_at, updated_at
  FROM customers
 WHERE email = :email

-- name: customer_add
-- A new customer.
-- params: name text, email text, phone text0?, company text0?, industry text0?, revenue money,
--   notes text0?, now now
-- columns: id int
INSERT INTO customers
       (name, email, phone, company, industry, revenue, notes, created_at, updated_at)
VALUES (:name, :email, :phone, :company, :industry, :revenue, :notes, :now, :now)
RETURNING id

-- name: customer_change
-- Changes what is given and keeps the rest.
-- params: id int, name text?, email text?, phone text0?, company text0?, industry text0?,
--   revenue money?, notes text0?, now now
UPDATE customers
   SET name = COALESCE(:name, name), email = COALESCE(:email, email),
       phone = COALESCE(:phone, phone), company = COALESCE(:company, company),
       industry = COALESCE(:industry, industry), revenue = COALESCE(:revenue, revenue),
       notes = COALESCE(:notes, notes), updated_at = :now
 WHERE id = :id
-- oracle:
UPDATE customers
   SET name = COALESCE(:name, name), email = COALESCE(:email, email),
       phone = COALESCE(:phone, phone), company = COALESCE(:company, company),
       industry = COALESCE(:industry, industry), revenue = COALESCE(:revenue, revenue),
       notes = CASE WHEN :notes IS NULL THEN notes ELSE TO_CLOB(:notes) END, updated_at = :now
 WHERE id = :id
