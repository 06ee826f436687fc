/* One order of the feed into a real database: crm/order_store.c. */
#include "core/text.h"
#include "crm/order_store.h"
#include "db/migrate.h"
#include "sql_crm.h"
#include "tests/support/db_fixture.h"
#include "tests/support/fake_backend.h"
#include "tests/support/test.h"

#define SOURCE "octo-drone-shop"

/* The schema is brought up without the demonstration rows: what is found later was stored here. */
static int set_up(void **state)
{
    struct db_fixture *f = db_fixture_new_empty(fake_backend(&db_backend_sqlite));
    struct migrate_report report;
    struct err err = {0};

    if (!db_migrate(&f->ctx, f->pool, sql_crm_scripts, sql_crm_script_count, false, &report,
                    &err)) {
        fail_msg("%s", err.text);
    }
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    db_fixture_free(*state);
    return 0;
}

/* The shop's order 7 in a state of its own: a status, the quantity of its one line, a buyer. */
static struct feed_order order_of(struct db_fixture *f, const char *status, int quantity,
                                  const char *name)
{
    const char *text = arena_printf(
        &f->arena,
        "{\"id\":7,\"customer_email\":\"ada@example.org\",\"customer_name\":\"%s\","
        "\"status\":\"%s\",\"items\":[{\"sku\":\"NEW-1\",\"name\":\"Rotor\",\"quantity\":%d,"
        "\"unit_price\":2.50}],\"shipment\":{\"tracking_number\":\"OCTO-000007\"}}",
        name, status, quantity);
    struct json *document = NULL;
    struct feed_order order;
    struct err err = {0};

    assert_true(json_parse(text, strlen(text), &document, &err));
    assert_true(feed_order_read(&f->arena, document, 1, &order, &err));
    json_free(document);
    return order;
}

static bool store_one(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    return db_savepoint(ctx, session, order_store, arg, err);
}

static struct order_store must_store(struct db_fixture *f, const struct feed_order *order)
{
    struct order_store store = {.order = order};
    struct order_batch batch = {.source = SOURCE, .orders = &store, .count = 1};
    struct err err = {0};

    if (!db_write(&f->ctx, f->pool, store_one, &batch, &err)) {
        fail_msg("%s", err.text);
    }
    return store;
}

static struct db_session *must_checkout(struct db_fixture *f)
{
    struct db_session *session = NULL;
    struct err err = {0};

    assert_true(db_checkout(&f->ctx, f->pool, &session, &err));
    return session;
}

static int64_t count_audit(struct db_fixture *f, const char *sync_status)
{
    struct sql_count_row row = {0};
    struct db_session *session = must_checkout(f);
    struct err err = {0};

    assert_int_equal(sql_sync_audit_count(session, sync_status, NULL, NULL, &row, &err), DB_ROW);
    db_checkin(session);
    return row.total;
}

/* All parts of a new order are there: customer, line with a placeholder product, shipment, audit.
 */
static void order_store__new_order__stores_all_its_parts(void **state)
{
    struct db_fixture *f = *state;
    struct feed_order order = order_of(f, "processing", 2, "Ada");
    struct order_store store = must_store(f, &order);
    struct db_session *session = must_checkout(f);
    struct sql_order_by_id_row row;
    struct sql_order_lines_row line;
    struct sql_order_shipment_row shipment;
    struct sql_product_row product;
    struct err err = {0};

    assert_int_equal(store.ret_outcome, STORE_CREATED);
    assert_int_equal(sql_order_by_id(session, store.ret_order_id, &row, &err), DB_ROW);
    assert_string_equal(row.order_brief.customer_email, "ada@example.org");
    assert_int_equal(row.order_brief.total_cents, 500);
    assert_string_equal(row.order_brief.sync_status, "synced");
    assert_string_equal(row.order_brief.backlog_status, "backlog");
    assert_string_equal(row.order_brief.correlation_id, f->ctx.trace.trace_id);
    assert_false(row.order_brief.last_synced_at_us_is_null);
    assert_int_equal(sql_order_lines(session, row.order_brief.id, &line, &err), DB_ROW);
    assert_string_equal(line.sku, "NEW-1");
    assert_int_equal(line.quantity, 2);
    assert_int_equal(sql_product_by_id(session, line.product_id, &product, &err), DB_ROW);
    assert_memory_equal(product.sku, "SYNC-", 5);
    assert_int_equal(product.is_active, 0);
    assert_int_equal(product.stock, 0);
    assert_string_equal(product.category, "External Sync");
    assert_int_equal(sql_order_shipment(session, row.order_brief.id, &shipment, &err), DB_ROW);
    assert_string_equal(shipment.tracking_number, "OCTO-000007");
    db_checkin(session);
    assert_int_equal(count_audit(f, "success"), 1);
}

static struct feed_order parcel_of(struct db_fixture *f, const char *shipment)
{
    const char *text = arena_printf(
        &f->arena, "{\"id\":7,\"customer_email\":\"ada@example.org\",\"shipment\":%s}", shipment);
    struct json *document = NULL;
    struct feed_order order;
    struct err err = {0};

    assert_true(json_parse(text, strlen(text), &document, &err));
    assert_true(feed_order_read(&f->arena, document, 1, &order, &err));
    json_free(document);
    return order;
}

/* A parcel's later states reach the row that its first state made. */
static void order_store__parcel_moves_on__is_updated_in_place(void **state)
{
    struct db_fixture *f = *state;
    struct feed_order before = parcel_of(f, "{\"tracking_number\":\"T-7\",\"carrier\":\"dhl\"}");
    struct feed_order after =
        parcel_of(f, "{\"tracking_number\":\"T-7\",\"carrier\":\"ups\",\"status\":\"delivered\","
                     "\"estimated_delivery\":\"2026-01-02T03:04:05Z\","
                     "\"actual_delivery\":\"2026-02-03T04:05:06Z\"}");
    struct order_store first = must_store(f, &before);
    struct sql_order_shipment_row row;
    struct db_session *session;
    struct err err = {0};
    int64_t us;

    must_store(f, &after);
    session = must_checkout(f);
    assert_int_equal(sql_order_shipment(session, first.ret_order_id, &row, &err), DB_ROW);
    assert_string_equal(row.tracking_number, "T-7");
    assert_string_equal(row.carrier, "ups");
    assert_string_equal(row.status, "delivered");
    assert_true(utc_parse("2026-01-02T03:04:05Z", &us));
    assert_int_equal(row.estimated_delivery_us, us);
    assert_true(utc_parse("2026-02-03T04:05:06Z", &us));
    assert_int_equal(row.actual_delivery_us, us);
    db_checkin(session);
}

/* The trace of the purchase stays, also where a later text or another run does not know it. */
static void order_store__trace_of_the_purchase__stays(void **state)
{
    static const char *const texts[] = {
        "{\"id\":7,\"notes\":\"a\"}",
        "{\"id\":7,\"correlation_id\":\"79c76c8173b086043b36e60422a2b317\"}",
        "{\"id\":7,\"notes\":\"b\"}",
    };
    struct db_fixture *f = *state;
    const char *expected = arena_strdup(&f->arena, f->ctx.trace.trace_id);

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct json *document = NULL;
        struct sql_order_by_id_row row;
        struct feed_order order;
        struct order_store store;
        struct db_session *session;
        struct err err = {0};

        assert_true(json_parse(texts[i], strlen(texts[i]), &document, &err));
        assert_true(feed_order_read(&f->arena, document, 1, &order, &err));
        json_free(document);
        w3c_new_trace(&f->ctx.trace);
        expected = i == 0 ? arena_strdup(&f->arena, f->ctx.trace.trace_id) : order.correlation_id;
        expected = expected != NULL ? expected : "79c76c8173b086043b36e60422a2b317";
        store = must_store(f, &order);
        session = must_checkout(f);
        assert_int_equal(sql_order_by_id(session, store.ret_order_id, &row, &err), DB_ROW);
        assert_string_equal(row.order_brief.correlation_id, expected);
        db_checkin(session);
    }
}

/* The same text again touches nothing, not even the audit trail. */
static void order_store__same_text__is_unchanged(void **state)
{
    struct db_fixture *f = *state;
    struct feed_order order = order_of(f, "processing", 2, "Ada");
    struct order_store first = must_store(f, &order);
    struct order_store second = must_store(f, &order);

    assert_int_equal(second.ret_outcome, STORE_UNCHANGED);
    assert_int_equal(second.ret_order_id, first.ret_order_id);
    assert_int_equal(count_audit(f, NULL), 1);
}

/* A change is taken over in place: the same order, its lines replaced, its customer renamed. */
static void order_store__changed_order__is_updated_in_place(void **state)
{
    struct db_fixture *f = *state;
    struct feed_order before = order_of(f, "processing", 2, "Ada");
    struct feed_order after = order_of(f, "shipped", 3, "Ada Lovelace");
    struct order_store first = must_store(f, &before);
    struct order_store second = must_store(f, &after);
    struct db_session *session = must_checkout(f);
    struct sql_order_by_id_row row;
    struct sql_order_lines_row line;
    struct db_cursor *cursor = NULL;
    struct err err = {0};

    assert_int_equal(second.ret_outcome, STORE_UPDATED);
    assert_int_equal(second.ret_order_id, first.ret_order_id);
    assert_int_equal(sql_order_by_id(session, second.ret_order_id, &row, &err), DB_ROW);
    assert_string_equal(row.order_brief.status, "shipped");
    assert_string_equal(row.order_brief.backlog_status, "current");
    assert_string_equal(row.order_brief.customer_name, "Ada Lovelace");
    assert_true(sql_order_lines_open(session, row.order_brief.id, &cursor, &err));
    assert_int_equal(sql_order_lines_next(cursor, &line, &err), DB_ROW);
    assert_int_equal(line.quantity, 3);
    assert_int_equal(sql_order_lines_next(cursor, &line, &err), DB_NO_ROW);
    db_cursor_close(cursor);
    db_checkin(session);
    assert_int_equal(count_audit(f, "success"), 2);
}

static bool fail_one(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    return order_store_failure(ctx, session, arg, err);
}

static void must_fail_with(struct db_fixture *f, const struct feed_order *order,
                           const char *message)
{
    struct order_failure failure = {.source = SOURCE,
                                    .source_order_id = order->source_order_id,
                                    .payload = order->payload,
                                    .message = message};
    struct err err = {0};

    if (!db_write(&f->ctx, f->pool, fail_one, &failure, &err)) {
        fail_msg("%s", err.text);
    }
}

static void must_fail(struct db_fixture *f, const struct feed_order *order)
{
    must_fail_with(f, order, "no room");
}

/* What is due, the longest waiting first. */
static void assert_due(struct db_fixture *f, int64_t limit, int64_t number, const char *last_error)
{
    struct sql_sync_failures_due_row row;
    struct db_cursor *cursor = NULL;
    struct db_session *session = must_checkout(f);
    struct err err = {0};

    assert_true(sql_sync_failures_due_open(session, SOURCE, true, ORDER_RETRY_LONGEST_S, limit,
                                           &cursor, &err));
    assert_int_equal(sql_sync_failures_due_next(cursor, &row, &err), DB_ROW);
    assert_int_equal(row.source_order_id, number);
    assert_string_equal(row.last_error, last_error);
    db_cursor_close(cursor);
    db_checkin(session);
}

/* Where more are due than are taken, it is the turn of those that wait longest; the newest reason
 * is the one that is kept. */
static void order_store_failure__several__wait_in_their_order(void **state)
{
    struct db_fixture *f = *state;
    struct feed_order first = order_of(f, "processing", 2, "Ada");
    struct feed_order second = first;

    second.source_order_id = 8;
    must_fail_with(f, &first, "no room");
    must_fail_with(f, &second, "no room either");
    assert_due(f, 1, 7, "no room");
    must_fail_with(f, &first, "still no room"); /* waits longer from here on */
    assert_due(f, 1, 8, "no room either");
    must_fail_with(f, &second, "never");
    must_fail_with(f, &second, "ever");
    assert_due(f, 1, 7, "still no room");
}

/* A reason may be longer than its column, which counts bytes. */
static void order_store_failure__long_reason__is_cut_for_its_column(void **state)
{
    struct db_fixture *f = *state;
    struct feed_order order = order_of(f, "processing", 2, "Ada");
    struct order_store store = must_store(f, &order);
    char *message = arena_alloc(&f->arena, 3 * 1500 + 1);
    struct sql_order_by_id_row row;
    struct db_session *session;
    struct err err = {0};

    for (size_t i = 0; i < 1500; i++) {
        memcpy(message + 3 * i, "\xE4\xBC\x9A", 3);
    }
    must_fail_with(f, &order, message);
    session = must_checkout(f);
    assert_int_equal(sql_order_by_id(session, store.ret_order_id, &row, &err), DB_ROW);
    assert_int_equal(strlen(row.sync_error), 3999);
    db_checkin(session);
}

/* A failure marks the stored order and is counted; the next success takes all of it back. */
static void order_store_failure__then_success__leaves_no_failure(void **state)
{
    struct db_fixture *f = *state;
    struct feed_order before = order_of(f, "processing", 2, "Ada");
    struct feed_order after = order_of(f, "shipped", 2, "Ada");
    struct order_store first = must_store(f, &before);
    struct sql_order_by_id_row row;
    struct sql_sync_failure_attempts_row attempts;
    struct db_session *session;
    struct err err = {0};

    must_fail(f, &after);
    must_fail(f, &after);
    session = must_checkout(f);
    assert_int_equal(sql_order_by_id(session, first.ret_order_id, &row, &err), DB_ROW);
    assert_string_equal(row.order_brief.sync_status, "failed");
    assert_string_equal(row.sync_error, "no room");
    assert_int_equal(sql_sync_failure_attempts(session, SOURCE, 7, &attempts, &err), DB_ROW);
    assert_int_equal(attempts.attempts, 2);
    db_checkin(session);
    assert_int_equal(count_audit(f, "failed"), 2);

    assert_int_equal(must_store(f, &after).ret_outcome, STORE_UPDATED);
    session = must_checkout(f);
    assert_int_equal(sql_order_by_id(session, first.ret_order_id, &row, &err), DB_ROW);
    assert_string_equal(row.order_brief.sync_status, "synced");
    assert_null(row.sync_error);
    assert_int_equal(sql_sync_failure_attempts(session, SOURCE, 7, &attempts, &err), DB_NO_ROW);
    db_checkin(session);
}

/* A failed order whose text did not change since it was last stored is stored all the same. */
static void order_store__same_text_after_failure__is_stored_again(void **state)
{
    struct db_fixture *f = *state;
    struct feed_order order = order_of(f, "processing", 2, "Ada");

    must_store(f, &order);
    must_fail(f, &order);
    assert_int_equal(must_store(f, &order).ret_outcome, STORE_UPDATED);
}

/* An order without a number cannot be tried again; it is noted. */
static void order_store_failure__no_number__is_only_noted(void **state)
{
    struct db_fixture *f = *state;
    struct feed_order order = {.source_order_id = 0, .payload = "{}"};

    must_fail(f, &order);
    assert_int_equal(count_audit(f, "invalid"), 1);
}

/* Lets the first, the second ... call of this kind fail, until none is left to fail. Returns how
 * many did; nothing stays of an order when one does, so in the end it is a new one. */
static size_t fail_each(struct db_fixture *f, enum fake_call call, const struct feed_order *order)
{
    struct order_store store = {.order = order};
    struct order_batch batch = {.source = SOURCE, .orders = &store, .count = 1};
    const int64_t trail = count_audit(f, NULL);
    struct err err = {0};
    size_t failed = 0;

    for (;; failed++) {
        bool is_stored;

        fake_fail(call, failed, 1, ERR_DATABASE);
        is_stored = db_write(&f->ctx, f->pool, store_one, &batch, &err);
        fake_fail(call, 0, 0, ERR_NONE);
        if (is_stored) {
            break;
        }
        assert_int_equal(err.code, ERR_DATABASE);
        assert_int_equal(count_audit(f, NULL), trail);
        err_clear(&err);
    }
    assert_int_equal(store.ret_outcome, STORE_CREATED);
    assert_int_equal(count_audit(f, NULL), trail + 1);
    return failed;
}

/* Whichever statement fails, the order is not stored, neither with half of its parts nor without
 * its lines. */
static void order_store__any_statement_fails__stores_nothing(void **state)
{
    struct db_fixture *f = *state;
    struct feed_order order = order_of(f, "processing", 2, "Ada");

    assert_true(fail_each(f, FAKE_QUERY, &order) >= 4);
    order.source_order_id = 8;
    assert_true(fail_each(f, FAKE_EXECUTE, &order) >= 5);
    order.source_order_id = 9;
    assert_true(fail_each(f, FAKE_NEXT, &order) >= 4);
}

int main(void)
{
#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        STORE_TEST(order_store__new_order__stores_all_its_parts),
        STORE_TEST(order_store__parcel_moves_on__is_updated_in_place),
        STORE_TEST(order_store__trace_of_the_purchase__stays),
        STORE_TEST(order_store__same_text__is_unchanged),
        STORE_TEST(order_store__changed_order__is_updated_in_place),
        STORE_TEST(order_store__any_statement_fails__stores_nothing),
        STORE_TEST(order_store_failure__then_success__leaves_no_failure),
        STORE_TEST(order_store__same_text_after_failure__is_stored_again),
        STORE_TEST(order_store_failure__several__wait_in_their_order),
        STORE_TEST(order_store_failure__long_reason__is_cut_for_its_column),
        STORE_TEST(order_store_failure__no_number__is_only_noted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
