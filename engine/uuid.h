// A 128-bit identifier (RFC 4122).
//
//   Uuid id = Uuid::Random();
//   id.ToString();  // "6ba7b810-9dad-41d1-80b4-00c04fd430c8"

#ifndef CUPEL_ENGINE_UUID_H_
#define CUPEL_ENGINE_UUID_H_

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cupel::engine {

// A value; orders by its bytes, as its text does.
struct Uuid {
  // The nil UUID when made by default.
  std::array<uint8_t, 16> bytes = {};

  // A new random (version 4) UUID from the system's entropy: safe after fork,
  // not predictable. Thread-safe.
  static Uuid Random();

  // Reads the canonical form (8-4-4-4-12 hex digits) or 32 hex digits, in
  // upper or lower case. Errors: kInvalidArgument.
  static absl::StatusOr<Uuid> Parse(absl::string_view text);

  // Errors: kInvalidArgument unless there are 16 bytes.
  static absl::StatusOr<Uuid> FromBytes(absl::string_view raw);

  std::string ToString() const;  // canonical, 36 characters, lower case
  std::string ToHex() const;     // 32 hex digits, lower case

  bool is_nil() const { return *this == Uuid(); }

  friend bool operator==(const Uuid&, const Uuid&) = default;
  friend auto operator<=>(const Uuid&, const Uuid&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const Uuid& uuid) {
    return H::combine(std::move(h), uuid.bytes);
  }
};

}  // namespace cupel::engine

namespace cupel {
using engine::Uuid;
}  // namespace cupel

#endif  // CUPEL_ENGINE_UUID_H_
