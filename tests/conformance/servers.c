/* The engines under test: where their databases come from, and what an administrator can do there.
 */
#include <signal.h>
#include <stdio.h>

#include "tests/support/oracle_server.h"
#include "tests/support/postgres_server.h"
#include "tests/support/scratch_engine.h"
#include "tests/support/suite.h"

const struct test_server sqlite_test_server = {.backend = &db_backend_sqlite};
const struct test_server scratch_test_server = {.backend = &db_backend_scratch,
                                                .scheme = SCRATCH_SCHEME};

static void oracle_need(void)
{
    oracle_server_or_skip("19c");
}

/* The listener's sessions work in this schema of PostgreSQL's. */
static void oracle_reset(void)
{
    oracle_server_options(&(struct db_options){.service = "test"});
    postgres_server_run("DROP SCHEMA app CASCADE; CREATE SCHEMA app");
}

const struct test_server oracle_test_server = {.backend = &db_backend_oracle,
                                               .options = oracle_server_options,
                                               .need = oracle_need,
                                               .reset = oracle_reset};

static void postgres_reset(void)
{
    postgres_server_run("DROP SCHEMA IF EXISTS octo_test CASCADE");
}

static void postgres_order(enum server_order order)
{
    static const struct {
        const char *call;
        const char *of;
    } ORDERS[] = {
        [SERVER_END_ALL] = {"pg_terminate_backend(pid, 2000)", "true"},
        [SERVER_END_RUNNING] = {"pg_terminate_backend(pid)", "state = 'active'"},
        [SERVER_END_WAITING] = {"pg_terminate_backend(pid)", "wait_event_type = 'Lock'"},
        [SERVER_CANCEL_RUNNING] = {"pg_cancel_backend(pid)", "state = 'active'"},
    };
    char sql[256];

    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(%s) FROM pg_stat_activity WHERE usename = 'octo' AND %s",
                   ORDERS[order].call, ORDERS[order].of);
    postgres_server_run(sql);
}

static void postgres_restart(bool in_order)
{
    postgres_server_restart(in_order ? POSTGRES_STOP_FAST : POSTGRES_STOP_IMMEDIATE);
}

static void postgres_pause(int64_t sid)
{
    kill(postgres_server_pid(), SIGSTOP);
    kill((pid_t)sid, SIGSTOP);
}

static void postgres_resume(int64_t sid)
{
    kill((pid_t)sid, SIGCONT);
    kill(postgres_server_pid(), SIGCONT);
}

static void postgres_lock(const char *table)
{
    char sql[128];

    (void)snprintf(sql, sizeof(sql), "LOCK TABLE %s IN ACCESS EXCLUSIVE MODE", table);
    postgres_server_run("BEGIN");
    postgres_server_run(sql);
}

static void postgres_unlock(void)
{
    postgres_server_run("COMMIT");
}

static bool postgres_is_at_rest(void)
{
    return strcmp(postgres_server_ask("SELECT count(*) FROM pg_stat_activity"
                                      " WHERE usename = 'octo' AND state = 'active'"),
                  "0") == 0;
}

const struct test_server postgres_test_server = {.backend = &db_backend_postgres,
                                                 .url = postgres_server_url,
                                                 .need = postgres_server_or_skip,
                                                 .reset = postgres_reset,
                                                 .run = postgres_server_run,
                                                 .order = postgres_order,
                                                 .restart = postgres_restart,
                                                 .pause = postgres_pause,
                                                 .resume = postgres_resume,
                                                 .lock = postgres_lock,
                                                 .unlock = postgres_unlock,
                                                 .is_at_rest = postgres_is_at_rest};
