/* otlp/config.h */
#include "otlp/config.h"
#include "support/test.h"

struct fixture {
    struct arena arena;
    struct otlp_settings settings;
    struct otlp_config config;
    struct err err;
};

#define NOTHING_OF_ITS_OWN                                                                         \
    {                                                                                              \
        .exporter = "otlp", .endpoint = "", .headers = "", .compression = "", .protocol = "",      \
        .certificate = ""                                                                          \
    }

/* As the rows of a service leave it when nothing is set. */
static const struct otlp_settings NOTHING_SET = {
    .service_name = "",
    .resource_attributes = "",
    .all = {.endpoint = "",
            .headers = "",
            .timeout_ms = 10000,
            .compression = "none",
            .protocol = "http/protobuf",
            .certificate = ""},
    .of = {[OTLP_OF_TRACES] = NOTHING_OF_ITS_OWN,
           [OTLP_OF_METRICS] = NOTHING_OF_ITS_OWN,
           [OTLP_OF_LOGS] = NOTHING_OF_ITS_OWN},
    .apm_endpoint = "",
    .apm_key = "",
    .spans = {.queue_max = 8192, .batch_max = 512},
    .logs = {.queue_max = 2048, .batch_max = 512},
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.settings = NOTHING_SET};
    arena_init(&fixture.arena);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    arena_fini(&((struct fixture *)*state)->arena);
    return 0;
}

static const struct otlp_destination *read_one(struct fixture *f)
{
    if (!otlp_config_read(&f->settings, &f->arena, &f->config, &f->err)) {
        fail_msg("%s", f->err.text);
    }
    assert_int_equal(f->config.of[OTLP_OF_TRACES].count, 1);
    return &f->config.of[OTLP_OF_TRACES].list[0];
}

static void assert_refused(struct fixture *f, const char *variable, const char *why)
{
    assert_false(otlp_config_read(&f->settings, &f->arena, &f->config, &f->err));
    assert_int_equal(f->err.code, ERR_CONFIG);
    assert_string_equal(f->err.field, variable);
    if (strstr(f->err.text, why) == NULL) {
        fail_msg("\"%s\" lacks \"%s\"", f->err.text, why);
    }
}

static void otlp_config_read__nothing_set__nothing_is_sent(void **state)
{
    struct fixture *f = *state;

    assert_true(otlp_config_read(&f->settings, &f->arena, &f->config, &f->err));
    assert_int_equal(f->config.of[OTLP_OF_TRACES].count, 0);
}

static void otlp_config_read__endpoint_of_all__gets_the_path(void **state)
{
    static const char *const ENDPOINTS[][2] = {
        {"http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"},
        {"http://localhost:4318/", "http://localhost:4318/v1/traces"},
        {"https://collector.example/otlp//", "https://collector.example/otlp/v1/traces"},
    };
    struct fixture *f = *state;
    const struct otlp_destination *to;

    for (size_t i = 0; i < sizeof(ENDPOINTS) / sizeof(ENDPOINTS[0]); i++) {
        f->settings.all.endpoint = ENDPOINTS[i][0];
        to = read_one(f);
        assert_string_equal(to->url, ENDPOINTS[i][1]);
        assert_null(to->headers[0]);
        assert_int_equal(to->timeout_ms, 10000);
        assert_false(to->is_json);
        assert_false(to->is_packed);
        assert_string_equal(to->ca_file, "");
    }
}

/* The same for each, at a path of its own; what is not wanted is not sent. */
static void otlp_config_read__metrics_and_logs__have_their_paths(void **state)
{
    struct fixture *f = *state;
    const struct otlp_destinations *metrics = &f->config.of[OTLP_OF_METRICS];
    const struct otlp_destinations *logs = &f->config.of[OTLP_OF_LOGS];

    f->settings.all.endpoint = "http://127.0.0.1:4318";
    f->settings.apm_endpoint = "https://aaaa.example";
    f->settings.apm_key = "KEY";
    f->settings.of[OTLP_OF_LOGS].timeout_ms = 5;
    assert_true(otlp_config_read(&f->settings, &f->arena, &f->config, &f->err));
    assert_int_equal(metrics->count, 2);
    assert_string_equal(metrics->list[0].url, "http://127.0.0.1:4318/v1/metrics");
    assert_string_equal(metrics->list[1].url,
                        "https://aaaa.example/20200101/opentelemetry/v1/metrics");
    assert_int_equal(metrics->list[0].timeout_ms, 10000);
    assert_string_equal(logs->list[0].url, "http://127.0.0.1:4318/v1/logs");
    assert_int_equal(logs->list[0].timeout_ms, 5);
    f->settings.of[OTLP_OF_METRICS].exporter = "none";
    f->settings.of[OTLP_OF_LOGS].endpoint = "http://127.0.0.1:1/logs";
    assert_true(otlp_config_read(&f->settings, &f->arena, &f->config, &f->err));
    assert_int_equal(metrics->count, 0);
    assert_string_equal(logs->list[0].url, "http://127.0.0.1:1/logs");
    f->settings.of[OTLP_OF_METRICS].exporter = "prometheus";
    assert_refused(f, "OTEL_METRICS_EXPORTER", "\"prometheus\" is neither");
}

/* What is set for spans comes before what is set for all; each for itself. */
static void otlp_config_read__of_traces__come_first(void **state)
{
    struct fixture *f = *state;
    const struct otlp_destination *to;

    f->settings.all = (struct otlp_way_settings){.endpoint = "http://127.0.0.1:1",
                                                 .headers = "a=1",
                                                 .timeout_ms = 7,
                                                 .compression = "gzip",
                                                 .protocol = "http/json",
                                                 .certificate = "all.pem"};
    to = read_one(f);
    assert_string_equal(to->headers[0], "a: 1");
    assert_int_equal(to->timeout_ms, 7);
    assert_true(to->is_json);
    assert_true(to->is_packed);
    assert_string_equal(to->ca_file, "all.pem");
    f->settings.of[OTLP_OF_TRACES] =
        (struct otlp_way_settings){.endpoint = "http://127.0.0.1:2/spans/",
                                   .headers = "b=2",
                                   .timeout_ms = 8,
                                   .compression = "none",
                                   .protocol = "http/protobuf",
                                   .exporter = "otlp",
                                   .certificate = "own.pem"};
    to = read_one(f);
    assert_string_equal(to->url, "http://127.0.0.1:2/spans/");
    assert_string_equal(to->headers[0], "b: 2");
    assert_null(to->headers[1]);
    assert_int_equal(to->timeout_ms, 8);
    assert_false(to->is_json);
    assert_false(to->is_packed);
    assert_string_equal(to->ca_file, "own.pem");
}

static void otlp_config_read__headers__are_decoded(void **state)
{
    struct fixture *f = *state;
    const struct otlp_destination *to;

    f->settings.all.endpoint = "http://127.0.0.1:4318";
    f->settings.all.headers = " Authorization = Bearer%20a%3Db , ,x-tenant=7";
    to = read_one(f);
    assert_string_equal(to->headers[0], "Authorization: Bearer a=b");
    assert_string_equal(to->headers[1], "x-tenant: 7");
    assert_null(to->headers[2]);
}

/* None of these texts may show up in an error: they open something. */
static void otlp_config_read__headers_that_are_none__are_refused(void **state)
{
    static const char *const HEADERS[] = {
        "s3cret",      "=s3cret",    "a=s3cret%",      "a=s3cret%4",  "a=s3cret%zz",
        "a=s3cret%00", "a b=s3cret", "a=s3cret%0d%0a", "a=s3cret%ff", "a=1,b=2,c s3cret"};
    struct fixture *f = *state;

    f->settings.all.endpoint = "http://127.0.0.1:4318";
    for (size_t i = 0; i < sizeof(HEADERS) / sizeof(HEADERS[0]); i++) {
        f->settings.all.headers = HEADERS[i];
        assert_refused(f, "OTEL_EXPORTER_OTLP_HEADERS", "member ");
        assert_null(strstr(f->err.text, "s3cret"));
    }
    f->settings.of[OTLP_OF_TRACES].headers = "x";
    assert_refused(f, "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "member 1 ");
}

/* What opens a receiver does not travel in clear, but where somebody says so. */
static void otlp_config_read__headers_over_plain_http__need_leave(void **state)
{
    struct fixture *f = *state;

    f->settings.all.endpoint = "http://192.0.2.1:4318";
    assert_string_equal(read_one(f)->url, "http://192.0.2.1:4318/v1/traces");
    f->settings.all.headers = "a=1";
    assert_refused(f, "OTEL_EXPORTER_OTLP_ENDPOINT", "OCTO_OTLP_ALLOW_PLAINTEXT");
    f->settings.allow_plaintext = true;
    assert_string_equal(read_one(f)->headers[0], "a: 1");
}

static void otlp_config_read__what_there_is_not__is_refused(void **state)
{
    struct fixture *f = *state;

    f->settings.all.endpoint = "collector:4318";
    assert_refused(f, "OTEL_EXPORTER_OTLP_ENDPOINT", "http(s)://host:port");
    f->settings.of[OTLP_OF_TRACES].endpoint = "ftp://collector/";
    assert_refused(f, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http(s)://host:port");
    f->settings.of[OTLP_OF_TRACES].endpoint = "htp://user:pa55word@host/v1?key=s3cret";
    assert_refused(f, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http(s)://host:port");
    assert_null(strstr(f->err.text, "pa55word"));
    assert_null(strstr(f->err.text, "s3cret"));
    f->settings.of[OTLP_OF_TRACES].endpoint = "http://127.0.0.1:4318/";
    f->settings.all.protocol = "grpc";
    assert_refused(f, "OTEL_EXPORTER_OTLP_PROTOCOL", "\"grpc\" is neither");
    f->settings.of[OTLP_OF_TRACES].protocol = "json";
    assert_refused(f, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "\"json\" is neither");
    f->settings.of[OTLP_OF_TRACES].protocol = "http/json";
    f->settings.all.compression = "zstd";
    assert_refused(f, "OTEL_EXPORTER_OTLP_COMPRESSION", "\"zstd\" is neither");
    f->settings.all.compression = "gzip";
    f->settings.spans.queue_max = 511;
    assert_refused(f, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "OTEL_BSP_MAX_QUEUE_SIZE");
}

static void otlp_config_read__apm__has_its_path_and_header(void **state)
{
#define APM "https://aaaa.apm-agt.eu-frankfurt-1.oci.oraclecloud.com"
    static const char *const ENDPOINTS[] = {
        APM,
        APM "/",
        APM "/20200101/opentelemetry/private/v1/traces",
    };
    struct fixture *f = *state;

    f->settings.apm_key = "KEY";
    for (size_t i = 0; i < sizeof(ENDPOINTS) / sizeof(ENDPOINTS[0]); i++) {
        f->settings.apm_endpoint = ENDPOINTS[i];
        assert_string_equal(read_one(f)->url, ENDPOINTS[2]);
        assert_string_equal(read_one(f)->headers[0], "Authorization: dataKey KEY");
        assert_null(read_one(f)->headers[1]);
    }
    f->settings.all.endpoint = "http://127.0.0.1:4318"; /* both at once */
    assert_true(otlp_config_read(&f->settings, &f->arena, &f->config, &f->err));
    assert_int_equal(f->config.of[OTLP_OF_TRACES].count, 2);
}

static void otlp_config_read__half_of_apm__is_refused(void **state)
{
    struct fixture *f = *state;

    f->settings.apm_key = "KEY";
    assert_refused(f, "OCI_APM_ENDPOINT", "OCI_APM_PRIVATE_DATAKEY needs OCI_APM_ENDPOINT");
    f->settings.apm_endpoint = "http://192.0.2.1";
    assert_refused(f, "OCI_APM_ENDPOINT", "in clear");
    f->settings.apm_key = "K\nEY";
    assert_refused(f, "OCI_APM_PRIVATE_DATAKEY", "cannot be a header");
    f->settings.apm_key = "";
    assert_refused(f, "OCI_APM_PRIVATE_DATAKEY", "OCI_APM_PRIVATE_DATAKEY_FILE");
}

static void otlp_config_read__disabled__sends_nothing(void **state)
{
    struct fixture *f = *state;

    f->settings.all.endpoint = "http://127.0.0.1:4318";
    f->settings.is_disabled = true;
    assert_true(otlp_config_read(&f->settings, &f->arena, &f->config, &f->err));
    assert_int_equal(f->config.of[OTLP_OF_TRACES].count, 0);
}

static void otlp_resource_read__given_ones__go_over_our_own(void **state)
{
    const struct attribute own[] = {attribute_text("service.name", "shop"),
                                    attribute_text("host.name", "here"),
                                    attribute_int("process.pid", 7)};
    struct fixture *f = *state;
    struct attribute *attributes;
    size_t count;

    f->settings.resource_attributes = "service.name=other, host.name = there,team=drones%2Ca";
    assert_true(otlp_resource_read(&f->settings, own, 3, &f->arena, &attributes, &count, &f->err));
    assert_int_equal(count, 4);
    assert_string_equal(attributes[0].key, "service.name");
    assert_string_equal(attributes[0].text, "other");
    assert_string_equal(attributes[1].text, "there");
    assert_int_equal(attributes[2].integer, 7);
    assert_string_equal(attributes[3].key, "team");
    assert_string_equal(attributes[3].text, "drones,a");
    f->settings.service_name = "mine"; /* comes before service.name among the attributes */
    assert_true(otlp_resource_read(&f->settings, own, 3, &f->arena, &attributes, &count, &f->err));
    assert_int_equal(count, 4);
    assert_string_equal(attributes[0].text, "mine");
    f->settings.resource_attributes = "team";
    assert_false(otlp_resource_read(&f->settings, own, 3, &f->arena, &attributes, &count, &f->err));
    assert_string_equal(f->err.field, "OTEL_RESOURCE_ATTRIBUTES");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(otlp_config_read__nothing_set__nothing_is_sent),
        TEST(otlp_config_read__endpoint_of_all__gets_the_path),
        TEST(otlp_config_read__metrics_and_logs__have_their_paths),
        TEST(otlp_config_read__of_traces__come_first),
        TEST(otlp_config_read__headers__are_decoded),
        TEST(otlp_config_read__headers_that_are_none__are_refused),
        TEST(otlp_config_read__headers_over_plain_http__need_leave),
        TEST(otlp_config_read__what_there_is_not__is_refused),
        TEST(otlp_config_read__apm__has_its_path_and_header),
        TEST(otlp_config_read__half_of_apm__is_refused),
        TEST(otlp_config_read__disabled__sends_nothing),
        TEST(otlp_resource_read__given_ones__go_over_our_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
