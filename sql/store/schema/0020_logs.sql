-- Log records of the hour, beside its spans: the view `logs` shows words where the table has numbers.
-- sqlite:

CREATE TABLE log (
    id            INTEGER PRIMARY KEY,
    time_ns       INTEGER NOT NULL, -- when it happened; else when it was seen, or came in
    digest        INTEGER NOT NULL, -- of all that it says but its time
    trace_high    INTEGER, -- NULL: it is of no trace
    trace_low     INTEGER,
    span_id       INTEGER, -- NULL: it names none
    severity      INTEGER NOT NULL, -- OpenTelemetry's number, 1 to 24; 0: it does not say
    severity_text INTEGER, -- of words, as is the next; NULL: it says none
    event         INTEGER,
    service       INTEGER NOT NULL, -- of words
    source        INTEGER NOT NULL, -- of sources
    pack          INTEGER NOT NULL, -- of packs
    own           TEXT, -- values, a list of JSON
    body          TEXT, -- a text as it is, any other value as JSON
    dropped       INTEGER NOT NULL -- attributes that are not here
) STRICT;
-- Records have no ids: two that agree in all they say, time and all, are one that was sent twice.
CREATE UNIQUE INDEX log_time ON log (time_ns, digest);
CREATE INDEX log_trace ON log (trace_low, time_ns) WHERE trace_low IS NOT NULL;

CREATE VIEW logs AS
SELECT l.id,
       l.time_ns,
       strftime('%Y-%m-%dT%H:%M:%S', l.time_ns / 1000000000, 'unixepoch') ||
           printf('.%09dZ', l.time_ns % 1000000000) AS time,
       CASE WHEN l.trace_low IS NOT NULL THEN printf('%016x%016x', l.trace_high, l.trace_low) END
           AS trace_id,
       CASE WHEN l.span_id IS NOT NULL THEN printf('%016x', l.span_id) END AS span_id,
       l.severity AS severity_number,
       CASE WHEN l.severity BETWEEN 1 AND 4 THEN 'trace' WHEN l.severity BETWEEN 5 AND 8 THEN 'debug'
            WHEN l.severity BETWEEN 9 AND 12 THEN 'info' WHEN l.severity BETWEEN 13 AND 16 THEN 'warn'
            WHEN l.severity BETWEEN 17 AND 20 THEN 'error' WHEN l.severity BETWEEN 21 AND 24 THEN 'fatal'
            ELSE 'unspecified' END AS severity,
       severity_text.word AS severity_text,
       service.word AS service,
       event.word AS event,
       l.body,
       source.scope,
       source.scope_version,
       source.resource,
       (SELECT json_group_object(part.key,
                   CASE part.type WHEN 'true' THEN json('true') WHEN 'false' THEN json('false')
                                  WHEN 'array' THEN json(part.value)
                                  WHEN 'object' THEN json(part.value) ELSE part.value END)
          FROM (SELECT key, value, type FROM json_each(pack.shared)
                 UNION ALL
                SELECT names.value, own.value, own.type
                  FROM json_each(pack.own) AS names JOIN json_each(l.own) AS own
                    ON own.key = names.key
                 UNION ALL
                SELECT value, printf('%016x%016x', l.trace_high, l.trace_low), 'text'
                  FROM json_each(pack.trace_ids)) AS part
       ) AS attributes,
       l.dropped
  FROM log AS l
  JOIN words AS service ON service.id = l.service
  JOIN sources AS source ON source.id = l.source
  JOIN packs AS pack ON pack.id = l.pack
  LEFT JOIN words AS severity_text ON severity_text.id = l.severity_text
  LEFT JOIN words AS event ON event.id = l.event;
