/*
 * app/cmd_sqlid.h: `octo sqlid`: SQL_IDs of texts, of the program's own statements, and why one
 * differs from another. argv[0] is the command's name.
 */
#ifndef APP_CMD_SQLID_H
#define APP_CMD_SQLID_H

/* Returns the exit status: 0 done, 1 failed, 2 wrong usage. */
int cmd_sqlid(int argc, char **argv);

#endif
