-- What was removed for want of room before its days were over: of which service, of which hour (since 1970).
-- Bytes are what that took in its file, about.
-- sqlite:

CREATE TABLE dropped (
    service     TEXT NOT NULL,
    hour        INTEGER NOT NULL,
    spans       INTEGER NOT NULL,
    log_records INTEGER NOT NULL,
    bytes       INTEGER NOT NULL,
    PRIMARY KEY (service, hour)
) STRICT, WITHOUT ROWID;
