#include "service/config_view.h"

#include <inttypes.h>
#include <string.h>

#include "service/service.h"

static const struct reply_field setting_fields[] = {
    REPLY_FIELD("name", REPLY_TEXT),      REPLY_FIELD("value", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("is_secret", REPLY_BOOL), REPLY_FIELD("is_set", REPLY_BOOL),
    REPLY_FIELD("about", REPLY_TEXT),
};
static const struct reply_shape SETTING_REPLY = REPLY_SHAPE("Setting", setting_fields);
static const struct reply_field view_fields[] = {
    REPLY_FIELD("version", REPLY_TEXT),
    REPLY_PART("settings", &SETTING_REPLY, REPLY_LIST),
};
const struct reply_shape CONFIG_VIEW_REPLY = REPLY_SHAPE("ConfigView", view_fields);

/* A value as it would be given in the environment; "" where nothing is set. */
static const char *text_of(const struct cfg_row *row, const void *settings, struct arena *arena)
{
    const char *field = (const char *)settings + row->offset;
    int64_t number;
    bool flag;
    const char *text;

    switch (row->type) {
    case CFG_INT:
        memcpy(&number, field, sizeof(number));
        return arena_printf(arena, "%" PRId64, number);
    case CFG_BOOL:
        memcpy(&flag, field, sizeof(flag));
        return flag ? "true" : "false";
    case CFG_TEXT:
    case CFG_SECRET:
        break;
    }
    memcpy(&text, field, sizeof(text));
    return text != NULL ? text : "";
}

static void put_table(struct json_out *out, const struct cfg_table *table, const void *settings,
                      struct arena *arena)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct cfg_row *row = &table->rows[i];
        const char *text = text_of(row, settings, arena);
        const bool is_secret = row->type == CFG_SECRET;

        json_begin_object(out, NULL);
        json_put_text(out, "name", row->env);
        json_put_text(out, "value", is_secret ? NULL : text);
        json_put_bool(out, "is_secret", is_secret);
        json_put_bool(out, "is_set", text[0] != '\0');
        json_put_text(out, "about", row->help);
        json_end_object(out);
    }
}

bool config_view(struct request *rq, struct reply *rp, struct err *err)
{
    const struct service *service = service_of(rq);

    (void)err;
    json_begin_object(&rp->json, NULL);
    json_put_text(&rp->json, "version", OCTO_VERSION);
    json_begin_list(&rp->json, "settings");
    put_table(&rp->json, &settings_of_all, service->settings, rq->ctx.arena);
    put_table(&rp->json, service->traits->settings, service->settings, rq->ctx.arena);
    json_end_list(&rp->json);
    json_end_object(&rp->json);
    return true;
}
