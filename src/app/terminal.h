/*
 * app/terminal.h: what a command needs of a terminal: its size, keys without echo, and that it is
 * left as it was found, also by Ctrl-C and the other signals that end a process. One thread.
 */
#ifndef APP_TERMINAL_H
#define APP_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

struct terminal_size {
    int columns;
    int rows;
};

/* False where the descriptor is no terminal, or one that does not say. */
bool terminal_size(int fd, struct terminal_size *ret);

enum terminal_input {
    TERMINAL_KEYS,  /* each as it is pressed */
    TERMINAL_LINES, /* whole ones, as for a password */
};

/* From here on standard input is not echoed. False where it is no terminal, or another job's. Until
 * terminal_restore, which is called by itself where a signal ends the process. */
bool terminal_hush(enum terminal_input input);
void terminal_restore(void);

/* A line of standard input without its end, up to room - 1 bytes; on a terminal without echo,
 * behind the prompt. False: there is none. */
bool terminal_read_secret(const char *prompt, char *ret, size_t room);

#endif
