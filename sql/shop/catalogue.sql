-- What the shop shows of its products. Only active ones are to be seen.

-- row: product
-- A product as shoppers see it; cart lines (cart.sql) show it, too.
-- columns: id int, shop_id int?, name text, sku text, description text0?, price money, stock int,
--   category text0?, image_url text0?, is_active int, created_at time

-- name: products_list_default
-- A page in the order that shoppers see without asking for another: by name.
-- params: limit int, offset int
-- columns: product.*
SELECT id, shop_id, name, sku, description, price, stock, category, image_url, is_active,
       created_at
  FROM products
 WHERE is_active = 1
 ORDER BY name, id
 LIMIT :limit OFFSET :offset

-- name: products_list
-- A page by search pattern, category and order, each of which may be left out. `sort` is a column
-- and a direction ("price desc"); anything else sorts by id.
-- params: pattern text?, category text?, sort text, limit int, offset int
-- columns: product.*
SELECT id, shop_id, name, sku, description, price, stock, category, image_url, is_active,
       created_at
  FROM products
 WHERE is_active = 1
   AND (:category IS NULL OR category = :category)
   AND (:pattern IS NULL
        OR lower(name) LIKE lower(:pattern) ESCAPE '!'
        OR lower(sku) LIKE lower(:pattern) ESCAPE '!'
        OR lower(description) LIKE lower(:pattern) ESCAPE '!')
 ORDER BY CASE :sort WHEN 'name asc' THEN name WHEN 'category asc' THEN category END ASC
               NULLS FIRST,
          CASE :sort WHEN 'name desc' THEN name WHEN 'category desc' THEN category END DESC
               NULLS LAST,
          CASE :sort WHEN 'price asc' THEN price WHEN 'stock asc' THEN stock END ASC,
          CASE :sort WHEN 'price desc' THEN price WHEN 'stock desc' THEN stock
                     WHEN 'id desc' THEN id END DESC,
          CASE :sort WHEN 'created_at asc' THEN created_at END ASC,
          CASE :sort WHEN 'created_at desc' THEN created_at END DESC,
          id
 LIMIT :limit OFFSET :offset

-- name: products_count
-- How many products products_list would give without a page limit.
-- params: pattern text?, category text?
-- columns: count.*
SELECT count(*) AS total
  FROM products
 WHERE is_active = 1
   AND (:category IS NULL OR category = :category)
   AND (:pattern IS NULL
        OR lower(name) LIKE lower(:pattern) ESCAPE '!'
        OR lower(sku) LIKE lower(:pattern) ESCAPE '!'
        OR lower(description) LIKE lower(:pattern) ESCAPE '!')

-- name: products_storefront
-- Everything that is for sale, as the storefront arranges it.
-- columns: product.*
SELECT id, shop_id, name, sku, description, price, stock, category, image_url, is_active,
       created_at
  FROM products
 WHERE is_active = 1
 ORDER BY category NULLS FIRST, name, id

-- name: products_featured
-- The eight dearest products.
-- columns: product.*
SELECT id, shop_id, name, sku, description, price, stock, category, image_url, is_active,
       created_at
  FROM products
 WHERE is_active = 1
 ORDER BY price DESC, id
 LIMIT 8

-- name: product_by_id
-- One product that is for sale.
-- params: id int
-- columns: product.*
SELECT id, shop_id, name, sku, description, price, stock, category, image_url, is_active,
       created_at
  FROM products
 WHERE id = :id AND is_active = 1

-- name: product_by_sku
-- The same by its SKU.
-- params: sku text
-- columns: product.*
SELECT id, shop_id, name, sku, description, price, stock, category, image_url, is_active,
       created_at
  FROM products
 WHERE sku = :sku AND is_active = 1

-- name: product_categories
-- The categories that have something for sale.
-- columns: category text
SELECT DISTINCT category
  FROM products
 WHERE is_active = 1 AND category IS NOT NULL AND category <> ''
 ORDER BY category
-- oracle:
SELECT DISTINCT category
  FROM products
 WHERE is_active = 1 AND category IS NOT NULL
 ORDER BY category

-- name: sales_totals
-- What all orders are worth, and how many there are.
-- columns: order_count int, revenue money
SELECT count(*) AS order_count, coalesce(sum(total), 0) AS revenue
  FROM orders
