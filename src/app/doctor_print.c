/* octo doctor, how findings are shown: a line each, or one JSON object. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/doctor.h"
#include "core/text.h"
#include "http/json_out.h"

enum { OUTPUT_MAX = 1 << 20 };

enum finding_state doctor_worst(const struct patient *patients, size_t count)
{
    enum finding_state worst = FINDING_OK;

    for (size_t i = 0; i < count; i++) {
        enum finding_state state = findings_worst(&patients[i].findings);

        worst = state > worst ? state : worst;
    }
    return worst;
}

/* --- for people --- */

static const char *color_of(enum finding_state state)
{
    static const char *const COLORS[] = {[FINDING_OK] = "\033[32m",
                                         [FINDING_SKIP] = "\033[2m",
                                         [FINDING_WARN] = "\033[33m",
                                         [FINDING_FAIL] = "\033[31m"};

    return COLORS[state];
}

static bool wants_color(void)
{
    const char *refused = getenv("NO_COLOR");

    return isatty(STDOUT_FILENO) == 1 && (refused == NULL || refused[0] == '\0');
}

static int width_of_checks(const struct patient *patients, size_t count)
{
    size_t width = 0;

    for (size_t i = 0; i < count; i++) {
        for (const struct finding *f = patients[i].findings.first; f != NULL; f = f->next) {
            width = strlen(f->check) > width ? strlen(f->check) : width;
        }
    }
    return (int)width;
}

static void print_summary(const struct patient *patients, size_t count)
{
    size_t totals[FINDING_FAIL + 1] = {0};

    for (size_t i = 0; i < count; i++) {
        for (const struct finding *f = patients[i].findings.first; f != NULL; f = f->next) {
            totals[f->state]++;
        }
    }
    (void)printf("%zu ok, %zu skipped, %zu warning%s, %zu failure%s\n", totals[FINDING_OK],
                 totals[FINDING_SKIP], totals[FINDING_WARN], totals[FINDING_WARN] == 1 ? "" : "s",
                 totals[FINDING_FAIL], totals[FINDING_FAIL] == 1 ? "" : "s");
}

void doctor_print_text(const struct patient *patients, size_t count)
{
    const bool is_colored = wants_color();
    const int width = width_of_checks(patients, count);

    for (size_t i = 0; i < count; i++) {
        (void)printf("%s: %s\n", patients[i].service, patients[i].target);
        for (const struct finding *f = patients[i].findings.first; f != NULL; f = f->next) {
            (void)printf("  %s%-4s%s  %-*s  %s%s%s\n", is_colored ? color_of(f->state) : "",
                         finding_state_name(f->state), is_colored ? "\033[0m" : "", width, f->check,
                         f->seen, f->remedy != NULL ? ": " : "",
                         f->remedy != NULL ? f->remedy : "");
        }
        (void)printf("\n");
    }
    print_summary(patients, count);
}

/* --- for programs --- */

/* JSON wants valid UTF-8, which a server's message need not be. */
static void put_text(struct json_out *json, const char *key, const char *text)
{
    json_put_text(json, key,
                  text == NULL || utf8_is_valid(text, strlen(text)) ? text : "(unreadable text)");
}

static void put_patient(struct json_out *json, const struct patient *patient)
{
    json_begin_object(json, NULL);
    put_text(json, "service", patient->service);
    put_text(json, "database", patient->target);
    json_put_text(json, "state", finding_state_name(findings_worst(&patient->findings)));
    json_begin_list(json, "checks");
    for (const struct finding *f = patient->findings.first; f != NULL; f = f->next) {
        json_begin_object(json, NULL);
        json_put_text(json, "check", f->check);
        json_put_text(json, "state", finding_state_name(f->state));
        put_text(json, "seen", f->seen);
        put_text(json, "remedy", f->remedy);
        json_end_object(json);
    }
    json_end_list(json);
    json_end_object(json);
}

void doctor_print_json(const struct patient *patients, size_t count)
{
    struct json_out json;
    struct buf buf;

    buf_init(&buf, OUTPUT_MAX);
    json_out_init(&json, &buf);
    json_begin_object(&json, NULL);
    json_put_text(&json, "state", finding_state_name(doctor_worst(patients, count)));
    json_begin_list(&json, "services");
    for (size_t i = 0; i < count; i++) {
        put_patient(&json, &patients[i]);
    }
    json_end_list(&json);
    json_end_object(&json);
    (void)printf("%s\n", buf.data);
    buf_fini(&buf);
}
