-- A conversation with the advisor is its owner's alone: of a user ("user:ada"), or of who has the
-- cookie that it began with, by that one's SHA-256. One from before has no owner, and is for staff
-- to read. How many messages it has bounds it.
-- sqlite:

ALTER TABLE assistant_sessions ADD COLUMN owner TEXT CHECK (length(owner) <= 120);
ALTER TABLE assistant_sessions ADD COLUMN message_count INTEGER NOT NULL DEFAULT 0
    CHECK (message_count >= 0);
CREATE INDEX assistant_sessions_owner ON assistant_sessions (owner);
DROP INDEX assistant_messages_session_id;
CREATE INDEX assistant_messages_session_id ON assistant_messages (session_id, id);

-- postgres:

ALTER TABLE assistant_sessions ADD COLUMN owner TEXT CHECK (length(owner) <= 120);
ALTER TABLE assistant_sessions ADD COLUMN message_count BIGINT NOT NULL DEFAULT 0
    CHECK (message_count >= 0);
CREATE INDEX assistant_sessions_owner ON assistant_sessions (owner);
DROP INDEX assistant_messages_session_id;
CREATE INDEX assistant_messages_session_id ON assistant_messages (session_id, id);

-- oracle:
ALTER TABLE assistant_sessions ADD owner VARCHAR2(120 CHAR);
ALTER TABLE assistant_sessions ADD message_count NUMBER(19) DEFAULT 0 NOT NULL CHECK (message_count >= 0);
CREATE INDEX assistant_sessions_owner ON assistant_sessions (owner);
DROP INDEX assistant_messages_session_id;
CREATE INDEX assistant_messages_session_id ON assistant_messages (session_id, id);
