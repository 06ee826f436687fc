/*
 * ora/turn.c: a request and its answer (see session_priv.h). An answer may be replaced by markers
 * at any point: then what had come is void, both sides say "reset", and an error follows. A call
 * that takes too long is broken off in the same way, so that the session goes on.
 */
#include <string.h>

#include "ora/heap.h"
#include "ora/locator.h"

#include "ora/session_priv.h"

enum {
    MESSAGE_FUNCTION = 3,
    MESSAGE_PIGGYBACK = 17,
    MESSAGE_ONE_WAY = 26,
    READ_SIZE = 16384,
    KEPT_MAX = 1 << 20, /* bytes that a buffer may keep from one call to the next */
    CLOSING_MAX = 65536,
    CONTROL_WORD = 8,
    NO_DATA = 1403,
    SHUTDOWN = 12572,
    MESSAGE_FROM_SERVER = 12573,
};

/* --- the end of a session --- */

/* Errors after which a server says nothing more, or nothing that can be trusted. */
static bool is_deadly(uint32_t number)
{
    static const uint16_t numbers[] = {
        22,   28,   31,   45,   378,  600,   602,   603,   609,   1012,  1041,  1043,  1089,  1092,
        2396, 3113, 3114, 3122, 3135, 12153, 12537, 12547, 12570, 12583, 27146, 28511, 56600,
    };

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (numbers[i] == number) {
            return true;
        }
    }
    return false;
}

/* --- requests --- */

void ora_set_deadline(struct octo_ora *session, int ms)
{
    session->link.deadline_ms = ora_now_ms() + ms;
    session->has_had_packet = false;
}

static void put_function(struct octo_ora *session, uint8_t type, enum ora_function function)
{
    session->sequence = (uint8_t)(session->sequence == UINT8_MAX ? 1 : session->sequence + 1);
    ora_wr_u8(&session->request, type);
    ora_wr_u8(&session->request, (uint8_t)function);
    ora_wr_u8(&session->request, session->sequence);
    if (session->dialect.field_version >= ORA_FV_23_EXT1) {
        ora_wr_ub(&session->request, 0); /* no token: nothing is sent ahead of answers */
    }
}

void ora_request_begin(struct octo_ora *session, enum ora_function function, bool carries)
{
    ora_wr_clear(&session->request);
    session->cargo = (struct ora_cargo){.closing = 0};
    if (carries && session->closing_count > 0) {
        put_function(session, MESSAGE_PIGGYBACK, ORA_FUNCTION_CLOSE_CURSORS);
        ora_wr_u8(&session->request, 1);
        ora_wr_ub(&session->request, session->closing_count);
        for (size_t i = 0; i < session->closing_count; i++) {
            ora_wr_ub(&session->request, session->closing[i]);
        }
        session->cargo.closing = session->closing_count;
    }
    if (carries && ora_tags_have_changed(&session->tags)) {
        put_function(session, MESSAGE_PIGGYBACK, ORA_FUNCTION_END_TO_END);
        ora_tags_write(&session->tags, &session->request);
        session->cargo.has_tags = true;
    }
    if (carries && session->releasing.length > 0) {
        put_function(session, MESSAGE_PIGGYBACK, ORA_FUNCTION_LOB);
        ora_locators_write_release(&session->request, &session->releasing);
        session->cargo.releasing = session->releasing.length;
    }
    put_function(session, MESSAGE_FUNCTION, function);
}

/* What the request took along has gone. More may have come to wait since it was begun; or nothing
 * waits any more, where the answer that was owed was another process's. */
static void drop_cargo(struct octo_ora *session)
{
    const struct ora_cargo *cargo = &session->cargo;

    if (cargo->closing > 0 && session->closing_count >= cargo->closing) {
        session->closing_count -= cargo->closing;
        memmove(session->closing, session->closing + cargo->closing,
                session->closing_count * sizeof(*session->closing));
    }
    if (cargo->releasing > 0 && session->releasing.length >= cargo->releasing) {
        session->releasing.length -= cargo->releasing;
        memmove(session->releasing.data, session->releasing.data + cargo->releasing,
                session->releasing.length);
    }
    if (cargo->has_tags) {
        ora_tags_sent(&session->tags);
    }
    session->cargo = (struct ora_cargo){.closing = 0};
}

void ora_one_way_begin(struct octo_ora *session, enum ora_function function)
{
    ora_wr_clear(&session->request);
    session->cargo = (struct ora_cargo){.closing = 0};
    put_function(session, MESSAGE_ONE_WAY, function);
}

void ora_close_cursor(struct octo_ora *session, uint32_t cursor)
{
    uint32_t *closing = ora_heap_grow(session->closing, &session->closing_room,
                                      (session->closing_count + 1) * sizeof(*closing),
                                      CLOSING_MAX * sizeof(*closing));

    if (cursor != 0 && closing != NULL) {
        closing[session->closing_count++] = cursor;
    }
    session->closing = closing != NULL ? closing : session->closing;
}

/* --- bytes --- */

static bool waited_in_vain(struct octo_ora *session, enum ora_waited waited,
                           struct octo_ora_error *error)
{
    return waited == ORA_WAITED_LOST ? ora_die(session, error, "the connection ended")
                                     : ora_die(session, error, "no answer in time");
}

bool ora_send(struct octo_ora *session, const struct ora_wr *bytes, struct octo_ora_error *error)
{
    enum ora_waited waited;

    if (bytes->is_bad) {
        return ora_fault_memory(error);
    }
    waited = ora_link_write(&session->link, bytes->data, bytes->length);
    return waited == ORA_WAITED_DONE || waited_in_vain(session, waited, error);
}

/* What the packet before has taken; it lay at the beginning until now. */
static void forget_packet(struct octo_ora *session)
{
    struct ora_wr *in = &session->in;

    if (session->taken > 0) {
        in->length -= session->taken;
        memmove(in->data, in->data + session->taken, in->length);
        session->taken = 0;
    }
}

/* Reads until a packet is whole. It lies at the beginning of session->in. */
static enum ora_waited await_packet(struct octo_ora *session, struct ora_packet *ret,
                                    const char **ret_fault)
{
    const size_t max = session->is_wide ? ORA_SDU_MAX : ORA_PACKET_NARROW_MAX;

    *ret_fault = NULL;
    if (session->has_had_packet && ora_now_ms() >= session->link.deadline_ms) {
        return ORA_WAITED_TOO_LONG;
    }
    forget_packet(session);
    while (ora_packet_read(session->in.data, session->in.length, session->is_wide, max, ret,
                           ret_fault) == ORA_STEP_MORE) {
        uint8_t bytes[READ_SIZE];
        size_t count = 0;
        const enum ora_waited waited = ora_link_read(&session->link, bytes, sizeof(bytes), &count);

        if (waited != ORA_WAITED_DONE) {
            return waited;
        }
        ora_wr_raw(&session->in, bytes, count);
        if (session->in.is_bad) {
            *ret_fault = "a packet that there is no memory for";
            break;
        }
    }
    return ORA_WAITED_DONE;
}

/* What came of awaiting it. */
static bool take_awaited(struct octo_ora *session, enum ora_waited waited, const char *fault,
                         const struct ora_packet *packet, struct octo_ora_error *error)
{
    if (waited != ORA_WAITED_DONE) {
        return waited_in_vain(session, waited, error);
    }
    if (fault != NULL) {
        return ora_die(session, error, "protocol error: %s", fault);
    }
    session->taken = packet->length;
    session->has_had_packet = true;
    return true;
}

bool ora_next_packet(struct octo_ora *session, struct ora_packet *ret, struct octo_ora_error *error)
{
    const char *fault;
    enum ora_waited waited;

    do { /* what a bell breaks off has been broken off here, or cannot be */
        waited = await_packet(session, ret, &fault);
    } while (waited == ORA_WAITED_RUNG);
    return take_awaited(session, waited, fault, ret, error);
}

static bool send_marker(struct octo_ora *session, enum ora_marker marker,
                        struct octo_ora_error *error)
{
    ora_wr_clear(&session->packets);
    ora_marker_write(&session->packets, session->is_wide, marker);
    return ora_send(session, &session->packets, error);
}

/* --- answers --- */

struct turn {
    struct octo_ora *session;
    enum ora_call call;
    ora_taker *taker;
    void *arg;
    bool is_broken;     /* we have asked for a break */
    bool is_rung;       /* because a bell rang */
    bool is_too_large;  /* because of that: what still comes of the answer is dropped */
    bool has_restarted; /* by markers: what comes now is of a new answer */
    bool has_ended;     /* the answer is whole */
    bool has_paused;    /* the server goes on when it is told to */
};

/* Another process of the server's has the session now: it knows neither its cursors, those of
 * statements that are in use included, nor its LOBs and tags. */
static void take_status(struct octo_ora *session, uint32_t status)
{
    session->call_status = status;
    if ((status & ORA_STATUS_SESSION_CHANGED) != 0) {
        session->generation++;
        session->closing_count = 0;
        ora_wr_clear(&session->releasing);
        ora_tags_forgotten(&session->tags);
    }
}

static void take_failure(struct octo_ora *session, const struct ora_failure *failure)
{
    const struct ora_bytes *text = &failure->text;
    size_t length = text->length < OCTO_ORA_TEXT ? text->length : OCTO_ORA_TEXT - 1;

    session->failure = *failure;
    take_status(session, failure->call_status);
    session->has_failed =
        failure->number != 0 && failure->number != NO_DATA && failure->number != ORA_BATCH_ERRORS;
    length = text->is_chunked ? 0 : length;
    memcpy(session->failure_text, text->at, length);
    while (length > 0 && session->failure_text[length - 1] == '\n') {
        length--;
    }
    session->failure_text[length] = '\0';
}

static bool take_message(struct turn *turn, const struct ora_message *message,
                         struct octo_ora_error *error)
{
    struct octo_ora *session = turn->session;

    if (message->type == ORA_MSG_ERROR) {
        take_failure(session, &message->of.failure);
    } else if (message->type == ORA_MSG_STATUS) {
        take_status(session, message->of.call_status);
    }
    turn->has_ended = ora_message_ends(&session->reading, message);
    turn->has_paused = message->type == ORA_MSG_FLUSH_OUT_BINDS;
    return turn->taker == NULL || turn->taker(turn->arg, message, error);
}

static bool read_messages(struct turn *turn, struct octo_ora_error *error)
{
    struct octo_ora *session = turn->session;
    struct ora_rd rd = ora_rd_of(session->answer.data, session->answer.length);
    struct ora_message message;
    enum ora_step step = ORA_STEP_DONE;

    rd.at += session->read_to;
    while (!turn->has_ended &&
           (step = ora_message_read(&session->reading, &rd, &message)) == ORA_STEP_DONE) {
        if (!take_message(turn, &message, error)) {
            return false;
        }
    }
    session->read_to = ora_rd_offset(&rd);
    if (step == ORA_STEP_BAD) {
        return ora_die(session, error, "protocol error: %s at byte %zu: %s",
                       ora_message_name((uint8_t)message.type), message.offset, rd.fault);
    }
    if (turn->has_ended && session->read_to != session->answer.length) {
        return ora_die(session, error, "protocol error: %zu bytes behind the answer",
                       session->answer.length - session->read_to);
    }
    return true;
}

static void begin_answer(struct turn *turn)
{
    struct octo_ora *session = turn->session;

    ora_wr_clear(&session->answer);
    session->read_to = 0;
    session->has_failed = false;
    session->failure = (struct ora_failure){.number = 0};
    session->failure_text[0] = '\0';
    session->reading.call = turn->call;
    session->reading.last = ORA_MSG_STATUS;
    session->reading.has_bits = false;
    session->reading.place = (struct ora_row_place){.row = 0};
    turn->has_ended = false;
}

/* What is left of the call's own time counts, where somebody else ended it. */
static void give_break_time(struct octo_ora *session)
{
    const int64_t left = session->link.deadline_ms - ora_now_ms();
    const int due = session->call_ms < session->break_ms ? session->call_ms : session->break_ms;

    ora_set_deadline(session, left <= due ? due : left < ORA_BREAK_MS ? (int)left : ORA_BREAK_MS);
}

/* The server is asked to stop, unless it has been. */
static bool drop_answer(struct turn *turn, struct octo_ora_error *error)
{
    struct octo_ora *session = turn->session;

    turn->is_too_large = true;
    ora_wr_clear(&session->answer);
    if (turn->is_broken) {
        return true;
    }
    turn->is_broken = true;
    give_break_time(session);
    return send_marker(session, ORA_MARKER_BREAK, error);
}

static bool take_data(struct turn *turn, const struct ora_packet *packet,
                      struct octo_ora_error *error)
{
    struct octo_ora *session = turn->session;

    if (packet->data_flags == ORA_DATA_EOF) {
        return ora_die(session, error, "the server closed the session");
    }
    if (turn->is_too_large && !turn->has_restarted) {
        return true;
    }
    ora_wr_raw(&session->answer, packet->body, packet->body_length);
    if (!session->answer.is_bad) {
        return read_messages(turn, error);
    }
    return turn->call == ORA_CALL_LOGON || (turn->is_broken && turn->has_restarted)
               ? ora_die(session, error, "an answer of more than %d bytes, or out of memory",
                         ORA_ANSWER_MAX)
               : drop_answer(turn, error);
}

static bool take_control(struct octo_ora *session, const struct ora_packet *packet,
                         struct octo_ora_error *error)
{
    struct ora_control control;
    const char *fault = ora_control_read(packet, &control);

    if (fault != NULL) {
        return ora_die(session, error, "protocol error: %s", fault);
    }
    if (control.kind != CONTROL_WORD) {
        return true;
    }
    if (control.number == SHUTDOWN || control.number == MESSAGE_FROM_SERVER) {
        session->is_draining = true;
        return true;
    }
    return ora_die(session, error, "ORA-%05u: the server ended the session",
                   (unsigned)control.number);
}

/* Both sides say "reset"; nothing of before counts. Leaves the first packet behind it in *packet.
 */
static bool reset(struct turn *turn, struct ora_packet *packet, struct octo_ora_error *error)
{
    struct octo_ora *session = turn->session;
    enum ora_marker marker = ORA_MARKER_BREAK;
    const char *fault = ora_marker_read(packet, &marker);

    if (fault == NULL && !send_marker(session, ORA_MARKER_RESET, error)) {
        return false;
    }
    while (fault == NULL && marker != ORA_MARKER_RESET) {
        if (!ora_next_packet(session, packet, error)) {
            return false;
        }
        fault = packet->type == ORA_PACKET_MARKER ? ora_marker_read(packet, &marker) : NULL;
    }
    while (fault == NULL && packet->type == ORA_PACKET_MARKER) {
        if (!ora_next_packet(session, packet, error)) {
            return false;
        }
    }
    begin_answer(turn);
    turn->has_restarted = true;
    return fault == NULL || ora_die(session, error, "protocol error: %s", fault);
}

/* Too long: the server is asked to stop, and has a moment to say that it did. */
static bool break_off(struct turn *turn, struct octo_ora_error *error)
{
    struct octo_ora *session = turn->session;

    turn->is_broken = true;
    give_break_time(session);
    return send_marker(session, ORA_MARKER_INTERRUPT, error);
}

static bool take_packet(struct turn *turn, struct ora_packet *packet, struct octo_ora_error *error)
{
    struct octo_ora *session = turn->session;

    if (packet->type == ORA_PACKET_MARKER && !reset(turn, packet, error)) {
        return false;
    }
    if (packet->type == ORA_PACKET_DATA) {
        return take_data(turn, packet, error);
    }
    if (packet->type == ORA_PACKET_CONTROL) {
        return take_control(session, packet, error);
    }
    return ora_die(session, error, "protocol error: a packet of type %d in an answer",
                   packet->type);
}

/* The answer was there before the break arrived; what the break is answered with is of no interest.
 */
static bool drop_late_break(struct turn *turn, struct octo_ora_error *error)
{
    struct octo_ora *session = turn->session;
    struct turn late = {.session = session, .call = turn->call};
    struct ora_answer reading = session->reading;
    struct ora_wr answer = session->answer;
    const struct ora_failure failure = session->failure;
    const bool has_failed = session->has_failed;
    char text[OCTO_ORA_TEXT];
    struct ora_packet packet;
    bool ok;

    memcpy(text, session->failure_text, sizeof(text));
    ora_wr_init(&session->answer, ORA_ANSWER_MAX);
    do {
        ok = ora_next_packet(session, &packet, error) && take_packet(&late, &packet, error);
    } while (ok && !late.has_ended);
    ora_wr_fini(&session->answer);
    session->answer = answer;
    session->reading = reading;
    session->failure = failure;
    session->has_failed = has_failed;
    memcpy(session->failure_text, text, sizeof(text));
    return ok;
}

/* Something went wrong while values came out of binds: the server stops, and says what it was once
 * it is told to go on. */
static bool go_on(struct turn *turn, struct octo_ora_error *error)
{
    static const uint8_t word[] = {ORA_MSG_FLUSH_OUT_BINDS};
    struct octo_ora *session = turn->session;

    turn->has_paused = false;
    turn->has_ended = false;
    ora_wr_clear(&session->packets);
    ora_data_write(&session->packets, session->is_wide, session->sdu, 0, 0, word, sizeof(word));
    return ora_send(session, &session->packets, error);
}

static bool may_break(const struct turn *turn)
{
    return !turn->is_broken && turn->call != ORA_CALL_PROTOCOL &&
           turn->call != ORA_CALL_DATA_TYPES && turn->call != ORA_CALL_LOGON;
}

static bool read_answer(struct turn *turn, struct octo_ora_error *error)
{
    struct octo_ora *session = turn->session;
    bool came_by_break = false;

    while (!turn->has_ended) {
        struct ora_packet packet;
        const char *fault = NULL;
        const enum ora_waited waited = await_packet(session, &packet, &fault);

        if ((waited == ORA_WAITED_TOO_LONG || waited == ORA_WAITED_RUNG) && may_break(turn)) {
            turn->is_rung = waited == ORA_WAITED_RUNG;
            if (!break_off(turn, error)) {
                return false;
            }
            continue;
        }
        if (waited == ORA_WAITED_RUNG) {
            continue;
        }
        if (!take_awaited(session, waited, fault, &packet, error)) {
            return false;
        }
        came_by_break = came_by_break || packet.type == ORA_PACKET_MARKER;
        if (!take_packet(turn, &packet, error) || (turn->has_paused && !go_on(turn, error))) {
            return false;
        }
    }
    return !turn->is_broken || came_by_break || drop_late_break(turn, error);
}

/* What one large answer has taken is not kept for ever. */
static void shed(struct ora_wr *wr)
{
    if (wr->capacity > KEPT_MAX) {
        const size_t max = wr->max;

        ora_wr_fini(wr);
        ora_wr_init(wr, max);
    }
}

static bool tell_failure(const struct turn *turn, struct octo_ora_error *error)
{
    enum { CANCELLED = 1013 };
    struct octo_ora *session = turn->session;
    const uint32_t number = session->failure.number;

    if (turn->is_too_large && !is_deadly(number)) {
        (void)ora_fault(error, OCTO_ORA_USAGE,
                        "the answer has more than %d MiB: stream its LOBs, or fetch fewer rows at "
                        "once",
                        ORA_ANSWER_MAX >> 20);
    } else if (is_deadly(number)) {
        (void)ora_die(session, error, "%s", session->failure_text);
    } else if (turn->is_rung && number == CANCELLED) {
        (void)ora_fault(error, OCTO_ORA_TIMEOUT, "the call was broken off, as was asked");
    } else if (turn->is_broken && number == CANCELLED) {
        (void)ora_fault(error, OCTO_ORA_TIMEOUT,
                        "the call took longer than %d ms and was broken off", session->call_ms);
    } else {
        (void)ora_fault(error, OCTO_ORA_SERVER, "%s", session->failure_text);
        error->position = session->failure.position;
    }
    error->number = (int)number;
    return false;
}

static bool send_request(struct turn *turn, struct octo_ora_error *error)
{
    struct octo_ora *session = turn->session;

    shed(&session->in);
    shed(&session->answer);
    ora_wr_clear(&session->packets);
    ora_data_write(&session->packets, session->is_wide, session->sdu, 0, 0, session->request.data,
                   session->request.length);
    session->packets.is_bad = session->packets.is_bad || session->request.is_bad;
    begin_answer(turn); /* what the last one said is not of a request that cannot be sent */
    if (!ora_send(session, &session->packets, error)) {
        return false;
    }
    drop_cargo(session);
    return true;
}

bool ora_turn(struct octo_ora *session, enum ora_call call, ora_taker *taker, void *arg,
              struct octo_ora_error *error)
{
    struct turn turn = {.session = session, .call = call, .taker = taker, .arg = arg};

    if (session->is_dead) {
        return ora_fault(error, OCTO_ORA_LOST, "the session is dead: close it and connect anew");
    }
    if (!ora_settle(session, error) || !send_request(&turn, error)) {
        return false;
    }
    session->round_trips++;
    if (!read_answer(&turn, error)) {
        return false;
    }
    return (!session->has_failed && !turn.is_too_large) || tell_failure(&turn, error);
}

/* --- what nobody waits for --- */

bool ora_say(struct octo_ora *session, struct octo_ora_error *error)
{
    struct turn turn = {.session = session, .call = ORA_CALL_SIMPLE};

    if (!send_request(&turn, error)) {
        return false;
    }
    session->is_owed = true;
    return true;
}

/* The request that is written already stays as it is; the answer has the time of its call. */
bool ora_settle(struct octo_ora *session, struct octo_ora_error *error)
{
    struct turn turn = {.session = session, .call = ORA_CALL_SIMPLE};

    if (!session->is_owed) {
        return true;
    }
    session->is_owed = false;
    begin_answer(&turn);
    if (!read_answer(&turn, error)) {
        return false;
    }
    if (session->has_failed && (turn.is_broken || is_deadly(session->failure.number))) {
        return tell_failure(&turn, error);
    }
    return true;
}

bool ora_take_notices(struct octo_ora *session, struct octo_ora_error *error)
{
    for (;;) {
        struct ora_packet packet;
        const char *fault = NULL;
        const enum ora_waited waited = await_packet(session, &packet, &fault);

        if (waited == ORA_WAITED_TOO_LONG || waited == ORA_WAITED_RUNG) {
            return true;
        }
        if (!take_awaited(session, waited, fault, &packet, error)) {
            return false;
        }
        if (packet.type == ORA_PACKET_DATA && packet.data_flags == ORA_DATA_EOF) {
            return ora_die(session, error, "the server closed the session");
        }
        if (packet.type != ORA_PACKET_CONTROL) {
            return ora_die(session, error,
                           "protocol error: a packet of type %d that nobody asked for",
                           packet.type);
        }
        if (!take_control(session, &packet, error)) {
            return false;
        }
        session->has_had_packet = false;
    }
}
