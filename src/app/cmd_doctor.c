/*
 * octo doctor: examines the databases of all services and all that stands between, with the
 * settings that the services would have, and changes nothing. Exit codes: 0 all is well, 1 a
 * warning, 2 a failure or wrong usage.
 */
#include <stdio.h>
#include <string.h>

#include "app/cli.h"
#include "app/doctor.h"
#include "app/oracle_users.h"
#include "app/postgres_roles.h"
#include "core/log.h"
#include "core/text.h"
#include "db/migrate.h"
#include "service/database.h"

enum { EXIT_WELL = 0, EXIT_WARNING = 1, EXIT_FAILURE_FOUND = 2 };
enum { REPLICAS_MOST = 1000, LOOK_MS = 10000 };

#define SETTINGS_CHECK "settings"
#define SCHEMA_CHECK "schema"

/* A service and what it is known of it. */
struct subject {
    const struct service_traits *traits;
    const struct settings *settings;
    struct db *db; /* NULL: its URL is not understood */
    struct db_route route;
    bool has_route;
};

/* --- opening --- */

static void subject_open(struct subject *subject, struct arena *arena, struct patient *ret)
{
    struct db_options options =
        database_options(subject->traits, subject->settings, "octo-doctor", arena);
    struct err err;

    options.catalogue = subject->traits->catalogue;
    ret->service = options.service;
    ret->target = "its database URL is not understood";
    findings_init(&ret->findings, arena);
    if (!db_open(&options, &subject->db, &err)) {
        finding_add(&ret->findings, SETTINGS_CHECK, FINDING_FAIL, "%s", err.text);
        return;
    }
    ret->target = db_target(subject->db);
    subject->has_route = db_route(subject->db, arena, &subject->route, &err);
    if (!subject->has_route) {
        finding_add(&ret->findings, SETTINGS_CHECK, FINDING_FAIL, "%s", err.text);
    }
}

/* The rights that its role lacks would be named too, and granting them would be no remedy. */
static void look_at_role(const struct subject *subject, struct findings *out)
{
    if (subject->has_route && subject->route.endpoint_count > 0 &&
        postgres_role_is_anothers(subject->traits->name, subject->route.user)) {
        finding_add(out, SETTINGS_CHECK, FINDING_FAIL,
                    "the database URL signs in as %s, another service's role", subject->route.user);
        finding_remedy(out, "are OCTO_SHOP_DATABASE_URL and OCTO_CRM_DATABASE_URL swapped?");
    }
    if (oracle_user_is_anothers(subject->traits->name, subject->settings->oracle.user)) {
        finding_add(out, SETTINGS_CHECK, FINDING_FAIL,
                    "the settings sign in as %s, another service's user",
                    subject->settings->oracle.user);
        finding_remedy(out, "are OCTO_SHOP_ORACLE_USER and OCTO_CRM_ORACLE_USER swapped?");
    }
}

/* --- how many sessions --- */

static bool is_same_server(const struct db_route *a, const struct db_route *b)
{
    bool is_same = a->endpoint_count == b->endpoint_count && a->endpoint_count > 0;

    for (size_t i = 0; is_same && i < a->endpoint_count; i++) {
        is_same = strcmp(a->endpoints[i].address, b->endpoints[i].address) == 0 &&
                  strcmp(a->endpoints[i].port, b->endpoints[i].port) == 0;
    }
    return is_same;
}

/* Two users of one Oracle database, by the connect strings. */
static bool is_same_instance(const struct settings *a, const struct settings *b)
{
    return a->oracle.dsn[0] != '\0' && strcmp(a->oracle.dsn, b->oracle.dsn) == 0;
}

static void add_demand(const struct subject *own, const struct subject *other, int64_t replicas,
                       struct db_demand *demand)
{
    const int64_t sessions = settings_sessions(other->traits, other->settings) * replicas;
    const bool is_own = own == other;

    if (!is_own && is_same_instance(own->settings, other->settings)) {
        demand->server_sessions += sessions;
        return;
    }
    if (!is_own &&
        !(own->has_route && other->has_route && is_same_server(&own->route, &other->route))) {
        return;
    }
    demand->server_sessions += sessions;
    if (is_own || strcmp(own->route.database, other->route.database) == 0) {
        demand->database_sessions += sessions;
    }
    if (is_own || strcmp(own->route.user, other->route.user) == 0) {
        demand->role_sessions += sessions;
    }
    if (!is_own) {
        demand->other_role = other->route.user;
    }
}

/* What all services want together, where they meet. */
static struct db_demand demand_of(const struct subject *own, const struct subject *subjects,
                                  int64_t replicas)
{
    struct db_demand demand = {.disk_bytes = own->settings->disk_reserve_mb << 20};

    for (size_t i = 0; i < WITH_DATABASE; i++) {
        add_demand(own, &subjects[i], replicas, &demand);
    }
    return demand;
}

/* --- the schema --- */

static void report_schema(const struct migrate_state *state, struct findings *out)
{
    if (state->pending == 0) {
        finding_add(out, SCHEMA_CHECK, FINDING_OK, "version %d, as this program has it",
                    state->version);
    } else if (!state->is_there) {
        finding_add(out, SCHEMA_CHECK, FINDING_WARN, "there is none yet");
        finding_remedy(out, "run octo migrate, or start the service");
    } else {
        finding_add(out, SCHEMA_CHECK, FINDING_WARN,
                    "version %d is older than this program: %d scripts have not run, from %s on",
                    state->version, state->pending, state->first_pending);
        finding_remedy(out, "run octo migrate");
    }
}

static void look_at_schema(const struct subject *subject, struct arena *arena, struct findings *out)
{
    const struct db_pool_options options = {
        .name = "doctor", .size = 1, .checkout_timeout_ms = LOOK_MS};
    struct migrate_state state;
    struct db_pool *pool;
    struct err err;
    struct ctx ctx;

    ctx_init_background(&ctx, arena, NULL, "octo-doctor", "BG look at schema", LOOK_MS);
    if (db_pool_new(subject->db, &options, &pool, &err) &&
        db_migrate_look(&ctx, pool, subject->traits->scripts, *subject->traits->script_count,
                        subject->settings->seed, &state, &err)) {
        report_schema(&state, out);
    } else {
        finding_add(out, SCHEMA_CHECK, FINDING_FAIL, "%s", err.text);
    }
}

/* --- the examination --- */

static void examine(const struct subject *subject, const struct db_demand *demand,
                    struct arena *arena, struct findings *out)
{
    static const char *const SCHEMA_CHECKS[] = {SCHEMA_CHECK};
    const char *obstacle;

    if (subject->db == NULL) {
        return;
    }
    obstacle = subject->has_route ? doctor_look_at_route(subject->db, &subject->route, out)
                                  : "the settings are wrong";
    if (db_diagnose(subject->db, demand, obstacle, out)) {
        look_at_schema(subject, arena, out);
    } else {
        findings_skip(out, SCHEMA_CHECKS, 1,
                      obstacle != NULL ? obstacle
                                       : "the database cannot be read as a service does");
    }
}

static int exit_code_of(enum finding_state worst)
{
    return worst == FINDING_FAIL   ? EXIT_FAILURE_FOUND
           : worst == FINDING_WARN ? EXIT_WARNING
                                   : EXIT_WELL;
}

static int run(struct settings *const settings[SERVICES], int64_t replicas, bool as_json,
               struct arena *arena)
{
    struct subject subjects[WITH_DATABASE];
    struct patient patients[WITH_DATABASE];

    for (size_t i = 0; i < WITH_DATABASE; i++) {
        subjects[i] = (struct subject){.traits = services[i], .settings = settings[i]};
        subject_open(&subjects[i], arena, &patients[i]);
    }
    for (size_t i = 0; i < WITH_DATABASE; i++) {
        const struct db_demand demand = demand_of(&subjects[i], subjects, replicas);

        look_at_role(&subjects[i], &patients[i].findings);
        examine(&subjects[i], &demand, arena, &patients[i].findings);
        doctor_look_at_receivers(settings[i], &patients[i].findings);
    }
    if (as_json) {
        doctor_print_json(patients, WITH_DATABASE);
    } else {
        doctor_print_text(patients, WITH_DATABASE);
    }
    for (size_t i = 0; i < WITH_DATABASE; i++) {
        db_close(subjects[i].db);
    }
    return exit_code_of(doctor_worst(patients, WITH_DATABASE));
}

/* --- the command line --- */

static bool read_replicas(const char *text, int64_t *ret)
{
    *ret = 1;
    if (text == NULL || (text_to_int64(text, ret) && *ret >= 1 && *ret <= REPLICAS_MOST)) {
        return true;
    }
    (void)fprintf(stderr, "octo doctor: --replicas: \"%s\" is no number from 1 to %d\n", text,
                  (int)REPLICAS_MOST);
    return false;
}

int cmd_doctor(int argc, char **argv)
{
    bool as_json = false;
    const struct cli_flag flags[] = {{"--json", "print one JSON object", &as_json}};
    const struct cli_command command = {
        .name = "doctor",
        .arguments = "[--data DIR] [--replicas N] [--json]",
        .text = "Examines the databases of shop and CRM and all that stands between, with the "
                "settings the\nservices would have: address, TLS, certificates and keys, sign-in, "
                "rights, sessions, clocks,\nround trip, schema; or directory, disk, file and locks "
                "of an embedded one; and asks\nwhoever spans are sent to. Changes nothing.\n\nEach "
                "check is a line: ok, warn, fail, or "
                "skip where an earlier one makes it impossible; and what\nto do. --replicas N says "
                "how many of each service are to share the server's sessions (1).\n\nExit codes: 0 "
                "all is well, 1 a warning, 2 a failure (or wrong usage).",
        .flags = flags,
        .flag_count = sizeof(flags) / sizeof(flags[0]),
        .starts = {[SHOP] = true, [CRM] = true},
    };
    struct settings *settings[SERVICES];
    const char *replicas_text;
    int64_t replicas;
    struct arena arena;
    int code = EXIT_DONE;

    if (!cli_take_value("doctor", "--replicas", &argc, argv, &replicas_text) ||
        !read_replicas(replicas_text, &replicas)) {
        return EXIT_USAGE;
    }
    log_setup("doctor", LOG_ERROR);
    arena_init(&arena);
    switch (cli_start(&command, &arena, argc, argv, settings, &code)) {
    case CLI_GO:
        code = run(settings, replicas, as_json, &arena);
        break;
    case CLI_WRONG:
        code = EXIT_FAILURE_FOUND; /* whatever it was: 1 stands for a warning */
        break;
    case CLI_DONE:
        break;
    }
    arena_fini(&arena);
    return code;
}
