-- Another password ends all sessions of its user, whoever changes it: octo password, a service, somebody
-- by hand.
-- sqlite:
CREATE TRIGGER users_password_ends_sessions AFTER UPDATE OF password_hash ON users
 WHEN NEW.password_hash <> OLD.password_hash
BEGIN
    DELETE FROM user_sessions WHERE user_id = NEW.id;
END;

-- postgres:
-- A sign-in with the old password that is under way holds the user's row until its session is there, so
-- this sees it.
CREATE FUNCTION end_sessions() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    DELETE FROM user_sessions WHERE user_id = NEW.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER users_password_ends_sessions AFTER UPDATE OF password_hash ON users
    FOR EACH ROW WHEN (NEW.password_hash <> OLD.password_hash) EXECUTE FUNCTION end_sessions();
