-- The number of the last change of the portal's catalogue that a product has; 0: none. What comes later
-- and is older is not taken. The portal has the column as the shop has: their core tables are alike.
-- sqlite:
ALTER TABLE products ADD COLUMN portal_change INTEGER NOT NULL DEFAULT 0;

-- postgres:
ALTER TABLE products ADD COLUMN portal_change BIGINT NOT NULL DEFAULT 0;

-- oracle:
ALTER TABLE products ADD portal_change NUMBER(19) DEFAULT 0 NOT NULL;
