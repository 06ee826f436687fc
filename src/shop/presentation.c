#include "shop/presentation.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"
#include "core/thread.h"
#include "service/picture.h"
#include "sql_shop.h"

enum {
    SHELF_COUNT = 4,
    SLOT_COUNT = 1024, /* products beyond that many share slots and push each other out */
    PRODUCT_JSON_MAX = 256 * 1024, /* a 4000 character description, escaped and shown twice */
    SUMMARY_SPECS_FIRST = 1,       /* the summary shows specifications 2 to 4 */
    SUMMARY_SPECS_LAST = 3,
    NUMBER_MAX = 16,
    SLOT_TEXTS = 5,
};

/* What was made of one product, and the row that it was made from. */
struct slot {
    struct sql_product_row row; /* its texts are the ones below */
    char *texts[SLOT_TEXTS];
    char *json; /* of the product; NULL while the slot is empty */
    size_t json_length;
    size_t members_at; /* in it: what follows "id" */
};

/* Threads take turns with the shelves, so that the few which write lists have one each: a lock that
 * goes from core to core for each product would cost more than the product. */
struct shelf {
    struct mutex lock; /* guards the slots */
    struct slot slots[SLOT_COUNT];
};

struct presentation {
    struct shelf shelves[SHELF_COUNT];
};

/* --- the derived fields --- */

double presentation_rating(int64_t id, int64_t stock)
{
    const uint64_t step = ((uint64_t)id + (uint64_t)stock) % 8;

    return (double)(40 + step) / 10.0;
}

const char *presentation_support_tier(int64_t price_cents)
{
    return price_cents >= 500000 ? "Mission Ready" : "Field Ready";
}

const char *presentation_inventory_badge(int64_t stock)
{
    if (stock > 20) {
        return "In Stock";
    }
    return stock > 0 ? "Low Stock" : "Backorder";
}

/* What a number followed by a unit stands for. Units of one label are joined. */
enum spec_label {
    SPEC_FLIGHT,
    SPEC_CAMERA,
    SPEC_RANGE,
    SPEC_PAYLOAD,
    SPEC_POWER,
    SPEC_LABEL_COUNT
};

static const char *const spec_labels[SPEC_LABEL_COUNT] = {
    [SPEC_FLIGHT] = "Flight",   [SPEC_CAMERA] = "Camera", [SPEC_RANGE] = "Range",
    [SPEC_PAYLOAD] = "Payload", [SPEC_POWER] = "Power",
};

struct unit {
    const char *word;
    enum spec_label label;
    const char *suffix; /* follows the number */
};

static const struct unit units[] = {
    {"minutes", SPEC_FLIGHT, " minutes"},
    {"minute", SPEC_FLIGHT, " minutes"},
    {"min", SPEC_FLIGHT, " minutes"},
    {"k camera", SPEC_CAMERA, "K camera"},
    {"mp sensor", SPEC_CAMERA, "MP sensor"},
    {"mp", SPEC_CAMERA, "MP sensor"},
    {"km", SPEC_RANGE, " km"},
    {"kg", SPEC_PAYLOAD, " kg"},
    {"lbs", SPEC_PAYLOAD, " lb"},
    {"lb", SPEC_PAYLOAD, " lb"},
    {"s", SPEC_POWER, "S"},
    {"mah", SPEC_POWER, " mAh"},
    {"wh", SPEC_POWER, " Wh"},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The unit that the text begins with, after a blank or a hyphen; NULL when it is none, or only the
 * beginning of a longer word ("min" of "mint") or of a rate ("km/h"). */
static const struct unit *unit_at(const char *text)
{
    if (*text == ' ' || *text == '-') {
        text++;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        const size_t length = strlen(units[i].word);

        if (strncasecmp(text, units[i].word, length) == 0 && !is_letter(text[length]) &&
            !is_digit(text[length]) && text[length] != '/') {
            return &units[i];
        }
    }
    return NULL;
}

/* A number inside a word is a part of its name ("IP45"). */
static const char *after_word(const char *at)
{
    while (is_letter(*at) || is_digit(*at)) {
        at++;
    }
    return at;
}

/* Copies the number at `at` ("4", "1.2", "16,000"), returns what follows it. */
static const char *take_number(const char *at, char number[NUMBER_MAX])
{
    size_t length = 0;

    while (is_digit(*at) || ((*at == '.' || *at == ',') && is_digit(at[1]))) {
        if (length < NUMBER_MAX - 1) {
            number[length++] = *at;
        }
        at++;
    }
    number[length] = '\0';
    return at;
}

/* Fills `found` by label from what the description says; the first of each unit counts. */
static void find_units(struct arena *arena, const char *description,
                       const char *found[SPEC_LABEL_COUNT])
{
    bool is_seen[sizeof(units) / sizeof(units[0])] = {false};
    const char *at = description;

    while (*at != '\0') {
        char number[NUMBER_MAX];
        const struct unit *unit = NULL;

        if (!is_digit(*at)) {
            at = is_letter(*at) ? after_word(at) : at + 1;
            continue;
        }
        at = take_number(at, number);
        unit = unit_at(at);
        if (unit == NULL || is_seen[unit - units]) {
            continue;
        }
        is_seen[unit - units] = true;
        found[unit->label] =
            found[unit->label] == NULL
                ? arena_printf(arena, "%s%s", number, unit->suffix)
                : arena_printf(arena, "%s%s%s%s", found[unit->label],
                               unit->label == SPEC_POWER ? " " : ", ", number, unit->suffix);
    }
}

size_t presentation_specs(struct arena *arena, const struct sql_product_row *product,
                          struct product_spec ret_specs[PRODUCT_SPECS_MAX])
{
    const char *found[SPEC_LABEL_COUNT] = {NULL};
    size_t count = 0;

    ret_specs[count++] = (struct product_spec){
        "Category", product->category != NULL ? product->category : "Uncategorised"};
    ret_specs[count++] = (struct product_spec){"SKU", product->sku};
    ret_specs[count++] = (struct product_spec){
        "Availability", arena_printf(arena, "%" PRId64 " units in ATP", product->stock)};
    if (product->description != NULL) {
        find_units(arena, product->description, found);
    }
    for (size_t i = 0; i < SPEC_LABEL_COUNT && count < PRODUCT_SPECS_MAX; i++) {
        if (found[i] != NULL) {
            ret_specs[count++] = (struct product_spec){spec_labels[i], found[i]};
        }
    }
    if (count == 3) {
        const char *note = product->description != NULL && product->description[0] != '\0'
                               ? product->description
                               : "No further details are published";

        ret_specs[count++] =
            (struct product_spec){"Technical note", arena_dup(arena, note, utf8_prefix(note, 120))};
    }
    return count;
}

const char *presentation_summary(struct arena *arena, const struct sql_product_row *product,
                                 const struct product_spec *specs, size_t spec_count)
{
    char price[MONEY_TEXT_MAX];
    const char *details = "";

    money_format(product->price_cents, price);
    for (size_t i = SUMMARY_SPECS_FIRST; i <= SUMMARY_SPECS_LAST && i < spec_count; i++) {
        details = arena_printf(arena, "%s%s%s: %s", details, details[0] != '\0' ? ", " : "",
                               specs[i].label, specs[i].value);
    }
    return arena_printf(arena, "%s (%s) for $%s: %s [%s]", product->name,
                        product->category != NULL ? product->category : "Uncategorised", price,
                        product->description != NULL ? product->description : "no description",
                        details);
}

/* --- the JSON and its memory --- */

static const struct reply_field spec_reply_fields[] = {
    REPLY_FIELD("label", REPLY_TEXT),
    REPLY_FIELD("value", REPLY_TEXT),
};
static const struct reply_shape SPEC_REPLY = REPLY_SHAPE("ProductSpec", spec_reply_fields);
static const struct reply_field product_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("shop_id", REPLY_INT | REPLY_NULLABLE),
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("sku", REPLY_TEXT),
    REPLY_FIELD("description", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("price", REPLY_MONEY),
    REPLY_FIELD("stock", REPLY_COUNT),
    REPLY_FIELD("category", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("image_url", REPLY_TEXT),
    REPLY_FIELD("is_active", REPLY_FLAG),
    REPLY_FIELD("created_at", REPLY_TIME),
    REPLY_FIELD("rating", REPLY_REAL),
    REPLY_PART("specs", &SPEC_REPLY, REPLY_LIST),
    REPLY_FIELD("summary", REPLY_TEXT),
    REPLY_WORD("support_tier", REPLY_WORDS("Mission Ready", "Field Ready"), 0),
    REPLY_WORD("inventory_badge", REPLY_WORDS("In Stock", "Low Stock", "Backorder"), 0),
};
const struct reply_shape PRODUCT_REPLY = REPLY_SHAPE("StorefrontProduct", product_fields);

static void put_members(struct arena *arena, struct json_out *out,
                        const struct sql_product_row *product)
{
    struct product_spec specs[PRODUCT_SPECS_MAX];
    const size_t count = presentation_specs(arena, product, specs);

    json_put_id(out, "shop_id", product->shop_id_is_null, product->shop_id);
    json_put_text(out, "name", product->name);
    json_put_text(out, "sku", product->sku);
    json_put_text(out, "description", product->description);
    json_put_money(out, "price", product->price_cents);
    json_put_int(out, "stock", product->stock);
    json_put_text(out, "category", product->category);
    json_put_text(out, "image_url",
                  picture_of(arena, product->image_url, product->sku, product->category));
    json_put_int(out, "is_active", product->is_active);
    json_put_time(out, "created_at", product->created_at_us);
    json_put_real(out, "rating", presentation_rating(product->id, product->stock));
    json_begin_list(out, "specs");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(out, NULL);
        json_put_text(out, "label", specs[i].label);
        json_put_text(out, "value", specs[i].value);
        json_end_object(out);
    }
    json_end_list(out);
    json_put_text(out, "summary", presentation_summary(arena, product, specs, count));
    json_put_text(out, "support_tier", presentation_support_tier(product->price_cents));
    json_put_text(out, "inventory_badge", presentation_inventory_badge(product->stock));
}

static bool is_same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool is_same_row(const struct sql_product_row *a, const struct sql_product_row *b)
{
    return a->id == b->id && a->stock == b->stock && a->price_cents == b->price_cents &&
           a->is_active == b->is_active && a->created_at_us == b->created_at_us &&
           a->shop_id_is_null == b->shop_id_is_null &&
           (a->shop_id_is_null || a->shop_id == b->shop_id) && is_same_text(a->name, b->name) &&
           is_same_text(a->sku, b->sku) && is_same_text(a->category, b->category) &&
           is_same_text(a->image_url, b->image_url) && is_same_text(a->description, b->description);
}

static void slot_clear(struct slot *slot)
{
    for (size_t i = 0; i < SLOT_TEXTS; i++) {
        free(slot->texts[i]);
        slot->texts[i] = NULL;
    }
    free(slot->json);
    slot->json = NULL;
}

/* Keeps a copy of the row. */
static void slot_keep_row(struct slot *slot, const struct sql_product_row *product)
{
    const char *const texts[SLOT_TEXTS] = {product->name, product->sku, product->description,
                                           product->category, product->image_url};

    for (size_t i = 0; i < SLOT_TEXTS; i++) {
        slot->texts[i] = texts[i] != NULL ? mem_strdup(texts[i]) : NULL;
    }
    slot->row = *product;
    slot->row.name = slot->texts[0];
    slot->row.sku = slot->texts[1];
    slot->row.description = slot->texts[2];
    slot->row.category = slot->texts[3];
    slot->row.image_url = slot->texts[4];
}

/* Returns where the members that follow "id" begin. */
static size_t write_object(struct arena *arena, struct buf *text,
                           const struct sql_product_row *product)
{
    struct json_out out;
    size_t members_at;

    buf_clear(text);
    json_out_init(&out, text);
    json_begin_object(&out, NULL);
    json_put_int(&out, "id", product->id);
    members_at = text->length + 1; /* behind the comma */
    put_members(arena, &out, product);
    json_end_object(&out);
    return members_at;
}

static void slot_fill(struct slot *slot, const struct sql_product_row *product)
{
    struct arena arena;
    struct buf text;

    slot_clear(slot);
    slot_keep_row(slot, product);
    arena_init(&arena);
    buf_init(&text, PRODUCT_JSON_MAX);
    slot->members_at = write_object(&arena, &text, product);
    if (text.bad) {
        /* Only a description beyond all measure does that; the product is shown without it. */
        struct sql_product_row bare = *product;

        bare.description = NULL;
        (void)write_object(&arena, &text, &bare);
    }
    slot->json_length = text.length;
    slot->json = buf_take(&text);
    arena_fini(&arena);
}

static struct shelf *own_shelf(struct presentation *presentation)
{
    static atomic_uint threads;
    static _Thread_local unsigned number; /* of this thread, from 1 on */

    if (number == 0) {
        number = atomic_fetch_add(&threads, 1) + 1;
    }
    return &presentation->shelves[number % SHELF_COUNT];
}

static const struct slot *slot_of_locked(struct shelf *shelf, const struct sql_product_row *product)
    REQUIRES(shelf->lock)
{
    struct slot *slot = &shelf->slots[(uint64_t)product->id % SLOT_COUNT];

    if (slot->json == NULL || !is_same_row(&slot->row, product)) {
        slot_fill(slot, product);
    }
    return slot;
}

void presentation_put_members(struct presentation *presentation, struct json_out *out,
                              const struct sql_product_row *product)
{
    struct shelf *shelf = own_shelf(presentation);
    const struct slot *slot;

    mutex_lock(&shelf->lock);
    slot = slot_of_locked(shelf, product);
    json_put_raw(out, NULL, slot->json + slot->members_at,
                 slot->json_length - slot->members_at - 1); /* without the closing brace */
    mutex_unlock(&shelf->lock);
}

void presentation_put(struct presentation *presentation, struct json_out *out,
                      const struct sql_product_row *product)
{
    struct shelf *shelf = own_shelf(presentation);
    const struct slot *slot;

    mutex_lock(&shelf->lock);
    slot = slot_of_locked(shelf, product);
    json_put_raw(out, NULL, slot->json, slot->json_length);
    mutex_unlock(&shelf->lock);
}

struct presentation *presentation_new(void)
{
    struct presentation *presentation = mem_alloc(sizeof(*presentation));

    for (size_t i = 0; i < SHELF_COUNT; i++) {
        mutex_init(&presentation->shelves[i].lock);
    }
    return presentation;
}

void presentation_free(struct presentation *presentation)
{
    if (presentation == NULL) {
        return;
    }
    for (size_t i = 0; i < SHELF_COUNT; i++) {
        struct shelf *shelf = &presentation->shelves[i];

        for (size_t k = 0; k < SLOT_COUNT; k++) {
            slot_clear(&shelf->slots[k]);
        }
        mutex_fini(&shelf->lock);
    }
    free(presentation);
}
