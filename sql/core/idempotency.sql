-- Answers to requests that carry an Idempotency-Key. Lives are in seconds; which clock judges them is
-- in docs/decisions/0019.

-- name: idempotency_claim
-- Takes a key for the request that is being worked on; no change means that it is taken.
-- params: scope text, key text, request_hash text, life int, now now
-- sqlite:
INSERT INTO idempotency_keys (scope, key, request_hash, created_at, expires_at)
VALUES (:scope, :key, :request_hash, :now, :now + :life * 1000000)
ON CONFLICT (scope, key) DO NOTHING
-- postgres:
INSERT INTO idempotency_keys (scope, key, request_hash, created_at, expires_at)
VALUES (:scope, :key, :request_hash, statement_timestamp(),
        statement_timestamp() + :life * interval '1 second')
ON CONFLICT (scope, key) DO NOTHING

-- name: idempotency_load
-- What a key stands for. `is_expired` is 1 when the key may be used anew.
-- params: scope text, key text, now now
-- columns: request_hash text, status_code int?, body text0?, content_type text?, is_expired bool
SELECT request_hash, status_code, body, content_type,
       expires_at <= :now AS is_expired
  FROM idempotency_keys
 WHERE scope = :scope AND key = :key
-- postgres:
SELECT request_hash, status_code, body, content_type,
       expires_at <= statement_timestamp() AS is_expired
  FROM idempotency_keys
 WHERE scope = :scope AND key = :key

-- name: idempotency_renew
-- Takes a key whose time is over.
-- params: scope text, key text, request_hash text, life int, now now
-- sqlite:
UPDATE idempotency_keys
   SET request_hash = :request_hash, status_code = NULL, body = NULL, content_type = NULL,
       created_at = :now, expires_at = :now + :life * 1000000
 WHERE scope = :scope AND key = :key
-- postgres:
UPDATE idempotency_keys
   SET request_hash = :request_hash, status_code = NULL, body = NULL, content_type = NULL,
       created_at = statement_timestamp(),
       expires_at = statement_timestamp() + :life * interval '1 second'
 WHERE scope = :scope AND key = :key

-- name: idempotency_keep
-- Keeps the answer.
-- params: scope text, key text, status_code int, body text0, content_type text
UPDATE idempotency_keys
   SET status_code = :status_code, body = :body, content_type = :content_type
 WHERE scope = :scope AND key = :key

-- name: idempotency_sweep
-- Removes keys whose time is over, the oldest first.
-- params: most int, now now
-- sqlite:
DELETE FROM idempotency_keys
 WHERE (scope, key) IN (SELECT scope, key FROM idempotency_keys
                         WHERE expires_at <= :now
                         ORDER BY expires_at
                         LIMIT :most)
-- postgres:
DELETE FROM idempotency_keys
 WHERE (scope, key) IN (SELECT scope, key FROM idempotency_keys
                         WHERE expires_at <= statement_timestamp()
                         ORDER BY expires_at
                         LIMIT :most)

-- name: idempotency_shorten
-- Gives keys that a clock took that was ahead, and that would live too long, a whole life from now. To
-- drop them could let a request be done twice.
-- params: life int, now now
-- sqlite:
UPDATE idempotency_keys
   SET created_at = :now, expires_at = :now + :life * 1000000
 WHERE expires_at > :now + :life * 1000000
-- postgres:
UPDATE idempotency_keys
   SET created_at = statement_timestamp(),
       expires_at = statement_timestamp() + :life * interval '1 second'
 WHERE expires_at > statement_timestamp() + :life * interval '1 second'
