#include "cupel/engine/uuid.h"

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/fatal.h"

namespace cupel::engine {
namespace {

constexpr size_t kCanonicalLength = 36;
constexpr size_t kHexLength = 32;

bool IsHyphenPosition(size_t i) {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

// The value of a hex digit, -1 of any other character.
int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

absl::Status NotAUuid() {
  return MakeError(ErrorKind::kInvalidValue,
                   "not a uuid: write 32 hex digits, plain or grouped "
                   "8-4-4-4-12");
}

}  // namespace

Uuid Uuid::Random() {
  Uuid uuid;
  if (getentropy(uuid.bytes.data(), uuid.bytes.size()) != 0) {
    engine_internal::Fatal("the system gives no entropy for a uuid");
  }
  uuid.bytes[6] = static_cast<uint8_t>((uuid.bytes[6] & 0x0f) | 0x40);
  uuid.bytes[8] = static_cast<uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);
  return uuid;
}

absl::StatusOr<Uuid> Uuid::Parse(absl::string_view text) {
  bool canonical = text.size() == kCanonicalLength;
  if (!canonical && text.size() != kHexLength) return NotAUuid();
  Uuid uuid;
  size_t digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (canonical && IsHyphenPosition(i)) {
      if (text[i] != '-') return NotAUuid();
      continue;
    }
    int digit = HexDigit(text[i]);
    if (digit < 0) return NotAUuid();
    uint8_t& byte = uuid.bytes[digits++ / 2];
    byte = static_cast<uint8_t>(byte << 4 | digit);
  }
  return uuid;
}

absl::StatusOr<Uuid> Uuid::FromBytes(absl::string_view raw) {
  Uuid uuid;
  if (raw.size() != uuid.bytes.size()) {
    return MakeError(ErrorKind::kInvalidValue, "a uuid has 16 bytes");
  }
  std::memcpy(uuid.bytes.data(), raw.data(), raw.size());
  return uuid;
}

std::string Uuid::ToString() const {
  std::string text = ToHex();
  for (size_t position : {8, 13, 18, 23}) text.insert(position, 1, '-');
  return text;
}

std::string Uuid::ToHex() const {
  return absl::BytesToHexString(absl::string_view(
      reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

}  // namespace cupel::engine
