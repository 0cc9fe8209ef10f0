// Indexes, defaults, computed and identity columns, and views.

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/dialect_suite/dialect_test.h"

namespace cupel::dialect_suite {
namespace {

using engine::ErrorKind;
using query::TypedSelect;
using schema::ForeignKeyAction;
using schema::SqlFragment;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

class DdlTest : public DialectTest {
 protected:
  schema::DdlCompiler Compiler() const {
    return schema::DdlCompiler(dialect());
  }
  absl::Status Run(const absl::StatusOr<std::string>& sql) {
    if (!sql.ok()) return sql.status();
    return Execute(*sql).status();
  }
  bool HasTable(absl::string_view name) {
    schema::Inspector inspector(connection());
    return inspector.HasTable(name).value_or(false);
  }
};

class IndexDdlTest : public DdlTest {
 protected:
  const schema::Table& Make(schema::IndexOptions index) {
    return Create(Keyed("indexed")
                      .Column({.name = "a", .type = engine::Integer()})
                      .Column({.name = "b", .type = engine::String(30)})
                      .Index(std::move(index)));
  }
  absl::Status TryMake(schema::IndexOptions index) {
    return TryCreate(Keyed("indexed")
                         .Column({.name = "a", .type = engine::Integer()})
                         .Column({.name = "b", .type = engine::String(30)})
                         .Index(std::move(index)));
  }
  auto Row(const schema::Table& table, int64_t a, absl::string_view b) {
    return query::Insert(table)
        .Set(Col<int64_t>(table, "a"), a)
        .Set(Col<std::string>(table, "b"), b);
  }
  bool HasIndex(absl::string_view name) {
    schema::Inspector inspector(connection());
    return inspector.HasIndex("indexed", name).value_or(false);
  }
};

TEST_F(IndexDdlTest, Plain) {
  Make({.name = "ix_a", .parts = {{.column = "a"}}});
  EXPECT_TRUE(HasIndex("ix_a"));
}
TEST_F(IndexDdlTest, OfSeveralColumns) {
  Make({.name = "ix_ab",
        .parts = {{.column = "a"},
                  {.column = "b", .order = schema::SortOrder::kDescending}}});
  EXPECT_TRUE(HasIndex("ix_ab"));
}
TEST_F(IndexDdlTest, Unique) {
  const schema::Table& table =
      Make({.name = "ux_ab",
            .parts = {{.column = "a"}, {.column = "b"}},
            .unique = true});
  CUPEL_ASSERT_OK(Execute(Row(table, 1, "x")));
  CUPEL_ASSERT_OK(Execute(Row(table, 1, "y")));
  EXPECT_THAT(Execute(Row(table, 1, "x")), IsKind(ErrorKind::kUniqueViolation));
}
TEST_F(IndexDdlTest, OfSomeRows) {
  schema::IndexOptions index{.name = "ux_part",
                             .parts = {{.column = "b"}},
                             .unique = true,
                             .where = SqlFragment::Text("a > 0")};
  if (!can().partial_indexes) {
    EXPECT_THAT(TryMake(index), Not(IsOk()));
    return;
  }
  const schema::Table& table = Make(index);
  CUPEL_ASSERT_OK(Execute(Row(table, 0, "x")));
  CUPEL_ASSERT_OK(Execute(Row(table, 0, "x")));
  CUPEL_ASSERT_OK(Execute(Row(table, 1, "x")));
  EXPECT_THAT(Execute(Row(table, 2, "x")), IsKind(ErrorKind::kUniqueViolation));
}
TEST_F(IndexDdlTest, OfAnExpression) {
  schema::IndexOptions index{
      .name = "ux_lower",
      .parts = {{.expression = SqlFragment::Text("lower(b)")}},
      .unique = true};
  if (!can().expression_indexes) {
    EXPECT_THAT(TryMake(index), Not(IsOk()));
    return;
  }
  const schema::Table& table = Make(index);
  CUPEL_ASSERT_OK(Execute(Row(table, 1, "x")));
  EXPECT_THAT(Execute(Row(table, 2, "X")), IsKind(ErrorKind::kUniqueViolation));
}
TEST_F(IndexDdlTest, IsDropped) {
  const schema::Table& table =
      Make({.name = "ix_a", .parts = {{.column = "a"}}});
  CUPEL_ASSERT_OK(Run(Compiler().DropIndex(table.indexes()[0])));
  EXPECT_FALSE(HasIndex("ix_a"));
}
TEST_F(IndexDdlTest, MissingOnesAreMade) {
  const schema::Table& table =
      Make({.name = "ix_a", .parts = {{.column = "a"}}});
  CUPEL_ASSERT_OK(Run(Compiler().DropIndex(table.indexes()[0])));
  CUPEL_ASSERT_OK(connection().Commit());
  schema::MetaData metadata;
  CUPEL_ASSERT_OK(metadata.AddStatic(table));
  schema::DdlReport report;
  CUPEL_ASSERT_OK(metadata.CreateAll(
      connection(), {.missing_indexes = true, .report = &report}));
  EXPECT_THAT(report.created_indexes, ElementsAre("ix_a"));
  EXPECT_TRUE(HasIndex("ix_a"));
}

using ServerDefaultTest = DdlTest;

TEST_F(ServerDefaultTest, OfEachKind) {
  const schema::Table& table = Create(
      Keyed("d")
          .Column({.name = "n",
                   .type = engine::Integer(),
                   .server_default = SqlFragment::Literal(
                       engine::Integer(), engine::Value::Int64(-5))})
          .Column({.name = "s",
                   .type = engine::String(60),
                   .server_default = SqlFragment::Literal(
                       engine::String(60),
                       engine::Value::Text("it's \\ (odd) 100%; \"x\""))})
          .Column({.name = "flag",
                   .type = engine::Boolean(),
                   .server_default = SqlFragment::Literal(
                       engine::Boolean(), engine::Value::Bool(true))}));
  CUPEL_ASSERT_OK(Execute(query::Insert(table)));
  EXPECT_THAT(
      All(TypedSelect(Col<int64_t>(table, "n"), Col<std::string>(table, "s"),
                      Col<bool>(table, "flag"))),
      IsOkAndHolds(
          ElementsAre(std::make_tuple(-5, "it's \\ (odd) 100%; \"x\"", true))));
}
TEST_F(ServerDefaultTest, OfTheClock) {
  const schema::Table& table =
      Create(Keyed("d").Column({.name = "made",
                                .type = engine::Timestamp(),
                                .server_default = SqlFragment::Text(
                                    std::string(syntax().current_timestamp))}));
  CUPEL_ASSERT_OK(Execute(query::Insert(table)));
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const absl::Time made,
      Scalar(TypedSelect(Col<absl::Time>(table, "made"))));
  EXPECT_LT(absl::AbsDuration(made - absl::Now()), absl::Minutes(10));
}
TEST_F(ServerDefaultTest, GivesWayToAValueAndToNull) {
  const schema::Table& table =
      Create(Keyed("d").Column({.name = "n",
                                .type = engine::Integer(),
                                .server_default = SqlFragment::Text("7")}));
  const auto n = Col<std::optional<int64_t>>(table, "n");
  CUPEL_ASSERT_OK(Execute(query::Insert(table)));
  CUPEL_ASSERT_OK(Execute(query::Insert(table).Set(n, 8)));
  CUPEL_ASSERT_OK(Execute(query::Insert(table).Set(n, std::nullopt)));
  EXPECT_THAT(
      Scalars(TypedSelect(n)),
      IsOkAndHolds(::testing::UnorderedElementsAre(7, 8, std::nullopt)));
}
TEST_F(ServerDefaultTest, ComesBackByReturning) {
  CUPEL_SUITE_NEEDS(can().returning, "returning");
  const schema::Table& table =
      Create(Keyed("d").Column({.name = "n",
                                .type = engine::Integer(),
                                .server_default = SqlFragment::Text("7")}));
  EXPECT_THAT(Scalar(query::Insert(table).Returning(Col<int64_t>(table, "n"))),
              IsOkAndHolds(7));
}

class ComputedColumnTest : public DdlTest {
 protected:
  schema::TableBuilder Squares(schema::ComputedStorage storage) const {
    schema::TableBuilder builder = Keyed("square");
    builder.Column({.name = "side", .type = engine::Integer()})
        .Column({.name = "area",
                 .type = engine::Integer(),
                 .computed = schema::ComputedOptions{
                     .expression = SqlFragment::Text("side * side"),
                     .storage = storage}});
    return builder;
  }
  void ExpectComputes(schema::ComputedStorage storage) {
    const schema::Table& table = Create(Squares(storage));
    const auto side = Col<int64_t>(table, "side");
    const auto area = Col<std::optional<int64_t>>(table, "area");
    CUPEL_ASSERT_OK(Execute(query::Insert(table).Set(side, 5)));
    EXPECT_THAT(Scalars(TypedSelect(area)), IsOkAndHolds(ElementsAre(25)));
    CUPEL_ASSERT_OK(Execute(query::Update(table).Set(side, 6)));
    EXPECT_THAT(Scalars(TypedSelect(area)), IsOkAndHolds(ElementsAre(36)));
  }
};

TEST_F(ComputedColumnTest, ByDefault) {
  if (!can().computed_columns) {
    EXPECT_THAT(TryCreate(Squares(schema::ComputedStorage::kDefault)),
                Not(IsOk()));
    return;
  }
  ExpectComputes(schema::ComputedStorage::kDefault);
}
TEST_F(ComputedColumnTest, Stored) {
  CUPEL_SUITE_NEEDS(can().computed_columns, "computed_columns");
  ExpectComputes(schema::ComputedStorage::kStored);
}
TEST_F(ComputedColumnTest, CannotBeSet) {
  CUPEL_SUITE_NEEDS(can().computed_columns, "computed_columns");
  const schema::Table& table =
      Create(Squares(schema::ComputedStorage::kStored));
  EXPECT_THAT(Execute(query::Insert(table)
                          .Set(Col<int64_t>(table, "side"), 5)
                          .Set(Col<int64_t>(table, "area"), 7)),
              Not(IsOk()));
}
TEST_F(ComputedColumnTest, ComesBackByReturning) {
  CUPEL_SUITE_NEEDS(can().computed_columns && can().returning,
                    "computed_columns");
  const schema::Table& table =
      Create(Squares(schema::ComputedStorage::kStored));
  EXPECT_THAT(Scalar(query::Insert(table)
                         .Set(Col<int64_t>(table, "side"), 5)
                         .Returning(Col<int64_t>(table, "area"))),
              IsOkAndHolds(25));
}

using IdentityColumnTest = DdlTest;

TEST_F(IdentityColumnTest, GeneratesKeys) {
  const schema::Table& table =
      Create(schema::TableBuilder("counted")
                 .Column({.name = "id",
                          .type = engine::BigInteger(),
                          .primary_key = true,
                          .identity = schema::IdentityOptions{}})
                 .Column({.name = "n", .type = engine::Integer()}));
  const auto n = Col<int64_t>(table, "n");
  CUPEL_ASSERT_OK(Execute(query::Insert(table).Set(n, 1)));
  CUPEL_ASSERT_OK(Execute(query::Insert(table).Set(n, 2)));
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const auto ids,
      Scalars(TypedSelect(Col<int64_t>(table, "id")).OrderBy(n)));
  ASSERT_EQ(ids.size(), 2u);
  EXPECT_LT(ids[0], ids[1]);
}
TEST_F(IdentityColumnTest, StartsWhereItIsTold) {
  CUPEL_SUITE_NEEDS(can().identity_columns, "identity_columns");
  const schema::Table& table =
      Create(schema::TableBuilder("counted")
                 .Column({.name = "id",
                          .type = engine::BigInteger(),
                          .primary_key = true,
                          .identity = schema::IdentityOptions{.start = 100,
                                                              .increment = 10}})
                 .Column({.name = "n", .type = engine::Integer()}));
  const auto n = Col<int64_t>(table, "n");
  CUPEL_ASSERT_OK(Execute(query::Insert(table).Set(n, 1)));
  CUPEL_ASSERT_OK(Execute(query::Insert(table).Set(n, 2)));
  EXPECT_THAT(Scalars(TypedSelect(Col<int64_t>(table, "id")).OrderBy(n)),
              IsOkAndHolds(ElementsAre(100, 110)));
}
TEST_F(IdentityColumnTest, NeverReusesKeysWhenTold) {
  const schema::Table& table =
      Create(schema::TableBuilder("counted")
                 .Column({.name = "id",
                          .type = engine::BigInteger(),
                          .primary_key = true,
                          .never_reuse_keys = true})
                 .Column({.name = "n", .type = engine::Integer()}));
  const auto n = Col<int64_t>(table, "n");
  const auto id = Col<int64_t>(table, "id");
  CUPEL_ASSERT_OK(Execute(query::Insert(table).Set(n, 1)));
  CUPEL_ASSERT_OK_AND_ASSIGN(const int64_t first, Scalar(TypedSelect(id)));
  CUPEL_ASSERT_OK(Execute(query::Delete(table)));
  CUPEL_ASSERT_OK(Execute(query::Insert(table).Set(n, 2)));
  CUPEL_ASSERT_OK_AND_ASSIGN(const int64_t second, Scalar(TypedSelect(id)));
  EXPECT_GT(second, first);
}

class ViewTest : public DdlTest {
 protected:
  void Open() override {
    DdlTest::Open();
    if (HasFatalFailure()) return;
    FillItems();
    Later("DROP VIEW dear");
    CUPEL_ASSERT_OK(Run(Compiler().CreateView(
        "", "dear",
        SqlFragment::Text("SELECT id, name FROM item WHERE amount >= 20"))));
    CUPEL_ASSERT_OK(connection().Commit());
  }
};

TEST_F(ViewTest, IsRead) {
  EXPECT_THAT(Cells("SELECT count(*) FROM dear"),
              IsOkAndHolds(::testing::SizeIs(1)));
}
TEST_F(ViewTest, IsListedAndDescribed) {
  schema::Inspector inspector(connection());
  EXPECT_THAT(inspector.ViewNames(), IsOkAndHolds(ElementsAre("dear")));
  EXPECT_THAT(inspector.TableNames(), IsOkAndHolds(ElementsAre("item")));
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto* found, inspector.Describe("dear"));
  EXPECT_EQ(found->kind, engine::CatalogTableKind::kView);
  ASSERT_EQ(found->columns.size(), 2u);
  EXPECT_EQ(found->columns[1].name, "name");
}
TEST_F(ViewTest, HasADefinition) {
  schema::Inspector inspector(connection());
  CUPEL_ASSERT_OK_AND_ASSIGN(const std::string text,
                             inspector.ViewDefinition("dear"));
  EXPECT_THAT(text, ::testing::HasSubstr("amount"));
  EXPECT_THAT(inspector.ViewDefinition("no_view"),
              StatusIs(absl::StatusCode::kNotFound));
}
TEST_F(ViewTest, IsReflectedForQueries) {
  schema::Inspector inspector(connection());
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto view, inspector.ReflectTable("dear"));
  EXPECT_THAT(Scalars(TypedSelect(Col<std::string>(*view, "name"))
                          .OrderBy(Col<std::string>(*view, "name"))),
              IsOkAndHolds(ElementsAre("bee", "dog", "eel")));
}

}  // namespace
}  // namespace cupel::dialect_suite
