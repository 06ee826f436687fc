-- What the files of staff take together: one row, changed with them, so that who adds one knows without reading
-- all others, and two at once cannot both have the last room. A file takes its size and 1024 bytes for its row.
-- sqlite:
CREATE TABLE file_store (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    bytes INTEGER NOT NULL CHECK (bytes >= 0)
) STRICT;
INSERT INTO file_store (id, bytes) SELECT 1, coalesce(sum(size + 1024), 0) FROM files;

-- postgres:
CREATE TABLE file_store (
    id    BIGINT PRIMARY KEY CHECK (id = 1),
    bytes BIGINT NOT NULL CHECK (bytes >= 0)
);
INSERT INTO file_store (id, bytes) SELECT 1, coalesce(sum(size + 1024), 0) FROM files;

-- oracle:
CREATE TABLE file_store (
    id    NUMBER(19) PRIMARY KEY CHECK (id = 1),
    bytes NUMBER(19) NOT NULL CHECK (bytes >= 0)
);
INSERT INTO file_store (id, bytes) SELECT 1, coalesce(sum("SIZE" + 1024), 0) FROM files;
