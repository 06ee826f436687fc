/*
 * core/finding.h: what an examination found: a list of checks, each with its state, what was seen
 * and, where something can be done, what. Whoever examines adds to it; whoever asked shows it.
 * Texts live in the list's arena. Threads: one at a time.
 */
#ifndef CORE_FINDING_H
#define CORE_FINDING_H

#include "core/arena.h"

/* In order of severity: the worst of several is the greatest. */
enum finding_state { FINDING_OK, FINDING_SKIP, FINDING_WARN, FINDING_FAIL };

struct finding {
    struct finding *next;
    const char *check; /* "host name" */
    enum finding_state state;
    const char *seen;
    const char *remedy; /* NULL: there is none, or what was seen says it already */
};

struct findings {
    struct arena *arena;
    struct finding *first;
    struct finding *last;
};

void findings_init(struct findings *findings, struct arena *arena);
/* `check` is borrowed for as long as the list lives. */
void finding_add(struct findings *findings, const char *check, enum finding_state state,
                 const char *seen, ...) PRINTF_LIKE(4, 5);
/* What to do about the finding that was added last. */
void finding_remedy(struct findings *findings, const char *format, ...) PRINTF_LIKE(2, 3);
/* Adds each of these checks as one that could not be made, for the same reason. */
void findings_skip(struct findings *findings, const char *const *checks, size_t count,
                   const char *reason);
enum finding_state findings_worst(const struct findings *findings);
const char *finding_state_name(enum finding_state state); /* "ok", "skip", "warn", "fail" */

#endif
