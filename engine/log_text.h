// Text from outside, made safe for one line of a log. Internal to this layer.

#ifndef CUPEL_ENGINE_LOG_TEXT_H_
#define CUPEL_ENGINE_LOG_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace cupel::engine {

// `text` with line ends, other control characters, invalid UTF-8 and the marks
// that turn the direction of writing escaped, and cut to about `limit` bytes
// (0: not cut), so that no line can be forged.
std::string LogText(absl::string_view text, size_t limit = 0);

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_LOG_TEXT_H_
