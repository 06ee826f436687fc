-- The tables that only the Drone Shop has. Types as in the core schema.
-- sqlite:

CREATE TABLE services (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL CHECK (length(name) <= 200),
    sku         TEXT NOT NULL UNIQUE CHECK (length(sku) BETWEEN 1 AND 50 AND sku = upper(sku)),
    description TEXT,
    price       INTEGER NOT NULL CHECK (price BETWEEN 0 AND 999999999999),
    category    TEXT CHECK (length(category) <= 100),
    image_url   TEXT CHECK (length(image_url) <= 500),
    is_active   INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    created_at  INTEGER NOT NULL
                DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;

CREATE TABLE tickets (
    id          INTEGER PRIMARY KEY,
    customer_id INTEGER REFERENCES customers (id),
    title       TEXT NOT NULL CHECK (length(title) <= 200),
    status      TEXT NOT NULL DEFAULT 'open' CHECK (length(status) <= 50),
    priority    TEXT NOT NULL DEFAULT 'medium' CHECK (length(priority) <= 50),
    product_id  INTEGER REFERENCES products (id),
    service_id  INTEGER REFERENCES services (id),
    created_at  INTEGER NOT NULL
                DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    updated_at  INTEGER NOT NULL
                DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;
CREATE INDEX tickets_customer_id ON tickets (customer_id);
CREATE INDEX tickets_product_id ON tickets (product_id);
CREATE INDEX tickets_service_id ON tickets (service_id);

CREATE TABLE ticket_messages (
    id          INTEGER PRIMARY KEY,
    ticket_id   INTEGER NOT NULL REFERENCES tickets (id),
    sender_type TEXT NOT NULL CHECK (sender_type IN ('customer', 'agent')),
    content     TEXT NOT NULL,
    created_at  INTEGER NOT NULL
                DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;
CREATE INDEX ticket_messages_ticket_id ON ticket_messages (ticket_id);

-- The unique key also finds the lines of a session.
CREATE TABLE cart_items (
    id         INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL CHECK (length(session_id) <= 64),
    product_id INTEGER NOT NULL REFERENCES products (id),
    quantity   INTEGER NOT NULL DEFAULT 1 CHECK (quantity > 0),
    created_at INTEGER NOT NULL
               DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    UNIQUE (session_id, product_id)
) STRICT;
CREATE INDEX cart_items_product_id ON cart_items (product_id);

-- Sessions that ever put something into a cart: the second stage of the funnel. Checkout empties
-- the cart, so cart_items cannot tell.
CREATE TABLE cart_sessions (
    session_id     TEXT PRIMARY KEY CHECK (length(session_id) <= 64),
    first_added_at INTEGER NOT NULL
                   DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT, WITHOUT ROWID;

CREATE TABLE reviews (
    id             INTEGER PRIMARY KEY,
    product_id     INTEGER NOT NULL REFERENCES products (id),
    customer_id    INTEGER REFERENCES customers (id),
    rating         INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 5),
    review_comment TEXT,
    author_name    TEXT CHECK (length(author_name) <= 200),
    created_at     INTEGER NOT NULL
                   DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;
CREATE INDEX reviews_product_id ON reviews (product_id);
CREATE INDEX reviews_customer_id ON reviews (customer_id);

-- Both parts of a coupon add up; max_uses 0 is no limit. A use is counted in the transaction that
-- places the order, and the last check keeps two buyers from taking the last one.
CREATE TABLE coupons (
    id               INTEGER PRIMARY KEY,
    code             TEXT NOT NULL UNIQUE CHECK (length(code) BETWEEN 1 AND 50),
    discount_percent INTEGER NOT NULL DEFAULT 0 CHECK (discount_percent BETWEEN 0 AND 10000),
    discount_amount  INTEGER NOT NULL DEFAULT 0
                     CHECK (discount_amount BETWEEN 0 AND 999999999999),
    is_active        INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    max_uses         INTEGER NOT NULL DEFAULT 100 CHECK (max_uses >= 0),
    used_count       INTEGER NOT NULL DEFAULT 0 CHECK (used_count >= 0),
    created_at       INTEGER NOT NULL
                     DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    CHECK (max_uses = 0 OR used_count <= max_uses)
) STRICT;

-- An attack may name a product that never existed, hence no foreign key.
CREATE TABLE security_events (
    id          INTEGER PRIMARY KEY,
    attack_type TEXT NOT NULL CHECK (length(attack_type) <= 100),
    severity    TEXT NOT NULL DEFAULT 'medium'
                CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    endpoint    TEXT CHECK (length(endpoint) <= 255),
    source_ip   TEXT CHECK (length(source_ip) <= 64),
    payload     TEXT,
    product_id  INTEGER,
    session_id  TEXT CHECK (length(session_id) <= 64),
    trace_id    TEXT CHECK (length(trace_id) <= 64),
    details     TEXT CHECK (details IS NULL OR json_valid(details)),
    created_at  INTEGER NOT NULL
                DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;
CREATE INDEX security_events_created_at ON security_events (created_at);

CREATE TABLE assistant_sessions (
    id             INTEGER PRIMARY KEY,
    session_id     TEXT NOT NULL UNIQUE CHECK (length(session_id) <= 64),
    customer_email TEXT CHECK (length(customer_email) <= 200),
    product_focus  TEXT CHECK (length(product_focus) <= 200),
    source         TEXT NOT NULL DEFAULT 'shop' CHECK (length(source) <= 50),
    created_at     INTEGER NOT NULL
                   DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;

CREATE TABLE assistant_messages (
    id         INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL CHECK (length(session_id) <= 64),
    role       TEXT NOT NULL CHECK (length(role) <= 20),
    content    TEXT NOT NULL,
    provider   TEXT NOT NULL DEFAULT 'local' CHECK (length(provider) <= 100),
    model_id   TEXT CHECK (length(model_id) <= 255),
    trace_id   TEXT CHECK (length(trace_id) <= 64),
    created_at INTEGER NOT NULL
               DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;
CREATE INDEX assistant_messages_session_id ON assistant_messages (session_id);

-- Dealers that can be visited; the CRM's storefront channels are another table.
CREATE TABLE shops (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL CHECK (length(name) <= 200),
    address       TEXT NOT NULL,
    coordinates   TEXT CHECK (length(coordinates) <= 100),
    contact_email TEXT CHECK (length(contact_email) <= 200),
    contact_phone TEXT CHECK (length(contact_phone) <= 50),
    is_active     INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    created_at    INTEGER NOT NULL
                  DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;

-- Invoices of the shop's administration. The CRM's `invoices` have other columns and owners.
CREATE TABLE shop_invoices (
    id             INTEGER PRIMARY KEY,
    invoice_number TEXT NOT NULL UNIQUE CHECK (length(invoice_number) <= 100),
    customer_id    INTEGER NOT NULL REFERENCES customers (id),
    order_id       INTEGER REFERENCES orders (id),
    amount         INTEGER NOT NULL CHECK (amount BETWEEN 0 AND 999999999999),
    currency       TEXT NOT NULL DEFAULT 'USD' CHECK (length(currency) <= 10),
    status         TEXT NOT NULL DEFAULT 'draft'
                   CHECK (status IN ('draft', 'issued', 'paid', 'overdue', 'void')),
    issued_at      INTEGER,
    due_at         INTEGER,
    paid_at        INTEGER,
    notes          TEXT,
    created_at     INTEGER NOT NULL
                   DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    updated_at     INTEGER NOT NULL
                   DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;
CREATE INDEX shop_invoices_customer_id ON shop_invoices (customer_id);
CREATE INDEX shop_invoices_order_id ON shop_invoices (order_id);

-- Orders still to be handed to the CRM, written in the order's own transaction. Without a payload
-- the sender reads the order itself when its turn comes.
CREATE TABLE order_outbox (
    order_id        INTEGER PRIMARY KEY REFERENCES orders (id),
    payload         TEXT CHECK (payload IS NULL OR json_valid(payload)),
    attempts        INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_attempt_at INTEGER NOT NULL
                    DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    last_error      TEXT,
    created_at      INTEGER NOT NULL
                    DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    sent_at         INTEGER
) STRICT;
CREATE INDEX order_outbox_due ON order_outbox (next_attempt_at) WHERE sent_at IS NULL;

-- The three tables below are filled by the workflow gateway, a separate program.
CREATE TABLE workflow_runs (
    id             INTEGER PRIMARY KEY,
    workflow_key   TEXT NOT NULL CHECK (length(workflow_key) <= 100),
    workflow_label TEXT CHECK (length(workflow_label) <= 200),
    source_service TEXT NOT NULL CHECK (length(source_service) <= 100),
    schedule_mode  TEXT NOT NULL DEFAULT 'scheduled' CHECK (length(schedule_mode) <= 30),
    status         TEXT NOT NULL DEFAULT 'pending' CHECK (length(status) <= 30),
    result_summary TEXT,
    trace_id       TEXT CHECK (length(trace_id) <= 64),
    duration_ms    INTEGER NOT NULL DEFAULT 0 CHECK (duration_ms >= 0),
    started_at     INTEGER NOT NULL
                   DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    completed_at   INTEGER
) STRICT;
CREATE INDEX workflow_runs_workflow_key ON workflow_runs (workflow_key);

CREATE TABLE query_executions (
    id               INTEGER PRIMARY KEY,
    workflow_run_id  INTEGER REFERENCES workflow_runs (id),
    query_name       TEXT NOT NULL CHECK (length(query_name) <= 120),
    component_name   TEXT CHECK (length(component_name) <= 120),
    source_service   TEXT NOT NULL CHECK (length(source_service) <= 100),
    schedule_mode    TEXT NOT NULL DEFAULT 'manual' CHECK (length(schedule_mode) <= 30),
    action_name      TEXT NOT NULL DEFAULT 'query' CHECK (length(action_name) <= 50),
    status           TEXT NOT NULL DEFAULT 'pending' CHECK (length(status) <= 30),
    expected_failure INTEGER NOT NULL DEFAULT 0 CHECK (expected_failure IN (0, 1)),
    query_text       TEXT NOT NULL,
    prompt_text      TEXT,
    row_count        INTEGER NOT NULL DEFAULT 0 CHECK (row_count >= 0),
    duration_ms      INTEGER NOT NULL DEFAULT 0 CHECK (duration_ms >= 0),
    error_message    TEXT,
    trace_id         TEXT CHECK (length(trace_id) <= 64),
    created_at       INTEGER NOT NULL
                     DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;
CREATE INDEX query_executions_workflow_run_id ON query_executions (workflow_run_id);
CREATE INDEX query_executions_query_name ON query_executions (query_name);

CREATE TABLE component_snapshots (
    id             INTEGER PRIMARY KEY,
    component_name TEXT NOT NULL CHECK (length(component_name) <= 120),
    component_type TEXT NOT NULL CHECK (length(component_type) <= 60),
    status         TEXT NOT NULL DEFAULT 'unknown' CHECK (length(status) <= 30),
    source_service TEXT NOT NULL CHECK (length(source_service) <= 100),
    latency_ms     INTEGER NOT NULL DEFAULT 0 CHECK (latency_ms >= 0),
    details        TEXT,
    trace_id       TEXT CHECK (length(trace_id) <= 64),
    observed_at    INTEGER NOT NULL
                   DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;
CREATE INDEX component_snapshots_component_name ON component_snapshots (component_name);

-- postgres:

CREATE TABLE services (
    id          BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name        TEXT NOT NULL CHECK (length(name) <= 200),
    sku         TEXT COLLATE "C" NOT NULL UNIQUE
                CHECK (length(sku) BETWEEN 1 AND 50 AND sku = upper(sku)),
    description TEXT,
    price       NUMERIC(12, 2) NOT NULL CHECK (price >= 0),
    category    TEXT CHECK (length(category) <= 100),
    image_url   TEXT CHECK (length(image_url) <= 500),
    is_active   SMALLINT NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE tickets (
    id          BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    customer_id BIGINT REFERENCES customers (id),
    title       TEXT NOT NULL CHECK (length(title) <= 200),
    status      TEXT NOT NULL DEFAULT 'open' CHECK (length(status) <= 50),
    priority    TEXT NOT NULL DEFAULT 'medium' CHECK (length(priority) <= 50),
    product_id  BIGINT REFERENCES products (id),
    service_id  BIGINT REFERENCES services (id),
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX tickets_customer_id ON tickets (customer_id);
CREATE INDEX tickets_product_id ON tickets (product_id);
CREATE INDEX tickets_service_id ON tickets (service_id);

CREATE TABLE ticket_messages (
    id          BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    ticket_id   BIGINT NOT NULL REFERENCES tickets (id),
    sender_type TEXT NOT NULL CHECK (sender_type IN ('customer', 'agent')),
    content     TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX ticket_messages_ticket_id ON ticket_messages (ticket_id);

CREATE TABLE cart_items (
    id         BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    session_id TEXT NOT NULL CHECK (length(session_id) <= 64),
    product_id BIGINT NOT NULL REFERENCES products (id),
    quantity   BIGINT NOT NULL DEFAULT 1 CHECK (quantity > 0),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    UNIQUE (session_id, product_id)
);
CREATE INDEX cart_items_product_id ON cart_items (product_id);

CREATE TABLE cart_sessions (
    session_id     TEXT PRIMARY KEY CHECK (length(session_id) <= 64),
    first_added_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE reviews (
    id             BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    product_id     BIGINT NOT NULL REFERENCES products (id),
    customer_id    BIGINT REFERENCES customers (id),
    rating         BIGINT NOT NULL CHECK (rating BETWEEN 1 AND 5),
    review_comment TEXT,
    author_name    TEXT CHECK (length(author_name) <= 200),
    created_at     TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX reviews_product_id ON reviews (product_id);
CREATE INDEX reviews_customer_id ON reviews (customer_id);

CREATE TABLE coupons (
    id               BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    code             TEXT NOT NULL UNIQUE CHECK (length(code) BETWEEN 1 AND 50),
    discount_percent NUMERIC(5, 2) NOT NULL DEFAULT 0 CHECK (discount_percent BETWEEN 0 AND 100),
    discount_amount  NUMERIC(12, 2) NOT NULL DEFAULT 0 CHECK (discount_amount >= 0),
    is_active        SMALLINT NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    max_uses         BIGINT NOT NULL DEFAULT 100 CHECK (max_uses >= 0),
    used_count       BIGINT NOT NULL DEFAULT 0 CHECK (used_count >= 0),
    created_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    CHECK (max_uses = 0 OR used_count <= max_uses)
);

CREATE TABLE security_events (
    id          BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    attack_type TEXT NOT NULL CHECK (length(attack_type) <= 100),
    severity    TEXT NOT NULL DEFAULT 'medium'
                CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    endpoint    TEXT CHECK (length(endpoint) <= 255),
    source_ip   TEXT CHECK (length(source_ip) <= 64),
    payload     TEXT,
    product_id  BIGINT,
    session_id  TEXT CHECK (length(session_id) <= 64),
    trace_id    TEXT CHECK (length(trace_id) <= 64),
    details     TEXT CHECK (details IS NULL OR CAST(details AS json) IS NOT NULL),
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX security_events_created_at ON security_events (created_at);

CREATE TABLE assistant_sessions (
    id             BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    session_id     TEXT NOT NULL UNIQUE CHECK (length(session_id) <= 64),
    customer_email TEXT CHECK (length(customer_email) <= 200),
    product_focus  TEXT CHECK (length(product_focus) <= 200),
    source         TEXT NOT NULL DEFAULT 'shop' CHECK (length(source) <= 50),
    created_at     TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE assistant_messages (
    id         BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    session_id TEXT NOT NULL CHECK (length(session_id) <= 64),
    role       TEXT NOT NULL CHECK (length(role) <= 20),
    content    TEXT NOT NULL,
    provider   TEXT NOT NULL DEFAULT 'local' CHECK (length(provider) <= 100),
    model_id   TEXT CHECK (length(model_id) <= 255),
    trace_id   TEXT CHECK (length(trace_id) <= 64),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX assistant_messages_session_id ON assistant_messages (session_id);

CREATE TABLE shops (
    id            BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name          TEXT NOT NULL CHECK (length(name) <= 200),
    address       TEXT NOT NULL,
    coordinates   TEXT CHECK (length(coordinates) <= 100),
    contact_email TEXT CHECK (length(contact_email) <= 200),
    contact_phone TEXT CHECK (length(contact_phone) <= 50),
    is_active     SMALLINT NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    created_at    TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE shop_invoices (
    id             BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    invoice_number TEXT NOT NULL UNIQUE CHECK (length(invoice_number) <= 100),
    customer_id    BIGINT NOT NULL REFERENCES customers (id),
    order_id       BIGINT REFERENCES orders (id),
    amount         NUMERIC(12, 2) NOT NULL CHECK (amount >= 0),
    currency       TEXT NOT NULL DEFAULT 'USD' CHECK (length(currency) <= 10),
    status         TEXT NOT NULL DEFAULT 'draft'
                   CHECK (status IN ('draft', 'issued', 'paid', 'overdue', 'void')),
    issued_at      TIMESTAMPTZ,
    due_at         TIMESTAMPTZ,
    paid_at        TIMESTAMPTZ,
    notes          TEXT,
    created_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at     TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX shop_invoices_customer_id ON shop_invoices (customer_id);
CREATE INDEX shop_invoices_order_id ON shop_invoices (order_id);

CREATE TABLE order_outbox (
    order_id        BIGINT PRIMARY KEY REFERENCES orders (id),
    payload         TEXT CHECK (payload IS NULL OR CAST(payload AS json) IS NOT NULL),
    attempts        BIGINT NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_attempt_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    last_error      TEXT,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    sent_at         TIMESTAMPTZ
);
CREATE INDEX order_outbox_due ON order_outbox (next_attempt_at) WHERE sent_at IS NULL;

CREATE TABLE workflow_runs (
    id             BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    workflow_key   TEXT NOT NULL CHECK (length(workflow_key) <= 100),
    workflow_label TEXT CHECK (length(workflow_label) <= 200),
    source_service TEXT NOT NULL CHECK (length(source_service) <= 100),
    schedule_mode  TEXT NOT NULL DEFAULT 'scheduled' CHECK (length(schedule_mode) <= 30),
    status         TEXT NOT NULL DEFAULT 'pending' CHECK (length(status) <= 30),
    result_summary TEXT,
    trace_id       TEXT CHECK (length(trace_id) <= 64),
    duration_ms    NUMERIC(12, 2) NOT NULL DEFAULT 0 CHECK (duration_ms >= 0),
    started_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    completed_at   TIMESTAMPTZ
);
CREATE INDEX workflow_runs_workflow_key ON workflow_runs (workflow_key);

CREATE TABLE query_executions (
    id               BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    workflow_run_id  BIGINT REFERENCES workflow_runs (id),
    query_name       TEXT NOT NULL CHECK (length(query_name) <= 120),
    component_name   TEXT CHECK (length(component_name) <= 120),
    source_service   TEXT NOT NULL CHECK (length(source_service) <= 100),
    schedule_mode    TEXT NOT NULL DEFAULT 'manual' CHECK (length(schedule_mode) <= 30),
    action_name      TEXT NOT NULL DEFAULT 'query' CHECK (length(action_name) <= 50),
    status           TEXT NOT NULL DEFAULT 'pending' CHECK (length(status) <= 30),
    expected_failure SMALLINT NOT NULL DEFAULT 0 CHECK (expected_failure IN (0, 1)),
    query_text       TEXT NOT NULL,
    prompt_text      TEXT,
    row_count        BIGINT NOT NULL DEFAULT 0 CHECK (row_count >= 0),
    duration_ms      NUMERIC(12, 2) NOT NULL DEFAULT 0 CHECK (duration_ms >= 0),
    error_message    TEXT,
    trace_id         TEXT CHECK (length(trace_id) <= 64),
    created_at       TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX query_executions_workflow_run_id ON query_executions (workflow_run_id);
CREATE INDEX query_executions_query_name ON query_executions (query_name);

CREATE TABLE component_snapshots (
    id             BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    component_name TEXT NOT NULL CHECK (length(component_name) <= 120),
    component_type TEXT NOT NULL CHECK (length(component_type) <= 60),
    status         TEXT NOT NULL DEFAULT 'unknown' CHECK (length(status) <= 30),
    source_service TEXT NOT NULL CHECK (length(source_service) <= 100),
    latency_ms     BIGINT NOT NULL DEFAULT 0 CHECK (latency_ms >= 0),
    details        TEXT,
    trace_id       TEXT CHECK (length(trace_id) <= 64),
    observed_at    TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX component_snapshots_component_name ON component_snapshots (component_name);

-- The feed of orders goes by updated_at, but transactions that ran side by side end in another order
-- than they began. So a change takes its time from the server's clock, and first a shared lock by
-- which the feed sees that the transaction is not over yet (orders_settled in sql/shop/orders.sql).
-- The seed's orders, all older than an hour, keep their times.
CREATE FUNCTION note_order_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7341, 1);
    NEW.updated_at := greatest(NEW.updated_at, clock_timestamp());
    RETURN NEW;
END
$$;

CREATE TRIGGER orders_note_change BEFORE INSERT OR UPDATE ON orders
    FOR EACH ROW WHEN (NEW.updated_at > now() - interval '1 hour')
    EXECUTE FUNCTION note_order_change();

-- oracle:
CREATE TABLE services (
    id          NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name        VARCHAR2(200 CHAR) NOT NULL,
    sku         VARCHAR2(50 CHAR) NOT NULL UNIQUE CHECK (sku = upper(sku)),
    description CLOB,
    price       NUMBER(12, 2) NOT NULL CHECK (price >= 0),
    category    VARCHAR2(100 CHAR),
    image_url   VARCHAR2(500 CHAR),
    is_active   NUMBER(1) DEFAULT 1 NOT NULL CHECK (is_active IN (0, 1)),
    created_at  TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);

CREATE TABLE tickets (
    id          NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    customer_id NUMBER(19) REFERENCES customers (id),
    title       VARCHAR2(200 CHAR) NOT NULL,
    status      VARCHAR2(50 CHAR) DEFAULT 'open' NOT NULL,
    priority    VARCHAR2(50 CHAR) DEFAULT 'medium' NOT NULL,
    product_id  NUMBER(19) REFERENCES products (id),
    service_id  NUMBER(19) REFERENCES services (id),
    created_at  TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL,
    updated_at  TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);
CREATE INDEX tickets_customer_id ON tickets (customer_id);
CREATE INDEX tickets_product_id ON tickets (product_id);
CREATE INDEX tickets_service_id ON tickets (service_id);

CREATE TABLE ticket_messages (
    id          NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    ticket_id   NUMBER(19) NOT NULL REFERENCES tickets (id),
    sender_type VARCHAR2(20 CHAR) NOT NULL CHECK (sender_type IN ('customer', 'agent')),
    content     CLOB NOT NULL,
    created_at  TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);
CREATE INDEX ticket_messages_ticket_id ON ticket_messages (ticket_id);

CREATE TABLE cart_items (
    id         NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    session_id VARCHAR2(64 CHAR) NOT NULL,
    product_id NUMBER(19) NOT NULL REFERENCES products (id),
    quantity   NUMBER(19) DEFAULT 1 NOT NULL CHECK (quantity > 0),
    created_at TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL,
    UNIQUE (session_id, product_id)
);
CREATE INDEX cart_items_product_id ON cart_items (product_id);

CREATE TABLE cart_sessions (
    session_id     VARCHAR2(64 CHAR) PRIMARY KEY,
    first_added_at TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);

CREATE TABLE reviews (
    id             NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    product_id     NUMBER(19) NOT NULL REFERENCES products (id),
    customer_id    NUMBER(19) REFERENCES customers (id),
    rating         NUMBER(19) NOT NULL CHECK (rating BETWEEN 1 AND 5),
    review_comment CLOB,
    author_name    VARCHAR2(200 CHAR),
    created_at     TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);
CREATE INDEX reviews_product_id ON reviews (product_id);
CREATE INDEX reviews_customer_id ON reviews (customer_id);

CREATE TABLE coupons (
    id               NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    code             VARCHAR2(50 CHAR) NOT NULL UNIQUE,
    discount_percent NUMBER(5, 2) DEFAULT 0 NOT NULL CHECK (discount_percent BETWEEN 0 AND 100),
    discount_amount  NUMBER(12, 2) DEFAULT 0 NOT NULL CHECK (discount_amount >= 0),
    is_active        NUMBER(1) DEFAULT 1 NOT NULL CHECK (is_active IN (0, 1)),
    max_uses         NUMBER(19) DEFAULT 100 NOT NULL CHECK (max_uses >= 0),
    used_count       NUMBER(19) DEFAULT 0 NOT NULL CHECK (used_count >= 0),
    created_at       TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL,
    CHECK (max_uses = 0 OR used_count <= max_uses)
);

CREATE TABLE security_events (
    id          NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    attack_type VARCHAR2(100 CHAR) NOT NULL,
    severity    VARCHAR2(20 CHAR) DEFAULT 'medium' NOT NULL
                CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    endpoint    VARCHAR2(255 CHAR),
    source_ip   VARCHAR2(64 CHAR),
    payload     CLOB,
    product_id  NUMBER(19),
    session_id  VARCHAR2(64 CHAR),
    trace_id    VARCHAR2(64 CHAR),
    details     CLOB CHECK (details IS JSON),
    created_at  TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);
CREATE INDEX security_events_created_at ON security_events (created_at);

CREATE TABLE assistant_sessions (
    id             NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    session_id     VARCHAR2(64 CHAR) NOT NULL UNIQUE,
    customer_email VARCHAR2(200 CHAR),
    product_focus  VARCHAR2(200 CHAR),
    source         VARCHAR2(50 CHAR) DEFAULT 'shop' NOT NULL,
    created_at     TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);

CREATE TABLE assistant_messages (
    id         NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    session_id VARCHAR2(64 CHAR) NOT NULL,
    role       VARCHAR2(20 CHAR) NOT NULL,
    content    CLOB NOT NULL,
    provider   VARCHAR2(100 CHAR) DEFAULT 'local' NOT NULL,
    model_id   VARCHAR2(255 CHAR),
    trace_id   VARCHAR2(64 CHAR),
    created_at TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);
CREATE INDEX assistant_messages_session_id ON assistant_messages (session_id);

CREATE TABLE shops (
    id            NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name          VARCHAR2(200 CHAR) NOT NULL,
    address       CLOB NOT NULL,
    coordinates   VARCHAR2(100 CHAR),
    contact_email VARCHAR2(200 CHAR),
    contact_phone VARCHAR2(50 CHAR),
    is_active     NUMBER(1) DEFAULT 1 NOT NULL CHECK (is_active IN (0, 1)),
    created_at    TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);

CREATE TABLE shop_invoices (
    id             NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    invoice_number VARCHAR2(100 CHAR) NOT NULL UNIQUE,
    customer_id    NUMBER(19) NOT NULL REFERENCES customers (id),
    order_id       NUMBER(19) REFERENCES orders (id),
    amount         NUMBER(12, 2) NOT NULL CHECK (amount >= 0),
    currency       VARCHAR2(10 CHAR) DEFAULT 'USD' NOT NULL,
    status         VARCHAR2(20 CHAR) DEFAULT 'draft' NOT NULL
                   CHECK (status IN ('draft', 'issued', 'paid', 'overdue', 'void')),
    issued_at      TIMESTAMP(6),
    due_at         TIMESTAMP(6),
    paid_at        TIMESTAMP(6),
    notes          CLOB,
    created_at     TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL,
    updated_at     TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);
CREATE INDEX shop_invoices_customer_id ON shop_invoices (customer_id);
CREATE INDEX shop_invoices_order_id ON shop_invoices (order_id);

CREATE TABLE order_outbox (
    order_id        NUMBER(19) PRIMARY KEY REFERENCES orders (id),
    payload         CLOB CHECK (payload IS JSON),
    attempts        NUMBER(19) DEFAULT 0 NOT NULL CHECK (attempts >= 0),
    next_attempt_at TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL,
    last_error      CLOB,
    created_at      TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL,
    sent_at         TIMESTAMP(6)
);
CREATE INDEX order_outbox_due ON order_outbox (next_attempt_at, sent_at);

CREATE TABLE workflow_runs (
    id             NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    workflow_key   VARCHAR2(100 CHAR) NOT NULL,
    workflow_label VARCHAR2(200 CHAR),
    source_service VARCHAR2(100 CHAR) NOT NULL,
    schedule_mode  VARCHAR2(30 CHAR) DEFAULT 'scheduled' NOT NULL,
    status         VARCHAR2(30 CHAR) DEFAULT 'pending' NOT NULL,
    result_summary CLOB,
    trace_id       VARCHAR2(64 CHAR),
    duration_ms    NUMBER(12, 2) DEFAULT 0 NOT NULL CHECK (duration_ms >= 0),
    started_at     TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL,
    completed_at   TIMESTAMP(6)
);
CREATE INDEX workflow_runs_workflow_key ON workflow_runs (workflow_key);

CREATE TABLE query_executions (
    id               NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    workflow_run_id  NUMBER(19) REFERENCES workflow_runs (id),
    query_name       VARCHAR2(120 CHAR) NOT NULL,
    component_name   VARCHAR2(120 CHAR),
    source_service   VARCHAR2(100 CHAR) NOT NULL,
    schedule_mode    VARCHAR2(30 CHAR) DEFAULT 'manual' NOT NULL,
    action_name      VARCHAR2(50 CHAR) DEFAULT 'query' NOT NULL,
    status           VARCHAR2(30 CHAR) DEFAULT 'pending' NOT NULL,
    expected_failure NUMBER(1) DEFAULT 0 NOT NULL CHECK (expected_failure IN (0, 1)),
    query_text       CLOB NOT NULL,
    prompt_text      CLOB,
    row_count        NUMBER(19) DEFAULT 0 NOT NULL CHECK (row_count >= 0),
    duration_ms      NUMBER(12, 2) DEFAULT 0 NOT NULL CHECK (duration_ms >= 0),
    error_message    CLOB,
    trace_id         VARCHAR2(64 CHAR),
    created_at       TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);
CREATE INDEX query_executions_workflow_run_id ON query_executions (workflow_run_id);
CREATE INDEX query_executions_query_name ON query_executions (query_name);

CREATE TABLE component_snapshots (
    id             NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    component_name VARCHAR2(120 CHAR) NOT NULL,
    component_type VARCHAR2(60 CHAR) NOT NULL,
    status         VARCHAR2(30 CHAR) DEFAULT 'unknown' NOT NULL,
    source_service VARCHAR2(100 CHAR) NOT NULL,
    latency_ms     NUMBER(19) DEFAULT 0 NOT NULL CHECK (latency_ms >= 0),
    details        CLOB,
    trace_id       VARCHAR2(64 CHAR),
    observed_at    TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);
CREATE INDEX component_snapshots_component_name ON component_snapshots (component_name);
