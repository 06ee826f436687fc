-- A list of orders shows the first parcel of each: found in an index that goes on with the id, where
-- otherwise all parcels of an order are read and sorted. SQLite's indexes do so by themselves.
-- postgres:
DROP INDEX shipments_order_id;
CREATE INDEX shipments_order_id ON shipments (order_id, id);

-- oracle:
DROP INDEX shipments_order_id;
CREATE INDEX shipments_order_id ON shipments (order_id, id);
