-- Which products a storefront sells is asked for each storefront that is listed.
-- sqlite:
CREATE INDEX products_shop_id ON products (shop_id);

-- postgres:
CREATE INDEX products_shop_id ON products (shop_id);

-- oracle:
CREATE INDEX products_shop_id ON products (shop_id);
