#include "console/trace_filter.h"

#include <string.h>

#include "console/window_params.h"

enum { NS_PER_MS = 1000000, NS_PER_US = 1000 };

const char *const TRACE_STATUSES[] = {"ok", "error", NULL};
const char *const TRACE_REACHES[] = {"entry", "root", "request", NULL};

static enum search_status status_of(const char *word)
{
    if (word == NULL) {
        return SEARCH_ANY_STATUS;
    }
    return strcmp(word, "error") == 0 ? SEARCH_ERROR : SEARCH_OK;
}

/* What is asked of one service or route is asked of its spans, whoever called it. */
static enum search_reach reach_of(const struct trace_filter *filter)
{
    if (filter->span == NULL) {
        return filter->service == NULL && filter->route == NULL ? SEARCH_REQUESTS : SEARCH_ENTRIES;
    }
    if (strcmp(filter->span, "entry") == 0) {
        return SEARCH_ENTRIES;
    }
    return strcmp(filter->span, "root") == 0 ? SEARCH_ROOTS : SEARCH_REQUESTS;
}

int64_t trace_time_ns(int64_t us)
{
    return us < 0 ? 0 : (us < WINDOW_END_US ? us : WINDOW_END_US) * NS_PER_US;
}

bool trace_filter_read(struct arena *arena, const struct trace_filter *filter,
                       struct selection *ret, struct err *err)
{
    *ret = (struct selection){
        .search =
            {
                .service = filter->service,
                .route = filter->route,
                .sql_id = filter->sql_id,
                .status = status_of(filter->status),
                .http_status = filter->http_status,
                .least_ns = filter->min_ms > 0 ? filter->min_ms * NS_PER_MS : INT64_MIN,
                .most_ns = filter->max_ms > 0 ? filter->max_ms * NS_PER_MS : INT64_MAX,
                .since_ns = filter->has_since ? trace_time_ns(filter->since_us) : 0,
                .until_ns = filter->has_until ? trace_time_ns(filter->until_us) : INT64_MAX,
                .reach = reach_of(filter),
            },
    };
    if (ret->search.least_ns > ret->search.most_ns) {
        return err_field(err, ERR_INVALID, "max_ms", "max_ms is below min_ms");
    }
    if (ret->search.since_ns > ret->search.until_ns) {
        return err_field(err, ERR_INVALID, "until", "until lies before since");
    }
    return filter->q == NULL || where_parse(arena, filter->q, &ret->where, err);
}
