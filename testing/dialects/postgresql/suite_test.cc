// The dialect suite on PostgreSQL: a server of its own, a database at a time.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/dialect_suite/dialect_suite.h"
#include "cupel/testing/servers/postgresql_server.h"

namespace cupel::testing {
namespace {

constexpr char kAbsolute[] = "abs() of a parameter alone is of doubles";

std::vector<DialectGap> Gaps() {
  return {{"ArithmeticTest.Absolute", kAbsolute}};
}

absl::StatusOr<std::string> FreshDatabase() {
  static int count = 0;
  const std::string name = absl::StrCat("suite_", ++count);
  PostgresqlServer& server = PostgresqlServer::Shared();
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
