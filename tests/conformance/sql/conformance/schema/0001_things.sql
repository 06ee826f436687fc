-- Tables of the conformance suite: one column of each type, and one of each rule to break.
-- sqlite:
CREATE TABLE things (
    id       INTEGER PRIMARY KEY,
    name     TEXT NOT NULL UNIQUE,
    amount   INTEGER CHECK (amount >= -999999999999),
    price    INTEGER,
    at       INTEGER,
    flag     INTEGER,
    ratio    REAL,
    body     TEXT,
    stock    INTEGER NOT NULL DEFAULT 0 CHECK (stock >= 0),
    owner_id INTEGER REFERENCES things (id)
) STRICT;

CREATE TABLE counters (
    id    INTEGER PRIMARY KEY,
    value INTEGER NOT NULL CHECK (value >= 0),
    at    INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE marks (
    unit INTEGER NOT NULL,
    step INTEGER NOT NULL,
    PRIMARY KEY (unit, step)
) STRICT;

CREATE TABLE promises (
    id       INTEGER PRIMARY KEY,
    thing_id INTEGER NOT NULL REFERENCES things (id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

-- Declared as numbers in the statements, but not held to it.
CREATE TABLE loose (value);
