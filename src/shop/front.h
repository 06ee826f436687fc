/*
 * shop/front.h: the shop's first page for buyers, which "/" is for browsers, too.
 */
#ifndef SHOP_FRONT_H
#define SHOP_FRONT_H

#include "http/request.h"

/* Always true: the page is there without its rows, too. */
bool front_show_first(struct request *rq, struct reply *rp);

#endif
