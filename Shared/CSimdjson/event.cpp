#include "event.hpp"

#include <cmath>
#include <string_view>

using namespace simdjson;

static playhead_json_value value_of(dom::element element, bool is_repaired) {
  playhead_json_value value = {PLAYHEAD_JSON_OTHER, 0, nullptr, 0};
  switch (element.type()) {
    case dom::element_type::NULL_VALUE: value.type = PLAYHEAD_JSON_NULL; break;
    case dom::element_type::STRING: {
      std::string_view text = element.get_string().value_unsafe();
      if (is_repaired && text.find('\0') != text.npos) break;
      value.type = PLAYHEAD_JSON_STRING;
      value.length = static_cast<uint32_t>(text.size());
      value.bytes = reinterpret_cast<const uint8_t *>(text.data());
      break;
    }
    case dom::element_type::INT64:
      value.type = PLAYHEAD_JSON_INTEGER;
      value.integer = element.get_int64().value_unsafe();
      break;
    case dom::element_type::DOUBLE: {
      double number = element.get_double().value_unsafe();
      if (std::fabs(number) < 9007199254740992.0 && std::trunc(number) == number) {
        value.type = PLAYHEAD_JSON_INTEGER;
        value.integer = static_cast<int64_t>(number);
      }
      break;
    }
    // UINT64 is what INT64 cannot hold.
    default: break;
  }
  return value;
}

static void put(playhead_json_value &value, dom::element element, bool is_repaired) {
  if (value.type == PLAYHEAD_JSON_ABSENT) {
    value = value_of(element, is_repaired);
  } else {
    value.type = PLAYHEAD_JSON_REPEATED;
  }
}

// By the length first: of all names of a length, at most three are compared.
static playhead_json_value *member(playhead_json_event &event, std::string_view name) {
  switch (name.size()) {
    case 3: return name == "seq" ? &event.seq : nullptr;
    case 4: return name == "kind" ? &event.kind : nullptr;
    case 7: return name == "titleId" ? &event.title_id : nullptr;
    case 8: return name == "memberId" ? &event.member_id : name == "deviceId" ? &event.device_id : nullptr;
    case 9: return name == "sessionId" ? &event.session_id : name == "runtimeMs" ? &event.runtime_ms : nullptr;
    case 10:
      return name == "positionMs"   ? &event.position_ms
             : name == "occurredAt" ? &event.occurred_at
             : name == "deviceType" ? &event.device_type
                                    : nullptr;
    case 14: return name == "fromPositionMs" ? &event.from_position_ms : nullptr;
    default: return nullptr;
  }
}

void read_event(dom::element element, bool is_repaired, playhead_json_event &event) {
  event = playhead_json_event();
  dom::object object;
  if (element.get(object) != SUCCESS) return;
  event.is_object = true;
  for (dom::key_value_pair pair : object) {
    if (playhead_json_value *value = member(event, pair.key)) put(*value, pair.value, is_repaired);
  }
}

int read_envelope(dom::object object, bool is_repaired, dom::array &events, playhead_json_value &sent_at) {
  int shape = PLAYHEAD_JSON_EVENT;
  for (dom::key_value_pair pair : object) {
    if (pair.key == "sentAt") {
      put(sent_at, pair.value, is_repaired);
    } else if (pair.key == "events") {
      if (shape != PLAYHEAD_JSON_EVENT) {
        shape = PLAYHEAD_JSON_ENVELOPE_OF_SEVERAL;
      } else {
        shape = pair.value.get(events) == SUCCESS ? PLAYHEAD_JSON_ENVELOPE : PLAYHEAD_JSON_ENVELOPE_OF_NO_ARRAY;
      }
    }
  }
  // Of an event it is a member like any that nobody knows.
  if (shape == PLAYHEAD_JSON_EVENT) sent_at = playhead_json_value();
  return shape;
}
