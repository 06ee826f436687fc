/* http/page.h: what is put into pages. */
#include "http/page.h"
#include "support/test.h"

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

static void page_text__markup__is_escaped(void **state)
{
    static const struct {
        const char *text;
        const char *written;
    } cases[] = {
        {"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
        {"\" onclick=\"x", "&quot; onclick=&quot;x"},
        {"it's", "it&#39;s"},
        {"Cameras & Gimbals", "Cameras &amp; Gimbals"},
        {"&lt;", "&amp;lt;"},
        {"<", "&lt;"},
        {"Übersicht \u2013 \U0001f681", "Übersicht \u2013 \U0001f681"},
        {"", ""},
    };
    struct reply *rp = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buf_clear(&rp->body);
        PAGE_HTML(rp, "[");
        page_text(rp, cases[i].text);
        assert_string_equal(rp->body.data + 1, cases[i].written);
    }
    buf_clear(&rp->body);
    page_text(rp, NULL);
    assert_int_equal(rp->body.length, 0);
}

static void page_sentence__small_letter__becomes_a_capital(void **state)
{
    struct reply *rp = *state;

    page_sentence(rp, "no <such> page");
    page_sentence(rp, "\u00e9t\u00e9");
    page_sentence(rp, "<a");
    page_sentence(rp, "");
    assert_string_equal(rp->body.data, "No &lt;such&gt; page\u00e9t\u00e9&lt;a");
}

static void page_money__thousands__are_set_apart(void **state)
{
    struct reply *rp = *state;

    page_money(rp, 0);
    page_money(rp, 99999);
    page_money(rp, 100000);
    page_money(rp, 123456789);
    page_money(rp, 999999999999);
    page_money(rp, -100050);
    assert_string_equal(rp->body.data,
                        "$0.00$999.99$1,000.00$1,234,567.89$9,999,999,999.99\u2212$1,000.50");
}

static void page_time__is_exact_for_programs_and_short_for_people(void **state)
{
    struct reply *rp = *state;

    page_time(rp, 1795860672123456);
    assert_string_equal(rp->body.data, "<time datetime=\"2026-11-28T10:11:12.123456Z\">"
                                       "2026-11-28 10:11 UTC</time>");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(page_text__markup__is_escaped),
        TEST(page_sentence__small_letter__becomes_a_capital),
        TEST(page_money__thousands__are_set_apart),
        TEST(page_time__is_exact_for_programs_and_short_for_people),
    };

    return cmocka_run_group_tests_name("http/page", tests, NULL, NULL);
}
