-- What buyers have earned by buying.

-- name: wallet
-- How much the customer with this address has bought; what was cancelled, refunded or has failed was not.
-- params: email text
-- columns: orders int, bought money
SELECT COUNT(*) AS orders, COALESCE(SUM(o.total), 0) AS bought
  FROM customers c
  JOIN orders o ON o.customer_id = c.id
 WHERE c.email = :email AND o.status NOT IN ('cancelled', 'refunded', 'failed')
