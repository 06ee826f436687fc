-- What programs measured (store/metric_store.h), by minute and by hour, in a file that anybody may open
-- with sqlite3. Times are nanoseconds, points in time by minute and hour seconds since 1970, UTC.
-- sqlite:

-- A metric of one process, by its attributes. kind: `gauge`, what was seen; `level`, what is counted up
-- and down; `counter`, what only goes up; `histogram`.
CREATE TABLE series (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    service    TEXT NOT NULL,
    instance   TEXT NOT NULL, -- service.instance.id of OpenTelemetry; '' where it does not say
    kind       TEXT NOT NULL,
    unit       TEXT NOT NULL,
    attributes TEXT NOT NULL, -- an object of JSON
    UNIQUE (name, service, instance, attributes, kind, unit)
) STRICT;

-- Of a minute (60) or an hour (3600). Of gauges and levels `total` is the sum of what was told, so that
-- total / samples is the mean; of counters how much was added, of histograms the sum of the values that
-- were added. samples: how often a gauge or level was told, or a counter that had gone up; of a histogram
-- how many values. What a counter or a histogram did not add has no row.
CREATE TABLE points (
    length_s INTEGER NOT NULL,
    series   INTEGER NOT NULL,
    start_s  INTEGER NOT NULL,
    samples  INTEGER NOT NULL,
    total    REAL NOT NULL,
    least    REAL, -- NULL: not told, as in the next
    most     REAL,
    latest   REAL, -- of gauges and levels
    PRIMARY KEY (length_s, series, start_s)
) STRICT, WITHOUT ROWID;

-- How many values of a histogram were at most `bound` and above the bound before it, of the period;
-- the last bound is infinite. Those of exponential histograms are 32 to each doubling or fewer.
CREATE TABLE buckets (
    length_s INTEGER NOT NULL,
    series   INTEGER NOT NULL,
    start_s  INTEGER NOT NULL,
    bound    REAL NOT NULL,
    samples  INTEGER NOT NULL,
    PRIMARY KEY (length_s, series, start_s, bound)
) STRICT, WITHOUT ROWID;

-- What each series told last: a later point of what only goes up counts by what it has more, and one
-- that is not later was there already.
CREATE TABLE latest (
    series   INTEGER PRIMARY KEY,
    start_ns INTEGER NOT NULL, -- since when it counts
    time_ns  INTEGER NOT NULL,
    total    REAL NOT NULL,
    samples  INTEGER NOT NULL,
    scale    INTEGER NOT NULL, -- of an exponential histogram
    buckets  TEXT NOT NULL     -- a list of JSON of bound and count by turns; a bound that is infinite is null
) STRICT;
