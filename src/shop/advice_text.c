#include "shop/advice_text.h"

#include <inttypes.h>

#include "core/buf.h"
#include "core/text.h"
#include "shop/advice_facts.h"
#include "sql_shop.h"

enum { DESCRIPTION_MOST = 400 }; /* characters of a product's description that are quoted */

static const char ABOUT_US[] =
    "I answer by what the catalogue says: which product does a task, which ones have a price, "
    "flight "
    "time, range, payload or stock within bounds, which part fits a product, and how two or three "
    "products compare.";

static void put_price(struct buf *out, const struct sql_product_row *product)
{
    char price[MONEY_TEXT_MAX];

    money_format(product->price_cents, price);
    buf_printf(out, "$%s", price);
}

static void put_stock(struct buf *out, const struct sql_product_row *product)
{
    if (product->stock > 0) {
        buf_printf(out, "%" PRId64 " in stock", product->stock);
    } else {
        buf_add_text(out, "out of stock");
    }
}

/* What the shop's staff wrote, on one line; a bar would part the cells of a table. */
static void put_line(struct buf *out, const char *text, size_t most)
{
    const size_t length = text != NULL ? utf8_prefix(text, most) : 0;

    for (size_t i = 0; i < length; i++) {
        const bool is_blank = (unsigned char)text[i] < ' ';

        buf_add_text(out, text[i] == '|' ? "\\" : "");
        buf_add_char(out, (char)(is_blank ? ' ' : text[i]));
    }
    if (text != NULL && text[length] != '\0') {
        buf_add_text(out, "...");
    }
}

static void put_name(struct buf *out, const struct sql_product_row *product)
{
    put_line(out, product->name, SIZE_MAX);
    buf_printf(out, " (product %" PRId64 ")", product->id);
}

static void put_product(struct buf *out, const struct sql_product_row *product)
{
    put_name(out, product);
    if (product->category != NULL && product->category[0] != '\0') {
        buf_add_text(out, ", ");
        put_line(out, product->category, SIZE_MAX);
    }
    buf_add_text(out, ": ");
    put_price(out, product);
    buf_add_text(out, ", ");
    put_stock(out, product);
    buf_add_char(out, '.');
    if (product->description != NULL && product->description[0] != '\0') {
        buf_add_char(out, ' ');
        put_line(out, product->description, DESCRIPTION_MOST);
    }
    buf_add_char(out, '\n');
}

static void put_list(struct buf *out, const struct sql_product_row *products, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_add_text(out, count > 1 ? "- " : "");
        put_product(out, &products[i]);
    }
}

/* --- tables --- */

static void put_minutes(struct buf *out, const struct advice_facts *facts)
{
    if (facts->minutes >= 0) {
        buf_printf(out, "%" PRId64 " min", facts->minutes);
    }
}

/* Thousandths of the unit, without noughts at the end. */
static void put_thousandths(struct buf *out, int64_t value, const char *unit)
{
    if (value < 0) {
        return;
    }
    buf_printf(out, "%" PRId64, value / ADVICE_MILLI);
    if (value % ADVICE_MILLI != 0) {
        int64_t part = value % ADVICE_MILLI;
        int digits = 3;

        for (; part % 10 == 0; part /= 10) {
            digits--;
        }
        buf_printf(out, ".%0*" PRId64, digits, part);
    }
    buf_printf(out, " %s", unit);
}

enum table_row { NAME, PRICE, STOCK, CATEGORY, FLIGHT, RANGE, PAYLOAD, DESCRIPTION, TABLE_ROWS };

static const char *const row_names[TABLE_ROWS] = {
    [NAME] = "",
    [PRICE] = "Price",
    [STOCK] = "Stock",
    [CATEGORY] = "Kind",
    [FLIGHT] = "Flight time",
    [RANGE] = "Range",
    [PAYLOAD] = "Payload",
    [DESCRIPTION] = "What it is",
};

static void put_cell(struct arena *arena, struct buf *out, enum table_row row,
                     const struct sql_product_row *product)
{
    const struct advice_words words = advice_words_of(arena, product->description);
    const struct advice_facts facts = advice_facts_of(&words);

    switch (row) {
    case NAME:
        put_name(out, product);
        break;
    case PRICE:
        put_price(out, product);
        break;
    case STOCK:
        put_stock(out, product);
        break;
    case CATEGORY:
        put_line(out, product->category, SIZE_MAX);
        break;
    case FLIGHT:
        put_minutes(out, &facts);
        break;
    case RANGE:
        put_thousandths(out, facts.metres, "km");
        break;
    case PAYLOAD:
        put_thousandths(out, facts.grams, "kg");
        break;
    case DESCRIPTION:
        put_line(out, product->description, DESCRIPTION_MOST);
        break;
    case TABLE_ROWS:
        break;
    }
}

static void put_table(struct arena *arena, struct buf *out, const struct sql_product_row *products,
                      size_t count)
{
    for (enum table_row row = NAME; row < TABLE_ROWS; row++) {
        buf_printf(out, "| %s |", row_names[row]);
        for (size_t i = 0; i < count; i++) {
            buf_add_char(out, ' ');
            put_cell(arena, out, row, &products[i]);
            buf_add_text(out, " |");
        }
        buf_add_char(out, '\n');
        for (size_t i = 0; row == NAME && i <= count; i++) {
            buf_add_text(out, i < count ? "| --- " : "| --- |\n");
        }
    }
}

/* --- the whole --- */

static void put_answer(struct arena *arena, struct buf *out, const struct advice *advice,
                       const struct sql_product_row *products, size_t count,
                       const struct sql_product_row *whole)
{
    if (count == 0) {
        buf_add_text(out, advice->kind == ADVICE_NONE_FITS
                              ? "Nothing in the catalogue is within these bounds. "
                              : "I do not know. ");
        buf_add_text(out, ABOUT_US);
        buf_add_char(out, '\n');
    } else if (advice->kind == ADVICE_COMPARISON && count > 1) {
        put_table(arena, out, products, count);
    } else {
        if (advice->kind == ADVICE_PARTS && whole != NULL) {
            buf_add_text(out, "By the sizes that the catalogue gives, this fits the ");
            put_name(out, whole);
            buf_add_text(out, ":\n");
        } else if (advice->kind == ADVICE_FOUND) {
            buf_add_text(out, count > 1 ? "These fit, the best first:\n" : "This fits:\n");
        }
        put_list(out, products, count);
    }
}

const char *advice_write(struct arena *arena, const struct advice_question *question,
                         const struct advice *advice, const struct sql_product_row *products,
                         size_t count, const struct sql_product_row *whole)
{
    struct buf out;
    const char *text;

    buf_init(&out, ADVICE_TEXT_MAX);
    put_answer(arena, &out, advice, products, count, whole);
    if (question->asks_for_favour) {
        buf_add_text(&out,
                     "I can neither change a price nor promise anything about one: what counts "
                     "is what the catalogue says when you order.\n");
    }
    text = arena_dup(arena, out.data, out.length > 0 ? out.length - 1 : 0);
    buf_fini(&out);
    return text;
}
