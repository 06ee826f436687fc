-- Users as an administrator sees and changes them.

-- row: user
-- A user, without the password.
-- columns: id int, username text, email text, role text, is_active bool, last_login time?,
--   created_at time

-- name: user_page
-- Users whose id is above `after`, in order of ids; a `pattern` (small letters, `!` escapes) is looked for
-- in name and e-mail address.
-- params: pattern text?, role text?, active int?, after int, most int
-- columns: user.*
SELECT id, username, email, role, is_active = 1 AS is_active, last_login, created_at
  FROM users
 WHERE id > :after
   AND (:role IS NULL OR role = :role)
   AND (:active IS NULL OR is_active = :active)
   AND (:pattern IS NULL OR lower(username) LIKE :pattern ESCAPE '!' OR email LIKE :pattern ESCAPE '!')
 ORDER BY id
 LIMIT :most

-- name: user_shown
-- One user.
-- params: id int
-- columns: user.*
SELECT id, username, email, role, is_active = 1 AS is_active, last_login, created_at
  FROM users
 WHERE id = :id

-- name: user_pair_lock
-- Two users, in order of ids, for who is about to change one of them: others who are wait.
-- params: one int, other int
-- columns: user.*
-- sqlite:
SELECT id, username, email, role, is_active = 1 AS is_active, last_login, created_at
  FROM users
 WHERE id IN (:one, :other)
 ORDER BY id
-- postgres:
SELECT id, username, email, role, is_active = 1 AS is_active, last_login, created_at
  FROM users
 WHERE id IN (:one, :other)
 ORDER BY id
   FOR UPDATE

-- name: user_create
-- A user of a name and an address that nobody has; no row: somebody has one of them.
-- params: username text, email text, password_hash text, role text, now now
-- columns: id int
INSERT INTO users (username, email, password_hash, role, is_active, created_at)
VALUES (:username, :email, :password_hash, :role, 1, :now)
ON CONFLICT DO NOTHING
RETURNING id

-- name: user_access_set
-- What a user may do, and whether he may sign in.
-- params: id int, role text, active int
UPDATE users SET role = :role, is_active = :active WHERE id = :id

-- name: user_sessions_end
-- Ends all sessions of a user.
-- params: id int
DELETE FROM user_sessions WHERE user_id = :id
