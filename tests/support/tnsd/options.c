#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/tnsd/tnsd.h"

enum kind { KIND_TEXT, KIND_NUMBER, KIND_SWITCH };

static const struct option {
    const char *name;
    enum kind kind;
    size_t offset;
    const char *what;
} known[] = {
    {"port", KIND_NUMBER, offsetof(struct tnsd_options, port), "N"},
    {"service", KIND_TEXT, offsetof(struct tnsd_options, service), "NAME"},
    {"user", KIND_TEXT, offsetof(struct tnsd_options, user), "NAME"},
    {"password", KIND_TEXT, offsetof(struct tnsd_options, password), "WORD"},
    {"database", KIND_TEXT, offsetof(struct tnsd_options, database), "URL"},
    {"record", KIND_TEXT, offsetof(struct tnsd_options, record), "DIRECTORY"},
    {"errors-by-marker", KIND_SWITCH, offsetof(struct tnsd_options, errors_by_marker), ""},
    {"certificate", KIND_TEXT, offsetof(struct tnsd_options, certificate), "FILE"},
    {"key", KIND_TEXT, offsetof(struct tnsd_options, key), "FILE"},
    {"authority", KIND_TEXT, offsetof(struct tnsd_options, authority), "FILE"},
    {"renegotiate", KIND_SWITCH, offsetof(struct tnsd_options, renegotiates), ""},
    {"redirect", KIND_TEXT, offsetof(struct tnsd_options, redirect), "HOST:PORT"},
    {"redirect-service", KIND_TEXT, offsetof(struct tnsd_options, redirect_service), "NAME"},
    {"redirect-inline", KIND_SWITCH, offsetof(struct tnsd_options, redirects_inline), ""},
    {"expect-redirect", KIND_SWITCH, offsetof(struct tnsd_options, expects_redirect), ""},
    {"refuse", KIND_NUMBER, offsetof(struct tnsd_options, refuse), "ORA-NUMBER"},
    {"refuse-behind", KIND_SWITCH, offsetof(struct tnsd_options, refuses_behind), ""},
    {"resend", KIND_NUMBER, offsetof(struct tnsd_options, resends), "TIMES"},
    {"accept-as", KIND_NUMBER, offsetof(struct tnsd_options, accepts_as), "VERSION"},
    {"demand-encryption", KIND_SWITCH, offsetof(struct tnsd_options, demands_encryption), ""},
    {"end-after-accept", KIND_SWITCH, offsetof(struct tnsd_options, ends_after_accept), ""},
    {"route-name", KIND_TEXT, offsetof(struct tnsd_options, route_name), "NAME"},
    {"fail-logon", KIND_TEXT, offsetof(struct tnsd_options, failure), "TEXT"},
    {"pose", KIND_TEXT, offsetof(struct tnsd_options, pose), "12.2|19c|23ai"},
    {"no-fast-logon", KIND_SWITCH, offsetof(struct tnsd_options, no_fast_logon), ""},
    {"no-end-of-response", KIND_SWITCH, offsetof(struct tnsd_options, no_end_of_response), ""},
    {"dislike-types", KIND_SWITCH, offsetof(struct tnsd_options, dislikes_types), ""},
    {"verifier", KIND_TEXT, offsetof(struct tnsd_options, verifier), "12c|11g|11g-long"},
    {"proxy-client", KIND_TEXT, offsetof(struct tnsd_options, proxy_client), "NAME"},
    {"expired", KIND_SWITCH, offsetof(struct tnsd_options, is_expired), ""},
    {"token", KIND_TEXT, offsetof(struct tnsd_options, token), "WORD"},
    {"token-key", KIND_TEXT, offsetof(struct tnsd_options, token_key), "FILE"},
    {"pooled", KIND_SWITCH, offsetof(struct tnsd_options, is_pooled), ""},
    {"privilege", KIND_TEXT, offsetof(struct tnsd_options, privilege), "sysdba|sysoper"},
    {"edition", KIND_TEXT, offsetof(struct tnsd_options, edition), "NAME"},
};

static const struct tnsd_pose poses[] = {
    {"12.2", 316, ORA_FV_12_2, 0x0C200100}, /* 12.2.0.1.0 */
    {"19c", 318, 12, 0x13000000},           /* 19.0.0.0.0 */
    {"23ai", 319, ORA_FV_23_4, 0x17040000}, /* 23.4.0.0.0 */
};

const struct tnsd_pose *tnsd_pose_of(const char *name)
{
    for (size_t i = 0; i < sizeof(poses) / sizeof(poses[0]); i++) {
        if (strcmp(poses[i].name, name) == 0) {
            return &poses[i];
        }
    }
    return NULL;
}

static bool refuse(const char *what)
{
    (void)fprintf(stderr, "tnsd: %s\nusage: tnsd", what);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        (void)fprintf(stderr, " [--%s%s%s]", known[i].name, *known[i].what != '\0' ? " " : "",
                      known[i].what);
    }
    (void)fputs(
        "\nPrints \"port N\" when it listens on 127.0.0.1, and ends when its standard input "
        "does. With a certificate all\ngoes by TLS, and clients must show one.\n",
        stderr);
    return false;
}

static const struct option *find(const char *argument)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strncmp(argument, "--", 2) == 0 && strcmp(argument + 2, known[i].name) == 0) {
            return &known[i];
        }
    }
    return NULL;
}

bool tnsd_read_options(int argc, char **argv, struct tnsd_options *ret)
{
    for (int i = 1; i < argc; i++) {
        const struct option *option = find(argv[i]);
        void *to = (char *)ret + (option != NULL ? option->offset : 0);

        if (option == NULL || (option->kind != KIND_SWITCH && i + 1 == argc)) {
            return refuse(argv[i]);
        }
        switch (option->kind) {
        case KIND_TEXT:
            *(const char **)to = argv[++i];
            break;
        case KIND_NUMBER:
            *(uint32_t *)to = (uint32_t)strtoul(argv[++i], NULL, 10);
            break;
        case KIND_SWITCH:
            *(bool *)to = true;
            break;
        }
    }
    return tnsd_pose_of(ret->pose) != NULL || refuse(ret->pose);
}
