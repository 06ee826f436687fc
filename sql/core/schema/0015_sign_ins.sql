-- Where a user has signed in from, the last places only: whoever comes from there may still try when
-- others have failed too often with the same name. And another password ends all sessions of its user,
-- whoever changes it: octo password, a service, somebody by hand.
-- sqlite:
CREATE TABLE sign_in_addresses (
    user_id INTEGER NOT NULL REFERENCES users (id),
    address TEXT NOT NULL CHECK (length(address) <= 50),
    last_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_addresses_address ON sign_in_addresses (address);

CREATE TRIGGER users_password_ends_sessions AFTER UPDATE OF password_hash ON users
 WHEN NEW.password_hash <> OLD.password_hash
BEGIN
    DELETE FROM user_sessions WHERE user_id = NEW.id;
END;

-- postgres:
CREATE TABLE sign_in_addresses (
    user_id BIGINT NOT NULL REFERENCES users (id),
    address TEXT COLLATE "C" NOT NULL CHECK (length(address) <= 50),
    last_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, address)
);
CREATE INDEX sign_in_addresses_address ON sign_in_addresses (address);

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

-- oracle:
CREATE TABLE sign_in_addresses (
    user_id NUMBER(19) NOT NULL REFERENCES users (id),
    address VARCHAR2(50 CHAR) NOT NULL,
    last_at TIMESTAMP(6) NOT NULL,
    PRIMARY KEY (user_id, address)
);
CREATE INDEX sign_in_addresses_address ON sign_in_addresses (address);

CREATE TRIGGER users_password_ends_sessions AFTER UPDATE OF password_hash ON users
    FOR EACH ROW WHEN (NEW.password_hash <> OLD.password_hash)
BEGIN
    DELETE FROM user_sessions WHERE user_id = :NEW.id;
END;
/
