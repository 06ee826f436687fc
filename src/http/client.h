/*
 * http/client.h: who is at the other end of a connection.
 */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "core/network.h"

struct guest;

struct client {
    struct net_address address;
    char text[NET_ADDRESS_TEXT_MAX]; /* the same */
    bool is_proxy;       /* of ours: what it says of those that it speaks for is believed */
    bool is_exempt;      /* no budget counts what it does */
    struct guest *guest; /* its place among those that are counted; NULL: it is not */
};

#endif
