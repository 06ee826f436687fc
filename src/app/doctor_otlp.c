/* octo doctor, where telemetry goes: is somebody there, and does he take it? A service runs
 * without, so nothing here is worse than a warning. */
#include "app/doctor.h"
#include "otlp/delivery.h"
#include "service/service.h"

#define RECEIVER "spans by OTLP"

static void look_at_answer(const struct otlp_destination *destination, int status,
                           struct findings *out)
{
    if (status >= 200 && status < 300) {
        finding_add(out, RECEIVER, FINDING_OK, "%s takes them", destination->url);
        return;
    }
    finding_add(out, RECEIVER, FINDING_WARN, "%s answers with status %d", destination->url, status);
    if (status == 401 || status == 403) {
        finding_remedy(out, "it does not know the key: look at OTEL_EXPORTER_OTLP_HEADERS or "
                            "OCI_APM_PRIVATE_DATAKEY");
    } else if (status == 404 || status == 405) {
        finding_remedy(out, "nobody takes spans at that path: OTEL_EXPORTER_OTLP_ENDPOINT gets "
                            "/v1/traces behind it, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT nothing");
    } else if (status == 415) {
        finding_remedy(out, "try OTEL_EXPORTER_OTLP_PROTOCOL=http/json, or http/protobuf");
    }
}

void doctor_look_at_receivers(const struct settings *settings, struct findings *out)
{
    const struct otlp_destinations *to = &settings->otlp_config.of[OTLP_OF_TRACES];

    for (size_t i = 0; i < to->count; i++) {
        const struct otlp_destination *destination = &to->list[i];
        struct err err;
        int status;

        if (otlp_probe(destination, "octo-doctor/" OCTO_VERSION, &status, &err)) {
            look_at_answer(destination, status, out);
        } else {
            finding_add(out, RECEIVER, FINDING_WARN, "%s: %s", destination->url, err.text);
            finding_remedy(out, "spans are lost, and counted, until somebody is there");
        }
    }
}
