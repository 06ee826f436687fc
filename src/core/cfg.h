/*
 * core/cfg.h: configuration as tables. A row feeds parsing, --help, docs/config.md and the
 * redacted view. Values come from the command line, then the environment, then NAME_FILE for
 * secrets, then the default; a value out of range names the variable, the value and the range.
 */
#ifndef CORE_CFG_H
#define CORE_CFG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/secret.h"

enum cfg_type { CFG_INT, CFG_BOOL, CFG_TEXT, CFG_SECRET };

struct cfg_row {
    const char *env;    /* "OCTO_TRACE_LOG"; read as given and, for CFG_SECRET, as env_FILE */
    const char *option; /* "--data" or NULL */
    enum cfg_type type;
    size_t offset;        /* of the field in the settings struct: int64_t, bool or const char * */
    const char *fallback; /* default as text; NULL means empty */
    int64_t least;
    int64_t most; /* for CFG_INT; for CFG_TEXT and CFG_SECRET the greatest length, 0 = 4096 */
    const char *help;
    enum secret_kind secret; /* of CFG_SECRET: what strength it needs (core/secret.h) */
};

struct cfg_table {
    const struct cfg_row *rows;
    size_t count;
};

#define CFG_TABLE(rows_)                                                                           \
    {                                                                                              \
        .rows = (rows_), .count = sizeof(rows_) / sizeof((rows_)[0])                               \
    }
#define CFG_ROW_INT(env_, option_, struct_, field_, fallback_, least_, most_, help_)               \
    {                                                                                              \
        .env = (env_), .option = (option_), .type = CFG_INT,                                       \
        .offset = offsetof(struct struct_, field_), .fallback = (fallback_), .least = (least_),    \
        .most = (most_), .help = (help_)                                                           \
    }
#define CFG_ROW_BOOL(env_, option_, struct_, field_, fallback_, help_)                             \
    {                                                                                              \
        .env = (env_), .option = (option_), .type = CFG_BOOL,                                      \
        .offset = offsetof(struct struct_, field_), .fallback = (fallback_), .help = (help_)       \
    }
#define CFG_ROW_TEXT(env_, option_, struct_, field_, fallback_, help_)                             \
    {                                                                                              \
        .env = (env_), .option = (option_), .type = CFG_TEXT,                                      \
        .offset = offsetof(struct struct_, field_), .fallback = (fallback_), .help = (help_)       \
    }
#define CFG_ROW_SECRET(env_, struct_, field_, kind_, help_)                                        \
    {                                                                                              \
        .env = (env_), .type = CFG_SECRET, .offset = offsetof(struct struct_, field_),             \
        .secret = (kind_), .help = (help_)                                                         \
    }

/* Fills `settings` (the struct that the offsets point into); text lives in the arena and is never
 * NULL: empty is "". An environment variable that is empty counts as not set. Options that the
 * table knows ("--data DIR", "--data=DIR"; a boolean alone means true) are taken out of argv (argc
 * is lowered); others, and all behind "--", stay for the command to judge. Errors: ERR_CONFIG. */
MUST_CHECK bool cfg_load(const struct cfg_table *table, struct arena *arena, int *argc, char **argv,
                         void *settings, struct err *err);
/* The first row from *at on whose secret is set and weaker than its kind asks for; *at is then its
 * number and *ret_why what it lacks. False: there is none. */
bool cfg_find_weak(const struct cfg_table *table, const void *settings, size_t *at,
                   const char **ret_why);
/* Under a heading of their own, to standard output. */
void cfg_print_help(const struct cfg_table *table, const char *heading);
void cfg_print_markdown(const struct cfg_table *table, const char *heading); /* docs/config.md */

#endif
