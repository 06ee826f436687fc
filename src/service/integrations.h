/*
 * service/integrations.h: how a service hangs together with others: whether its peer is well, what
 * it depends on, and what it is made of. Anybody may ask whether all is well, insiders where it is.
 */
#ifndef SERVICE_INTEGRATIONS_H
#define SERVICE_INTEGRATIONS_H

#include "http/server.h"
#include "service/roles.h"

http_handler integrations_health; /* ROUTE_CALLS_PEER */
extern const struct reply_shape PEER_HEALTH_REPLY;
http_handler integrations_status;
extern const struct reply_shape INTEGRATIONS_STATUS_REPLY;
http_handler modules_list;
extern const struct reply_shape MODULES_REPLY;
http_handler platform_status; /* ROUTE_CALLS_PEER */
extern const struct reply_shape PLATFORM_REPLY;

#define INTEGRATION_ROUTES(health_path_, insiders_)                                                \
    {GET,                                                                                          \
     health_path_,                                                                                 \
     integrations_health,                                                                          \
     ANYONE,                                                                                       \
     .budget = BUDGET_WORK,                                                                        \
     .flags = ROUTE_KNOWS_CALLER | ROUTE_CALLS_PEER,                                               \
     .sees_all = (insiders_),                                                                      \
     .shows = SHOWS_TOPOLOGY,                                                                      \
     .reply = &PEER_HEALTH_REPLY,                                                                  \
     .summary = "Whether the other service is well, some seconds ago"},                            \
        {GET,                                                                                      \
         "/api/integrations/schema",                                                               \
         handle_contract,                                                                          \
         ANYONE,                                                                                   \
         .flags = ROUTE_NO_IO,                                                                     \
         .reply = &OPENAPI_REPLY,                                                                  \
         .outcomes = GIVES_304,                                                                    \
         .summary = "What other services may call, as a document"},                                \
        {GET,                                                                                      \
         "/api/integrations/status",                                                               \
         integrations_status,                                                                      \
         ANYONE,                                                                                   \
         .flags = ROUTE_KNOWS_CALLER,                                                              \
         .sees_all = (insiders_),                                                                  \
         .shows = SHOWS_TOPOLOGY,                                                                  \
         .reply = &INTEGRATIONS_STATUS_REPLY,                                                      \
         .summary = "What the service depends on and sends to"},                                   \
    {                                                                                              \
        GET, "/api/modules", modules_list, ANYONE,                                                 \
            .flags = ROUTE_NO_IO, .reply = &MODULES_REPLY,                                         \
            .summary = "What the service is made of, with the numbers of its routes"               \
    }

#endif
