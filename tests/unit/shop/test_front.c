/* shop/front_page.h, shop/front_data.h and service/picture.h: what the server writes of products.
 */
#include "core/arena.h"
#include "service/picture.h"
#include "shop/front_data.h"
#include "support/test.h"

static const struct front_product hostile = {
    .id = 7,
    .sku = "A/B?\"<",
    .name = "</script><script>alert(1)</script>",
    .description = "Lifts <b>all</b> \\ \u202e",
    .category = "R&D",
    .picture = "https://cdn.example/\"onerror=\"x",
    .price_cents = 123450,
    .stock = 3,
};

static const struct front_product plain = {
    .id = 1,
    .sku = "DRN-1",
    .name = "Kestrel",
    .description = "Flies",
    .category = "Drones",
    .picture = "/assets/kestrel.svg",
    .price_cents = 9900,
    .stock = 1,
};

static int set_up(void **state)
{
    static struct reply reply;

    reply = (struct reply){.status = 200};
    buf_init(&reply.body, 65536);
    *state = &reply;
    return 0;
}

static int tear_down(void **state)
{
    struct reply *rp = *state;

    buf_fini(&rp->body);
    return 0;
}

static void front_put_products__hostile_texts__are_escaped(void **state)
{
    struct reply *rp = *state;

    front_put_products(rp, &hostile, 1);
    assert_null(strstr(rp->body.data, "<script"));
    assert_null(strstr(rp->body.data, "\"onerror"));
    assert_non_null(strstr(rp->body.data, "href=\"/shop/products/A%2FB%3F%22%3C\""));
    assert_non_null(strstr(rp->body.data, "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert_non_null(strstr(rp->body.data, "R&amp;D"));
    assert_non_null(strstr(rp->body.data, "$1,234.50"));
    assert_non_null(strstr(rp->body.data, "Only 3 left"));
}

static void front_put_stock__says_how_much_there_is(void **state)
{
    static const struct {
        int64_t stock;
        const char *said;
    } cases[] = {
        {0, ">Sold out<"}, {1, ">Only 1 left<"}, {20, ">Only 20 left<"}, {21, ">21 in stock<"}};
    struct reply *rp = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buf_clear(&rp->body);
        front_put_stock(rp, cases[i].stock);
        assert_non_null(strstr(rp->body.data, cases[i].said));
    }
}

/* Nothing in it may end the element that it stands in. */
static void front_put_product_data__hostile_texts__end_no_element(void **state)
{
    static const struct front_rating rating = {.reviews = 2, .mean_hundredths = 450};
    struct reply *rp = *state;
    const char *end;

    front_put_product_data(rp, &hostile, &rating);
    end = strstr(rp->body.data, "</script>");
    assert_string_equal(end, "</script>\n");
    assert_non_null(strstr(rp->body.data, "\"name\":\"\\u003c/script>\\u003cscript>alert(1)"));
    assert_non_null(strstr(rp->body.data, "\"price\":1234.50"));
    assert_non_null(strstr(rp->body.data, "https://schema.org/InStock"));
    assert_non_null(strstr(rp->body.data, "\"ratingValue\":4.50,\"reviewCount\":2"));
    assert_non_null(strstr(rp->body.data, "\"url\":\"/shop/products/A%2FB%3F%22%3C\""));
}

static void front_put_product_data__no_reviews__nothing_is_said_of_them(void **state)
{
    static const struct front_rating none = {.reviews = 0};
    struct front_product gone = hostile;
    struct reply *rp = *state;

    gone.stock = 0;
    front_put_product_data(rp, &gone, &none);
    assert_null(strstr(rp->body.data, "aggregateRating"));
    assert_non_null(strstr(rp->body.data, "https://schema.org/OutOfStock"));
}

/* All of it, by the words of https://schema.org/Product and https://schema.org/ItemList. */
static void front_put_product_data__plain_texts__stand_under_their_words(void **state)
{
    static const struct front_rating rating = {.reviews = 1, .mean_hundredths = 500};
    struct reply *rp = *state;

    front_put_product_data(rp, &plain, &rating);
    assert_string_equal(
        rp->body.data,
        "<script type=\"application/ld+json\">"
        "{\"@context\":\"https://schema.org\",\"@type\":\"Product\",\"name\":\"Kestrel\","
        "\"sku\":\"DRN-1\",\"description\":\"Flies\",\"category\":\"Drones\","
        "\"image\":\"/assets/kestrel.svg\",\"offers\":{\"@type\":\"Offer\","
        "\"priceCurrency\":\"USD\",\"price\":99.00,"
        "\"availability\":\"https://schema.org/InStock\",\"url\":\"/shop/products/DRN-1\"},"
        "\"aggregateRating\":{\"@type\":\"AggregateRating\",\"ratingValue\":5.00,"
        "\"reviewCount\":1}}</script>\n");
}

static void front_put_list_data__plain_texts__stand_under_their_words(void **state)
{
    const struct front_product products[] = {plain, plain};
    struct reply *rp = *state;

    front_put_list_data(rp, products, 2);
    assert_string_equal(rp->body.data,
                        "<script type=\"application/ld+json\">"
                        "{\"@context\":\"https://schema.org\",\"@type\":\"ItemList\","
                        "\"itemListElement\":["
                        "{\"@type\":\"ListItem\",\"position\":1,\"name\":\"Kestrel\","
                        "\"url\":\"/shop/products/DRN-1\"},"
                        "{\"@type\":\"ListItem\",\"position\":2,\"name\":\"Kestrel\","
                        "\"url\":\"/shop/products/DRN-1\"}]}</script>\n");
}

static void front_put_list_data__positions_begin_with_one(void **state)
{
    struct reply *rp = *state;

    front_put_list_data(rp, &hostile, 1);
    assert_non_null(strstr(rp->body.data, "\"position\":1,"));
    buf_clear(&rp->body);
    front_put_list_data(rp, NULL, 0);
    assert_non_null(strstr(rp->body.data, "\"itemListElement\":[]"));
}

static void picture_of__who_has_none__gets_a_drawing(void **state)
{
    static const struct {
        const char *stored;
        const char *sku;
        const char *category;
        const char *begin;
    } cases[] = {
        {NULL, "DRN-002", "Complete Drones", "/assets/illustrations/drn-002."},
        {"/static/elsewhere.png", "DRN-002", NULL, "/assets/illustrations/drn-002."},
        {"", "NEW-1", "Motors & ESCs", "/assets/illustrations/any-motors-escs."},
        {NULL, "NEW-1", "Kites", "/assets/illustrations/any."},
        {NULL, "NEW-1", NULL, "/assets/illustrations/any."},
        {NULL, "../../DRN-002", "../any", "/assets/illustrations/any."},
        {NULL, "X",
         "A category whose name is so long that no drawing of ours could be called like it, ever",
         "/assets/illustrations/any."},
        {"https://cdn.example/a.png", "DRN-002", NULL, "https://cdn.example/a.png"},
    };
    struct arena arena;

    (void)state;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *picture = picture_of(&arena, cases[i].stored, cases[i].sku, cases[i].category);

        assert_memory_equal(picture, cases[i].begin, strlen(cases[i].begin));
    }
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(front_put_products__hostile_texts__are_escaped, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(front_put_stock__says_how_much_there_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(front_put_product_data__hostile_texts__end_no_element,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(front_put_product_data__no_reviews__nothing_is_said_of_them,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            front_put_product_data__plain_texts__stand_under_their_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(front_put_list_data__plain_texts__stand_under_their_words,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(front_put_list_data__positions_begin_with_one, set_up,
                                        tear_down),
        cmocka_unit_test(picture_of__who_has_none__gets_a_drawing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
