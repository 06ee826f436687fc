/* tests/support/tnsd/rewrite.h: what becomes of statements, and which are refused at what. */
#include "tests/support/test.h"
#include "tests/support/tnsd/rewrite.h"

static void rewrite_read__known_statement__is_postgresqls(void **state)
{
    static const struct {
        const char *sql;
        const char *wanted;
    } cases[] = {
        {"SELECT 1 FROM DUAL", "SELECT 1 AS \"1\" FROM oracle.dual"},
        {"SELECT a, b AS c, t.d, t.*, COUNT(*) FROM t",
         "SELECT a, b AS c, t.d, t.*, COUNT(*) AS \"count(*)\" FROM t"},
        {"SELECT a x, (b) y, 'text' z FROM t", "SELECT a x,(b) y, 'text' z FROM t"},
        {"SELECT DISTINCT a FROM t", "SELECT DISTINCT a FROM t"},
        {"SELECT s.serial#, SID# FROM sys.v_$session s",
         "SELECT s.\"serial#\", \"sid#\" FROM sys.v_$session s"},
        {"SELECT FROM_TZ(a, 'UTC') AS b, DBMS_SQL_TRANSLATOR.SQL_ID(:t) AS i FROM t",
         "SELECT FROM_TZ(a, 'UTC') AS b, DBMS_SQL_TRANSLATOR.SQL_ID($1) AS i FROM t"},
        {"SELECT UNIQUE a FROM t", "SELECT DISTINCT a FROM t"},
        {"SELECT a AS \"Mixed\", t.\"lower\", \"UPPER\" FROM \"Table\" t",
         "SELECT a AS \"mIXED\", t.\"LOWER\", \"upper\" FROM \"tABLE\" t"},
        {"SELECT a level_1, b AS level FROM t", "SELECT a level_1, b AS \"level\" FROM t"},
        {"SELECT -- remark\n a /* another */ FROM t", "SELECT a FROM t"},
        {"SELECT '' , 'it''s', q'[it's]', Q'!a'b!', N'x', q'(a)' FROM DUAL",
         "SELECT NULL AS \"''\", 'it''s' AS \"'it''s'\", 'it''s' AS \"'it's'\", 'a''b' AS "
         "\"'a'b'\", 'x' AS \"'x'\", 'a' AS \"'a'\" FROM oracle.dual"},
        {"SELECT a || b || 'c' || NULL FROM t",
         "SELECT a OPERATOR(ora.||) b OPERATOR(ora.||) 'c'::text OPERATOR(ora.||) NULL::text AS "
         "\"a||b||'c'||null\" FROM t"},
        {"SELECT a FROM t WHERE b != 1 AND c ^= 2 AND d <> 3",
         "SELECT a FROM t WHERE b <> 1 AND c <> 2 AND d <> 3"},
        {"SELECT NVL(a, 0), NVL2(a, 1, 2), DECODE(a, 1, 'x', NULL, 'y', 'z') FROM t",
         "SELECT coalesce(a, 0) AS \"nvl(a,0)\", NVL2(a, 1, 2) AS \"nvl2(a,1,2)\", CASE WHEN a IS "
         "NOT DISTINCT FROM 1 THEN 'x' WHEN a IS NOT DISTINCT FROM NULL THEN 'y' ELSE 'z' END AS "
         "\"decode(a,1,'x',null,'y','z')\" FROM t"},
        {"SELECT DECODE(a, 1, 'x') FROM t",
         "SELECT CASE WHEN a IS NOT DISTINCT FROM 1 THEN 'x' END AS \"decode(a,1,'x')\" FROM t"},
        {"SELECT SYSDATE, SYSTIMESTAMP, USER, DBTIMEZONE FROM DUAL",
         "SELECT ora.sysdate() AS \"sysdate\", statement_timestamp() AS \"systimestamp\", "
         "upper(session_user)::varchar(128) AS \"user\", '+00:00'::varchar(6) AS \"dbtimezone\" "
         "FROM oracle.dual"},
        {"SELECT s.NEXTVAL, app.s.CURRVAL FROM DUAL",
         "SELECT nextval('s'), currval('app.s') FROM oracle.dual"},
        {"SELECT \"S\".NEXTVAL FROM DUAL", "SELECT nextval('\"s\"') FROM oracle.dual"},
        {"SELECT ROWID, u.ROWID FROM t, u WHERE ROWID = :r",
         "SELECT ora.rowid(ctid) AS \"rowid\", ora.rowid( u .ctid) FROM t, u WHERE "
         "ora.rowid(ctid) = $1"},
        {"SELECT a FROM t WHERE ROWNUM <= 5", "SELECT a FROM t WHERE TRUE LIMIT 5"},
        {"SELECT a FROM t WHERE b = 1 AND ROWNUM < :n",
         "SELECT a FROM t WHERE b = 1 AND TRUE LIMIT greatest(ceil($1 ::numeric) - 1, 0)::bigint"},
        {"SELECT a FROM t WHERE ROWNUM = 1", "SELECT a FROM t WHERE TRUE LIMIT 1"},
        {"SELECT * FROM (SELECT a FROM t ORDER BY a) WHERE ROWNUM <= :n",
         "SELECT * FROM(SELECT a FROM t ORDER BY a) AS tnsd_rows WHERE TRUE LIMIT "
         "greatest(trunc($1 ::numeric), 0)::bigint"},
        {"SELECT a, ROWNUM AS r FROM t", "SELECT a, row_number() OVER () AS r FROM t"},
        {"SELECT LEVEL FROM DUAL CONNECT BY LEVEL <= 10",
         "SELECT level AS \"level\" FROM generate_series(1::bigint, 10 ) AS dual (level)"},
        {"SELECT a FROM t ORDER BY a OFFSET :o ROWS FETCH NEXT 5 ROWS ONLY",
         "SELECT a FROM t ORDER BY a OFFSET greatest(trunc($1 ::numeric), 0)::bigint LIMIT 5"},
        {"SELECT a FROM t FETCH FIRST 1 ROW ONLY", "SELECT a FROM t LIMIT 1"},
        {"SELECT a FROM t WHERE ROWNUM <= 2 FOR UPDATE",
         "SELECT a FROM t WHERE TRUE LIMIT 2 FOR UPDATE"},
        {"SELECT a FROM t FOR UPDATE SKIP LOCKED", "SELECT a FROM t FOR UPDATE SKIP LOCKED"},
        {"SELECT t.a FROM t JOIN u ON u.a = t.a FOR UPDATE OF t.a",
         "SELECT t.a FROM t JOIN u ON u.a = t.a FOR UPDATE OF t"},
        {"SELECT t.a, s.b FROM t LEFT JOIN LATERAL (SELECT b FROM u FETCH FIRST 1 ROW ONLY) s ON 1 "
         "= 1",
         "SELECT t.a, s.b FROM t LEFT JOIN LATERAL(SELECT b FROM u LIMIT 1) s ON 1 = 1"},
        {"SELECT k.n, k.id FROM JSON_TABLE(:list, '$[*]' COLUMNS (n FOR ORDINALITY, id NUMBER "
         "PATH '$', b VARCHAR2(9) PATH '$.c')) k",
         "SELECT k.n, k.id FROM (SELECT e.place AS n, CAST (e.value #>> '{}' AS numeric) AS id, "
         "CAST (e.value #>> '{c}' AS varchar(9)) AS b FROM jsonb_array_elements(CAST (CAST ( $1 AS "
         "text) AS jsonb)) WITH ORDINALITY AS e (value, place)) k"},
        {"WITH n (i) AS (SELECT 1 FROM dual UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT i "
         "FROM n",
         "WITH RECURSIVE n(i) AS(SELECT 1 FROM oracle.dual UNION ALL SELECT i + 1 FROM n WHERE i < "
         "9) SELECT i FROM n"},
        {"MERGE INTO t USING (SELECT :a AS a FROM dual) n ON (t.a = n.a) WHEN MATCHED THEN UPDATE "
         "SET b = CASE WHEN n.a > 1 THEN 1 END WHERE t.b < 3 WHEN NOT MATCHED THEN INSERT (a) "
         "VALUES (n.a) WHERE n.a > 0",
         "MERGE INTO t USING(SELECT $1 AS a FROM oracle.dual) n ON(t.a = n.a) WHEN MATCHED AND ( "
         "t.b < 3) THEN UPDATE SET b = CASE WHEN n.a > 1 THEN 1 END WHEN NOT MATCHED AND ( n.a > "
         "0) THEN INSERT(a) VALUES(n.a)"},
        {"SELECT SYS_EXTRACT_UTC(SYSTIMESTAMP) - NUMTODSINTERVAL(:n, 'DAY') AS a FROM dual",
         "SELECT SYS_EXTRACT_UTC(statement_timestamp()) - NUMTODSINTERVAL($1, 'DAY') AS a FROM "
         "oracle.dual"},
        {"CREATE INDEX i ON t (a, CASE WHEN b <> 'x' THEN a END)",
         "CREATE INDEX i ON t(a,(CASE WHEN b <> 'x' THEN a END))"},
        {"CREATE TABLE t (a CLOB CHECK (a IS JSON))",
         "CREATE TABLE t(a ora.clob CHECK(a OPERATOR(ora.@@@) 'json'))"},
        {"CREATE TRIGGER g BEFORE UPDATE OF a OR DELETE ON t FOR EACH ROW WHEN (OLD.a > 1) BEGIN "
         "IF "
         "UPDATING THEN :NEW.b := s.NEXTVAL; END IF; END;",
         "DO $tnsd$ BEGIN EXECUTE $tnsd_f$ CREATE FUNCTION g () RETURNS trigger LANGUAGE plpgsql "
         "AS "
         "$tnsd_b$ DECLARE tnsd_rows bigint; BEGIN BEGIN IF (TG_OP = 'UPDATE') THEN NEW.b := "
         "nextval('s'); "
         "END IF; END; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $tnsd_b$ "
         "$tnsd_f$; "
         "EXECUTE $tnsd_t$ CREATE TRIGGER g BEFORE UPDATE OF a OR DELETE ON t FOR EACH ROW "
         "WHEN(OLD.a > 1) "
         "EXECUTE FUNCTION g () $tnsd_t$; END $tnsd$"},
        {"SELECT a FROM t MINUS SELECT b FROM u", "SELECT a FROM t EXCEPT SELECT b FROM u"},
        {"SELECT a FROM t UNION ALL SELECT COUNT(*) FROM u",
         "SELECT a FROM t UNION ALL SELECT COUNT(*) FROM u"},
        {"WITH w AS (SELECT a FROM t) SELECT a FROM w",
         "WITH w AS(SELECT a FROM t) SELECT a FROM w"},
        {"SELECT COUNT(*) FROM (SELECT a FROM t)",
         "SELECT COUNT(*) AS \"count(*)\" FROM(SELECT a FROM t) AS tnsd_rows"},
        {"SELECT COUNT(*) FROM (SELECT a FROM t) x JOIN (SELECT b FROM u) y ON x.a = y.b",
         "SELECT COUNT(*) AS \"count(*)\" FROM(SELECT a FROM t) x JOIN(SELECT b FROM u) y ON x.a = "
         "y.b"},
        {"SELECT CASE WHEN a = 1 THEN 'x' ELSE 'y' END AS c FROM t",
         "SELECT CASE WHEN a = 1 THEN 'x' ELSE 'y' END AS c FROM t"},
        {"SELECT CAST(a AS NUMBER(5, 2)), CAST(b AS VARCHAR2(10 CHAR)) FROM t",
         "SELECT CAST(a AS numeric(5, 2)) AS \"cast(aasnumber(5,2))\", CAST(b AS varchar(10)) AS "
         "\"cast(basvarchar2(10char))\" FROM t"},
        {"SELECT DATE '2024-02-29', TIMESTAMP '2024-02-29 13:14:15', TIMESTAMP '2024-02-29 "
         "13:14:15 +01:00' FROM DUAL",
         "SELECT ora.date '2024-02-29' AS \"date'2024-02-29'\", timestamp '2024-02-29 13:14:15' AS "
         "\"timestamp'2024-02-2913:14:15'\", timestamptz '2024-02-29 13:14:15 +01:00' AS "
         "\"timestamp'2024-02-2913:14:15+01:00'\" FROM oracle.dual"},
        {"SELECT INTERVAL '-1 02:03:04' DAY TO SECOND AS a, INTERVAL '-1-2' YEAR(4) TO MONTH AS b "
         "FROM DUAL",
         "SELECT - interval '1 02:03:04' DAY TO SECOND AS a, interval '-1-2' YEAR TO MONTH AS b "
         "FROM oracle.dual"},
        {"SELECT limit, window FROM t",
         "SELECT \"limit\" AS \"limit\", \"window\" AS \"window\" FROM t"},
        {"SELECT dbms_lob.getlength(c) AS n FROM t", "SELECT DBMS_LOB.GETLENGTH(c) AS n FROM t"},
        {"INSERT INTO t VALUES (:1, :2)", "INSERT INTO t VALUES($1, $2)"},
        {"INSERT INTO app.t (a, b) SELECT a, b FROM u",
         "INSERT INTO app.t(a, b) SELECT a, b FROM u"},
        {"INSERT INTO t (a) VALUES (s.NEXTVAL) RETURNING a, b INTO :1, :2",
         "INSERT INTO t(a) VALUES(nextval('s')) RETURNING a, b"},
        {"UPDATE t SET a = :1, b = a || :2 WHERE c IN (:3, :4)",
         "UPDATE t SET a = $1, b = a OPERATOR(ora.||) $2 WHERE c IN($3, $4)"},
        {"DELETE t WHERE a = 1", "DELETE FROM t WHERE a = 1"},
        {"DELETE FROM t", "DELETE FROM t"},
        {"EXPLAIN PLAN SET STATEMENT_ID = 'x' FOR SELECT a FROM t WHERE b = :b OR :c IS NULL",
         "SELECT tnsd.explain( 'x', $tnsd$ SELECT a FROM t WHERE b = $1 OR $2 IS NULL $tnsd$, "
         "'ut')"},
        {"EXPLAIN PLAN FOR UPDATE t SET a = :1 RETURNING b INTO :2",
         "SELECT tnsd.explain( NULL, $tnsd$ UPDATE t SET a = $1 RETURNING b $tnsd$, 'ut')"},
        {"SELECT p.plan_table_output AS line FROM TABLE(DBMS_XPLAN.DISPLAY('PLAN_TABLE', :id)) p",
         "SELECT p.plan_table_output AS line FROM DBMS_XPLAN.DISPLAY( 'PLAN_TABLE', $1) p"},
        {"MERGE INTO t USING u ON (t.a = u.a) WHEN MATCHED THEN UPDATE SET b = 1 WHEN NOT MATCHED "
         "THEN INSERT (a) VALUES (u.a)",
         "MERGE INTO t USING u ON(t.a = u.a) WHEN MATCHED THEN UPDATE SET b = 1 WHEN NOT MATCHED "
         "THEN INSERT(a) VALUES(u.a)"},
        {"CREATE TABLE t (a NUMBER, b NUMBER(10), c NUMBER(*, 2), d NUMBER(5, -2), e INTEGER, f "
         "FLOAT)",
         "CREATE TABLE t(a numeric, b numeric(10), c numeric(38, 2), d numeric(5, - 2), e "
         "numeric(38), f numeric)"},
        {"CREATE TABLE t (a VARCHAR2(10 BYTE), b NVARCHAR2(5), c CHAR, d CHAR(3 CHAR), e RAW(16), "
         "f CLOB, g BLOB)",
         "CREATE TABLE t(a varchar(10), b oracle.nvarchar2(5), c char, d char(3), e bytea, f "
         "ora.clob, g ora.blob)"},
        {"CREATE TABLE t (a DATE, b TIMESTAMP, c TIMESTAMP(3), d TIMESTAMP WITH TIME ZONE, e "
         "TIMESTAMP(6) WITH LOCAL TIME ZONE)",
         "CREATE TABLE t(a ora.date, b timestamp, c timestamp(3), d timestamptz, e "
         "ora.local_time)"},
        {"CREATE TABLE t (a INTERVAL DAY(3) TO SECOND(2), b INTERVAL YEAR TO MONTH, c "
         "BINARY_DOUBLE, d BINARY_FLOAT)",
         "CREATE TABLE t(a interval DAY TO SECOND(2), b interval YEAR TO MONTH, c double "
         "precision, d real)"},
        {"CREATE TABLE t (id NUMBER(19) GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a NUMBER DEFAULT "
         "0 NOT NULL CHECK (a >= 0), CONSTRAINT u UNIQUE (a), FOREIGN KEY (a) REFERENCES p (b) ON "
         "DELETE CASCADE)",
         "CREATE TABLE t(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a numeric DEFAULT 0 "
         "NOT NULL CHECK(a >= 0), CONSTRAINT u UNIQUE(a), FOREIGN KEY(a) REFERENCES p(b) ON DELETE "
         "CASCADE)"},
        {"CREATE TABLE t (a NUMBER(19) REFERENCES p (id), b NUMBER(18))",
         "CREATE TABLE t(a bigint REFERENCES p(id), b numeric(18))"},
        {"CREATE UNIQUE INDEX i ON t (a, b DESC)", "CREATE UNIQUE INDEX i ON t(a, b DESC)"},
        {"CREATE OR REPLACE VIEW v AS SELECT a FROM t",
         "CREATE OR REPLACE VIEW v AS SELECT a FROM t"},
        {"CREATE SEQUENCE s START WITH 5 INCREMENT BY -2 MINVALUE 1 NOCYCLE CACHE 20 NOORDER",
         "CREATE SEQUENCE s START WITH 5 INCREMENT BY - 2 MINVALUE 1 NO CYCLE CACHE 20"},
        {"CREATE  USER octo_shop -- remark\n IDENTIFIED BY \"Se cret\" ACCOUNT LOCK",
         "SELECT tnsd.administer($tnsd$CREATE USER octo_shop IDENTIFIED BY \"Se cret\" ACCOUNT "
         "LOCK$tnsd$)"},
        {"ALTER USER a ACCOUNT UNLOCK",
         "SELECT tnsd.administer($tnsd$ALTER USER a ACCOUNT UNLOCK$tnsd$)"},
        {"GRANT CREATE SESSION, CREATE TABLE TO a",
         "SELECT tnsd.administer($tnsd$GRANT CREATE SESSION , CREATE TABLE TO a$tnsd$)"},
        {"GRANT SELECT ON SYS . v_$session TO a",
         "SELECT tnsd.administer($tnsd$GRANT SELECT ON SYS.v_$session TO a$tnsd$)"},
        {"CREATE OR REPLACE SYNONYM a.t FOR t",
         "SELECT tnsd.administer($tnsd$CREATE OR REPLACE SYNONYM a.t FOR t$tnsd$)"},
        {"ALTER TABLE t ADD a NUMBER(3)", "ALTER TABLE t ADD a numeric(3)"},
        {"DROP TABLE t CASCADE CONSTRAINTS PURGE", "DROP TABLE t CASCADE"},
        {"TRUNCATE TABLE t", "TRUNCATE TABLE t"},
        {"COMMIT WORK", ""},
        {"ROLLBACK", ""},
        {"SAVEPOINT x", "SAVEPOINT x"},
        {"SET TRANSACTION READ ONLY", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"},
        {"ROLLBACK WORK TO x", "ROLLBACK TO SAVEPOINT x"},
        {"BEGIN NULL; END;", "DECLARE tnsd_rows bigint; BEGIN NULL; END;"},
        {"BEGIN :a := :b + :a; END;", "DECLARE tnsd_rows bigint; BEGIN $1 := $2 + $1; END;"},
        {"BEGIN SELECT a INTO :x FROM t WHERE b = :y; END;",
         "DECLARE tnsd_rows bigint; BEGIN SELECT a INTO STRICT $1 FROM t WHERE b = $2; END;"},
        {"DECLARE n NUMBER(5) := 1; c t.a%TYPE; r t%ROWTYPE; k CONSTANT PLS_INTEGER := 2; BEGIN n "
         ":= k ** 2; END;",
         "DECLARE tnsd_rows bigint; n numeric(5) := 1; c t.a % TYPE; r t % ROWTYPE; k CONSTANT "
         "integer := 2; BEGIN n := k ^ 2; END;"},
        {"BEGIN FOR i IN REVERSE 1..3 LOOP NULL; END LOOP; END;",
         "DECLARE tnsd_rows bigint; BEGIN FOR i IN REVERSE 1 .. 3 LOOP NULL; END LOOP; END;"},
        {"BEGIN FOR r IN (SELECT a FROM t) LOOP :x := r.a; EXIT WHEN r.a > 3; END LOOP; END;",
         "DECLARE tnsd_rows bigint; BEGIN DECLARE r record; BEGIN FOR r IN(SELECT a FROM t) LOOP "
         "$1 := r.a; EXIT WHEN r.a > 3; END LOOP; END; END;"},
        {"DECLARE CURSOR c IS SELECT a FROM t; x NUMBER; BEGIN OPEN c; LOOP FETCH c INTO x; EXIT "
         "WHEN c%NOTFOUND; END LOOP; CLOSE c; END;",
         "DECLARE tnsd_rows bigint; c CURSOR FOR SELECT a FROM t; x numeric; BEGIN OPEN c; LOOP "
         "FETCH c INTO x; EXIT WHEN NOT FOUND; END LOOP; CLOSE c; END;"},
        {"DECLARE r SYS_REFCURSOR; BEGIN OPEN r FOR SELECT a FROM t; DBMS_SQL.RETURN_RESULT(r); "
         "END;",
         "DECLARE tnsd_rows bigint; r refcursor; BEGIN OPEN r FOR SELECT a FROM t; PERFORM "
         "DBMS_SQL.RETURN_RESULT(r); END;"},
        {"BEGIN OPEN :c FOR SELECT a FROM t; END;",
         "DECLARE tnsd_rows bigint; BEGIN OPEN $1 FOR SELECT a FROM t; END;"},
        {"BEGIN UPDATE t SET a = 1; IF SQL%ROWCOUNT = 0 THEN INSERT INTO t VALUES (1); ELSIF "
         "SQL%FOUND THEN NULL; ELSE DELETE t; END IF; END;",
         "DECLARE tnsd_rows bigint; BEGIN UPDATE t SET a = 1; GET DIAGNOSTICS tnsd_rows = "
         "ROW_COUNT; IF tnsd_rows = 0 THEN INSERT INTO t VALUES(1); GET DIAGNOSTICS tnsd_rows = "
         "ROW_COUNT; ELSIF (tnsd_rows > 0) THEN NULL; ELSE DELETE FROM t; GET DIAGNOSTICS "
         "tnsd_rows = ROW_COUNT; END IF; END;"},
        {"BEGIN INSERT INTO t (a) VALUES (1) RETURNING a INTO :x; END;",
         "DECLARE tnsd_rows bigint; BEGIN INSERT INTO t(a) VALUES(1) RETURNING a INTO $1; GET "
         "DIAGNOSTICS tnsd_rows = ROW_COUNT; END;"},
        {"BEGIN CASE :x WHEN 1 THEN NULL; ELSE RAISE NO_DATA_FOUND; END CASE; END;",
         "DECLARE tnsd_rows bigint; BEGIN CASE $1 WHEN 1 THEN NULL; ELSE RAISE NO_DATA_FOUND; END "
         "CASE; END;"},
        {"BEGIN WHILE :x < 3 LOOP :x := :x + 1; END LOOP; END;",
         "DECLARE tnsd_rows bigint; BEGIN WHILE $1 < 3 LOOP $1 := $1 + 1; END LOOP; END;"},
        {"BEGIN EXECUTE IMMEDIATE 'GRANT READ ON ' || :t || ' TO u'; END;",
         "DECLARE tnsd_rows bigint; BEGIN PERFORM tnsd.administer( 'GRANT READ ON '::text "
         "OPERATOR(ora.||) $1 OPERATOR(ora.||) ' TO u'::text); END;"},
        {"BEGIN RAISE_APPLICATION_ERROR(-20001, 'no'); EXCEPTION WHEN DUP_VAL_ON_INDEX OR "
         "ZERO_DIVIDE THEN NULL; WHEN OTHERS THEN RAISE; END;",
         "DECLARE tnsd_rows bigint; BEGIN PERFORM ora.raise_application_error(- 20001, 'no'); "
         "EXCEPTION WHEN unique_violation OR division_by_zero THEN NULL; WHEN OTHERS THEN RAISE; "
         "END;"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rewrite rewrite;
        struct rewrite_refusal refusal = {.text = "nothing"};

        if (!rewrite_read(cases[i].sql, strlen(cases[i].sql), &rewrite, &refusal)) {
            fail_msg("%s: refused: %s", cases[i].sql, refusal.text);
        }
        assert_string_equal(rewrite.sql, cases[i].wanted);
        rewrite_fini(&rewrite);
    }
}

static void rewrite_read__what_it_does_not_know__is_refused_by_name(void **state)
{
    static const struct {
        const char *sql;
        unsigned number;
        size_t position;
        const char *word;
    } cases[] = {
        {"NONSENSE", 900, 0, "NONSENSE"},
        {"SELECT", 900, 6, "it ends too early"},
        {"SELECT a FROM t;", 911, 15, "invalid character"},
        {"SELECT f(a) FROM t", 900, 7, "f"},
        {"SELECT a FROM t WHERE a = 1(+)", 900, 27, "(+)"},
        {"SELECT a FROM t@link", 900, 15, "@"},
        {"SELECT a FROM t START WITH a = 1 CONNECT BY PRIOR a = b", 900, 16, "START"},
        {"SELECT LEVEL FROM t", 900, 7, "LEVEL"},
        {"SELECT a FROM t WHERE ROWNUM <= 5 ORDER BY a", 900, 22, "ROWNUM"},
        {"SELECT a FROM t WHERE a = 1 OR ROWNUM <= 5", 900, 31, "ROWNUM"},
        {"SELECT a FROM t WHERE ROWNUM > 5", 900, 22, "ROWNUM"},
        {"SELECT \"a'b\".NEXTVAL FROM DUAL", 900, 7, "a'b"},
        {"SELECT :::x FROM DUAL", 900, 7, ":"},
        {"SELECT a FROM t FOR UPDATE WAIT 5", 900, 27, "WAIT"},
        {"SELECT DECODE(:x, 1, 'a') FROM DUAL", 900, 7, "DECODE"},
        {"SELECT (a FROM t", 900, 16, "it ends too early"},
        {"SELECT a) FROM t", 900, 8, ")"},
        {"SELECT 'abc FROM DUAL", 900, 21, "a text has no end"},
        {"SELECT a /* FROM t", 900, 9, "a comment has no end"},
        {"SELECT \"a FROM t", 900, 16, "a name has no end"},
        {"INSERT ALL INTO t VALUES (1) SELECT 1 FROM DUAL", 900, 7, "ALL"},
        {"INSERT INTO t VALUES (1) RETURNING a INTO x", 900, 42, "x"},
        {"CREATE TABLE t (a NUMBER(x))", 900, 25, "x"},
        {"CREATE TABLE t (a TIMESTAMP(9))", 900, 28, "9"},
        {"CREATE TABLE t (a LONG)", 900, 18, "LONG"},
        {"CREATE TABLE t (a VARCHAR2)", 900, 26, ")"},
        {"CREATE USER a IDENTIFIED BY 'text'", 900, 28, "text"},
        {"CREATE PROCEDURE p AS BEGIN NULL; END;", 900, 7, "PROCEDURE"},
        {"ALTER SESSION SET NLS_DATE_FORMAT = 'YYYY'", 900, 6, "SESSION"},
        {"DROP USER u", 900, 5, "USER"},
        {"REVOKE SELECT ON t FROM u", 900, 0, "REVOKE"},
        {"COMMIT NOW", 900, 7, "NOW"},
        {"EXPLAIN PLAN FOR BEGIN NULL; END;", 905, 17, "missing keyword"},
        {"SELECT a FROM TABLE(f(1)) t", 900, 14, "TABLE"},
        {"BEGIN p(1); END;", 900, 6, "p"},
        {"BEGIN p; END;", 900, 6, "p"},
        {"BEGIN NULL; END", 6550, 15, "PLS-00103: Encountered the symbol \"end-of-file\""},
        {"BEGIN :x := SQLCODE; END;", 900, 12, "SQLCODE"},
        {"BEGIN EXECUTE 'x'; END;", 900, 14, "x"},
        {"BEGIN COMMIT; END;", 900, 6, "COMMIT"},
        {"DECLARE TYPE x IS TABLE OF NUMBER; BEGIN NULL; END;", 900, 8, "TYPE"},
        {"DECLARE PROCEDURE p IS BEGIN NULL; END; BEGIN NULL; END;", 900, 8, "PROCEDURE"},
        {"BEGIN NULL; EXCEPTION WHEN my_error THEN NULL; END;", 900, 27, "my_error"},
        {"BEGIN NULL; END; NULL;", 900, 17, "NULL"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rewrite rewrite;
        struct rewrite_refusal refusal;

        if (rewrite_read(cases[i].sql, strlen(cases[i].sql), &rewrite, &refusal)) {
            fail_msg("%s: not refused", cases[i].sql);
        }
        if (strstr(refusal.text, cases[i].word) == NULL) {
            fail_msg("%s: refused otherwise: %s", cases[i].sql, refusal.text);
        }
        assert_int_equal(refusal.number, cases[i].number);
        assert_int_equal(refusal.position, cases[i].position);
    }
}

/* In SQL each place is a bind of its own, in a block each name; binds behind RETURNING have no
 * value. */
static void rewrite_read__binds__have_places_and_directions(void **state)
{
    static const struct {
        const char *sql;
        const char *binds; /* of each its parameter, and r, w or R for read, written, returned */
    } cases[] = {
        {"SELECT :a, :b, :A FROM DUAL", "1r 2r 3r "},
        {"INSERT INTO t VALUES (:a, :b) RETURNING a, b INTO :c, :d", "1r 2r 0R 0R "},
        {"BEGIN :x := :y; :y := :x; END;", "1rw 2rw "},
        {"BEGIN :x := 1; SELECT a INTO :y FROM t WHERE b = :z; OPEN :c FOR SELECT 1 FROM DUAL; "
         "END;",
         "1w 2w 3r 4w "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rewrite rewrite;
        struct rewrite_refusal refusal;
        char found[200] = "";

        assert_true(rewrite_read(cases[i].sql, strlen(cases[i].sql), &rewrite, &refusal));
        for (unsigned j = 0; j < rewrite.bind_count; j++) {
            const struct rewrite_bind *bind = &rewrite.binds[j];
            const size_t length = strlen(found);

            (void)snprintf(found + length, sizeof(found) - length, "%u%s%s%s ", bind->param,
                           bind->is_read ? "r" : "", bind->is_written ? "w" : "",
                           bind->is_returned ? "R" : "");
        }
        assert_string_equal(found, cases[i].binds);
        rewrite_fini(&rewrite);
    }
}

static void rewrite_read__statement__has_its_kind(void **state)
{
    static const struct {
        const char *sql;
        enum rewrite_kind kind;
        bool changes;
        unsigned views;
    } cases[] = {
        {"SELECT 1 FROM DUAL", REWRITE_QUERY, false, 0},
        {"SELECT sid FROM v$session", REWRITE_QUERY, false, REWRITE_SESSIONS},
        {"SELECT 1 FROM sys.V_$SQL q, \"V$PARAMETER\" p", REWRITE_QUERY, false,
         REWRITE_STATEMENTS | REWRITE_PARAMETERS},
        {"SELECT 'v$session' AS a FROM v$transaction", REWRITE_QUERY, false, 0},
        {"WITH x AS (SELECT 1 FROM DUAL) SELECT * FROM x", REWRITE_QUERY, false, 0},
        {"SELECT a FROM t FOR UPDATE", REWRITE_QUERY, true, 0},
        {"DELETE t", REWRITE_CHANGE, true, 0},
        {"DROP TABLE t", REWRITE_DEFINE, false, 0},
        {"BEGIN NULL; END;", REWRITE_BLOCK, false, 0},
        {"BEGIN DELETE t; END;", REWRITE_BLOCK, true, 0},
        {"COMMIT", REWRITE_COMMIT, false, 0},
        {"ROLLBACK", REWRITE_ROLLBACK, false, 0},
        {"ROLLBACK TO x", REWRITE_SAVEPOINT, false, 0},
        {"SET TRANSACTION READ ONLY", REWRITE_SNAPSHOT, false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rewrite rewrite;
        struct rewrite_refusal refusal;

        assert_true(rewrite_read(cases[i].sql, strlen(cases[i].sql), &rewrite, &refusal));
        assert_int_equal(rewrite.kind, cases[i].kind);
        assert_int_equal(rewrite.changes, cases[i].changes);
        assert_int_equal(rewrite.views, cases[i].views);
        rewrite_fini(&rewrite);
    }
}

/* Cut anywhere, a statement is rewritten or refused, and nothing is read behind its end. */
static void rewrite_read__statement_that_is_cut__ends_too(void **state)
{
    static const char whole[] = "DECLARE n NUMBER(5, 2) := DECODE(a, 'x', q'[y]'); BEGIN SELECT /* "
                                "z */ \"A\" INTO :b FROM t "
                                "WHERE ROWNUM <= 5 AND d = TIMESTAMP '2024-02-29 13:14:15'; "
                                "EXCEPTION WHEN OTHERS THEN NULL; END;";

    (void)state;
    for (size_t length = 0; length < sizeof(whole); length++) {
        char *copy = malloc(length + 1);
        struct rewrite_refusal refusal;
        struct rewrite rewrite;

        assert_non_null(copy);
        memcpy(copy, whole, length);
        if (rewrite_read(copy, length, &rewrite, &refusal)) {
            assert_int_equal(length, sizeof(whole) - 1);
            rewrite_fini(&rewrite);
        }
        free(copy);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(rewrite_read__known_statement__is_postgresqls),
        cmocka_unit_test(rewrite_read__what_it_does_not_know__is_refused_by_name),
        cmocka_unit_test(rewrite_read__binds__have_places_and_directions),
        cmocka_unit_test(rewrite_read__statement__has_its_kind),
        cmocka_unit_test(rewrite_read__statement_that_is_cut__ends_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
