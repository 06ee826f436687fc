-- What payment providers have told, so that what they tell twice counts once.
-- sqlite:
CREATE TABLE payment_events (
    provider   TEXT NOT NULL CHECK (length(provider) <= 50),
    event_id   TEXT NOT NULL CHECK (length(event_id) BETWEEN 1 AND 200),
    event_type TEXT NOT NULL CHECK (length(event_type) <= 100),
    order_id   INTEGER REFERENCES orders (id),
    outcome    TEXT NOT NULL CHECK (length(outcome) <= 20),
    created_at INTEGER NOT NULL
               DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
    PRIMARY KEY (provider, event_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_events_order_id ON payment_events (order_id);

-- postgres:
CREATE TABLE payment_events (
    provider   TEXT COLLATE "C" NOT NULL CHECK (length(provider) <= 50),
    event_id   TEXT COLLATE "C" NOT NULL CHECK (length(event_id) BETWEEN 1 AND 200),
    event_type TEXT NOT NULL CHECK (length(event_type) <= 100),
    order_id   BIGINT REFERENCES orders (id),
    outcome    TEXT NOT NULL CHECK (length(outcome) <= 20),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (provider, event_id)
);
CREATE INDEX payment_events_order_id ON payment_events (order_id);

-- oracle:
CREATE TABLE payment_events (
    provider   VARCHAR2(50 CHAR) NOT NULL,
    event_id   VARCHAR2(200 CHAR) NOT NULL,
    event_type VARCHAR2(100 CHAR) NOT NULL,
    order_id   NUMBER(19) REFERENCES orders (id),
    outcome    VARCHAR2(20 CHAR) NOT NULL,
    created_at TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL,
    PRIMARY KEY (provider, event_id)
);
CREATE INDEX payment_events_order_id ON payment_events (order_id);
