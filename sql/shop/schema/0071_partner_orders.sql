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
