// The dialect suite on SQLite with a dialect that denies what SQLite can do:
// what a capability denies is refused or left out, case by case.

#include <list>
#include <string>

#include "cupel/engine/engine.h"
#include "cupel/testing/altered_dialect.h"
#include "cupel/testing/dialect_suite/dialect_suite.h"
#include "cupel/testing/temp_database.h"

namespace {

void Deny(cupel::engine::Capabilities& can, cupel::engine::Syntax& syntax) {
  can.returning = false;
  can.upsert = cupel::engine::UpsertStyle::kNone;
  can.update_from = false;
  can.row_values = false;
  can.values_as_table = false;
  can.bound_frames = false;
  can.nulls_first_last = false;
  can.full_join = false;
  can.window_functions = false;
  can.aggregate_filter = false;
  can.materialized_cte = false;
  can.recursive_cte = false;
  can.cte_in_dml = false;
  can.intersect_except = false;
  can.schemas = false;
  can.savepoints = false;
  can.transactional_ddl = false;
  can.alter_drop_column = false;
  can.computed_columns = false;
  can.partial_indexes = false;
  can.expression_indexes = false;
  can.deferrable_constraints = false;
  can.isolation_levels = {};
  can.max_identifier_bytes = 63;
  can.max_bind_parameters = 999;
  syntax.regexp_match = "";
  syntax.not_regexp_match = "";
}

}  // namespace

int main(int argc, char** argv) {
  std::list<cupel::testing::TempDatabase> databases;
  return cupel::testing::RunDialectSuite(
      argc, argv,
      {.fresh_database =
           [&databases] {
             return databases.emplace_back().url("synchronous=off");
           },
       .dialect = cupel::testing::AlteredDialect(Deny)});
}
