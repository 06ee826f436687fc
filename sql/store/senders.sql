-- Who has how much in a file.

-- name: sender_count
-- What a service has more.
-- params: service int, spans int, log_records int, bytes int
INSERT INTO senders (service, spans, log_records, bytes)
VALUES (:service, :spans, :log_records, :bytes)
    ON CONFLICT (service) DO UPDATE
       SET spans = spans + excluded.spans, log_records = log_records + excluded.log_records,
           bytes = bytes + excluded.bytes

-- name: senders
-- All of them.
-- columns: id int, service text0, spans int, log_records int, bytes int
SELECT s.service AS id, w.word AS service, s.spans, s.log_records, s.bytes
  FROM senders AS s
  JOIN words AS w ON w.id = s.service
