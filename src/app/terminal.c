#include "app/terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct termios found;  /* as it was */
static struct termios hushed; /* as it is meanwhile */
static volatile bool is_hushed;

static const int ENDINGS[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { ENDING_COUNT = sizeof(ENDINGS) / sizeof(ENDINGS[0]) };

bool terminal_size(int fd, struct terminal_size *ret)
{
    struct winsize size;

    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
        return false;
    }
    *ret = (struct terminal_size){.columns = size.ws_col, .rows = size.ws_row};
    return true;
}

/* The signal, whose handler is gone already, ends the process once this one returns. */
static void on_ending(int number)
{
    terminal_restore();
    (void)raise(number);
}

/* A shell has taken the terminal back for itself while the process was stopped. */
static void on_continue(int number)
{
    const int saved = errno;

    (void)number;
    if (is_hushed) {
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &hushed);
    }
    errno = saved;
}

static void watch_signals(void)
{
    struct sigaction ending = {.sa_handler = on_ending, .sa_flags = (int)SA_RESETHAND};
    struct sigaction continued = {.sa_handler = on_continue, .sa_flags = SA_RESTART};

    (void)sigemptyset(&ending.sa_mask);
    (void)sigemptyset(&continued.sa_mask);
    for (size_t i = 0; i < ENDING_COUNT; i++) {
        struct sigaction now;

        /* One that is ignored, as under nohup, stays so. */
        if (sigaction(ENDINGS[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN) {
            (void)sigaction(ENDINGS[i], &ending, NULL);
        }
    }
    (void)sigaction(SIGCONT, &continued, NULL);
}

bool terminal_hush(enum terminal_input input)
{
    if (is_hushed || isatty(STDIN_FILENO) == 0 || tcgetpgrp(STDIN_FILENO) != getpgrp() ||
        tcgetattr(STDIN_FILENO, &found) != 0) {
        return false;
    }
    hushed = found;
    hushed.c_lflag &= ~(tcflag_t)ECHO;
    if (input == TERMINAL_KEYS) {
        hushed.c_lflag &= ~(tcflag_t)ICANON;
        hushed.c_cc[VMIN] = 1;
        hushed.c_cc[VTIME] = 0;
    }
    watch_signals();
    is_hushed = true;
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &hushed) != 0) {
        is_hushed = false;
    }
    return is_hushed;
}

void terminal_restore(void)
{
    if (is_hushed) {
        is_hushed = false;
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &found);
    }
}

bool terminal_read_secret(const char *prompt, char *ret, size_t room)
{
    const bool is_terminal = isatty(STDIN_FILENO) == 1;
    bool ok;

    if (is_terminal) { /* what was typed until now is dropped, so the prompt comes behind */
        if (!terminal_hush(TERMINAL_LINES)) {
            return false;
        }
        (void)fputs(prompt, stderr);
    }
    ok = fgets(ret, (int)room, stdin) != NULL;
    if (is_terminal) {
        terminal_restore();
        (void)fputc('\n', stderr);
    }
    ret[ok ? strcspn(ret, "\r\n") : 0] = '\0';
    return ok;
}
