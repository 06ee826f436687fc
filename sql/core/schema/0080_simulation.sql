-- The one row that a simulated fault locks: nobody's data, so that nobody waits for it but those who are to.
-- sqlite:
CREATE TABLE simulation_locks (
    id      INTEGER PRIMARY KEY,
    held_at INTEGER
) STRICT;

-- postgres:
CREATE TABLE simulation_locks (
    id      BIGINT PRIMARY KEY,
    held_at TIMESTAMPTZ
);

-- oracle:
CREATE TABLE simulation_locks (
    id      NUMBER(19) PRIMARY KEY,
    held_at TIMESTAMP(6)
);

-- all:
INSERT INTO simulation_locks (id) VALUES (1);
