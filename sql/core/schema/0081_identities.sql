-- Who of a sign-in provider is which user. The provider's word for somebody never changes its meaning, as a name
-- or an address may: nobody becomes a user by being called like one.
-- sqlite:
CREATE TABLE user_identities (
    issuer     TEXT NOT NULL CHECK (length(issuer) BETWEEN 1 AND 400),
    subject    TEXT NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_identities_user_id ON user_identities (user_id);

-- postgres:
CREATE TABLE user_identities (
    issuer     TEXT COLLATE "C" NOT NULL CHECK (length(issuer) BETWEEN 1 AND 400),
    subject    TEXT COLLATE "C" NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
    user_id    BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX user_identities_user_id ON user_identities (user_id);

-- oracle:
CREATE TABLE user_identities (
    issuer     VARCHAR2(400 CHAR) NOT NULL,
    subject    VARCHAR2(255 CHAR) NOT NULL,
    user_id    NUMBER(19) NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TIMESTAMP(6) NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX user_identities_user_id ON user_identities (user_id);
