-- Users, their sessions and failed sign-ins.

-- name: user_by_login
-- The user that signs in under this user name (in any case) or e-mail address (normalised).
-- params: login text, email text
-- columns: id int, username text, email text, password_hash text, role text, is_active bool,
--   last_login time?
-- sqlite:
SELECT id, username, email, password_hash, role, is_active, last_login
  FROM users
 WHERE username = :login OR email = :email
 ORDER BY CASE WHEN username = :login THEN 0 ELSE 1 END
 LIMIT 1
-- postgres:
SELECT id, username, email, password_hash, role, is_active = 1 AS is_active, last_login
  FROM users
 WHERE lower(username) = lower(:login COLLATE "C") OR email = :email
 ORDER BY CASE WHEN lower(username) = lower(:login COLLATE "C") THEN 0 ELSE 1 END
 LIMIT 1

-- name: user_by_id
-- One user, without the password.
-- params: id int
-- columns: id int, username text, email text, role text, is_active bool, last_login time?
SELECT id, username, email, role, is_active = 1 AS is_active, last_login
  FROM users
 WHERE id = :id

-- name: user_add
-- A user who is not there yet; one who is stays as he is.
-- params: username text, email text, password_hash text, role text, now now
INSERT INTO users (username, email, password_hash, role, is_active, created_at)
VALUES (:username, :email, :password_hash, :role, 1, :now)
ON CONFLICT DO NOTHING

-- name: user_signed_in
-- Notes the time of a sign-in.
-- params: id int, now now
UPDATE users SET last_login = :now WHERE id = :id

-- name: session_add
-- Opens a session; `session_id` is the SHA-256 of its token.
-- params: session_id text, user_id int, username text, role text, auth_method text, now now,
--   expires_at time
INSERT INTO user_sessions
       (session_id, user_id, username, role, auth_method, created_at, expires_at, last_seen_at)
VALUES (:session_id, :user_id, :username, :role, :auth_method, :now, :expires_at, :now)

-- name: session_find
-- Who a live session belongs to. The role is the user's, so that a change holds at once.
-- params: session_id text, now now
-- columns: user_id int, username text, email text, role text, auth_method text, expires_at time
SELECT s.user_id, u.username, u.email, u.role, s.auth_method, s.expires_at
  FROM user_sessions s
  JOIN users u ON u.id = s.user_id
 WHERE s.session_id = :session_id AND s.expires_at > :now AND u.is_active = 1

-- name: session_remove
-- Ends a session.
-- params: session_id text
DELETE FROM user_sessions WHERE session_id = :session_id

-- name: session_sweep
-- Removes the sessions that have run out.
-- params: now now
DELETE FROM user_sessions WHERE expires_at <= :now

-- name: login_failure_add
-- Notes a failed sign-in.
-- params: scope text, who text, now now
INSERT INTO login_failures (scope, who, failed_at) VALUES (:scope, :who, :now)

-- name: login_failure_count
-- Failed sign-ins since a moment, and the first of them.
-- params: scope text, who text, since time
-- columns: failures int, first_at time?
SELECT count(*) AS failures, min(failed_at) AS first_at
  FROM login_failures
 WHERE scope = :scope AND who = :who AND failed_at > :since

-- name: login_failure_clear
-- Forgets the failures of somebody who has signed in.
-- params: scope text, who text
DELETE FROM login_failures WHERE scope = :scope AND who = :who

-- name: login_failure_sweep
-- Forgets failures that no longer count.
-- params: until time
DELETE FROM login_failures WHERE failed_at <= :until
