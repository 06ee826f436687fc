#include "crm/put_list.h"

#include "service/service.h"

bool put_list(struct request *rq, struct reply *rp, const char *key, const struct page *page,
              list_rows *rows, const void *query, struct err *err)
{
    struct list list = {.rq = rq, .out = &rp->json};
    bool ok;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &list.session, err)) {
        return false;
    }
    json_begin_list(&rp->json, key);
    ok = rows(&list, query, err);
    json_end_list(&rp->json);
    reply_page(rp, page, list.total, list.count);
    db_checkin(list.session);
    return ok || err_wrap(err, "list %s", key);
}
