-- Page views.

-- name: page_view_add
-- One view of a page.
-- params: page text, visitor_ip text0?, visitor_region text?, user_agent text?, load_time_ms int?,
--   referrer text?, session_id text?, now now
-- columns: id int
INSERT INTO page_views
       (page, visitor_ip, visitor_region, user_agent, load_time_ms, referrer, session_id, created_at)
VALUES (:page, :visitor_ip, :visitor_region, :user_agent, :load_time_ms, :referrer, :session_id,
        :now)
RETURNING id

-- name: page_view_geo
-- Views and load times by region, or of one region: of the `most` regions that have the most views.
-- params: region text?, most int
-- columns: visitor_region text?, view_count int, avg_load_time real?, min_load_time int?,
--   max_load_time int?
SELECT visitor_region, count(*) AS view_count, CAST(avg(load_time_ms) AS double precision) AS avg_load_time,
       min(load_time_ms) AS min_load_time, max(load_time_ms) AS max_load_time
  FROM page_views
 WHERE :region IS NULL OR visitor_region = :region
 GROUP BY visitor_region
 ORDER BY view_count DESC, visitor_region NULLS FIRST
 LIMIT :most

-- name: page_view_sweep
-- Forgets views that are older than `age` seconds, among the oldest `most`: ids grow with time.
-- params: age int, most int, now now
-- sqlite:
DELETE FROM page_views
 WHERE id IN (SELECT id FROM page_views ORDER BY id LIMIT :most)
   AND created_at <= :now - :age * 1000000
-- postgres:
DELETE FROM page_views
 WHERE id IN (SELECT id FROM page_views ORDER BY id LIMIT :most)
   AND created_at <= statement_timestamp() - :age * interval '1 second'
