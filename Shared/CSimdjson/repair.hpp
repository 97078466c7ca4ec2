#ifndef PLAYHEAD_REPAIR_HPP
#define PLAYHEAD_REPAIR_HPP

#include <cstddef>

// JSON's grammar allows two things that simdjson refuses the whole text for: numbers beyond 64 bits, and escapes of half a surrogate pair.
// One device that cuts a title in the middle of an emoji, or traces with 128-bit numbers, must not cost the other events their place. So
// each is overwritten by something as long that no field takes: the number 1e99, and a NUL, which no id may contain.
//
// Returns whether anything was overwritten. `depth` is how many levels of arrays and objects are open at most. The bytes after `end` must
// be readable up to a byte that is no part of a number.
bool repair(char *begin, char *end, size_t &depth);

#endif
