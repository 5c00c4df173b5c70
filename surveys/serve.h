/* The survey page on the loopback interface (libmicrohttpd), behind a proxy that speaks TLS.
 *
 * One thread reads requests and looks; one writes, and takes all that waits into one transaction, so that many answers share
 * one sync. A reply goes out after the commit. Every connection carries one request and has a deadline, however slowly it sends;
 * bodies, headers, connections and the requests of one client are limited. Nothing of a request is logged. */
#ifndef SURVEYS_SERVE_H
#define SURVEYS_SERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/err.h"
#include "surveys/respond.h"

struct serve_input {
    struct responder responder;
    struct db *writing;    /* a second connection to intake.db */
    struct clock clock;
    int port;              /* 0: any that is free */
    int deadline_seconds;  /* of a connection, 1 or more */
    long requests_per_minute;
};

struct serve_counts {
    uint64_t requests, answers, refused, failed;
};

struct server;

/* Starts both threads. ERR_AGAIN if the port is taken, ERR_IO. *port is the one that was taken. */
int serve_start(struct server **server, const struct serve_input *input, int *port, struct err *err);

/* To be called about once a second: ends connections that are past their deadline. */
void serve_tick(struct server *server);

/* Takes no more connections, finishes what arrived (at most `patience_seconds`), ends the threads. */
void serve_stop(struct server *server, int patience_seconds, struct serve_counts *counts);

#endif
