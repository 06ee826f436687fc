-- The portal's own catalogue.

-- row: product
-- A product with the name of its storefront.
-- columns: id int, shop_id int?, shop_name text?, name text, sku text, description text0?,
--   price money, stock int, category text0?, image_url text0?, is_active int, created_at time

-- name: product_page
-- Products by category and name. `is_active` null: all of them.
-- params: pattern text?, category text?, shop_id int?, is_active int?, limit int, offset int
-- columns: product.*
SELECT p.id, p.shop_id, s.name AS shop_name, p.name, p.sku, p.description, p.price, p.stock,
       p.category, p.image_url, p.is_active, p.created_at
  FROM products p
  LEFT JOIN storefronts s ON s.id = p.shop_id
 WHERE (:is_active IS NULL OR p.is_active = :is_active)
   AND (:category IS NULL OR p.category = :category)
   AND (:shop_id IS NULL OR p.shop_id = :shop_id)
   AND (:pattern IS NULL OR lower(p.name) LIKE :pattern ESCAPE '!'
        OR lower(p.sku) LIKE :pattern ESCAPE '!' OR lower(p.description) LIKE :pattern ESCAPE '!')
 ORDER BY p.category NULLS FIRST, p.name, p.id
 LIMIT :limit OFFSET :offset

-- name: product_count
-- How many products product_page finds.
-- params: pattern text?, category text?, shop_id int?, is_active int?
-- columns: count.*
SELECT COUNT(*) AS total
  FROM products
 WHERE (:is_active IS NULL OR is_active = :is_active)
   AND (:category IS NULL OR category = :category)
   AND (:shop_id IS NULL OR shop_id = :shop_id)
   AND (:pattern IS NULL OR lower(name) LIKE :pattern ESCAPE '!'
        OR lower(sku) LIKE :pattern ESCAPE '!' OR lower(description) LIKE :pattern ESCAPE '!')

-- name: product_by_id
-- One product with the name of its storefront.
-- params: id int
-- columns: product.*
SELECT p.id, p.shop_id, s.name AS shop_name, p.name, p.sku, p.description, p.price, p.stock,
       p.category, p.image_url, p.is_active, p.created_at
  FROM products p
  LEFT JOIN storefronts s ON s.id = p.shop_id
 WHERE p.id = :id
