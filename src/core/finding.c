#include "core/finding.h"

#include <assert.h>

void findings_init(struct findings *findings, struct arena *arena)
{
    *findings = (struct findings){.arena = arena};
}

static struct finding *append(struct findings *findings, const char *check,
                              enum finding_state state)
{
    struct finding *finding = arena_alloc(findings->arena, sizeof(*finding));

    finding->check = check;
    finding->state = state;
    if (findings->last != NULL) {
        findings->last->next = finding;
    } else {
        findings->first = finding;
    }
    findings->last = finding;
    return finding;
}

void finding_add(struct findings *findings, const char *check, enum finding_state state,
                 const char *seen, ...)
{
    va_list args;

    va_start(args, seen);
    append(findings, check, state)->seen = arena_vprintf(findings->arena, seen, args);
    va_end(args);
}

void finding_remedy(struct findings *findings, const char *format, ...)
{
    va_list args;

    assert(findings->last != NULL);
    va_start(args, format);
    findings->last->remedy = arena_vprintf(findings->arena, format, args);
    va_end(args);
}

void findings_skip(struct findings *findings, const char *const *checks, size_t count,
                   const char *reason)
{
    for (size_t i = 0; i < count; i++) {
        append(findings, checks[i], FINDING_SKIP)->seen = arena_strdup(findings->arena, reason);
    }
}

enum finding_state findings_worst(const struct findings *findings)
{
    enum finding_state worst = FINDING_OK;

    for (const struct finding *finding = findings->first; finding != NULL;
         finding = finding->next) {
        worst = finding->state > worst ? finding->state : worst;
    }
    return worst;
}

const char *finding_state_name(enum finding_state state)
{
    static const char *const NAMES[] = {[FINDING_OK] = "ok",
                                        [FINDING_SKIP] = "skip",
                                        [FINDING_WARN] = "warn",
                                        [FINDING_FAIL] = "fail"};

    return NAMES[state];
}
