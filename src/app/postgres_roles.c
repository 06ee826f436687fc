#include "app/postgres_roles.h"

#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/clock.h"
#include "db/engines.h"
#include "sql_db_postgres.h"

static const struct {
    const char *name;
    const char *role;
} SERVICES[] = {{"shop", "octo_shop"}, {"crm", "octo_crm"}};

enum { SERVICE_COUNT = sizeof(SERVICES) / sizeof(SERVICES[0]) };
enum { LOCK_WAIT_MS = 5000, SCRIPT_MAX = 16384 };

bool postgres_role_is_anothers(const char *service, const char *role)
{
    for (size_t i = 0; i < SERVICE_COUNT; i++) {
        if (strcmp(SERVICES[i].role, role) == 0) {
            return strcmp(SERVICES[i].name, service) != 0;
        }
    }
    return false;
}

/* What the server keeps of a password is printable and has no quote. ALTER ROLE takes no binds. */
static bool add_password(size_t service, const struct settings *settings, struct buf *script,
                         struct err *err)
{
    const struct db_options options = {.service = SERVICES[service].name,
                                       .module = "octo-migrate",
                                       .location = settings->database_url,
                                       .allow_plaintext = settings->database_allow_plaintext};
    struct db_credential credential;

    if (strncmp(settings->database_url, "postgres", strlen("postgres")) != 0) {
        return true;
    }
    if (!db_backend_postgres.credential(&options, &credential, err)) {
        return err_wrap(err, "the %s's URL", SERVICES[service].name);
    }
    if (postgres_role_is_anothers(SERVICES[service].name, credential.user)) {
        return err_set(err, ERR_CONFIG,
                       "the %s's database URL names %s, another service's role: are "
                       "OCTO_SHOP_DATABASE_URL and OCTO_CRM_DATABASE_URL swapped?",
                       SERVICES[service].name, credential.user);
    }
    if (strcmp(credential.user, SERVICES[service].role) == 0 && credential.verifier[0] != '\0') {
        buf_printf(script, "ALTER ROLE %s PASSWORD '%s';\n", credential.user, credential.verifier);
    }
    return true;
}

static bool write_script(const struct postgres_roles *roles, struct buf *script, struct err *err)
{
    buf_printf(script, "BEGIN;\n%s;\n",
               sql_db_postgres__octo_make_roles.variants[DB_POSTGRES].text);
    if (!add_password(0, roles->shop, script, err) || !add_password(1, roles->crm, script, err)) {
        return false;
    }
    buf_printf(script, "COMMIT;\n");
    return !script->bad || err_set(err, ERR_LIMIT, "the script does not fit");
}

static bool run(const char *admin_url, bool allow_plaintext, const char *script, struct err *err)
{
    const struct db_options options = {.service = "admin",
                                       .module = "octo-migrate",
                                       .location = admin_url,
                                       .busy_timeout_ms = LOCK_WAIT_MS,
                                       .allow_plaintext = allow_plaintext};
    struct db_conn *conn = NULL;
    bool is_done;

    if (!db_backend_postgres.open(&options, DB_CONN_WRITER, &conn, err)) {
        return false;
    }
    is_done = db_backend_postgres.run_script(conn, script, CLOCK_NEVER, err);
    db_backend_postgres.close(conn);
    return is_done;
}

bool postgres_roles_make(const char *admin_url, const struct postgres_roles *roles, struct err *err)
{
    struct buf script;
    bool is_done;

    buf_init(&script, SCRIPT_MAX);
    is_done = write_script(roles, &script, err) &&
              run(admin_url, roles->shop->database_allow_plaintext, script.data, err);
    buf_fini(&script);
    return is_done || err_wrap(err, "make the roles and schemas");
}

bool postgres_roles_print(const struct postgres_roles *roles, struct err *err)
{
    struct buf script;
    bool is_done;

    buf_init(&script, SCRIPT_MAX);
    is_done = write_script(roles, &script, err);
    if (is_done) {
        (void)printf(
            "\\set ON_ERROR_STOP on\n\\set QUIET on\nSET client_min_messages = warning;\n%s",
            script.data);
        (void)printf("\\echo the roles octo_shop, octo_crm, octo_observer and both schemas are "
                     "there\n");
    }
    buf_fini(&script);
    return is_done;
}
