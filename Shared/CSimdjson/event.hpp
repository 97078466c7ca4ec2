#ifndef PLAYHEAD_EVENT_HPP
#define PLAYHEAD_EVENT_HPP

#include <simdjson.h>

#include "CSimdjson.h"

// The members of an element that events have. `is_repaired` is what repair() said of the text.
void read_event(simdjson::dom::element element, bool is_repaired, playhead_json_event &event);

// What shape a body has that is an object. Of an envelope, with its events and its `sentAt`.
int read_envelope(simdjson::dom::object object, bool is_repaired, simdjson::dom::array &events, playhead_json_value &sent_at);

#endif
