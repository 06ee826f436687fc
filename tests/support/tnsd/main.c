/* Takes connections and gives each a process; what its options are is in options.c. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/tnsd/execution.h"
#include "tests/support/tnsd/tnsd.h"

static int listen_on(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof(address);
    const int on = 1;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 128) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
        perror("tnsd");
        exit(EXIT_FAILURE);
    }
    (void)printf("port %d\n", ntohs(address.sin_port));
    (void)fflush(stdout);
    return fd;
}

static void open_record(struct tnsd *t, unsigned long number)
{
    char path[4096];

    if (t->options->record == NULL) {
        return;
    }
    (void)snprintf(path, sizeof(path), "%s/%03lu.txt", t->options->record, number);
    t->record = fopen(path, "w");
    if (t->record == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }
}

static void serve(const struct tnsd_options *options, int fd, unsigned long number)
{
    static struct tnsd t;
    static struct lobs lobs;
    const int on = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    t.options = options;
    t.pose = tnsd_pose_of(options->pose);
    t.fd = fd;
    t.lobs = &lobs;
    t.cursors = calloc(TNSD_CURSORS_MAX, sizeof(*t.cursors));
    if (t.cursors == NULL) {
        exit(EXIT_FAILURE);
    }
    ora_wr_init(&t.in, TNSD_STREAM_MAX);
    ora_wr_init(&t.stream, TNSD_STREAM_MAX);
    ora_wr_init(&t.answer, TNSD_STREAM_MAX);
    open_record(&t, number);
    seen_begin(&t);
    if (faults_spare_opening(&t) && tnsd_secure(&t) && tnsd_connect(&t)) {
        tnsd_serve(&t);
    }
    if (t.record != NULL) {
        (void)fclose(t.record);
    }
    seen_end(&t);
    execution_fini(&t);
    lobs_fini(&lobs);
    SSL_free(t.tls);
    SSL_CTX_free(t.tls_ctx);
    free(t.cursors);
    ora_wr_fini(&t.in);
    ora_wr_fini(&t.stream);
    ora_wr_fini(&t.answer);
    (void)close(fd);
}

/* What is said on standard input is done by a process of its own, which ends the listener when
 * nobody can say anything any more. */
static void obey(struct tnsd_shared *shared, pid_t listener)
{
    faults_obey(shared);
    (void)kill(listener, SIGTERM);
    _exit(EXIT_SUCCESS);
}

int main(int argc, char **argv)
{
    struct tnsd_options options = {
        .service = "svc", .user = "scott", .password = "tiger", .pose = "19c", .verifier = "12c"};
    const pid_t listener = getpid();
    unsigned long connections = 0;
    int fd;

    if (!tnsd_read_options(argc, argv, &options)) {
        return 2;
    }
    options.shared = mmap(NULL, sizeof(*options.shared), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (options.shared == MAP_FAILED) {
        perror("tnsd");
        return EXIT_FAILURE;
    }
    (void)snprintf(options.shared->password, sizeof(options.shared->password), "%s",
                   options.password);
    options.shared->is_expired = options.is_expired;
    (void)signal(SIGCHLD, SIG_IGN); /* nobody waits for them */
    (void)signal(SIGPIPE, SIG_IGN);
    fd = listen_on((uint16_t)options.port);
    if (fork() == 0) {
        (void)close(fd); /* which is free again when the listener has ended */
        obey(options.shared, listener);
    }
    for (;;) {
        const int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

        if (client < 0 && errno == EINTR) {
            continue;
        }
        connections++;
        if (client >= 0 && fork() == 0) {
            (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
            (void)close(fd);
            serve(&options, client, connections);
            exit(EXIT_SUCCESS);
        }
        (void)close(client);
    }
}
