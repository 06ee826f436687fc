#include "support/test.h"
#include "trace/sampler.h"

enum { IDS = 100000 };

static struct sampler must_parse(const char *name, const char *arg)
{
    struct sampler sampler = {.threshold = 0};
    struct err err = {.code = ERR_NONE};

    if (!sampler_parse(name, arg, &sampler, &err)) {
        fail_msg("%s", err.text);
    }
    return sampler;
}

static struct trace_context remote(uint8_t flags, uint64_t low)
{
    return (struct trace_context){.flags = flags, .is_remote = true, .trace_low = low};
}

/* By what each sampler does with a caller's flag and with ids at both ends. */
static void sampler_parse__each_name__decides_as_named(void **state)
{
    static const struct {
        const char *name;
        const char *arg;
        bool low_root;
        bool high_root;
        bool sampled_caller;
        bool unsampled_caller;
    } CASES[] = {
        {"always_on", "", true, true, true, true},
        {"always_off", "", false, false, false, false},
        {"traceidratio", "", true, true, true, true},
        {"traceidratio", "1", true, true, true, true},
        {"traceidratio", "0.0", false, false, false, false},
        {"traceidratio", "1e-3", false, true, false, false},
        {"parentbased_always_on", "", true, true, true, false},
        {"parentbased_always_off", "", false, false, true, false},
        {"parentbased_always_off", "not read", false, false, true, false},
        {"parentbased_traceidratio", "0.5", false, true, true, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const struct sampler sampler = must_parse(CASES[i].name, CASES[i].arg);
        const struct trace_context low = {.trace_low = UINT64_C(1) << 56};
        const struct trace_context high = {.trace_low = (UINT64_C(1) << 56) - 1};
        const struct trace_context sampled = remote(TRACE_FLAGS_KNOWN, 0);
        const struct trace_context unsampled = remote(TRACE_FLAG_RANDOM, 0);

        assert_int_equal(sampler_records(&sampler, &low), CASES[i].low_root);
        assert_int_equal(sampler_records(&sampler, &high), CASES[i].high_root);
        assert_int_equal(sampler_records(&sampler, &sampled), CASES[i].sampled_caller);
        assert_int_equal(sampler_records(&sampler, &unsampled), CASES[i].unsampled_caller);
    }
}

static void sampler_parse__no_sampler__error_that_names_the_setting(void **state)
{
    static const char *const BAD[][3] = {
        {"", "", "OTEL_TRACES_SAMPLER"},
        {"always", "", "OTEL_TRACES_SAMPLER"},
        {"parentbased_", "", "OTEL_TRACES_SAMPLER"},
        {"parentbased_parentbased_always_on", "", "OTEL_TRACES_SAMPLER"},
        {"xray", "1", "OTEL_TRACES_SAMPLER"},
        {"traceidratio", "10%", "OTEL_TRACES_SAMPLER_ARG"},
        {"traceidratio", "1.01", "OTEL_TRACES_SAMPLER_ARG"},
        {"traceidratio", "-0.1", "OTEL_TRACES_SAMPLER_ARG"},
        {"traceidratio", "nan", "OTEL_TRACES_SAMPLER_ARG"},
        {"parentbased_traceidratio", "x", "OTEL_TRACES_SAMPLER_ARG"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
        struct sampler sampler = {.threshold = 7};
        struct err err = {.code = ERR_NONE};

        assert_false(sampler_parse(BAD[i][0], BAD[i][1], &sampler, &err));
        assert_int_equal(err.code, ERR_CONFIG);
        assert_string_equal(err.field, BAD[i][2]);
        assert_int_equal(sampler.threshold, 7);
    }
}

/* splitmix64: the same ids in each run. */
static uint64_t next_id(uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* A tenth of all traces, within what chance allows: three times its deviation, of seeded ids. */
static void sampler_records__ratio_of_a_tenth__a_tenth(void **state)
{
    const struct sampler sampler = must_parse("traceidratio", "0.1");
    const struct sampler larger = must_parse("traceidratio", "0.3");
    uint64_t seed = 8;
    int recorded = 0;

    (void)state;
    for (int i = 0; i < IDS; i++) {
        const struct trace_context trace = {.trace_low = next_id(&seed)};

        recorded += sampler_records(&sampler, &trace);
        assert_true(!sampler_records(&sampler, &trace) || sampler_records(&larger, &trace));
    }
    assert_in_range(recorded, IDS / 10 - 285, IDS / 10 + 285);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sampler_parse__each_name__decides_as_named),
        cmocka_unit_test(sampler_parse__no_sampler__error_that_names_the_setting),
        cmocka_unit_test(sampler_records__ratio_of_a_tenth__a_tenth),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
