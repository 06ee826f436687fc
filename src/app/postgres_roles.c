#include "app/postgres_roles.h"

#include "db/backend.h"

/* They stand here and not below sql/, since they run as the administrator and before there is any
 * schema. Each may run again. */
static const char MAKE_ROLES[] =
    "DO $$\n"
    "DECLARE role text;\n"
    "BEGIN\n"
    "    PERFORM pg_advisory_xact_lock(hashtext('octo roles'));\n"
    "    FOREACH role IN ARRAY ARRAY['octo_shop', 'octo_crm', 'octo_observer'] LOOP\n"
    "        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = role) THEN\n"
    "            EXECUTE format('CREATE ROLE %I LOGIN', role);\n"
    "        END IF;\n"
    "        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role);\n"
    "    END LOOP;\n"
    "    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolsuper"
    "               AND rolname IN ('octo_shop', 'octo_crm', 'octo_observer')) THEN\n"
    "        RAISE EXCEPTION 'one of the roles octo_shop, octo_crm, octo_observer is a "
    "superuser';\n"
    "    END IF;\n"
    "    FOREACH role IN ARRAY ARRAY['octo_shop', 'octo_crm'] LOOP\n"
    "        EXECUTE format('GRANT %I TO CURRENT_USER', role);\n"
    "        EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', role, role);\n"
    "        EXECUTE format('ALTER SCHEMA %I OWNER TO %I', role, role);\n"
    "        EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC', role);\n"
    "        EXECUTE format('GRANT USAGE ON SCHEMA %I TO octo_observer', role);\n"
    "        EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I'\n"
    "                       ' GRANT SELECT ON TABLES TO octo_observer', role, role);\n"
    "    END LOOP;\n"
    "    BEGIN\n"
    "        GRANT pg_read_all_stats TO octo_observer;\n"
    "    EXCEPTION WHEN insufficient_privilege THEN\n" /* of an administrator from release 16 on */
    "        RAISE WARNING 'octo_observer will not see what sessions run';\n"
    "    END;\n"
    "END\n"
    "$$";

static const char LIMIT_OBSERVER[] =
    "DO $$\n"
    "DECLARE schema text;\n"
    "DECLARE secret text;\n"
    "BEGIN\n"
    "    PERFORM pg_advisory_xact_lock(hashtext('octo roles'));\n"
    "    FOREACH schema IN ARRAY ARRAY['octo_shop', 'octo_crm'] LOOP\n"
    "        EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO octo_observer', schema);\n"
    "        FOREACH secret IN ARRAY ARRAY['users', 'user_sessions', 'idempotency_keys'] LOOP\n"
    "            EXECUTE format('REVOKE SELECT ON %I.%I FROM octo_observer', schema, secret);\n"
    "        END LOOP;\n"
    "        EXECUTE format('GRANT SELECT (id, username, email, role, is_active, last_login,'\n"
    "                       ' created_at) ON %I.users TO octo_observer', schema);\n"
    "    END LOOP;\n"
    "END\n"
    "$$";

enum { LOCK_WAIT_MS = 5000 };

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
    is_done = db_backend_postgres.run_script(conn, script, err);
    db_backend_postgres.close(conn);
    return is_done;
}

bool postgres_roles_make(const char *admin_url, bool allow_plaintext, struct err *err)
{
    return run(admin_url, allow_plaintext, MAKE_ROLES, err) ||
           err_wrap(err, "make the roles and schemas");
}

bool postgres_roles_observe(const char *admin_url, bool allow_plaintext, struct err *err)
{
    return run(admin_url, allow_plaintext, LIMIT_OBSERVER, err) ||
           err_wrap(err, "let octo_observer read");
}
