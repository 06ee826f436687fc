-- Users, their sessions and failed sign-ins. Which clock judges them is in docs/decisions/0019.

-- name: user_by_login
-- The user that signs in under this user name (in any case) or e-mail address (normalised).
-- params: login text0, email text0
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
-- oracle:
SELECT id, username, email, password_hash, role, is_active, last_login
  FROM users
 WHERE lower(username) = lower(:login) OR email = :email
 ORDER BY CASE WHEN lower(username) = lower(:login) THEN 0 ELSE 1 END
 FETCH FIRST 1 ROW ONLY

-- name: user_by_id
-- One user, without the password.
-- params: id int
-- columns: id int, username text, email text, role text, is_active bool, last_login time?
SELECT id, username, email, role, is_active = 1 AS is_active, last_login
  FROM users
 WHERE id = :id

-- name: user_standing
-- Whether a user may sign in, as what, and with which password.
-- params: id int
-- columns: role text, is_active bool, password_hash text
SELECT role, is_active = 1 AS is_active, password_hash
  FROM users
 WHERE id = :id

-- name: user_add
-- A user who is not there yet; one who is stays as he is.
-- params: username text, email text, password_hash text, role text, now now
INSERT INTO users (username, email, password_hash, role, is_active, created_at)
VALUES (:username, :email, :password_hash, :role, 1, :now)
ON CONFLICT DO NOTHING
-- oracle:
MERGE INTO users u
USING (SELECT :username AS username, :email AS email, :password_hash AS password_hash, :role AS role,
              :now AS created_at
         FROM dual) n
   ON (lower(u.username) = lower(n.username) OR u.email = n.email)
 WHEN NOT MATCHED THEN INSERT (username, email, password_hash, role, is_active, created_at)
      VALUES (n.username, n.email, n.password_hash, n.role, 1, n.created_at)

-- name: user_signed_in
-- Notes the time of a sign-in with the password of this hash; no change means that it has another one
-- since.
-- params: id int, password_hash text, now now
UPDATE users SET last_login = :now WHERE id = :id AND password_hash = :password_hash

-- name: session_add
-- Opens a session for `life` seconds; `session_id` is the SHA-256 of its token.
-- params: session_id text, user_id int, username text, role text, auth_method text, life int,
--   now now
-- sqlite:
INSERT INTO user_sessions
       (session_id, user_id, username, role, auth_method, created_at, expires_at, last_seen_at)
VALUES (:session_id, :user_id, :username, :role, :auth_method, :now, :now + :life * 1000000, :now)
-- postgres:
INSERT INTO user_sessions
       (session_id, user_id, username, role, auth_method, created_at, expires_at, last_seen_at)
VALUES (:session_id, :user_id, :username, :role, :auth_method, statement_timestamp(),
        statement_timestamp() + :life * interval '1 second', statement_timestamp())

-- name: session_find
-- Who a live session belongs to. The role is the user's, so that a change holds at once. One that
-- begins in the future was opened by a clock that was ahead, and would live too long; a few minutes
-- are forgiven.
-- params: session_id text, now now
-- columns: user_id int, username text, email text, role text, auth_method text, expires_at time
-- sqlite:
SELECT s.user_id, u.username, u.email, u.role, s.auth_method, s.expires_at
  FROM user_sessions s
  JOIN users u ON u.id = s.user_id
 WHERE s.session_id = :session_id AND s.expires_at > :now AND s.created_at <= :now + 300000000
   AND u.is_active = 1
-- postgres:
SELECT s.user_id, u.username, u.email, u.role, s.auth_method, s.expires_at
  FROM user_sessions s
  JOIN users u ON u.id = s.user_id
 WHERE s.session_id = :session_id AND s.expires_at > statement_timestamp()
   AND s.created_at <= statement_timestamp() + interval '5 minutes' AND u.is_active = 1

-- name: session_remove
-- Ends a session.
-- params: session_id text
DELETE FROM user_sessions WHERE session_id = :session_id

-- name: session_sweep
-- Removes sessions that have run out, the oldest first.
-- params: most int, now now
-- sqlite:
DELETE FROM user_sessions
 WHERE id IN (SELECT id FROM user_sessions
               WHERE expires_at <= :now
               ORDER BY expires_at
               LIMIT :most)
-- postgres:
DELETE FROM user_sessions
 WHERE id IN (SELECT id FROM user_sessions
               WHERE expires_at <= statement_timestamp()
               ORDER BY expires_at
               LIMIT :most)

-- name: login_failure_add
-- Notes a failed sign-in.
-- params: scope text, who text, now now
INSERT INTO login_failures (scope, who, failed_at) VALUES (:scope, :who, :now)
-- postgres:
INSERT INTO login_failures (scope, who, failed_at) VALUES (:scope, :who, statement_timestamp())

-- name: login_failures
-- Failed sign-ins of the last `window` seconds from this address, with this name, and of the two together:
-- how many, and how many microseconds ago the first and the last of them was. One that lies further ahead
-- than that is of a clock that was ahead, and does not count. A scope without any has no row.
-- params: address text, name text, pair text, window int, now now
-- columns: scope text, failures int, first_age int, last_age int
-- sqlite:
SELECT scope, count(*) AS failures, :now - min(failed_at) AS first_age,
       :now - max(failed_at) AS last_age
  FROM login_failures
 WHERE ((scope = 'address' AND who = :address) OR (scope = 'name' AND who = :name)
        OR (scope = 'pair' AND who = :pair))
   AND failed_at > :now - :window * 1000000 AND failed_at < :now + :window * 1000000
 GROUP BY scope
-- postgres:
SELECT scope, count(*) AS failures,
       CAST(extract(epoch FROM statement_timestamp() - min(failed_at)) * 1000000 AS bigint)
           AS first_age,
       CAST(extract(epoch FROM statement_timestamp() - max(failed_at)) * 1000000 AS bigint)
           AS last_age
  FROM login_failures
 WHERE ((scope = 'address' AND who = :address) OR (scope = 'name' AND who = :name)
        OR (scope = 'pair' AND who = :pair))
   AND failed_at > statement_timestamp() - :window * interval '1 second'
   AND failed_at < statement_timestamp() + :window * interval '1 second'
 GROUP BY scope
-- oracle:
SELECT f.scope, f.failures,
       TRUNC((EXTRACT(DAY FROM f.first_ago) * 86400 + EXTRACT(HOUR FROM f.first_ago) * 3600
              + EXTRACT(MINUTE FROM f.first_ago) * 60 + EXTRACT(SECOND FROM f.first_ago))
             * 1000000) AS first_age,
       TRUNC((EXTRACT(DAY FROM f.last_ago) * 86400 + EXTRACT(HOUR FROM f.last_ago) * 3600
              + EXTRACT(MINUTE FROM f.last_ago) * 60 + EXTRACT(SECOND FROM f.last_ago))
             * 1000000) AS last_age
  FROM (SELECT scope, count(*) AS failures,
               SYS_EXTRACT_UTC(SYSTIMESTAMP) - min(failed_at) AS first_ago,
               SYS_EXTRACT_UTC(SYSTIMESTAMP) - max(failed_at) AS last_ago
          FROM login_failures
         WHERE ((scope = 'address' AND who = :address) OR (scope = 'name' AND who = :name)
                OR (scope = 'pair' AND who = :pair))
           AND failed_at > SYS_EXTRACT_UTC(SYSTIMESTAMP) - NUMTODSINTERVAL(:window, 'SECOND')
           AND failed_at < SYS_EXTRACT_UTC(SYSTIMESTAMP) + NUMTODSINTERVAL(:window, 'SECOND')
         GROUP BY scope) f

-- name: login_failure_clear
-- Forgets the failures of somebody who has signed in.
-- params: scope text, who text
DELETE FROM login_failures WHERE scope = :scope AND who = :who

-- name: login_failure_sweep
-- Forgets failures that do not count, and all but the last `kept`, among the oldest `most`: ids grow with
-- time.
-- params: window int, kept int, most int, now now
-- sqlite:
DELETE FROM login_failures
 WHERE id IN (SELECT id FROM login_failures ORDER BY id LIMIT :most)
   AND (failed_at NOT BETWEEN :now - :window * 1000000 AND :now + :window * 1000000
        OR id <= (SELECT max(id) FROM login_failures) - :kept)
-- postgres:
DELETE FROM login_failures
 WHERE id IN (SELECT id FROM login_failures ORDER BY id LIMIT :most)
   AND (failed_at NOT BETWEEN statement_timestamp() - :window * interval '1 second'
                          AND statement_timestamp() + :window * interval '1 second'
        OR id <= (SELECT max(id) FROM login_failures) - :kept)

-- name: sign_in_address_find
-- Has this user signed in from this address, and has anybody?
-- params: user_id int, address text
-- columns: is_users bool, is_anybodys bool
SELECT EXISTS (SELECT 1 FROM sign_in_addresses WHERE user_id = :user_id AND address = :address)
           AS is_users,
       EXISTS (SELECT 1 FROM sign_in_addresses WHERE address = :address) AS is_anybodys

-- name: sign_in_address_note
-- Remembers where a user has signed in from.
-- params: user_id int, address text, now now
-- sqlite:
INSERT INTO sign_in_addresses (user_id, address, last_at) VALUES (:user_id, :address, :now)
ON CONFLICT (user_id, address) DO UPDATE SET last_at = excluded.last_at
-- postgres:
INSERT INTO sign_in_addresses (user_id, address, last_at)
VALUES (:user_id, :address, statement_timestamp())
ON CONFLICT (user_id, address) DO UPDATE SET last_at = excluded.last_at

-- name: sign_in_address_trim
-- Forgets all but the last `most` places of a user.
-- params: user_id int, most int
DELETE FROM sign_in_addresses
 WHERE user_id = :user_id
   AND address NOT IN (SELECT address FROM sign_in_addresses WHERE user_id = :user_id
                        ORDER BY last_at DESC, address LIMIT :most)

-- name: sign_in_address_sweep
-- Forgets places where nobody has signed in from for `days`, and one of a clock that was a day ahead; `most`
-- at once.
-- params: days int, most int, now now
-- sqlite:
DELETE FROM sign_in_addresses
 WHERE (user_id, address) IN (
       SELECT user_id, address FROM sign_in_addresses
        WHERE last_at NOT BETWEEN :now - :days * 86400000000 AND :now + 86400000000
        LIMIT :most)
-- postgres:
DELETE FROM sign_in_addresses
 WHERE (user_id, address) IN (
       SELECT user_id, address FROM sign_in_addresses
        WHERE last_at NOT BETWEEN statement_timestamp() - :days * interval '1 day'
                              AND statement_timestamp() + interval '1 day'
        LIMIT :most)

-- name: user_password_set
-- Gives a user another password, which ends all sessions (users_password_ends_sessions).
-- params: id int, password_hash text
UPDATE users SET password_hash = :password_hash WHERE id = :id

-- name: session_count
-- How many sessions a user has.
-- params: user_id int
-- columns: sessions int
SELECT count(*) AS sessions FROM user_sessions WHERE user_id = :user_id

-- name: session_trim
-- Ends all but the last `most` sessions of a user.
-- params: user_id int, most int
DELETE FROM user_sessions
 WHERE user_id = :user_id
   AND id <= (SELECT id FROM user_sessions WHERE user_id = :user_id
               ORDER BY id DESC LIMIT 1 OFFSET :most)
