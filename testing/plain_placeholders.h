// SQL texts to compare, whatever the database's placeholders look like.

#ifndef CUPEL_TESTING_PLAIN_PLACEHOLDERS_H_
#define CUPEL_TESTING_PLAIN_PLACEHOLDERS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace cupel::testing {

// `sql` with "?" in place of "$1", "$2", ...
std::string WithPlainPlaceholders(absl::string_view sql);
std::vector<std::string> WithPlainPlaceholders(
    const std::vector<std::string>& texts);

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_PLAIN_PLACEHOLDERS_H_
