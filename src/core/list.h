/*
 * core/list.h: a doubly linked list whose links live inside its items, with its length. An item is
 * in at most one list through one link. Not synchronised: the owner's lock guards the list.
 */
#ifndef CORE_LIST_H
#define CORE_LIST_H

#include <assert.h>
#include <stddef.h>

struct list_link {
    struct list_link *prev; /* NULL while in no list */
    struct list_link *next;
};

struct list {
    struct list_link ends; /* next: first item, prev: last item */
    size_t length;
};

/* The item that holds this link. */
#define LIST_ITEM(link_, type_, member_)                                                           \
    ((type_ *)(void *)((char *)(link_)-offsetof(type_, member_)))
/* NOLINTBEGIN(bugprone-macro-parentheses): link_ is the name of the loop's variable. */
#define LIST_EACH(link_, list_)                                                                    \
    for (struct list_link *link_ = (list_)->ends.next; link_ != &(list_)->ends; link_ = link_->next)
/* NOLINTEND(bugprone-macro-parentheses) */

static inline void list_init(struct list *list)
{
    list->ends.prev = list->ends.next = &list->ends;
    list->length = 0;
}

static inline void list_insert_after(struct list *list, struct list_link *where,
                                     struct list_link *link)
{
    assert(link->prev == NULL);
    link->prev = where;
    link->next = where->next;
    where->next->prev = link;
    where->next = link;
    list->length++;
}

static inline void list_push_front(struct list *list, struct list_link *link)
{
    list_insert_after(list, &list->ends, link);
}

static inline void list_push_back(struct list *list, struct list_link *link)
{
    list_insert_after(list, list->ends.prev, link);
}

static inline void list_remove(struct list *list, struct list_link *link)
{
    assert(link->prev != NULL);
    link->prev->next = link->next;
    link->next->prev = link->prev;
    link->prev = link->next = NULL;
    list->length--;
}

static inline struct list_link *list_first(struct list *list)
{
    /* The analyzer cannot see that a removed item is in no list any more. */
    return list->length > 0 ? list->ends.next : NULL; /* NOLINT(clang-analyzer-unix.Malloc) */
}

static inline struct list_link *list_pop_front(struct list *list)
{
    struct list_link *link = list_first(list);

    if (link != NULL) {
        list_remove(list, link);
    }
    return link;
}

static inline struct list_link *list_pop_back(struct list *list)
{
    struct list_link *link = list->length > 0 ? list->ends.prev : NULL;

    if (link != NULL) {
        list_remove(list, link);
    }
    return link;
}

#endif
