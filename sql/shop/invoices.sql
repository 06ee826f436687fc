-- Invoices that the shop writes itself, beside those of the CRM.

-- row: shop_invoice
-- An invoice and whom it is for.
-- columns: id int, invoice_number text, customer_id int, customer_name text, order_id int?, amount money,
--   currency text, status text, issued_at time?, due_at time?, paid_at time?, notes text0?,
--   created_at time, updated_at time

-- name: shop_invoices_newest
-- A page of them, the newest first: ids grow with time. Each filter may be left out.
-- params: customer_id int?, status text?, id int, most int
-- columns: shop_invoice.*
SELECT i.id, i.invoice_number, i.customer_id, c.name AS customer_name, i.order_id, i.amount, i.currency,
       i.status, i.issued_at, i.due_at, i.paid_at, i.notes, i.created_at, i.updated_at
  FROM shop_invoices i
  JOIN customers c ON c.id = i.customer_id
 WHERE i.id < :id
   AND (:customer_id IS NULL OR i.customer_id = :customer_id)
   AND (:status IS NULL OR i.status = :status)
 ORDER BY i.id DESC
 LIMIT :most

-- name: shop_invoice_by_id
-- One of them.
-- params: id int
-- columns: shop_invoice.*
SELECT i.id, i.invoice_number, i.customer_id, c.name AS customer_name, i.order_id, i.amount, i.currency,
       i.status, i.issued_at, i.due_at, i.paid_at, i.notes, i.created_at, i.updated_at
  FROM shop_invoices i
  JOIN customers c ON c.id = i.customer_id
 WHERE i.id = :id

-- name: shop_invoice_to_change
-- The same; until the end of the transaction nobody else changes it.
-- params: id int
-- columns: shop_invoice.*
-- sqlite:
SELECT i.id, i.invoice_number, i.customer_id, c.name AS customer_name, i.order_id, i.amount, i.currency,
       i.status, i.issued_at, i.due_at, i.paid_at, i.notes, i.created_at, i.updated_at
  FROM shop_invoices i
  JOIN customers c ON c.id = i.customer_id
 WHERE i.id = :id
-- postgres:
SELECT i.id, i.invoice_number, i.customer_id, c.name AS customer_name, i.order_id, i.amount, i.currency,
       i.status, i.issued_at, i.due_at, i.paid_at, i.notes, i.created_at, i.updated_at
  FROM shop_invoices i
  JOIN customers c ON c.id = i.customer_id
 WHERE i.id = :id
   FOR NO KEY UPDATE OF i

-- name: shop_invoice_add
-- A new one; without an amount it is the order's total. No row: there is no such customer, no such order
-- of his, or nothing says what is to be paid.
-- params: invoice_number text, customer_id int, order_id int?, amount money?, currency text, status text,
--   issued_at time?, due_at time?, paid_at time?, notes text0?, now now
-- columns: id int
INSERT INTO shop_invoices (invoice_number, customer_id, order_id, amount, currency, status, issued_at,
                           due_at, paid_at, notes, created_at, updated_at)
SELECT :invoice_number, c.id, o.id, COALESCE(:amount, o.total), :currency, :status, :issued_at, :due_at,
       :paid_at, :notes, :now, :now
  FROM customers c
  LEFT JOIN orders o ON o.id = :order_id AND o.customer_id = c.id
 WHERE c.id = :customer_id
   AND (:order_id IS NULL OR o.id IS NOT NULL)
   AND COALESCE(:amount, o.total) IS NOT NULL
RETURNING id

-- name: shop_invoice_change
-- Replaces what is told of one.
-- params: id int, amount money, currency text, status text, issued_at time?, due_at time?, paid_at time?,
--   notes text0?, now now
UPDATE shop_invoices
   SET amount = :amount, currency = :currency, status = :status, issued_at = :issued_at, due_at = :due_at,
       paid_at = :paid_at, notes = :notes, updated_at = :now
 WHERE id = :id
