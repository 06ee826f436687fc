#include "tests/support/tnsd/faults.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/tnsd/execution.h"
#include "tests/support/tnsd/tnsd.h"

enum { LISTENERS_FIRST = 12000, LISTENERS_LAST = 12999, LINE_ROOM = 200 };

/* --- what is said --- */

static int what_of(const char *word)
{
    static const struct {
        const char *word;
        enum fault_what what;
    } known[] = {
        {"cut", FAULT_CUT},
        {"stall", FAULT_STALL},
        {"cut-behind", FAULT_CUT_BEHIND},
        {"stall-behind", FAULT_STALL_BEHIND},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(known[i].word, word) == 0) {
            return known[i].what;
        }
    }
    return (int)strtol(word, NULL, 10); /* of "none" 0 */
}

static void watch(struct faults *faults, const char *tag)
{
    atomic_store(&faults->is_watching, false);
    atomic_store(&faults->at, 0);
    atomic_store(&faults->met, 0);
    atomic_store(&faults->calls, 0);
    (void)snprintf(faults->tag, sizeof(faults->tag), "%s", tag);
    atomic_store(&faults->is_watching, tag[0] != '\0');
}

static void arm(struct faults *faults, const char *number, const char *what)
{
    atomic_store(&faults->what, what_of(what));
    atomic_store(&faults->at, (unsigned)strtoul(number, NULL, 10));
}

static void tell_calls(const struct faults *faults)
{
    const unsigned calls = atomic_load(&faults->calls);
    const unsigned met = atomic_load(&faults->met);

    (void)fputs("calls ", stdout);
    for (unsigned i = 0; i < calls && i < FAULT_CALLS_MAX; i++) {
        (void)printf("%c%s", faults->kinds[i], i + 1 == met ? "." : "");
    }
    (void)printf(" %d\n", met != 0 ? atomic_load(&faults->pid) : 0);
}

static void obey(struct tnsd_shared *shared, char *line)
{
    struct faults *faults = &shared->faults;
    char *rest = NULL;
    const char *command = strtok_r(line, " \n", &rest);
    const char *first = command != NULL ? strtok_r(NULL, " \n", &rest) : NULL;
    const char *second = first != NULL ? strtok_r(NULL, " \n", &rest) : NULL;
    unsigned most = 0;

    if (command != NULL && strcmp(command, "calls") == 0) {
        tell_calls(faults);
        return;
    }
    if (command != NULL && strcmp(command, "sessions") == 0) {
        const unsigned now = seen_count(&shared->seen, &most);

        (void)printf("sessions %u %u\n", now, most);
        return;
    }
    if (command != NULL && strcmp(command, "watch") == 0) {
        watch(faults, first != NULL ? first : "");
    } else if (command != NULL && strcmp(command, "at") == 0 && second != NULL) {
        arm(faults, first, second);
    } else if (command != NULL && strcmp(command, "open") == 0 && first != NULL) {
        atomic_store(&faults->open, what_of(first));
    } else if (command != NULL && strcmp(command, "end") == 0) {
        seen_kill_all(&shared->seen);
    } else {
        (void)puts("what?");
        return;
    }
    (void)puts("done");
}

void faults_obey(struct tnsd_shared *shared)
{
    char line[LINE_ROOM];

    while (fgets(line, sizeof(line), stdin) != NULL) {
        obey(shared, line);
        (void)fflush(stdout);
    }
}

/* --- what calls meet --- */

/* As a host that has stopped: what comes is not read, until the client gives up. */
static bool stall(const struct tnsd *t)
{
    struct pollfd end = {.fd = t->fd, .events = POLLRDHUP};

    (void)poll(&end, 1, -1);
    return false;
}

static bool ends_session(int number)
{
    static const int numbers[] = {28, 1012, 2396, 3113, 3135};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (numbers[i] == number) {
            return true;
        }
    }
    return false;
}

/* The call's number where it is watched, else 0. */
static unsigned count_call(struct faults *faults, const struct tnsd *t, enum fault_call call)
{
    unsigned number;

    if (!atomic_load(&faults->is_watching) ||
        strcmp(faults->tag, t->tags[TNSD_CLIENT_IDENTIFIER]) != 0) {
        return 0;
    }
    number = atomic_fetch_add(&faults->calls, 1) + 1;
    if (number <= FAULT_CALLS_MAX) {
        faults->kinds[number - 1] = (char)call;
    }
    return number;
}

bool faults_spare(struct tnsd *t, enum fault_call call, uint32_t cursor, bool *ret_goes_on)
{
    struct faults *faults = &t->options->shared->faults;
    unsigned number = count_call(faults, t, call);
    const int what = atomic_load(&faults->what);

    if (number == 0 || !atomic_compare_exchange_strong(&faults->at, &number, 0)) {
        return true;
    }
    atomic_store(&faults->pid, getpid());
    atomic_store(&faults->met, number);
    *ret_goes_on = false;
    switch (what) {
    case FAULT_CUT_BEHIND:
    case FAULT_STALL_BEHIND:
        t->loses_answer = true;
        return true;
    case FAULT_CUT:
        return false;
    case FAULT_STALL:
        (void)stall(t);
        return false;
    default:
        *ret_goes_on =
            execution_error(t, (uint32_t)what, "this is on purpose", cursor) && !ends_session(what);
        return false;
    }
}

bool faults_spare_answer(struct tnsd *t)
{
    if (!t->loses_answer) {
        return true;
    }
    return atomic_load(&t->options->shared->faults.what) == FAULT_STALL_BEHIND && stall(t);
}

/* --- what who connects meets --- */

bool faults_spare_opening(struct tnsd *t)
{
    switch (atomic_load(&t->options->shared->faults.open)) {
    case FAULT_CUT:
        return false;
    case FAULT_STALL:
        return stall(t);
    default:
        return true;
    }
}

uint32_t faults_refusal(const struct tnsd *t)
{
    const int number = atomic_load(&t->options->shared->faults.open);

    return number >= LISTENERS_FIRST && number <= LISTENERS_LAST ? (uint32_t)number : 0;
}

uint32_t faults_logon(const struct tnsd *t)
{
    const int number = atomic_load(&t->options->shared->faults.open);

    return number > 0 && faults_refusal(t) == 0 ? (uint32_t)number : 0;
}
