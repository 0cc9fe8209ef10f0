#include "cupel/schema/naming_rule.h"

#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace cupel::schema {
namespace {

bool IsLowerOrDigit(char c) {
  return absl::ascii_islower(c) || absl::ascii_isdigit(c);
}

std::string SplitBeforeWords(absl::string_view name) {
  std::string out;
  for (size_t i = 0; i < name.size(); ++i) {
    const bool starts_word =
        i > 0 && absl::ascii_isupper(name[i]) &&
        (IsLowerOrDigit(name[i - 1]) ||
         (i + 1 < name.size() && absl::ascii_islower(name[i + 1])));
    if (starts_word) out += '_';
    out += absl::ascii_tolower(name[i]);
  }
  return out;
}

std::string SplitRuns(absl::string_view name) {
  std::string out;
  size_t i = 0;
  while (i < name.size()) {
    size_t end = i;
    while (end < name.size() && absl::ascii_isupper(name[end])) ++end;
    if (end == i) {
      out += name[i++];
      continue;
    }
    const absl::string_view run = name.substr(i, end - i);
    i = end;
    if (end == name.size() || !IsLowerOrDigit(name[end])) {
      out.append(run);
      continue;
    }
    out += '_';
    out += absl::AsciiStrToLower(run.substr(0, run.size() - 1));
    if (run.size() > 1) out += '_';
    out += absl::ascii_tolower(run.back());
  }
  return out;
}

}  // namespace

std::string TableNameOf(absl::string_view class_name, NamingRule rule) {
  const std::string name = rule == NamingRule::kFlask2
                               ? SplitRuns(class_name)
                               : SplitBeforeWords(class_name);
  absl::string_view trimmed = name;
  while (absl::ConsumePrefix(&trimmed, "_")) {
  }
  return std::string(trimmed);
}

}  // namespace cupel::schema
