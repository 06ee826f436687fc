#include "console/match_counts.h"

#define ONLY_DATABASE_REASON                                                                       \
    "the server ran it and no span tells of it: whoever ran it with the service's role is no "     \
    "service, it was not sampled, or its spans were dropped or are still on their way"
#define FEWER_SPANS_REASON                                                                         \
    "the server ran it more often than spans tell: some were not sampled, dropped or lost, or "    \
    "the "                                                                                         \
    "console did not run for a while"
#define ONLY_SPANS_REASON                                                                          \
    "spans say that it ran, and the server does not count it: it ran in another database or with " \
    "another role, or the server forgot it, as it does where there are too many"
#define MORE_SPANS_REASON                                                                          \
    "spans tell of it more often than the server counts: another program sends spans under this "  \
    "service's name, or the server forgot it for a while"

static void add(struct mismatches *mismatches, const struct compared_service *service,
                const struct compared_statement *statement, const char *kind, const char *reason)
{
    const int64_t calls = statement->server.calls;
    const int64_t executions = statement->most.executions;

    mismatches_add(
        mismatches,
        &(struct mismatch){.kind = kind,
                           .service = service->service,
                           .sql_id = statement->sql_id,
                           .name = statement->name,
                           .count = calls > executions ? calls - executions : executions - calls,
                           .said = arena_printf(mismatches->arena, "%lld calls, %lld spans",
                                                (long long)calls, (long long)executions),
                           .reason = reason});
}

static void judge(struct mismatches *mismatches, const struct compared_service *service,
                  const struct compared_statement *statement)
{
    const unsigned differs = server_counts_differ(statement);

    if (statement->is_probe) {
        return;
    }
    if (statement->server.calls > 0 && statement->most.executions == 0) {
        add(mismatches, service, statement, "only_in_database", ONLY_DATABASE_REASON);
    } else if (!statement->is_counted && statement->least.executions > 0) {
        add(mismatches, service, statement, "only_in_spans", ONLY_SPANS_REASON);
    } else if ((differs & DIFFERS_MORE_CALLS) != 0) {
        add(mismatches, service, statement, "fewer_spans", FEWER_SPANS_REASON);
    } else if ((differs & DIFFERS_FEWER_CALLS) != 0) {
        add(mismatches, service, statement, "more_spans", MORE_SPANS_REASON);
    }
}

void match_counts_add(struct mismatches *mismatches, const struct compared *compared)
{
    for (size_t i = 0; i < compared->count; i++) {
        const struct compared_service *service = &compared->services[i];

        for (size_t j = 0; service->reason == NULL && j < service->count; j++) {
            judge(mismatches, service, &service->list[j]);
        }
    }
}
