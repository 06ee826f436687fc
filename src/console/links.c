/*
 * console/links.c: where a span is shown elsewhere: addresses that the settings give, with
 * attributes of the span in angle brackets. The pages fill them in (web/console/links.ts).
 */
#include <string.h>

#include "console/settings.h"

#include "console/console_priv.h"

static const struct {
    const char *name;
    const char *env;
    size_t offset; /* of struct console_settings */
} LINKS[] = {
    {"OCI APM", "CONSOLE_LINK_APM", offsetof(struct console_settings, link_apm)},
    {"Performance Hub", "CONSOLE_LINK_HUB", offsetof(struct console_settings, link_hub)},
    {"SQL Warehouse", "CONSOLE_LINK_WAREHOUSE", offsetof(struct console_settings, link_warehouse)},
};
enum { LINK_COUNT = sizeof(LINKS) / sizeof(LINKS[0]) };

static const char *template_of(const struct console_settings *settings, size_t at)
{
    const char *template;

    memcpy(&template, (const char *)settings + LINKS[at].offset, sizeof(template));
    return template;
}

/* Brackets open and end by turns, with a name between them. */
static bool has_whole_brackets(const char *text)
{
    const char *open = NULL;

    for (; *text != '\0'; text++) {
        if (*text == '<') {
            if (open != NULL) {
                return false;
            }
            open = text;
        } else if (*text == '>') {
            if (open == NULL || text == open + 1) {
                return false;
            }
            open = NULL;
        }
    }
    return open == NULL;
}

bool links_check(const struct console_settings *settings, struct err *err)
{
    for (size_t i = 0; i < LINK_COUNT; i++) {
        const char *template = template_of(settings, i);

        if (*template == '\0') {
            continue;
        }
        if (strncmp(template, "https://", strlen("https://")) != 0 &&
            strncmp(template, "http://", strlen("http://")) != 0) {
            return err_set(err, ERR_CONFIG, "%s is no address that begins with https:// or http://",
                           LINKS[i].env);
        }
        if (!has_whole_brackets(template)) {
            return err_set(err, ERR_CONFIG,
                           "%s has angle brackets that are no pair around an attribute's name, as "
                           "in <DbOracleSqlId>",
                           LINKS[i].env);
        }
    }
    return true;
}

static const struct reply_field link_fields[] = {
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("template", REPLY_TEXT),
};
static const struct reply_shape LINK = REPLY_SHAPE("LinkTemplate", link_fields);
static const struct reply_field links_fields[] = {REPLY_PART("links", &LINK, REPLY_LIST)};
static const struct reply_shape LINK_LIST = REPLY_SHAPE("LinkTemplates", links_fields);

static bool list_links(struct request *rq, struct reply *rp, struct err *err)
{
    const struct console_settings *settings = console_settings(&console_of(rq)->service);

    (void)err;
    json_begin_object(&rp->json, NULL);
    json_begin_list(&rp->json, "links");
    for (size_t i = 0; i < LINK_COUNT; i++) {
        if (*template_of(settings, i) != '\0') {
            json_begin_object(&rp->json, NULL);
            json_put_text(&rp->json, "name", LINKS[i].name);
            json_put_text(&rp->json, "template", template_of(settings, i));
            json_end_object(&rp->json);
        }
    }
    json_end_list(&rp->json);
    json_end_object(&rp->json);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/api/links", list_links, CONSOLE_READERS, .flags = ROUTE_NO_IO | ROUTE_NOT_AUDITED,
     .shows = CONSOLE_SHOWS, .reply = &LINK_LIST,
     .summary = "Where a span is shown elsewhere: addresses with attributes in angle brackets"},
};
const struct route_table console_link_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "links",
                                                "Ways to other tools"};
