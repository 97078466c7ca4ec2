#include "CSimdjson.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "event.hpp"
#include "repair.hpp"

using namespace simdjson;

// The DOM parser, not the on-demand one: it has checked the whole text before anything of it is used, and it picks the fastest code
// for the processor when it runs, so that one build is good for every machine.
struct playhead_json {
  dom::parser parser;
  std::unique_ptr<char[]> bytes;
  size_t length = 0;
  size_t capacity = 0;
  // What playhead_json_next is still to give: a single element, or so many of an array.
  dom::element single;
  dom::array::iterator next;
  bool is_array = false;
  size_t remaining = 0;
  bool is_repaired = false;
};

static int reason(error_code error) {
  switch (error) {
    case SUCCESS: return PLAYHEAD_JSON_VALID;
    case EMPTY: return PLAYHEAD_JSON_EMPTY;
    case UTF8_ERROR: return PLAYHEAD_JSON_NOT_UTF8;
    case DEPTH_ERROR: return PLAYHEAD_JSON_TOO_DEEP;
    case UNCLOSED_STRING: return PLAYHEAD_JSON_OPEN_STRING;
    case UNESCAPED_CHARS: return PLAYHEAD_JSON_CONTROL_CHARACTER;
    case STRING_ERROR: return PLAYHEAD_JSON_BAD_STRING;
    case NUMBER_ERROR: return PLAYHEAD_JSON_BAD_NUMBER;
    // Nothing is wrong with the body, and nothing else would go on either.
    case MEMALLOC: std::abort();
    default: return PLAYHEAD_JSON_BAD_SYNTAX;
  }
}

static error_code parse(playhead_json *json, size_t offset, size_t length, dom::element &root) {
  json->remaining = 0;
  char *text = json->bytes.get() + offset;
  error_code error = json->parser.parse(text, length, false).get(root);
  json->is_repaired = false;
  if (error && error != UTF8_ERROR) {
    // Whatever the error is: an earlier mistake may hide a later one.
    size_t depth;
    json->is_repaired = repair(text, text + length, depth);
    if (json->is_repaired) error = json->parser.parse(text, length, false).get(root);
    // What nobody closes is refused before its depth is seen.
    if (error && depth >= DEFAULT_MAX_DEPTH) error = DEPTH_ERROR;
  }
  return error;
}

static void deliver(playhead_json *json, dom::array array) {
  json->is_array = true;
  json->next = array.begin();
  json->remaining = array.size();
}

static void deliver(playhead_json *json, dom::element element) {
  json->is_array = false;
  json->single = element;
  json->remaining = 1;
}

// A parser's memory is some fifteen times its largest body: it is kept where that was an ordinary one, and given back else.
static constexpr size_t kept_capacity = 64 * 1024;
static thread_local std::unique_ptr<playhead_json> kept;

playhead_json *playhead_json_new(void) { return kept ? kept.release() : new playhead_json; }

void playhead_json_free(playhead_json *json) {
  std::unique_ptr<playhead_json> freed(json);
  if (json->capacity <= kept_capacity) kept = std::move(freed);
}

void playhead_json_load(playhead_json *json, const void *bytes, size_t length) {
  if (!json->bytes || json->capacity < length) {
    json->bytes.reset(new char[length + SIMDJSON_PADDING]);
    json->capacity = length;
  }
  if (length > 0) std::memcpy(json->bytes.get(), bytes, length);
  std::memset(json->bytes.get() + length, 0, SIMDJSON_PADDING);
  json->length = length;
  json->remaining = 0;
}

int playhead_json_parse_body(playhead_json *json, playhead_json_body *body) {
  *body = playhead_json_body();
  dom::element root;
  if (error_code error = parse(json, 0, json->length, root)) return reason(error);
  dom::object object;
  dom::array array;
  if (root.get(array) == SUCCESS) {
    body->shape = PLAYHEAD_JSON_ARRAY;
  } else if (root.get(object) == SUCCESS) {
    body->shape = read_envelope(object, json->is_repaired, array, body->sent_at);
  }
  if (body->shape == PLAYHEAD_JSON_EVENT) {
    deliver(json, root);
  } else if (body->shape == PLAYHEAD_JSON_ARRAY || body->shape == PLAYHEAD_JSON_ENVELOPE) {
    deliver(json, array);
  }
  body->count = json->remaining;
  return PLAYHEAD_JSON_VALID;
}

int playhead_json_parse_event(playhead_json *json, size_t offset, size_t length) {
  dom::element root;
  if (error_code error = parse(json, offset, length, root)) return reason(error);
  deliver(json, root);
  return PLAYHEAD_JSON_VALID;
}

bool playhead_json_next(playhead_json *json, playhead_json_event *event) {
  if (json->remaining == 0) return false;
  --json->remaining;
  read_event(json->is_array ? *json->next : json->single, json->is_repaired, *event);
  if (json->is_array) ++json->next;
  return true;
}
