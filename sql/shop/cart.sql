-- Carts. A cart is the lines of one anonymous session, at most one per product. Here a session is
-- the SHA-256 of its id, so that a copy of these tables opens nothing.

-- name: cart_lines
-- The lines of a session with their products, in the order in which they were added.
-- params: session_id text
-- columns: item_id int, quantity int, product.*
SELECT c.id AS item_id, c.quantity, p.id, p.shop_id, p.name, p.sku, p.description, p.price,
       p.stock, p.category, p.image_url, p.is_active, p.created_at
  FROM cart_items c
  JOIN products p ON p.id = c.product_id
 WHERE c.session_id = :session_id
 ORDER BY c.id

-- name: cart_make
-- Makes an empty cart. The funnel counts them, since checkout empties them again.
-- params: session_id text, now now
INSERT INTO cart_sessions (session_id, first_added_at) VALUES (:session_id, :now)

-- name: cart_add
-- Puts units into the cart, on top of those that are there, and gives the line as it is then; no row
-- means that no such cart was made.
-- params: session_id text, product_id int, quantity int, now now
-- columns: id int, quantity int
INSERT INTO cart_items (session_id, product_id, quantity, created_at)
SELECT session_id, :product_id, :quantity, :now
  FROM cart_sessions
 WHERE session_id = :session_id
ON CONFLICT (session_id, product_id)
   DO UPDATE SET quantity = cart_items.quantity + excluded.quantity
RETURNING id, quantity
-- oracle:
BEGIN
  MERGE INTO cart_items c
  USING (SELECT session_id, :product_id AS product_id, :quantity AS quantity, :now AS created_at
           FROM cart_sessions
          WHERE session_id = :session_id) n
     ON (c.session_id = n.session_id AND c.product_id = n.product_id)
   WHEN MATCHED THEN UPDATE SET quantity = c.quantity + n.quantity
   WHEN NOT MATCHED THEN INSERT (session_id, product_id, quantity, created_at)
        VALUES (n.session_id, n.product_id, n.quantity, n.created_at);
  SELECT c.id, c.quantity INTO :id, :ret_quantity
    FROM cart_items c
    JOIN cart_sessions s ON s.session_id = c.session_id
   WHERE c.session_id = :session_id AND c.product_id = :product_id;
EXCEPTION
  WHEN NO_DATA_FOUND THEN NULL;
END;

-- name: cart_remove
-- Takes a line out of the session's own cart; no change means that it has no such line.
-- params: id int, session_id text
DELETE FROM cart_items WHERE id = :id AND session_id = :session_id

-- name: cart_to_order
-- What a cart asks for, by product; until the end of the transaction nobody changes these lines.
-- params: session_id text
-- columns: product_id int, quantity int
-- sqlite:
SELECT product_id, quantity
  FROM cart_items
 WHERE session_id = :session_id
 ORDER BY product_id
-- postgres:
SELECT product_id, quantity
  FROM cart_items
 WHERE session_id = :session_id
 ORDER BY product_id
   FOR UPDATE

-- name: cart_clear
-- Empties a cart.
-- params: session_id text
DELETE FROM cart_items WHERE session_id = :session_id

-- name: cart_sweep
-- Empties carts into which nothing was put for `age` seconds, of the oldest `most` lines: ids grow with
-- time. What is in a cart stays as long as the youngest of its lines.
-- params: age int, most int, now now
-- sqlite:
DELETE FROM cart_items
 WHERE id IN (SELECT id FROM cart_items ORDER BY id LIMIT :most)
   AND created_at <= :now - :age * 1000000
   AND NOT EXISTS (SELECT 1 FROM cart_items younger
                    WHERE younger.session_id = cart_items.session_id
                      AND younger.created_at > :now - :age * 1000000)
-- postgres:
DELETE FROM cart_items
 WHERE id IN (SELECT id FROM cart_items ORDER BY id LIMIT :most)
   AND created_at <= statement_timestamp() - :age * interval '1 second'
   AND NOT EXISTS (SELECT 1 FROM cart_items younger
                    WHERE younger.session_id = cart_items.session_id
                      AND younger.created_at > statement_timestamp() - :age * interval '1 second')

-- name: cart_session_sweep
-- Forgets sessions that have put something into a cart for the first time `age` seconds ago, the oldest
-- first.
-- params: age int, most int, now now
-- sqlite:
DELETE FROM cart_sessions
 WHERE session_id IN (SELECT session_id FROM cart_sessions
                       WHERE first_added_at <= :now - :age * 1000000
                       ORDER BY first_added_at
                       LIMIT :most)
-- postgres:
DELETE FROM cart_sessions
 WHERE session_id IN (SELECT session_id FROM cart_sessions
                       WHERE first_added_at <= statement_timestamp() - :age * interval '1 second'
                       ORDER BY first_added_at
                       LIMIT :most)
