#include "CHiredis.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

static struct timeval interval(int milliseconds) {
  struct timeval value = {milliseconds / 1000, (milliseconds % 1000) * 1000};
  return value;
}

static redisContext *context(playhead_redis *redis) { return (redisContext *)redis; }
static const redisReply *reply_of(const playhead_reply *reply) { return (const redisReply *)reply; }

playhead_redis *playhead_redis_connect(const char *host, int port, int timeout_ms) {
  redisContext *connected = redisConnectWithTimeout(host, port, interval(timeout_ms));
  if (connected != NULL && connected->err == 0) {
    // A pipeline ends in a short segment: it must not wait for the acknowledgement of the ones before.
    int on = 1;
    setsockopt(connected->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    redisEnableKeepAlive(connected);
  }
  return (playhead_redis *)connected;
}

int playhead_redis_set_timeout(playhead_redis *redis, int timeout_ms) { return redisSetTimeout(context(redis), interval(timeout_ms)); }
void playhead_redis_free(playhead_redis *redis) { redisFree(context(redis)); }
const char *playhead_redis_error(playhead_redis *redis) { return context(redis)->err ? context(redis)->errstr : NULL; }

int playhead_redis_was_closed(playhead_redis *redis) {
  char byte;
  ssize_t count = recv(context(redis)->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

int playhead_redis_append(playhead_redis *redis, const char *command, size_t length) {
  return redisAppendFormattedCommand(context(redis), command, length);
}

playhead_reply *playhead_redis_read(playhead_redis *redis) {
  void *reply = NULL;
  return redisGetReply(context(redis), &reply) == REDIS_OK ? reply : NULL;
}

void playhead_reply_free(playhead_reply *reply) { freeReplyObject(reply); }
int playhead_reply_type(const playhead_reply *reply) {
  switch (reply_of(reply)->type) {
    case REDIS_REPLY_STRING: return PLAYHEAD_REPLY_STRING;
    case REDIS_REPLY_ARRAY: return PLAYHEAD_REPLY_ARRAY;
    case REDIS_REPLY_INTEGER: return PLAYHEAD_REPLY_INTEGER;
    case REDIS_REPLY_NIL: return PLAYHEAD_REPLY_NIL;
    case REDIS_REPLY_STATUS: return PLAYHEAD_REPLY_STATUS;
    default: return PLAYHEAD_REPLY_ERROR;
  }
}
long long playhead_reply_integer(const playhead_reply *reply) { return reply_of(reply)->integer; }
const char *playhead_reply_bytes(const playhead_reply *reply) { return reply_of(reply)->str; }
size_t playhead_reply_length(const playhead_reply *reply) { return (size_t)reply_of(reply)->len; }
size_t playhead_reply_count(const playhead_reply *reply) { return reply_of(reply)->elements; }
const playhead_reply *playhead_reply_element(const playhead_reply *reply, size_t index) {
  return (const playhead_reply *)reply_of(reply)->element[index];
}
