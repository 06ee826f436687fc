/*
 * app/asking.h: what commands that ask the console have alike: options that become parameters of
 * the question, the asking, and how the answer is shown, for people and, with --json, as it came.
 * Memory: an asking's arena, freed at its end.
 */
#ifndef APP_ASKING_H
#define APP_ASKING_H

#include "app/ask_console.h"
#include "app/cli.h"
#include "app/table.h"

enum { ASKING_OUTPUT_MAX = 256 << 20 };

/* One run of a command. */
struct asking {
    const char *command;
    struct console_address address;
    struct arena arena;
    struct ctx ctx;
    struct buf body;
    struct json *answer;
    bool as_json;
};

/* An option that becomes a parameter. */
struct asking_option {
    const char *option;
    const char *parameter;
};

void asking_begin(struct asking *asking, const char *command);
/* Reads the command line, lets `answer` ask and show, and ends the asking. Returns the exit code.
 */
int asking_run(struct asking *asking, const struct cli_command *command, int argc, char **argv,
               int (*answer)(struct asking *asking, void *arg), void *arg);

/* Takes the options out of the command line; NULL for those that are not there. False: one has no
 * value, which has been said. */
bool asking_take(const char *command, const struct asking_option *options, size_t count, int *argc,
                 char **argv, const char **ret_values);
/* The path with the values as its query. */
const char *asking_path(struct asking *asking, const char *path,
                        const struct asking_option *options, size_t count,
                        const char *const *values);
/* The answer is in `body` and `answer`, until the next question. */
MUST_CHECK bool asking_ask(struct asking *asking, const char *path, struct err *err);

/* The terminal. */
bool asking_is_utf8(void);
bool asking_has_colours(void);
int asking_columns(void);

void asking_print(const struct buf *out);
void asking_print_json(const struct asking *asking);

/* Rows in the making, as text: begin, members, end. What a terminal could take for a command is
 * left out of the texts. */
void asking_begin_row(struct buf *rows);
void asking_put(struct asking *asking, struct buf *rows, const char *member, const char *text);
void asking_put_count(struct asking *asking, struct buf *rows, const char *member,
                      const struct json *of, const char *from);
/* Nanoseconds, with a unit that fits. */
void asking_put_duration(struct asking *asking, struct buf *rows, const char *member,
                         const struct json *of, const char *from);
void asking_end_row(struct buf *rows);
/* As a table that fits the terminal. */
MUST_CHECK bool asking_print_rows(const struct table *table, const struct buf *rows,
                                  struct err *err);

/* A number with a fraction; 0 where it is none. */
double asking_real(struct asking *asking, const struct json *value);
/* A curve in one line, each value a character: as high as it is of the highest. */
const char *asking_curve(struct asking *asking, const double *values, size_t count);

#endif
