-- The trace of the purchase, by which an order is found in spans and logs of both services. Orders
-- that were placed before have none.
-- sqlite:
ALTER TABLE orders ADD COLUMN correlation_id TEXT CHECK (length(correlation_id) <= 64);

-- postgres:
ALTER TABLE orders ADD COLUMN correlation_id TEXT CHECK (length(correlation_id) <= 64);

-- oracle:
ALTER TABLE orders ADD correlation_id VARCHAR2(64 CHAR);
