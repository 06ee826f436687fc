-- The audit trail in periods of a month: what is in one stays as it was written, and a whole one may be
-- dropped, by `octo audit drop` alone (docs/decisions/0036). Whoever drops says so in audit_drops first:
-- everything from before `until`, the beginning of a month by UTC. That row is gone before the
-- transaction ends, so nobody else ever finds the door open.
-- sqlite:

CREATE TABLE audit_drops (
    until INTEGER NOT NULL CHECK (until = CAST(strftime('%s', until / 1000000, 'unixepoch',
                                                        'start of month') AS INTEGER) * 1000000)
) STRICT;

DROP TRIGGER audit_logs_no_delete;
CREATE TRIGGER audit_logs_no_delete BEFORE DELETE ON audit_logs
WHEN NOT EXISTS (SELECT 1 FROM audit_drops WHERE OLD.created_at < until)
BEGIN
    SELECT RAISE(ABORT, 'audit_logs is append-only');
END;

-- postgres:

CREATE TABLE audit_drops (
    until TIMESTAMPTZ NOT NULL CHECK (until = date_trunc('month', until AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')
);

ALTER TABLE audit_logs RENAME TO audit_logs_before;
ALTER INDEX audit_logs_pkey RENAME TO audit_logs_before_pkey;
ALTER INDEX audit_logs_trace_id RENAME TO audit_logs_before_trace_id;
ALTER TABLE audit_logs_before ALTER COLUMN id DROP IDENTITY;

CREATE TABLE audit_logs (LIKE audit_logs_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
    PARTITION BY RANGE (created_at);
CREATE SEQUENCE audit_logs_ids OWNED BY audit_logs.id;
ALTER TABLE audit_logs ALTER COLUMN id SET DEFAULT nextval('audit_logs_ids');
CREATE INDEX audit_logs_trace_id ON audit_logs (trace_id)
 WHERE http_status IS NULL OR http_status >= 500;
CREATE TRIGGER audit_logs_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_logs
    EXECUTE FUNCTION refuse_change();

-- Makes a period as a table of its own and puts it in its place.
CREATE FUNCTION audit_period_make(name text, place text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE %I (LIKE audit_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS, PRIMARY KEY (id))',
        name);
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I EXECUTE FUNCTION refuse_change()',
        name || '_append_only', name);
    EXECUTE format('ALTER TABLE audit_logs ATTACH PARTITION %I %s', name, place);
END
$$;

-- Makes those of this month and of the next two, where they are missing. Rows of no period, which a clock
-- wrote that was far off, are in audit_logs_others; a month of which it has some gets no period any more.
-- The months that audit_logs_before reaches into have one.
CREATE FUNCTION audit_periods_make() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    made   bigint := 0;
    begins timestamptz;
    ends   timestamptz;
    name   text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('octo audit periods'), hashtext(current_schema()));
    FOR ahead IN 0..2 LOOP
        begins := (date_trunc('month', now() AT TIME ZONE 'UTC') + ahead * interval '1 month')
            AT TIME ZONE 'UTC';
        ends := ((begins AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
        name := to_char(begins AT TIME ZONE 'UTC', '"audit_logs_"YYYY_MM');
        CONTINUE WHEN to_regclass(quote_ident(name)) IS NOT NULL
            OR EXISTS (SELECT FROM audit_periods WHERE period = 'audit_logs_before' AND until > begins)
            OR EXISTS (SELECT FROM audit_logs_others WHERE created_at >= begins AND created_at < ends);
        PERFORM audit_period_make(name, format('FOR VALUES FROM (%L) TO (%L)', begins, ends));
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;

-- The periods there are, and until when their rows are; infinity for those of no period.
CREATE VIEW audit_periods AS
SELECT c.relname AS period,
    coalesce(CAST((regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''([^'']+)''\)'))[1] AS timestamptz),
        'infinity') AS until
  FROM pg_inherits i
  JOIN pg_class c ON c.oid = i.inhrelid
 WHERE i.inhparent = CAST('audit_logs' AS regclass);

-- Drops the periods that end by then, where audit_drops says so, and gives their number of rows. A new
-- table takes the place of the month that is running.
CREATE FUNCTION audit_periods_drop(whole_until timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    gone bigint := 0;
    held bigint;
    name text;
BEGIN
    IF NOT EXISTS (SELECT FROM audit_drops WHERE until = whole_until) THEN
        RAISE EXCEPTION 'audit_logs is append-only';
    END IF;
    FOR name IN SELECT period FROM audit_periods WHERE until <= whole_until LOOP
        EXECUTE format('SELECT count(*) FROM %I', name) INTO held;
        EXECUTE format('DROP TABLE %I', name);
        gone := gone + held;
    END LOOP;
    SELECT count(*) INTO held FROM audit_logs_others;
    IF held > 0 AND NOT EXISTS (SELECT FROM audit_logs_others WHERE created_at >= whole_until) THEN
        DROP TABLE audit_logs_others;
        PERFORM audit_period_make('audit_logs_others', 'DEFAULT');
        gone := gone + held;
    END IF;
    PERFORM audit_periods_make();
    RETURN gone;
END
$$;

-- What is there already is one period, to the end of the month of its youngest row.
DO $$
DECLARE
    ends timestamptz;
BEGIN
    PERFORM setval('audit_logs_ids', (SELECT coalesce(max(id), 0) + 1 FROM audit_logs_before), false);
    SELECT (date_trunc('month', max(created_at) AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC'
      INTO ends FROM audit_logs_before;
    IF ends IS NULL THEN
        DROP TABLE audit_logs_before;
    ELSE
        EXECUTE format('ALTER TABLE audit_logs ATTACH PARTITION audit_logs_before'
            ' FOR VALUES FROM (MINVALUE) TO (%L)', ends);
    END IF;
    PERFORM audit_period_make('audit_logs_others', 'DEFAULT');
    PERFORM audit_periods_make();
END
$$;

-- oracle:
-- One table without periods: rows go as they do on SQLite, and only below the month that is open.
CREATE TABLE audit_drops (
    until TIMESTAMP(6) NOT NULL
          CHECK (EXTRACT(DAY FROM until) = 1 AND EXTRACT(HOUR FROM until) = 0
                 AND EXTRACT(MINUTE FROM until) = 0 AND EXTRACT(SECOND FROM until) = 0)
);

CREATE TRIGGER audit_logs_append_only BEFORE UPDATE OR DELETE ON audit_logs
    FOR EACH ROW
DECLARE
    open_until TIMESTAMP(6);
BEGIN
    SELECT MAX(until) INTO open_until FROM audit_drops;
    IF UPDATING OR open_until IS NULL OR :OLD.created_at >= open_until THEN
        RAISE_APPLICATION_ERROR(-20001, 'audit_logs is append-only');
    END IF;
END;
/
