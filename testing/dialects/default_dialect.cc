#include "cupel/testing/dialects/default_dialect.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/dialects/sqlite/sqlite.h"
#include "cupel/testing/dialects/test_databases.h"

namespace cupel::testing {

std::shared_ptr<const engine::Dialect> DefaultDialect() {
  TestDatabases* server = TestDatabases::Linked();
  return server != nullptr ? server->dialect() : sqlite::SqliteDialect();
}

std::string DefaultMemoryUrl() {
  TestDatabases* server = TestDatabases::Linked();
  return server != nullptr ? server->CreatePassing() : "sqlite://";
}

std::string DefaultFileUrl(absl::string_view path) {
  return absl::StrCat("sqlite:///", path);
}

}  // namespace cupel::testing
