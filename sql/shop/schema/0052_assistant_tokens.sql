-- What a conversation has cost, in tokens of a language model.
-- sqlite:
ALTER TABLE assistant_sessions ADD COLUMN tokens_used INTEGER NOT NULL DEFAULT 0
    CHECK (tokens_used >= 0);

-- postgres:
ALTER TABLE assistant_sessions ADD COLUMN tokens_used BIGINT NOT NULL DEFAULT 0
    CHECK (tokens_used >= 0);

-- oracle:
ALTER TABLE assistant_sessions ADD tokens_used NUMBER(19) DEFAULT 0 NOT NULL CHECK (tokens_used >= 0);
