-- What each service has in the file, so that what it takes there can be told, and thrown away, without that of
-- others. `bytes` are those of its rows and of the words that it brought, about: in proportion to them
-- the file's bytes are its senders'.
-- sqlite:

CREATE TABLE senders (
    service     INTEGER PRIMARY KEY, -- of words
    spans       INTEGER NOT NULL,
    log_records INTEGER NOT NULL,
    bytes       INTEGER NOT NULL
) STRICT;

-- Of what a file holds already.
INSERT INTO senders (service, spans, log_records, bytes)
SELECT service, sum(spans), sum(log_records), sum(bytes)
  FROM (SELECT service, count(*) AS spans, 0 AS log_records,
               sum(100 + coalesce(length(own), 0) + coalesce(length(more), 0)) AS bytes
          FROM span
         GROUP BY service
         UNION ALL
        SELECT service, 0, count(*), sum(100 + coalesce(length(own), 0) + coalesce(length(body), 0))
          FROM log
         GROUP BY service) AS had
 GROUP BY service;
