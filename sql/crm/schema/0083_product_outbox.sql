-- Changes of the catalogue still to be told to the shop: a row for each article number that has ever
-- changed, written in the change's own transaction. The number counts its changes and never goes
-- back, also when the product is gone and another one gets the article number: the shop refuses what
-- is older than what it has. `name` and `price` are what to call a product by that is gone.
-- sqlite:
CREATE TABLE product_outbox (
    sku             TEXT PRIMARY KEY CHECK (length(sku) <= 50),
    change_number   INTEGER NOT NULL CHECK (change_number > 0),
    name            TEXT NOT NULL CHECK (length(name) <= 200),
    price           INTEGER NOT NULL CHECK (price >= 0),
    payload         TEXT NOT NULL CHECK (json_valid(payload)),
    attempts        INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_attempt_at INTEGER NOT NULL,
    last_error      TEXT,
    created_at      INTEGER NOT NULL,
    sent_at         INTEGER
) STRICT;
CREATE INDEX product_outbox_due ON product_outbox (next_attempt_at) WHERE sent_at IS NULL;

-- postgres:
CREATE TABLE product_outbox (
    sku             TEXT PRIMARY KEY CHECK (length(sku) <= 50),
    change_number   BIGINT NOT NULL CHECK (change_number > 0),
    name            TEXT NOT NULL CHECK (length(name) <= 200),
    price           NUMERIC(12, 2) NOT NULL CHECK (price >= 0),
    payload         TEXT NOT NULL CHECK (CAST(payload AS json) IS NOT NULL),
    attempts        BIGINT NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_attempt_at TIMESTAMPTZ NOT NULL,
    last_error      TEXT,
    created_at      TIMESTAMPTZ NOT NULL,
    sent_at         TIMESTAMPTZ
);
CREATE INDEX product_outbox_due ON product_outbox (next_attempt_at) WHERE sent_at IS NULL;

-- oracle:
CREATE TABLE product_outbox (
    sku             VARCHAR2(50 CHAR) PRIMARY KEY,
    change_number   NUMBER(19) NOT NULL CHECK (change_number > 0),
    name            VARCHAR2(200 CHAR) NOT NULL,
    price           NUMBER(12, 2) NOT NULL CHECK (price >= 0),
    payload         CLOB NOT NULL CHECK (payload IS JSON),
    attempts        NUMBER(19) DEFAULT 0 NOT NULL CHECK (attempts >= 0),
    next_attempt_at TIMESTAMP(6) NOT NULL,
    last_error      CLOB,
    created_at      TIMESTAMP(6) NOT NULL,
    sent_at         TIMESTAMP(6)
);
CREATE INDEX product_outbox_due ON product_outbox (next_attempt_at, sent_at);
