-- Which partner has placed an order: he may read his own.
-- sqlite:
CREATE TABLE partner_orders (
    order_id INTEGER PRIMARY KEY REFERENCES orders (id),
    partner  TEXT NOT NULL CHECK (length(partner) <= 80)
) STRICT;

-- postgres:
CREATE TABLE partner_orders (
    order_id BIGINT PRIMARY KEY REFERENCES orders (id),
    partner  TEXT NOT NULL CHECK (length(partner) <= 80)
);

-- oracle:
CREATE TABLE partner_orders (
    order_id NUMBER(19) PRIMARY KEY REFERENCES orders (id),
    partner  VARCHAR2(80 CHAR) NOT NULL
);
