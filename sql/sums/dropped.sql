-- What went for want of room.

-- name: dropped_add
-- What is gone of a service and an hour.
-- params: service text0, hour int, spans int, log_records int, bytes int
INSERT INTO dropped (service, hour, spans, log_records, bytes)
VALUES (:service, :hour, :spans, :log_records, :bytes)
    ON CONFLICT (service, hour) DO UPDATE
       SET spans = spans + excluded.spans, log_records = log_records + excluded.log_records,
           bytes = bytes + excluded.bytes

-- name: dropped_list
-- By service, with the newest hour of which something is gone.
-- columns: service text0, hour int, spans int, log_records int, bytes int
SELECT service, max(hour) AS hour, sum(spans) AS spans, sum(log_records) AS log_records, sum(bytes) AS bytes
  FROM dropped
 GROUP BY service
 ORDER BY service

-- name: dropped_sweep
-- Of hours that would be gone by now anyway.
-- params: before_hour int
DELETE FROM dropped WHERE hour < :before_hour
