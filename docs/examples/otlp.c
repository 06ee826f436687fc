/* Turns a request of spans from protobuf into JSON, or back, and says whose they are.
 * docs/correlation.md builds it. */
#include <octo/otlp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char request[1 << 20];

static void ignore(void *arg, const char *message, const char *field)
{
    (void)arg, (void)message, (void)field;
}

static void see(void *arg, const char *message, const char *field,
                const struct octo_otlp_value *value)
{
    (void)arg;
    if (strcmp(message, "Span") == 0 && strcmp(field, "name") == 0) {
        (void)fprintf(stderr, "span %.*s\n", (int)value->length, value->bytes);
    }
}

int main(int argc, char **argv)
{
    const struct octo_otlp_visitor visitor = {.begin = ignore, .value = see, .end = ignore};
    const bool to_json = argc == 2 && strcmp(argv[1], "json") == 0;
    const enum octo_otlp_encoding from = to_json ? OCTO_OTLP_PROTOBUF : OCTO_OTLP_JSON;
    const enum octo_otlp_encoding to = to_json ? OCTO_OTLP_JSON : OCTO_OTLP_PROTOBUF;
    const size_t length = fread(request, 1, sizeof(request), stdin);
    struct octo_otlp_fault fault;
    size_t made_length = 0;
    char *made = NULL;
    const bool ok =
        octo_otlp_read(OCTO_OTLP_TRACES, from, request, length, &visitor, &fault) &&
        octo_otlp_convert(OCTO_OTLP_TRACES, from, request, length, to, &made, &made_length, &fault);

    if (!ok) {
        (void)fprintf(stderr, "%s\n", fault.text);
        return 1;
    }
    (void)fwrite(made, 1, made_length, stdout);
    free(made);
    return 0;
}
