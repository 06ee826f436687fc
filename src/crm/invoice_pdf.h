/*
 * crm/invoice_pdf.h: an invoice as a page of PDF, for whoever has to pay it: text in UTF-8 that can
 * be searched and copied, in a font that is part of the file. Pure but for the font, which is read
 * from its file; any thread.
 */
#ifndef CRM_INVOICE_PDF_H
#define CRM_INVOICE_PDF_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

enum { INVOICE_PDF_MAX = 4 << 20 }; /* bytes; the font's glyphs are most of it */

struct invoice_line {
    const char *name;
    const char *sku; /* or NULL */
    int64_t quantity;
    int64_t unit_price_cents;
};

/* Texts may be NULL but for number, status and currency; times are 0 where there is none. */
struct invoice_sheet {
    const char *number;
    const char *status;
    const char *customer_name;
    const char *customer_email;
    int64_t order_id; /* 0: of none */
    int64_t issued_at_us;
    int64_t due_date_us;
    int64_t paid_at_us;
    const struct invoice_line *lines;
    size_t line_count;
    int64_t amount_cents; /* of the lines, with what was taken off and for sending them */
    int64_t tax_cents;
    const char *currency;
    const char *notes;
    bool is_compact; /* A5, without lines and notes; else A4 with both, on as many as it takes */
};

/* `font` is the path of a TrueType font. What it has no glyph for shows as its box, and so does
 * what lies beyond U+FFFF. `out` has room for INVOICE_PDF_MAX. ERR_UNAVAILABLE: the font cannot be
 * used.
 */
MUST_CHECK bool invoice_pdf(struct arena *arena, const struct invoice_sheet *sheet,
                            const char *font, struct buf *out, struct err *err);

#endif
