#include "otlp/config.h"

#include <string.h>

#include "core/rd.h"
#include "core/text.h"
#include "net/http_client.h"

enum { HEX_DIGITS = 2, PAIRS_MAX = 128 /* OpenTelemetry's limit of attributes */ };

/* ---- pairs ---- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* In place. A '%' that is not followed by two digits, and a NUL, are wrong. */
static bool percent_decode(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++) {
        if (*from == '%') {
            const int high = hex_value(from[1]);
            const int low = high < 0 ? -1 : hex_value(from[2]);

            if (low < 0 || high + low == 0) {
                return false;
            }
            *to++ = (char)(uint8_t)(high * 16 + low);
            from += HEX_DIGITS;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
    return utf8_is_valid(text, (size_t)(to - text));
}

static bool read_pair(struct arena *arena, const char *member, size_t length, struct otlp_pair *ret)
{
    char *text = arena_dup(arena, member, length);
    char *equals = strchr(text, '=');
    char *value;

    if (equals == NULL) {
        return false;
    }
    *equals = '\0';
    value = text_trimmed(arena, equals + 1);
    *ret = (struct otlp_pair){.name = text_trimmed(arena, text), .value = value};
    return ret->name[0] != '\0' && percent_decode(value);
}

/* The text may be a secret: errors do not repeat it. */
bool otlp_pairs_read(const char *text, const char *what, struct arena *arena,
                     struct otlp_pair **ret, size_t *ret_count, struct err *err)
{
    struct rd rd = rd_of(text, strlen(text));
    struct otlp_pair *pairs = arena_alloc(arena, PAIRS_MAX * sizeof(*pairs));
    size_t count = 0;
    size_t number = 0;

    while (rd_left(&rd) > 0) {
        size_t length;
        const char *member = rd_until(&rd, ',', &length);

        number++;
        if (strspn(member, " \t") >= length) {
            continue; /* an empty member is allowed */
        }
        if (count == PAIRS_MAX) {
            return err_field(err, ERR_CONFIG, what, "%s: more than %d names", what, PAIRS_MAX);
        }
        if (!read_pair(arena, member, length, &pairs[count++])) {
            return err_field(err, ERR_CONFIG, what,
                             "%s: member %zu is not of the form name=value, with %%xx for what is "
                             "no plain character",
                             what, number);
        }
    }
    *ret = pairs;
    *ret_count = count;
    return true;
}

/* ---- headers ---- */

/* RFC 9110: a token, and no control character in a value. */
static bool is_header(const struct otlp_pair *pair)
{
    if (!text_has_only(pair->name, "!#$%&'*+-.^_`|~")) {
        return false;
    }
    for (const char *at = pair->value; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7F) {
            return false;
        }
    }
    return true;
}

static const char *const NO_HEADERS[] = {NULL};

static bool read_headers(const char *text, const char *what, struct arena *arena,
                         const char *const **ret, struct err *err)
{
    struct otlp_pair *pairs = NULL;
    const char **lines;
    size_t count = 0;

    if (!otlp_pairs_read(text, what, arena, &pairs, &count, err)) {
        return false;
    }
    lines = arena_alloc(arena, (count + 1) * sizeof(*lines));
    for (size_t i = 0; i < count; i++) {
        if (!is_header(&pairs[i])) {
            return err_field(err, ERR_CONFIG, what, "%s: member %zu cannot be a header", what,
                             i + 1);
        }
        lines[i] = arena_printf(arena, "%s: %s", pairs[i].name, pairs[i].value);
    }
    lines[count] = NULL;
    *ret = lines;
    return true;
}

/* ---- OpenTelemetry's ---- */

/* What differs from subject to subject. Where Oracle Cloud's APM takes what comes with the private
 * data key is said in its documentation, "Configure OpenTelemetry Data Sources". */
struct subject {
    const char *word; /* in variables' names */
    const char *path;
    const char *apm_path;
};

static const struct subject SUBJECTS[OTLP_SUBJECTS] = {
    [OTLP_OF_TRACES] = {"TRACES", "/v1/traces", "/20200101/opentelemetry/private/v1/traces"},
    [OTLP_OF_METRICS] = {"METRICS", "/v1/metrics", "/20200101/opentelemetry/v1/metrics"},
    [OTLP_OF_LOGS] = {"LOGS", "/v1/logs", "/20200101/opentelemetry/v1/logs"},
};

/* A setting: the variable that counts, and what it says. */
struct choice {
    const char *name;
    const char *value;
};

static struct choice choose(struct arena *arena, enum otlp_subject of, const char *what,
                            const char *own, const char *all)
{
    if (own[0] != '\0') {
        return (struct choice){
            arena_printf(arena, "OTEL_EXPORTER_OTLP_%s_%s", SUBJECTS[of].word, what), own};
    }
    return (struct choice){arena_printf(arena, "OTEL_EXPORTER_OTLP_%s", what), all};
}

static bool read_protocol(const struct choice *choice, bool *ret_is_json, struct err *err)
{
    *ret_is_json = strcmp(choice->value, "http/json") == 0;
    return *ret_is_json || strcmp(choice->value, "http/protobuf") == 0 ||
           err_field(err, ERR_CONFIG, choice->name,
                     "%s: \"%.32s\" is neither http/protobuf nor http/json; of others, as grpc, a "
                     "collector makes what is wanted",
                     choice->name, choice->value);
}

static bool read_compression(const struct choice *choice, bool *ret_is_packed, struct err *err)
{
    *ret_is_packed = strcmp(choice->value, "gzip") == 0;
    return *ret_is_packed || strcmp(choice->value, "none") == 0 ||
           err_field(err, ERR_CONFIG, choice->name, "%s: \"%.32s\" is neither gzip nor none",
                     choice->name, choice->value);
}

/* Headers open what they are for, as the internal key does. */
static bool check_way(const struct otlp_settings *settings, const char *name,
                      const struct otlp_destination *destination, struct err *err)
{
    switch (http_way_of(destination->url)) {
    case HTTP_WAY_PRIVATE:
        return true;
    case HTTP_WAY_PLAIN:
        return destination->headers[0] == NULL || settings->allow_plaintext ||
               err_field(err, ERR_CONFIG, name,
                         "%s: the headers would go to another machine in clear: let it be https, "
                         "or set OCTO_OTLP_ALLOW_PLAINTEXT",
                         name);
    case HTTP_WAY_NONE:
        break;
    }
    /* Without what it says: a password or a key may be part of it. */
    return err_field(err, ERR_CONFIG, name, "%s is not of the form http(s)://host:port", name);
}

/* Without slashes at its end. */
static int length_of_base(const char *url, size_t length)
{
    while (length > 0 && url[length - 1] == '/') {
        length--;
    }
    return (int)length;
}

/* For all it is the beginning of an address, for one it is the address itself. */
static const char *url_of(const struct otlp_settings *settings, enum otlp_subject of,
                          struct arena *arena)
{
    const char *own = settings->of[of].endpoint;
    const char *all = settings->all.endpoint;

    return own[0] != '\0' ? own
                          : arena_printf(arena, "%.*s%s", length_of_base(all, strlen(all)), all,
                                         SUBJECTS[of].path);
}

static bool read_otlp(const struct otlp_settings *settings, enum otlp_subject of,
                      struct arena *arena, struct otlp_destination *ret, struct err *err)
{
    const struct otlp_way_settings *own = &settings->of[of];
    const struct otlp_way_settings *all = &settings->all;
    const struct choice endpoint = choose(arena, of, "ENDPOINT", own->endpoint, all->endpoint);
    const struct choice headers = choose(arena, of, "HEADERS", own->headers, all->headers);
    const struct choice protocol = choose(arena, of, "PROTOCOL", own->protocol, all->protocol);
    const struct choice compression =
        choose(arena, of, "COMPRESSION", own->compression, all->compression);

    *ret = (struct otlp_destination){
        .url = url_of(settings, of, arena),
        .headers = NO_HEADERS,
        .ca_file = own->certificate[0] != '\0' ? own->certificate : all->certificate,
        .timeout_ms = own->timeout_ms > 0 ? own->timeout_ms : all->timeout_ms,
    };
    return read_headers(headers.value, headers.name, arena, &ret->headers, err) &&
           read_protocol(&protocol, &ret->is_json, err) &&
           read_compression(&compression, &ret->is_packed, err) &&
           check_way(settings, endpoint.name, ret, err);
}

/* ---- Oracle Cloud's ---- */

static const char APM_VERSION[] = "/20200101/";

/* The data upload endpoint, as the console shows it; with a path of the service behind it too. */
static bool read_apm(const struct otlp_settings *settings, enum otlp_subject of,
                     struct arena *arena, struct otlp_destination *ret, struct err *err)
{
    const char *base = settings->apm_endpoint;
    const char *path = strstr(base, APM_VERSION);
    const size_t length = path != NULL ? (size_t)(path - base) : strlen(base);
    const char **lines = arena_alloc(arena, 2 * sizeof(*lines));
    const struct otlp_pair key = {.name = "Authorization", .value = settings->apm_key};
    const struct choice compression = {"OTEL_EXPORTER_OTLP_COMPRESSION", settings->all.compression};

    if (settings->apm_key[0] == '\0') {
        return err_field(err, ERR_CONFIG, "OCI_APM_PRIVATE_DATAKEY",
                         "OCI_APM_ENDPOINT needs OCI_APM_PRIVATE_DATAKEY or "
                         "OCI_APM_PRIVATE_DATAKEY_FILE");
    }
    if (!is_header(&key)) {
        return err_field(err, ERR_CONFIG, "OCI_APM_PRIVATE_DATAKEY",
                         "OCI_APM_PRIVATE_DATAKEY: cannot be a header");
    }
    lines[0] = arena_printf(arena, "Authorization: dataKey %s", settings->apm_key);
    lines[1] = NULL;
    *ret = (struct otlp_destination){
        .url = arena_printf(arena, "%.*s%s", length_of_base(base, length), base,
                            SUBJECTS[of].apm_path),
        .headers = lines,
        .ca_file = settings->all.certificate,
        .timeout_ms = settings->all.timeout_ms,
    };
    return read_compression(&compression, &ret->is_packed, err) &&
           check_way(settings, "OCI_APM_ENDPOINT", ret, err);
}

/* ---- all of it ---- */

static bool read_exporter(const struct otlp_settings *settings, enum otlp_subject of,
                          struct arena *arena, bool *ret_is_on, struct err *err)
{
    const char *value = settings->of[of].exporter;
    const char *name = arena_printf(arena, "OTEL_%s_EXPORTER", SUBJECTS[of].word);

    *ret_is_on = strcmp(value, "otlp") == 0;
    return *ret_is_on || strcmp(value, "none") == 0 ||
           err_field(err, ERR_CONFIG, name, "%s: \"%.32s\" is neither otlp nor none", name, value);
}

/* What is wrong is told of what is not sent too. */
static bool read_destinations(const struct otlp_settings *settings, enum otlp_subject of,
                              struct arena *arena, struct otlp_destinations *ret, struct err *err)
{
    struct otlp_destinations to = {.count = 0};
    bool is_on;

    if ((settings->all.endpoint[0] != '\0' || settings->of[of].endpoint[0] != '\0') &&
        !read_otlp(settings, of, arena, &to.list[to.count++], err)) {
        return false;
    }
    if (settings->apm_endpoint[0] != '\0' &&
        !read_apm(settings, of, arena, &to.list[to.count++], err)) {
        return false;
    }
    if (!read_exporter(settings, of, arena, &is_on, err)) {
        return false;
    }
    if (is_on && !settings->is_disabled) {
        *ret = to;
    }
    return true;
}

static bool check_queue(const struct otlp_queue_settings *queue, const char *prefix,
                        struct arena *arena, struct err *err)
{
    const char *name = arena_printf(arena, "OTEL_%s_MAX_EXPORT_BATCH_SIZE", prefix);

    return queue->batch_max <= queue->queue_max ||
           err_field(err, ERR_CONFIG, name, "%s: is more than OTEL_%s_MAX_QUEUE_SIZE", name,
                     prefix);
}

bool otlp_config_read(const struct otlp_settings *settings, struct arena *arena,
                      struct otlp_config *ret, struct err *err)
{
    struct otlp_config config = {.of = {{.count = 0}}};

    if (!check_queue(&settings->spans, "BSP", arena, err) ||
        !check_queue(&settings->logs, "BLRP", arena, err)) {
        return false;
    }
    if (settings->apm_endpoint[0] == '\0' && settings->apm_key[0] != '\0') {
        return err_field(err, ERR_CONFIG, "OCI_APM_ENDPOINT",
                         "OCI_APM_PRIVATE_DATAKEY needs OCI_APM_ENDPOINT");
    }
    for (enum otlp_subject of = 0; of < OTLP_SUBJECTS; of++) {
        if (!read_destinations(settings, of, arena, &config.of[of], err)) {
            return false;
        }
    }
    *ret = config;
    return true;
}

/* ---- the resource ---- */

static void resource_set(struct attribute *attributes, size_t *count,
                         const struct attribute *attribute)
{
    size_t at = 0;

    while (at < *count && strcmp(attributes[at].key, attribute->key) != 0) {
        at++;
    }
    attributes[at] = *attribute;
    if (at == *count) {
        ++*count;
    }
}

bool otlp_resource_read(const struct otlp_settings *settings, const struct attribute *own,
                        size_t own_count, struct arena *arena, struct attribute **ret,
                        size_t *ret_count, struct err *err)
{
    struct attribute *attributes;
    struct otlp_pair *pairs = NULL;
    size_t pair_count = 0;
    size_t count = 0;

    if (!otlp_pairs_read(settings->resource_attributes, "OTEL_RESOURCE_ATTRIBUTES", arena, &pairs,
                         &pair_count, err)) {
        return false;
    }
    attributes = arena_alloc(arena, (own_count + pair_count + 1) * sizeof(*attributes));
    for (size_t i = 0; i < own_count; i++) {
        resource_set(attributes, &count, &own[i]);
    }
    for (size_t i = 0; i < pair_count; i++) {
        const struct attribute given = attribute_text(pairs[i].name, pairs[i].value);

        resource_set(attributes, &count, &given);
    }
    if (settings->service_name[0] != '\0') {
        const struct attribute name = attribute_text("service.name", settings->service_name);

        resource_set(attributes, &count, &name);
    }
    *ret = attributes;
    *ret_count = count;
    return true;
}
