#include "cupel/orm/naming.h"

#include <string>

#include "absl/strings/ascii.h"

namespace cupel {
namespace {

bool IsUpper(absl::string_view text, size_t i) {
  return i < text.size() && absl::ascii_isupper(text[i]);
}

bool IsLower(absl::string_view text, size_t i) {
  return i < text.size() && absl::ascii_islower(text[i]);
}

bool IsLowerOrDigit(absl::string_view text, size_t i) {
  return i < text.size() &&
         (absl::ascii_islower(text[i]) || absl::ascii_isdigit(text[i]));
}

std::string WithoutLeadingUnderscores(absl::string_view name) {
  const size_t first = name.find_first_not_of('_');
  return std::string(first == absl::string_view::npos ? name
                                                      : name.substr(first));
}

// Flask-SQLAlchemy 3: (?<=[a-z0-9])[A-Z] | [A-Z](?=[a-z]) starts a word, unless
// the text starts there.
std::string SnakeCase(absl::string_view name) {
  std::string result;
  for (size_t i = 0; i < name.size(); ++i) {
    const bool starts_word =
        i > 0 && IsUpper(name, i) &&
        (IsLowerOrDigit(name, i - 1) || IsLower(name, i + 1));
    if (starts_word && result.back() != '_') result += '_';
    result += absl::ascii_tolower(name[i]);
  }
  return result;
}

// Flask-SQLAlchemy 2.3: each match of ([A-Z]+)(?=[a-z0-9]) is lowered, with an
// underscore before its last capital.
std::string Legacy(absl::string_view name) {
  std::string result;
  size_t i = 0;
  while (i < name.size()) {
    size_t end = i;
    while (IsUpper(name, end)) ++end;
    if (end == i || !IsLowerOrDigit(name, end)) {
      // No capital here, or a run that nothing small follows: kept as it is.
      const size_t next = end == i ? i + 1 : end;
      result.append(name.substr(i, next - i));
      i = next;
      continue;
    }
    const std::string run = absl::AsciiStrToLower(name.substr(i, end - i));
    if (run.size() > 1) {
      result += '_';
      result.append(run, 0, run.size() - 1);
    }
    result += '_';
    result += run.back();
    i = end;
  }
  return result;
}

}  // namespace

std::string TableNameFor(absl::string_view class_name, TableNameRule rule) {
  return WithoutLeadingUnderscores(rule == TableNameRule::kLegacy
                                       ? Legacy(class_name)
                                       : SnakeCase(class_name));
}

}  // namespace cupel
