#include "repair.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>

static bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

// The UTF-16 code unit of the escape \uXXXX at `at`, or -1 where there is none.
static int code_unit(const char *at, const char *end) {
  if (end - at < 6 || at[0] != '\\' || at[1] != 'u') return -1;
  int unit = 0;
  auto [stop, error] = std::from_chars(at + 2, at + 6, unit, 16);
  // It takes a minus sign, which JSON does not.
  return error == std::errc() && stop == at + 6 && at[2] != '-' ? unit : -1;
}

static bool is_high_surrogate(int unit) { return unit >= 0xd800 && unit < 0xdc00; }
static bool is_low_surrogate(int unit) { return unit >= 0xdc00 && unit < 0xe000; }

// From after the opening quote to after the closing one.
static char *repair_string(char *at, char *end, bool &changed) {
  while (at < end && *at != '"') {
    if (*at != '\\') {
      ++at;
      continue;
    }
    int unit = code_unit(at, end);
    if (unit < 0) {
      at += 2;
    } else if (is_high_surrogate(unit) && is_low_surrogate(code_unit(at + 6, end))) {
      at += 12;
    } else {
      if (is_high_surrogate(unit) || is_low_surrogate(unit)) {
        std::memcpy(at, "\\u0000", 6);
        changed = true;
      }
      at += 6;
    }
  }
  return at < end ? at + 1 : end;
}

static char *skip_digits(char *at, char *end) {
  while (at < end && is_digit(*at)) ++at;
  return at;
}

// Whether a number that is written by JSON's grammar fits neither an int64_t nor a double.
static bool is_too_large(const char *begin, const char *end, bool is_integer) {
  if (!is_integer) return std::isinf(std::strtod(begin, nullptr));
  int64_t value;
  return std::from_chars(begin, end, value).ec == std::errc::result_out_of_range;
}

// From a digit or a minus sign to the end of the number. What breaks the grammar is left for the parser to find.
static char *repair_number(char *begin, char *end, bool &changed) {
  char *digits = *begin == '-' ? begin + 1 : begin;
  char *at = skip_digits(digits, end);
  if (at == digits || (*digits == '0' && at - digits > 1)) return at;
  bool is_integer = true;
  if (at < end && *at == '.') {
    is_integer = false;
    char *fraction = at + 1;
    at = skip_digits(fraction, end);
    if (at == fraction) return at;
  }
  if (at < end && (*at == 'e' || *at == 'E')) {
    is_integer = false;
    char *exponent = at + 1;
    if (exponent < end && (*exponent == '+' || *exponent == '-')) ++exponent;
    at = skip_digits(exponent, end);
    if (at == exponent) return at;
  }
  if (is_too_large(begin, at, is_integer)) {
    std::memset(begin, ' ', static_cast<size_t>(at - begin));
    std::memcpy(begin, "1e99", 4);
    changed = true;
  }
  return at;
}

bool repair(char *begin, char *end, size_t &depth) {
  bool changed = false;
  size_t open = 0;
  depth = 0;
  for (char *at = begin; at < end;) {
    if (*at == '"') {
      at = repair_string(at + 1, end, changed);
    } else if (*at == '-' || is_digit(*at)) {
      at = repair_number(at, end, changed);
    } else {
      if (*at == '[' || *at == '{') depth = std::max(depth, ++open);
      if ((*at == ']' || *at == '}') && open > 0) --open;
      ++at;
    }
  }
  return changed;
}
