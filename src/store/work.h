/*
 * store/work.h: what statements and waits did in a window, as the sums have it (sql/sums).
 */
#ifndef STORE_WORK_H
#define STORE_WORK_H

#include <stdint.h>

struct sql_work_row;

struct work {
    int64_t executions;
    int64_t failures;
    int64_t rows;
    int64_t total_ns;    /* of the executions that began in the window */
    double deviation_ns; /* of them, the standard one */
    int64_t longest_ns;
    int64_t active_ns; /* within the window */
};

double work_deviation(int64_t executions, int64_t total_ns, double squares);
struct work work_of_row(const struct sql_work_row *row);

#endif
