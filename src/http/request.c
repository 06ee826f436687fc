#include "http/request.h"

#include <string.h>

#include "core/clock.h"
#include "http/field_value.h"

#include "http/server_priv.h"

const char *request_field(const struct request *rq, enum field field)
{
    return rq->exchange->in.fields.values[field];
}

bool request_spend(const struct request *rq, struct budget *budget, struct err *err)
{
    struct exchange *exchange = rq->exchange;
    struct budget_bill bill;

    if (exchange->in.is_exempt ||
        budget_spend(budget, &exchange->in.address, clock_mono_ns(), &bill)) {
        return true;
    }
    exchange->in.bill = bill; /* the answer tells of what was refused */
    return budget_refuse(&bill, err);
}

bool request_spend_of(const struct request *rq, struct budget *budget, const void *who, size_t size,
                      struct err *err)
{
    struct exchange *exchange = rq->exchange;
    struct budget_bill bill;

    if (exchange->in.is_exempt || budget_spend_of(budget, who, size, clock_mono_ns(), &bill)) {
        return true;
    }
    exchange->in.bill = bill;
    return budget_refuse(&bill, err);
}

const char *cookie_name(const struct request *rq, const char *name)
{
    return rq->is_secure ? arena_printf(rq->ctx.arena, "__Host-%s", name) : name;
}

bool request_cookie(const struct request *rq, const char *given_name, const char **ret,
                    struct err *err)
{
    const char *header = request_field(rq, FIELD_COOKIE);
    const char *name = cookie_name(rq, given_name);
    struct field_text value;

    *ret = NULL;
    switch (header == NULL ? COOKIE_ABSENT : field_cookie(header, name, &value)) {
    case COOKIE_ABSENT:
        break;
    case COOKIE_GOOD:
        *ret = arena_dup(rq->ctx.arena, value.at, value.length);
        break;
    case COOKIE_UNUSABLE:
        return err_field(err, ERR_MALFORMED, field_name(FIELD_COOKIE),
                         "the cookie %s has two values or is not utf-8: remove it", name);
    }
    return true;
}
