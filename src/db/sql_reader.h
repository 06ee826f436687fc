/*
 * db/sql_reader.h: what somebody types or has written into a script, cut into what is to be done,
 * by the rules of Oracle's SQL*Plus: a statement ends with the line whose last mark is a semicolon,
 * a block (BEGIN, DECLARE, CREATE PROCEDURE and its kind) with a line of one slash, and a command
 * of the reading program's own, which it knows itself, is a line. Quotes and comments are known, so
 * a semicolon within ends nothing. Pure; memory is the reader's own.
 */
#ifndef DB_SQL_READER_H
#define DB_SQL_READER_H

#include "core/buf.h"

enum { SQL_TEXT_MAX = 16 << 20 }; /* bytes of a statement: more the driver would not send */

enum sql_found {
    SQL_FOUND_NOTHING,   /* more is needed, or there was nothing to do */
    SQL_FOUND_STATEMENT, /* for the database */
    SQL_FOUND_COMMAND,   /* a line for the program */
    SQL_FOUND_AGAIN,     /* the statement before, once more */
    SQL_FOUND_DROPPED,   /* by a line of one full stop */
    SQL_FOUND_TOO_LONG,
};

enum sql_within { SQL_WITHIN_NOTHING, SQL_WITHIN_COMMENT, SQL_WITHIN_QUOTES };

/* What the first words of a statement have told so far. */
enum sql_head { SQL_HEAD_FIRST, SQL_HEAD_CREATE, SQL_HEAD_WITH, SQL_HEAD_KNOWN };

enum { SQL_WORD_MAX = 16 };

/* Is a line, before which no statement has begun, for the program that reads? */
typedef bool sql_is_command(const char *line);

struct sql_reader {
    sql_is_command *is_command; /* NULL: there are no commands */
    struct buf text;            /* what has come of a statement, or what was found */
    size_t lines;               /* of it */
    bool is_done;               /* the next line begins another one */
    bool is_block;
    enum sql_within within;
    char quotes[2]; /* that end it: one character, or two behind q' */
    size_t quote_length;
    size_t end; /* behind its last mark that is no comment; 0: there is none */
    enum sql_head head;
};

void sql_reader_init(struct sql_reader *reader, sql_is_command *is_command);
void sql_reader_fini(struct sql_reader *reader);
/* A line without its end. What was found stands in reader->text, without what ends it, until the
 * next line comes. */
enum sql_found sql_reader_take(struct sql_reader *reader, const char *line, size_t length);
/* Has a statement begun that has not ended? */
bool sql_reader_is_within(const struct sql_reader *reader);

#endif
