#include "cupel/engine/log_text.h"

#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/utf8.h"

namespace cupel::engine {
namespace {

// Characters that change how what follows is shown.
bool IsDangerous(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x061c || c == 0xfeff ||
         (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2060 && c <= 0x206f) || (c >= 0xe0000 && c <= 0xe007f);
}

}  // namespace

std::string LogText(absl::string_view text, size_t limit) {
  std::string out;
  size_t at = 0;
  while (at < text.size()) {
    if (limit != 0 && out.size() >= limit) {
      absl::StrAppend(&out, "... (", text.size(), " bytes)");
      break;
    }
    char32_t c = 0;
    const size_t length = DecodeUtf8(text.substr(at), &c);
    if (length == 0) {
      absl::StrAppendFormat(&out, "\\x%02x",
                            static_cast<unsigned char>(text[at]));
      ++at;
    } else if (c == '\n') {
      out += "\\n";
      at += length;
    } else if (IsDangerous(c)) {
      absl::StrAppendFormat(&out, "\\u{%x}", static_cast<uint32_t>(c));
      at += length;
    } else {
      absl::StrAppend(&out, text.substr(at, length));
      at += length;
    }
  }
  return out;
}

}  // namespace cupel::engine
