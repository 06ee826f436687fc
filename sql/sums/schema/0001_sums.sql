-- What databases did, summed up from spans (store/sums.h), in a file that stays longer than they do.
-- Times are nanoseconds; points in time are seconds since 1970, UTC.
-- sqlite:

-- What is counted: who ran which statement, or waited for what. '' where it is none or not told.
CREATE TABLE subjects (
    id        INTEGER PRIMARY KEY,
    service   TEXT NOT NULL,
    module    TEXT NOT NULL,
    action    TEXT NOT NULL,
    sql_id    TEXT NOT NULL,
    statement TEXT NOT NULL, -- its name
    wait      TEXT NOT NULL,
    UNIQUE (sql_id, action, module, service, statement, wait)
) STRICT;

CREATE TABLE texts (
    sql_id   TEXT PRIMARY KEY,
    sql_text TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Of a minute (60), an hour (3600) or a day (86400). Executions, failures, rows, their durations'
-- sum, sum of squares and longest belong to the period in which they began; active_ns is how long
-- any of them ran within the period.
CREATE TABLE sums (
    length_s   INTEGER NOT NULL,
    subject    INTEGER NOT NULL,
    start_s    INTEGER NOT NULL,
    executions INTEGER NOT NULL,
    failures   INTEGER NOT NULL,
    row_count  INTEGER NOT NULL,
    total_ns   INTEGER NOT NULL,
    squares    REAL NOT NULL,
    longest_ns INTEGER NOT NULL,
    active_ns  INTEGER NOT NULL,
    PRIMARY KEY (length_s, subject, start_s)
) STRICT, WITHOUT ROWID;

-- How many of them took how long: 32 steps to each doubling of the duration (store/steps.h).
CREATE TABLE steps (
    length_s   INTEGER NOT NULL,
    subject    INTEGER NOT NULL,
    start_s    INTEGER NOT NULL,
    step       INTEGER NOT NULL,
    executions INTEGER NOT NULL,
    PRIMARY KEY (length_s, subject, start_s, step)
) STRICT, WITHOUT ROWID;

-- Of each hour, subject and step the execution that was told of last, of those that failed and of
-- the others.
CREATE TABLE examples (
    subject     INTEGER NOT NULL,
    start_s     INTEGER NOT NULL, -- of the hour
    is_failed   INTEGER NOT NULL,
    step        INTEGER NOT NULL,
    trace_high  INTEGER NOT NULL,
    trace_low   INTEGER NOT NULL,
    span_id     INTEGER NOT NULL,
    start_ns    INTEGER NOT NULL,
    duration_ns INTEGER NOT NULL,
    PRIMARY KEY (subject, start_s, is_failed, step)
) STRICT, WITHOUT ROWID;

-- Up to which span a file of spans is summed up here. made: which file of that hour.
CREATE TABLE summed (
    hour    INTEGER NOT NULL,
    made    INTEGER NOT NULL,
    span    INTEGER NOT NULL,
    PRIMARY KEY (hour, made)
) STRICT, WITHOUT ROWID;
