#include "core/cfg.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/private.h"
#include "core/text.h"

enum { TEXT_DEFAULT_MOST = 4096, LINE_END_MAX = 2 };

static const char *const TYPES[] = {
    [CFG_INT] = "integer", [CFG_BOOL] = "boolean", [CFG_TEXT] = "text", [CFG_SECRET] = "secret"};

static size_t text_most(const struct cfg_row *row)
{
    return row->most > 0 ? (size_t)row->most : TEXT_DEFAULT_MOST;
}

/* ---- one value ---- */

static bool set_int(const struct cfg_row *row, const char *from, const char *value, void *field,
                    struct err *err)
{
    int64_t number;

    if (!text_to_int64(value, &number)) {
        return err_set(err, ERR_CONFIG,
                       "%s: \"%.64s\" is not an integer (%" PRId64 " to %" PRId64 ")", from, value,
                       row->least, row->most);
    }
    if (number < row->least || number > row->most) {
        return err_set(err, ERR_CONFIG, "%s: %" PRId64 " is not within %" PRId64 " to %" PRId64,
                       from, number, row->least, row->most);
    }
    memcpy(field, &number, sizeof(number));
    return true;
}

static bool set_bool(const char *from, const char *value, void *field, struct err *err)
{
    static const char *const WORDS[][2] = {
        {"false", "true"}, {"0", "1"}, {"no", "yes"}, {"off", "on"}};

    for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
        for (size_t truth = 0; truth < 2; truth++) {
            if (text_equal_fold(value, WORDS[i][truth])) {
                bool is_true = truth == 1;

                memcpy(field, &is_true, sizeof(is_true));
                return true;
            }
        }
    }
    return err_set(err, ERR_CONFIG,
                   "%s: \"%.64s\" is not a boolean (true, false, 1, 0, yes, no, on, off)", from,
                   value);
}

static bool set_text(const struct cfg_row *row, const char *from, const char *value,
                     struct arena *arena, void *field, struct err *err)
{
    size_t length = strlen(value);
    const char *copy;

    if (length > text_most(row)) {
        return err_set(err, ERR_CONFIG, "%s: %zu bytes are more than %zu", from, length,
                       text_most(row));
    }
    if (!utf8_is_valid(value, length)) {
        return err_set(err, ERR_CONFIG, "%s: not valid UTF-8", from);
    }
    copy = arena_dup(arena, value, length);
    memcpy(field, &copy, sizeof(copy));
    return true;
}

/* `from` is what the person set: the variable's or the option's name. */
static bool set_value(const struct cfg_row *row, const char *from, const char *value,
                      struct arena *arena, void *settings, struct err *err)
{
    void *field = (char *)settings + row->offset;

    switch (row->type) {
    case CFG_INT:
        return set_int(row, from, value, field, err);
    case CFG_BOOL:
        return set_bool(from, value, field, err);
    case CFG_TEXT:
    case CFG_SECRET:
        return set_text(row, from, value, arena, field, err);
    }
    return err_set(err, ERR_INTERNAL, "%s: unknown type", from);
}

/* ---- secrets from files ---- */

/* Reads to the end or until `size` bytes are there; -1 with errno set. */
static ssize_t read_all(int fd, char *out, size_t size)
{
    size_t used = 0;

    while (used < size) {
        ssize_t got = read(fd, out + used, size - used);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -1;
        }
        if (got == 0) {
            break;
        }
        used += (size_t)got;
    }
    return (ssize_t)used;
}

/* The file's text without its line end, NULL with an error. */
static char *read_secret(const struct cfg_row *row, const char *from, const char *path,
                         struct arena *arena, struct err *err)
{
    size_t size = text_most(row) + LINE_END_MAX + 1; /* one more, so that too much is seen */
    char *value = arena_alloc(arena, size + 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    const bool is_kept = fd < 0 || private_is_kept(fd, path, err);
    ssize_t got = fd < 0 || !is_kept ? -1 : read_all(fd, value, size);
    int failure = errno;
    size_t length;

    if (fd >= 0) {
        (void)close(fd);
    }
    if (!is_kept) {
        (void)err_wrap(err, "%s", from);
        return NULL;
    }
    if (got < 0) {
        (void)err_set(err, ERR_CONFIG, "%s: cannot read %.256s: %s", from, path,
                      strerrordesc_np(failure));
        err->native = failure;
        return NULL;
    }
    length = (size_t)got;
    if (length > 0 && value[length - 1] == '\n') {
        length--;
    }
    if (length > 0 && value[length - 1] == '\r') {
        length--;
    }
    if (memchr(value, '\0', length) != NULL) {
        (void)err_set(err, ERR_CONFIG, "%s: %.256s holds a NUL byte", from, path);
        return NULL;
    }
    value[length] = '\0';
    return value;
}

/* NAME_FILE; true with nothing changed when it is not set. */
static bool load_secret_file(const struct cfg_row *row, struct arena *arena, void *settings,
                             struct err *err)
{
    const char *from = arena_printf(arena, "%s_FILE", row->env);
    const char *path = getenv(from);
    char *value;
    bool is_set;

    if (path == NULL || *path == '\0') {
        return true;
    }
    value = read_secret(row, from, path, arena, err);
    if (value == NULL) {
        return false;
    }
    is_set = set_value(row, from, value, arena, settings, err);
    explicit_bzero(value, strlen(value)); /* the settings hold the only copy */
    return is_set;
}

/* ---- the three sources, the weakest first ---- */

static bool load_fallback(const struct cfg_row *row, struct arena *arena, void *settings,
                          struct err *err)
{
    const char *fallback = row->fallback;

    if (fallback == NULL) {
        fallback = row->type == CFG_INT ? "0" : row->type == CFG_BOOL ? "false" : "";
    }
    return set_value(row, row->env, fallback, arena, settings, err);
}

static bool load_environment(const struct cfg_row *row, struct arena *arena, void *settings,
                             struct err *err)
{
    const char *value = getenv(row->env);

    /* Empty counts as not set: that is how container files clear a variable. */
    if (value != NULL && *value != '\0') {
        return set_value(row, row->env, value, arena, settings, err);
    }
    return row->type != CFG_SECRET || load_secret_file(row, arena, settings, err);
}

/* The row whose option `word` is, alone or with "=value" behind it. */
static const struct cfg_row *row_of_option(const struct cfg_table *table, const char *word)
{
    for (size_t i = 0; i < table->count; i++) {
        const char *option = table->rows[i].option;
        size_t length = option == NULL ? 0 : strlen(option);

        if (length > 0 && strncmp(word, option, length) == 0 &&
            (word[length] == '\0' || word[length] == '=')) {
            return &table->rows[i];
        }
    }
    return NULL;
}

/* Known options go; everything else, and all that follows "--", moves up and stays. */
static bool load_options(const struct cfg_table *table, struct arena *arena, int *argc, char **argv,
                         void *settings, struct err *err)
{
    int kept = *argc > 0 ? 1 : 0;
    int at = kept;

    while (at < *argc && strcmp(argv[at], "--") != 0) {
        const struct cfg_row *row = row_of_option(table, argv[at]);
        const char *value;

        if (row == NULL) {
            argv[kept++] = argv[at++];
            continue;
        }
        value = strchr(argv[at++], '=');
        if (value != NULL) {
            value++;
        } else if (row->type == CFG_BOOL) {
            value = "true";
        } else if (at < *argc) {
            value = argv[at++];
        } else {
            return err_set(err, ERR_CONFIG, "%s: a value is missing", row->option);
        }
        if (!set_value(row, row->option, value, arena, settings, err)) {
            return false;
        }
    }
    while (at < *argc) {
        argv[kept++] = argv[at++];
    }
    argv[kept] = NULL;
    *argc = kept;
    return true;
}

bool cfg_load(const struct cfg_table *table, struct arena *arena, int *argc, char **argv,
              void *settings, struct err *err)
{
    assert(settings != NULL && *argc >= 0);
    for (size_t i = 0; i < table->count; i++) {
        if (!load_fallback(&table->rows[i], arena, settings, err) ||
            !load_environment(&table->rows[i], arena, settings, err)) {
            return false;
        }
    }
    return load_options(table, arena, argc, argv, settings, err);
}

bool cfg_find_weak(const struct cfg_table *table, const void *settings, size_t *at,
                   const char **ret_why)
{
    for (; *at < table->count; ++*at) {
        const struct cfg_row *row = &table->rows[*at];
        const char *value;

        if (row->type != CFG_SECRET) {
            continue;
        }
        memcpy(&value, (const char *)settings + row->offset, sizeof(value));
        *ret_why = value[0] != '\0' ? secret_weakness(row->secret, value) : NULL;
        if (*ret_why != NULL) {
            return true;
        }
    }
    return false;
}

/* ---- the table for people ---- */

static const char *range_text(const struct cfg_row *row, char *out, size_t out_size)
{
    switch (row->type) {
    case CFG_INT:
        (void)snprintf(out, out_size, "%" PRId64 " to %" PRId64, row->least, row->most);
        break;
    case CFG_BOOL:
        (void)snprintf(out, out_size, "true, false");
        break;
    case CFG_TEXT:
        (void)snprintf(out, out_size, "at most %zu bytes", text_most(row));
        break;
    case CFG_SECRET:
        (void)snprintf(out, out_size, "%s", secret_rule(row->secret));
        break;
    }
    return out;
}

static void print_row_help(const struct cfg_row *row)
{
    char range[64];

    (void)printf("  %s%s%s\n      %s\n      %s, %s", row->env, row->option != NULL ? ", " : "",
                 row->option != NULL ? row->option : "", row->help, TYPES[row->type],
                 range_text(row, range, sizeof(range)));
    if (row->fallback != NULL) {
        (void)printf(", default %s", row->fallback);
    }
    (void)printf("%s\n",
                 row->type == CFG_SECRET ? "; or a file named by the variable with _FILE" : "");
}

static void print_row_markdown(const struct cfg_row *row)
{
    const char *tick = row->option != NULL ? "`" : "";
    char range[64];

    (void)printf("| `%s`", row->env);
    if (row->type == CFG_SECRET) {
        (void)printf(" or `%s_FILE`", row->env);
    }
    (void)printf(" | %s%s%s | %s | %s | %s | %s |\n", tick, row->option != NULL ? row->option : "",
                 tick, TYPES[row->type], row->fallback != NULL ? row->fallback : "",
                 range_text(row, range, sizeof(range)), row->help);
}

void cfg_print_help(const struct cfg_table *table, const char *heading)
{
    (void)printf("%s:\n", heading);
    for (size_t i = 0; i < table->count; i++) {
        print_row_help(&table->rows[i]);
    }
}

void cfg_print_markdown(const struct cfg_table *table, const char *heading)
{
    (void)printf("## %s\n\n"
                 "| name | option | type | default | range | help |\n"
                 "| --- | --- | --- | --- | --- | --- |\n",
                 heading);
    for (size_t i = 0; i < table->count; i++) {
        print_row_markdown(&table->rows[i]);
    }
}
