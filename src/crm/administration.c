/*
 * What administrators of the portal look through: the audit trail, the settings that it runs with,
 * and which process it is.
 */
#include <sys/utsname.h>
#include <unistd.h>

#include "service/audit_list.h"
#include "service/config_view.h"

#include "crm/crm_priv.h"

enum { PATH_BYTES = 4096 };

static const struct reply_field debug_fields[] = {
    REPLY_FIELD("pid", REPLY_ID),        REPLY_FIELD("hostname", REPLY_TEXT),
    REPLY_FIELD("platform", REPLY_TEXT), REPLY_FIELD("executable", REPLY_TEXT),
    REPLY_FIELD("version", REPLY_TEXT),  REPLY_FIELD("actor", REPLY_TEXT), /* who asks */
};
static const struct reply_shape DEBUG_REPLY = REPLY_SHAPE("ProcessFacts", debug_fields);

/* Which process answers, for whoever has to find it among several. No environment: it may hold
 * secrets. */
static bool debug(struct request *rq, struct reply *rp, struct err *err)
{
    char executable[PATH_BYTES];
    const ssize_t length = readlink("/proc/self/exe", executable, sizeof(executable) - 1);
    struct json_out *out = &rp->json;
    struct utsname system = {.nodename = ""};

    (void)err;
    executable[length > 0 ? length : 0] = '\0';
    (void)uname(&system);
    json_begin_object(out, NULL);
    json_put_int(out, "pid", getpid());
    json_put_text(out, "hostname", system.nodename);
    json_put_text(
        out, "platform",
        arena_printf(rq->ctx.arena, "%s %s %s", system.sysname, system.release, system.machine));
    json_put_text(out, "executable", executable);
    json_put_text(out, "version", OCTO_VERSION);
    json_put_text(out, "actor", rq->ctx.caller.username);
    json_end_object(out);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/api/admin/audit-logs", audit_list, ROLE_ADMIN, .flags = ROUTE_RERUN_READS,
     .shows = SHOWS_CUSTOMERS | SHOWS_METRICS, .params = &AUDIT_LIST, .reply = &AUDIT_LIST_REPLY,
     .summary = "Audit trail, newest first"},
    {GET, "/api/admin/debug", debug, ROLE_ADMIN, .shows = SHOWS_TOPOLOGY, .reply = &DEBUG_REPLY,
     .summary = "Which process it is that answers"},
    {GET, "/api/admin/config", config_view, ROLE_ADMIN, .flags = ROUTE_NO_IO,
     .shows = SHOWS_TOPOLOGY, .reply = &CONFIG_VIEW_REPLY, .summary = "Settings without secrets"},
};
const struct route_table crm_administration_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                      "administration", "What administrators keep"};
