-- Points of metrics come in, and what is too old goes.

-- name: series_add
-- The number of a series.
-- params: name text0, service text0, instance text0, kind text, unit text0, attributes text
-- columns: id int
INSERT INTO series (name, service, instance, kind, unit, attributes)
VALUES (:name, :service, :instance, :kind, :unit, :attributes)
    ON CONFLICT (name, service, instance, attributes, kind, unit) DO UPDATE SET kind = excluded.kind
RETURNING id

-- name: latest_find
-- What it told last; no row: it is new.
-- params: series int
-- columns: start_ns int, time_ns int, total real, samples int, scale int, buckets text
SELECT start_ns, time_ns, total, samples, scale, buckets FROM latest WHERE series = :series

-- name: latest_put
-- In the place of what it told before.
-- params: series int, start_ns int, time_ns int, total real, samples int, scale int, buckets text
INSERT INTO latest (series, start_ns, time_ns, total, samples, scale, buckets)
VALUES (:series, :start_ns, :time_ns, :total, :samples, :scale, :buckets)
    ON CONFLICT (series) DO UPDATE
       SET start_ns = excluded.start_ns, time_ns = excluded.time_ns, total = excluded.total,
           samples = excluded.samples, scale = excluded.scale, buckets = excluded.buckets

-- name: point_add
-- What a period has more of a series.
-- params: length_s int, series int, start_s int, samples int, total real, least real?, most real?, latest real?
INSERT INTO points (length_s, series, start_s, samples, total, least, most, latest)
VALUES (:length_s, :series, :start_s, :samples, :total, :least, :most, :latest)
    ON CONFLICT (length_s, series, start_s) DO UPDATE
       SET samples = samples + excluded.samples, total = total + excluded.total,
           least = min(coalesce(least, excluded.least), coalesce(excluded.least, least)),
           most = max(coalesce(most, excluded.most), coalesce(excluded.most, most)),
           latest = excluded.latest

-- name: bucket_add
-- How many values more it holds.
-- params: length_s int, series int, start_s int, bound real, samples int
INSERT INTO buckets (length_s, series, start_s, bound, samples)
VALUES (:length_s, :series, :start_s, :bound, :samples)
    ON CONFLICT (length_s, series, start_s, bound) DO UPDATE SET samples = samples + excluded.samples

-- name: points_sweep
-- Periods of one length that began before.
-- params: length_s int, before_s int
DELETE FROM points
 WHERE length_s = :length_s AND series IN (SELECT id FROM series) AND start_s < :before_s

-- name: buckets_sweep
-- Their buckets.
-- params: length_s int, before_s int
DELETE FROM buckets
 WHERE length_s = :length_s AND series IN (SELECT id FROM series) AND start_s < :before_s

-- name: latest_sweep
-- Of series that told nothing since.
-- params: before_ns int
DELETE FROM latest WHERE time_ns < :before_ns

-- name: series_sweep
-- Nothing is known of them any more.
DELETE FROM series
 WHERE id NOT IN (SELECT series FROM latest)
   AND NOT EXISTS (SELECT 1 FROM points WHERE length_s = 3600 AND series = series.id)

-- name: bytes_in_use
-- Of the file: what was removed leaves room for what comes.
-- columns: used int
SELECT (pages.page_count - spare.freelist_count) * size.page_size AS used
  FROM pragma_page_count AS pages, pragma_freelist_count AS spare, pragma_page_size AS size

-- name: series_longest_silent
-- Those that have told nothing for the longest time.
-- params: most int
-- columns: series int
SELECT series FROM latest ORDER BY time_ns, series LIMIT :most

-- name: points_forget
-- All of a series.
-- params: series int
DELETE FROM points WHERE length_s IN (60, 3600) AND series = :series

-- name: buckets_forget
-- The same.
-- params: series int
DELETE FROM buckets WHERE length_s IN (60, 3600) AND series = :series

-- name: latest_forget
-- The same.
-- params: series int
DELETE FROM latest WHERE series = :series

-- name: series_forget
-- The series itself.
-- params: series int
DELETE FROM series WHERE id = :series

-- name: pool_levels
-- What pools told, by time, of all processes of a service together; `what` is used, idle, pending or
-- max.
-- params: length_s int, from_s int, to_s int, step_s int, service text?
-- columns: service text0, pool text0, what text0, start_s int, mean real, most real
SELECT service, pool, what, start_s / :step_s * :step_s AS start_s, avg(level) AS mean, max(most) AS most
  FROM (SELECT j.service,
               coalesce(json_extract(j.attributes, '$."db.client.connection.pool.name"'), '') AS pool,
               CASE j.name WHEN 'db.client.connection.max' THEN 'max'
                           WHEN 'db.client.connection.pending_requests' THEN 'pending'
                           ELSE coalesce(json_extract(j.attributes, '$."db.client.connection.state"'), '')
                           END AS what,
               p.start_s, sum(p.total / p.samples) AS level, sum(p.most) AS most
          FROM series AS j
          JOIN points AS p ON p.length_s = :length_s AND p.series = j.id
                          AND p.start_s >= :from_s AND p.start_s < :to_s
         WHERE j.name IN ('db.client.connection.count', 'db.client.connection.max',
                          'db.client.connection.pending_requests')
           AND j.kind IN ('gauge', 'level')
           AND (:service IS NULL OR j.service = :service)
         GROUP BY 1, 2, 3, 4) AS together
 GROUP BY 1, 2, 3, 4
 ORDER BY 1, 2, 4, 3
