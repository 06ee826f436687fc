-- Files that staff keep beside their work.

-- row: file
-- What a file is, without its content.
-- columns: id int, file_id text, name text, size int, sha256 text, uploaded_by text, created_at time

-- name: files_newest
-- A page of them, the newest first: ids grow with time.
-- params: id int, most int
-- columns: file.*
SELECT id, file_id, name, size, sha256, uploaded_by, created_at
  FROM files
 WHERE id < :id
 ORDER BY id DESC
 LIMIT :most

-- name: file_content
-- One of them; an empty file has no content.
-- params: file_id text
-- columns: name text, size int, content text0
SELECT name, size, content FROM files WHERE file_id = :file_id

-- name: file_add
-- A new one; its content is base64url.
-- params: file_id text, name text, size int, sha256 text, content text0, uploaded_by text, now now
-- columns: id int
INSERT INTO files (file_id, name, size, sha256, content, uploaded_by, created_at)
VALUES (:file_id, :name, :size, :sha256, :content, :uploaded_by, :now)
RETURNING id

-- name: file_room_take
-- Room for a file, where all together then take no more than `most`; no change: there is none.
-- params: bytes int, most int
UPDATE file_store SET bytes = bytes + :bytes WHERE id = 1 AND bytes + :bytes <= :most

-- name: file_remove
-- Removes one.
-- params: file_id text
-- columns: id int, size int
DELETE FROM files WHERE file_id = :file_id RETURNING id, size

-- name: file_room_give
-- What a file that was removed took.
-- params: bytes int
UPDATE file_store SET bytes = bytes - :bytes WHERE id = 1
