-- What the server says of a plan, see src/db/oracle/plan.c.

-- name: octo_plan_lines
-- The plan that was stored last under this name, as a table for people, line by line.
-- columns: line text0
SELECT p.plan_table_output AS line FROM TABLE(DBMS_XPLAN.DISPLAY('PLAN_TABLE', 'OCTO', 'TYPICAL')) p
