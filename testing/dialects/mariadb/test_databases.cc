// Linking this runs a test on MariaDB.

#include "cupel/testing/dialects/test_databases.h"

#include <memory>

#include "cupel/testing/servers/mariadb_server.h"

namespace cupel::testing {
namespace {

[[maybe_unused]] const bool kProvided = TestDatabases::Provide([] {
  return std::make_unique<TestDatabases>(MariadbServer::Shared().url(), "");
});

}  // namespace
}  // namespace cupel::testing
