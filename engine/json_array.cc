#include "cupel/engine/json_array.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/utf8.h"

namespace cupel::engine {
namespace {

void AppendUtf8(uint32_t c, std::string* out) {
  const auto tail = [&](int shift) {
    out->push_back(static_cast<char>(0x80 | ((c >> shift) & 0x3f)));
  };
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out->push_back(static_cast<char>(0xc0 | (c >> 6)));
    tail(0);
  } else if (c < 0x10000) {
    out->push_back(static_cast<char>(0xe0 | (c >> 12)));
    tail(6);
    tail(0);
  } else {
    out->push_back(static_cast<char>(0xf0 | (c >> 18)));
    tail(12);
    tail(6);
    tail(0);
  }
}

// Takes what it knows from the front of `rest_`; each step is false on other
// text.
class ArrayParser {
 public:
  explicit ArrayParser(absl::string_view json) : rest_(json) {}

  bool Parse(std::vector<JsonScalar>* out) {
    if (!Take("[")) return false;
    if (!Take("]")) {
      do {
        if (!ParseScalar(&out->emplace_back())) return false;
      } while (Take(","));
      if (!Take("]")) return false;
    }
    SkipBlanks();
    return rest_.empty();
  }

 private:
  void SkipBlanks() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t' ||
                              rest_[0] == '\n' || rest_[0] == '\r')) {
      rest_.remove_prefix(1);
    }
  }
  bool Take(absl::string_view token) {
    SkipBlanks();
    return absl::ConsumePrefix(&rest_, token);
  }

  bool ParseScalar(JsonScalar* out) {
    using Kind = JsonScalar::Kind;
    if (Take("null")) return true;
    if (Take("true")) {
      out->kind = Kind::kTrue;
      return true;
    }
    if (Take("false")) {
      out->kind = Kind::kFalse;
      return true;
    }
    if (Take("\"")) {
      out->kind = Kind::kText;
      return ParseText(&out->text);
    }
    out->kind = Kind::kNumber;
    return ParseNumber(&out->text);
  }

  // The number of digits at `at`.
  size_t DigitsAt(size_t at) const {
    size_t count = 0;
    while (at + count < rest_.size() && absl::ascii_isdigit(rest_[at + count]))
      ++count;
    return count;
  }
  char CharAt(size_t at) const { return at < rest_.size() ? rest_[at] : '\0'; }

  bool ParseNumber(std::string* out) {
    size_t end = CharAt(0) == '-' ? 1 : 0;
    const size_t whole = DigitsAt(end);
    if (whole == 0 || (whole > 1 && CharAt(end) == '0')) return false;
    end += whole;
    if (CharAt(end) == '.') {
      const size_t fraction = DigitsAt(end + 1);
      if (fraction == 0) return false;
      end += 1 + fraction;
    }
    if (CharAt(end) == 'e' || CharAt(end) == 'E') {
      ++end;
      if (CharAt(end) == '+' || CharAt(end) == '-') ++end;
      const size_t exponent = DigitsAt(end);
      if (exponent == 0) return false;
      end += exponent;
    }
    out->assign(rest_.data(), end);
    rest_.remove_prefix(end);
    return true;
  }

  bool ParseText(std::string* out) {
    while (!rest_.empty()) {
      const char c = rest_[0];
      rest_.remove_prefix(1);
      if (c == '"') return FindInvalidUtf8(*out) == absl::string_view::npos;
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c != '\\') {
        out->push_back(c);
      } else if (!ParseEscape(out)) {
        return false;
      }
    }
    return false;
  }

  bool ParseEscape(std::string* out) {
    constexpr absl::string_view kLetters = "\"\\/bfnrt";
    constexpr absl::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (absl::ConsumePrefix(&rest_, "u")) return ParseCode(out);
    if (rest_.empty()) return false;
    const size_t letter = kLetters.find(rest_[0]);
    if (letter == absl::string_view::npos) return false;
    out->push_back(kMeanings[letter]);
    rest_.remove_prefix(1);
    return true;
  }

  // Four hexadecimal digits, twice for a character beyond the basic plane.
  bool ParseCode(std::string* out) {
    uint32_t code = 0;
    if (!ParseUnit(&code)) return false;
    if (code >= 0xdc00 && code < 0xe000) return false;
    if (code >= 0xd800 && code < 0xdc00) {
      uint32_t low = 0;
      if (!absl::ConsumePrefix(&rest_, "\\u") || !ParseUnit(&low) ||
          low < 0xdc00 || low >= 0xe000) {
        return false;
      }
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    AppendUtf8(code, out);
    return true;
  }
  bool ParseUnit(uint32_t* out) {
    const absl::string_view digits = rest_.substr(0, 4);
    for (const char c : digits) {
      if (!absl::ascii_isxdigit(c)) return false;
    }
    if (digits.size() != 4 || !absl::SimpleHexAtoi(digits, out)) return false;
    rest_.remove_prefix(4);
    return true;
  }

  absl::string_view rest_;
};

}  // namespace

absl::StatusOr<std::vector<JsonScalar>> ParseJsonArray(absl::string_view json) {
  std::vector<JsonScalar> elements;
  if (!ArrayParser(json).Parse(&elements)) {
    return MakeError(ErrorKind::kTypeMismatch,
                     "the text is no json array of numbers, texts, booleans "
                     "and nulls");
  }
  return elements;
}

void AppendJsonText(absl::string_view text, std::string* out) {
  out->push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(out, "\\u%04x", static_cast<int>(c));
    } else {
      out->push_back(c);
    }
  }
  out->push_back('"');
}

void AppendJsonNumber(double value, std::string* out) {
  char text[32];
  const std::to_chars_result result =
      std::to_chars(std::begin(text), std::end(text), value);
  out->append(text, result.ptr);
}

}  // namespace cupel::engine
