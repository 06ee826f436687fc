-- Lists are paged through by position: an index that goes on with the id finds where a page begins. SQLite's
-- indexes do so by themselves.
-- sqlite:
CREATE INDEX customers_name ON customers (name);

-- postgres:
CREATE INDEX customers_name ON customers (name, id);
DROP INDEX reviews_product_id;
CREATE INDEX reviews_product_id ON reviews (product_id, id);
DROP INDEX tickets_customer_id;
CREATE INDEX tickets_customer_id ON tickets (customer_id, id);
DROP INDEX ticket_messages_ticket_id;
CREATE INDEX ticket_messages_ticket_id ON ticket_messages (ticket_id, id);
DROP INDEX orders_customer_id;
CREATE INDEX orders_customer_id ON orders (customer_id, id);

-- oracle:
CREATE INDEX customers_name ON customers (name, id);
DROP INDEX reviews_product_id;
CREATE INDEX reviews_product_id ON reviews (product_id, id);
DROP INDEX tickets_customer_id;
CREATE INDEX tickets_customer_id ON tickets (customer_id, id);
DROP INDEX ticket_messages_ticket_id;
CREATE INDEX ticket_messages_ticket_id ON ticket_messages (ticket_id, id);
DROP INDEX orders_customer_id;
CREATE INDEX orders_customer_id ON orders (customer_id, id);
