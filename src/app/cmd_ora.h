/*
 * app/cmd_ora.h: `octo ora`: what Oracle's databases and their clients say to each other.
 */
#ifndef APP_CMD_ORA_H
#define APP_CMD_ORA_H

int cmd_ora(int argc, char **argv);

#endif
