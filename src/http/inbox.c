#include "http/inbox.h"

#include <assert.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "http/server_priv.h"

void inbox_init(struct inbox *inbox)
{
    mutex_init(&inbox->lock);
    inbox->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

void inbox_fini(struct inbox *inbox)
{
    assert(inbox->accepted == NULL && inbox->completed == NULL);
    if (inbox->event >= 0) {
        close(inbox->event);
    }
    mutex_fini(&inbox->lock);
}

void inbox_ring(struct inbox *inbox)
{
    const uint64_t one = 1;

    (void)!write(inbox->event, &one, sizeof(one));
}

void inbox_bring_socket(struct inbox *inbox, int socket, const struct client *client)
{
    struct accepted *accepted = mem_alloc(sizeof(*accepted));
    bool is_first;

    accepted->socket = socket;
    accepted->client = *client;
    mutex_lock(&inbox->lock);
    is_first = inbox->accepted == NULL && inbox->completed == NULL;
    accepted->next = inbox->accepted;
    inbox->accepted = accepted;
    mutex_unlock(&inbox->lock);
    if (is_first) {
        inbox_ring(inbox);
    }
}

void inbox_bring_exchange(struct inbox *inbox, struct exchange *exchange)
{
    bool is_first;

    mutex_lock(&inbox->lock);
    is_first = inbox->accepted == NULL && inbox->completed == NULL;
    exchange->next = inbox->completed;
    inbox->completed = exchange;
    mutex_unlock(&inbox->lock);
    if (is_first) {
        inbox_ring(inbox);
    }
}

void inbox_take(struct inbox *inbox, struct accepted **ret_accepted,
                struct exchange **ret_completed)
{
    uint64_t count;

    (void)!read(inbox->event, &count, sizeof(count));
    mutex_lock(&inbox->lock);
    *ret_accepted = inbox->accepted;
    *ret_completed = inbox->completed;
    inbox->accepted = NULL;
    inbox->completed = NULL;
    mutex_unlock(&inbox->lock);
}
