// Linking this runs a test on PostgreSQL.

#include "cupel/testing/dialects/test_databases.h"

#include <memory>

#include "cupel/testing/servers/postgresql_server.h"

namespace cupel::testing {
namespace {

[[maybe_unused]] const bool kProvided = TestDatabases::Provide([] {
  return std::make_unique<TestDatabases>(PostgresqlServer::Shared().url(),
                                         " WITH (FORCE)");
});

}  // namespace
}  // namespace cupel::testing
