// UTF-8, strictly: no overlong forms, no surrogates, nothing above U+10FFFF.

#ifndef CUPEL_ENGINE_UTF8_H_
#define CUPEL_ENGINE_UTF8_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace cupel::engine {

// The length of the character at the start of `text`, and the character; 0
// when there is no valid one.
size_t DecodeUtf8(absl::string_view text, char32_t* character);

// The offset of the first byte that is not part of valid UTF-8; npos when all
// is valid.
size_t FindInvalidUtf8(absl::string_view text);

// OK of valid UTF-8 (NUL and byte order marks are characters like others).
// Errors: kInvalidArgument, naming the byte offset.
absl::Status ValidateUtf8(absl::string_view text);

// The number of characters (code points). Requires: valid UTF-8.
size_t CountCodePoints(absl::string_view text);

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_UTF8_H_
