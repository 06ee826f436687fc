-- Users whom a sign-in provider vouches for: service/sso_user.c.

-- name: identity_user
-- The user who is this subject of this issuer.
-- params: issuer text, subject text
-- columns: id int, username text, email text, role text, is_active bool, last_login time?
SELECT u.id, u.username, u.email, u.role, u.is_active = 1 AS is_active, u.last_login
  FROM user_identities i
  JOIN users u ON u.id = i.user_id
 WHERE i.issuer = :issuer AND i.subject = :subject

-- name: identity_add
-- From now on this subject of this issuer is that user.
-- params: issuer text, subject text, user_id int, now now
INSERT INTO user_identities (issuer, subject, user_id, created_at)
VALUES (:issuer, :subject, :user_id, :now)

-- name: identity_signed_in
-- Notes a sign-in, and the role that the provider gives him.
-- params: id int, role text, now now
UPDATE users SET last_login = :now, role = :role WHERE id = :id
