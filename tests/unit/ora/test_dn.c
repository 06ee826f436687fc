/* ora/dn.h, ora/certificate.h: whether a certificate has the name that it should have. */
#include <openssl/x509v3.h>

#include "ora/certificate.h"
#include "tests/support/test.h"

/* The subject is written TYPE=VALUE|TYPE=VALUE..., '+' before one of the same part as before. */
static X509 *certificate_of(const char *subject)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_NAME_new();
    char text[512];
    char *rest = text;
    char *part;

    assert_non_null(certificate);
    (void)snprintf(text, sizeof(text), "%s", subject);
    while ((part = strsep(&rest, "|")) != NULL && *part != '\0') {
        const bool joins = *part == '+';
        char *value = strchr(part, '=');

        assert_non_null(value);
        *value++ = '\0';
        assert_int_equal(X509_NAME_add_entry_by_txt(name, part + (joins ? 1 : 0), MBSTRING_UTF8,
                                                    (const unsigned char *)value, -1, -1,
                                                    joins ? -1 : 0),
                         1);
    }
    assert_int_equal(X509_set_subject_name(certificate, name), 1);
    X509_NAME_free(name);
    return certificate;
}

static void ora_dn_is_same__pairs__match_or_do_not(void **state)
{
    static const struct {
        const char *text;
        const char *subject;
        bool is_same;
    } pairs[] = {
        {"CN=db", "CN=db", true},
        {"CN=db,O=Octo,C=DE", "C=DE|O=Octo|CN=db", true},
        {"CN=db, O=Octo , C=DE", "CN=db|O=Octo|C=DE", true},
        {"C=DE,CN=db,O=Octo", "CN=db|O=Octo|C=DE", true},
        {"cn=db,o=octo", "CN=DB|O=Octo", true},
        {"commonName=db,organizationName=Octo,countryName=DE", "CN=db|O=Octo|C=DE", true},
        {"CN=db,S=Bayern", "CN=db|ST=Bayern", true},
        {"CN=db,stateOrProvinceName=Bayern", "CN=db|ST=Bayern", true},
        {"CN=db,localityName=Ulm", "CN=db|L=Ulm", true},
        {"CN=db,OU=a,OU=b", "OU=b|OU=a|CN=db", true},
        {"CN=db,OU=a,OU=a", "OU=b|OU=a|CN=db", false},
        {"CN=db,OU=a", "OU=a|OU=a|CN=db", false},
        {"CN=db+OU=a", "CN=db|+OU=a", true},
        {"CN=db,OU=a", "CN=db|+OU=a", true},
        {"CN=db;O=Octo", "CN=db|O=Octo", true},
        {"CN=db,O=\"Octo, Inc.\"", "CN=db|O=Octo, Inc.", true},
        {"CN=db,O=Octo\\, Inc.", "CN=db|O=Octo, Inc.", true},
        {"CN=db,O=Octo\\2C Inc.", "CN=db|O=Octo, Inc.", true},
        {"CN=db,O=Octo", "CN=db|O=Octo, Inc.", false},
        {"CN=db,O=\"a \\\"b\\\" c\"", "CN=db|O=a \"b\" c", true},
        {"CN=db,O=Gr\\C3\\BCn", "CN=db|O=Grün", true},
        {"CN=db,O=Grün", "CN=db|O=Grün", true},
        {"CN=db,O=GRÜN", "CN=db|O=Grün", false},
        {"CN=db,O=two  words", "CN=db|O=two words", true},
        {"CN=db,O=twowords", "CN=db|O=two words", false},
        {"CN=db", "CN=db|O=Octo", false},
        {"CN=db,O=Octo", "CN=db", false},
        {"CN=*.example.org", "CN=db.example.org", false},
        {"CN=*.example.org", "CN=*.example.org", true},
        {"CN=db,E=a@b.example", "CN=db|emailAddress=a@b.example", true},
        {"CN=db,DC=example,DC=org", "DC=org|DC=example|CN=db", true},
        {"2.5.4.3=db,1.2.3.4=x", "CN=db|1.2.3.4=x", true},
        {"CN=db,1.2.3.5=x", "CN=db|1.2.3.4=x", false},
        {"CN=,O=Octo", "CN=db|O=Octo", false},
        {"O=db,CN=Octo", "CN=db|O=Octo", false},
        {"CN=db1", "CN=db", false},
        {"CN=db", "CN=db1", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        const struct ora_slice text = {.at = pairs[i].text, .length = strlen(pairs[i].text)};
        X509 *certificate = certificate_of(pairs[i].subject);
        struct ora_dn wanted;
        struct ora_dn subject;
        const char *at;
        const char *fault = ora_dn_read(text, &wanted, &at);

        if (fault != NULL) {
            fail_msg("%s: %s", pairs[i].text, fault);
        }
        assert_true(ora_certificate_subject(certificate, &subject));
        if (ora_dn_is_same(&wanted, &subject) != pairs[i].is_same ||
            ora_dn_is_same(&subject, &wanted) != pairs[i].is_same) {
            fail_msg("%s and %s", pairs[i].text, pairs[i].subject);
        }
        X509_free(certificate);
    }
}

static void ora_dn_read__what_is_none__is_told_with_its_place(void **state)
{
    static const struct {
        const char *text;
        size_t at;
        const char *fault;
    } cases[] = {
        {"", 0, "expected NAME=VALUE, as in CN=db.example.org,O=Example"},
        {"db.example.org", 14, "expected NAME=VALUE, as in CN=db.example.org,O=Example"},
        {"CN=db,", 6, "expected NAME=VALUE, as in CN=db.example.org,O=Example"},
        {"CN=db,,O=x", 6, "expected NAME=VALUE, as in CN=db.example.org,O=Example"},
        {"CN=db, Inc", 10, "expected NAME=VALUE, as in CN=db.example.org,O=Example"},
        {"=db", 0, "expected NAME=VALUE, as in CN=db.example.org,O=Example"},
        {"CN=\"db", 6, "the quotes are not closed"},
        {"CN=\"db\"x", 7, "expected a comma behind the quotes"},
        {"CN=db\\", 6, "nothing behind the backslash"},
        {"CN=d\\00b", 7, "a NUL in a value"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct ora_slice text = {.at = cases[i].text, .length = strlen(cases[i].text)};
        struct ora_dn dn;
        const char *at = NULL;
        const char *fault = ora_dn_read(text, &dn, &at);

        assert_non_null(fault);
        assert_string_equal(fault, cases[i].fault);
        assert_int_equal(at - text.at, cases[i].at);
    }
}

static void ora_dn_read__too_much__is_refused(void **state)
{
    char text[4096] = "";
    struct ora_slice slice = {.at = text};
    struct ora_dn dn;
    const char *at;

    (void)state;
    for (size_t i = 0; i <= ORA_DN_MAX; i++) {
        (void)strncat(text, "OU=x,", sizeof(text) - strlen(text) - 1);
    }
    slice.length = strlen(text) - 1;
    assert_string_equal(ora_dn_read(slice, &dn, &at),
                        "more attributes than a name has, or a NUL in one");
    slice.length -= 5;
    assert_null(ora_dn_read(slice, &dn, &at));
    assert_int_equal(dn.count, ORA_DN_MAX);
    memset(text, 'x', sizeof(text));
    memcpy(text, "CN=", 3);
    slice.length = 3 + ORA_DN_VALUE_MAX + 1;
    assert_string_equal(ora_dn_read(slice, &dn, &at), "a value of too many characters");
}

static void ora_dn_write__name__is_cut_and_quoted(void **state)
{
    static const char text[] = "CN=db,O=Octo\\, Inc";
    char written[ORA_DN_TEXT_MAX + 1];
    struct ora_dn dn;
    const char *at;

    (void)state;
    assert_null(ora_dn_read((struct ora_slice){.at = text, .length = strlen(text)}, &dn, &at));
    ora_dn_write(&dn, written);
    assert_string_equal(written, "CN=db,O=\"Octo, Inc\"");
    for (size_t i = 0; i < 20; i++) {
        assert_true(ora_dn_add(&dn, (struct ora_slice){.at = "OU", .length = 2},
                               (struct ora_slice){.at = "twelve bytes", .length = 12}));
    }
    ora_dn_write(&dn, written);
    assert_int_equal(strlen(written), ORA_DN_TEXT_MAX);
}

/* --- hosts --- */

static void add_names(X509 *certificate, const char *names)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);

    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static void ora_certificate_is_of_host__pairs__match_or_do_not(void **state)
{
    static const struct {
        const char *names; /* NULL: none but the common one */
        const char *common;
        const char *host;
        bool is_of;
    } pairs[] = {
        {"DNS:db.example.org", "CN=x", "db.example.org", true},
        {"DNS:db.example.org", "CN=x", "DB.Example.ORG", true},
        {"DNS:db.example.org", "CN=x", "other.example.org", false},
        {"DNS:a.example.org,DNS:b.example.org", "CN=x", "b.example.org", true},
        {NULL, "CN=db.example.org", "db.example.org", true},
        {NULL, "O=Octo|CN=db.example.org", "db.example.org", true},
        {"DNS:other.example.org", "CN=db.example.org", "db.example.org", true},
        {NULL, "O=db.example.org", "db.example.org", false},
        {"DNS:*.example.org", "CN=x", "db.example.org", true},
        {"DNS:*.example.org", "CN=x", "a.db.example.org", false},
        {"DNS:*.example.org", "CN=x", "example.org", false},
        {"DNS:db*.example.org", "CN=x", "db1.example.org", true},
        {"DNS:*", "CN=x", "db", false},
        {NULL, "CN=*.example.org", "db.example.org", true},
        {"IP:127.0.0.1", "CN=x", "127.0.0.1", true},
        {"DNS:127.0.0.1", "CN=x", "127.0.0.2", false},
        {"IP:0:0:0:0:0:0:0:1", "CN=x", "::1", true},
        {"IP:0:0:0:0:0:0:0:1", "CN=x", "::2", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        X509 *certificate = certificate_of(pairs[i].common);

        if (pairs[i].names != NULL) {
            add_names(certificate, pairs[i].names);
        }
        if (ora_certificate_is_of_host(certificate, pairs[i].host) != pairs[i].is_of) {
            fail_msg("%s, %s: %s", pairs[i].names, pairs[i].common, pairs[i].host);
        }
        X509_free(certificate);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ora_dn_is_same__pairs__match_or_do_not),
        cmocka_unit_test(ora_dn_read__what_is_none__is_told_with_its_place),
        cmocka_unit_test(ora_dn_read__too_much__is_refused),
        cmocka_unit_test(ora_dn_write__name__is_cut_and_quoted),
        cmocka_unit_test(ora_certificate_is_of_host__pairs__match_or_do_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
