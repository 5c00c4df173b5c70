/* How often one client may ask: a token bucket per client, in memory alone. A client is a keyed hash of its address under a key
 * that lives as long as the process, so that no address is kept. The table has a fixed size; clients that share a slot share a
 * bucket. */
#ifndef SURVEYS_RATE_H
#define SURVEYS_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct rate;

/* `per_minute` requests a minute, a quarter of them at once. */
void rate_init(struct rate **rate, long per_minute);
void rate_free(struct rate *rate);

/* Takes one request of the client at the monotonic instant; false: too many. Of an IPv6 address the first 64 bits count. */
bool rate_take(struct rate *rate, const char *client, int64_t now_ns);

enum { RATE_CLIENT_BYTES = 64 };

/* The client as the proxy saw it: the last entry of a line of X-Forwarded-For (NULL: there is none), which the proxy itself wrote, without port
 * and brackets. What is too long for an address is cut. */
void rate_client(const char *forwarded, char client[RATE_CLIENT_BYTES]);

#endif
