-- What only the CRM Portal has: the columns that tell where an order came from, and its own tables.
-- Types as in the core schema.
-- sqlite:

ALTER TABLE orders ADD COLUMN source_system TEXT NOT NULL DEFAULT 'enterprise-crm'
    CHECK (length(source_system) <= 50);
ALTER TABLE orders ADD COLUMN source_order_id INTEGER;
ALTER TABLE orders ADD COLUMN source_customer_email TEXT
    CHECK (length(source_customer_email) <= 255);
ALTER TABLE orders ADD COLUMN sync_status TEXT NOT NULL DEFAULT 'local'
    CHECK (sync_status IN ('synced', 'failed', 'local'));
ALTER TABLE orders ADD COLUMN backlog_status TEXT NOT NULL DEFAULT 'current'
    CHECK (backlog_status IN ('backlog', 'current'));
ALTER TABLE orders ADD COLUMN sync_error TEXT CHECK (length(CAST(sync_error AS BLOB)) <= 4000);
ALTER TABLE orders ADD COLUMN source_payload TEXT
    CHECK (source_payload IS NULL OR json_valid(source_payload));
ALTER TABLE orders ADD COLUMN correlation_id TEXT CHECK (length(correlation_id) <= 64);
ALTER TABLE orders ADD COLUMN last_synced_at INTEGER;

-- One row for each order of a source. Orders made here have no source id and stand outside the key;
-- an upsert has to repeat the condition: ON CONFLICT (source_system, source_order_id)
-- WHERE source_order_id IS NOT NULL.
CREATE UNIQUE INDEX orders_source ON orders (source_system, source_order_id)
 WHERE source_order_id IS NOT NULL;
CREATE INDEX orders_backlog ON orders (created_at) WHERE backlog_status = 'backlog';
CREATE INDEX orders_total ON orders (total);
CREATE INDEX orders_status ON orders (status);
CREATE INDEX orders_sync_status ON orders (sync_status);
CREATE INDEX customers_name ON customers (name);

-- Every change that synchronisation made, and every failure. Append-only.
CREATE TABLE order_sync_audit (
    id              INTEGER PRIMARY KEY,
    source_system   TEXT NOT NULL CHECK (length(source_system) <= 50),
    source_order_id INTEGER,
    sync_action     TEXT NOT NULL CHECK (length(sync_action) <= 50),
    sync_status     TEXT NOT NULL CHECK (length(sync_status) <= 50),
    message         TEXT,
    correlation_id  TEXT CHECK (length(correlation_id) <= 64),
    trace_id        TEXT CHECK (length(trace_id) <= 64),
    created_at      INTEGER NOT NULL
                    DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;
CREATE INDEX order_sync_audit_correlation_id ON order_sync_audit (correlation_id);
CREATE INDEX order_sync_audit_created_at ON order_sync_audit (created_at);
CREATE INDEX order_sync_audit_source_order_id ON order_sync_audit (source_order_id);
CREATE INDEX order_sync_audit_trouble ON order_sync_audit (sync_status)
 WHERE sync_status <> 'success';

CREATE TRIGGER order_sync_audit_no_update BEFORE UPDATE ON order_sync_audit
BEGIN
    SELECT RAISE(ABORT, 'order_sync_audit is append-only');
END;

CREATE TRIGGER order_sync_audit_no_delete BEFORE DELETE ON order_sync_audit
BEGIN
    SELECT RAISE(ABORT, 'order_sync_audit is append-only');
END;

-- How far each synchronisation has come, and which replica is at it. `cursor_text` is the source's
-- own word for the watermark; a released lease keeps its last owner and ends at 0.
CREATE TABLE sync_state (
    name         TEXT PRIMARY KEY CHECK (length(name) <= 100),
    watermark_at INTEGER NOT NULL DEFAULT 0,
    watermark_id INTEGER NOT NULL DEFAULT 0,
    cursor_text  TEXT CHECK (length(cursor_text) <= 200),
    lease_owner  TEXT CHECK (length(lease_owner) <= 100),
    lease_until  INTEGER NOT NULL DEFAULT 0,
    completed_at INTEGER,
    updated_at   INTEGER NOT NULL
                 DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;

-- Orders that could not be stored, as they came, for a later attempt.
CREATE TABLE sync_failures (
    source_system   TEXT NOT NULL CHECK (length(source_system) <= 50),
    source_order_id INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 1 CHECK (attempts > 0),
    next_attempt_at INTEGER NOT NULL,
    last_error      TEXT NOT NULL,
    payload         TEXT NOT NULL CHECK (json_valid(payload)),
    created_at      INTEGER NOT NULL
                    DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    updated_at      INTEGER NOT NULL
                    DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    PRIMARY KEY (source_system, source_order_id)
) STRICT;
CREATE INDEX sync_failures_next_attempt_at ON sync_failures (source_system, next_attempt_at);

CREATE TABLE support_tickets (
    id          INTEGER PRIMARY KEY,
    customer_id INTEGER REFERENCES customers (id),
    subject     TEXT NOT NULL CHECK (length(subject) <= 300),
    description TEXT,
    priority    TEXT NOT NULL DEFAULT 'medium' CHECK (length(priority) <= 20),
    status      TEXT NOT NULL DEFAULT 'open' CHECK (length(status) <= 50),
    assigned_to TEXT CHECK (length(assigned_to) <= 100),
    created_at  INTEGER NOT NULL
                DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    updated_at  INTEGER NOT NULL
                DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;
CREATE INDEX support_tickets_customer_id ON support_tickets (customer_id);

CREATE TABLE invoices (
    id             INTEGER PRIMARY KEY,
    invoice_number TEXT NOT NULL UNIQUE CHECK (length(invoice_number) <= 100),
    customer_id    INTEGER REFERENCES customers (id),
    order_id       INTEGER REFERENCES orders (id),
    amount         INTEGER NOT NULL CHECK (amount BETWEEN 0 AND 999999999999),
    tax            INTEGER NOT NULL DEFAULT 0 CHECK (tax BETWEEN 0 AND 999999999999),
    currency       TEXT NOT NULL DEFAULT 'USD' CHECK (length(currency) <= 10),
    status         TEXT NOT NULL DEFAULT 'unpaid' CHECK (length(status) <= 50),
    issued_at      INTEGER,
    due_date       INTEGER,
    paid_at        INTEGER,
    notes          TEXT,
    created_at     INTEGER NOT NULL
                   DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    updated_at     INTEGER NOT NULL
                   DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;
CREATE INDEX invoices_customer_id ON invoices (customer_id);
CREATE INDEX invoices_order_id ON invoices (order_id);

-- `query` names an allow-listed query; it is never SQL.
CREATE TABLE reports (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL CHECK (length(name) <= 200),
    report_type TEXT CHECK (length(report_type) <= 50),
    query       TEXT,
    parameters  TEXT CHECK (parameters IS NULL OR json_valid(parameters)),
    created_by  INTEGER,
    created_at  INTEGER NOT NULL
                DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;

-- Sales channels behind /api/shops; the shop's dealers are another table.
CREATE TABLE storefronts (
    id             INTEGER PRIMARY KEY,
    name           TEXT NOT NULL CHECK (length(name) <= 200),
    slug           TEXT NOT NULL UNIQUE CHECK (length(slug) BETWEEN 1 AND 80),
    storefront_url TEXT CHECK (length(storefront_url) <= 500),
    crm_base_url   TEXT CHECK (length(crm_base_url) <= 500),
    region         TEXT NOT NULL CHECK (length(region) <= 80),
    currency       TEXT NOT NULL DEFAULT 'USD' CHECK (length(currency) <= 10),
    status         TEXT NOT NULL DEFAULT 'active'
                   CHECK (status IN ('active', 'maintenance', 'inactive')),
    notes          TEXT,
    created_at     INTEGER NOT NULL
                   DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    updated_at     INTEGER NOT NULL
                   DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;

-- The fault scenario in force, if any. Only the CRM writes it; the shop may read it.
CREATE TABLE chaos_state (
    id          TEXT PRIMARY KEY CHECK (length(id) <= 64),
    scenario_id TEXT CHECK (length(scenario_id) <= 64),
    target      TEXT CHECK (length(target) <= 16),
    applied_by  TEXT CHECK (length(applied_by) <= 64),
    applied_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    payload     TEXT CHECK (payload IS NULL OR json_valid(payload))
) STRICT;

-- postgres:

ALTER TABLE orders ADD COLUMN source_system TEXT NOT NULL DEFAULT 'enterprise-crm'
    CHECK (length(source_system) <= 50);
ALTER TABLE orders ADD COLUMN source_order_id BIGINT;
ALTER TABLE orders ADD COLUMN source_customer_email TEXT
    CHECK (length(source_customer_email) <= 255);
ALTER TABLE orders ADD COLUMN sync_status TEXT NOT NULL DEFAULT 'local'
    CHECK (sync_status IN ('synced', 'failed', 'local'));
ALTER TABLE orders ADD COLUMN backlog_status TEXT NOT NULL DEFAULT 'current'
    CHECK (backlog_status IN ('backlog', 'current'));
ALTER TABLE orders ADD COLUMN sync_error TEXT CHECK (octet_length(sync_error) <= 4000);
ALTER TABLE orders ADD COLUMN source_payload TEXT
    CHECK (source_payload IS NULL OR CAST(source_payload AS json) IS NOT NULL);
ALTER TABLE orders ADD COLUMN correlation_id TEXT CHECK (length(correlation_id) <= 64);
ALTER TABLE orders ADD COLUMN last_synced_at TIMESTAMPTZ;

CREATE UNIQUE INDEX orders_source ON orders (source_system, source_order_id)
 WHERE source_order_id IS NOT NULL;
CREATE INDEX orders_backlog ON orders (created_at) WHERE backlog_status = 'backlog';
CREATE INDEX orders_total ON orders (total);
CREATE INDEX orders_status ON orders (status);
CREATE INDEX orders_sync_status ON orders (sync_status);
CREATE INDEX customers_name ON customers (name);

CREATE TABLE order_sync_audit (
    id              BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    source_system   TEXT NOT NULL CHECK (length(source_system) <= 50),
    source_order_id BIGINT,
    sync_action     TEXT NOT NULL CHECK (length(sync_action) <= 50),
    sync_status     TEXT NOT NULL CHECK (length(sync_status) <= 50),
    message         TEXT,
    correlation_id  TEXT CHECK (length(correlation_id) <= 64),
    trace_id        TEXT CHECK (length(trace_id) <= 64),
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX order_sync_audit_correlation_id ON order_sync_audit (correlation_id);
CREATE INDEX order_sync_audit_created_at ON order_sync_audit (created_at);
CREATE INDEX order_sync_audit_source_order_id ON order_sync_audit (source_order_id);
CREATE INDEX order_sync_audit_trouble ON order_sync_audit (sync_status)
 WHERE sync_status <> 'success';

CREATE TRIGGER order_sync_audit_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON order_sync_audit
    EXECUTE FUNCTION refuse_change();

CREATE TABLE sync_state (
    name         TEXT PRIMARY KEY CHECK (length(name) <= 100),
    watermark_at TIMESTAMPTZ NOT NULL DEFAULT 'epoch',
    watermark_id BIGINT NOT NULL DEFAULT 0,
    cursor_text  TEXT CHECK (length(cursor_text) <= 200),
    lease_owner  TEXT CHECK (length(lease_owner) <= 100),
    lease_until  TIMESTAMPTZ NOT NULL DEFAULT 'epoch',
    completed_at TIMESTAMPTZ,
    updated_at   TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE sync_failures (
    source_system   TEXT NOT NULL CHECK (length(source_system) <= 50),
    source_order_id BIGINT NOT NULL,
    attempts        BIGINT NOT NULL DEFAULT 1 CHECK (attempts > 0),
    next_attempt_at TIMESTAMPTZ NOT NULL,
    last_error      TEXT NOT NULL,
    payload         TEXT NOT NULL CHECK (CAST(payload AS json) IS NOT NULL),
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (source_system, source_order_id)
);
CREATE INDEX sync_failures_next_attempt_at ON sync_failures (source_system, next_attempt_at);

CREATE TABLE support_tickets (
    id          BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    customer_id BIGINT REFERENCES customers (id),
    subject     TEXT NOT NULL CHECK (length(subject) <= 300),
    description TEXT,
    priority    TEXT NOT NULL DEFAULT 'medium' CHECK (length(priority) <= 20),
    status      TEXT NOT NULL DEFAULT 'open' CHECK (length(status) <= 50),
    assigned_to TEXT CHECK (length(assigned_to) <= 100),
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX support_tickets_customer_id ON support_tickets (customer_id);

CREATE TABLE invoices (
    id             BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    invoice_number TEXT NOT NULL UNIQUE CHECK (length(invoice_number) <= 100),
    customer_id    BIGINT REFERENCES customers (id),
    order_id       BIGINT REFERENCES orders (id),
    amount         NUMERIC(12, 2) NOT NULL CHECK (amount >= 0),
    tax            NUMERIC(12, 2) NOT NULL DEFAULT 0 CHECK (tax >= 0),
    currency       TEXT NOT NULL DEFAULT 'USD' CHECK (length(currency) <= 10),
    status         TEXT NOT NULL DEFAULT 'unpaid' CHECK (length(status) <= 50),
    issued_at      TIMESTAMPTZ,
    due_date       TIMESTAMPTZ,
    paid_at        TIMESTAMPTZ,
    notes          TEXT,
    created_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at     TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX invoices_customer_id ON invoices (customer_id);
CREATE INDEX invoices_order_id ON invoices (order_id);

CREATE TABLE reports (
    id          BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name        TEXT NOT NULL CHECK (length(name) <= 200),
    report_type TEXT CHECK (length(report_type) <= 50),
    query       TEXT,
    parameters  TEXT CHECK (parameters IS NULL OR CAST(parameters AS json) IS NOT NULL),
    created_by  BIGINT,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE storefronts (
    id             BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name           TEXT NOT NULL CHECK (length(name) <= 200),
    slug           TEXT NOT NULL UNIQUE CHECK (length(slug) BETWEEN 1 AND 80),
    storefront_url TEXT CHECK (length(storefront_url) <= 500),
    crm_base_url   TEXT CHECK (length(crm_base_url) <= 500),
    region         TEXT NOT NULL CHECK (length(region) <= 80),
    currency       TEXT NOT NULL DEFAULT 'USD' CHECK (length(currency) <= 10),
    status         TEXT NOT NULL DEFAULT 'active'
                   CHECK (status IN ('active', 'maintenance', 'inactive')),
    notes          TEXT,
    created_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at     TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE chaos_state (
    id          TEXT PRIMARY KEY CHECK (length(id) <= 64),
    scenario_id TEXT CHECK (length(scenario_id) <= 64),
    target      TEXT CHECK (length(target) <= 16),
    applied_by  TEXT CHECK (length(applied_by) <= 64),
    applied_at  TIMESTAMPTZ NOT NULL,
    expires_at  TIMESTAMPTZ NOT NULL,
    payload     TEXT CHECK (payload IS NULL OR CAST(payload AS json) IS NOT NULL)
);

-- oracle:
ALTER TABLE orders ADD source_system VARCHAR2(50 CHAR) DEFAULT 'enterprise-crm' NOT NULL;
ALTER TABLE orders ADD source_order_id NUMBER(19);
ALTER TABLE orders ADD source_customer_email VARCHAR2(255 CHAR);
ALTER TABLE orders ADD sync_status VARCHAR2(20 CHAR) DEFAULT 'local' NOT NULL CHECK (sync_status IN ('synced', 'failed', 'local'));
ALTER TABLE orders ADD backlog_status VARCHAR2(20 CHAR) DEFAULT 'current' NOT NULL CHECK (backlog_status IN ('backlog', 'current'));
ALTER TABLE orders ADD sync_error VARCHAR2(4000);
ALTER TABLE orders ADD source_payload CLOB CHECK (source_payload IS JSON);
ALTER TABLE orders ADD correlation_id VARCHAR2(64 CHAR);
ALTER TABLE orders ADD last_synced_at TIMESTAMP(6);
CREATE UNIQUE INDEX orders_source
    ON orders (source_order_id, CASE WHEN source_order_id IS NOT NULL THEN source_system END);
CREATE INDEX orders_backlog ON orders (backlog_status, created_at);
CREATE INDEX orders_total ON orders (total);
CREATE INDEX orders_status ON orders (status);
CREATE INDEX orders_sync_status ON orders (sync_status);
CREATE INDEX customers_name ON customers (name);

CREATE TABLE order_sync_audit (
    id              NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    source_system   VARCHAR2(50 CHAR) NOT NULL,
    source_order_id NUMBER(19),
    sync_action     VARCHAR2(50 CHAR) NOT NULL,
    sync_status     VARCHAR2(50 CHAR) NOT NULL,
    message         CLOB,
    correlation_id  VARCHAR2(64 CHAR),
    trace_id        VARCHAR2(64 CHAR),
    created_at      TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);
CREATE INDEX order_sync_audit_correlation_id ON order_sync_audit (correlation_id);
CREATE INDEX order_sync_audit_created_at ON order_sync_audit (created_at);
CREATE INDEX order_sync_audit_source_order_id ON order_sync_audit (source_order_id);
CREATE INDEX order_sync_audit_trouble ON order_sync_audit (sync_status);

CREATE TABLE sync_state (
    name         VARCHAR2(100 CHAR) PRIMARY KEY,
    watermark_at TIMESTAMP(6) DEFAULT TIMESTAMP '1970-01-01 00:00:00' NOT NULL,
    watermark_id NUMBER(19) DEFAULT 0 NOT NULL,
    cursor_text  VARCHAR2(200 CHAR),
    lease_owner  VARCHAR2(100 CHAR),
    lease_until  TIMESTAMP(6) DEFAULT TIMESTAMP '1970-01-01 00:00:00' NOT NULL,
    completed_at TIMESTAMP(6),
    updated_at   TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);

CREATE TABLE sync_failures (
    source_system   VARCHAR2(50 CHAR) NOT NULL,
    source_order_id NUMBER(19) NOT NULL,
    attempts        NUMBER(19) DEFAULT 1 NOT NULL CHECK (attempts > 0),
    next_attempt_at TIMESTAMP(6) NOT NULL,
    last_error      CLOB,
    payload         CLOB NOT NULL CHECK (payload IS JSON),
    created_at      TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL,
    updated_at      TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL,
    PRIMARY KEY (source_system, source_order_id)
);
CREATE INDEX sync_failures_next_attempt_at ON sync_failures (source_system, next_attempt_at);

CREATE TABLE support_tickets (
    id          NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    customer_id NUMBER(19) REFERENCES customers (id),
    subject     VARCHAR2(300 CHAR) NOT NULL,
    description CLOB,
    priority    VARCHAR2(20 CHAR) DEFAULT 'medium' NOT NULL,
    status      VARCHAR2(50 CHAR) DEFAULT 'open' NOT NULL,
    assigned_to VARCHAR2(100 CHAR),
    created_at  TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL,
    updated_at  TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);
CREATE INDEX support_tickets_customer_id ON support_tickets (customer_id);

CREATE TABLE invoices (
    id             NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    invoice_number VARCHAR2(100 CHAR) NOT NULL UNIQUE,
    customer_id    NUMBER(19) REFERENCES customers (id),
    order_id       NUMBER(19) REFERENCES orders (id),
    amount         NUMBER(12, 2) NOT NULL CHECK (amount >= 0),
    tax            NUMBER(12, 2) DEFAULT 0 NOT NULL CHECK (tax >= 0),
    currency       VARCHAR2(10 CHAR) DEFAULT 'USD' NOT NULL,
    status         VARCHAR2(50 CHAR) DEFAULT 'unpaid' NOT NULL,
    issued_at      TIMESTAMP(6),
    due_date       TIMESTAMP(6),
    paid_at        TIMESTAMP(6),
    notes          CLOB,
    created_at     TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL,
    updated_at     TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);
CREATE INDEX invoices_customer_id ON invoices (customer_id);
CREATE INDEX invoices_order_id ON invoices (order_id);

CREATE TABLE reports (
    id          NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name        VARCHAR2(200 CHAR) NOT NULL,
    report_type VARCHAR2(50 CHAR),
    query       CLOB,
    parameters  CLOB CHECK (parameters IS JSON),
    created_by  NUMBER(19),
    created_at  TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);

CREATE TABLE storefronts (
    id             NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name           VARCHAR2(200 CHAR) NOT NULL,
    slug           VARCHAR2(80 CHAR) NOT NULL UNIQUE,
    storefront_url VARCHAR2(500 CHAR),
    crm_base_url   VARCHAR2(500 CHAR),
    region         VARCHAR2(80 CHAR) NOT NULL,
    currency       VARCHAR2(10 CHAR) DEFAULT 'USD' NOT NULL,
    status         VARCHAR2(20 CHAR) DEFAULT 'active' NOT NULL
                   CHECK (status IN ('active', 'maintenance', 'inactive')),
    notes          CLOB,
    created_at     TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL,
    updated_at     TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);

CREATE TABLE chaos_state (
    id          VARCHAR2(64 CHAR) PRIMARY KEY,
    scenario_id VARCHAR2(64 CHAR),
    target      VARCHAR2(16 CHAR),
    applied_by  VARCHAR2(64 CHAR),
    applied_at  TIMESTAMP(6) NOT NULL,
    expires_at  TIMESTAMP(6) NOT NULL,
    payload     CLOB CHECK (payload IS JSON)
);

CREATE TRIGGER order_sync_audit_append_only BEFORE UPDATE OR DELETE ON order_sync_audit
    FOR EACH ROW
BEGIN
    RAISE_APPLICATION_ERROR(-20001, 'order_sync_audit is append-only');
END;
/
