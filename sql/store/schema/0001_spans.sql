-- One hour's spans, in a file of its own that anybody may open with sqlite3: the view `spans` shows
-- words where the tables have numbers. An id of OpenTelemetry is kept as a number, a trace's as two,
-- since that is half as long as its digits; times are nanoseconds, of UTC where they are points.
-- sqlite:

-- Services, and names of spans.
CREATE TABLE words (
    id   INTEGER PRIMARY KEY,
    word TEXT NOT NULL UNIQUE
) STRICT;

-- Statements that spans are of.
CREATE TABLE statements (
    id       INTEGER PRIMARY KEY,
    sql_id   TEXT NOT NULL,
    name     TEXT NOT NULL,
    sql_text TEXT NOT NULL,
    UNIQUE (sql_id, name, sql_text)
) STRICT;

-- Who recorded a span: the resource and the instrumentation scope, as OpenTelemetry calls them. The
-- attributes of the resource are one object of JSON.
CREATE TABLE sources (
    id            INTEGER PRIMARY KEY,
    service       TEXT NOT NULL,
    scope         TEXT NOT NULL,
    scope_version TEXT NOT NULL,
    resource      TEXT NOT NULL,
    UNIQUE (resource, scope, scope_version, service)
) STRICT;

-- What spans have alike. `shared` holds the attributes whose values they have alike, an object of
-- JSON. The names of the others stand in three lists: of those whose values the span has itself, in
-- this order, of those whose value is the trace's id, and of those whose value is the text of the
-- span's statement.
CREATE TABLE packs (
    id         INTEGER PRIMARY KEY,
    shared     TEXT NOT NULL,
    own        TEXT NOT NULL,
    trace_ids  TEXT NOT NULL,
    statements TEXT NOT NULL,
    UNIQUE (shared, own, trace_ids, statements)
) STRICT;

-- entry: 0 a span within its service, 1 a root, 2 one that comes from elsewhere (it has a parent,
-- and its kind is server or consumer). kind and status are OpenTelemetry's numbers. A duration below
-- 0 is that of a span whose end lies before its start.
CREATE TABLE span (
    id          INTEGER PRIMARY KEY,
    trace_high  INTEGER NOT NULL,
    trace_low   INTEGER NOT NULL,
    span_id     INTEGER NOT NULL,
    parent_id   INTEGER,
    start_ns    INTEGER NOT NULL,
    duration_ns INTEGER NOT NULL,
    entry       INTEGER NOT NULL,
    kind        INTEGER NOT NULL,
    status      INTEGER NOT NULL,
    http_status INTEGER,
    service     INTEGER NOT NULL, -- of words
    name        INTEGER NOT NULL, -- of words
    source      INTEGER NOT NULL, -- of sources
    pack        INTEGER NOT NULL, -- of packs
    statement   INTEGER, -- of statements
    own         TEXT, -- values, a list of JSON
    more        TEXT  -- what few spans have, an object of JSON: events, links, trace state
) STRICT;
-- A span that is sent twice is there once.
CREATE UNIQUE INDEX span_trace ON span (trace_low, span_id);
CREATE INDEX span_statement ON span (statement, trace_low) WHERE statement IS NOT NULL;
-- What is asked of entry spans is answered by their index alone.
CREATE INDEX span_entry ON span (start_ns, service, name, duration_ns, status, entry, kind, http_status,
                                 trace_low) WHERE entry > 0;
-- In which traces one service was asked by another.
CREATE INDEX span_asked ON span (trace_low) WHERE entry = 2;

-- How many entry spans of a service have a name, so that a question knows which files it may leave
-- unread.
CREATE TABLE entries (
    service    INTEGER NOT NULL, -- of words
    name       INTEGER NOT NULL, -- of words
    total      INTEGER NOT NULL,
    errors     INTEGER NOT NULL,
    longest_ns INTEGER NOT NULL,
    PRIMARY KEY (service, name)
) STRICT, WITHOUT ROWID;

CREATE VIEW spans AS
SELECT s.id,
       printf('%016x%016x', s.trace_high, s.trace_low) AS trace_id,
       printf('%016x', s.span_id) AS span_id,
       CASE WHEN s.parent_id IS NOT NULL THEN printf('%016x', s.parent_id) END AS parent_span_id,
       s.start_ns,
       strftime('%Y-%m-%dT%H:%M:%S', s.start_ns / 1000000000, 'unixepoch') ||
           printf('.%09dZ', s.start_ns % 1000000000) AS start_time,
       s.duration_ns,
       s.entry,
       CASE s.kind WHEN 1 THEN 'internal' WHEN 2 THEN 'server' WHEN 3 THEN 'client'
                   WHEN 4 THEN 'producer' WHEN 5 THEN 'consumer' ELSE 'unspecified' END AS kind,
       CASE s.status WHEN 1 THEN 'ok' WHEN 2 THEN 'error' ELSE 'unset' END AS status,
       s.http_status,
       service.word AS service,
       name.word AS name,
       statement.sql_id,
       statement.name AS statement,
       statement.sql_text,
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
                  FROM json_each(pack.own) AS names JOIN json_each(s.own) AS own
                    ON own.key = names.key
                 UNION ALL
                SELECT value, printf('%016x%016x', s.trace_high, s.trace_low), 'text'
                  FROM json_each(pack.trace_ids)
                 UNION ALL
                SELECT value, statement.sql_text, 'text' FROM json_each(pack.statements)) AS part
       ) AS attributes,
       s.more
  FROM span AS s
  JOIN words AS service ON service.id = s.service
  JOIN words AS name ON name.id = s.name
  JOIN sources AS source ON source.id = s.source
  JOIN packs AS pack ON pack.id = s.pack
  LEFT JOIN statements AS statement ON statement.id = s.statement;
