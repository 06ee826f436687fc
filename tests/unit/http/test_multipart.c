/* http/multipart.h: parts of a form. */
#include <string.h>

#include "http/multipart.h"
#include "support/test.h"

static const char TYPE[] = "multipart/form-data; boundary=xyz";

static bool find(const char *type, const char *body, size_t length, struct multipart_part *ret,
                 struct err *err)
{
    static struct arena arena;
    static bool is_open;

    if (is_open) {
        arena_fini(&arena);
    }
    arena_init(&arena);
    is_open = true;
    return multipart_find(&arena, type, body, length, "file", ret, err);
}

static void assert_found(const char *type, const char *body, const char *file_name,
                         const char *content)
{
    struct multipart_part part;
    struct err err = {0};

    if (!find(type, body, strlen(body), &part, &err)) {
        fail_msg("%s: %s", body, err.text);
    }
    assert_int_equal(part.length, strlen(content));
    assert_memory_equal(part.content, content, part.length);
    if (file_name == NULL) {
        assert_null(part.file_name);
    } else {
        assert_string_equal(part.file_name, file_name);
    }
}

static void multipart_find__forms__give_the_part(void **state)
{
    (void)state;
    assert_found(TYPE,
                 "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a b.txt\"\r\n"
                 "Content-Type: text/plain\r\n\r\none\r\ntwo\r\n--xyz--\r\n",
                 "a b.txt", "one\r\ntwo");
    assert_found("multipart/form-data; charset=utf-8; Boundary=\"x y\"",
                 "--x y\r\ncontent-disposition:form-data;name=other\r\n\r\n1\r\n"
                 "--x y\r\ncontent-disposition: form-data; name=file\r\n\r\n\r\n--x y--",
                 NULL, "");
    /* What looks like a boundary within a line is content. */
    assert_found(TYPE,
                 "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\r\n"
                 "a --xyz\n--xyz--\r\n--xy\r\n--xyz--",
                 "", "a --xyz\n--xyz--\r\n--xy");
}

static void multipart_find__bytes_of_any_kind__stay(void **state)
{
    static const char BODY[] = "--xyz\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n"
                               "\0\r\n\xff\0\r\n--xyz--";
    struct multipart_part part;
    struct err err = {0};

    (void)state;
    assert_true(find(TYPE, BODY, sizeof(BODY) - 1, &part, &err));
    assert_int_equal(part.length, 5);
    assert_memory_equal(part.content, "\0\r\n\xff", 5);
}

static void assert_refused(const char *type, const char *body, enum err_code code)
{
    struct multipart_part part;
    struct err err = {0};

    if (find(type, body, strlen(body), &part, &err) || err.code != code) {
        fail_msg("%s: %s", body, err.text);
    }
}

#define HEAD "Content-Disposition: form-data; name=\"file\"\r\n\r\n"

static void multipart_find__what_is_no_form__is_refused(void **state)
{
    char many[64 * 1024] = "--xyz";

    (void)state;
    assert_refused(NULL, "--xyz--", ERR_MALFORMED);
    assert_refused("multipart/form-data", "--xyz--", ERR_MALFORMED);
    assert_refused("multipart/form-data; boundary=\"\"", "----", ERR_MALFORMED);
    assert_refused("multipart/form-data; boundary="
                   "01234567890123456789012345678901234567890123456789012345678901234567890",
                   "--0", ERR_MALFORMED);
    assert_refused(TYPE, "", ERR_MALFORMED);
    assert_refused(TYPE, "--xy", ERR_MALFORMED);
    assert_refused(TYPE, "preamble\r\n--xyz\r\n" HEAD "1\r\n--xyz--", ERR_MALFORMED);
    assert_refused(TYPE, "--xyz", ERR_MALFORMED);
    assert_refused(TYPE, "--xyzw\r\n" HEAD "1\r\n--xyz--", ERR_MALFORMED);
    assert_refused(TYPE, "--xyz\r\n", ERR_MALFORMED);
    assert_refused(TYPE, "--xyz\r\n\r\n1\r\n--xyz--", ERR_MALFORMED);
    assert_refused(TYPE, "--xyz\r\nContent-Disposition\r\n\r\n1\r\n--xyz--", ERR_MALFORMED);
    assert_refused(TYPE, "--xyz\r\n" HEAD "no end", ERR_MALFORMED);
    assert_refused(TYPE, "--xyz\r\n" HEAD "--xyz\n\r\n--xyz--", ERR_MALFORMED);
    assert_refused(TYPE, "--xyz\r\n" HEAD "1\n--xyz--", ERR_MALFORMED);
    assert_refused(TYPE,
                   "--xyz\r\nContent-Disposition: form-data; name=file; filename=\"\xff\"\r\n\r\n"
                   "1\r\n--xyz--",
                   ERR_MALFORMED);
    assert_refused(TYPE,
                   "--xyz\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n1\r\n--xyz--",
                   ERR_INVALID);
    for (size_t i = 0; i <= MULTIPART_PARTS_MAX; i++) {
        strcat(many, "\r\nContent-Disposition: form-data; name=n\r\n\r\n\r\n--xyz");
    }
    assert_refused(TYPE, many, ERR_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(multipart_find__forms__give_the_part),
        cmocka_unit_test(multipart_find__bytes_of_any_kind__stay),
        cmocka_unit_test(multipart_find__what_is_no_form__is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
