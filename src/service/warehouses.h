/*
 * service/warehouses.h: places that parcels start from, in both services: for everybody those that
 * are in use, for staff all of them, to add to and to edit.
 */
#ifndef SERVICE_WAREHOUSES_H
#define SERVICE_WAREHOUSES_H

#include "http/server.h"
#include "service/roles.h"

http_handler warehouses_list; /* with either of these two */
extern const struct param_shape WAREHOUSES_IN_USE;
extern const struct param_shape WAREHOUSES_ALL;
extern const struct reply_shape WAREHOUSES_REPLY;

http_handler warehouse_show;
http_handler warehouse_create;
http_handler warehouse_change;
extern const struct param_shape WAREHOUSE_ID;
extern const struct json_shape WAREHOUSE_WRITE;
extern const struct reply_shape WAREHOUSE_REPLY;
extern const char WAREHOUSE_EXAMPLE[];

/* The rows of those who keep them. */
#define WAREHOUSE_ROUTES(path_, readers_, writers_)                                                \
    {GET,                                                                                          \
     path_,                                                                                        \
     warehouses_list,                                                                              \
     (readers_),                                                                                   \
     .flags = ROUTE_RERUN_READS,                                                                   \
     .params = &WAREHOUSES_ALL,                                                                    \
     .reply = &WAREHOUSES_REPLY,                                                                   \
     .summary = "Warehouses, by name"},                                                            \
        {POST,                                                                                     \
         path_,                                                                                    \
         warehouse_create,                                                                         \
         (writers_),                                                                               \
         .flags = ROUTE_TAKES_KEY,                                                                 \
         .body = &WAREHOUSE_WRITE,                                                                 \
         .example = WAREHOUSE_EXAMPLE,                                                             \
         .reply = &WAREHOUSE_REPLY,                                                                \
         .summary = "Create a warehouse"},                                                         \
        {GET,                                                                                      \
         path_ "/{warehouse_id}",                                                                  \
         warehouse_show,                                                                           \
         (readers_),                                                                               \
         .flags = ROUTE_RERUN_READS,                                                               \
         .params = &WAREHOUSE_ID,                                                                  \
         .reply = &WAREHOUSE_REPLY,                                                                \
         .outcomes = GIVES_304,                                                                    \
         .summary = "One warehouse"},                                                              \
    {                                                                                              \
        PUT, path_ "/{warehouse_id}", warehouse_change, (writers_),                                \
            .flags = ROUTE_TAKES_KEY | ROUTE_EDITS, .params = &WAREHOUSE_ID,                       \
            .body = &WAREHOUSE_WRITE, .example = WAREHOUSE_EXAMPLE, .reply = &WAREHOUSE_REPLY,     \
            .summary = "Replace a warehouse"                                                       \
    }

#endif
