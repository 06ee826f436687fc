/*
 * shop/shipping.c: parcels and warehouses of the shop. A buyer sees the parcels of his own orders,
 * everybody where they start from.
 */
#include "service/shipping.h"

#include "service/warehouses.h"

#include "shop/shop_priv.h"

#define SHIPMENT_READERS (ROLE_USER | SHOP_INSIDERS)

static const struct route ROUTES[] = {
    {GET, "/api/shipping", shipping_list, SHIPMENT_READERS, .flags = ROUTE_RERUN_READS,
     .sees_all = SHOP_INSIDERS, .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS, .params = &SHIPPING_LIST,
     .reply = &SHIPPING_LIST_REPLY, .summary = "Shipments, newest first"},
    {GET, "/api/shipping/by-region", shipping_list, SHIPMENT_READERS, .flags = ROUTE_RERUN_READS,
     .sees_all = SHOP_INSIDERS, .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS,
     .params = &SHIPPING_REGION, .reply = &SHIPPING_LIST_REPLY,
     .summary = "Shipments that start or end in a region"},
    {GET, "/api/shipping/{shipment_id}", shipping_show, SHIPMENT_READERS,
     .flags = ROUTE_RERUN_READS, .sees_all = SHOP_INSIDERS,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS, .params = &SHIPPING_ID,
     .reply = &SHIPPING_TRACKED_REPLY, .outcomes = GIVES_304,
     .summary = "One shipment and the way that it has come"},
    {POST, "/api/shipping/{shipment_id}/status", shipping_move,
     ROLE_ADMIN | ROLE_MANAGER | ROLE_SUPPORT, .flags = ROUTE_TAKES_KEY | ROUTE_EDITS,
     .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS, .params = &SHIPPING_ID, .body = &SHIPPING_MOVE,
     .example = "{\"status\":\"delivered\"}", .reply = &SHIPPING_TRACKED_REPLY,
     .outcomes = GIVES_409, .summary = "Move a shipment along"},
    {GET, "/api/shipping/warehouses", warehouses_list, ANYONE, .flags = ROUTE_RERUN_READS,
     .params = &WAREHOUSES_IN_USE, .reply = &WAREHOUSES_REPLY, .summary = "Active warehouses"},
    WAREHOUSE_ROUTES("/api/admin/warehouses", ROLE_ADMIN, ROLE_ADMIN),
};

const struct route_table shop_shipping_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                 "shipping", "Parcels, and where they start from"};
