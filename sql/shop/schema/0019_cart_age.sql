-- How old a session's cart is: those that nobody can open any more are removed, the oldest first.
-- sqlite:
CREATE INDEX cart_sessions_first_added_at ON cart_sessions (first_added_at);

-- postgres:
CREATE INDEX cart_sessions_first_added_at ON cart_sessions (first_added_at);

-- oracle:
CREATE INDEX cart_sessions_first_added_at ON cart_sessions (first_added_at);
