-- What the server counts of statements, see src/db/postgres/counted.c: by the extension
-- pg_stat_statements, in whatever schema that is.

-- name: server_counts_source
-- Why nothing is counted here, in words; '' where it is: then the statements behind this one, of the same
-- transaction, find the extension.
-- columns: why text0, path text0
WITH extension AS (
    SELECT n.oid, n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
     WHERE e.extname = 'pg_stat_statements')
SELECT CASE WHEN NOT EXISTS (SELECT FROM extension)
              THEN 'its extension pg_stat_statements is not in this database: a superuser says CREATE EXTENSION '
                || 'pg_stat_statements, and has it in shared_preload_libraries'
            WHEN current_setting('pg_stat_statements.max', true) IS NULL
              THEN 'pg_stat_statements is not in its shared_preload_libraries'
            WHEN NOT (SELECT has_schema_privilege(oid, 'USAGE') FROM extension)
              THEN format('the role may not use the schema of pg_stat_statements: GRANT USAGE ON SCHEMA %I TO %I',
                          (SELECT nspname FROM extension), current_user)
            ELSE '' END AS why,
       set_config('search_path', concat_ws(', ', current_setting('search_path'),
                                           (SELECT quote_ident(nspname) FROM extension)), true) AS path

-- name: server_counts_since
-- Since when it counts, and how many statements it forgot meanwhile because there were too many.
-- columns: since time, evicted int
SELECT stats_reset AS since, dealloc AS evicted FROM pg_stat_statements_info

-- name: server_counts
-- By statement, those first that took the most time: of this role in this database. Blocks are those of
-- tables and indexes.
-- columns: id int, text text0, calls int, total_us int, row_count int, blocks_hit int, blocks_read int,
--   blocks_written int
SELECT queryid AS id, min(query) AS text, sum(calls)::bigint AS calls,
       (sum(total_exec_time) * 1000)::bigint AS total_us, sum(rows)::bigint AS row_count,
       sum(shared_blks_hit)::bigint AS blocks_hit, sum(shared_blks_read)::bigint AS blocks_read,
       sum(shared_blks_written)::bigint AS blocks_written
  FROM pg_stat_statements
 WHERE userid = (SELECT oid FROM pg_roles WHERE rolname = current_user)
   AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND queryid IS NOT NULL
 GROUP BY queryid
 ORDER BY sum(total_exec_time) DESC, queryid
 LIMIT 5000
