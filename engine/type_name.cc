#include "cupel/engine/type_name.h"

#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "re2/re2.h"

namespace cupel::engine {

std::optional<TypeName> ParseTypeName(absl::string_view declared) {
  static const RE2* const pattern =
      new RE2(R"(\s*([A-Za-z_][A-Za-z0-9_\s]*?)\s*)"
              R"((?:\(\s*(\d{1,9})\s*(?:,\s*([+-]?\d{1,5})\s*)?\))"
              R"(\s*([A-Za-z\s]*))?)");
  TypeName parsed;
  std::string first;
  std::string second;
  std::string behind;
  if (!RE2::FullMatch(declared, *pattern, &parsed.name, &first, &second,
                      &behind)) {
    return std::nullopt;
  }
  absl::StrAppend(&parsed.name, " ", behind);
  absl::RemoveExtraAsciiWhitespace(&parsed.name);
  absl::AsciiStrToUpper(&parsed.name);
  parsed.has_first = absl::SimpleAtoi(first, &parsed.first);
  if (!absl::SimpleAtoi(second, &parsed.second)) parsed.second = 0;
  return parsed;
}

}  // namespace cupel::engine
