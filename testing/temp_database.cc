#include "cupel/testing/temp_database.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/testing/dialects/default_dialect.h"
#include "cupel/testing/dialects/test_databases.h"

namespace cupel::testing {

std::string MemoryUrl() { return DefaultMemoryUrl(); }

TempDatabase::TempDatabase() {
  TestDatabases* server = TestDatabases::Linked();
  url_ = server != nullptr ? server->Create() : DefaultFileUrl(path());
}

TempDatabase::~TempDatabase() {
  TestDatabases* server = TestDatabases::Linked();
  if (server != nullptr) server->Drop(url_);
}

std::string TempDatabase::url(absl::string_view options) const {
  return absl::StrCat(url_, options.empty() ? "" : "?", options);
}

}  // namespace cupel::testing
