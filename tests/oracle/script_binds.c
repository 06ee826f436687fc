#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/oracle/script.h"

static const struct bind_type {
    const char *name;
    enum octo_ora_bind_type type;
} bind_types[] = {
    {"NUMBER", OCTO_ORA_BIND_NUMBER},
    {"VARCHAR2", OCTO_ORA_BIND_VARCHAR2},
    {"NVARCHAR2", OCTO_ORA_BIND_NVARCHAR2},
    {"DATE", OCTO_ORA_BIND_DATE},
    {"TIMESTAMP", OCTO_ORA_BIND_TIMESTAMP},
    {"TIMESTAMP WITH TIME ZONE", OCTO_ORA_BIND_TIMESTAMP_TZ},
    {"INTERVAL DAY TO SECOND", OCTO_ORA_BIND_INTERVAL_DS},
    {"BINARY_DOUBLE", OCTO_ORA_BIND_BINARY_DOUBLE},
    {"BINARY_FLOAT", OCTO_ORA_BIND_BINARY_FLOAT},
    {"BOOLEAN", OCTO_ORA_BIND_BOOLEAN},
    {"RAW", OCTO_ORA_BIND_RAW},
    {"CLOB", OCTO_ORA_BIND_CLOB},
    {"BLOB", OCTO_ORA_BIND_BLOB},
    {"CURSOR", OCTO_ORA_BIND_CURSOR},
};

enum { BIND_TYPES = sizeof(bind_types) / sizeof(bind_types[0]) };

static const struct bind_type *bind_type_of(const char *name)
{
    for (size_t i = 0; i < BIND_TYPES; i++) {
        if (name != NULL && strcmp(bind_types[i].name, name) == 0) {
            return &bind_types[i];
        }
    }
    (void)fprintf(stderr, "no type %s\n", name == NULL ? "" : name);
    exit(EXIT_FAILURE);
}

/* 2024-02-29 13:14:15[.123] */
static struct octo_ora_time time_of(const char *text)
{
    int parts[7] = {0};

    if (sscanf(text, "%d-%d-%d %d:%d:%d.%3d", &parts[0], &parts[1], &parts[2], &parts[3], &parts[4],
               &parts[5], &parts[6]) < 6) {
        (void)fprintf(stderr, "%s: no time\n", text);
        exit(EXIT_FAILURE);
    }
    return (struct octo_ora_time){.year = (int16_t)parts[0],
                                  .month = (uint8_t)parts[1],
                                  .day = (uint8_t)parts[2],
                                  .hour = (uint8_t)parts[3],
                                  .minute = (uint8_t)parts[4],
                                  .second = (uint8_t)parts[5],
                                  .nanosecond = (uint32_t)parts[6] * 1000000};
}

/* 3 04:05:06.7 */
static struct octo_ora_seconds interval_of(const char *text)
{
    struct octo_ora_seconds ret = {.days = 0};
    int tenths = 0;

    if (sscanf(text, "%" SCNd32 " %" SCNd32 ":%" SCNd32 ":%" SCNd32 ".%1d", &ret.days, &ret.hours,
               &ret.minutes, &ret.seconds, &tenths) < 4) {
        (void)fprintf(stderr, "%s: no interval\n", text);
        exit(EXIT_FAILURE);
    }
    ret.nanoseconds = tenths * 100000000;
    return ret;
}

/* The bytes of a value, so many times over: of a text its characters, of others those that its
 * digits name. For free(). */
static char *bytes_of(const char *text, bool is_hex, json_int_t times, size_t *ret_length)
{
    const size_t once = is_hex ? strlen(text) / 2 : strlen(text);
    const size_t count = times > 1 ? (size_t)times : 1;
    char *bytes = malloc(once * count + 1);

    if (bytes == NULL) {
        exit(EXIT_FAILURE);
    }
    for (size_t i = 0; i < once * count; i++) {
        const char digits[3] = {text[is_hex ? i % once * 2 : 0],
                                text[is_hex ? i % once * 2 + 1 : 0], 0};

        bytes[i] = is_hex ? (char)strtoul(digits, NULL, 16) : text[i % once];
    }
    *ret_length = once * count;
    return bytes;
}

static void bind_lob(struct script_binds *binds, unsigned place, enum octo_ora_bind_type type,
                     const char *bytes, size_t length)
{
    struct octo_ora_lob **lob = &binds->lobs[binds->lob_count++];
    struct octo_ora_error error;

    if (!octo_ora_lob_create(binds->session, type, lob, &error) ||
        !octo_ora_lob_write(*lob, bytes, length, &error)) {
        script_stop("LOB", &error);
    }
    octo_ora_bind_lob(binds->statement, place, *lob);
}

static void bind_bytes(struct script_binds *binds, unsigned place, enum octo_ora_bind_type type,
                       const char *text, json_int_t times)
{
    const bool is_hex = type == OCTO_ORA_BIND_RAW || type == OCTO_ORA_BIND_BLOB;
    size_t length;
    char *bytes = bytes_of(text, is_hex, times, &length);

    if (type == OCTO_ORA_BIND_CLOB || type == OCTO_ORA_BIND_BLOB) {
        bind_lob(binds, place, type, bytes, length);
    } else if (type == OCTO_ORA_BIND_RAW) {
        octo_ora_bind_raw(binds->statement, place, bytes, length);
    } else if (type == OCTO_ORA_BIND_NVARCHAR2) {
        octo_ora_bind_ntext(binds->statement, place, bytes, length);
    } else {
        octo_ora_bind_text(binds->statement, place, bytes, length);
    }
    free(bytes);
}

void script_bind_value(struct script_binds *binds, unsigned place, const char *type_name,
                       const char *text, json_int_t times)
{
    const enum octo_ora_bind_type type = bind_type_of(type_name)->type;
    struct octo_ora_time time;
    struct octo_ora_seconds interval;

    if (text == NULL) {
        octo_ora_bind_type(binds->statement, place, type, 0);
        return;
    }
    switch (type) {
    case OCTO_ORA_BIND_NUMBER:
        octo_ora_bind_number(binds->statement, place, text);
        break;
    case OCTO_ORA_BIND_DATE:
        time = time_of(text);
        octo_ora_bind_date(binds->statement, place, &time);
        break;
    case OCTO_ORA_BIND_TIMESTAMP:
    case OCTO_ORA_BIND_TIMESTAMP_TZ:
        time = time_of(text);
        time.has_offset = type == OCTO_ORA_BIND_TIMESTAMP_TZ;
        octo_ora_bind_timestamp(binds->statement, place, &time);
        break;
    case OCTO_ORA_BIND_INTERVAL_DS:
        interval = interval_of(text);
        octo_ora_bind_seconds(binds->statement, place, &interval);
        break;
    case OCTO_ORA_BIND_BINARY_DOUBLE:
        octo_ora_bind_double(binds->statement, place, strtod(text, NULL));
        break;
    case OCTO_ORA_BIND_BOOLEAN:
        octo_ora_bind_bool(binds->statement, place, strcmp(text, "TRUE") == 0);
        break;
    case OCTO_ORA_BIND_BINARY_FLOAT:
        octo_ora_bind_float(binds->statement, place, strtof(text, NULL));
        break;
    default:
        bind_bytes(binds, place, type, text, times);
        break;
    }
}

static void bind_out(struct script_binds *binds, unsigned place, const char *type)
{
    octo_ora_bind_type(binds->statement, place, bind_type_of(type)->type, 0);
    binds->outs[binds->out_count++] = place;
}

static void bind_one(struct script_binds *binds, unsigned place, const json_t *bind)
{
    const json_t *out = json_object_get(bind, "OUT");
    const json_t *in_out = json_object_get(bind, "IN OUT");

    if (out != NULL) {
        bind_out(binds, place, json_string_value(out));
        return;
    }
    bind = in_out != NULL ? in_out : bind;
    for (size_t i = 0; i < BIND_TYPES; i++) {
        const json_t *value = json_object_get(bind, bind_types[i].name);

        if (value != NULL && in_out != NULL) {
            bind_out(binds, place, bind_types[i].name);
        }
        if (value != NULL) {
            script_bind_value(binds, place, bind_types[i].name, json_string_value(value),
                              json_integer_value(json_object_get(bind, "times")));
        }
    }
}

void script_bind_all(struct script_binds *binds, json_t *values)
{
    const char *name;
    json_t *bind;

    for (size_t i = 0; i < json_array_size(values); i++) {
        bind_one(binds, (unsigned)i + 1, json_array_get(values, i));
    }
    json_object_foreach(values, name, bind)
    {
        for (unsigned place = 0; (place = octo_ora_place(binds->statement, name, place)) != 0;) {
            bind_one(binds, place, bind);
        }
    }
}

void script_binds_fini(struct script_binds *binds)
{
    for (size_t i = 0; i < binds->lob_count; i++) {
        octo_ora_lob_free(binds->lobs[i]);
    }
}
