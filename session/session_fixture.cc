#include "cupel/session/session_fixture.h"

#include <utility>

#include "cupel/query/query.h"
#include "cupel/session/entity_source.h"
#include "cupel/testing/temp_database.h"

namespace cupel::session {

SessionFixture::SessionFixture(const TestMapping& mapping)
    : mapping_(mapping),
      engine_(engine::Engine::Create({.uri = testing::MemoryUrl()}).value()) {
  engine::Connection connection = engine_.Connect().value();
  absl::Status status = mapping_.metadata().CreateAll(connection);
  if (status.ok()) status = connection.Commit();
  EXPECT_TRUE(status.ok()) << status;
  session_ = NewSession();
}

std::unique_ptr<Session> SessionFixture::NewSession(SessionOptions options) {
  if (!options.warn) {
    options.warn = [this](absl::string_view warning) {
      warnings_.emplace_back(warning);
    };
  }
  return std::make_unique<Session>(engine_, mapping_.registry(),
                                   std::move(options));
}

void SessionFixture::Reopen(SessionOptions options) {
  session_ = NewSession(std::move(options));
}

EntityQuery SessionFixture::Query(const EntityType& type) const {
  EntityQuery query;
  query.items.push_back({.entity = &type});
  std::vector<query::Expr> order;
  std::vector<query::Expr> columns;
  for (int key : type.primary_key()) {
    columns.push_back(query::ColumnOf(*type.property(key).column));
    order.push_back(query::Order(columns.back(), false));
  }
  query.select = query::Select(absl::MakeConstSpan(columns))
                     .SelectFrom(EntitySource(type).from())
                     .OrderBy(absl::MakeConstSpan(order));
  return query;
}

std::vector<EntityRef> SessionFixture::All(const EntityType& type,
                                           std::vector<LoadOption> options) {
  EntityQuery query = Query(type);
  query.options = std::move(options);
  absl::StatusOr<EntityResult> result = session_->Execute(std::move(query));
  EXPECT_TRUE(result.ok()) << result.status();
  if (!result.ok()) return {};
  absl::StatusOr<std::vector<EntityRef>> all = result->All();
  EXPECT_TRUE(all.ok()) << all.status();
  return all.ok() ? *std::move(all) : std::vector<EntityRef>();
}

int64_t SessionFixture::Scalar(absl::string_view sql) {
  auto read = [&](engine::Connection& connection) -> int64_t {
    absl::StatusOr<engine::Cursor> cursor = connection.Query(sql);
    EXPECT_TRUE(cursor.ok()) << cursor.status();
    if (!cursor.ok()) return -1;
    absl::StatusOr<bool> more = cursor->Next();
    EXPECT_TRUE(more.ok()) << more.status();
    if (!more.ok() || !*more || cursor->row()[0].is_null()) return -1;
    return cursor->row()[0].int64_value();
  };
  if (session_ != nullptr && session_->in_transaction()) {
    return read(**session_->connection());
  }
  engine::Connection connection = engine_.Connect().value();
  return read(connection);
}

void SessionFixture::Sql(absl::string_view sql) {
  engine::Connection connection = engine_.Connect().value();
  absl::Status status = connection.Execute(sql).status();
  if (status.ok()) status = connection.Commit();
  EXPECT_TRUE(status.ok()) << status;
}

}  // namespace cupel::session
