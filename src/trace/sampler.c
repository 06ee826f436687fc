#include "trace/sampler.h"

#include <stdlib.h>
#include <string.h>

/* The seven bytes that are random where the flag says so (Trace Context level 2, section 3.2.2.3):
 * services that compare the same bytes with the same ratio decide alike. */
#define RANDOM_VALUES (UINT64_C(1) << 56)

#define PARENT_BASED "parentbased_"

static bool parse_ratio(const char *arg, uint64_t *ret_threshold, struct err *err)
{
    char *end;
    const double ratio = strtod(arg, &end);

    if (*arg == '\0') {
        *ret_threshold = 0;
        return true;
    }
    if (*end != '\0' || !(ratio >= 0 && ratio <= 1)) {
        return err_field(err, ERR_CONFIG, "OTEL_TRACES_SAMPLER_ARG",
                         "OTEL_TRACES_SAMPLER_ARG: \"%.32s\" is no ratio from 0 to 1", arg);
    }
    *ret_threshold = (uint64_t)((1 - ratio) * (double)RANDOM_VALUES + 0.5);
    return true;
}

bool sampler_parse(const char *name, const char *arg, struct sampler *ret, struct err *err)
{
    struct sampler sampler = {.heeds_parent =
                                  strncmp(name, PARENT_BASED, strlen(PARENT_BASED)) == 0};
    const char *root = sampler.heeds_parent ? name + strlen(PARENT_BASED) : name;

    if (strcmp(root, "always_on") == 0) {
        sampler.threshold = 0;
    } else if (strcmp(root, "always_off") == 0) {
        sampler.threshold = RANDOM_VALUES;
    } else if (strcmp(root, "traceidratio") != 0) {
        return err_field(err, ERR_CONFIG, "OTEL_TRACES_SAMPLER",
                         "OTEL_TRACES_SAMPLER: \"%.32s\" is none of always_on, always_off, "
                         "traceidratio, nor one of these with " PARENT_BASED " before it",
                         name);
    } else if (!parse_ratio(arg, &sampler.threshold, err)) {
        return false;
    }
    *ret = sampler;
    return true;
}

double sampler_share(const struct sampler *sampler)
{
    return 1 - (double)sampler->threshold / (double)RANDOM_VALUES;
}

bool sampler_records(const struct sampler *sampler, const struct trace_context *trace)
{
    if (sampler->heeds_parent && trace->is_remote) {
        return (trace->flags & TRACE_FLAG_SAMPLED) != 0;
    }
    return (trace->trace_low & (RANDOM_VALUES - 1)) >= sampler->threshold;
}
