#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "service/service.h"
#include "service/simulation.h"
#include "support/test.h"

enum { SECOND_NS = 1000000000 };

static const struct workflow WORKFLOWS[] = {{"/api/cart", "add-to-cart"}};
static const struct service_traits TRAITS = {
    .name = "shop", .workflows = WORKFLOWS, .workflow_count = 1};

static struct service *open_service(void)
{
    static struct service service;

    service = (struct service){.traits = &TRAITS, .metrics = metrics_new()};
    service.simulation = simulation_new(&service);
    return &service;
}

static void close_service(struct service *service)
{
    simulation_free(service->simulation);
    metrics_free(service->metrics);
}

static void arm(struct service *service, const char *id, const struct fault *fault,
                uint64_t seconds)
{
    struct scenario scenario = {.until_ns = clock_after_ms(seconds * 1000), .count = 1};
    struct err err = {0};

    (void)snprintf(scenario.id, sizeof(scenario.id), "%s", id);
    scenario.faults[0] = *fault;
    assert_true(simulation_arm(service->simulation, &scenario, &err));
}

static size_t meets(const struct service *service, const char *action, uint64_t trace_low)
{
    const struct ctx ctx = {.action = action, .trace = {.trace_low = trace_low}};
    struct met_fault met[FAULTS_MOST];

    return simulation_meets(service, &ctx, met);
}

/* Background work has neither workflow nor path. */
static void simulation_meets__scope__is_workflow_path_and_share(void **state)
{
    const struct fault cart = {.kind = FAULT_DEADLOCK, .workflow = "add-to-cart", .share = 100};
    const struct fault admin = {.kind = FAULT_ERROR, .path = "/api/admin", .share = 100};
    const struct fault tenth = {.kind = FAULT_POOL_HOLD, .share = 10};
    struct service *service = open_service();

    (void)state;
    assert_int_equal(meets(service, "POST /api/cart/add", 0), 0);
    arm(service, "one", &cart, 60);
    assert_int_equal(meets(service, "POST /api/cart/add", 50), 1);
    assert_int_equal(meets(service, "GET /api/products", 50), 0);
    assert_int_equal(meets(service, "BG audit", 50), 0);
    arm(service, "two", &admin, 60);
    assert_int_equal(meets(service, "GET /api/admin/users", 50), 1);
    arm(service, "three", &tenth, 60);
    assert_int_equal(meets(service, "BG audit", 109), 1);
    assert_int_equal(meets(service, "BG audit", 110), 0);
    assert_int_equal(meets(service, "POST /api/cart/add", 109), 2);
    close_service(service);
}

static void simulation_look__end_has_come__is_gone(void **state)
{
    const struct fault fault = {.kind = FAULT_ERROR, .share = 100};
    struct service *service = open_service();
    struct scenario armed[SCENARIOS_MOST];

    (void)state;
    clock_freeze(SECOND_NS, 0);
    arm(service, "one", &fault, 60);
    arm(service, "two", &fault, 10);
    clock_freeze(11 * (uint64_t)SECOND_NS - 1, 0);
    assert_int_equal(simulation_look(service->simulation, armed, SCENARIOS_MOST), 2);
    clock_freeze(11 * (uint64_t)SECOND_NS, 0);
    assert_int_equal(simulation_look(service->simulation, armed, SCENARIOS_MOST), 1);
    assert_string_equal(armed[0].id, "one");
    clock_freeze(61 * (uint64_t)SECOND_NS, 0);
    assert_int_equal(meets(service, "GET /x", 0), 0);
    assert_false(simulation_is_on(service->simulation));
    clock_thaw();
    close_service(service);
}

/* One of the same name takes its place; of others there is a limit. */
static void simulation_arm__too_many__are_refused(void **state)
{
    const struct scenario another = {.id = "another", .until_ns = CLOCK_NEVER};
    const struct fault fault = {.kind = FAULT_ERROR, .share = 100};
    struct service *service = open_service();
    struct err err = {0};
    char id[2] = "a";

    (void)state;
    for (int i = 0; i < SCENARIOS_MOST; i++) {
        arm(service, id, &fault, 60);
        arm(service, id, &fault, 60);
        id[0]++;
    }
    assert_false(simulation_arm(service->simulation, &another, &err));
    assert_int_equal(err.code, ERR_CONFLICT);
    simulation_clear(service->simulation, "a");
    assert_true(simulation_arm(service->simulation, &another, &err));
    close_service(service);
}

struct waiter {
    struct simulation *simulation;
    atomic_bool is_through;
};

static void wait_long(void *arg)
{
    const struct ctx ctx = {.deadline_ns = CLOCK_NEVER};
    struct waiter *waiter = arg;

    simulation_wait(waiter->simulation, &ctx, 3600 * 1000, CLOCK_NEVER);
    atomic_store(&waiter->is_through, true);
}

/* Whenever the waiting thread comes to it: until it is through there is another change. */
static void simulation_wait__cleared__goes_on(void **state)
{
    struct service *service = open_service();
    struct waiter waiter = {.simulation = service->simulation};
    struct thread thread = {.is_running = false};

    (void)state;
    thread_start(&thread, "waits", wait_long, &waiter);
    WAIT_UNTIL((simulation_clear(service->simulation, NULL), atomic_load(&waiter.is_through)));
    thread_join(&thread);
    close_service(service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(simulation_meets__scope__is_workflow_path_and_share),
        cmocka_unit_test(simulation_look__end_has_come__is_gone),
        cmocka_unit_test(simulation_arm__too_many__are_refused),
        cmocka_unit_test(simulation_wait__cleared__goes_on),
    };

    return cmocka_run_group_tests_name("service/simulation", tests, NULL, NULL);
}
