/* Migrations on real SQLite files: db/migrate.h. */
#include <sqlite3.h>

#include "core/thread.h"
#include "db/migrate.h"
#include "db/sqlid.h"
#include "sql_conformance.h"
#include "sql_shop_catalogue.h"
#include "tests/support/db_fixture.h"
#include "tests/support/fake_backend.h"
#include "tests/support/test.h"

#define SUM_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SUM_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static const struct db_script scripts[] = {
    {.version = 1,
     .name = "0001_first",
     .text[DB_SQLITE] = "CREATE TABLE marks (unit INTEGER NOT NULL, step INTEGER NOT NULL)",
     .checksum[DB_SQLITE] = SUM_A},
    {.version = 2,
     .name = "0002_seed",
     .is_seed = true,
     .text[DB_SQLITE] = "INSERT INTO marks VALUES (1, 1); INSERT INTO marks VALUES (1, 2)",
     .checksum[DB_SQLITE] = SUM_A},
    {.version = 3,
     .name = "0003_broken",
     .text[DB_SQLITE] = "INSERT INTO marks VALUES (2, 1); INSERT INTO nowhere VALUES (1)",
     .checksum[DB_SQLITE] = SUM_A},
};

static int64_t count_marks(struct db_fixture *f)
{
    struct sql_mark_count_row row = {.total = -1};
    struct db_session *session = NULL;
    struct err err = {.code = ERR_NONE};

    assert_true(db_checkout(&f->ctx, f->pool, &session, &err));
    assert_int_equal(sql_mark_count(session, &row, &err), DB_ROW);
    db_checkin(session);
    return row.total;
}

static void migrate__empty_database__runs_all_and_then_nothing(void **state)
{
    struct db_fixture *f = db_fixture_new_empty(NULL);
    struct migrate_report report;
    struct err err = {.code = ERR_NONE};

    (void)state;
    assert_true(db_migrate(&f->ctx, f->pool, scripts, 2, true, &report, &err));
    assert_int_equal(report.from_version, 0);
    assert_int_equal(report.to_version, 2);
    assert_int_equal(report.scripts_run, 2);
    db_fixture_reopen(f);
    assert_true(db_migrate(&f->ctx, f->pool, scripts, 2, true, &report, &err));
    assert_int_equal(report.from_version, 2);
    assert_int_equal(report.to_version, 2);
    assert_int_equal(report.scripts_run, 0);
    assert_int_equal(count_marks(f), 2);
    db_fixture_free(f);
}

static void migrate__without_seed__leaves_seed_scripts_out(void **state)
{
    struct db_fixture *f = db_fixture_new_empty(NULL);
    struct migrate_report report;
    struct err err = {.code = ERR_NONE};

    (void)state;
    assert_true(db_migrate(&f->ctx, f->pool, scripts, 2, false, &report, &err));
    assert_int_equal(report.scripts_run, 1);
    assert_int_equal(count_marks(f), 0);
    db_fixture_free(f);
}

/* A script that fails half-way leaves nothing, and what ran before it stays. */
static void migrate__script_fails__only_it_is_undone(void **state)
{
    struct db_fixture *f = db_fixture_new_empty(NULL);
    struct migrate_report report = {.to_version = -1};
    struct err err = {.code = ERR_NONE};

    (void)state;
    assert_false(db_migrate(&f->ctx, f->pool, scripts, 3, true, &report, &err));
    assert_non_null(strstr(err.text, "0003_broken"));
    assert_int_equal(report.to_version, -1);
    assert_int_equal(count_marks(f), 2);
    db_fixture_free(f);
}

static void migrate__schema_is_newer__is_refused(void **state)
{
    struct db_fixture *f = db_fixture_new_empty(NULL);
    struct migrate_report report;
    struct err err = {.code = ERR_NONE};

    (void)state;
    assert_true(db_migrate(&f->ctx, f->pool, scripts, 2, true, &report, &err));
    assert_false(db_migrate(&f->ctx, f->pool, scripts, 1, true, &report, &err));
    assert_int_equal(err.code, ERR_SCHEMA);
    assert_non_null(strstr(err.text, "schema version 2 is newer than this program's 1"));
    db_fixture_free(f);
}

static void migrate__script_was_changed__is_refused_by_name(void **state)
{
    struct db_fixture *f = db_fixture_new_empty(NULL);
    struct db_script changed[2] = {scripts[0], scripts[1]};
    struct migrate_report report;
    struct err err = {.code = ERR_NONE};

    (void)state;
    assert_true(db_migrate(&f->ctx, f->pool, scripts, 2, true, &report, &err));
    memcpy(changed[0].checksum[DB_SQLITE], SUM_B, sizeof(SUM_B));
    assert_false(db_migrate(&f->ctx, f->pool, changed, 2, true, &report, &err));
    assert_int_equal(err.code, ERR_SCHEMA);
    assert_non_null(strstr(err.text, "0001_first"));
    db_fixture_free(f);
}

static struct migrate_state look(struct db_fixture *f, size_t count, bool with_seed)
{
    struct migrate_state seen;
    struct err err = {.code = ERR_NONE};

    if (!db_migrate_look(&f->ctx, f->pool, scripts, count, with_seed, &seen, &err)) {
        fail_msg("%s", err.text);
    }
    return seen;
}

static void look__empty_database__all_are_pending(void **state)
{
    struct db_fixture *f = db_fixture_new_empty(NULL);
    struct migrate_state seen = look(f, 3, true);

    (void)state;
    assert_false(seen.is_there);
    assert_int_equal(seen.version, 0);
    assert_int_equal(seen.pending, 3);
    assert_string_equal(seen.first_pending, "0001_first");
    seen = look(f, 3, false);
    assert_int_equal(seen.pending, 2);
    assert_false(look(f, 3, true).is_there); /* a look makes nothing */
    db_fixture_free(f);
}

static void look__some_have_run__tells_how_far_and_what_is_next(void **state)
{
    struct db_fixture *f = db_fixture_new_empty(NULL);
    struct migrate_state seen;
    struct migrate_report report;
    struct err err = {.code = ERR_NONE};

    (void)state;
    assert_true(db_migrate(&f->ctx, f->pool, scripts, 1, true, &report, &err));
    seen = look(f, 3, true);
    assert_true(seen.is_there);
    assert_int_equal(seen.version, 1);
    assert_int_equal(seen.pending, 2);
    assert_string_equal(seen.first_pending, "0002_seed");
    seen = look(f, 2, false);
    assert_int_equal(seen.pending, 0);
    assert_null(seen.first_pending);
    db_fixture_free(f);
}

/* What a migration would refuse, a look does, too. */
static void look__schema_is_newer__is_refused(void **state)
{
    struct db_fixture *f = db_fixture_new_empty(NULL);
    struct migrate_state seen = {.version = -1};
    struct migrate_report report;
    struct err err = {.code = ERR_NONE};

    (void)state;
    assert_true(db_migrate(&f->ctx, f->pool, scripts, 2, true, &report, &err));
    assert_false(db_migrate_look(&f->ctx, f->pool, scripts, 1, true, &seen, &err));
    assert_int_equal(err.code, ERR_SCHEMA);
    assert_int_equal(seen.version, -1);
    assert_false(db_migrate_look(&f->ctx, f->pool, scripts, 0, true, &seen, &err));
    assert_int_equal(err.code, ERR_SCHEMA);
    assert_non_null(strstr(err.text, "newer than this program's 0"));
    db_fixture_free(f);
}

/* Two replicas that start at once: each script runs once, and both find the schema there. */
struct replica {
    struct thread thread;
    struct db_fixture *fixture;
    struct migrate_report report;
    struct err err;
    bool ok;
};

static void run_replica(void *arg)
{
    struct replica *replica = arg;
    const struct db_options options = {
        .service = "test", .module = "octo-test", .location = replica->fixture->path};
    const struct db_pool_options pool_options = {.name = "main", .size = 1};
    struct db *db = NULL;
    struct db_pool *pool = NULL;
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena);
    db_fixture_ctx(&ctx, &arena, "BG migrate");
    replica->ok = db_open(&options, &db, &replica->err) &&
                  db_pool_new(db, &pool_options, &pool, &replica->err) &&
                  db_migrate(&ctx, pool, sql_shop_scripts, sql_shop_script_count, true,
                             &replica->report, &replica->err);
    db_close(db);
    arena_fini(&arena);
}

static void migrate__two_replicas_at_once__each_script_runs_once(void **state)
{
    struct db_fixture *f = db_fixture_new_empty(NULL);
    struct replica replicas[3] = {0};
    int scripts_run = 0;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        replicas[i].fixture = f;
        thread_start(&replicas[i].thread, "replica", run_replica, &replicas[i]);
    }
    for (size_t i = 0; i < 3; i++) {
        thread_join(&replicas[i].thread);
        if (!replicas[i].ok) {
            fail_msg("%s", replicas[i].err.text);
        }
        scripts_run += replicas[i].report.scripts_run;
    }
    assert_int_equal(scripts_run, sql_shop_script_count);
    db_fixture_free(f);
}

/* What the layer asks by itself is known by the SQL_IDs of its texts, too. */
static void migrate__own_statements__carry_their_sql_ids(void **state)
{
    struct db_fixture *f = db_fixture_new(fake_backend(&db_backend_sqlite));
    struct fake_record records[8];
    size_t count = fake_records(records, 8);

    (void)state;
    assert_in_range(count, 2, 8);
    for (size_t i = 0; i < count; i++) {
        const struct db_variant *variant = &records[i].statement->variants[DB_SQLITE];
        char sql_id[SQLID_SIZE];

        sqlid_of(variant->text, strlen(variant->text), sql_id);
        assert_string_equal(variant->sql_id, sql_id);
    }
    db_fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(migrate__empty_database__runs_all_and_then_nothing),
        cmocka_unit_test(migrate__without_seed__leaves_seed_scripts_out),
        cmocka_unit_test(migrate__script_fails__only_it_is_undone),
        cmocka_unit_test(migrate__schema_is_newer__is_refused),
        cmocka_unit_test(migrate__script_was_changed__is_refused_by_name),
        cmocka_unit_test(look__empty_database__all_are_pending),
        cmocka_unit_test(look__some_have_run__tells_how_far_and_what_is_next),
        cmocka_unit_test(look__schema_is_newer__is_refused),
        cmocka_unit_test(migrate__two_replicas_at_once__each_script_runs_once),
        cmocka_unit_test(migrate__own_statements__carry_their_sql_ids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
