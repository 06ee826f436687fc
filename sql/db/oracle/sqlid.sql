-- What the server takes a text's SQL_ID for, see src/db/oracle/server_sqlid.c.

-- name: server_sql_text
-- The text that V$SQL has under a SQL_ID.
-- params: sql_id text
-- columns: text text
SELECT s.sql_fulltext AS text FROM v$sql s WHERE s.sql_id = :sql_id AND rownum = 1

-- name: server_sql_id
-- For who may not read V$SQL, or where it is not there any more.
-- params: text text
-- columns: sql_id text
DECLARE
  l_text CLOB;
  l_sql_id VARCHAR2(13);
BEGIN
  l_text := :text;
  l_sql_id := dbms_sql_translator.sql_id(l_text);
  :sql_id := l_sql_id;
END;
