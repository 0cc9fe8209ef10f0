// The dialect suite on PostgreSQL: a server of its own, a database at a time.

#include <cstdio>
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
constexpr char kShift[] = "a shift is by an integer, not by a bigint";
constexpr char kStored[] =
    "a computed column is stored or nothing: the word STORED is required";
constexpr char kSameName[] =
    "tables of one name in two schemas need an alias in a statement";

std::vector<DialectGap> Gaps() {
  return {
      {"ArithmeticTest.Absolute", kAbsolute},
      {"BitwiseTest.Shifts", kShift},
      {"ComputedColumnTest.ByDefault", kStored},
      {"SchemaTest.TwoTablesOfOneName", kSameName},
  };
}

absl::StatusOr<std::string> FreshDatabase() {
  static int count = 0;
  const std::string name = absl::StrCat("suite_", ++count);
  PostgresqlServer& server = PostgresqlServer::Shared();
  CUPEL_RETURN_IF_ERROR(server.CreateDatabase(name));
  return server.url(name);
}

}  // namespace
}  // namespace cupel::testing

int main(int argc, char** argv) {
  if (!cupel::testing::PostgresqlServer::IsInstalled()) {
    std::fprintf(stderr, "SKIPPED: there is no PostgreSQL server here\n");
    return 0;
  }
  return cupel::testing::RunDialectSuite(
      argc, argv,
      {.fresh_database = cupel::testing::FreshDatabase,
       .gaps = cupel::testing::Gaps()});
}
