-- What spans did in a database, as columns that sums are made of (store/sums.h): the tags of the
-- session, rows, and what a unit of work waited for.
-- sqlite:

-- Which file it is: one that takes the place of another has another number.
CREATE TABLE made (
    id INTEGER NOT NULL
) STRICT;
INSERT INTO made (id) VALUES (random());

ALTER TABLE span ADD COLUMN module INTEGER; -- of words; NULL: the span says none
ALTER TABLE span ADD COLUMN action INTEGER; -- of words; NULL: the span says none
ALTER TABLE span ADD COLUMN row_count INTEGER; -- returned or changed; NULL: the span does not say

-- Waits: `pool` for a session of it, `queue` for the writers before, `lock` for the database's lock,
-- `commit` for the disk.
CREATE TABLE waits (
    span        INTEGER NOT NULL,
    wait        INTEGER NOT NULL, -- of words
    start_ns    INTEGER NOT NULL,
    duration_ns INTEGER NOT NULL,
    PRIMARY KEY (span, wait)
) STRICT, WITHOUT ROWID;
