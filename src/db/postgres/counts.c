/* What a PostgreSQL server counts of statements (sql/db/postgres/counts.sql), row by row. */
#include "sql_db_postgres.h"

#include "db/postgres/postgres_priv.h"

/* The row's text lives as long as the unit's arena (db_row). */
void pg_counts_source_of(const void *row, struct db_counts *ret)
{
    const struct sql_server_counts_source_row *from = row;

    ret->why = from->why[0] != '\0' ? from->why : NULL;
}

void pg_counts_since_of(const void *row, struct db_counts *ret)
{
    const struct sql_server_counts_since_row *from = row;

    ret->since_us = from->since_us;
    ret->evicted = from->evicted;
}

void pg_counted_of(const void *row, struct db_counted *ret)
{
    const struct sql_server_counts_row *from = row;

    *ret = (struct db_counted){.text = from->text,
                               .id = from->id,
                               .calls = from->calls,
                               .total_us = from->total_us,
                               .rows = from->row_count,
                               .blocks_hit = from->blocks_hit,
                               .blocks_read = from->blocks_read,
                               .blocks_written = from->blocks_written};
}
