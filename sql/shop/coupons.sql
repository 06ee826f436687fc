-- Coupons as they are looked at and kept; that one is used is of order_place.sql. Positions of pages are
-- told in service/listing.h.

-- row: coupon
-- A coupon; the percentage in hundredths.
-- columns: id int, code text, discount_percent money, discount_amount money, is_active int,
--   max_uses int, used_count int, created_at time

-- name: coupon_by_code
-- The coupon of a code, letter by letter.
-- params: code text
-- columns: coupon.*
SELECT id, code, discount_percent, discount_amount, is_active, max_uses, used_count, created_at
  FROM coupons
 WHERE code = :code

-- name: coupons_by_code
-- A page of coupons in the order of their codes; `is_active` null: all of them.
-- params: is_active int?, code text0, id int, most int
-- columns: coupon.*
SELECT id, code, discount_percent, discount_amount, is_active, max_uses, used_count, created_at
  FROM coupons
 WHERE code >= :code AND (code > :code OR id > :id)
   AND (:is_active IS NULL OR is_active = :is_active)
 ORDER BY code, id
 LIMIT :most

-- name: coupons_newest
-- The same, the newest first: ids grow with time.
-- params: is_active int?, id int, most int
-- columns: coupon.*
SELECT id, code, discount_percent, discount_amount, is_active, max_uses, used_count, created_at
  FROM coupons
 WHERE id < :id
   AND (:is_active IS NULL OR is_active = :is_active)
 ORDER BY id DESC
 LIMIT :most

-- name: coupon_by_id
-- One coupon.
-- params: id int
-- columns: coupon.*
SELECT id, code, discount_percent, discount_amount, is_active, max_uses, used_count, created_at
  FROM coupons
 WHERE id = :id

-- name: coupon_to_change
-- The same; until the end of the transaction nobody else changes or uses it.
-- params: id int
-- columns: coupon.*
-- sqlite:
SELECT id, code, discount_percent, discount_amount, is_active, max_uses, used_count, created_at
  FROM coupons
 WHERE id = :id
-- postgres:
SELECT id, code, discount_percent, discount_amount, is_active, max_uses, used_count, created_at
  FROM coupons
 WHERE id = :id
   FOR NO KEY UPDATE

-- name: coupon_add
-- A new coupon, which nobody has used.
-- params: code text, discount_percent money, discount_amount money, is_active int, max_uses int,
--   now now
-- columns: coupon.*
INSERT INTO coupons (code, discount_percent, discount_amount, is_active, max_uses, used_count,
                     created_at)
VALUES (:code, :discount_percent, :discount_amount, :is_active, :max_uses, 0, :now)
RETURNING id, code, discount_percent, discount_amount, is_active, max_uses, used_count, created_at

-- name: coupon_change
-- Another code, and another number for each that is given; what is null stays as it is.
-- params: id int, code text, discount_percent money?, discount_amount money?, is_active int?,
--   max_uses int?
-- columns: coupon.*
UPDATE coupons
   SET code = :code, discount_percent = coalesce(:discount_percent, discount_percent),
       discount_amount = coalesce(:discount_amount, discount_amount),
       is_active = coalesce(:is_active, is_active), max_uses = coalesce(:max_uses, max_uses)
 WHERE id = :id
RETURNING id, code, discount_percent, discount_amount, is_active, max_uses, used_count, created_at
