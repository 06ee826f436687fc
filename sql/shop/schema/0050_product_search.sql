-- The words of each product, as the engine's full-text search wants them. Whatever writes a product,
-- triggers keep them in step with it; a change of price or stock alone leaves them as they are.
-- sqlite:

CREATE VIRTUAL TABLE product_search USING fts5 (
    name, sku, category, description,
    tokenize = 'porter unicode61 remove_diacritics 2'
);
INSERT INTO product_search (rowid, name, sku, category, description)
SELECT id, name, sku, category, description FROM products;

CREATE TRIGGER product_search_add AFTER INSERT ON products
BEGIN
    INSERT INTO product_search (rowid, name, sku, category, description)
    VALUES (NEW.id, NEW.name, NEW.sku, NEW.category, NEW.description);
END;
CREATE TRIGGER product_search_change AFTER UPDATE OF id, name, sku, category, description ON products
BEGIN
    DELETE FROM product_search WHERE rowid = OLD.id;
    INSERT INTO product_search (rowid, name, sku, category, description)
    VALUES (NEW.id, NEW.name, NEW.sku, NEW.category, NEW.description);
END;
CREATE TRIGGER product_search_remove AFTER DELETE ON products
BEGIN
    DELETE FROM product_search WHERE rowid = OLD.id;
END;

-- postgres:

CREATE TABLE product_search (
    product_id BIGINT PRIMARY KEY REFERENCES products (id) ON DELETE CASCADE,
    words      TSVECTOR NOT NULL
);
CREATE INDEX product_search_words ON product_search USING gin (words);

CREATE FUNCTION product_words(name text, sku text, category text, description text) RETURNS tsvector
LANGUAGE sql IMMUTABLE AS $$
    SELECT setweight(to_tsvector('pg_catalog.english', name || ' ' || sku), 'A')
        || setweight(to_tsvector('pg_catalog.english', coalesce(category, '')), 'B')
        || setweight(to_tsvector('pg_catalog.english', coalesce(description, '')), 'C')
$$;

CREATE FUNCTION product_search_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO product_search (product_id, words)
    VALUES (NEW.id, product_words(NEW.name, NEW.sku, NEW.category, NEW.description))
        ON CONFLICT (product_id) DO UPDATE SET words = excluded.words;
    RETURN NULL;
END
$$;
CREATE TRIGGER product_search_keep
    AFTER INSERT OR UPDATE OF name, sku, category, description ON products
    FOR EACH ROW EXECUTE FUNCTION product_search_keep();

INSERT INTO product_search (product_id, words)
SELECT id, product_words(name, sku, category, description) FROM products;
