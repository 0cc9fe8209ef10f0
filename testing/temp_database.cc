#include "cupel/testing/temp_database.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/testing/dialects/default_dialect.h"

namespace cupel::testing {

std::string MemoryUrl() { return DefaultMemoryUrl(); }

TempDatabase::TempDatabase() = default;

std::string TempDatabase::url(absl::string_view options) const {
  return absl::StrCat(DefaultFileUrl(path()), options.empty() ? "" : "?",
                      options);
}

}  // namespace cupel::testing
