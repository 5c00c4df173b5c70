#include "surveys/serve.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/mem.h"
#include "surveys/rate.h"
#include "surveys/serve_write.h"

enum { CONNECTIONS_MAX = 400, HEADER_MAX_BYTES = 16 * 1024, PATH_MAX_BYTES = 128, SKIPPED_MAX_BYTES = 1024 * 1024 };

#define SECOND_NS INT64_C(1000000000)

/* An open connection, for its deadline. */
struct open_connection {
    struct open_connection *next, **link;
    int64_t born_ns;
    int fd;
};

struct server {
    struct serve_input input;
    struct MHD_Daemon *daemon;
    struct serve_writer *writer;
    struct rate *rate;
    pthread_mutex_t mutex; /* of the connections */
    struct open_connection *connections;
    atomic_size_t under_way; /* requests */
    struct serve_counts counts; /* the reading thread's */
};

enum exchange_state { EXCHANGE_READING, EXCHANGE_REFUSED, EXCHANGE_WRITING, EXCHANGE_WRITTEN };

/* One request. */
struct exchange {
    struct server *server;
    struct MHD_Connection *connection;
    atomic_int state;
    unsigned refused; /* status */
    struct strbuf body;
    struct responding responding;
    bool responds;    /* `responding` is in use */
    struct serve_job job;
};

static const char *header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static enum MHD_Result send_reply(struct exchange *exchange, struct reply *reply)
{
    static const char *const headers[][2] = {
        { "Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
                                     "frame-ancestors 'none'" },
        { "Referrer-Policy", "no-referrer" },
        { "X-Content-Type-Options", "nosniff" },
        { "X-Robots-Tag", "noindex, nofollow" },
        { "Cross-Origin-Resource-Policy", "same-origin" },
        { "Cross-Origin-Opener-Policy", "same-origin" },
        { "Permissions-Policy", "camera=(), geolocation=(), microphone=()" },
        { "Connection", "close" },
    };
    struct MHD_Response *response = MHD_create_response_from_buffer(reply->body.length, reply->body.text, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        MHD_add_response_header(response, headers[i][0], headers[i][1]);
    MHD_add_response_header(response, "Content-Type", reply->type);
    MHD_add_response_header(response, "Cache-Control", reply->cacheable ? "max-age=3600" : "no-store");
    if (*reply->location)
        MHD_add_response_header(response, "Location", reply->location);
    if (reply->status == MHD_HTTP_TOO_MANY_REQUESTS || reply->status == MHD_HTTP_SERVICE_UNAVAILABLE)
        MHD_add_response_header(response, "Retry-After", "60");
    if (reply->status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, "Allow", "GET, HEAD, POST");
    enum MHD_Result result = MHD_queue_response(exchange->connection, reply->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result send_refusal(struct exchange *exchange)
{
    struct reply reply = { 0 };
    exchange->server->counts.refused++;
    respond_refuse(&exchange->server->input.responder, exchange->refused, header(exchange->connection, "Accept-Language"), &reply);
    enum MHD_Result result = send_reply(exchange, &reply);
    strbuf_release(&reply.body);
    return result;
}

/* Called on the writer's thread. */
static void written(struct serve_job *job)
{
    struct exchange *exchange = job->context;
    atomic_store(&exchange->state, EXCHANGE_WRITTEN);
    MHD_resume_connection(exchange->connection);
}

static enum MHD_Result respond(struct exchange *exchange, const struct respond_request *request)
{
    struct server *server = exchange->server;
    exchange->responds = true;
    respond_begin(&server->input.responder, request, &exchange->responding);
    if (!exchange->responding.has_job)
        return send_reply(exchange, &exchange->responding.reply);
    exchange->job = (struct serve_job){ .job = &exchange->responding.job, .context = exchange };
    atomic_store(&exchange->state, EXCHANGE_WRITING);
    MHD_suspend_connection(exchange->connection);
    serve_writer_add(server->writer, &exchange->job);
    return MHD_YES;
}

static enum MHD_Result finish_written(struct exchange *exchange)
{
    struct server *server = exchange->server;
    struct responding *responding = &exchange->responding;
    respond_end(&server->input.responder, responding, exchange->job.failed);
    if (exchange->job.failed)
        server->counts.failed++;
    else if (responding->job.deed == INTAKE_FINISH && responding->job.outcome == INTAKE_DONE)
        server->counts.answers++;
    return send_reply(exchange, &responding->reply);
}

static enum MHD_Result keep_last(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
    const char **last = context;
    (void)kind;
    if (strcasecmp(name, "X-Forwarded-For") == 0)
        *last = value;
    return MHD_YES;
}

/* Of several lines the last: a proxy that adds its own leaves those of the client before it. */
static bool may_ask(struct server *server, struct MHD_Connection *connection)
{
    char client[RATE_CLIENT_BYTES];
    const char *last = NULL;
    MHD_get_connection_values(connection, MHD_HEADER_KIND, keep_last, &last);
    rate_client(last, client);
    return rate_take(server->rate, client, clock_monotonic_ns());
}

/* A mail provider sends the one click of all its customers from few addresses, and does not come back. */
static bool is_opt_out(const char *method, const char *path)
{
    return strcmp(method, "POST") == 0 && strncmp(path, "/o/", 3) == 0;
}

/* The status to refuse a request with before its body is read; 0: go on. */
static unsigned refuse_early(struct server *server, struct MHD_Connection *connection, const char *method, const char *path)
{
    const char *length = header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
    if (!is_opt_out(method, path) && !may_ask(server, connection))
        return MHD_HTTP_TOO_MANY_REQUESTS;
    if (strcmp(method, "GET") && strcmp(method, "HEAD") && strcmp(method, "POST"))
        return MHD_HTTP_METHOD_NOT_ALLOWED;
    if (strlen(path) > PATH_MAX_BYTES)
        return MHD_HTTP_NOT_FOUND;
    if (length && strtoull(length, NULL, 10) > FORM_MAX_BYTES)
        return MHD_HTTP_CONTENT_TOO_LARGE;
    return 0;
}

/* A reply to a request of which bytes are still on their way is lost with the connection (RST), and the proxy says 502 for it: a body is
 * read and thrown away first, unless it is far too large. */
static bool has_body_to_skip(struct MHD_Connection *connection)
{
    const char *length = header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
    if (!length)
        return header(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL;
    unsigned long long bytes = strtoull(length, NULL, 10);
    return bytes > 0 && bytes <= SKIPPED_MAX_BYTES;
}

static enum MHD_Result begin(struct server *server, struct MHD_Connection *connection, const char *path, const char *method, void **context)
{
    struct exchange *exchange = mem_zalloc(1, sizeof *exchange);
    exchange->server = server;
    exchange->connection = connection;
    *context = exchange;
    atomic_fetch_add(&server->under_way, 1);
    server->counts.requests++;
    exchange->refused = refuse_early(server, connection, method, path);
    if (!exchange->refused || has_body_to_skip(connection))
        return MHD_YES;
    atomic_store(&exchange->state, EXCHANGE_REFUSED);
    return send_refusal(exchange);
}

static void take_body(struct exchange *exchange, const char *data, size_t *size)
{
    if (exchange->body.length + *size > FORM_MAX_BYTES)
        exchange->refused = exchange->refused ? exchange->refused : MHD_HTTP_CONTENT_TOO_LARGE;
    if (!exchange->refused)
        strbuf_add(&exchange->body, data, *size);
    *size = 0;
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *path, const char *method,
                              const char *version, const char *data, size_t *size, void **request_context)
{
    struct server *server = context;
    struct exchange *exchange = *request_context;
    (void)version;
    if (!exchange)
        return begin(server, connection, path, method, request_context);
    if (atomic_load(&exchange->state) == EXCHANGE_WRITTEN)
        return finish_written(exchange);
    if (*size) {
        take_body(exchange, data, size);
        return MHD_YES;
    }
    if (exchange->refused)
        return send_refusal(exchange);
    struct respond_request request = {
        .post = strcmp(method, "POST") == 0,
        .path = path,
        .languages = header(connection, "Accept-Language"),
        .type = header(connection, "Content-Type"),
        .body = { strbuf_text(&exchange->body), exchange->body.length },
        .now = clock_now(&server->input.clock),
    };
    return respond(exchange, &request);
}

static void complete(void *context, struct MHD_Connection *connection, void **request_context, enum MHD_RequestTerminationCode how)
{
    struct server *server = context;
    struct exchange *exchange = *request_context;
    (void)connection;
    (void)how;
    if (!exchange)
        return;
    if (exchange->responds)
        responding_release(&exchange->responding);
    strbuf_wipe(&exchange->body);
    free(exchange);
    *request_context = NULL;
    atomic_fetch_sub(&server->under_way, 1);
}

static void note_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                            enum MHD_ConnectionNotificationCode code)
{
    struct server *server = context;
    struct open_connection *open = *socket_context;
    pthread_mutex_lock(&server->mutex);
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        open = mem_zalloc(1, sizeof *open);
        open->born_ns = clock_monotonic_ns();
        open->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        open->next = server->connections;
        open->link = &server->connections;
        if (open->next)
            open->next->link = &open->next;
        server->connections = open;
        *socket_context = open;
    } else if (open) {
        *open->link = open->next;
        if (open->next)
            open->next->link = open->link;
        free(open);
        *socket_context = NULL;
    }
    pthread_mutex_unlock(&server->mutex);
}

/* What the library would log may hold what a client sent. */
static void log_nothing(void *context, const char *format, va_list args)
{
    (void)context;
    (void)format;
    (void)args;
}

void serve_tick(struct server *server)
{
    int64_t oldest = clock_monotonic_ns() - server->input.deadline_seconds * SECOND_NS;
    pthread_mutex_lock(&server->mutex);
    for (const struct open_connection *open = server->connections; open; open = open->next)
        if (open->born_ns < oldest)
            shutdown(open->fd, SHUT_RDWR);
    pthread_mutex_unlock(&server->mutex);
}

static int listen_on(struct server *server, int *port, struct err *err)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)server->input.port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->daemon = MHD_start_daemon(
        MHD_USE_AUTO_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle, server,
        MHD_OPTION_EXTERNAL_LOGGER, log_nothing, NULL, MHD_OPTION_SOCK_ADDR, &address,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADER_MAX_BYTES,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)server->input.deadline_seconds, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u,
        MHD_OPTION_NOTIFY_COMPLETED, complete, server, MHD_OPTION_NOTIFY_CONNECTION, note_connection, server, MHD_OPTION_END);
    if (!server->daemon)
        return err_set(err, ERR_AGAIN, "cannot listen on 127.0.0.1, port %d", server->input.port);
    *port = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    return 0;
}

int serve_start(struct server **server, const struct serve_input *input, int *port, struct err *err)
{
    struct server *made = mem_zalloc(1, sizeof *made);
    made->input = *input;
    pthread_mutex_init(&made->mutex, NULL);
    rate_init(&made->rate, input->requests_per_minute);
    int code = serve_writer_start(&made->writer, input->writing, written, err);
    if (!code)
        code = listen_on(made, port, err);
    if (code && made->writer)
        serve_writer_stop(made->writer);
    if (code) {
        rate_free(made->rate);
        free(made);
        return code;
    }
    *server = made;
    return 0;
}

void serve_stop(struct server *server, int patience_seconds, struct serve_counts *counts)
{
    int64_t end = clock_monotonic_ns() + patience_seconds * SECOND_NS;
    MHD_socket listening = MHD_quiesce_daemon(server->daemon);
    if (listening != MHD_INVALID_SOCKET)
        close(listening);
    while (atomic_load(&server->under_way) && clock_monotonic_ns() < end)
        usleep(10000);
    serve_writer_stop(server->writer); /* what it was given it writes; no connection stays suspended */
    MHD_stop_daemon(server->daemon);
    *counts = server->counts;
    rate_free(server->rate);
    pthread_mutex_destroy(&server->mutex);
    free(server);
}
