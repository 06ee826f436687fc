/*
 * ora/leave.c: what is said to a server without waiting for its answer (see octo/ora.h). One answer
 * at most is owed at a time: a server reads no second request while it answers the first, and what
 * it finds in its connection then it may take for a break.
 */
#include <poll.h>

#include "ora/session_priv.h"

static bool has_something_to_say(const struct octo_ora *session)
{
    return ora_tags_have_changed(&session->tags) || session->closing_count > 0 ||
           session->releasing.length > 0;
}

bool octo_ora_leave(struct octo_ora *session, bool rolls_back, struct octo_ora_error *error)
{
    if (session->is_dead) {
        return ora_fault(error, OCTO_ORA_LOST, "the session is dead: close it and connect anew");
    }
    ora_set_deadline(session, session->call_ms);
    if (!rolls_back && !has_something_to_say(session)) {
        return true;
    }
    if (!ora_settle(session, error)) {
        return false;
    }
    ora_request_begin(session, rolls_back ? ORA_FUNCTION_ROLLBACK : ORA_FUNCTION_PING, true);
    if (rolls_back) {
        session->call_status &= ~(uint32_t)ORA_STATUS_IN_TRANSACTION;
    }
    return ora_say(session, error);
}

static bool has_input(const struct octo_ora *session)
{
    struct pollfd ready = {.fd = session->link.fd, .events = POLLIN};

    return poll(&ready, 1, 0) > 0;
}

/* An answer that has not come yet says nothing against the session. */
bool octo_ora_look(struct octo_ora *session, struct octo_ora_error *error)
{
    if (session->is_dead) {
        return ora_fault(error, OCTO_ORA_LOST, "the session is dead: close it and connect anew");
    }
    if (session->is_owed && !has_input(session)) {
        return true;
    }
    ora_set_deadline(session, session->call_ms);
    if (!ora_settle(session, error)) {
        return false;
    }
    ora_set_deadline(session, 0);
    if (!ora_take_notices(session, error)) {
        return false;
    }
    return !session->is_draining ||
           ora_fault(error, OCTO_ORA_LOST, "the server has said that it goes away: connect anew");
}
