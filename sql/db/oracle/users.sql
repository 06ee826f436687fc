-- Who may do what in an Oracle database that both services share, see src/app/oracle_users.h. Run as an
-- administrator; all of it may run again. Nothing that is dropped or taken away is here.

-- name: octo_make_users
-- The users where they are missing, locked until they are given a password (octo_open_user), and what those of the
-- services need for tables of their own, in the database's default tablespace. Gives how many were missing.
-- columns: done int
DECLARE
  l_space VARCHAR2(128);
  l_done NUMBER(10) := 0;
BEGIN
  SELECT p.property_value INTO l_space FROM database_properties p
    WHERE p.property_name = 'DEFAULT_PERMANENT_TABLESPACE';
  FOR each_user IN (
    SELECT u.name FROM (SELECT 'OCTO_SHOP' AS name FROM dual UNION ALL SELECT 'OCTO_CRM' FROM dual
      UNION ALL SELECT 'OCTO_OBSERVER' FROM dual) u
    WHERE NOT EXISTS (SELECT 1 FROM all_users a WHERE a.username = u.name))
  LOOP
    EXECUTE IMMEDIATE 'CREATE USER ' || each_user.name || ' IDENTIFIED BY "Aa1'
      || SUBSTR(RAWTOHEX(SYS_GUID()), 1, 24) || '" DEFAULT TABLESPACE "' || l_space || '" ACCOUNT LOCK';
    l_done := l_done + 1;
  END LOOP;
  FOR each_service IN (SELECT 'OCTO_SHOP' AS name FROM dual UNION ALL SELECT 'OCTO_CRM' FROM dual) LOOP
    EXECUTE IMMEDIATE 'ALTER USER ' || each_service.name || ' QUOTA UNLIMITED ON "' || l_space || '"';
    EXECUTE IMMEDIATE 'GRANT CREATE SESSION, CREATE TABLE, CREATE SEQUENCE, CREATE TRIGGER, CREATE VIEW TO '
      || each_service.name;
  END LOOP;
  EXECUTE IMMEDIATE 'GRANT CREATE SESSION TO OCTO_OBSERVER';
  :done := l_done;
END;

-- name: octo_make_open_transactions
-- When each open transaction of the database began, in UTC: what the shop's feed of orders waits for. Of V$TRANSACTION
-- the shop reads nothing else.
CREATE OR REPLACE VIEW open_transactions AS
  SELECT SYS_EXTRACT_UTC(FROM_TZ(CAST(start_date AS TIMESTAMP), TO_CHAR(SYSTIMESTAMP, 'TZH:TZM'))) AS started_at
    FROM v$transaction

-- name: octo_grant_views
-- What sessions are at and run, for all three; what is open, for the shop under a name of its own and for the
-- observer. Gives how many rights on views that are.
-- columns: done int
DECLARE
  l_done NUMBER(10) := 0;
BEGIN
  FOR each_view IN (
    SELECT v.name AS name, u.name AS reader
      FROM (SELECT 'V_$SESSION' AS name FROM dual UNION ALL SELECT 'V_$SQL' FROM dual
        UNION ALL SELECT 'V_$PARAMETER' FROM dual) v
      CROSS JOIN (SELECT 'OCTO_SHOP' AS name FROM dual UNION ALL SELECT 'OCTO_CRM' FROM dual
        UNION ALL SELECT 'OCTO_OBSERVER' FROM dual) u
    UNION ALL SELECT 'V_$TRANSACTION', 'OCTO_OBSERVER' FROM dual)
  LOOP
    EXECUTE IMMEDIATE 'GRANT SELECT ON SYS.' || each_view.name || ' TO ' || each_view.reader;
    l_done := l_done + 1;
  END LOOP;
  EXECUTE IMMEDIATE 'GRANT SELECT ON open_transactions TO OCTO_SHOP';
  EXECUTE IMMEDIATE 'CREATE OR REPLACE SYNONYM OCTO_SHOP.open_transactions FOR open_transactions';
  :done := l_done + 1;
END;

-- name: octo_open_user
-- Gives a user a password that is good for the one sign-in with which it gets its own, so that this one stands in no
-- text.
-- params: whose text, password text
-- columns: done int
BEGIN
  EXECUTE IMMEDIATE 'ALTER USER "' || :whose || '" IDENTIFIED BY "' || :password || '" ACCOUNT UNLOCK';
  :done := 1;
END;
