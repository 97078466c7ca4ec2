// simdjson behind functions of our own: it is C++, and differs between versions, so everything that touches it is compiled against the
// installed header, and Swift sees one opaque pointer and plain structs only.
//
// What a request may look like is known here only as far as it saves work: which members events have, and of what type each is. What is
// right and what is wrong with them is decided in Swift.
#ifndef PLAYHEAD_CSIMDJSON_H
#define PLAYHEAD_CSIMDJSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A parser with its memory and a copy of one body. It is used by one thread at a time.
typedef struct playhead_json playhead_json;

// Why a text is no JSON.
enum {
  PLAYHEAD_JSON_VALID = 0,
  PLAYHEAD_JSON_EMPTY = 1,
  PLAYHEAD_JSON_NOT_UTF8 = 2,
  PLAYHEAD_JSON_TOO_DEEP = 3,
  PLAYHEAD_JSON_OPEN_STRING = 4,
  PLAYHEAD_JSON_CONTROL_CHARACTER = 5,
  PLAYHEAD_JSON_BAD_STRING = 6,
  PLAYHEAD_JSON_BAD_NUMBER = 7,
  PLAYHEAD_JSON_BAD_SYNTAX = 8
};

// What a JSON text is as a body of events.
enum {
  PLAYHEAD_JSON_OTHER_SHAPE = 0,
  PLAYHEAD_JSON_EVENT = 1,
  PLAYHEAD_JSON_ARRAY = 2,
  PLAYHEAD_JSON_ENVELOPE = 3,
  // An object whose member `events` is no array, or stands more than once.
  PLAYHEAD_JSON_ENVELOPE_OF_NO_ARRAY = 4,
  PLAYHEAD_JSON_ENVELOPE_OF_SEVERAL = 5
};

// The types of a member.
enum {
  PLAYHEAD_JSON_ABSENT = 0,
  PLAYHEAD_JSON_NULL = 1,
  PLAYHEAD_JSON_STRING = 2,
  // A whole number of 64 bits. Written with a fraction or an exponent, it must be below 2^53: beyond, a double tells no two integers apart.
  PLAYHEAD_JSON_INTEGER = 3,
  // Any other number, a boolean, an array, an object; a string with half of a surrogate pair, which no Unicode text can hold.
  PLAYHEAD_JSON_OTHER = 4,
  // It stands more than once in its object.
  PLAYHEAD_JSON_REPEATED = 5
};

typedef struct {
  int32_t type;
  // Of a string: valid UTF-8 in the parser's memory, until it parses again.
  uint32_t length;
  const uint8_t *bytes;
  int64_t integer;
} playhead_json_value;

typedef struct {
  int32_t shape;
  // How many events there are.
  size_t count;
  // Of an envelope.
  playhead_json_value sent_at;
} playhead_json_body;

typedef struct {
  // Whether it is a JSON object at all; if not, every member is absent.
  bool is_object;
  playhead_json_value member_id, session_id, seq, kind, title_id, position_ms, from_position_ms, runtime_ms, occurred_at, device_id,
      device_type;
} playhead_json_event;

// Each thread keeps one freed parser and gives it out again.
playhead_json *playhead_json_new(void);
void playhead_json_free(playhead_json *json);
// Copies a body into the parser.
void playhead_json_load(playhead_json *json, const void *bytes, size_t length);
// Parses what was loaded, and says what it is. Returns PLAYHEAD_JSON_VALID, or why it is no JSON.
int playhead_json_parse_body(playhead_json *json, playhead_json_body *body);
// Parses a part of what was loaded as one event. Returns PLAYHEAD_JSON_VALID, or why it is no JSON.
int playhead_json_parse_event(playhead_json *json, size_t offset, size_t length);
// Reads the next event of what was parsed last. Returns false after the last one.
bool playhead_json_next(playhead_json *json, playhead_json_event *event);

#ifdef __cplusplus
}
#endif

#endif
