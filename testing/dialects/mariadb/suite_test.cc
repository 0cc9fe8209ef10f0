// The dialect suite on MariaDB: a server of its own, a database at a time.

#include <cstdio>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/dialect_suite/dialect_suite.h"
#include "cupel/testing/servers/mariadb_server.h"

namespace cupel::testing {
namespace {

constexpr char kAggregate[] =
    "string_agg() is spelled with a word between its arguments";
constexpr char kCast[] = "CAST has names of its own for types";
constexpr char kDeep[] = "JSON is 32 levels deep at most";
constexpr char kValues[] =
    "a list of VALUES has columns without types, named by their values";
constexpr char kOrder[] = "a unique index is read as a unique constraint";
constexpr char kCollation[] =
    "the default collation of a column is read as one of its own";
constexpr char kLocks[] = "SKIP LOCKED skips more than the row";
constexpr char kSameName[] =
    "tables of one name in two schemas need an alias in a statement";
constexpr char kTemporary[] = "the server does not list temporary tables";
constexpr char kNamed[] =
    "an upsert meets every unique key, whichever it names";
constexpr char kFrame[] = "the bounds of a frame are no parameters";
constexpr char kZoned[] = "TIMESTAMP reaches from 1970 to 2038";

std::vector<DialectGap> Gaps() {
  return {
      {"AggregateTest.JoinsTexts", kAggregate},
      {"AggregateTest.Order", kAggregate},
      {"CastTest.IntegerToText", kCast},
      {"CastTest.OfNull", kCast},
      {"CastTest.TextToInteger", kCast},
      {"JsonTest.InAFilter", kCast},
      {"JsonTest.LeavesByTheirTypes", kCast},
      {"JsonTest.NestedPathsAndIndexes", kCast},
      {"JsonTest.OddKeys", kCast},
      {"JsonTest.WhatIsNotThereIsNull", kCast},
      {"JsonTest.ADeepDocument", kDeep},
      {"InListTest.OfTuples", kValues},
      {"ValuesTest.AreRows", kValues},
      {"ValuesTest.JoinATable", kValues},
      {"IndexReflectionTest.OfSeveralColumnsAndOrders", kOrder},
      {"RoundTripTest.Columns", kCollation},
      {"RoundTripTest.KeysAndUniques", kCollation},
      {"RowLockTest.SkipLocked", kLocks},
      {"SchemaTest.TwoTablesOfOneName", kSameName},
      {"TableNamesTest.OfTemporaryTables", kTemporary},
      {"TemporaryTableTest.IsDescribed", kTemporary},
      {"UpsertTest.OnANamedConstraint", kNamed},
      {"WindowTest.RowsOfAFrame", kFrame},
      {"Time/TypeTest/ZonedTimestamp.KeepsBoundValues", kZoned},
      {"Time/TypeTest/ZonedTimestamp.KeepsValuesOfABatch", kZoned},
      {"Time/TypeTest/ZonedTimestamp.KeepsRowsOfOneStatement", kZoned},
      {"Time/TypeTest/ZonedTimestamp.UpdatesToEachValue", kZoned},
      {"Time/TypeTest/ZonedTimestamp.ReturnsValues", kZoned},
      {"Time/TypeTest/ZonedTimestamp.SelectsBoundValues", kZoned},
      {"Time/TypeTest/ZonedTimestamp.FindsByEquality", kZoned},
      {"Time/TypeTest/ZonedTimestamp.Sorts", kZoned},
      {"Time/TypeTest/ZonedTimestamp.WritesValuesAsDefaults", kZoned},
  };
}

absl::StatusOr<std::string> FreshDatabase() {
  static int count = 0;
  const std::string name = absl::StrCat("suite_", ++count);
  MariadbServer& server = MariadbServer::Shared();
  CUPEL_RETURN_IF_ERROR(server.CreateDatabase(name));
  return server.url(name, "implicit_commit=allow");
}

}  // namespace
}  // namespace cupel::testing

int main(int argc, char** argv) {
  if (!cupel::testing::MariadbServer::IsInstalled()) {
    std::fprintf(stderr, "SKIPPED: there is no MariaDB server here\n");
    return 0;
  }
  return cupel::testing::RunDialectSuite(
      argc, argv,
      {.fresh_database = cupel::testing::FreshDatabase,
       .gaps = cupel::testing::Gaps()});
}
