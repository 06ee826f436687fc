/* service/service.h: a mutating request, its idempotency key and its audit row. */
#include "fixture.h"
#include "support/test.h"

#define MINE "X-Client-Region: my-own\r\nIdempotency-Key: "
#define YOURS "X-Client-Region: your-own\r\nIdempotency-Key: "

static const char NOTES[] = "SELECT count(*) FROM login_failures WHERE scope = 'test'";

static int open_store(void **state)
{
    *state = fixture_open(&kind_store);
    return 0;
}

static int close_store(void **state)
{
    fixture_close(*state);
    return 0;
}

/* The work and its audit row are there as soon as the answer is. */
static void service_write__success__audits_in_the_transaction(void **state)
{
    struct fixture *f = *state;

    fixture_ask(f, "POST", "/api/write", "", "{}");
    assert_int_equal(f->status, 201);
    assert_int_equal(fixture_number(f, NOTES), 1);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM audit_logs WHERE action = 'test.noted'"
                                       " AND resource_name = 'note:1' AND route = '/api/write'"
                                       " AND http_status IS NULL AND length(trace_id) = 32"),
                     1);
    fixture_restart(f); /* which writes what waits */
    assert_int_equal(
        fixture_number(f, "SELECT count(*) FROM audit_logs WHERE route = '/api/write'"), 1);
}

/* The loop gives such a handler up at its write. That is no failure to store something. */
static void service_write__route_promises_reads_only__writes_on_a_worker(void **state)
{
    struct fixture *f = *state;

    atomic_store(&f->service.stored_ns, 1);
    fixture_ask(f, "PUT", "/api/write", "", "{}");
    assert_int_equal(f->status, 201);
    assert_int_equal(fixture_number(f, NOTES), 1);
    assert_int_not_equal(atomic_load(&f->service.stored_ns), 0);
}

/* The same key and body: one effect, one answer. */
static void service_write__same_key__replays(void **state)
{
    struct fixture *f = *state;
    char first[256];

    fixture_ask(f, "POST", "/api/write", "Idempotency-Key: abcdefgh\r\n", "{\"a\":1}");
    assert_int_equal(f->status, 201);
    assert_null(strstr(f->answer, "Idempotency-Replayed"));
    (void)snprintf(first, sizeof(first), "%s", fixture_body(f));
    for (int i = 0; i < 3; i++) {
        fixture_ask(f, "POST", "/api/write", "Idempotency-Key: abcdefgh\r\n", "{\"a\":1}");
        assert_int_equal(f->status, 201);
        assert_non_null(strstr(f->answer, "Idempotency-Replayed: true"));
        assert_string_equal(fixture_body(f), first);
    }
    assert_int_equal(fixture_number(f, NOTES), 1);
    fixture_restart(f);
    fixture_ask(f, "POST", "/api/write", "Idempotency-Key: abcdefgh\r\n", "{\"a\":1}");
    assert_non_null(strstr(f->answer, "Idempotency-Replayed: true"));
    assert_int_equal(fixture_number(f, NOTES), 1);
}

/* A key stands for one request: another body or path is refused, and so is what is no key. */
static void service_write__misused_key__is_refused(void **state)
{
    struct fixture *f = *state;

    fixture_ask(f, "POST", "/api/write", MINE "abcdefgh\r\n", "{\"a\":1}");
    fixture_ask(f, "POST", "/api/write", MINE "abcdefgh\r\n", "{\"a\":2}");
    assert_int_equal(f->status, 422);
    assert_non_null(strstr(f->answer, "Idempotency-Key"));
    fixture_ask(f, "POST", "/api/write/1", MINE "of-a-path\r\n", "{\"a\":1}");
    assert_int_equal(f->status, 201);
    fixture_ask(f, "POST", "/api/write/2", MINE "of-a-path\r\n", "{\"a\":1}");
    assert_int_equal(f->status, 422);
    fixture_ask(f, "POST", "/api/write/1?a=2", MINE "of-a-path\r\n", "{\"a\":1}");
    assert_int_equal(f->status, 422);
    fixture_ask(f, "POST", "/api/write", "Idempotency-Key: short\r\n", "{}");
    assert_int_equal(f->status, 422);
    fixture_ask(f, "POST", "/api/write", "Idempotency-Key: has blanks in it\r\n", "{}");
    assert_int_equal(f->status, 422);
    assert_int_equal(fixture_number(f, NOTES), 2);
}

/* What is kept under a key is kept under that one alone, of a route as of a caller. */
static void service_write__another_key__keeps_its_own_answer(void **state)
{
    struct fixture *f = *state;

    fixture_ask(f, "POST", "/api/write", "Idempotency-Key: the-first-one\r\n", "{\"a\":1}");
    fixture_run(f, "UPDATE idempotency_keys SET body = '{\"is\":\"first\"}'");
    fixture_ask(f, "POST", "/api/write", "Idempotency-Key: the-second-one\r\n", "{\"a\":1}");
    assert_int_equal(f->status, 201);
    assert_null(strstr(f->answer, "Idempotency-Replayed"));
    fixture_ask(f, "POST", "/api/write/1", "Idempotency-Key: the-first-one\r\n", "{\"a\":1}");
    assert_int_equal(f->status, 201);
    assert_null(strstr(f->answer, "Idempotency-Replayed"));
    fixture_ask(f, "POST", "/api/write", "Idempotency-Key: the-first-one\r\n", "{\"a\":1}");
    assert_string_equal(fixture_body(f), "{\"is\":\"first\"}");
}

static void assert_is_done(struct fixture *f, bool is_replayed)
{
    assert_int_equal(f->status, 201);
    assert_int_equal(strstr(f->answer, "Idempotency-Replayed") != NULL, is_replayed);
}

/* A key is its owner's: others who use the same one neither get his answer nor stand in his way. */
static void service_write__another_owner__has_the_key_to_himself(void **state)
{
    struct fixture *f = *state;
    char signed_in[256];

    fixture_ask(f, "POST", "/api/write", MINE "abcdefgh\r\n", "{\"a\":1}");
    assert_is_done(f, false);
    fixture_ask(f, "POST", "/api/write", YOURS "abcdefgh\r\n", "{\"a\":1}");
    assert_is_done(f, false);
    fixture_ask(f, "POST", "/api/write", YOURS "abcdefgh\r\n", "{\"a\":1}");
    assert_is_done(f, true);
    fixture_ask(f, "POST", "/api/write", "Idempotency-Key: abcdefgh\r\n", "{\"a\":1}");
    assert_is_done(f, false);
    /* Who has signed in owns it himself, whatever he acts on. */
    (void)snprintf(signed_in, sizeof(signed_in),
                   "X-Internal-Service-Key: %s\r\n" MINE "abcdefgh\r\n", f->service.internal_key);
    fixture_ask(f, "POST", "/api/write", signed_in, "{\"a\":1}");
    assert_is_done(f, false);
    assert_int_equal(fixture_number(f, NOTES), 4);
}

/* A key of nobody counts for requests that are the same to the byte: no stranger's stands in the
 * way of another request. */
static void service_write__no_owner__counts_for_the_same_request(void **state)
{
    struct fixture *f = *state;

    fixture_ask(f, "POST", "/api/write", "Idempotency-Key: first-order-1\r\n", "{\"a\":1}");
    assert_is_done(f, false);
    fixture_ask(f, "POST", "/api/write", "Idempotency-Key: first-order-1\r\n", "{\"a\":2}");
    assert_is_done(f, false);
    fixture_ask(f, "POST", "/api/write?a=1", "Idempotency-Key: first-order-1\r\n", "{\"a\":1}");
    assert_is_done(f, false);
    fixture_ask(f, "POST", "/api/write", "Idempotency-Key: first-order-1\r\n", "{\"a\":1}");
    assert_is_done(f, true);
    assert_int_equal(fixture_number(f, NOTES), 3);
}

/* A key whose time is over may be used anew. */
static void service_write__expired_key__is_taken_again(void **state)
{
    struct fixture *f = *state;

    fixture_ask(f, "POST", "/api/write", MINE "abcdefgh\r\n", "{\"a\":1}");
    assert_int_equal(fixture_number(f, "UPDATE idempotency_keys SET expires_at = 1 RETURNING 1"),
                     1);
    fixture_ask(f, "POST", "/api/write", MINE "abcdefgh\r\n", "{\"a\":2}");
    assert_int_equal(f->status, 201);
    assert_int_equal(fixture_number(f, NOTES), 2);
}

/* Nothing of a failed work stays, not even its key; its audit row tells that it failed. */
static void service_write__failure__leaves_nothing_but_its_audit_row(void **state)
{
    struct fixture *f = *state;

    fixture_ask(f, "POST", "/api/break", "Idempotency-Key: abcdefgh\r\n", "{}");
    assert_int_equal(f->status, 409);
    assert_int_equal(fixture_number(f, NOTES), 0);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM idempotency_keys"), 0);
    fixture_restart(f); /* stopping writes the queue */
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM audit_logs WHERE route = '/api/break'"
                                       " AND http_status = 409"),
                     1);
}

/* What cannot be audited does not happen, nor what cannot be remembered under its key. */
static void service_write__no_audit_row_or_key__leaves_nothing(void **state)
{
    static const char *const TABLES[] = {"INSERT ON audit_logs WHEN NEW.http_status IS NULL",
                                         "INSERT ON idempotency_keys",
                                         "UPDATE ON idempotency_keys"};
    struct fixture *f = *state;
    char sql[200];

    for (size_t i = 0; i < sizeof(TABLES) / sizeof(TABLES[0]); i++) {
        (void)snprintf(sql, sizeof(sql),
                       "CREATE TRIGGER broken BEFORE %s BEGIN SELECT json('{'); END", TABLES[i]);
        fixture_run(f, sql);
        fixture_ask(f, "POST", "/api/write", "Idempotency-Key: abcdefgh\r\n", "{\"a\":1}");
        assert_int_equal(f->status, 500);
        assert_int_equal(fixture_number(f, NOTES), 0);
        fixture_run(f, "DROP TRIGGER broken");
    }
    fixture_ask(f, "POST", "/api/write", "Idempotency-Key: abcdefgh\r\n", "{\"a\":1}");
    assert_int_equal(f->status, 201);
    assert_null(strstr(f->answer, "Idempotency-Replayed"));
    assert_int_equal(fixture_number(f, NOTES), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(service_write__success__audits_in_the_transaction,
                                        open_store, close_store),
        cmocka_unit_test_setup_teardown(
            service_write__route_promises_reads_only__writes_on_a_worker, open_store, close_store),
        cmocka_unit_test_setup_teardown(service_write__same_key__replays, open_store, close_store),
        cmocka_unit_test_setup_teardown(service_write__misused_key__is_refused, open_store,
                                        close_store),
        cmocka_unit_test_setup_teardown(service_write__another_key__keeps_its_own_answer,
                                        open_store, close_store),
        cmocka_unit_test_setup_teardown(service_write__another_owner__has_the_key_to_himself,
                                        open_store, close_store),
        cmocka_unit_test_setup_teardown(service_write__no_owner__counts_for_the_same_request,
                                        open_store, close_store),
        cmocka_unit_test_setup_teardown(service_write__expired_key__is_taken_again, open_store,
                                        close_store),
        cmocka_unit_test_setup_teardown(service_write__failure__leaves_nothing_but_its_audit_row,
                                        open_store, close_store),
        cmocka_unit_test_setup_teardown(service_write__no_audit_row_or_key__leaves_nothing,
                                        open_store, close_store),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
