/* http/negotiate.h: what request headers ask for. */
#include "http/negotiate.h"
#include "support/test.h"

static void accepts_gzip__weights__are_respected(void **state)
{
    (void)state;
    assert_true(accepts_gzip("gzip"));
    assert_true(accepts_gzip("br, GZIP;q=0.5"));
    assert_true(accepts_gzip("deflate,gzip ; q=0.001"));
    assert_true(accepts_gzip("*"));
    assert_true(accepts_gzip("x-gzip"));
    assert_false(accepts_gzip(NULL));
    assert_false(accepts_gzip(""));
    assert_false(accepts_gzip("identity, br"));
    assert_false(accepts_gzip("gzip;q=0"));
    assert_false(accepts_gzip("gzip;q=0.000, *"));
    assert_false(accepts_gzip("*;q=0"));
    assert_false(accepts_gzip("gzipped"));
}

static void prefers_html__browsers_and_programs__are_told_apart(void **state)
{
    static const char *const html[] = {
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
        "text/html, application/xhtml+xml, */*",
        "text/html",
        "TEXT/HTML;charset=utf-8",
        "text/*;q=0.5, application/json;q=0.4",
        "application/json;q=0.9, text/html",
        "*/*;q=0.1, text/html;level=1;q=0.2",
        "application/json;q=0, */*",
        "application/json ; q=0.999 ,text/html ; Q=1.000",
    };
    static const char *const json[] = {
        "",
        "*/*",
        "application/json",
        "application/json, text/plain, */*",
        "application/problem+json, text/html",
        "text/html;q=0.9, application/json",
        "text/html;q=0, */*",
        "text/html;q=0",
        "text/html;q=nonsense, */*;q=0.1",
        "text/*;q=0.4, application/*;q=0.5",
        "text/htmlx",
        "image/png",
        ",;,",
    };

    (void)state;
    assert_false(prefers_html(NULL));
    for (size_t i = 0; i < sizeof(html) / sizeof(html[0]); i++) {
        if (!prefers_html(html[i])) {
            fail_msg("%s", html[i]);
        }
    }
    for (size_t i = 0; i < sizeof(json) / sizeof(json[0]); i++) {
        if (prefers_html(json[i])) {
            fail_msg("%s", json[i]);
        }
    }
}

static void etag__same_and_other_bodies__match_accordingly(void **state)
{
    char a[ETAG_TEXT_MAX];
    char b[ETAG_TEXT_MAX];
    char list[128];

    (void)state;
    etag_of("{\"id\":1,\"name\":\"x\"}", 19, a);
    etag_of("{\"id\":2,\"name\":\"x\"}", 19, b);
    assert_string_not_equal(a, b);
    assert_int_equal(strlen(a), 20);
    assert_true(etag_matches(a, a));
    assert_true(etag_matches(a + 2, a));
    assert_true(etag_matches("*", a));
    assert_false(etag_matches(b, a));
    assert_false(etag_matches(NULL, a));
    assert_false(etag_matches("", a));
    (void)snprintf(list, sizeof(list), "\"x\" , %s,%s", b, a);
    assert_true(etag_matches(list, a));
    etag_of(NULL, 0, a);
    assert_true(etag_matches(a, a));
}

/* By a strong one an edit is told which version it is of: a weak one says too little for that. */
static void etag__strong__is_matched_by_itself_alone(void **state)
{
    static const char body[] = "{\"id\":1}";
    char strong[ETAG_TEXT_MAX];
    char weak[ETAG_TEXT_MAX];
    char list[128];

    (void)state;
    etag_of(body, sizeof(body), weak);
    etag_strong_of(body, sizeof(body), strong);
    assert_string_equal(strong, weak + 2);
    assert_true(etag_matches_strongly(strong, strong));
    assert_true(etag_matches_strongly("*", strong));
    assert_true(etag_matches_strongly(" * ", strong));
    (void)snprintf(list, sizeof(list), "\"x/\",%s", strong);
    assert_true(etag_matches_strongly(list, strong));
    (void)snprintf(list, sizeof(list), "\"x\", %s", weak);
    assert_false(etag_matches_strongly(list, strong));
    assert_true(etag_matches(list, strong));
    assert_false(etag_matches_strongly(weak, weak));
    assert_false(etag_matches_strongly(NULL, strong));
    assert_false(etag_matches_strongly("", strong));
    assert_false(etag_matches_strongly("\"0000000000000000\"", strong));
}

/* Every byte counts, wherever it stands in the steps that the body is read by, and so does the
 * length. */
static void etag_of__one_byte_differs__tags_differ(void **state)
{
    char body[300];
    char whole[ETAG_TEXT_MAX];
    char other[ETAG_TEXT_MAX];
    char shorter[ETAG_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(body); i++) {
        body[i] = (char)(i * 7);
    }
    etag_of(body, 0, shorter);
    for (size_t length = 1; length <= sizeof(body); length++) {
        etag_of(body, length, whole);
        assert_string_not_equal(whole, shorter);
        for (size_t i = 0; i < length; i++) {
            body[i] ^= 1;
            etag_of(body, length, other);
            body[i] ^= 1;
            assert_string_not_equal(whole, other);
        }
        memcpy(shorter, whole, sizeof(shorter));
    }
}

static void is_media_type__parameters_and_case__do_not_matter(void **state)
{
    (void)state;
    assert_true(is_media_type("text/plain", "text/plain"));
    assert_true(is_media_type(" Text/PLAIN ; charset=utf-8", "text/plain"));
    assert_false(is_media_type("text/plainer", "text/plain"));
    assert_false(is_media_type("text/plai", "text/plain"));
    assert_false(is_media_type("", "text/plain"));
    assert_false(is_media_type(NULL, "text/plain"));
}

static void is_json_type__parameters_and_suffixes__are_seen(void **state)
{
    (void)state;
    assert_true(is_json_type("application/json"));
    assert_true(is_json_type("Application/JSON; charset=utf-8"));
    assert_true(is_json_type("application/problem+json"));
    assert_false(is_json_type("application/jsonp"));
    assert_false(is_json_type("text/json"));
    assert_false(is_json_type(NULL));
    assert_false(is_json_type("+json"));
    assert_false(is_json_type("application/+json"));
    assert_false(is_json_type("application/json, text/plain"));
    assert_false(is_json_type(""));
    assert_true(is_compressible_type("text/html"));
    assert_false(is_compressible_type("image/png"));
}

/* JSON is UTF-8 (RFC 8259 section 8.1): who says something else does not send it. */
static void is_json_type__charset__must_be_utf8(void **state)
{
    (void)state;
    assert_true(is_json_type("application/json;charset=\"UTF-8\""));
    assert_true(is_json_type("application/json; charset=us-ascii"));
    assert_false(is_json_type("application/json; charset=iso-8859-1"));
    assert_false(is_json_type("application/json; charset="));
    assert_false(is_json_type("application/json; charset=utf-8; charset=latin1"));
}

static void body_coding_of__lists__one_gzip_at_most(void **state)
{
    (void)state;
    assert_int_equal(body_coding_of(NULL), BODY_PLAIN);
    assert_int_equal(body_coding_of(""), BODY_PLAIN);
    assert_int_equal(body_coding_of(" Identity ,identity"), BODY_PLAIN);
    assert_int_equal(body_coding_of("GZIP"), BODY_GZIP);
    assert_int_equal(body_coding_of(",identity,, x-gzip ,"), BODY_GZIP);
    assert_int_equal(body_coding_of("gzip, gzip"), BODY_UNKNOWN);
    assert_int_equal(body_coding_of("gzip, br"), BODY_UNKNOWN);
    assert_int_equal(body_coding_of("br"), BODY_UNKNOWN);
    assert_int_equal(body_coding_of("\"gzip\""), BODY_UNKNOWN);
    assert_int_equal(body_coding_of("gzip;q=1"), BODY_UNKNOWN);
}

static void is_request_token__length_and_alphabet__are_held(void **state)
{
    (void)state;
    assert_true(is_request_token("a.B-1_:", 7));
    assert_false(is_request_token("a.B-1_:", 6));
    assert_false(is_request_token("", 6));
    assert_false(is_request_token("a b", 6));
    assert_false(is_request_token("a\r\n", 6));
    assert_false(is_request_token(NULL, 6));
}

static void origin_is_allowed__list__is_exact(void **state)
{
    static const char list[] = "https://shop.example , http://localhost:3000,*";

    (void)state;
    assert_true(origin_is_allowed(list, "https://shop.example"));
    assert_true(origin_is_allowed(list, "http://localhost:3000"));
    assert_false(origin_is_allowed(list, "https://shop.example.evil"));
    assert_false(origin_is_allowed(list, "http://shop.example"));
    assert_false(origin_is_allowed(list, "*"));
    assert_false(origin_is_allowed(list, NULL));
    assert_false(origin_is_allowed("", "https://shop.example"));
    assert_false(origin_is_allowed(NULL, "https://shop.example"));
}

static void forwarded_client__chains__the_last_that_is_no_proxy_of_ours(void **state)
{
    static const struct {
        const char *value;
        const char *client; /* NULL: nobody is named */
    } CASES[] = {
        {"192.0.2.7", "192.0.2.7"},
        {"203.0.113.1, 192.0.2.7 ", "192.0.2.7"}, /* what a client says of itself */
        {"J\xf6rg,192.0.2.7", "192.0.2.7"},
        {"\"open, 192.0.2.7", "192.0.2.7"},
        {"203.0.113.1, 192.0.2.7, 10.0.0.2, 10.0.0.1", "192.0.2.7"}, /* through three of ours */
        {"192.0.2.7, ::ffff:10.0.0.1", "192.0.2.7"},
        {"10.0.0.3, 10.0.0.2", "10.0.0.3"}, /* one of ours asks on its own account */
        {"192.0.2.7, unknown, 10.0.0.2", "10.0.0.2"},
        {"192.0.2.7,,10.0.0.2", "10.0.0.2"},
        {"2001:DB8:0::7", "2001:db8::7"},
        {"192.0.2.7, evil", NULL},
        {"192.0.2.7,", NULL},
        {"192.0.2.7:80", NULL},
        {"", NULL},
        {",", NULL},
        {NULL, NULL},
    };
    struct networks proxies;
    struct arena arena;
    struct err err = {0};

    (void)state;
    arena_init(&arena);
    assert_true(networks_parse(&arena, "10.0.0.0/8", &proxies, &err));
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct net_address address;
        char text[NET_ADDRESS_TEXT_MAX];

        assert_int_equal(forwarded_client(CASES[i].value, &proxies, &address),
                         CASES[i].client != NULL);
        if (CASES[i].client != NULL) {
            net_address_format(&address, text);
            assert_string_equal(text, CASES[i].client);
        }
    }
    arena_fini(&arena);
}

static void forwarded_securely__list__the_last_counts(void **state)
{
    (void)state;
    assert_true(forwarded_securely("https"));
    assert_true(forwarded_securely("http, HTTPS "));
    assert_false(forwarded_securely("https, http"));
    assert_false(forwarded_securely("\"https"));
    assert_false(forwarded_securely("https,"));
    assert_false(forwarded_securely(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_gzip__weights__are_respected),
        cmocka_unit_test(prefers_html__browsers_and_programs__are_told_apart),
        cmocka_unit_test(etag__same_and_other_bodies__match_accordingly),
        cmocka_unit_test(etag__strong__is_matched_by_itself_alone),
        cmocka_unit_test(etag_of__one_byte_differs__tags_differ),
        cmocka_unit_test(is_media_type__parameters_and_case__do_not_matter),
        cmocka_unit_test(is_json_type__parameters_and_suffixes__are_seen),
        cmocka_unit_test(is_json_type__charset__must_be_utf8),
        cmocka_unit_test(body_coding_of__lists__one_gzip_at_most),
        cmocka_unit_test(is_request_token__length_and_alphabet__are_held),
        cmocka_unit_test(origin_is_allowed__list__is_exact),
        cmocka_unit_test(forwarded_client__chains__the_last_that_is_no_proxy_of_ours),
        cmocka_unit_test(forwarded_securely__list__the_last_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
