#include "store/work.h"

#include <math.h>

#include "sql_sums.h"

/* Of a sum of squares that is below what the mean wants only rounding is left. */
double work_deviation(int64_t executions, int64_t total_ns, double squares)
{
    const double count = (double)executions;
    const double mean = executions > 0 ? (double)total_ns / count : 0;
    const double variance = executions > 0 ? squares / count - mean * mean : 0;

    return variance > 0 ? sqrt(variance) : 0;
}

struct work work_of_row(const struct sql_work_row *row)
{
    return (struct work){
        .executions = row->executions,
        .failures = row->failures,
        .rows = row->row_count,
        .total_ns = row->total_ns,
        .deviation_ns = work_deviation(row->executions, row->total_ns, row->squares),
        .longest_ns = row->longest_ns,
        .active_ns = row->active_ns,
    };
}
