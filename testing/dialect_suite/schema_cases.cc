// Schemas beside the default one, and temporary tables.

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/dialect_suite/dialect_test.h"

namespace cupel::dialect_suite {
namespace {

using engine::ErrorKind;
using query::TypedSelect;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

constexpr char kSchema[] = "cupel_other";

class SchemaTest : public DialectTest {
 protected:
  void MakeSchema() {
    const schema::DdlCompiler compiler(dialect());
    CUPEL_ASSERT_OK_AND_ASSIGN(const std::string create,
                               compiler.CreateSchema(kSchema));
    CUPEL_ASSERT_OK(Execute(create));
    CUPEL_ASSERT_OK(connection().Commit());
    is_made_ = true;
  }
  void Close() override {
    DialectTest::Close();
    if (!is_made_) return;
    engine::Connection cleaner = Connect();
    const auto drop = schema::DdlCompiler(dialect()).DropSchema(kSchema);
    EXPECT_THAT(cleaner.Execute(drop.value_or("")), IsOk());
    EXPECT_THAT(cleaner.Commit(), IsOk());
  }
  static schema::TableBuilder Elsewhere(std::string name) {
    schema::TableBuilder builder(std::move(name), kSchema);
    builder
        .Column(
            {.name = "id", .type = engine::BigInteger(), .primary_key = true})
        .Column({.name = "n", .type = engine::Integer()});
    return builder;
  }

 private:
  bool is_made_ = false;
};

TEST_F(SchemaTest, IsListed) {
  CUPEL_SUITE_NEEDS(can().create_schema, "CREATE SCHEMA");
  ASSERT_NO_FATAL_FAILURE(MakeSchema());
  schema::Inspector inspector(connection());
  EXPECT_THAT(inspector.SchemaNames(), IsOkAndHolds(Contains(kSchema)));
}
TEST_F(SchemaTest, HoldsATable) {
  CUPEL_SUITE_NEEDS(can().create_schema, "CREATE SCHEMA");
  ASSERT_NO_FATAL_FAILURE(MakeSchema());
  const schema::Table& table = Create(Elsewhere("t"));
  const auto n = Col<int64_t>(table, "n");
  CUPEL_ASSERT_OK(Execute(query::Insert(table).Set(n, 7)));
  CUPEL_ASSERT_OK(Execute(query::Update(table).Set(n, n + 1)));
  EXPECT_THAT(Scalars(TypedSelect(n)), IsOkAndHolds(ElementsAre(8)));
  CUPEL_ASSERT_OK(Execute(query::Delete(table).Where(n == 8)));
  EXPECT_THAT(Count(table), IsOkAndHolds(0));
}
TEST_F(SchemaTest, TwoTablesOfOneName) {
  CUPEL_SUITE_NEEDS(can().create_schema, "CREATE SCHEMA");
  ASSERT_NO_FATAL_FAILURE(MakeSchema());
  const schema::Table& here =
      Create(Keyed("t").Column({.name = "n", .type = engine::Integer()}));
  const schema::Table& there = Create(Elsewhere("t"));
  const auto here_n = Col<int64_t>(here, "n");
  const auto there_n = Col<int64_t>(there, "n");
  CUPEL_ASSERT_OK(Execute(query::Insert(here).Set(here_n, 1)));
  CUPEL_ASSERT_OK(Execute(query::Insert(there).Set(there_n, 2)));
  EXPECT_THAT(All(TypedSelect(here_n, there_n).CrossJoin(there)),
              IsOkAndHolds(ElementsAre(std::make_tuple(1, 2))));
}
TEST_F(SchemaTest, IsReflected) {
  CUPEL_SUITE_NEEDS(can().create_schema, "CREATE SCHEMA");
  ASSERT_NO_FATAL_FAILURE(MakeSchema());
  Create(Elsewhere("t"));
  schema::Inspector inspector(connection());
  EXPECT_THAT(inspector.HasTable("t", kSchema), IsOkAndHolds(true));
  EXPECT_THAT(inspector.HasTable("t"), IsOkAndHolds(false));
  EXPECT_THAT(inspector.TableNames(kSchema), IsOkAndHolds(ElementsAre("t")));
  EXPECT_THAT(inspector.TableNames(), IsOkAndHolds(Not(Contains("t"))));
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto* found,
                             inspector.Describe("t", kSchema));
  EXPECT_EQ(found->columns.size(), 2u);
}
TEST_F(SchemaTest, ForeignKeysCross) {
  CUPEL_SUITE_NEEDS(can().schemas && can().qualified_references,
                    "qualified_references");
  ASSERT_NO_FATAL_FAILURE(MakeSchema());
  Create(Elsewhere("parent"));
  const schema::Table& child =
      Create(Keyed("child")
                 .Column({.name = "up", .type = engine::BigInteger()})
                 .ForeignKey({.columns = {"up"},
                              .referred_table = {kSchema, "parent"},
                              .referred_columns = {"id"}}));
  EXPECT_THAT(Execute(query::Insert(child).Set(Col<int64_t>(child, "up"), 99)),
              IsKind(ErrorKind::kForeignKeyViolation));
}

class TemporaryTableTest : public DialectTest {
 protected:
  // Made on the case's connection, and gone with it.
  const schema::Table& Make() {
    connection().Detach();
    schema::TableDefinition definition = Keyed("fleeting").definition();
    definition.temporary = true;
    schema::TableBuilder builder(std::move(definition));
    builder.Column({.name = "n", .type = engine::Integer()});
    table_ = *builder.Build();
    EXPECT_THAT(metadata_.Add(table_), IsOk());
    EXPECT_THAT(metadata_.CreateAll(connection()), IsOk());
    return *table_;
  }

 private:
  std::shared_ptr<const schema::Table> table_;
  schema::MetaData metadata_;
};

TEST_F(TemporaryTableTest, IsWrittenAndRead) {
  const schema::Table& table = Make();
  const auto n = Col<int64_t>(table, "n");
  CUPEL_ASSERT_OK(Execute(query::Insert(table).Set(n, 7)));
  EXPECT_THAT(Scalars(TypedSelect(n)), IsOkAndHolds(ElementsAre(7)));
}
TEST_F(TemporaryTableTest, IsOfItsConnection) {
  Make();
  CUPEL_ASSERT_OK(connection().Commit());
  engine::Connection other = Connect();
  EXPECT_THAT(other.Execute("SELECT * FROM fleeting"),
              IsKind(ErrorKind::kNoSuchTable));
}
TEST_F(TemporaryTableTest, IsDescribed) {
  Make();
  schema::Inspector inspector(connection());
  EXPECT_THAT(inspector.HasTable("fleeting"), IsOkAndHolds(true));
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto* found, inspector.Describe("fleeting"));
  EXPECT_EQ(found->kind, engine::CatalogTableKind::kTemporary);
  EXPECT_EQ(found->columns.size(), 2u);
}
TEST_F(TemporaryTableTest, HidesATableOfItsName) {
  Create(Keyed("fleeting").Column({.name = "n", .type = engine::Integer()}));
  CUPEL_ASSERT_OK(Execute("INSERT INTO fleeting (n) VALUES (1)"));
  CUPEL_ASSERT_OK(connection().Commit());
  connection().Detach();
  CUPEL_ASSERT_OK(
      Execute("CREATE TEMPORARY TABLE fleeting (id INTEGER, n INTEGER)"));
  EXPECT_THAT(Cells("SELECT n FROM fleeting"),
              IsOkAndHolds(::testing::IsEmpty()));
}

}  // namespace
}  // namespace cupel::dialect_suite
