#include "crm/invoice_pdf.h"

#include <hpdf.h>
#include <inttypes.h>
#include <string.h>

#include "core/text.h"

/* Points, 1/72 of an inch. */
#define MARGIN 48.0F
#define TITLE_SIZE 20.0F
#define TEXT_SIZE 10.0F
#define TOTAL_SIZE 12.0F
#define LEADING 1.5F
#define LABEL_WIDTH 80.0F
#define COLUMN_WIDTH 80.0F /* of a number */
#define FOOT_SIZE 8.0F
#define HAIRLINE 0.5F

enum {
    CHARACTER_MAX = 4, /* bytes of UTF-8 */
    DAY_LENGTH = 10,   /* of "2026-11-30" */
    PAGES_MAX = 100,
};

struct sheet_writer {
    struct arena *arena;
    const struct invoice_sheet *sheet;
    HPDF_Doc document;
    HPDF_Font font;
    HPDF_Page page;
    HPDF_REAL left;
    HPDF_REAL right;
    HPDF_REAL y; /* of the line that is written next */
    size_t pages;
};

/* --- text --- */

/* libharu knows the Basic Multilingual Plane; control characters have no glyphs. */
static const char *drawable(struct arena *arena, const char *text)
{
    const size_t length = strlen(text);
    struct buf made;
    const char *copy;

    buf_init(&made, 3 * length + 1);
    for (size_t i = 0; i < length; i++) {
        const unsigned char byte = (unsigned char)text[i];

        if (byte >= 0xf0) { /* the first of four */
            buf_add_text(&made, "\xef\xbf\xbd");
            i += CHARACTER_MAX - 1;
        } else {
            buf_add_char(&made, (char)(byte < ' ' || byte == 0x7f ? ' ' : byte));
        }
    }
    copy = arena_dup(arena, made.data != NULL ? made.data : "", made.length);
    buf_fini(&made);
    return copy;
}

static size_t character_length(const char *text)
{
    const unsigned char byte = (unsigned char)*text;

    return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : 3;
}

static HPDF_REAL character_width(const struct sheet_writer *w, const char *text)
{
    char one[CHARACTER_MAX] = {0};

    memcpy(one, text, character_length(text));
    return HPDF_Page_TextWidth(w->page, one);
}

/* Bytes of the longest beginning that is no wider; it ends at a blank where it has one. */
static size_t fitting(const struct sheet_writer *w, const char *text, HPDF_REAL width)
{
    HPDF_REAL used = 0;
    size_t blank = 0;
    size_t at = 0;

    while (text[at] != '\0') {
        used += character_width(w, text + at);
        if (used > width) {
            return blank > 0 ? blank : at > 0 ? at : character_length(text);
        }
        if (text[at] == ' ') {
            blank = at;
        }
        at += character_length(text + at);
    }
    return at;
}

static void set_size(const struct sheet_writer *w, HPDF_REAL size)
{
    (void)HPDF_Page_SetFontAndSize(w->page, w->font, size);
}

static void put(const struct sheet_writer *w, HPDF_REAL x, const char *text)
{
    (void)HPDF_Page_BeginText(w->page);
    (void)HPDF_Page_TextOut(w->page, x, w->y, text);
    (void)HPDF_Page_EndText(w->page);
}

/* Ends at `x`. */
static void put_right(const struct sheet_writer *w, HPDF_REAL x, const char *text)
{
    put(w, x - HPDF_Page_TextWidth(w->page, text), text);
}

/* Above the line that is written next, which makes room for it. */
static void draw_line(struct sheet_writer *w)
{
    const HPDF_REAL y = w->y + TEXT_SIZE * LEADING / 2;

    (void)HPDF_Page_SetLineWidth(w->page, HAIRLINE);
    (void)HPDF_Page_MoveTo(w->page, w->left, y);
    (void)HPDF_Page_LineTo(w->page, w->right, y);
    (void)HPDF_Page_Stroke(w->page);
    w->y -= TEXT_SIZE / 2;
}

/* --- pages --- */

static void begin_page(struct sheet_writer *w)
{
    const HPDF_PageSizes size = w->sheet->is_compact ? HPDF_PAGE_SIZE_A5 : HPDF_PAGE_SIZE_A4;

    w->page = HPDF_AddPage(w->document);
    (void)HPDF_Page_SetSize(w->page, size, HPDF_PAGE_PORTRAIT);
    w->left = MARGIN;
    w->right = HPDF_Page_GetWidth(w->page) - MARGIN;
    w->pages++;
    w->y = MARGIN / 2;
    set_size(w, FOOT_SIZE);
    put(w, w->left, w->sheet->number);
    put_right(w, w->right, arena_printf(w->arena, "%zu", w->pages));
    w->y = HPDF_Page_GetHeight(w->page) - MARGIN;
    set_size(w, TEXT_SIZE);
}

/* Goes down, to the next page where this one has no room for another line. */
static void next_line(struct sheet_writer *w, HPDF_REAL size)
{
    w->y -= size * LEADING;
    if (w->y < MARGIN && w->pages < PAGES_MAX) {
        begin_page(w);
    }
}

/* As many lines as it takes, of that width from x on. */
static void put_wrapped(struct sheet_writer *w, HPDF_REAL x, HPDF_REAL width, const char *text)
{
    const char *at = drawable(w->arena, text);

    while (*at != '\0') {
        const size_t length = fitting(w, at, width);

        put(w, x, arena_dup(w->arena, at, length));
        at += length;
        at += strspn(at, " ");
        if (*at != '\0') {
            next_line(w, TEXT_SIZE);
        }
    }
}

/* --- the sheet --- */

static const char *day_of(struct arena *arena, int64_t us)
{
    char text[UTC_TEXT_MAX];

    (void)utc_format(us, text);
    return arena_dup(arena, text, DAY_LENGTH);
}

static const char *money_of(struct arena *arena, int64_t cents)
{
    char text[MONEY_TEXT_MAX];

    (void)money_format(cents, text);
    return arena_strdup(arena, text);
}

static void put_field(struct sheet_writer *w, const char *label, const char *text)
{
    if (text == NULL || text[0] == '\0') {
        return;
    }
    put(w, w->left, label);
    put_wrapped(w, w->left + LABEL_WIDTH, w->right - w->left - LABEL_WIDTH, text);
    next_line(w, TEXT_SIZE);
}

static void put_day(struct sheet_writer *w, const char *label, int64_t us)
{
    if (us != 0) {
        put_field(w, label, day_of(w->arena, us));
    }
}

static void put_head(struct sheet_writer *w)
{
    const struct invoice_sheet *sheet = w->sheet;

    set_size(w, TITLE_SIZE);
    w->y -= TITLE_SIZE / 2;
    put(w, w->left, "Invoice");
    next_line(w, TITLE_SIZE);
    set_size(w, TEXT_SIZE);
    put_field(w, "Number", sheet->number);
    put_field(w, "Status", sheet->status);
    put_day(w, "Issued", sheet->issued_at_us);
    put_day(w, "Due", sheet->due_date_us);
    put_day(w, "Paid", sheet->paid_at_us);
    put_field(w, "Customer", sheet->customer_name);
    put_field(w, "E-mail", sheet->customer_email);
    if (sheet->order_id != 0) {
        put_field(w, "Order", arena_printf(w->arena, "%" PRId64, sheet->order_id));
    }
    next_line(w, TEXT_SIZE);
}

static void put_row(struct sheet_writer *w, const char *quantity, const char *unit, const char *sum)
{
    put_right(w, w->right - 2 * COLUMN_WIDTH, quantity);
    put_right(w, w->right - COLUMN_WIDTH, unit);
    put_right(w, w->right, sum);
}

/* Returns what they are worth together. */
static int64_t put_lines(struct sheet_writer *w)
{
    const HPDF_REAL width = w->right - w->left - 3 * COLUMN_WIDTH;
    int64_t sum = 0;

    put(w, w->left, "Item");
    put_row(w, "Quantity", "Unit price", "Sum");
    next_line(w, TEXT_SIZE);
    draw_line(w);
    for (size_t i = 0; i < w->sheet->line_count; i++) {
        const struct invoice_line *line = &w->sheet->lines[i];
        const int64_t of_line = line->quantity * line->unit_price_cents;
        const char *name = line->name != NULL ? line->name : "";

        sum += of_line;
        put_row(w, arena_printf(w->arena, "%" PRId64, line->quantity),
                money_of(w->arena, line->unit_price_cents), money_of(w->arena, of_line));
        put_wrapped(w, w->left, width,
                    line->sku != NULL ? arena_printf(w->arena, "%s (%s)", name, line->sku) : name);
        next_line(w, TEXT_SIZE);
    }
    draw_line(w);
    return sum;
}

static void put_sum(struct sheet_writer *w, const char *label, int64_t cents, HPDF_REAL size)
{
    set_size(w, size);
    put_right(w, w->right - 2 * COLUMN_WIDTH, label);
    put_right(w, w->right,
              arena_printf(w->arena, "%s %s", money_of(w->arena, cents), w->sheet->currency));
    next_line(w, size);
    set_size(w, TEXT_SIZE);
}

static void put_sums(struct sheet_writer *w, int64_t of_lines)
{
    const struct invoice_sheet *sheet = w->sheet;

    if (!sheet->is_compact && sheet->line_count > 0 && of_lines != sheet->amount_cents) {
        put_sum(w, "Shipping and discounts", sheet->amount_cents - of_lines, TEXT_SIZE);
    }
    put_sum(w, "Amount", sheet->amount_cents, TEXT_SIZE);
    put_sum(w, "Tax", sheet->tax_cents, TEXT_SIZE);
    put_sum(w, "Total", sheet->amount_cents + sheet->tax_cents, TOTAL_SIZE);
}

static void put_notes(struct sheet_writer *w)
{
    const char *notes = w->sheet->notes;

    if (w->sheet->is_compact || notes == NULL || notes[0] == '\0') {
        return;
    }
    next_line(w, TEXT_SIZE);
    while (*notes != '\0') {
        const size_t length = strcspn(notes, "\n");

        put_wrapped(w, w->left, w->right - w->left, arena_dup(w->arena, notes, length));
        next_line(w, TEXT_SIZE);
        notes += length + (notes[length] == '\n');
    }
}

static void put_sheet(struct sheet_writer *w)
{
    int64_t of_lines = 0;

    begin_page(w);
    put_head(w);
    if (!w->sheet->is_compact && w->sheet->line_count > 0) {
        of_lines = put_lines(w);
    }
    put_sums(w, of_lines);
    put_notes(w);
}

/* --- the document --- */

static bool use_font(struct sheet_writer *w, const char *font, struct err *err)
{
    const char *name;

    (void)HPDF_UseUTFEncodings(w->document);
    name = HPDF_LoadTTFontFromFile(w->document, font, HPDF_TRUE);
    w->font = name != NULL ? HPDF_GetFont(w->document, name, "UTF-8") : NULL;
    if (w->font == NULL) {
        (void)err_set(err, ERR_UNAVAILABLE,
                      "the font %.200s cannot be used: OCTO_PDF_FONT names it", font);
        err->native = (int)HPDF_GetError(w->document);
        return false;
    }
    return true;
}

static bool take_bytes(HPDF_Doc document, struct buf *out, struct err *err)
{
    HPDF_UINT32 size;
    char *place;

    if (HPDF_SaveToStream(document) != HPDF_OK || HPDF_GetError(document) != HPDF_OK) {
        (void)err_set(err, ERR_INTERNAL, "the PDF could not be made: libharu's error 0x%lx",
                      HPDF_GetError(document));
        return false;
    }
    size = HPDF_GetStreamSize(document);
    place = buf_reserve(out, size);
    if (place == NULL) {
        return err_set(err, ERR_LIMIT, "the PDF is larger than %d bytes", INVOICE_PDF_MAX);
    }
    (void)HPDF_ReadFromStream(document, (HPDF_BYTE *)place, &size);
    out->length += size;
    return true;
}

bool invoice_pdf(struct arena *arena, const struct invoice_sheet *sheet, const char *font,
                 struct buf *out, struct err *err)
{
    struct sheet_writer w = {.arena = arena, .sheet = sheet, .document = HPDF_New(NULL, NULL)};
    bool ok = false;

    if (w.document == NULL) {
        return err_set(err, ERR_LIMIT, "no memory to make a PDF");
    }
    (void)HPDF_SetCompressionMode(w.document, HPDF_COMP_ALL);
    if (use_font(&w, font, err)) {
        (void)HPDF_SetInfoAttr(w.document, HPDF_INFO_TITLE,
                               arena_printf(arena, "Invoice %s", sheet->number));
        put_sheet(&w);
        ok = take_bytes(w.document, out, err);
    }
    HPDF_Free(w.document);
    return ok;
}
