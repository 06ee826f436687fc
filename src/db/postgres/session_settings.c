/*
 * What a session of ours is: its schema, UTC, the safety nets. It is said in the start-up message,
 * and where a pooler stands between, which keeps that to itself, once more by a statement.
 */
#include <stdio.h>

#include "db/postgres/postgres_priv.h"

enum {
    STATEMENT_MS = 300000, /* a net under our own deadlines */
    SETTINGS_MAX = 7,
    SETTING_MAX = 64,
};

/* Without blanks, quotes and commas.
 *
 * What services read lies in memory as a rule, where a row costs the same wherever it stands; the
 * server's own guess is a disk that has to seek, for which it rather reads whole tables. */
struct session_settings {
    const char *names[SETTINGS_MAX];
    char values[SETTINGS_MAX][SETTING_MAX];
};

static void settings_fill(const struct db_options *options, struct session_settings *out)
{
    *out = (struct session_settings){
        .names = {"search_path", "octo.schema", "TimeZone", "standard_conforming_strings",
                  "random_page_cost", "lock_timeout", "statement_timeout"},
        .values = {"", "", "UTC", "on", "1.1"},
    };
    (void)snprintf(out->values[0], SETTING_MAX, "octo_%s", options->service);
    (void)snprintf(out->values[1], SETTING_MAX, "octo_%s", options->service);
    (void)snprintf(out->values[5], SETTING_MAX, "%llu",
                   (unsigned long long)options->busy_timeout_ms);
    (void)snprintf(out->values[6], SETTING_MAX, "%d", STATEMENT_MS);
}

void pg_write_options(const struct db_options *options, const char *own, struct buf *out)
{
    struct session_settings settings;

    settings_fill(options, &settings);
    for (size_t i = 0; i < SETTINGS_MAX; i++) {
        buf_printf(out, "-c %s=%s ", settings.names[i], settings.values[i]);
    }
    buf_printf(out, "%s", own != NULL ? own : "");
}

void pg_write_settings(const struct db_options *options, const char *module, struct buf *names,
                       struct buf *values)
{
    struct session_settings settings;

    settings_fill(options, &settings);
    buf_printf(names, "{application_name,client_encoding");
    buf_printf(values, "{%s,UTF8", module);
    for (size_t i = 0; i < SETTINGS_MAX; i++) {
        buf_printf(names, ",%s", settings.names[i]);
        buf_printf(values, ",%s", settings.values[i]);
    }
    buf_printf(names, "}");
    buf_printf(values, "}");
}
