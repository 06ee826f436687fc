/* http/asset.h: what is asked for and how, over a real server. The files are those of web/. */
#include "http/asset.h"
#include "server_fixture.h"

static const struct asset *style_sheet(void)
{
    size_t i = 0;

    while (i + 1 < web_assets.count && strcmp(web_assets.rows[i].name, "page.css") != 0) {
        i++;
    }
    assert_string_equal(web_assets.rows[i].name, "page.css");
    return &web_assets.rows[i];
}

static const char *body_of(const char *answer)
{
    const char *body = strstr(answer, "\r\n\r\n");

    assert_non_null(body);
    return body + 4;
}

static void assert_body(const char *answer, const struct asset_form *form, size_t first,
                        size_t count)
{
    char length[64];

    (void)snprintf(length, sizeof(length), "\r\nContent-Length: %zu\r\n", count);
    assert_has(answer, length);
    assert_memory_equal(body_of(answer), form->bytes + first, count);
}

static void table__each_file__has_its_own_names_and_validators(void **state)
{
    (void)state;
    for (size_t i = 0; i < web_assets.count; i++) {
        const struct asset *asset = &web_assets.rows[i];

        assert_string_not_equal(asset->name, asset->lasting_name);
        assert_true(asset->plain.length > 0);
        if (asset->packed.length > 0) {
            assert_true(asset->packed.length < asset->plain.length);
            assert_string_not_equal(asset->packed.etag, asset->plain.etag);
        }
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(asset->lasting_name, web_assets.rows[k].lasting_name);
        }
    }
}

static void get__by_either_name__is_the_file_and_may_be_kept_accordingly(void **state)
{
    const struct asset *css = style_sheet();
    const char *answer = ask_get(*state, "/assets/page.css", "");
    char lasting[128];

    assert_status(answer, 200);
    assert_body(answer, &css->plain, 0, css->plain.length);
    assert_has(answer, "\r\nContent-Type: text/css; charset=utf-8\r\n");
    assert_has(answer, "\r\nCache-Control: no-cache\r\n");
    assert_has(answer, "\r\nAccept-Ranges: bytes\r\n");
    assert_has(answer, "\r\nVary: Accept-Encoding");
    assert_has(answer, css->plain.etag);
    assert_null(strstr(answer, "Content-Encoding"));

    (void)snprintf(lasting, sizeof(lasting), "/assets/%s", css->lasting_name);
    answer = ask_get(*state, lasting, "");
    assert_status(answer, 200);
    assert_body(answer, &css->plain, 0, css->plain.length);
    assert_has(answer, "\r\nCache-Control: public, max-age=31536000, immutable\r\n");
}

static void get__gzip_is_taken__is_the_packed_form_with_a_validator_of_its_own(void **state)
{
    const struct asset *css = style_sheet();
    const char *answer = ask_get(*state, "/assets/page.css", "Accept-Encoding: br, gzip\r\n");

    assert_status(answer, 200);
    assert_has(answer, "\r\nContent-Encoding: gzip\r\n");
    assert_has(answer, css->packed.etag);
    assert_body(answer, &css->packed, 0, css->packed.length);
    answer = ask_get(*state, "/assets/page.css", "Accept-Encoding: gzip;q=0\r\n");
    assert_body(answer, &css->plain, 0, css->plain.length);
}

static void get__a_name_that_no_file_has__is_a_problem(void **state)
{
    static const char *const paths[] = {"/assets/page.js", "/assets/page.0000000000000000.css",
                                        "/assets/PAGE.CSS", "/assets/page.css%00"};

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        const char *answer = ask_get(*state, paths[i], "");

        assert_has(answer, "application/problem+json");
        assert_null(strstr(answer, "immutable"));
    }
}

static void head__any__has_the_length_and_no_body(void **state)
{
    const char *answer = ask(*state, "HEAD /assets/page.css HTTP/1.1\r\nHost: x\r\n"
                                     "Range: bytes=0-1\r\nConnection: close\r\n\r\n");
    char length[64];

    (void)snprintf(length, sizeof(length), "\r\nContent-Length: %zu\r\n",
                   style_sheet()->plain.length);
    assert_status(answer, 200);
    assert_has(answer, length);
    assert_string_equal(body_of(answer), "");
}

/* `rest`: further header lines, or "". */
static const char *ask_with(const struct fixture *f, const char *name, const char *etag,
                            const char *rest)
{
    char headers[256];

    (void)snprintf(headers, sizeof(headers), "%s: %s\r\n%s", name, etag, rest);
    return ask_get(f, "/assets/page.css", headers);
}

static void get__if_none_match__is_304_for_the_form_that_would_be_sent(void **state)
{
    static const char name[] = "If-None-Match";
    const struct asset *css = style_sheet();
    const char *answer = ask_with(*state, name, css->plain.etag, "");

    assert_status(answer, 304);
    assert_has(answer, css->plain.etag);
    assert_has(answer, "\r\nCache-Control: no-cache\r\n");
    assert_has(answer, "\r\nVary: Accept-Encoding");
    assert_string_equal(body_of(answer), "");
    assert_status(ask_with(*state, name, css->plain.etag, "Range: bytes=0-1\r\n"), 304);
    assert_status(ask_with(*state, name, css->packed.etag, ""), 200);
    assert_status(ask_with(*state, name, css->packed.etag, "Accept-Encoding: gzip\r\n"), 304);
}

static void get__range__is_that_part_of_the_form(void **state)
{
    const struct asset *css = style_sheet();
    const char *answer = ask_get(*state, "/assets/page.css", "Range: bytes=10-19\r\n");
    char range[64];

    assert_status(answer, 206);
    assert_body(answer, &css->plain, 10, 10);
    (void)snprintf(range, sizeof(range), "\r\nContent-Range: bytes 10-19/%zu\r\n",
                   css->plain.length);
    assert_has(answer, range);
    assert_has(answer, css->plain.etag);

    answer = ask_get(*state, "/assets/page.css", "Range: bytes=-7\r\nAccept-Encoding: gzip\r\n");
    assert_status(answer, 206);
    assert_has(answer, "\r\nContent-Encoding: gzip\r\n");
    assert_body(answer, &css->packed, css->packed.length - 7, 7);

    answer = ask_get(*state, "/assets/page.css", "Range: bytes=0-1,4-5\r\n");
    assert_status(answer, 200);
    assert_body(answer, &css->plain, 0, css->plain.length);
}

static void get__a_range_outside__is_416_with_the_length(void **state)
{
    const char *answer = ask_get(*state, "/assets/page.css", "Range: bytes=1000000-\r\n");
    char range[64];

    (void)snprintf(range, sizeof(range), "\r\nContent-Range: bytes */%zu\r\n",
                   style_sheet()->plain.length);
    assert_status(answer, 416);
    assert_has(answer, range);
    assert_has(answer, "\r\nContent-Type: application/problem+json\r\n");
    assert_has(answer, "\r\nCache-Control: no-store\r\n");
    assert_has(answer, "\"code\":\"range\"");
    assert_null(strstr(answer, "ETag: "));
}

static void get__if_range__gives_a_part_of_what_the_client_has_alone(void **state)
{
    static const char name[] = "If-Range";
    static const char range[] = "Range: bytes=0-1\r\n";
    const struct asset *css = style_sheet();

    assert_status(ask_with(*state, name, css->plain.etag, range), 206);
    assert_status(ask_with(*state, name, css->packed.etag, range), 200);
    assert_status(ask_with(*state, name, "W/\"x\"", range), 200);
    assert_status(ask_with(*state, name, "\"x\"", "Range: bytes=9999999-\r\n"), 200);
    assert_status(ask_with(*state, name, "Thu, 01 Jan 2026 00:00:00 GMT", range), 200);
}

static void openapi__either_form__is_made_once_and_validated(void **state)
{
    const char *answer = ask_get(*state, "/openapi.json", "Accept-Encoding: gzip\r\n");
    char etag[128];
    char headers[256];

    assert_status(answer, 200);
    assert_has(answer, "\r\nContent-Type: application/json\r\n");
    assert_has(answer, "\r\nContent-Encoding: gzip\r\n");
    assert_has(answer, "\r\nCache-Control: no-cache\r\n");
    assert_memory_equal(body_of(answer), "\x1f\x8b", 2);
    assert_int_equal(sscanf(strstr(answer, "\r\nETag: ") + 8, "%100[^\r]", etag), 1);
    assert_int_equal(strlen(etag), 66);
    answer = ask_get(*state, "/openapi.json", "");
    assert_memory_equal(body_of(answer), "{\"openapi\":\"3.1", 15);
    assert_null(strstr(answer, etag));
    (void)snprintf(headers, sizeof(headers), "If-None-Match: %s\r\nAccept-Encoding: gzip\r\n",
                   etag);
    assert_status(ask_get(*state, "/openapi.json", headers), 304);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, server_set_up, server_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table__each_file__has_its_own_names_and_validators),
        TEST(get__by_either_name__is_the_file_and_may_be_kept_accordingly),
        TEST(get__gzip_is_taken__is_the_packed_form_with_a_validator_of_its_own),
        TEST(get__a_name_that_no_file_has__is_a_problem),
        TEST(head__any__has_the_length_and_no_body),
        TEST(get__if_none_match__is_304_for_the_form_that_would_be_sent),
        TEST(get__range__is_that_part_of_the_form),
        TEST(get__a_range_outside__is_416_with_the_length),
        TEST(openapi__either_form__is_made_once_and_validated),
        TEST(get__if_range__gives_a_part_of_what_the_client_has_alone),
    };

    return cmocka_run_group_tests_name("http/asset", tests, NULL, NULL);
}
