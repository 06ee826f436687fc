-- Invoices: made from orders, paid once, made void. What is open and past its day is shown as overdue,
-- whatever word is stored.

-- row: invoice
-- An invoice with whom it is for.
-- columns: id int, invoice_number text, order_id int?, customer_id int?, customer_name text?,
--   customer_email text?, amount money, tax money, currency text, status text, issued_at time?,
--   due_date time?, paid_at time?, voided_at time?, void_reason text0?, notes text0?, created_at time,
--   updated_at time

-- name: invoice_page
-- Invoices whose id is below `before`, newest first; of a status that is no longer open, or of any.
-- params: status text?, before int, limit int, now now
-- columns: invoice.*
SELECT i.id, i.invoice_number, i.order_id, i.customer_id, c.name AS customer_name,
       c.email AS customer_email, i.amount, i.tax, i.currency,
       CASE WHEN i.status NOT IN ('unpaid', 'pending', 'overdue') THEN i.status
            WHEN i.due_date < :now THEN 'overdue'
            WHEN i.status = 'overdue' THEN 'unpaid'
            ELSE i.status END AS status,
       i.issued_at, i.due_date, i.paid_at, i.voided_at, i.void_reason, i.notes, i.created_at,
       i.updated_at
  FROM invoices i
  LEFT JOIN customers c ON c.id = i.customer_id
 WHERE i.id < :before
   AND (:status IS NULL OR i.status = :status)
 ORDER BY i.id DESC
 LIMIT :limit

-- name: invoice_page_of_open
-- The same of those that are still to be paid, by an index of theirs.
-- params: status text, before int, limit int, now now
-- columns: invoice.*
SELECT i.id, i.invoice_number, i.order_id, i.customer_id, c.name AS customer_name,
       c.email AS customer_email, i.amount, i.tax, i.currency, :status AS status,
       i.issued_at, i.due_date, i.paid_at, i.voided_at, i.void_reason, i.notes, i.created_at,
       i.updated_at
  FROM invoices i
  LEFT JOIN customers c ON c.id = i.customer_id
 WHERE i.id < :before
   AND i.status IN ('unpaid', 'pending', 'overdue')
   AND CASE WHEN i.due_date < :now THEN 'overdue'
            WHEN i.status = 'overdue' THEN 'unpaid'
            ELSE i.status END = :status
 ORDER BY i.id DESC
 LIMIT :limit

-- name: invoice_page_of_customer
-- One customer's, of a status as it is shown, or of any.
-- params: customer_id int, status text?, before int, limit int, now now
-- columns: invoice.*
SELECT i.id, i.invoice_number, i.order_id, i.customer_id, c.name AS customer_name,
       c.email AS customer_email, i.amount, i.tax, i.currency,
       CASE WHEN i.status NOT IN ('unpaid', 'pending', 'overdue') THEN i.status
            WHEN i.due_date < :now THEN 'overdue'
            WHEN i.status = 'overdue' THEN 'unpaid'
            ELSE i.status END AS status,
       i.issued_at, i.due_date, i.paid_at, i.voided_at, i.void_reason, i.notes, i.created_at,
       i.updated_at
  FROM invoices i
  LEFT JOIN customers c ON c.id = i.customer_id
 WHERE i.customer_id = :customer_id AND i.id < :before
   AND (:status IS NULL
        OR CASE WHEN i.status NOT IN ('unpaid', 'pending', 'overdue') THEN i.status
                WHEN i.due_date < :now THEN 'overdue'
                WHEN i.status = 'overdue' THEN 'unpaid'
                ELSE i.status END = :status)
 ORDER BY i.id DESC
 LIMIT :limit

-- name: invoice_by_id
-- One invoice.
-- params: id int, now now
-- columns: invoice.*
SELECT i.id, i.invoice_number, i.order_id, i.customer_id, c.name AS customer_name,
       c.email AS customer_email, i.amount, i.tax, i.currency,
       CASE WHEN i.status NOT IN ('unpaid', 'pending', 'overdue') THEN i.status
            WHEN i.due_date < :now THEN 'overdue'
            WHEN i.status = 'overdue' THEN 'unpaid'
            ELSE i.status END AS status,
       i.issued_at, i.due_date, i.paid_at, i.voided_at, i.void_reason, i.notes, i.created_at,
       i.updated_at
  FROM invoices i
  LEFT JOIN customers c ON c.id = i.customer_id
 WHERE i.id = :id

-- name: invoice_number_take
-- Counts the year's invoices up; the row stays locked until the transaction ends.
-- params: now now
-- sqlite:
INSERT INTO invoice_numbers (invoice_year, last_number)
VALUES (CAST(strftime('%Y', :now / 1000000, 'unixepoch') AS INTEGER), 1)
ON CONFLICT (invoice_year) DO UPDATE SET last_number = last_number + 1
-- postgres:
INSERT INTO invoice_numbers (invoice_year, last_number)
VALUES (CAST(extract(year FROM :now AT TIME ZONE 'UTC') AS bigint), 1)
ON CONFLICT (invoice_year) DO UPDATE SET last_number = invoice_numbers.last_number + 1
-- oracle:
MERGE INTO invoice_numbers y
USING (SELECT EXTRACT(YEAR FROM CAST(:now AS TIMESTAMP)) AS invoice_year FROM dual) n
   ON (y.invoice_year = n.invoice_year)
 WHEN MATCHED THEN UPDATE SET last_number = y.last_number + 1
 WHEN NOT MATCHED THEN INSERT (invoice_year, last_number) VALUES (n.invoice_year, 1)

-- name: invoice_add
-- Makes the invoice of an order under the number that has just been taken; no row: there is no such
-- order, or none that may be invoiced (again). `tax_percent` in hundredths, half up.
-- params: order_id int, tax_percent money, due_days int, notes text0?, now now
-- columns: id int, invoice_number text, amount money, tax money, currency text, due_date time
-- sqlite:
INSERT INTO invoices (invoice_number, customer_id, order_id, amount, tax, currency, status, issued_at,
                      due_date, notes, created_at, updated_at)
SELECT printf('INV-%04d-%06d', n.invoice_year, n.last_number), o.customer_id, o.id, o.total,
       (o.total * :tax_percent + 5000) / 10000, o.currency, 'unpaid', :now,
       :now + :due_days * 86400000000, :notes, :now, :now
  FROM orders o
  JOIN invoice_numbers n
    ON n.invoice_year = CAST(strftime('%Y', :now / 1000000, 'unixepoch') AS INTEGER)
 WHERE o.id = :order_id AND o.status NOT IN ('cancelled', 'refunded', 'failed')
   AND NOT EXISTS (SELECT 1 FROM invoices i WHERE i.order_id = o.id AND i.status <> 'void')
RETURNING id, invoice_number, amount, tax, currency, due_date
-- postgres:
INSERT INTO invoices (invoice_number, customer_id, order_id, amount, tax, currency, status, issued_at,
                      due_date, notes, created_at, updated_at)
SELECT 'INV-' || n.invoice_year || '-' || CASE WHEN n.last_number < 1000000
                                               THEN to_char(n.last_number, 'FM000000')
                                               ELSE CAST(n.last_number AS text) END,
       o.customer_id, o.id, o.total, round(o.total * :tax_percent / 100, 2), o.currency, 'unpaid',
       :now, :now + :due_days * interval '24 hours', :notes, :now, :now
  FROM orders o
  JOIN invoice_numbers n
    ON n.invoice_year = CAST(extract(year FROM :now AT TIME ZONE 'UTC') AS bigint)
 WHERE o.id = :order_id AND o.status NOT IN ('cancelled', 'refunded', 'failed')
   AND NOT EXISTS (SELECT 1 FROM invoices i WHERE i.order_id = o.id AND i.status <> 'void')
RETURNING id, invoice_number, amount, tax, currency, due_date
-- oracle:
BEGIN
  FOR n IN (SELECT 'INV-' || y.invoice_year || '-'
                   || CASE WHEN y.last_number < 1000000 THEN TO_CHAR(y.last_number, 'FM000000')
                           ELSE TO_CHAR(y.last_number) END AS invoice_number,
                   o.customer_id, o.id AS order_id, o.total,
                   ROUND(o.total * :tax_percent / 100, 2) AS tax, o.currency,
                   :now + NUMTODSINTERVAL(:due_days, 'DAY') AS due_date
              FROM orders o
              JOIN invoice_numbers y ON y.invoice_year = EXTRACT(YEAR FROM CAST(:now AS TIMESTAMP))
             WHERE o.id = :order_id AND o.status NOT IN ('cancelled', 'refunded', 'failed')
               AND NOT EXISTS (SELECT 1 FROM invoices i
                                WHERE i.order_id = o.id AND i.status <> 'void')) LOOP
    INSERT INTO invoices (invoice_number, customer_id, order_id, amount, tax, currency, status,
                          issued_at, due_date, notes, created_at, updated_at)
    VALUES (n.invoice_number, n.customer_id, n.order_id, n.total, n.tax, n.currency, 'unpaid',
            :now, n.due_date, :notes, :now, :now)
    RETURNING id, invoice_number, amount, tax, currency, due_date
         INTO :id, :invoice_number, :amount, :tax, :currency, :due_date;
  END LOOP;
END;

-- name: invoice_of_order
-- Why an order may not be invoiced: its status, and the invoice that it has.
-- params: order_id int
-- columns: status text, invoice_number text?
SELECT o.status, i.invoice_number
  FROM orders o
  LEFT JOIN invoices i ON i.order_id = o.id AND i.status <> 'void'
 WHERE o.id = :order_id

-- name: invoice_pay
-- Notes an invoice as paid; no row: it is not open, or of an order for which nothing is to be paid.
-- params: id int, now now
-- columns: id int, invoice_number text, amount money, tax money, currency text, paid_at time
UPDATE invoices
   SET status = 'paid', paid_at = :now, updated_at = :now
 WHERE id = :id AND status IN ('unpaid', 'pending', 'overdue')
   AND NOT EXISTS (SELECT 1 FROM orders o
                    WHERE o.id = invoices.order_id AND o.status IN ('cancelled', 'refunded', 'failed'))
RETURNING id, invoice_number, amount, tax, currency, paid_at

-- name: invoice_void
-- Makes an invoice void; no row: it is not open.
-- params: id int, reason text, now now
-- columns: id int, invoice_number text
UPDATE invoices
   SET status = 'void', voided_at = :now, void_reason = :reason, updated_at = :now
 WHERE id = :id AND status IN ('unpaid', 'pending', 'overdue')
RETURNING id, invoice_number

-- name: invoice_state
-- What an invoice is like that was not changed, and its order.
-- params: id int
-- columns: invoice_number text, status text, order_id int?, order_status text?
SELECT i.invoice_number, i.status, i.order_id, o.status AS order_status
  FROM invoices i
  LEFT JOIN orders o ON o.id = i.order_id
 WHERE i.id = :id
