#include "cupel/engine/utf8.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/base/optimization.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/error_info.h"

namespace cupel::engine {

size_t DecodeUtf8(absl::string_view text, char32_t* character) {
  if (text.empty()) return 0;
  const auto byte = [text](size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  const unsigned char lead = byte(0);
  if (lead < 0x80) {
    *character = lead;
    return 1;
  }
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  char32_t c = lead & (0x7f >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    c = (c << 6) | (byte(i) & 0x3f);
  }
  const bool overlong = c < (length == 4 ? 0x10000u : length == 3 ? 0x800u : 0);
  if (overlong || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return 0;
  *character = c;
  return length;
}

namespace {

constexpr uint64_t kHighBits = 0x8080808080808080u;

uint64_t WordAt(const char* text) {
  uint64_t word = 0;
  std::memcpy(&word, text, sizeof(word));
  return word;
}

// How many of the first bytes are plain characters: in steps of 32, then 8.
size_t CountAscii(absl::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  constexpr ptrdiff_t kWord = sizeof(uint64_t);
  for (; end - at >= 4 * kWord; at += 4 * kWord) {
    const uint64_t any = WordAt(at) | WordAt(at + kWord) |
                         WordAt(at + 2 * kWord) | WordAt(at + 3 * kWord);
    if ((any & kHighBits) != 0) break;
  }
  while (end - at >= kWord && (WordAt(at) & kHighBits) == 0) at += kWord;
  while (at < end && (*at & 0x80) == 0) ++at;
  return static_cast<size_t>(at - text.data());
}

}  // namespace

size_t FindInvalidUtf8(absl::string_view text) {
  size_t at = 0;
  while (true) {
    at += CountAscii(text.substr(at));
    if (at == text.size()) return absl::string_view::npos;
    char32_t character = 0;
    const size_t length = DecodeUtf8(text.substr(at), &character);
    if (length == 0) return at;
    at += length;
  }
}

absl::Status ValidateUtf8(absl::string_view text) {
  const size_t offset = FindInvalidUtf8(text);
  if (ABSL_PREDICT_TRUE(offset == absl::string_view::npos)) {
    return absl::OkStatus();
  }
  return MakeError(
      ErrorKind::kInvalidValue,
      absl::StrCat("text is not valid utf-8 at byte ", offset,
                   ": use a binary column for bytes that are no text"));
}

size_t CountCodePoints(absl::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(),
      [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace cupel::engine
