#include "tests/support/tnsd/views.h"

#include <stdio.h>

#include "tests/support/tnsd/database.h"
#include "tests/support/tnsd/json_text.h"

static void write_parameter(struct ora_wr *wr, unsigned number, unsigned type, const char *name,
                            const char *value)
{
    char head[60];

    (void)snprintf(head, sizeof(head), "%s{\"num\":%u,\"type\":%u", number == 1 ? "" : ",", number,
                   type);
    json_text_raw(wr, head);
    json_text_member(wr, "name", name);
    json_text_member(wr, "value", value);
    json_text_raw(wr, "}");
}

/* Those that the listener keeps to. */
static void write_parameters(const struct tnsd *t, struct ora_wr *wr)
{
    enum { TEXT = 2, NUMBER = 3 };
    char cursors[16];
    char sessions[16];
    char release[16];

    (void)snprintf(cursors, sizeof(cursors), "%d", (int)TNSD_CURSORS_MAX);
    (void)snprintf(sessions, sizeof(sessions), "%d", (int)SEEN_SESSIONS);
    (void)snprintf(release, sizeof(release), "%u.0.0", (unsigned)(t->pose->server_version >> 24));
    json_text_raw(wr, "[");
    write_parameter(wr, 1, TEXT, "compatible", release);
    write_parameter(wr, 2, TEXT, "cursor_sharing", "EXACT");
    write_parameter(wr, 3, NUMBER, "open_cursors", cursors);
    write_parameter(wr, 4, TEXT, "service_names", t->options->service);
    write_parameter(wr, 5, NUMBER, "sessions", sessions);
    json_text_raw(wr, "]");
}

static void hand_over(struct tnsd *t, const char *setting, const struct ora_wr *json,
                      struct ora_wr *wr)
{
    char *literal = json->is_bad ? NULL
                                 : PQescapeLiteral(t->database->connection,
                                                   (const char *)json->data, json->length);

    json_text_raw(wr, ", set_config('");
    json_text_raw(wr, setting);
    json_text_raw(wr, "', ");
    json_text_raw(wr, literal != NULL ? literal : "'[]'");
    json_text_raw(wr, ", false)");
    PQfreemem(literal);
}

void views_write(struct tnsd *t, unsigned views, struct ora_wr *wr)
{
    struct ora_wr json;

    ora_wr_init(&json, TNSD_STREAM_MAX);
    if ((views & REWRITE_SESSIONS) != 0) {
        seen_write(t, &json);
        hand_over(t, "tnsd.sessions", &json, wr);
    }
    if ((views & REWRITE_STATEMENTS) != 0) {
        ora_wr_clear(&json);
        sql_area_write(&t->options->shared->sql_area, &json);
        hand_over(t, "tnsd.statements", &json, wr);
    }
    if ((views & REWRITE_PARAMETERS) != 0) {
        ora_wr_clear(&json);
        write_parameters(t, &json);
        hand_over(t, "tnsd.parameters", &json, wr);
    }
    ora_wr_fini(&json);
}
