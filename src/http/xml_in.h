/*
 * http/xml_in.h: XML from outside (expat). A document is read whole and written again in the one
 * form that all equal documents have: UTF-8, elements, attributes in their order and text, without
 * declaration, comments, processing instructions and CDATA sections. What brings rules of its own
 * is refused: with no DOCTYPE there are no entities, so that nothing is fetched, read from a file
 * or made larger than it came. Pure functions; any thread.
 */
#ifndef HTTP_XML_IN_H
#define HTTP_XML_IN_H

#include "core/buf.h"
#include "core/err.h"

enum {
    XML_DEPTH_MAX = 64,
    XML_ELEMENTS_MAX = 10000,
    /* What one byte may become: a quotation mark, `&quot;`. */
    XML_GROWTH_MAX = 6,
};

struct xml_facts {
    const char *root; /* the outermost element's name, in the arena */
    int64_t elements;
    int64_t depth;    /* of the innermost element; 1: there is none but the root */
    bool has_doctype; /* is why it was refused; set then too */
};

/* `out` has room for XML_GROWTH_MAX bytes for each of the document's and is the caller's. The
 * encoding is that of the document's own declaration: UTF-8, UTF-16, ISO-8859-1 or US-ASCII.
 * ERR_MALFORMED: it is no XML, with line and column. ERR_INVALID: it has a DOCTYPE, or is larger
 * than the limits above; *ret then says nothing but has_doctype. */
MUST_CHECK bool xml_normalize(struct arena *arena, const char *text, size_t length, struct buf *out,
                              struct xml_facts *ret, struct err *err);

#endif
