#include "shop/presentation.h"
#include "sql_shop.h"
#include "support/test.h"

static const struct sql_product_row kestrel = {
    .id = 1,
    .shop_id_is_null = true,
    .name = "Kestrel Mini",
    .sku = "DRN-001",
    .description = "Folding quadcopter, IP45 for rain. Flight time 34 minutes, 4K camera with a "
                   "20MP sensor, range 8 km and 3S 3500 mAh packs.",
    .price_cents = 189900,
    .stock = 60,
    .category = "Complete Drones",
    .image_url = "/static/img/products/drn_001.jpg",
    .is_active = 1,
};

static void presentation_rating__id_and_stock__from_4_0_to_4_7(void **state)
{
    (void)state;
    assert_true(presentation_rating(0, 0) > 3.99 && presentation_rating(0, 0) < 4.01);
    assert_true(presentation_rating(1, 6) > 4.69 && presentation_rating(1, 6) < 4.71);
    assert_true(presentation_rating(1, 7) < 4.01);
    assert_true(presentation_rating(INT64_MAX, INT64_MAX) >= 4.0);
}

static void presentation__limits__decide_tier_and_badge(void **state)
{
    (void)state;
    assert_string_equal(presentation_support_tier(499999), "Field Ready");
    assert_string_equal(presentation_support_tier(500000), "Mission Ready");
    assert_string_equal(presentation_inventory_badge(21), "In Stock");
    assert_string_equal(presentation_inventory_badge(20), "Low Stock");
    assert_string_equal(presentation_inventory_badge(1), "Low Stock");
    assert_string_equal(presentation_inventory_badge(0), "Backorder");
}

struct spec_list {
    struct arena arena;
    struct product_spec specs[PRODUCT_SPECS_MAX];
    size_t count;
};

static void specs_of(struct spec_list *list, const char *description)
{
    struct sql_product_row product = kestrel;

    product.description = description;
    arena_init(&list->arena);
    list->count = presentation_specs(&list->arena, &product, list->specs);
}

static void assert_spec(const struct spec_list *list, size_t index, const char *label,
                        const char *value)
{
    assert_true(index < list->count);
    assert_string_equal(list->specs[index].label, label);
    assert_string_equal(list->specs[index].value, value);
}

static void presentation_specs__numbers_with_units__become_specs(void **state)
{
    struct spec_list list;

    (void)state;
    specs_of(&list, kestrel.description);
    assert_int_equal(list.count, PRODUCT_SPECS_MAX);
    assert_spec(&list, 0, "Category", "Complete Drones");
    assert_spec(&list, 1, "SKU", "DRN-001");
    assert_spec(&list, 2, "Availability", "60 units in ATP");
    assert_spec(&list, 3, "Flight", "34 minutes");
    assert_spec(&list, 4, "Camera", "4K camera, 20MP sensor");
    assert_spec(&list, 5, "Range", "8 km");
    arena_fini(&list.arena);
}

static void presentation_specs__weights_and_power__become_specs(void **state)
{
    struct spec_list list;

    (void)state;
    specs_of(&list, "payload 1.25kg, one 6S 16,000 mAh pack (99.9 Wh)");
    assert_int_equal(list.count, 5);
    assert_spec(&list, 3, "Payload", "1.25 kg");
    assert_spec(&list, 4, "Power", "6S 16,000 mAh 99.9 Wh");
    arena_fini(&list.arena);
}

/* Words that only begin like a unit, rates, and numbers inside names are none. */
static void presentation_specs__look_alikes__are_left_out(void **state)
{
    struct spec_list list;

    (void)state;
    specs_of(&list, "30x zoom, 90 km/h, IP45 kg, 5 mint leaves, 4Kids, 12");
    assert_int_equal(list.count, 4);
    assert_string_equal(list.specs[3].label, "Technical note");
    arena_fini(&list.arena);
}

static void presentation_specs__endless_number__is_cut(void **state)
{
    struct spec_list list;

    (void)state;
    specs_of(&list, "a range of 12345678901234567890 km");
    assert_spec(&list, 3, "Range", "123456789012345 km");
    arena_fini(&list.arena);
}

static void presentation_specs__no_description__gives_a_note(void **state)
{
    struct spec_list list;

    (void)state;
    specs_of(&list, NULL);
    assert_int_equal(list.count, 4);
    assert_spec(&list, 3, "Technical note", "No further details are published");
    arena_fini(&list.arena);
}

static void presentation_summary__says_name_price_and_details(void **state)
{
    struct spec_list list;
    const char *summary = NULL;

    (void)state;
    specs_of(&list, kestrel.description);
    summary = presentation_summary(&list.arena, &kestrel, list.specs, list.count);
    assert_non_null(strstr(summary, "Kestrel Mini (Complete Drones) for $1899.00: Folding"));
    assert_non_null(strstr(summary, "[SKU: DRN-001, Availability: 60 units in ATP, Flight: "
                                    "34 minutes]"));
    arena_fini(&list.arena);
}

static void put(struct presentation *presentation, struct buf *text,
                const struct sql_product_row *product)
{
    struct json_out out;

    buf_clear(text);
    json_out_init(&out, text);
    presentation_put(presentation, &out, product);
}

/* A remembered text is given only while every field is the same. */
static void presentation_put__changed_row__is_written_anew(void **state)
{
    struct presentation *presentation = presentation_new();
    struct sql_product_row product = kestrel;
    struct buf text;

    (void)state;
    buf_init(&text, 65536);
    put(presentation, &text, &product);
    assert_true(strncmp(text.data, "{\"id\":1,\"shop_id\":null,", 23) == 0);
    assert_non_null(strstr(text.data, "\"stock\":60,"));
    put(presentation, &text, &product);
    assert_non_null(strstr(text.data, "\"stock\":60,"));
    product.stock = 59;
    put(presentation, &text, &product);
    assert_non_null(strstr(text.data, "\"stock\":59,"));
    assert_non_null(strstr(text.data, "59 units in ATP"));
    product.description = NULL;
    put(presentation, &text, &product);
    assert_non_null(strstr(text.data, "\"description\":null"));
    product.id += 1024; /* shares the slot */
    product.name = "Other";
    put(presentation, &text, &product);
    assert_non_null(strstr(text.data, "{\"id\":1025,\"shop_id\":null,\"name\":\"Other\""));
    buf_fini(&text);
    presentation_free(presentation);
}

/* A picture is named where somebody serves it. */
static void presentation_put__image__leads_somewhere(void **state)
{
    static const struct {
        const char *stored;
        const char *shown;
    } cases[] = {
        {"/static/img/products/drn_001.jpg", "\"image_url\":\"/assets/illustrations/drn-001."},
        {"//cdn.example/drn_001.jpg", "\"image_url\":\"/assets/illustrations/drn-001."},
        {"", "\"image_url\":\"/assets/illustrations/drn-001."},
        {NULL, "\"image_url\":\"/assets/illustrations/drn-001."},
        {"https://cdn.example/a.jpg", "\"image_url\":\"https://cdn.example/a.jpg\""},
    };
    struct presentation *presentation = presentation_new();
    struct sql_product_row product = kestrel;
    struct buf text;

    (void)state;
    buf_init(&text, 65536);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        product.image_url = cases[i].stored;
        put(presentation, &text, &product);
        assert_non_null(strstr(text.data, cases[i].shown));
    }
    buf_fini(&text);
    presentation_free(presentation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(presentation_rating__id_and_stock__from_4_0_to_4_7),
        cmocka_unit_test(presentation__limits__decide_tier_and_badge),
        cmocka_unit_test(presentation_specs__numbers_with_units__become_specs),
        cmocka_unit_test(presentation_specs__weights_and_power__become_specs),
        cmocka_unit_test(presentation_specs__look_alikes__are_left_out),
        cmocka_unit_test(presentation_specs__endless_number__is_cut),
        cmocka_unit_test(presentation_specs__no_description__gives_a_note),
        cmocka_unit_test(presentation_summary__says_name_price_and_details),
        cmocka_unit_test(presentation_put__changed_row__is_written_anew),
        cmocka_unit_test(presentation_put__image__leads_somewhere),
    };

    return cmocka_run_group_tests_name("shop/presentation", tests, NULL, NULL);
}
