#include "service/listing.h"

#include <stdio.h>
#include <string.h>

#include "service/service.h"

bool listing_begin(struct listing *listing, const struct listing_page *page, struct reply *rp,
                   struct err *err)
{
    if (page->has_cursor && strcmp(page->cursor.sort, page->sort) != 0) {
        return err_field(err, ERR_INVALID, "cursor",
                         "the cursor is of a list with sort=%s: send it with the request that it "
                         "came from",
                         page->cursor.sort);
    }
    *listing = (struct listing){.page = page, .rp = rp};
    return true;
}

int64_t listing_most(const struct listing *listing)
{
    return listing->page->limit + 1;
}

int64_t listing_id_before(const struct listing *listing)
{
    return listing->page->has_cursor ? listing->page->cursor.id : INT64_MAX;
}

int64_t listing_id_after(const struct listing *listing)
{
    return listing->page->has_cursor ? listing->page->cursor.id : 0;
}

int64_t listing_number(const struct listing *listing, int64_t first)
{
    return listing->page->has_cursor ? listing->page->cursor.number : first;
}

const char *listing_text(const struct listing *listing)
{
    return listing->page->cursor.text;
}

bool listing_takes(struct listing *listing)
{
    listing->is_more = listing->count == listing->page->limit;
    return !listing->is_more;
}

void listing_wrote(struct listing *listing, int64_t id, int64_t number, const char *text)
{
    listing->count++;
    if (listing->count == listing->page->limit) {
        struct listing_position *last = &listing->last;

        last->id = id;
        last->number = number;
        (void)snprintf(last->sort, sizeof(last->sort), "%s", listing->page->sort);
        (void)snprintf(last->text, sizeof(last->text), "%s", text != NULL ? text : "");
        listing->is_cut = text != NULL && strlen(text) >= sizeof(last->text);
    }
}

bool listing_can_go_on(const struct listing *listing, struct err *err)
{
    return !listing->is_more || !listing->is_cut ||
           err_set(err, ERR_LIMIT, "row %lld is sorted by a text of more than %d bytes",
                   (long long)listing->last.id, LISTING_TEXT_SIZE - 1);
}

static const struct reply_field listing_fields[] = {
    REPLY_FIELD("count", REPLY_COUNT),
    REPLY_FIELD("limit", REPLY_ID),
    REPLY_FIELD("next_cursor", REPLY_TEXT | REPLY_NULLABLE),
};
const struct reply_shape LISTING_REPLY = REPLY_SHAPE("Listing", listing_fields);

void listing_end(struct listing *listing)
{
    struct json_out *out = &listing->rp->json;
    char cursor[LISTING_CURSOR_SIZE];

    json_put_int(out, "count", listing->count);
    json_put_int(out, "limit", listing->page->limit);
    if (listing->is_more) {
        listing_position_format(&listing->last, cursor);
        json_put_text(out, "next_cursor", cursor);
    } else {
        json_put_null(out, "next_cursor");
    }
}

bool listing_put(struct request *rq, struct reply *rp, const char *key,
                 const struct listing_page *page, listing_rows *rows, void *arg, struct err *err)
{
    struct listing listing;
    struct db_session *session = NULL;
    bool ok = false;

    if (!listing_begin(&listing, page, rp, err) ||
        !db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    listing.rq = rq;
    json_begin_list(&rp->json, key);
    ok = rows(&listing, session, arg, err) && listing_can_go_on(&listing, err);
    json_end_list(&rp->json);
    db_checkin(session);
    listing_end(&listing);
    return ok || err_wrap(err, "list %s", key);
}

bool listing_reply(struct request *rq, struct reply *rp, const char *key,
                   const struct listing_page *page, listing_rows *rows, void *arg, struct err *err)
{
    bool ok;

    json_begin_object(&rp->json, NULL);
    ok = listing_put(rq, rp, key, page, rows, arg, err);
    json_end_object(&rp->json);
    return ok;
}
