-- Keys by which programs of partners call.

-- row: api_key
-- A key as it may be shown: it cannot be told from this.
-- columns: id int, key_id text, username text, may_write int, created_by text, created_at time,
--   revoked_at time?

-- name: api_key_find
-- Whom a key is for; none where it was revoked.
-- params: digest text
-- columns: key_id text, username text, may_write int
SELECT key_id, username, may_write FROM api_keys WHERE digest = :digest AND revoked_at IS NULL

-- name: api_key_add
-- A new one.
-- params: key_id text, digest text, username text, may_write int, created_by text, now now
INSERT INTO api_keys (key_id, digest, username, may_write, created_by, created_at)
VALUES (:key_id, :digest, :username, :may_write, :created_by, :now)

-- name: api_keys_newest
-- A page of them, the newest first: ids grow with time.
-- params: id int, most int
-- columns: api_key.*
SELECT id, key_id, username, may_write, created_by, created_at, revoked_at
  FROM api_keys
 WHERE id < :id
 ORDER BY id DESC
 LIMIT :most

-- name: api_key_revoke
-- Ends one; no change: there is none of that id that is not ended.
-- params: key_id text, now now
UPDATE api_keys SET revoked_at = :now WHERE key_id = :key_id AND revoked_at IS NULL
