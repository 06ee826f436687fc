#include "store/attribute.h"

#include <string.h>

#include "sql_store.h"

struct reading {
    const struct search_entry *entries;
    size_t count;
    size_t at; /* which is read next */
    const char *key;
    bool is_of_resource;
    const char **texts;
};

static const char *behind(const char *name, const char *prefix)
{
    const size_t length = strlen(prefix);

    return strncmp(name, prefix, length) == 0 ? name + length : NULL;
}

static int64_t hour_of(const struct reading *reading)
{
    return reading->entries[reading->at].position.hour;
}

/* Entries beside each other that stand in one file. */
static bool read_file(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct reading *reading = arg;
    const int64_t hour = hour_of(reading);

    while (reading->at < reading->count && hour_of(reading) == hour) {
        struct sql_entry_attribute_row row;
        const enum db_step step =
            sql_entry_attribute(session, reading->entries[reading->at].position.id,
                                reading->is_of_resource, reading->key, &row, err);

        if (step != DB_ROW && step != DB_NO_ROW) {
            return false;
        }
        if (step == DB_ROW) {
            reading->texts[reading->at] = arena_strdup(ctx->arena, row.value);
        }
        reading->at++;
    }
    return true;
}

bool attribute_read(struct ctx *ctx, struct segments *segments, const char *name,
                    const struct search_entry *entries, size_t count, const char *const **ret,
                    struct err *err)
{
    const char *of_resource = behind(name, "resource.");
    const char *of_span = behind(name, "span.");
    struct reading reading = {
        .entries = entries,
        .count = count,
        .key = of_resource != NULL ? of_resource
               : of_span != NULL   ? of_span
                                   : name,
        .is_of_resource = of_resource != NULL,
        .texts = arena_array(ctx->arena, count + 1, sizeof(*reading.texts)),
    };

    while (reading.at < count) {
        const size_t first = reading.at;
        const int64_t hour = hour_of(&reading);

        if (!segments_read(ctx, segments, hour, read_file, &reading, err)) {
            return false;
        }
        while (reading.at == first || (reading.at < count && hour_of(&reading) == hour)) {
            reading.at++; /* of a file that is gone */
        }
    }
    *ret = reading.texts;
    return true;
}
