#include "app/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/cli.h"
#include "app/handover.h"
#include "core/clock.h"

enum { CHILDREN_MAX = 4, BACKOFF_MS = 250, FAILURE_WINDOW_S = 60, EXEC_FAILED = 127 };

/* The loop's own state. */
struct loop {
    struct supervision *what;
    int signal_fd;
    sigset_t old_mask;
    unsigned stop_signals; /* how often somebody asked to stop */
    int code;              /* to end with */
    bool is_stopping;
    bool stops_last; /* those too that stop last */
};

/* ---- children ---- */

/* What a child has of the supervisor's. */
enum { KEPT_READY, KEPT_SECRETS, KEPT };

/* The copy of a descriptor that stays open over exec, and the variable that names it. */
static bool keep_open(int fd, const char *variable)
{
    char number[16];

    (void)snprintf(number, sizeof(number), "%d", dup(fd));
    return setenv(variable, number, 1) == 0;
}

/* A guest gets neither secrets nor anything to write to. */
static bool hand_over(const struct child *child, const int kept[KEPT])
{
    const int nothing = child->is_guest ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;

    if (child->is_guest) {
        return dup2(nothing, STDOUT_FILENO) == STDOUT_FILENO;
    }
    return keep_open(kept[KEPT_READY], READY_VARIABLE) &&
           keep_open(kept[KEPT_SECRETS], SECRETS_VARIABLE);
}

/* In the new process: becomes the service, in a group of its own, so that Ctrl-C reaches only the
 * supervisor, and ends with it. */
static void become_child(const struct loop *loop, const struct child *child, pid_t parent,
                         const int kept[KEPT])
{
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) { /* it died before the line above */
        _exit(EXIT_FAILED);
    }
    (void)sigprocmask(SIG_SETMASK, &loop->old_mask, NULL);
    if (child->without != NULL) {
        (void)unsetenv(child->without);
    }
    if (hand_over(child, kept)) {
        (void)execv("/proc/self/exe", child->arguments);
    }
    _exit(EXEC_FAILED);
}

static bool start_child(struct loop *loop, struct child *child)
{
    const int secrets_fd = handover_open(loop->what->secrets);
    pid_t parent = getpid();
    int pipe_fds[2];

    child->restart_ns = 0;
    child->port = 0;
    if (secrets_fd < 0) {
        return false;
    }
    if (pipe2(pipe_fds, O_CLOEXEC) != 0) {
        (void)close(secrets_fd);
        return false;
    }
    child->pid = fork();
    if (child->pid == 0) {
        become_child(loop, child, parent,
                     (const int[KEPT]){[KEPT_READY] = pipe_fds[1], [KEPT_SECRETS] = secrets_fd});
    }
    (void)close(pipe_fds[1]);
    (void)close(secrets_fd);
    if (child->pid < 0) {
        (void)close(pipe_fds[0]);
        child->pid = 0;
        return false;
    }
    child->ready_fd = pipe_fds[0];
    return true;
}

static void kill_children(const struct supervision *what)
{
    for (size_t i = 0; i < what->count; i++) {
        if (what->children[i].pid > 0) {
            (void)kill(what->children[i].pid, SIGKILL);
        }
    }
}

static bool runs_any(const struct supervision *what, bool stops_last)
{
    for (size_t i = 0; i < what->count; i++) {
        if (what->children[i].pid > 0 && what->children[i].stops_last == stops_last) {
            return true;
        }
    }
    return false;
}

static void ask_to_stop(const struct supervision *what, bool stops_last)
{
    for (size_t i = 0; i < what->count; i++) {
        if (what->children[i].pid > 0 && what->children[i].stops_last == stops_last) {
            (void)kill(what->children[i].pid, SIGTERM);
        }
    }
}

static void stop_last(struct loop *loop)
{
    if (loop->is_stopping && !loop->stops_last && !runs_any(loop->what, false)) {
        loop->stops_last = true;
        ask_to_stop(loop->what, true);
    }
}

static void stop(struct loop *loop, int code)
{
    if (!loop->is_stopping) {
        loop->is_stopping = true;
        loop->code = code;
        ask_to_stop(loop->what, false);
        stop_last(loop);
    }
}

/* ---- births ---- */

/* They are started with the next look at what is due. */
static void invite_guests(struct supervision *what)
{
    for (size_t i = 0; i < what->count; i++) {
        if (what->children[i].is_guest) {
            what->children[i].restart_ns = clock_mono_ns();
        }
    }
}

static void take_port(struct loop *loop, struct child *child, const char *line)
{
    bool all_listen = true;

    child->port = (int)strtol(line, NULL, 10);
    child->has_listened = true;
    for (size_t i = 0; i < loop->what->count; i++) {
        all_listen = all_listen &&
                     (loop->what->children[i].has_listened || loop->what->children[i].is_guest);
    }
    if (all_listen && !loop->what->is_announced) {
        loop->what->is_announced = true;
        loop->what->all_listen(loop->what);
        invite_guests(loop->what);
    }
}

/* What it has written so far: each line was written at once, so none is cut (pipe(7), PIPE_BUF). At
 * the end it listens, or has died before, of which SIGCHLD says the rest. */
static void take_ready(struct loop *loop, struct child *child)
{
    char text[64] = "";
    const ssize_t length = read(child->ready_fd, text, sizeof(text) - 1);
    char *rest = NULL;

    if (length <= 0) {
        (void)close(child->ready_fd);
        child->ready_fd = -1;
    }
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        if (strcmp(line, READY_ADMIN) == 0) {
            child->has_made_admin = true;
        } else {
            take_port(loop, child, line);
        }
    }
}

/* ---- deaths ---- */

/* Notes a failure; true when there were too many within the window. */
static bool fails_too_often(struct child *child)
{
    uint64_t now_ns = clock_mono_ns();
    uint64_t oldest_ns;

    child->failed_ns[child->failures % SUPERVISE_FAILURES_MAX] = now_ns;
    child->failures++;
    if (child->failures < SUPERVISE_FAILURES_MAX) {
        return false;
    }
    oldest_ns = child->failed_ns[child->failures % SUPERVISE_FAILURES_MAX];
    return now_ns - oldest_ns < (uint64_t)FAILURE_WINDOW_S * 1000 * CLOCK_NS_PER_MS;
}

static void describe_death(char *out, size_t size, int status)
{
    if (WIFSIGNALED(status)) {
        (void)snprintf(out, size, "killed by signal %d (%s)", WTERMSIG(status),
                       strsignal(WTERMSIG(status)));
    } else {
        (void)snprintf(out, size, "exit code %d", WEXITSTATUS(status));
    }
}

/* A child ended by itself. One that never listened has said why it cannot; starting it again would
 * not help. */
static void handle_death(struct loop *loop, struct child *child, int status)
{
    const char *command = loop->what->command;
    char how[64];

    describe_death(how, sizeof(how), status);
    if (!child->has_listened && !child->is_guest) {
        (void)fprintf(stderr, "octo %s: %s did not start: %s\n", command, child->name, how);
        stop(loop, EXIT_FAILED);
    } else if (fails_too_often(child)) {
        (void)fprintf(stderr, "octo %s: %s ended %d times within a minute: %s\n", command,
                      child->name, SUPERVISE_FAILURES_MAX, how);
        if (!child->is_guest) {
            stop(loop, EXIT_FAILED);
        }
    } else {
        uint64_t pause_ms = (uint64_t)BACKOFF_MS << (child->failures - 1) % SUPERVISE_FAILURES_MAX;

        (void)fprintf(stderr, "octo %s: %s ended (%s), starting it again\n", command, child->name,
                      how);
        child->restart_ns = clock_after_ms(pause_ms);
    }
}

static void reap(struct loop *loop)
{
    for (size_t i = 0; i < loop->what->count; i++) {
        struct child *child = &loop->what->children[i];
        int status;

        if (child->pid <= 0 || waitpid(child->pid, &status, WNOHANG) != child->pid) {
            continue;
        }
        child->pid = 0;
        while (child->ready_fd >= 0) {
            take_ready(loop, child);
        }
        if (!loop->is_stopping) {
            handle_death(loop, child, status);
        }
    }
    stop_last(loop);
}

/* ---- events ---- */

static void take_signal(struct loop *loop)
{
    struct signalfd_siginfo info;

    while (read(loop->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo == SIGCHLD) {
            reap(loop);
        } else if (loop->stop_signals++ == 0) {
            stop(loop, EXIT_DONE);
        } else {
            kill_children(loop->what);
        }
    }
}

static void restart_due(struct loop *loop)
{
    for (size_t i = 0; i < loop->what->count && !loop->is_stopping; i++) {
        struct child *child = &loop->what->children[i];

        if (child->restart_ns != 0 && clock_has_passed(child->restart_ns) &&
            !start_child(loop, child)) {
            child->restart_ns = clock_after_ms(BACKOFF_MS); /* no process to be had just now */
        }
    }
}

/* Milliseconds until the next planned start; -1: none is planned. */
static int wait_ms(const struct loop *loop)
{
    int64_t least_ms = -1;

    for (size_t i = 0; i < loop->what->count && !loop->is_stopping; i++) {
        uint64_t at_ns = loop->what->children[i].restart_ns;

        if (at_ns != 0 && (least_ms < 0 || clock_ms_left(at_ns) < least_ms)) {
            least_ms = clock_ms_left(at_ns);
        }
    }
    return least_ms < 0 ? -1 : (int)least_ms + 1;
}

static void wait_for_event(struct loop *loop)
{
    struct pollfd fds[CHILDREN_MAX + 1] = {{.fd = loop->signal_fd, .events = POLLIN}};

    for (size_t i = 0; i < loop->what->count; i++) {
        /* poll passes over a negative descriptor. */
        fds[i + 1] = (struct pollfd){.fd = loop->what->children[i].ready_fd, .events = POLLIN};
    }
    if (poll(fds, loop->what->count + 1, wait_ms(loop)) <= 0) {
        return;
    }
    for (size_t i = 0; i < loop->what->count; i++) {
        if (fds[i + 1].revents != 0) {
            take_ready(loop, &loop->what->children[i]);
        }
    }
    if (fds[0].revents != 0) {
        take_signal(loop);
    }
}

static bool watch_signals(struct loop *loop)
{
    sigset_t signals;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &signals, &loop->old_mask);
    loop->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    return loop->signal_fd >= 0;
}

int supervise(struct supervision *supervision)
{
    struct loop loop = {.what = supervision, .code = EXIT_DONE};

    for (size_t i = 0; i < supervision->count; i++) {
        supervision->children[i].ready_fd = -1;
    }
    if (supervision->count > CHILDREN_MAX || !watch_signals(&loop)) {
        return EXIT_FAILED;
    }
    for (size_t i = 0; i < supervision->count && !loop.is_stopping; i++) {
        if (!supervision->children[i].is_guest && !start_child(&loop, &supervision->children[i])) {
            (void)fprintf(stderr, "octo %s: cannot start %s: %s\n", supervision->command,
                          supervision->children[i].name, strerrordesc_np(errno));
            stop(&loop, EXIT_FAILED);
        }
    }
    while (!loop.is_stopping || runs_any(supervision, false) || runs_any(supervision, true)) {
        wait_for_event(&loop);
        restart_due(&loop);
    }
    (void)close(loop.signal_fd);
    return loop.code;
}
