/*
 * ora/statement_priv.h: a statement, for the files that it is made of. From above: execute.c
 * executes and fetches; statement.c prepares, calls and frees, cache.c keeps what is freed;
 * cursors.c makes one of a cursor that the server has opened; rows.c takes answers and asks for
 * more; outs.c takes what comes out of binds, results.c what a block gives besides; requests.c
 * writes what is asked; arrays.c keeps the values of many executions and what these have come to;
 * binds.c takes what goes in and binds_write.c sends it; columns.c and cells.c are what rows
 * consist of, values.c gives what is in them, statement_lobs.c what is too long for that.
 */
#ifndef ORA_STATEMENT_PRIV_H
#define ORA_STATEMENT_PRIV_H

#include "ora/text.h"

#include "ora/session_priv.h"

enum {
    ORA_BIND_TEXT_MAX = 32767, /* of a VARCHAR or a RAW in a block */
    ORA_BIND_MAX = 32 << 20,
    ORA_ROWS_AT_ONCE = 100, /* that a server sends before it is asked for more */
};

struct ora_bind {
    uint8_t type;  /* 0: nothing has ever been bound */
    uint8_t form;  /* of its character set; 0: it has none */
    bool is_bound; /* there is a value, if only NULL */
    bool is_null;
    uint32_t size;                /* that its place is declared with; it never shrinks */
    struct ora_wr bytes;          /* as they travel */
    const char *fault;            /* why it cannot be bound; NULL: it can */
    struct octo_ora_lob *spilled; /* during a call, that takes a value too long for a block */
};

/* A column's value, or a bind's, in the row that was fetched last. */
struct ora_cell {
    struct ora_value value;
    struct ora_rd returned; /* values that a bind behind RETURNING INTO has still to give */
    uint32_t returned_count;
    bool holds_lob;          /* a temporary one, which nobody has taken yet */
    struct ora_wr converted; /* what the value points to where it travels in another form */
    const char *fault;       /* why it cannot be given; NULL: it can */
};

/* What a place must be declared as for all executions. */
struct ora_array_place {
    uint8_t type;
    uint8_t form;
    uint32_t size;
    bool has_value; /* in one of them at least: NULL has any type */
};

struct ora_array_failure {
    size_t execution; /* from 0 */
    int number;
    size_t text_at; /* in the array's texts */
    size_t text_length;
};

/* Executions that go together. */
struct ora_array {
    bool is_executing;
    unsigned how;
    struct ora_array_place *places; /* of all binds; NULL: nothing has been added */
    struct ora_wr values;           /* of each execution in turn, with lengths before them */
    size_t executions;              /* that were added */
    size_t done;                    /* of them, by calls before this one */
    size_t at;                      /* in the values: behind what has been sent */
    size_t call_at;                 /* where those of this call begin */
    uint32_t call_executions;
    /* what came */
    uint64_t *counts;
    size_t counts_room; /* in bytes, as all rooms */
    size_t count_count;
    struct ora_array_failure *failures;
    size_t failures_room;
    size_t failure_count;
    size_t failures_before; /* of calls before this one */
    struct ora_wr texts;
    struct ora_wr rows; /* messages of what came out of binds */
    size_t rows_before;
};

struct octo_ora_statement {
    struct octo_ora *session;
    char *sql;
    size_t sql_length;
    struct ora_text text;
    struct ora_bind *binds;
    struct ora_array array;
    bool are_binds_known; /* the server has their types and sizes as they are now */
    uint32_t rows_at_once;
    bool is_opened_by_server; /* it has no text, and cannot be executed */
    bool is_nested;           /* in a row of another, with which it is closed */
    bool has_begun;           /* its first rows have been asked for */
    uint32_t results_left;    /* cursors of a block, that nobody has taken */
    size_t results_at;        /* where they lie in the rows */
    bool streams_lobs;        /* wanted: locators instead of contents */
    bool are_lobs_defined;    /* the server knows how LOBs are fetched: */
    bool defined_streams;     /* so */
    unsigned wrong_place;     /* that something was bound to, though there is none */
    uint32_t cursor;          /* the server's; 0: none */
    unsigned generation;      /* of the process there that opened it */
    struct ora_column *columns;
    uint32_t column_count;
    uint8_t *description; /* what the columns' names lie in */
    /* rows */
    struct ora_wr rows; /* the last answer; rows are read from rows_at on */
    size_t rows_at;
    size_t rows_from; /* where in an answer they begin, while it comes */
    struct ora_answer reading;
    struct ora_cell *cells; /* of the row that was fetched last */
    struct ora_wr last;     /* the same, while the answer that it lay in is replaced */
    uint32_t returned_left; /* rows of the execution that was read last */
    bool has_row;
    bool is_open; /* rows may follow on the server */
    uint64_t row_count;
};

/* --- statement.c --- */

/* Not kept for later. NULL is fine. */
void ora_statement_free(struct octo_ora_statement *statement);
/* Without a text. NULL: there is no memory. */
struct octo_ora_statement *ora_statement_new(struct octo_ora *session);
/* Is there one, in the server's process that the session has now? */
static inline bool ora_cursor_is_there(const struct octo_ora_statement *statement)
{
    return statement->cursor != 0 && statement->generation == statement->session->generation;
}
/* Queues one of the statement's for closing, unless its process has gone. */
static inline void ora_cursor_close(const struct octo_ora_statement *statement, uint32_t cursor)
{
    struct octo_ora *session = statement->session;

    if (cursor != 0 && !session->is_dead && statement->generation == session->generation) {
        ora_close_cursor(session, cursor);
    }
}
/* One call: an execution, or those of the array that are due. */
bool ora_statement_call(struct octo_ora_statement *statement, struct octo_ora_error *error);
/* Executes it once, and keeps its first rows. */
bool ora_statement_execute(struct octo_ora_statement *statement, struct octo_ora_error *error);
/* The server reads the text and runs nothing; its cursor is closed again. */
bool ora_statement_parse(struct octo_ora_statement *statement, struct octo_ora_error *error);

/* --- cache.c --- */

/* The one with that text, which is the caller's then. NULL: there is none. */
struct octo_ora_statement *ora_cache_take(struct ora_cache *cache, const char *sql, size_t length);
/* Gives the one that is not kept, which the caller frees: itself, or one that gave way. NULL: there
 * was room. */
struct octo_ora_statement *ora_cache_put(struct ora_cache *cache,
                                         struct octo_ora_statement *statement);
/* The caller's then. NULL: it is empty. */
struct octo_ora_statement *ora_cache_take_any(struct ora_cache *cache);

/* --- requests.c: each writes one into the session's request --- */

void ora_execute_write(struct octo_ora_statement *statement); /* with the text where it is new */
void ora_parse_write(struct octo_ora_statement *statement);
void ora_again_write(struct octo_ora_statement *statement);  /* by number, and with values alone */
void ora_define_write(struct octo_ora_statement *statement); /* what the columns are fetched as */
void ora_fetch_write(struct octo_ora_statement *statement);
void ora_first_fetch_write(
    struct octo_ora_statement *statement); /* of one that the server opened */

/* --- statement_lobs.c --- */

/* Values that are too long for a block become temporary LOBs, for one call. */
bool ora_binds_spill(struct octo_ora_statement *statement, struct octo_ora_error *error);
void ora_binds_unspill(struct octo_ora_statement *statement);
bool ora_binds_are_spilled(const struct octo_ora_statement *statement);

/* --- results.c --- */

void ora_results_take(struct octo_ora_statement *statement, const struct ora_results *results);
/* The next one's cursor, and what it gives; there is one left. */
uint32_t ora_result_next(struct octo_ora_statement *statement, struct ora_describe *ret);
/* Closes what nobody has taken. */
void ora_results_let_go(struct octo_ora_statement *statement);

/* --- arrays.c --- */

void ora_array_init(struct ora_array *array);
void ora_array_fini(struct ora_array *array);
/* One execution more, with what is bound now. */
bool ora_array_keep(struct octo_ora_statement *statement, struct octo_ora_error *error);
void ora_array_forget_values(struct ora_array *array);
void ora_array_forget_results(struct ora_array *array);
/* Makes the binds of types and sizes that are right for all executions. */
void ora_array_declare(struct octo_ora_statement *statement);
/* How many executions the next call takes. */
uint32_t ora_array_due(const struct octo_ora_statement *statement);
void ora_array_write_rows(struct octo_ora_statement *statement, bool by_number, struct ora_wr *wr);
/* An answer begins, perhaps in place of another. */
void ora_array_restart(struct ora_array *array);
/* Each false: there is no memory. */
bool ora_array_take_counts(struct octo_ora_statement *statement,
                           const struct ora_parameters *parameters);
bool ora_array_take_failures(struct octo_ora_statement *statement,
                             const struct ora_failure *failure);
bool ora_array_take_row(struct octo_ora_statement *statement, const struct ora_message *message);

/* --- binds_write.c --- */

/* The place whose bind is wrong or missing is told. */
bool ora_binds_check(const struct octo_ora_statement *statement, struct octo_ora_error *error);
bool ora_binds_need_zone(const struct octo_ora_statement *statement);
/* What a bind or a column is: adds to wr. */
void ora_type_write(const struct octo_ora *session, uint8_t type, uint8_t form, uint32_t size,
                    struct ora_wr *wr);
void ora_binds_write_types(const struct octo_ora_statement *statement, struct ora_wr *wr);
/* `by_number`: the server knows which places only give something, and wants no value of them. */
void ora_binds_write_row(const struct octo_ora_statement *statement, bool by_number,
                         struct ora_wr *wr);

/* --- outs.c --- */

/* Does anything come back of its binds, as far as its text says? Of a block only its first answer
 * tells. */
bool ora_outs_may_come(const struct octo_ora_statement *statement);
/* Makes the binds the columns of what will come. */
bool ora_outs_prepare(struct octo_ora_statement *statement, struct octo_ora_error *error);
bool ora_outs_take_directions(struct octo_ora_statement *statement,
                              const struct ora_bytes *directions, struct octo_ora_error *error);
void ora_outs_take_row(struct octo_ora_statement *statement, const struct ora_row *row);
/* The next row that an execution has returned; false: there is none. */
bool ora_outs_next(struct octo_ora_statement *statement);

/* --- cells.c --- */

/* Makes a value that was read one that can be given. */
void ora_cell_settle(struct octo_ora_statement *statement, const struct ora_column *column,
                     struct ora_cell *cell);
/* Gives its value up: a temporary LOB that nobody took is freed, a cursor is closed. */
void ora_cell_let_go(struct octo_ora_statement *statement, struct ora_cell *cell);

/* --- columns.c --- */

/* Makes these the columns. False: there is no memory. */
bool ora_rows_describe(struct octo_ora_statement *statement, const struct ora_describe *describe);
void ora_rows_forget(struct octo_ora_statement *statement); /* with the row that was fetched */
bool ora_rows_need_zone(const struct octo_ora_statement *statement);
/* The first column whose type is not read, from 1; 0: there is none. */
unsigned ora_rows_unreadable(const struct octo_ora_statement *statement);
/* Tells it. */
bool ora_rows_refuse(const struct octo_ora_statement *statement, unsigned place,
                     struct octo_ora_error *error);
bool ora_lobs_are_known(const struct octo_ora_statement *statement);
/* Must the server be told how they are fetched before any row comes? */
bool ora_lobs_are_due(const struct octo_ora_statement *statement);

/* --- rows.c --- */

/* An ora_taker: keeps the columns, and where rows begin. */
bool ora_rows_take(void *arg, const struct ora_message *message, struct octo_ora_error *error);
/* Makes what the session has just read the rows of the statement. */
void ora_rows_keep(struct octo_ora_statement *statement);
void ora_rows_keep_array(struct octo_ora_statement *statement); /* the same of all its calls */
void ora_rows_clear(struct octo_ora_statement *statement);      /* there is none now */
/* Asks for rows with the LOBs as they are wanted. */
bool ora_lobs_define(struct octo_ora_statement *statement, struct octo_ora_error *error);
/* The next row, of a statement with columns; asks for more where all are read. */
bool ora_rows_fetch(struct octo_ora_statement *statement, bool *ret_has_row,
                    struct octo_ora_error *error);

#endif
