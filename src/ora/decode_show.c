#include "ora/decode_show.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "ora/date.h"
#include "ora/floating.h"
#include "ora/interval.h"
#include "ora/number.h"
#include "ora/unicode.h"

enum { SHOWN_MAX = 60 }; /* bytes of a text */

static void show_text(FILE *out, const struct ora_bytes *text)
{
    const size_t count = text->length < SHOWN_MAX ? text->length : SHOWN_MAX;

    if (text->is_null || text->is_chunked) {
        (void)fprintf(out, text->is_null ? "NULL" : "<%zu bytes>", text->length);
        return;
    }
    (void)fputc('"', out);
    for (size_t i = 0; i < count; i++) {
        (void)fputc(isprint(text->at[i]) ? text->at[i] : '.', out);
    }
    (void)fputs(text->length > count ? "...\"" : "\"", out);
}

/* What is known to be no secret: who has the recording may see it. */
static bool may_be_shown(const struct ora_bytes *key)
{
    static const char *const keys[] = {
        "AUTH_VERSION_STRING",    "AUTH_VERSION_NO",        "AUTH_VERSION_STATUS",
        "AUTH_MAX_OPEN_CURSORS",  "AUTH_MAX_IDEN_LENGTH",   "AUTH_SERVER_TYPE",
        "AUTH_PBKDF2_VGEN_COUNT", "AUTH_PBKDF2_SDER_COUNT", "SESSION_CLIENT_CHARSET",
        "AUTH_SESSION_ID",        "AUTH_SERIAL_NUM",
    };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (ora_bytes_are(key, keys[i])) {
            return true;
        }
    }
    return false;
}

static void show_pairs(FILE *out, const struct ora_parameters *parameters)
{
    struct ora_rd rd = parameters->pairs;
    struct ora_pair pair;

    for (uint32_t i = 0; i < parameters->count; i++) {
        ora_pair_read(&rd, &pair);
        (void)fprintf(out, "\n          ");
        show_text(out, &pair.key);
        if (may_be_shown(&pair.key)) {
            (void)fputs(" = ", out);
            show_text(out, &pair.value);
        } else {
            (void)fprintf(out, ": %zu bytes", pair.value.length);
        }
    }
}

static void show_columns(FILE *out, const struct ora_dialect *dialect,
                         const struct ora_describe *describe)
{
    struct ora_rd rd = describe->columns;
    struct ora_column column;

    for (uint32_t i = 0; i < describe->count; i++) {
        ora_column_read(dialect, &rd, &column);
        (void)fputs("\n          ", out);
        show_text(out, &column.name);
        (void)fprintf(out, " type %d, %" PRIu32 " bytes%s", column.type, column.size,
                      column.is_nullable ? "" : ", not NULL");
    }
}

static void show_hex(FILE *out, const struct ora_bytes *bytes)
{
    const size_t count = bytes->is_chunked || bytes->length > SHOWN_MAX ? 0 : bytes->length;

    if (count == 0) {
        (void)fprintf(out, "<%zu bytes>", bytes->length);
    }
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(out, "%02X", bytes->at[i]);
    }
}

static bool show_time(FILE *out, const struct ora_bytes *bytes)
{
    char text[ORA_TIME_TEXT_MAX];
    struct octo_ora_time time;

    if (ora_time_read(bytes->at, bytes->length, &time) != NULL) {
        return false;
    }
    ora_time_text(&time, text);
    (void)fputs(text, out);
    return true;
}

static bool show_interval(FILE *out, const struct ora_bytes *bytes)
{
    char text[ORA_INTERVAL_TEXT_MAX];
    struct octo_ora_months months;
    struct octo_ora_seconds seconds;

    if (ora_months_read(bytes->at, bytes->length, &months) == NULL) {
        ora_months_text(&months, text);
    } else if (ora_seconds_read(bytes->at, bytes->length, &seconds) == NULL) {
        ora_seconds_text(&seconds, text);
    } else {
        return false;
    }
    (void)fputs(text, out);
    return true;
}

static bool show_number(FILE *out, uint8_t type, const struct ora_bytes *bytes)
{
    char text[ORA_NUMBER_TEXT_MAX];
    const char *fault = type == ORA_TYPE_NUMBER ? ora_number_text(bytes->at, bytes->length, text)
                                                : ora_floating_text(bytes->at, bytes->length, text);

    (void)fputs(fault == NULL ? text : "", out);
    return fault == NULL;
}

/* Of the national character set. */
static bool show_national(FILE *out, const struct ora_bytes *bytes)
{
    struct ora_wr wr;
    bool ok;

    ora_wr_init(&wr, 2 * bytes->length + 1);
    ok = ora_utf8_write(&wr, bytes->at, bytes->length) && !wr.is_bad;
    if (ok) {
        show_text(out, &(struct ora_bytes){.at = wr.data, .length = wr.length});
    }
    ora_wr_fini(&wr);
    return ok;
}

/* False: its bytes are shown. */
static bool show_by_type(FILE *out, const struct ora_column *column, const struct ora_bytes *bytes)
{
    switch (column->type) {
    case ORA_TYPE_NUMBER:
    case ORA_TYPE_BINARY_FLOAT:
    case ORA_TYPE_BINARY_DOUBLE:
        return show_number(out, column->type, bytes);
    case ORA_TYPE_DATE:
    case ORA_TYPE_TIMESTAMP:
    case ORA_TYPE_TIMESTAMP_TZ:
    case ORA_TYPE_TIMESTAMP_LTZ:
        return show_time(out, bytes);
    case ORA_TYPE_INTERVAL_YM:
    case ORA_TYPE_INTERVAL_DS:
        return show_interval(out, bytes);
    case ORA_TYPE_VARCHAR:
    case ORA_TYPE_CHAR:
        if (column->charset_form == ORA_FORM_NATIONAL) {
            return show_national(out, bytes);
        }
        show_text(out, bytes);
        return true;
    default:
        return false;
    }
}

static void show_value(FILE *out, const struct ora_column *column, const struct ora_value *value)
{
    char rowid[ORA_ROWIDS_TEXT + 1];

    if (value->bytes.is_null) {
        (void)fputs("NULL", out);
    } else if (column->type == ORA_TYPE_CURSOR) {
        (void)fprintf(out, "cursor %" PRIu32, value->cursor);
    } else if (column->type == ORA_TYPE_ROWID) {
        ora_rowid_text(&value->rowid, rowid);
        (void)fputs(rowid, out);
    } else if (value->bytes.is_chunked || !show_by_type(out, column, &value->bytes)) {
        show_hex(out, &value->bytes);
    }
}

static void show_columns_of(FILE *out, const struct ora_answer *answer, struct ora_rd rd)
{
    struct ora_value value;

    for (uint32_t i = 0; i < answer->column_count; i++) {
        (void)fputs(i == 0 ? "" : ", ", out);
        if (ora_column_is_sent(answer, i)) {
            ora_value_read(answer->dialect, &answer->columns[i], &rd, &value);
            show_value(out, &answer->columns[i], &value);
        } else {
            (void)fputs("as before", out);
        }
    }
}

/* What comes out of each bind: one value, or as many as it has returned. */
static void show_outs(FILE *out, const struct ora_answer *answer, struct ora_rd rd)
{
    struct ora_value value;

    for (uint32_t i = 0; i < answer->column_count; i++) {
        const struct ora_column *bind = &answer->columns[i];
        uint32_t count = 1;

        if (!ora_comes_back(bind)) {
            continue;
        }
        if (answer->rows == ORA_ROWS_RETURNED) {
            count = ora_rd_ub4(&rd);
        }
        (void)fprintf(out, " bind %" PRIu32 ":%s", i + 1, count == 0 ? " nothing" : "");
        for (uint32_t j = 0; j < count; j++) {
            (void)fputs(j == 0 ? " " : ", ", out);
            ora_out_read(answer->dialect, bind, &rd, &value);
            show_value(out, bind, &value);
        }
    }
}

static void show_row(FILE *out, const struct ora_answer *answer, const struct ora_row *row)
{
    if (answer->rows == ORA_ROWS_FETCHED) {
        show_columns_of(out, answer, row->values);
    } else {
        show_outs(out, answer, row->values);
    }
}

static void show_directions(FILE *out, const struct ora_bytes *directions)
{
    for (size_t i = 0; i < directions->length; i++) {
        const uint8_t direction = directions->at[i];

        (void)fputs(direction == ORA_DIRECTION_IN    ? " IN"
                    : direction == ORA_DIRECTION_OUT ? " OUT"
                                                     : " IN OUT",
                    out);
    }
}

/* Of an array, whose executions are counted from 1 here. */
static void show_failures(FILE *out, const struct ora_failure *failure)
{
    struct ora_batch_list numbers = failure->batch_numbers;
    struct ora_batch_list executions = failure->batch_executions;
    struct ora_batch_list texts = failure->batch_texts;

    while (numbers.count > 0) {
        const struct ora_bytes text = ora_batch_text_read(&texts);
        const uint32_t execution = ora_batch_number_read(&executions);

        (void)fprintf(out, "\n          execution %" PRIu32 ": ORA-%05" PRIu32 " ", execution + 1,
                      ora_batch_number_read(&numbers));
        show_text(out, &text);
    }
}

static void show_row_counts(FILE *out, const struct ora_parameters *parameters)
{
    struct ora_rd rd = parameters->counts;

    (void)fputs(parameters->row_counts > 0 ? "rows of each execution:" : "", out);
    for (uint32_t i = 0; i < parameters->row_counts; i++) {
        (void)fprintf(out, " %" PRIu64, ora_rd_ub8(&rd));
    }
}

static void show_failure(FILE *out, const struct ora_failure *failure)
{
    (void)fprintf(out, "ORA-%05" PRIu32 ", cursor %d, %" PRIu64 " rows%s ", failure->number,
                  failure->cursor, failure->rows,
                  (failure->call_status & ORA_STATUS_IN_TRANSACTION) != 0 ? ", in a transaction"
                                                                          : "");
    if (failure->number != 0) {
        show_text(out, &failure->text);
    }
    show_failures(out, failure);
}

static void show_protocol(FILE *out, const struct ora_protocol *protocol)
{
    const struct ora_bytes *caps = &protocol->compile_caps;

    show_text(out, &protocol->banner);
    (void)fprintf(out, ", character set %d, national %d, field version %d", protocol->charset,
                  protocol->national_charset,
                  caps->length > ORA_CAPS_FIELD_VERSION ? caps->at[ORA_CAPS_FIELD_VERSION] : 0);
}

void ora_show_message(FILE *out, const struct ora_answer *answer, const struct ora_message *message)
{
    if (out == NULL) {
        return;
    }
    (void)fprintf(out, "      %-15s %6zu bytes  ", ora_message_name((uint8_t)message->type),
                  message->length);
    switch (message->type) {
    case ORA_MSG_PROTOCOL:
        show_protocol(out, &message->of.protocol);
        break;
    case ORA_MSG_ERROR:
        show_failure(out, &message->of.failure);
        break;
    case ORA_MSG_DESCRIBE:
        show_columns(out, answer->dialect, &message->of.describe);
        break;
    case ORA_MSG_ROW_DATA:
        show_row(out, answer, &message->of.row);
        break;
    case ORA_MSG_PARAMETER:
        show_pairs(out, &message->of.parameters);
        show_row_counts(out, &message->of.parameters);
        break;
    case ORA_MSG_WARNING:
        (void)fprintf(out, "ORA-%05d ", message->of.warning.number);
        show_text(out, &message->of.warning.text);
        break;
    case ORA_MSG_STATUS:
        (void)fprintf(
            out, "%s",
            (message->of.call_status & ORA_STATUS_IN_TRANSACTION) != 0 ? "in a transaction" : "");
        break;
    case ORA_MSG_PIGGYBACK:
        (void)fprintf(out, "kind %d", message->of.opcode);
        break;
    case ORA_MSG_IO_VECTOR:
        show_directions(out, &message->of.directions);
        break;
    case ORA_MSG_IMPLICIT_RESULTS:
        (void)fprintf(out, "%" PRIu32 " cursors", message->of.results.count);
        break;
    case ORA_MSG_DATA_TYPES:
    case ORA_MSG_ROW_HEADER:
    case ORA_MSG_LOB_DATA:
    case ORA_MSG_FLUSH_OUT_BINDS:
    case ORA_MSG_BIT_VECTOR:
    case ORA_MSG_RENEGOTIATE:
    case ORA_MSG_END_OF_RESPONSE:
    case ORA_MSG_TOKEN:
        break;
    }
    (void)fputc('\n', out);
}

const char *ora_function_name(uint8_t function)
{
    static const char *const names[] = {
        [4] = "re-execute",
        [5] = "fetch",
        [9] = "log off",
        [14] = "commit",
        [15] = "roll back",
        [59] = "server version",
        [78] = "re-execute and fetch",
        [94] = "execute",
        [96] = "LOB operation",
        [105] = "close cursors",
        [115] = "log on, second part",
        [118] = "log on, first part",
        [120] = "cancel cursors",
        [135] = "end-to-end attributes",
        [147] = "ping",
        [152] = "set schema",
        [154] = "application context",
        [163] = "release session",
        [176] = "session state",
    };

    return function < sizeof(names) / sizeof(names[0]) ? names[function] : NULL;
}
