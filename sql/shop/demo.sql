-- What is shown and made where somebody demonstrates the shop.

-- name: picker_customers
-- Customers to choose from, by name.
-- params: most int
-- columns: id int, name text, company text0?, email text
SELECT id, name, company, email FROM customers ORDER BY name, id LIMIT :most

-- name: picker_products
-- Products to choose from that are for sale, by name.
-- params: most int
-- columns: id int, name text, price money, category text0?, stock int, image_url text0?
SELECT id, name, price, category, stock, image_url
  FROM products
 WHERE is_active = 1
 ORDER BY name, id
 LIMIT :most

-- name: demo_product
-- The product of that id, or where none is named the one of which most are left.
-- params: id int?
-- columns: id int, name text
SELECT id, name
  FROM products
 WHERE is_active = 1 AND (:id IS NULL OR id = :id)
 ORDER BY stock DESC, id
 LIMIT 1
