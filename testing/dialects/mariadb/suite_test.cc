// The dialect suite on MariaDB: a server of its own, a database at a time.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/dialect_suite/dialect_suite.h"
#include "cupel/testing/servers/mariadb_server.h"

namespace cupel::testing {
namespace {

constexpr char kDeep[] = "JSON is 32 levels deep at most";
constexpr char kOrder[] = "a unique index is read as a unique constraint";
constexpr char kLocks[] = "SKIP LOCKED skips more than the row";
constexpr char kTemporary[] = "the server does not list temporary tables";
constexpr char kNamed[] =
    "an upsert meets every unique key, whichever it names";

std::vector<DialectGap> Gaps() {
  return {
      {"JsonTest.ADeepDocument", kDeep},
      {"IndexReflectionTest.OfSeveralColumnsAndOrders", kOrder},
      {"RowLockTest.SkipLocked", kLocks},
      {"TableNamesTest.OfTemporaryTables", kTemporary},
      {"TemporaryTableTest.IsDescribed", kTemporary},
      {"UpsertTest.OnANamedConstraint", kNamed},
  };
}

absl::StatusOr<std::string> FreshDatabase() {
  static int count = 0;
  const std::string name = absl::StrCat("suite_", ++count);
  MariadbServer& server = MariadbServer::Shared();
  CUPEL_RETURN_IF_ERROR(server.CreateDatabase(name));
  // A deadline must not cost a connection because the machine is busy.
  return server.url(name, "cancel_grace=30");
}

}  // namespace
}  // namespace cupel::testing

int main(int argc, char** argv) {
  return cupel::testing::RunDialectSuite(
      argc, argv,
      {.fresh_database = cupel::testing::FreshDatabase,
       .gaps = cupel::testing::Gaps()});
}
