-- Figures over leads and their orders.

-- name: lead_funnel
-- From lead to order: leads, qualified ones, distinct customers won, orders of these.
-- columns: leads int, qualified int, won int, orders int
SELECT l.leads, l.qualified, l.won, o.orders
  FROM (SELECT COUNT(*) AS leads,
               COUNT(CASE WHEN status IN ('qualified', 'converted') THEN 1 END) AS qualified,
               COUNT(DISTINCT CASE WHEN status = 'converted' THEN customer_id END) AS won
          FROM leads) l,
       (SELECT COUNT(*) AS orders
          FROM orders
         WHERE customer_id IN (SELECT customer_id FROM leads
                                WHERE status = 'converted' AND customer_id IS NOT NULL)) o
