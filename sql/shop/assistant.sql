-- The advisor: what it looks through for an answer, and conversations with it. In a statement `words`
-- is a list as full-text search of either engine reads it: words in quotes, with OR between; Oracle's text
-- makes a JSON list of it, and looks for each as it stands.

-- name: advice_candidates
-- Products that are for sale and have one of these words, at most `most`: those of a price and a stock
-- within the bounds first, and then those that the words fit best.
-- params: words text, price_least money, price_most money, stock_least int, stock_most int, most int
-- columns: product.*
-- sqlite:
SELECT p.id, p.shop_id, p.name, p.sku, p.description, p.price, p.stock, p.category, p.image_url,
       p.is_active, p.created_at
  FROM product_search s
  JOIN products p ON p.id = s.rowid
 WHERE product_search MATCH :words AND p.is_active = 1
 ORDER BY CASE WHEN p.price BETWEEN :price_least AND :price_most
                AND p.stock BETWEEN :stock_least AND :stock_most THEN 0 ELSE 1 END,
          bm25(product_search, 4.0, 4.0, 2.0, 1.0), p.id
 LIMIT :most
-- postgres:
SELECT p.id, p.shop_id, p.name, p.sku, p.description, p.price, p.stock, p.category, p.image_url,
       p.is_active, p.created_at
  FROM product_search s
  JOIN products p ON p.id = s.product_id
 WHERE s.words @@ websearch_to_tsquery('pg_catalog.english', :words) AND p.is_active = 1
 ORDER BY CASE WHEN p.price BETWEEN :price_least AND :price_most
                AND p.stock BETWEEN :stock_least AND :stock_most THEN 0 ELSE 1 END,
          ts_rank(s.words, websearch_to_tsquery('pg_catalog.english', :words)) DESC, p.id
 LIMIT :most
-- oracle:
SELECT p.id, p.shop_id, p.name, p.sku, p.description, p.price, p.stock, p.category, p.image_url,
       p.is_active, p.created_at
  FROM (SELECT c.id, SUM(CASE WHEN INSTR(lower(c.name || ' ' || c.sku), w.word) > 0 THEN 4
                              WHEN INSTR(lower(c.category), w.word) > 0 THEN 2 ELSE 1 END) AS fit
          FROM JSON_TABLE('[' || REPLACE(:words, '" OR "', '","') || ']', '$[*]'
                          COLUMNS (word VARCHAR2(100) PATH '$')) w
          JOIN products c
            ON INSTR(lower(c.name || ' ' || c.sku || ' ' || c.category), w.word) > 0
               OR INSTR(lower(c.description), w.word) > 0
         WHERE c.is_active = 1
         GROUP BY c.id) s
  JOIN products p ON p.id = s.id
 ORDER BY CASE WHEN p.price BETWEEN :price_least AND :price_most
                AND p.stock BETWEEN :stock_least AND :stock_most THEN 0 ELSE 1 END,
          s.fit DESC, p.id
 FETCH FIRST :most ROWS ONLY

-- name: advice_all
-- The same where no word says what is looked for.
-- params: price_least money, price_most money, stock_least int, stock_most int, most int
-- columns: product.*
SELECT id, shop_id, name, sku, description, price, stock, category, image_url, is_active,
       created_at
  FROM products
 WHERE is_active = 1
   AND price BETWEEN :price_least AND :price_most
   AND stock BETWEEN :stock_least AND :stock_most
 ORDER BY price DESC, id
 LIMIT :most

-- name: assistant_owner_known
-- Has somebody a conversation under this name? Else nobody has been given it.
-- params: owner text
-- columns: id int
SELECT id FROM assistant_sessions WHERE owner = :owner ORDER BY id LIMIT 1

-- name: assistant_session_add
-- A new conversation.
-- params: session_id text, owner text, customer_email text?, product_focus text?, now now
INSERT INTO assistant_sessions (session_id, owner, customer_email, product_focus, created_at)
VALUES (:session_id, :owner, :customer_email, :product_focus, :now)

-- name: assistant_session_go_on
-- Counts two messages more and what they have cost, in the owner's own conversation, and notes what it is
-- about, where that is not null; until the end of the transaction nobody else adds to it. No row: he has
-- none of that name.
-- params: session_id text, owner text, tokens int, subject_id int?
-- columns: message_count int
UPDATE assistant_sessions
   SET message_count = message_count + 2, tokens_used = tokens_used + :tokens,
       subject_id = coalesce(:subject_id, subject_id)
 WHERE session_id = :session_id AND owner = :owner
RETURNING message_count

-- name: assistant_session_by_id
-- Whose a conversation is, what it is about, and what it has cost.
-- params: session_id text
-- columns: owner text?, product_focus text?, tokens_used int, subject_id int?
SELECT owner, product_focus, tokens_used, subject_id FROM assistant_sessions WHERE session_id = :session_id

-- name: assistant_message_add
-- What was asked, or answered.
-- params: session_id text, role text, content text, provider text, model_id text?, trace_id text?, now now
INSERT INTO assistant_messages (session_id, role, content, provider, model_id, trace_id, created_at)
VALUES (:session_id, :role, :content, :provider, :model_id, :trace_id, :now)

-- name: assistant_messages
-- A conversation in the order in which it went.
-- params: session_id text
-- columns: role text, content text, provider text, model_id text?, created_at time
SELECT role, content, provider, model_id, created_at
  FROM assistant_messages
 WHERE session_id = :session_id
 ORDER BY id

-- name: assistant_message_sweep
-- Removes messages that are `age` seconds old, of the oldest `most`: ids grow with time.
-- params: age int, most int, now now
-- sqlite:
DELETE FROM assistant_messages
 WHERE id IN (SELECT id FROM assistant_messages ORDER BY id LIMIT :most)
   AND created_at <= :now - :age * 1000000
-- postgres:
DELETE FROM assistant_messages
 WHERE id IN (SELECT id FROM assistant_messages ORDER BY id LIMIT :most)
   AND created_at <= statement_timestamp() - :age * interval '1 second'

-- name: assistant_session_sweep
-- Removes conversations that are as old and have no messages any more, in the same way.
-- params: age int, most int, now now
-- sqlite:
DELETE FROM assistant_sessions
 WHERE id IN (SELECT id FROM assistant_sessions ORDER BY id LIMIT :most)
   AND created_at <= :now - :age * 1000000
   AND NOT EXISTS (SELECT 1 FROM assistant_messages m
                    WHERE m.session_id = assistant_sessions.session_id)
-- postgres:
DELETE FROM assistant_sessions
 WHERE id IN (SELECT id FROM assistant_sessions ORDER BY id LIMIT :most)
   AND created_at <= statement_timestamp() - :age * interval '1 second'
   AND NOT EXISTS (SELECT 1 FROM assistant_messages m
                    WHERE m.session_id = assistant_sessions.session_id)
