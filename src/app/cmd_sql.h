/*
 * app/cmd_sql.h: `octo sql`: asks an Oracle database, by hand or by a script.
 */
#ifndef APP_CMD_SQL_H
#define APP_CMD_SQL_H

int cmd_sql(int argc, char **argv);

#endif
