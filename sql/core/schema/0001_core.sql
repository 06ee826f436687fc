-- The core schema: the tables that both services have. Each service runs this script in its own
-- schema, so these tables are identical by construction while their rows are independent.
--
-- How the contract's types look on SQLite (all tables are STRICT: a value of another type is
-- refused, so integers are integers without further checks):
--   id            INTEGER PRIMARY KEY, the row id itself
--   money         INTEGER, whole cents of decimal(12,2); names carry no unit (price, total)
--   decimal(n,2)  INTEGER, whole hundredths (weight_kg, duration_ms, discount_percent)
--   ts            INTEGER, microseconds since 1970-01-01 UTC; statements bind the time of their
--                 transaction, the default is for rows written by hand and is exact to the
--                 millisecond
--   flag          INTEGER, 0 or 1
--   text(n)       TEXT of at most n characters
--   clob          TEXT
--
-- Indexes: one for every foreign key and for every question a route asks; no more, since each one
-- is paid for by every write.
-- sqlite:

CREATE TABLE users (
    id            INTEGER PRIMARY KEY,
    username      TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (length(username) BETWEEN 1 AND 100),
    email         TEXT NOT NULL UNIQUE CHECK (length(email) <= 200 AND email = lower(trim(email))),
    password_hash TEXT NOT NULL CHECK (length(password_hash) <= 300),
    role          TEXT NOT NULL DEFAULT 'user' CHECK (length(role) <= 50),
    is_active     INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    last_login    INTEGER,
    created_at    INTEGER NOT NULL
                  DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;

-- A session is known by the SHA-256 of its cookie or token, so that a copy of this table opens
-- nothing.
CREATE TABLE user_sessions (
    id           INTEGER PRIMARY KEY,
    session_id   TEXT NOT NULL UNIQUE CHECK (length(session_id) <= 64),
    user_id      INTEGER NOT NULL REFERENCES users (id),
    username     TEXT NOT NULL CHECK (length(username) <= 100),
    role         TEXT NOT NULL CHECK (length(role) <= 50),
    auth_method  TEXT NOT NULL DEFAULT 'password' CHECK (length(auth_method) <= 30),
    created_at   INTEGER NOT NULL
                 DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    expires_at   INTEGER NOT NULL,
    last_seen_at INTEGER
) STRICT;
CREATE INDEX user_sessions_user_id ON user_sessions (user_id);
CREATE INDEX user_sessions_expires_at ON user_sessions (expires_at);

-- Failed sign-ins, counted by account and address across replicas.
CREATE TABLE login_failures (
    id        INTEGER PRIMARY KEY,
    scope     TEXT NOT NULL CHECK (length(scope) <= 20),
    who       TEXT NOT NULL CHECK (length(who) <= 200),
    failed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX login_failures_who ON login_failures (scope, who, failed_at);

-- The answer to a request that may be sent twice. Without a status code the first one is still
-- being worked on.
CREATE TABLE idempotency_keys (
    scope        TEXT NOT NULL CHECK (length(scope) <= 200),
    key          TEXT NOT NULL CHECK (length(key) <= 64),
    request_hash TEXT NOT NULL CHECK (length(request_hash) <= 64),
    status_code  INTEGER CHECK (status_code BETWEEN 100 AND 599),
    body         TEXT,
    content_type TEXT CHECK (length(content_type) <= 100),
    created_at   INTEGER NOT NULL
                 DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    expires_at   INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
) STRICT;
CREATE INDEX idempotency_keys_expires_at ON idempotency_keys (expires_at);

-- E-mail is normalised before it is written (blanks cut, ASCII letters small), so a plain unique
-- key is enough. `revenue` is the company's yearly turnover where known, not what it bought.
CREATE TABLE customers (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL CHECK (length(name) <= 200),
    email      TEXT NOT NULL UNIQUE CHECK (length(email) <= 255 AND email = lower(trim(email))),
    phone      TEXT CHECK (length(phone) <= 50),
    company    TEXT CHECK (length(company) <= 200),
    industry   TEXT CHECK (length(industry) <= 100),
    revenue    INTEGER NOT NULL DEFAULT 0 CHECK (abs(revenue) <= 999999999999),
    notes      TEXT,
    created_at INTEGER NOT NULL
               DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    updated_at INTEGER NOT NULL
               DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;

-- `shop_id` names one of the CRM's storefronts; the shop has none, hence no foreign key.
CREATE TABLE products (
    id          INTEGER PRIMARY KEY,
    shop_id     INTEGER,
    name        TEXT NOT NULL CHECK (length(name) <= 200),
    sku         TEXT NOT NULL UNIQUE CHECK (length(sku) BETWEEN 1 AND 50 AND sku = upper(sku)),
    description TEXT,
    price       INTEGER NOT NULL CHECK (price BETWEEN 0 AND 999999999999),
    stock       INTEGER NOT NULL DEFAULT 0 CHECK (stock >= 0),
    category    TEXT CHECK (length(category) <= 100),
    image_url   TEXT CHECK (length(image_url) <= 500),
    is_active   INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    created_at  INTEGER NOT NULL
                DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    updated_at  INTEGER NOT NULL
                DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;
CREATE INDEX products_category ON products (category);
CREATE INDEX products_for_sale ON products (is_active, name);

-- Stored as they were agreed: total = max(subtotal - discount, 0) + shipping_cost. Rows that came
-- from elsewhere may declare another total, which is flagged and kept, so no check demands it. The
-- status is not checked either: synchronised orders bring their own words.
CREATE TABLE orders (
    id               INTEGER PRIMARY KEY,
    customer_id      INTEGER REFERENCES customers (id),
    total            INTEGER NOT NULL CHECK (total BETWEEN 0 AND 999999999999),
    status           TEXT NOT NULL DEFAULT 'pending' CHECK (length(status) <= 50),
    payment_method   TEXT NOT NULL DEFAULT 'credit_card' CHECK (length(payment_method) <= 50),
    payment_status   TEXT NOT NULL DEFAULT 'pending' CHECK (length(payment_status) <= 50),
    payment_provider TEXT CHECK (length(payment_provider) <= 50),
    payment_provider_reference TEXT CHECK (length(payment_provider_reference) <= 128),
    notes            TEXT,
    shipping_address TEXT,
    subtotal         INTEGER CHECK (subtotal BETWEEN 0 AND 999999999999),
    discount         INTEGER NOT NULL DEFAULT 0
                     CHECK (discount BETWEEN 0 AND 999999999999),
    shipping_cost    INTEGER NOT NULL DEFAULT 0
                     CHECK (shipping_cost BETWEEN 0 AND 999999999999),
    currency         TEXT NOT NULL DEFAULT 'USD' CHECK (length(currency) <= 10),
    coupon_code      TEXT CHECK (length(coupon_code) <= 50),
    created_at       INTEGER NOT NULL
                     DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    updated_at       INTEGER NOT NULL
                     DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;
CREATE INDEX orders_customer_id ON orders (customer_id);
CREATE INDEX orders_updated_at ON orders (updated_at, id);
CREATE INDEX orders_payment_provider_reference ON orders (payment_provider_reference)
 WHERE payment_provider_reference IS NOT NULL;

-- `sku` and `product_name` keep what was sold, whatever becomes of the product.
CREATE TABLE order_items (
    id           INTEGER PRIMARY KEY,
    order_id     INTEGER NOT NULL REFERENCES orders (id),
    product_id   INTEGER REFERENCES products (id),
    sku          TEXT CHECK (length(sku) <= 50),
    product_name TEXT CHECK (length(product_name) <= 200),
    quantity     INTEGER NOT NULL CHECK (quantity > 0),
    unit_price   INTEGER NOT NULL CHECK (unit_price BETWEEN 0 AND 999999999999)
) STRICT;
CREATE INDEX order_items_order_id ON order_items (order_id);
CREATE INDEX order_items_product_id ON order_items (product_id);

CREATE TABLE shipments (
    id                 INTEGER PRIMARY KEY,
    order_id           INTEGER REFERENCES orders (id),
    tracking_number    TEXT UNIQUE CHECK (length(tracking_number) <= 100),
    carrier            TEXT CHECK (length(carrier) <= 100),
    status             TEXT NOT NULL DEFAULT 'processing' CHECK (length(status) <= 50),
    origin_region      TEXT CHECK (length(origin_region) <= 50),
    destination_region TEXT CHECK (length(destination_region) <= 50),
    weight_kg          INTEGER NOT NULL DEFAULT 0 CHECK (weight_kg BETWEEN 0 AND 9999999999),
    shipping_cost      INTEGER NOT NULL DEFAULT 0
                       CHECK (shipping_cost BETWEEN 0 AND 999999999999),
    estimated_delivery INTEGER,
    actual_delivery    INTEGER,
    created_at         INTEGER NOT NULL
                       DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    updated_at         INTEGER NOT NULL
                       DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;
CREATE INDEX shipments_order_id ON shipments (order_id);

CREATE TABLE warehouses (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL CHECK (length(name) <= 200),
    region        TEXT NOT NULL CHECK (length(region) <= 50),
    address       TEXT,
    capacity      INTEGER NOT NULL DEFAULT 10000 CHECK (capacity >= 0),
    current_stock INTEGER NOT NULL DEFAULT 0 CHECK (current_stock >= 0),
    is_active     INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    created_at    INTEGER NOT NULL
                  DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;

CREATE TABLE campaigns (
    id              INTEGER PRIMARY KEY,
    name            TEXT NOT NULL CHECK (length(name) <= 200),
    campaign_type   TEXT NOT NULL DEFAULT 'email' CHECK (length(campaign_type) <= 50),
    status          TEXT NOT NULL DEFAULT 'draft' CHECK (length(status) <= 50),
    budget          INTEGER NOT NULL DEFAULT 0 CHECK (budget BETWEEN 0 AND 999999999999),
    spent           INTEGER NOT NULL DEFAULT 0 CHECK (spent BETWEEN 0 AND 999999999999),
    target_audience TEXT,
    start_date      INTEGER,
    end_date        INTEGER,
    created_by      INTEGER,
    created_at      INTEGER NOT NULL
                    DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    updated_at      INTEGER NOT NULL
                    DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;

CREATE TABLE leads (
    id           INTEGER PRIMARY KEY,
    campaign_id  INTEGER REFERENCES campaigns (id),
    customer_id  INTEGER REFERENCES customers (id),
    email        TEXT NOT NULL CHECK (length(email) <= 200),
    name         TEXT CHECK (length(name) <= 200),
    source       TEXT CHECK (length(source) <= 100),
    status       TEXT NOT NULL DEFAULT 'new' CHECK (length(status) <= 50),
    score        INTEGER NOT NULL DEFAULT 0,
    notes        TEXT,
    converted_at INTEGER,
    created_at   INTEGER NOT NULL
                 DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;
CREATE INDEX leads_campaign_id ON leads (campaign_id);
CREATE INDEX leads_customer_id ON leads (customer_id);

-- Ids grow with time, so "the last 24 hours" is the end of the table read backwards and needs no
-- index on created_at. The index on the region also answers the load times per region by itself.
CREATE TABLE page_views (
    id             INTEGER PRIMARY KEY,
    page           TEXT NOT NULL CHECK (length(page) <= 200),
    visitor_ip     TEXT CHECK (length(visitor_ip) <= 50),
    visitor_region TEXT CHECK (length(visitor_region) <= 50),
    user_agent     TEXT CHECK (length(user_agent) <= 500),
    load_time_ms   INTEGER,
    referrer       TEXT CHECK (length(referrer) <= 500),
    session_id     TEXT CHECK (length(session_id) <= 64),
    created_at     INTEGER NOT NULL
                   DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;
CREATE INDEX page_views_region ON page_views (visitor_region, load_time_ms);
CREATE INDEX page_views_session_id ON page_views (session_id);

-- One row for every request and every business event, written in batches and never changed. Ids
-- grow with time: the newest rows are the end of the table, so created_at needs no index. Trace ids
-- are random, and indexing them all made writing eight times slower at half a million rows; so only
-- business events and what failed in the server are found by their trace, and a query that wants
-- the index repeats its condition. Refused requests are not: a flood of them must not pay for it.
CREATE TABLE audit_logs (
    id            INTEGER PRIMARY KEY,
    user_id       INTEGER,
    username      TEXT CHECK (length(username) <= 100),
    action        TEXT NOT NULL CHECK (length(action) <= 100),
    resource_name TEXT CHECK (length(resource_name) <= 200),
    details       TEXT,
    http_method   TEXT CHECK (length(http_method) <= 10),
    route         TEXT CHECK (length(route) <= 200),
    http_status   INTEGER,
    duration_us   INTEGER,
    ip_address    TEXT CHECK (length(ip_address) <= 50),
    user_agent    TEXT CHECK (length(user_agent) <= 500),
    trace_id      TEXT CHECK (length(trace_id) <= 64),
    created_at    INTEGER NOT NULL
                  DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
) STRICT;
CREATE INDEX audit_logs_trace_id ON audit_logs (trace_id)
 WHERE http_status IS NULL OR http_status >= 500;

CREATE TRIGGER audit_logs_no_update BEFORE UPDATE ON audit_logs
BEGIN
    SELECT RAISE(ABORT, 'audit_logs is append-only');
END;

CREATE TRIGGER audit_logs_no_delete BEFORE DELETE ON audit_logs
BEGIN
    SELECT RAISE(ABORT, 'audit_logs is append-only');
END;

-- postgres:

-- The same tables, keys and indexes; what they are for is said above. The types are its own:
--   id            BIGINT, by default from the table's sequence
--   money         NUMERIC(12, 2), in whole units and cents; decimal(n,2) is NUMERIC(n, 2)
--   ts            TIMESTAMPTZ, exact to the microsecond
--   flag          SMALLINT, 0 or 1, so that statements compare it as they do on SQLite
--   JSON          TEXT as it came, held by a check to what the type json accepts
-- Text that is sorted or folded has the collation "C": the same order and the same letters as on
-- SQLite, whatever the database's locale is.
CREATE TABLE users (
    id            BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    username      TEXT COLLATE "C" NOT NULL CHECK (length(username) BETWEEN 1 AND 100),
    email         TEXT COLLATE "C" NOT NULL UNIQUE
                  CHECK (length(email) <= 200 AND email = lower(trim(email))),
    password_hash TEXT NOT NULL CHECK (length(password_hash) <= 300),
    role          TEXT NOT NULL DEFAULT 'user' CHECK (length(role) <= 50),
    is_active     SMALLINT NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    last_login    TIMESTAMPTZ,
    created_at    TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_username ON users (lower(username));

CREATE TABLE user_sessions (
    id           BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    session_id   TEXT NOT NULL UNIQUE CHECK (length(session_id) <= 64),
    user_id      BIGINT NOT NULL REFERENCES users (id),
    username     TEXT NOT NULL CHECK (length(username) <= 100),
    role         TEXT NOT NULL CHECK (length(role) <= 50),
    auth_method  TEXT NOT NULL DEFAULT 'password' CHECK (length(auth_method) <= 30),
    created_at   TIMESTAMPTZ NOT NULL DEFAULT now(),
    expires_at   TIMESTAMPTZ NOT NULL,
    last_seen_at TIMESTAMPTZ
);
CREATE INDEX user_sessions_user_id ON user_sessions (user_id);
CREATE INDEX user_sessions_expires_at ON user_sessions (expires_at);

CREATE TABLE login_failures (
    id        BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    scope     TEXT NOT NULL CHECK (length(scope) <= 20),
    who       TEXT NOT NULL CHECK (length(who) <= 200),
    failed_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX login_failures_who ON login_failures (scope, who, failed_at);

CREATE TABLE idempotency_keys (
    scope        TEXT NOT NULL CHECK (length(scope) <= 200),
    key          TEXT NOT NULL CHECK (length(key) <= 64),
    request_hash TEXT NOT NULL CHECK (length(request_hash) <= 64),
    status_code  BIGINT CHECK (status_code BETWEEN 100 AND 599),
    body         TEXT,
    content_type TEXT CHECK (length(content_type) <= 100),
    created_at   TIMESTAMPTZ NOT NULL DEFAULT now(),
    expires_at   TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_keys_expires_at ON idempotency_keys (expires_at);

CREATE TABLE customers (
    id         BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL CHECK (length(name) <= 200),
    email      TEXT COLLATE "C" NOT NULL UNIQUE
               CHECK (length(email) <= 255 AND email = lower(trim(email))),
    phone      TEXT CHECK (length(phone) <= 50),
    company    TEXT COLLATE "C" CHECK (length(company) <= 200),
    industry   TEXT CHECK (length(industry) <= 100),
    revenue    NUMERIC(12, 2) NOT NULL DEFAULT 0,
    notes      TEXT,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE products (
    id          BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    shop_id     BIGINT,
    name        TEXT COLLATE "C" NOT NULL CHECK (length(name) <= 200),
    sku         TEXT COLLATE "C" NOT NULL UNIQUE
                CHECK (length(sku) BETWEEN 1 AND 50 AND sku = upper(sku)),
    description TEXT,
    price       NUMERIC(12, 2) NOT NULL CHECK (price >= 0),
    stock       BIGINT NOT NULL DEFAULT 0 CHECK (stock >= 0),
    category    TEXT COLLATE "C" CHECK (length(category) <= 100),
    image_url   TEXT CHECK (length(image_url) <= 500),
    is_active   SMALLINT NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX products_category ON products (category);
CREATE INDEX products_for_sale ON products (is_active, name);

CREATE TABLE orders (
    id               BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    customer_id      BIGINT REFERENCES customers (id),
    total            NUMERIC(12, 2) NOT NULL CHECK (total >= 0),
    status           TEXT NOT NULL DEFAULT 'pending' CHECK (length(status) <= 50),
    payment_method   TEXT NOT NULL DEFAULT 'credit_card' CHECK (length(payment_method) <= 50),
    payment_status   TEXT NOT NULL DEFAULT 'pending' CHECK (length(payment_status) <= 50),
    payment_provider TEXT CHECK (length(payment_provider) <= 50),
    payment_provider_reference TEXT CHECK (length(payment_provider_reference) <= 128),
    notes            TEXT,
    shipping_address TEXT,
    subtotal         NUMERIC(12, 2) CHECK (subtotal >= 0),
    discount         NUMERIC(12, 2) NOT NULL DEFAULT 0 CHECK (discount >= 0),
    shipping_cost    NUMERIC(12, 2) NOT NULL DEFAULT 0 CHECK (shipping_cost >= 0),
    currency         TEXT NOT NULL DEFAULT 'USD' CHECK (length(currency) <= 10),
    coupon_code      TEXT CHECK (length(coupon_code) <= 50),
    created_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at       TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX orders_customer_id ON orders (customer_id);
CREATE INDEX orders_updated_at ON orders (updated_at, id);
CREATE INDEX orders_payment_provider_reference ON orders (payment_provider_reference)
 WHERE payment_provider_reference IS NOT NULL;

CREATE TABLE order_items (
    id           BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    order_id     BIGINT NOT NULL REFERENCES orders (id),
    product_id   BIGINT REFERENCES products (id),
    sku          TEXT CHECK (length(sku) <= 50),
    product_name TEXT CHECK (length(product_name) <= 200),
    quantity     BIGINT NOT NULL CHECK (quantity > 0),
    unit_price   NUMERIC(12, 2) NOT NULL CHECK (unit_price >= 0)
);
CREATE INDEX order_items_order_id ON order_items (order_id);
CREATE INDEX order_items_product_id ON order_items (product_id);

CREATE TABLE shipments (
    id                 BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    order_id           BIGINT REFERENCES orders (id),
    tracking_number    TEXT UNIQUE CHECK (length(tracking_number) <= 100),
    carrier            TEXT CHECK (length(carrier) <= 100),
    status             TEXT NOT NULL DEFAULT 'processing' CHECK (length(status) <= 50),
    origin_region      TEXT CHECK (length(origin_region) <= 50),
    destination_region TEXT CHECK (length(destination_region) <= 50),
    weight_kg          NUMERIC(10, 2) NOT NULL DEFAULT 0 CHECK (weight_kg >= 0),
    shipping_cost      NUMERIC(12, 2) NOT NULL DEFAULT 0 CHECK (shipping_cost >= 0),
    estimated_delivery TIMESTAMPTZ,
    actual_delivery    TIMESTAMPTZ,
    created_at         TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at         TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX shipments_order_id ON shipments (order_id);

CREATE TABLE warehouses (
    id            BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name          TEXT NOT NULL CHECK (length(name) <= 200),
    region        TEXT NOT NULL CHECK (length(region) <= 50),
    address       TEXT,
    capacity      BIGINT NOT NULL DEFAULT 10000 CHECK (capacity >= 0),
    current_stock BIGINT NOT NULL DEFAULT 0 CHECK (current_stock >= 0),
    is_active     SMALLINT NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    created_at    TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE campaigns (
    id              BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name            TEXT NOT NULL CHECK (length(name) <= 200),
    campaign_type   TEXT NOT NULL DEFAULT 'email' CHECK (length(campaign_type) <= 50),
    status          TEXT NOT NULL DEFAULT 'draft' CHECK (length(status) <= 50),
    budget          NUMERIC(12, 2) NOT NULL DEFAULT 0 CHECK (budget >= 0),
    spent           NUMERIC(12, 2) NOT NULL DEFAULT 0 CHECK (spent >= 0),
    target_audience TEXT,
    start_date      TIMESTAMPTZ,
    end_date        TIMESTAMPTZ,
    created_by      BIGINT,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at      TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE leads (
    id           BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    campaign_id  BIGINT REFERENCES campaigns (id),
    customer_id  BIGINT REFERENCES customers (id),
    email        TEXT NOT NULL CHECK (length(email) <= 200),
    name         TEXT CHECK (length(name) <= 200),
    source       TEXT CHECK (length(source) <= 100),
    status       TEXT NOT NULL DEFAULT 'new' CHECK (length(status) <= 50),
    score        BIGINT NOT NULL DEFAULT 0,
    notes        TEXT,
    converted_at TIMESTAMPTZ,
    created_at   TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX leads_campaign_id ON leads (campaign_id);
CREATE INDEX leads_customer_id ON leads (customer_id);

CREATE TABLE page_views (
    id             BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    page           TEXT NOT NULL CHECK (length(page) <= 200),
    visitor_ip     TEXT CHECK (length(visitor_ip) <= 50),
    visitor_region TEXT COLLATE "C" CHECK (length(visitor_region) <= 50),
    user_agent     TEXT CHECK (length(user_agent) <= 500),
    load_time_ms   BIGINT,
    referrer       TEXT CHECK (length(referrer) <= 500),
    session_id     TEXT CHECK (length(session_id) <= 64),
    created_at     TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX page_views_region ON page_views (visitor_region, load_time_ms);
CREATE INDEX page_views_session_id ON page_views (session_id);

CREATE TABLE audit_logs (
    id            BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    user_id       BIGINT,
    username      TEXT CHECK (length(username) <= 100),
    action        TEXT NOT NULL CHECK (length(action) <= 100),
    resource_name TEXT CHECK (length(resource_name) <= 200),
    details       TEXT,
    http_method   TEXT CHECK (length(http_method) <= 10),
    route         TEXT CHECK (length(route) <= 200),
    http_status   BIGINT,
    duration_us   BIGINT,
    ip_address    TEXT CHECK (length(ip_address) <= 50),
    user_agent    TEXT CHECK (length(user_agent) <= 500),
    trace_id      TEXT CHECK (length(trace_id) <= 64),
    created_at    TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX audit_logs_trace_id ON audit_logs (trace_id)
 WHERE http_status IS NULL OR http_status >= 500;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;

CREATE TRIGGER audit_logs_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_logs
    EXECUTE FUNCTION refuse_change();

-- oracle:
-- The same tables, keys and indexes; what they are for is said above. The types are its own:
--   id            NUMBER(19), by default from the table's sequence
--   money         NUMBER(12, 2), in whole units and cents; decimal(n,2) is NUMBER(n, 2)
--   ts            TIMESTAMP(6), which is UTC whatever zone the session has
--   flag          NUMBER(1), 0 or 1
--   text(n)       VARCHAR2(n CHAR); one of no characters is null
--   clob          CLOB, with IS JSON where it holds some
-- Where another engine has an index of a part of the rows, this one has it of all, or of an expression
-- that is null for the others. What is appended only is held to that by 0016.
CREATE TABLE users (
    id            NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    username      VARCHAR2(100 CHAR) NOT NULL,
    email         VARCHAR2(200 CHAR) NOT NULL UNIQUE CHECK (email = lower(trim(email))),
    password_hash VARCHAR2(300 CHAR) NOT NULL,
    role          VARCHAR2(50 CHAR) DEFAULT 'user' NOT NULL,
    is_active     NUMBER(1) DEFAULT 1 NOT NULL CHECK (is_active IN (0, 1)),
    last_login    TIMESTAMP(6),
    created_at    TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);
CREATE UNIQUE INDEX users_username ON users (lower(username));

CREATE TABLE user_sessions (
    id           NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    session_id   VARCHAR2(64 CHAR) NOT NULL UNIQUE,
    user_id      NUMBER(19) NOT NULL REFERENCES users (id),
    username     VARCHAR2(100 CHAR) NOT NULL,
    role         VARCHAR2(50 CHAR) NOT NULL,
    auth_method  VARCHAR2(30 CHAR) DEFAULT 'password' NOT NULL,
    created_at   TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL,
    expires_at   TIMESTAMP(6) NOT NULL,
    last_seen_at TIMESTAMP(6)
);
CREATE INDEX user_sessions_user_id ON user_sessions (user_id);
CREATE INDEX user_sessions_expires_at ON user_sessions (expires_at);

CREATE TABLE login_failures (
    id        NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    scope     VARCHAR2(20 CHAR) NOT NULL,
    who       VARCHAR2(200 CHAR) NOT NULL,
    failed_at TIMESTAMP(6) NOT NULL
);
CREATE INDEX login_failures_who ON login_failures (scope, who, failed_at);

CREATE TABLE idempotency_keys (
    scope        VARCHAR2(200 CHAR) NOT NULL,
    key          VARCHAR2(64 CHAR) NOT NULL,
    request_hash VARCHAR2(64 CHAR) NOT NULL,
    status_code  NUMBER(19) CHECK (status_code BETWEEN 100 AND 599),
    body         CLOB,
    content_type VARCHAR2(100 CHAR),
    created_at   TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL,
    expires_at   TIMESTAMP(6) NOT NULL,
    PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_keys_expires_at ON idempotency_keys (expires_at);

CREATE TABLE customers (
    id         NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name       VARCHAR2(200 CHAR) NOT NULL,
    email      VARCHAR2(255 CHAR) NOT NULL UNIQUE CHECK (email = lower(trim(email))),
    phone      VARCHAR2(50 CHAR),
    company    VARCHAR2(200 CHAR),
    industry   VARCHAR2(100 CHAR),
    revenue    NUMBER(12, 2) DEFAULT 0 NOT NULL,
    notes      CLOB,
    created_at TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL,
    updated_at TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);

CREATE TABLE products (
    id          NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    shop_id     NUMBER(19),
    name        VARCHAR2(200 CHAR) NOT NULL,
    sku         VARCHAR2(50 CHAR) NOT NULL UNIQUE CHECK (sku = upper(sku)),
    description CLOB,
    price       NUMBER(12, 2) NOT NULL CHECK (price >= 0),
    stock       NUMBER(19) DEFAULT 0 NOT NULL CHECK (stock >= 0),
    category    VARCHAR2(100 CHAR),
    image_url   VARCHAR2(500 CHAR),
    is_active   NUMBER(1) DEFAULT 1 NOT NULL CHECK (is_active IN (0, 1)),
    created_at  TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL,
    updated_at  TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);
CREATE INDEX products_category ON products (category);
CREATE INDEX products_for_sale ON products (is_active, name);

CREATE TABLE orders (
    id                         NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    customer_id                NUMBER(19) REFERENCES customers (id),
    total                      NUMBER(12, 2) NOT NULL CHECK (total >= 0),
    status                     VARCHAR2(50 CHAR) DEFAULT 'pending' NOT NULL,
    payment_method             VARCHAR2(50 CHAR) DEFAULT 'credit_card' NOT NULL,
    payment_status             VARCHAR2(50 CHAR) DEFAULT 'pending' NOT NULL,
    payment_provider           VARCHAR2(50 CHAR),
    payment_provider_reference VARCHAR2(128 CHAR),
    notes                      CLOB,
    shipping_address           CLOB,
    subtotal                   NUMBER(12, 2) CHECK (subtotal >= 0),
    discount                   NUMBER(12, 2) DEFAULT 0 NOT NULL CHECK (discount >= 0),
    shipping_cost              NUMBER(12, 2) DEFAULT 0 NOT NULL CHECK (shipping_cost >= 0),
    currency                   VARCHAR2(10 CHAR) DEFAULT 'USD' NOT NULL,
    coupon_code                VARCHAR2(50 CHAR),
    created_at                 TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL,
    updated_at                 TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);
CREATE INDEX orders_customer_id ON orders (customer_id);
CREATE INDEX orders_updated_at ON orders (updated_at, id);
CREATE INDEX orders_payment_provider_reference ON orders (payment_provider_reference);

CREATE TABLE order_items (
    id           NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    order_id     NUMBER(19) NOT NULL REFERENCES orders (id),
    product_id   NUMBER(19) REFERENCES products (id),
    sku          VARCHAR2(50 CHAR),
    product_name VARCHAR2(200 CHAR),
    quantity     NUMBER(19) NOT NULL CHECK (quantity > 0),
    unit_price   NUMBER(12, 2) NOT NULL CHECK (unit_price >= 0)
);
CREATE INDEX order_items_order_id ON order_items (order_id);
CREATE INDEX order_items_product_id ON order_items (product_id);

CREATE TABLE shipments (
    id                 NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    order_id           NUMBER(19) REFERENCES orders (id),
    tracking_number    VARCHAR2(100 CHAR) UNIQUE,
    carrier            VARCHAR2(100 CHAR),
    status             VARCHAR2(50 CHAR) DEFAULT 'processing' NOT NULL,
    origin_region      VARCHAR2(50 CHAR),
    destination_region VARCHAR2(50 CHAR),
    weight_kg          NUMBER(10, 2) DEFAULT 0 NOT NULL CHECK (weight_kg >= 0),
    shipping_cost      NUMBER(12, 2) DEFAULT 0 NOT NULL CHECK (shipping_cost >= 0),
    estimated_delivery TIMESTAMP(6),
    actual_delivery    TIMESTAMP(6),
    created_at         TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL,
    updated_at         TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);
CREATE INDEX shipments_order_id ON shipments (order_id);

CREATE TABLE warehouses (
    id            NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name          VARCHAR2(200 CHAR) NOT NULL,
    region        VARCHAR2(50 CHAR) NOT NULL,
    address       CLOB,
    capacity      NUMBER(19) DEFAULT 10000 NOT NULL CHECK (capacity >= 0),
    current_stock NUMBER(19) DEFAULT 0 NOT NULL CHECK (current_stock >= 0),
    is_active     NUMBER(1) DEFAULT 1 NOT NULL CHECK (is_active IN (0, 1)),
    created_at    TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);

CREATE TABLE campaigns (
    id              NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name            VARCHAR2(200 CHAR) NOT NULL,
    campaign_type   VARCHAR2(50 CHAR) DEFAULT 'email' NOT NULL,
    status          VARCHAR2(50 CHAR) DEFAULT 'draft' NOT NULL,
    budget          NUMBER(12, 2) DEFAULT 0 NOT NULL CHECK (budget >= 0),
    spent           NUMBER(12, 2) DEFAULT 0 NOT NULL CHECK (spent >= 0),
    target_audience CLOB,
    start_date      TIMESTAMP(6),
    end_date        TIMESTAMP(6),
    created_by      NUMBER(19),
    created_at      TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL,
    updated_at      TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);

CREATE TABLE leads (
    id           NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    campaign_id  NUMBER(19) REFERENCES campaigns (id),
    customer_id  NUMBER(19) REFERENCES customers (id),
    email        VARCHAR2(200 CHAR) NOT NULL,
    name         VARCHAR2(200 CHAR),
    source       VARCHAR2(100 CHAR),
    status       VARCHAR2(50 CHAR) DEFAULT 'new' NOT NULL,
    score        NUMBER(19) DEFAULT 0 NOT NULL,
    notes        CLOB,
    converted_at TIMESTAMP(6),
    created_at   TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);
CREATE INDEX leads_campaign_id ON leads (campaign_id);
CREATE INDEX leads_customer_id ON leads (customer_id);

CREATE TABLE page_views (
    id             NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    page           VARCHAR2(200 CHAR) NOT NULL,
    visitor_ip     VARCHAR2(50 CHAR),
    visitor_region VARCHAR2(50 CHAR),
    user_agent     VARCHAR2(500 CHAR),
    load_time_ms   NUMBER(19),
    referrer       VARCHAR2(500 CHAR),
    session_id     VARCHAR2(64 CHAR),
    created_at     TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);
CREATE INDEX page_views_region ON page_views (visitor_region, load_time_ms);
CREATE INDEX page_views_session_id ON page_views (session_id);

CREATE TABLE audit_logs (
    id            NUMBER(19) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    user_id       NUMBER(19),
    username      VARCHAR2(100 CHAR),
    action        VARCHAR2(100 CHAR) NOT NULL,
    resource_name VARCHAR2(200 CHAR),
    details       CLOB,
    http_method   VARCHAR2(10 CHAR),
    route         VARCHAR2(200 CHAR),
    http_status   NUMBER(19),
    duration_us   NUMBER(19),
    ip_address    VARCHAR2(50 CHAR),
    user_agent    VARCHAR2(500 CHAR),
    trace_id      VARCHAR2(64 CHAR),
    created_at    TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL
);
CREATE INDEX audit_logs_trace_id ON audit_logs (trace_id);
