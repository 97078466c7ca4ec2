// hiredis behind functions of our own: struct layouts differ between 0.14 (Debian 12) and 1.x, so everything that looks into a
// struct is compiled in C against the installed headers, and Swift sees opaque pointers only.
#ifndef PLAYHEAD_CHIREDIS_H
#define PLAYHEAD_CHIREDIS_H

#include <stddef.h>

typedef struct playhead_redis playhead_redis;
typedef struct playhead_reply playhead_reply;

// The reply types of RESP2; RESP3's are not asked for.
enum {
  PLAYHEAD_REPLY_STRING = 1,
  PLAYHEAD_REPLY_ARRAY = 2,
  PLAYHEAD_REPLY_INTEGER = 3,
  PLAYHEAD_REPLY_NIL = 4,
  PLAYHEAD_REPLY_STATUS = 5,
  PLAYHEAD_REPLY_ERROR = 6
};

// Connects over TCP. Returns NULL only when out of memory: ask playhead_redis_error.
playhead_redis *playhead_redis_connect(const char *host, int port, int timeout_ms);
// Bounds each read and write from now on. Must be longer than any BLOCK. Returns 0, or -1 on an error.
int playhead_redis_set_timeout(playhead_redis *redis, int timeout_ms);
void playhead_redis_free(playhead_redis *redis);
// The error that killed the connection, or NULL. After one the connection is only good for playhead_redis_free.
const char *playhead_redis_error(playhead_redis *redis);
// Whether the server has closed it since the last reply, or has sent what nobody asked for. Between replies only.
int playhead_redis_was_closed(playhead_redis *redis);
// Puts a command already in RESP form into the output buffer. Returns 0, or -1 on an error.
int playhead_redis_append(playhead_redis *redis, const char *command, size_t length);
// Writes what is buffered and reads one reply. NULL on an error; free it with playhead_reply_free.
playhead_reply *playhead_redis_read(playhead_redis *redis);

void playhead_reply_free(playhead_reply *reply);
int playhead_reply_type(const playhead_reply *reply);
long long playhead_reply_integer(const playhead_reply *reply);
const char *playhead_reply_bytes(const playhead_reply *reply);
size_t playhead_reply_length(const playhead_reply *reply);
size_t playhead_reply_count(const playhead_reply *reply);
const playhead_reply *playhead_reply_element(const playhead_reply *reply, size_t index);

#endif
