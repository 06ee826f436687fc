/* http/xml_in.h: documents in their one form, and what is no document or brings rules of its own.
 */
#include "http/xml_in.h"
#include "support/test.h"

enum { DOCUMENT_MAX = 512 * 1024 };

struct result {
    struct arena arena;
    struct buf out;
    struct xml_facts facts;
    struct err err;
    bool ok;
};

static struct result *read_bytes(struct result *result, const char *text, size_t length)
{
    *result = (struct result){.ok = false};
    arena_init(&result->arena);
    buf_init(&result->out, length * XML_GROWTH_MAX);
    result->ok =
        xml_normalize(&result->arena, text, length, &result->out, &result->facts, &result->err);
    return result;
}

static void end(struct result *result)
{
    buf_fini(&result->out);
    arena_fini(&result->arena);
}

static void assert_form(const char *text, const char *form)
{
    struct result result;

    if (!read_bytes(&result, text, strlen(text))->ok) {
        fail_msg("%s: %s", text, result.err.text);
    }
    assert_string_equal(result.out.data, form);
    end(&result);
}

static void assert_refused(const char *text, enum err_code code, const char *why)
{
    struct result result;

    assert_false(read_bytes(&result, text, strlen(text))->ok);
    assert_int_equal(result.err.code, code);
    if (strstr(result.err.text, why) == NULL) {
        fail_msg("%s: \"%s\" is not in: %s", text, why, result.err.text);
    }
    assert_int_equal(result.facts.has_doctype, strstr(why, "DOCTYPE") != NULL);
    end(&result);
}

static void xml_normalize__a_document__has_one_form(void **state)
{
    (void)state;
    assert_form("<a/>", "<a/>");
    assert_form("<?xml version='1.0'?><!-- x --><a\n b='1'\tc=\"2\" ></a >\n",
                "<a b=\"1\" c=\"2\"/>");
    assert_form("<a><![CDATA[<b>&]]></a>", "<a>&lt;b&gt;&amp;</a>");
    assert_form("<a b='\"&#10;&#9;&#13;&lt;'>&#13;\r\n&#x20AC;</a>",
                "<a b=\"&quot;&#10;&#9;&#13;&lt;\">&#13;\n\xe2\x82\xac</a>");
    assert_form("<a>x<?php echo?><b/>y<!-- z --></a>", "<a>x<b/>y</a>");
    assert_form("<n:a xmlns:n='urn:x'/>", "<n:a xmlns:n=\"urn:x\"/>");
    assert_form("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>", "<a>\xc3\xa9</a>");
}

static void xml_normalize__utf_16__is_read(void **state)
{
    static const char text[] = "\xff\xfe<\0a\0>\0\xac\x20<\0/\0a\0>\0";
    struct result result;

    (void)state;
    assert_true(read_bytes(&result, text, sizeof(text) - 1)->ok);
    assert_string_equal(result.out.data, "<a>\xe2\x82\xac</a>");
    end(&result);
}

static void xml_normalize__what_it_found__is_told(void **state)
{
    static const char text[] = "<order><line><sku/></line><line/></order>";
    struct result result;

    (void)state;
    assert_true(read_bytes(&result, text, strlen(text))->ok);
    assert_string_equal(result.facts.root, "order");
    assert_int_equal(result.facts.elements, 4);
    assert_int_equal(result.facts.depth, 3);
    end(&result);
}

static void xml_normalize__what_is_no_xml__is_refused_with_its_place(void **state)
{
    (void)state;
    assert_refused("", ERR_MALFORMED, "no element found");
    assert_refused("<a>\n<b></a>", ERR_MALFORMED, "line 2, column 6");
    assert_refused("<a/><b/>", ERR_MALFORMED, "junk after document element");
    assert_refused("<a b='1' b='2'/>", ERR_MALFORMED, "duplicate attribute");
    assert_refused("<a>&nbsp;</a>", ERR_MALFORMED, "undefined entity");
    assert_refused("<a>\xff</a>", ERR_MALFORMED, "line 1");
    assert_refused("<a>\x01</a>", ERR_MALFORMED, "line 1");
    assert_refused("<?xml version='1.0' encoding='EBCDIC-CP-US'?><a/>", ERR_MALFORMED, "encoding");
}

static void xml_normalize__a_doctype__is_refused_before_it_is_read(void **state)
{
    (void)state;
    assert_refused("<!DOCTYPE a><a/>", ERR_INVALID, "DOCTYPE");
    assert_refused("<!DOCTYPE a SYSTEM 'http://127.0.0.1/x.dtd'><a/>", ERR_INVALID, "DOCTYPE");
    assert_refused("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", ERR_INVALID,
                   "DOCTYPE");
    assert_refused("<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://127.0.0.1/'> %p;]><a/>", ERR_INVALID,
                   "DOCTYPE");
    assert_refused("<!DOCTYPE a [<!ENTITY x 'y'><!ENTITY z '&x;&x;&x;'>]><a>&z;&z;</a>",
                   ERR_INVALID, "DOCTYPE");
}

/* `count` times <a>, beside each other or in each other. */
static void assert_many(int count, bool is_deep, bool is_taken)
{
    struct buf made;
    struct result result;

    buf_init(&made, DOCUMENT_MAX);
    buf_add_text(&made, is_deep ? "" : "<r>");
    for (int i = 0; i < count; i++) {
        buf_add_text(&made, is_deep ? "<a>" : "<a/>");
    }
    for (int i = 0; i < count && is_deep; i++) {
        buf_add_text(&made, "</a>");
    }
    buf_add_text(&made, is_deep ? "" : "</r>");
    assert_int_equal(read_bytes(&result, made.data, made.length)->ok, is_taken);
    assert_int_equal(result.err.code, is_taken ? ERR_NONE : ERR_INVALID);
    end(&result);
    buf_fini(&made);
}

static void xml_normalize__what_is_too_large__is_refused(void **state)
{
    (void)state;
    assert_many(XML_DEPTH_MAX, true, true);
    assert_many(XML_DEPTH_MAX + 1, true, false);
    assert_many(XML_ELEMENTS_MAX - 1, false, true);
    assert_many(XML_ELEMENTS_MAX, false, false);
}

static void xml_normalize__as_large_as_can_be__has_room(void **state)
{
    struct buf made;
    struct result result;

    (void)state;
    buf_init(&made, DOCUMENT_MAX);
    buf_add_text(&made, "<a b='");
    for (int i = 0; i < 100000; i++) {
        buf_add_char(&made, '"');
    }
    buf_add_text(&made, "'/>");
    assert_true(read_bytes(&result, made.data, made.length)->ok);
    end(&result);
    buf_fini(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xml_normalize__a_document__has_one_form),
        cmocka_unit_test(xml_normalize__utf_16__is_read),
        cmocka_unit_test(xml_normalize__what_it_found__is_told),
        cmocka_unit_test(xml_normalize__what_is_no_xml__is_refused_with_its_place),
        cmocka_unit_test(xml_normalize__a_doctype__is_refused_before_it_is_read),
        cmocka_unit_test(xml_normalize__what_is_too_large__is_refused),
        cmocka_unit_test(xml_normalize__as_large_as_can_be__has_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
