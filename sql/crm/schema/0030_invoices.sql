-- Invoices get their numbers from a row for each year. It is counted up in the transaction that stores
-- the invoice, so one that fails takes no number, and whoever comes second waits for the first: there
-- are no gaps and no doubles. An order has one invoice that counts; a void one makes room for another.
-- sqlite:

CREATE TABLE invoice_numbers (
    invoice_year INTEGER PRIMARY KEY CHECK (invoice_year BETWEEN 1970 AND 9999),
    last_number  INTEGER NOT NULL CHECK (last_number > 0)
) STRICT;

ALTER TABLE invoices ADD COLUMN voided_at INTEGER;
ALTER TABLE invoices ADD COLUMN void_reason TEXT CHECK (length(void_reason) <= 500);

CREATE UNIQUE INDEX invoices_one_of_order ON invoices (order_id) WHERE status <> 'void';
-- Nearly all invoices are paid; these are looked for.
CREATE INDEX invoices_open ON invoices (id) WHERE status IN ('unpaid', 'pending', 'overdue');

-- postgres:

CREATE TABLE invoice_numbers (
    invoice_year BIGINT PRIMARY KEY CHECK (invoice_year BETWEEN 1970 AND 9999),
    last_number  BIGINT NOT NULL CHECK (last_number > 0)
);

ALTER TABLE invoices ADD COLUMN voided_at TIMESTAMPTZ;
ALTER TABLE invoices ADD COLUMN void_reason TEXT CHECK (length(void_reason) <= 500);

CREATE UNIQUE INDEX invoices_one_of_order ON invoices (order_id) WHERE status <> 'void';
CREATE INDEX invoices_open ON invoices (id) WHERE status IN ('unpaid', 'pending', 'overdue');

-- oracle:
CREATE TABLE invoice_numbers (
    invoice_year NUMBER(19) PRIMARY KEY CHECK (invoice_year BETWEEN 1970 AND 9999),
    last_number  NUMBER(19) NOT NULL CHECK (last_number > 0)
);
ALTER TABLE invoices ADD voided_at TIMESTAMP(6);
ALTER TABLE invoices ADD void_reason VARCHAR2(500 CHAR);
CREATE UNIQUE INDEX invoices_one_of_order ON invoices (CASE WHEN status <> 'void' THEN order_id END);
CREATE INDEX invoices_open ON invoices (status, id);
