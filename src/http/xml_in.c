#include "http/xml_in.h"

#include <expat.h>
#include <limits.h>
#include <string.h>

struct reading {
    struct arena *arena;
    XML_Parser parser;
    struct buf *out;
    struct xml_facts *facts;
    int64_t depth;         /* of the element that is open */
    bool has_open_tag;     /* it is not yet known whether anything is in it */
    const char *objection; /* of ours, not expat's; NULL: none */
};

static void object(struct reading *reading, const char *why)
{
    reading->objection = why;
    (void)XML_StopParser(reading->parser, XML_FALSE);
}

/* White space that a reader of attributes, or of lines, would take for something else is written as
 * a reference. */
static void put_escaped(struct buf *out, const char *text, size_t length, bool is_attribute)
{
    for (size_t i = 0; i < length; i++) {
        switch (text[i]) {
        case '<':
            buf_add_text(out, "&lt;");
            break;
        case '>':
            buf_add_text(out, "&gt;");
            break;
        case '&':
            buf_add_text(out, "&amp;");
            break;
        case '\r':
            buf_add_text(out, "&#13;");
            break;
        case '"':
            buf_add_text(out, is_attribute ? "&quot;" : "\"");
            break;
        case '\n':
            buf_add_text(out, is_attribute ? "&#10;" : "\n");
            break;
        case '\t':
            buf_add_text(out, is_attribute ? "&#9;" : "\t");
            break;
        default:
            buf_add_char(out, text[i]);
        }
    }
}

static void close_tag(struct reading *reading)
{
    if (reading->has_open_tag) {
        buf_add_char(reading->out, '>');
        reading->has_open_tag = false;
    }
}

static void begin_element(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    struct reading *reading = arg;
    struct xml_facts *facts = reading->facts;

    if (reading->depth == XML_DEPTH_MAX) {
        object(reading, "its elements are too deep in each other");
        return;
    }
    if (facts->elements == XML_ELEMENTS_MAX) {
        object(reading, "it has too many elements");
        return;
    }
    close_tag(reading);
    facts->elements++;
    reading->depth++;
    facts->depth = reading->depth > facts->depth ? reading->depth : facts->depth;
    if (facts->root == NULL) {
        facts->root = arena_strdup(reading->arena, name);
    }
    buf_add_char(reading->out, '<');
    buf_add_text(reading->out, name);
    for (; attributes[0] != NULL; attributes += 2) {
        buf_add_char(reading->out, ' ');
        buf_add_text(reading->out, attributes[0]);
        buf_add_text(reading->out, "=\"");
        put_escaped(reading->out, attributes[1], strlen(attributes[1]), true);
        buf_add_char(reading->out, '"');
    }
    reading->has_open_tag = true;
}

static void end_element(void *arg, const XML_Char *name)
{
    struct reading *reading = arg;

    if (reading->has_open_tag) {
        buf_add_text(reading->out, "/>");
        reading->has_open_tag = false;
    } else {
        buf_add_text(reading->out, "</");
        buf_add_text(reading->out, name);
        buf_add_char(reading->out, '>');
    }
    reading->depth--;
}

static void take_text(void *arg, const XML_Char *text, int length)
{
    struct reading *reading = arg;

    close_tag(reading);
    put_escaped(reading->out, text, (size_t)length, false);
}

static void refuse_doctype(void *arg, const XML_Char *name, const XML_Char *system_id,
                           const XML_Char *public_id, int has_internal_subset)
{
    struct reading *reading = arg;

    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_internal_subset;
    reading->facts->has_doctype = true;
    object(reading, "it has a DOCTYPE, which is not read: send it without");
}

static bool refuse(const struct reading *reading, struct err *err)
{
    const XML_Parser parser = reading->parser;
    const unsigned long line = XML_GetCurrentLineNumber(parser);
    const unsigned long column = XML_GetCurrentColumnNumber(parser) + 1;

    if (reading->objection != NULL) {
        return err_set(err, ERR_INVALID, "line %lu, column %lu of the XML: %s", line, column,
                       reading->objection);
    }
    return err_set(err, ERR_MALFORMED, "line %lu, column %lu: this is no XML: %s", line, column,
                   XML_ErrorString(XML_GetErrorCode(parser)));
}

bool xml_normalize(struct arena *arena, const char *text, size_t length, struct buf *out,
                   struct xml_facts *ret, struct err *err)
{
    struct reading reading = {.arena = arena, .out = out, .facts = ret};
    bool ok = false;

    *ret = (struct xml_facts){.root = NULL};
    if (length > INT_MAX) {
        return err_set(err, ERR_TOO_LARGE, "the XML is larger than can be read");
    }
    reading.parser = XML_ParserCreate(NULL);
    if (reading.parser == NULL) {
        return err_set(err, ERR_LIMIT, "no memory to read XML");
    }
    XML_SetUserData(reading.parser, &reading);
    XML_SetElementHandler(reading.parser, begin_element, end_element);
    XML_SetCharacterDataHandler(reading.parser, take_text);
    XML_SetStartDoctypeDeclHandler(reading.parser, refuse_doctype);
    if (XML_Parse(reading.parser, text, (int)length, XML_TRUE) != XML_STATUS_OK) {
        (void)refuse(&reading, err);
    } else if (out->bad) {
        (void)err_set(err, ERR_LIMIT, "the XML has become larger than it may");
    } else {
        ok = true;
    }
    XML_ParserFree(reading.parser);
    return ok;
}
