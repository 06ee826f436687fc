/* The shop's order feed as the portal understands it: crm/order_feed.c. */
#include "core/text.h"
#include "crm/order_feed.h"
#include "tests/support/test.h"

#define NOW_US INT64_C(1900000000000000)

struct fixture {
    struct arena arena;
    struct json *document;
    struct feed_order order;
    struct err err;
};

static int set_up(void **state)
{
    struct fixture *f = mem_alloc(sizeof(*f));

    arena_init(&f->arena);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    json_free(f->document);
    arena_fini(&f->arena);
    free(f);
    return 0;
}

/* Single quotes stand for double ones, so that the orders can be read here. */
static bool read_order(struct fixture *f, const char *text)
{
    char *json = arena_strdup(&f->arena, text);

    for (char *at = json; *at != '\0'; at++) {
        *at = (char)(*at == '\'' ? '"' : *at);
    }
    json_free(f->document);
    f->document = NULL;
    assert_true(json_parse(json, strlen(json), &f->document, &f->err));
    return feed_order_read(&f->arena, f->document, NOW_US, &f->order, &f->err);
}

/* Blanks of any kind are nothing: an empty text would be one to one database and none to another.
 */
static void feed_order_read__blanks__are_not_given(void **state)
{
    struct fixture *f = *state;

    assert_true(read_order(f, "{'id':17,'customer_email':'ada@example.org','customer_name':'\\f',"
                              "'notes':' \\u000b\\t','coupon_code':'\\r\\n','status':'\\f \\f'}"));
    assert_string_equal(f->order.name, "Ada");
    assert_false(f->order.is_name_given);
    assert_null(f->order.notes);
    assert_null(f->order.coupon_code);
    assert_string_equal(f->order.status, "pending");
}

/* An order as the shop writes it. */
static void feed_order_read__order_of_the_shop__takes_every_member(void **state)
{
    struct fixture *f = *state;
    int64_t us;

    assert_true(read_order(
        f, "{'id':17,'customer_email':' Ada@Example.ORG ','customer_name':'Ada Lovelace',"
           "'total':1149.50,'subtotal':1000.50,'discount':0,'shipping_cost':149.00,"
           "'currency':'USD','coupon_code':null,'status':'Processing','payment_method':'crypto',"
           "'payment_status':'paid','shipping_address':'Street 1','notes':'n',"
           "'created_at':'2026-01-02T03:04:05.000006Z','updated_at':'2026-01-02T04:04:05Z',"
           "'items':[{'product_id':3,'sku':'drn-001','name':'Drone','quantity':2,"
           "'unit_price':500.25}],"
           "'shipment':{'tracking_number':'OCTO-000017','carrier':'dhl','status':'processing',"
           "'weight_kg':2.80,'shipping_cost':149,'estimated_delivery':null}}"));
    assert_int_equal(f->order.source_order_id, 17);
    assert_string_equal(f->order.email, "ada@example.org");
    assert_string_equal(f->order.name, "Ada Lovelace");
    assert_true(f->order.is_name_given);
    assert_string_equal(f->order.status, "processing");
    assert_string_equal(f->order.backlog_status, "backlog");
    assert_string_equal(f->order.payment_status, "paid");
    assert_null(f->order.coupon_code);
    assert_int_equal(f->order.total_cents, 114950);
    assert_int_equal(f->order.expected_cents, 114950);
    assert_false(f->order.is_total_suspicious);
    assert_true(utc_parse("2026-01-02T03:04:05.000006Z", &us));
    assert_int_equal(f->order.created_us, us);
    assert_int_equal(f->order.line_count, 1);
    assert_string_equal(f->order.lines[0].sku, "DRN-001");
    assert_string_equal(f->order.lines[0].reference, "DRN-001");
    assert_int_equal(f->order.lines[0].quantity, 2);
    assert_int_equal(f->order.lines[0].unit_price_cents, 50025);
    assert_non_null(f->order.shipment);
    assert_string_equal(f->order.shipment->tracking_number, "OCTO-000017");
    assert_int_equal(f->order.shipment->weight_hundredths, 280);
    assert_null(f->order.shipment->estimated_us);
}

/* Feeds name things differently; the first name that holds something wins. */
static void feed_order_read__other_names__are_understood(void **state)
{
    struct fixture *f = *state;
    int64_t us;

    assert_true(read_order(
        f, "{'order_id':'42','customer':{'email':'grace.hopper@navy.mil','name':'','phone':'1',"
           "'address':'Pier 1'},'comment':'c','submitted_at':'2026-01-02T03:04:05+02:00',"
           "'amount':'12.30','coupon':{'discount':0.70},'shipping_amount':3,"
           "'lines':[{'qty':2,'price':'5','product_sku':'A-1'},{'name':'Cable'}]}"));
    assert_int_equal(f->order.source_order_id, 42);
    assert_string_equal(f->order.name, "Grace Hopper");
    assert_false(f->order.is_name_given);
    assert_string_equal(f->order.phone, "1");
    assert_string_equal(f->order.shipping_address, "Pier 1");
    assert_string_equal(f->order.notes, "c");
    assert_string_equal(f->order.status, "pending");
    assert_true(utc_parse("2026-01-02T01:04:05Z", &us));
    assert_int_equal(f->order.created_us, us);
    assert_int_equal(f->order.updated_us, us);
    assert_int_equal(f->order.subtotal_cents, 1000);
    assert_int_equal(f->order.total_cents, 1230);
    assert_false(f->order.is_total_suspicious);
    assert_int_equal(f->order.lines[1].quantity, 1);
    assert_null(f->order.lines[1].sku);
    assert_string_equal(f->order.lines[1].reference, "Cable");
}

/* An order that says next to nothing still has an owner, a time and a total. */
static void feed_order_read__only_a_number__gets_defaults(void **state)
{
    struct fixture *f = *state;

    assert_true(read_order(f, "{'number':5,'email':'  '}"));
    assert_string_equal(f->order.email, "5@external.local");
    assert_string_equal(f->order.name, "External Customer");
    assert_int_equal(f->order.created_us, NOW_US);
    assert_int_equal(f->order.total_cents, 0);
    assert_int_equal(f->order.line_count, 0);
    assert_string_equal(f->order.currency, "USD");
}

/* A total that is off by more than a cent, either way, is kept and marked. */
static void feed_order_read__declared_total_differs__is_suspicious(void **state)
{
    static const struct {
        const char *total;
        bool is_suspicious;
    } cases[] = {
        {"10.00", false}, {"10.01", false}, {"9.99", false}, {"10.02", true}, {"9.98", true}};
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(read_order(
            f, arena_printf(&f->arena, "{'id':1,'total':%s,'items':[{'sku':'AB','price':10}]}",
                            cases[i].total)));
        assert_int_equal(f->order.is_total_suspicious, cases[i].is_suspicious);
    }
    assert_true(read_order(f, "{'id':1,'total':99}")); /* without lines there is nothing to hold it
                                                          against */
    assert_false(f->order.is_total_suspicious);
}

/* Orders that cannot be: refused as forged, with the place at fault. */
static void feed_order_read__forged_amounts__are_refused(void **state)
{
    static const char *const orders[] = {
        "{'id':1,'items':[{'sku':'AB','quantity':-1,'price':10}]}",
        "{'id':1,'items':[{'sku':'AB','quantity':0,'price':10}]}",
        "{'id':1,'items':[{'sku':'AB','price':-10}]}",
        "{'id':1,'total':-1}",
        "{'id':1,'discount':-5}",
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        err_clear(&f->err);
        assert_false(read_order(f, orders[i]));
        assert_int_equal(f->err.code, ERR_CHECK);
    }
    err_clear(&f->err);
    assert_false(read_order(f, orders[0]));
    assert_string_equal(f->err.field, "/items/0/quantity");
}

/* Orders that cannot be understood. */
static void feed_order_read__nonsense__is_refused(void **state)
{
    static const char *const orders[] = {
        "[]",
        "{}",
        "{'id':0}",
        "{'id':-3}",
        "{'id':'x'}",
        "{'id':1,'customer_email':'nobody'}",
        "{'id':1,'customer_email':7}",
        "{'id':1,'items':{}}",
        "{'id':1,'items':[1]}",
        "{'id':1,'items':[{'quantity':1.5}]}",
        "{'id':1,'items':[{'quantity':1000001}]}",
        "{'id':1,'items':[{'quantity':1000000,'price':9999999999.99}]}",
        "{'id':1,'total':'a lot'}",
        "{'id':1,'total':1.005}",
        "{'id':1,'created_at':'yesterday'}",
        "{'id':1,'created_at':17}",
        "{'id':1,'shipment':{'tracking_number':'T','estimated_delivery':'soon'}}",
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        err_clear(&f->err);
        if (read_order(f, orders[i])) {
            fail_msg("accepted: %s", orders[i]);
        }
        assert_int_equal(f->err.code, ERR_INVALID);
        assert_true(f->err.text[0] != '\0');
    }
}

/* The number is known even where the order is refused: its failure is kept under it. */
static void feed_order_id__refused_order__is_still_found(void **state)
{
    struct fixture *f = *state;
    int64_t id = 0;

    assert_false(read_order(f, "{'id':9,'total':-1}"));
    assert_true(feed_order_id(f->document, &id));
    assert_int_equal(id, 9);
}

/* What is kept of the order is the order: reading it again gives the same. */
static void feed_order_read__its_own_payload__reads_the_same(void **state)
{
    struct fixture *f = *state;
    const char *payload;

    assert_true(read_order(f, "{'id':1,'total':99.99,'items':[{'sku':'AB','price':99.99}]}"));
    assert_string_equal(f->order.payload,
                        "{\"id\":1,\"total\":99.99,\"items\":[{\"sku\":\"AB\",\"price\":99.99}]}");
    payload = f->order.payload;
    assert_true(read_order(f, payload));
    assert_string_equal(f->order.payload, payload);
    assert_int_equal(f->order.total_cents, 9999);
}

/* Texts are cut to as many characters as their columns take, however many bytes those have. */
static void feed_order_read__long_texts__are_cut_by_characters(void **state)
{
    static const struct {
        const char *character;
        size_t bytes;
    } cases[] = {{"x", 1}, {"\xD0\x96", 2}, {"\xE4\xBC\x9A", 3}, {"\xF0\x90\x8D\x88", 4}};
    struct fixture *f = *state;
    char name[4 * 201 + 1] = "";

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *text;

        name[0] = '\0';
        for (size_t n = 0; n < 200; n++) {
            memcpy(name + n * cases[i].bytes, cases[i].character, cases[i].bytes + 1);
        }
        text = arena_printf(&f->arena, "{'id':1,'customer_name':'%s','currency':'%s'}", name, name);
        assert_true(read_order(f, text));
        assert_string_equal(f->order.name, name);
        assert_int_equal(strlen(f->order.currency), 10 * cases[i].bytes);
        text = arena_printf(&f->arena, "{'id':1,'customer_name':'%s%s'}", name, cases[i].character);
        assert_true(read_order(f, text));
        assert_string_equal(f->order.name, name);
    }
}

/* An address has up to 200 characters here as in the shop, and not 200 bytes. */
static void feed_order_read__address_of_long_characters__is_taken(void **state)
{
    struct fixture *f = *state;
    char local[2 * 110 + 1] = "";

    for (size_t n = 0; n < 110; n++) {
        memcpy(local + 2 * n, "\xC3\xBC", 3);
    }
    assert_true(read_order(
        f, arena_printf(&f->arena, "{'id':1,'customer_email':'%s@example.org'}", local)));
    assert_int_equal(strlen(f->order.email), 232);
    memset(local, 'x', 200);
    local[200] = '\0';
    assert_false(read_order(
        f, arena_printf(&f->arena, "{'id':1,'customer_email':'%s@example.org'}", local)));
}

/* Both times of a parcel, each where it belongs. */
static void feed_order_read__parcel__keeps_both_times(void **state)
{
    struct fixture *f = *state;
    int64_t us;

    assert_true(read_order(f, "{'id':1,'shipment':{'tracking_number':'T',"
                              "'estimated_delivery':'2026-01-02T03:04:05Z',"
                              "'actual_delivery':'2026-02-03T04:05:06Z'}}"));
    assert_true(utc_parse("2026-01-02T03:04:05Z", &us));
    assert_int_equal(*f->order.shipment->estimated_us, us);
    assert_true(utc_parse("2026-02-03T04:05:06Z", &us));
    assert_int_equal(*f->order.shipment->actual_us, us);
}

/* The trace of the purchase is taken where it is one. */
static void feed_order_read__correlation_id__is_a_trace_id_or_nothing(void **state)
{
    static const char *const others[] = {
        "'x'",  "'79C76C8173B086043B36E60422A2B317'", "'79c76c8173b086043b36e60422a2b3170'",
        "null", "'00000000000000000000000000000000'", "'79c76c8173b086043b36e60422a2b31'"};
    struct fixture *f = *state;

    assert_true(read_order(f, "{'id':1,'correlation_id':'79c76c8173b086043b36e60422a2b317'}"));
    assert_string_equal(f->order.correlation_id, "79c76c8173b086043b36e60422a2b317");
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_true(
            read_order(f, arena_printf(&f->arena, "{'id':1,'correlation_id':%s}", others[i])));
        assert_null(f->order.correlation_id);
    }
}

int main(void)
{
#define FEED_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        FEED_TEST(feed_order_read__blanks__are_not_given),
        FEED_TEST(feed_order_read__order_of_the_shop__takes_every_member),
        FEED_TEST(feed_order_read__other_names__are_understood),
        FEED_TEST(feed_order_read__only_a_number__gets_defaults),
        FEED_TEST(feed_order_read__declared_total_differs__is_suspicious),
        FEED_TEST(feed_order_read__forged_amounts__are_refused),
        FEED_TEST(feed_order_read__nonsense__is_refused),
        FEED_TEST(feed_order_id__refused_order__is_still_found),
        FEED_TEST(feed_order_read__its_own_payload__reads_the_same),
        FEED_TEST(feed_order_read__long_texts__are_cut_by_characters),
        FEED_TEST(feed_order_read__address_of_long_characters__is_taken),
        FEED_TEST(feed_order_read__parcel__keeps_both_times),
        FEED_TEST(feed_order_read__correlation_id__is_a_trace_id_or_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
