-- What a conversation is about at the moment: the product that its last answer named first, so that "how
-- long does it fly?" has an answer. One that is gone meanwhile is about nothing.
-- sqlite:
ALTER TABLE assistant_sessions ADD COLUMN subject_id INTEGER;

-- postgres:
ALTER TABLE assistant_sessions ADD COLUMN subject_id BIGINT;

-- oracle:
ALTER TABLE assistant_sessions ADD subject_id NUMBER(19);
