-- What buyers say of products. Text is kept as it was typed: whoever shows it escapes it. Positions of
-- pages are told in service/listing.h.

-- row: review
-- A review as everybody sees it.
-- columns: id int, rating int, review_comment text0?, author_name text0?, created_at time

-- name: review_figures
-- How many reviews a product that is for sale has, and the sum of their stars; no row: there is no such
-- product.
-- params: product_id int
-- columns: reviews int, stars int
SELECT count(r.id) AS reviews, coalesce(sum(r.rating), 0) AS stars
  FROM products p
  LEFT JOIN reviews r ON r.product_id = p.id
 WHERE p.id = :product_id AND p.is_active = 1
 GROUP BY p.id

-- name: reviews_newest
-- A page of a product's reviews, the newest first: ids grow with time. `rating` null: of any.
-- params: product_id int, rating int?, id int, most int
-- columns: review.*
SELECT id, rating, review_comment, author_name, created_at
  FROM reviews
 WHERE product_id = :product_id AND id < :id
   AND (:rating IS NULL OR rating = :rating)
 ORDER BY id DESC
 LIMIT :most

-- name: reviews_best
-- The same, those with most stars first, of equals the newest.
-- params: product_id int, rating int?, stars int, id int, most int
-- columns: review.*
SELECT id, rating, review_comment, author_name, created_at
  FROM reviews
 WHERE product_id = :product_id AND rating <= :stars AND (rating < :stars OR id < :id)
   AND (:rating IS NULL OR rating = :rating)
 ORDER BY rating DESC, id DESC
 LIMIT :most

-- name: reviews_worst
-- The same the other way round.
-- params: product_id int, rating int?, stars int, id int, most int
-- columns: review.*
SELECT id, rating, review_comment, author_name, created_at
  FROM reviews
 WHERE product_id = :product_id AND rating >= :stars AND (rating > :stars OR id > :id)
   AND (:rating IS NULL OR rating = :rating)
 ORDER BY rating, id
 LIMIT :most

-- name: review_add
-- A review of a product that is for sale, by the customer with this e-mail address where there is one. It
-- gives nothing where there is no such product.
-- params: product_id int, email text?, rating int, review_comment text0?, author_name text, now now
-- columns: id int
INSERT INTO reviews (product_id, customer_id, rating, review_comment, author_name, created_at)
SELECT p.id, (SELECT c.id FROM customers c WHERE c.email = :email), :rating, :review_comment,
       :author_name, :now
  FROM products p
 WHERE p.id = :product_id AND p.is_active = 1
RETURNING id
