// Uses Cupel's query layer from another workspace: a table, a statement and
// its rows, with neither a session nor a mapping.

#include <iostream>
#include <string>

#include "absl/status/status.h"
#include "cupel/query/query.h"

namespace {

namespace query = cupel::query;
namespace schema = cupel::schema;

absl::Status Run() {
  CUPEL_ASSIGN_OR_RETURN(
      auto car,
      schema::TableBuilder("car")
          .Column(
              {.name = "id", .type = cupel::BigInteger(), .primary_key = true})
          .Column({.name = "name", .type = cupel::Text(), .nullable = false})
          .Build());
  schema::MetaData metadata;
  CUPEL_RETURN_IF_ERROR(metadata.Add(car));
  const auto id = query::ColumnExpr<int64_t>(*car->Find("id"));
  const auto name = query::ColumnExpr<std::string>(*car->Find("name"));

  CUPEL_ASSIGN_OR_RETURN(auto engine,
                         cupel::engine::Engine::Create({.uri = "sqlite://"}));
  CUPEL_ASSIGN_OR_RETURN(auto connection, engine.Connect());
  CUPEL_RETURN_IF_ERROR(metadata.CreateAll(connection));
  query::StatementCache cache;
  for (const char* each : {"beetle", "mini"}) {
    CUPEL_RETURN_IF_ERROR(
        query::ExecuteToEnd(connection, cache,
                            query::Insert(*car).Set(name, each))
            .status());
  }
  CUPEL_RETURN_IF_ERROR(connection.Commit());

  CUPEL_ASSIGN_OR_RETURN(
      auto rows,
      query::All(
          connection, cache,
          query::TypedSelect(id, name).Where(name.StartsWith("m")).Limit(10)));
  CUPEL_RET_CHECK(rows.size() == 1);
  for (const auto& [key, text] : rows) std::cout << key << " " << text << "\n";
  return absl::OkStatus();
}

}  // namespace

int main() {
  const absl::Status status = Run();
  std::cout << status << "\n";
  return status.ok() ? 0 : 1;
}
