#include "cupel/testing/plain_placeholders.h"

#include "re2/re2.h"

namespace cupel::testing {

std::string WithPlainPlaceholders(absl::string_view sql) {
  std::string text(sql);
  RE2::GlobalReplace(&text, R"(\$\d+)", "?");
  return text;
}

std::vector<std::string> WithPlainPlaceholders(
    const std::vector<std::string>& texts) {
  std::vector<std::string> plain;
  for (const std::string& text : texts) {
    plain.push_back(WithPlainPlaceholders(text));
  }
  return plain;
}

}  // namespace cupel::testing
