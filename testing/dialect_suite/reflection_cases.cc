// What exists in a database, read back.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/dialect_suite/dialect_test.h"

namespace cupel::dialect_suite {
namespace {

using schema::ForeignKeyAction;
using schema::SqlFragment;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class ReflectionTest : public DialectTest {
 protected:
  // "author" and "book", with some of everything.
  void Make() {
    Create(
        Keyed("author")
            .Column(
                {.name = "name", .type = engine::String(40), .nullable = false})
            .Column({.name = "code", .type = engine::String(10)})
            .Unique({.name = "uq_author_code", .columns = {"code"}}));
    Create(
        Keyed("book")
            .Column({.name = "title",
                     .type = engine::String(80),
                     .nullable = false})
            .Column({.name = "pages",
                     .type = engine::Integer(),
                     .server_default = SqlFragment::Text("7")})
            .Column({.name = "author_id",
                     .type = engine::BigInteger(),
                     .nullable = false})
            .ForeignKey({.name = "fk_book_author",
                         .columns = {"author_id"},
                         .referred_table = "author",
                         .referred_columns = {"id"},
                         .on_delete = ForeignKeyAction::kCascade})
            .Check({.name = "ck_book_pages",
                    .condition = SqlFragment::Text("pages > 0")})
            .Index({.name = "ix_book_title", .parts = {{.column = "title"}}}));
  }
  const engine::CatalogTable& Describe(absl::string_view name) {
    inspector_ = std::make_unique<schema::Inspector>(connection());
    const auto found = inspector_->Describe(name);
    EXPECT_THAT(found, IsOk());
    static const auto* const kNothing = new engine::CatalogTable;
    return found.ok() ? **found : *kNothing;
  }
  static const engine::CatalogColumn& ColumnOf(
      const engine::CatalogTable& table, absl::string_view name) {
    static const auto* const kNothing = new engine::CatalogColumn;
    for (const engine::CatalogColumn& column : table.columns) {
      if (column.name == name) return column;
    }
    ADD_FAILURE() << "no column " << name;
    return *kNothing;
  }
  schema::Inspector& Inspect() {
    inspector_ = std::make_unique<schema::Inspector>(connection());
    return *inspector_;
  }

 private:
  std::unique_ptr<schema::Inspector> inspector_;
};

using HasTableTest = ReflectionTest;

TEST_F(HasTableTest, OfATable) {
  CreateItems();
  EXPECT_THAT(Inspect().HasTable("item"), IsOkAndHolds(true));
  EXPECT_THAT(Inspect().HasTable("no_table"), IsOkAndHolds(false));
}
TEST_F(HasTableTest, OfAColumnAndAnIndex) {
  Make();
  EXPECT_THAT(Inspect().HasColumn("book", "title"), IsOkAndHolds(true));
  EXPECT_THAT(Inspect().HasColumn("book", "tittle"), IsOkAndHolds(false));
  EXPECT_THAT(Inspect().HasIndex("book", "ix_book_title"), IsOkAndHolds(true));
  EXPECT_THAT(Inspect().HasIndex("book", "ix_nothing"), IsOkAndHolds(false));
}
TEST_F(HasTableTest, WithTheDefaultSchemasName) {
  CreateItems();
  CUPEL_ASSERT_OK_AND_ASSIGN(const std::string name, Inspect().DefaultSchema());
  EXPECT_NE(name, "");
  EXPECT_THAT(Inspect().HasTable("item", name), IsOkAndHolds(true));
  EXPECT_THAT(Inspect().SchemaNames(), IsOkAndHolds(Contains(name)));
}
TEST_F(HasTableTest, AsOfTheFirstQuestion) {
  schema::Inspector& inspector = Inspect();
  EXPECT_THAT(inspector.HasTable("item"), IsOkAndHolds(false));
  CreateItems();
  EXPECT_THAT(inspector.HasTable("item"), IsOkAndHolds(false));
  inspector.ClearCache();
  EXPECT_THAT(inspector.HasTable("item"), IsOkAndHolds(true));
}
TEST_F(HasTableTest, NamesAreNoPatterns) {
  Create(Keyed("a_b"));
  EXPECT_THAT(Inspect().HasTable("axb"), IsOkAndHolds(false));
  EXPECT_THAT(Inspect().HasTable("%"), IsOkAndHolds(false));
  EXPECT_THAT(Inspect().HasTable("a_b' OR '1'='1"), IsOkAndHolds(false));
}
TEST_F(HasTableTest, ReservedWords) {
  Create(Keyed("select"));
  EXPECT_THAT(Inspect().HasTable("select"), IsOkAndHolds(true));
}

using TableNamesTest = ReflectionTest;

TEST_F(TableNamesTest, OfAnEmptyDatabase) {
  EXPECT_THAT(Inspect().TableNames(), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(Inspect().ViewNames(), IsOkAndHolds(IsEmpty()));
}
TEST_F(TableNamesTest, InAlphabeticalOrder) {
  Create(Keyed("zebra"));
  Create(Keyed("ant"));
  Create(Keyed("mouse"));
  EXPECT_THAT(Inspect().TableNames(),
              IsOkAndHolds(ElementsAre("ant", "mouse", "zebra")));
}
TEST_F(TableNamesTest, ByDependency) {
  Make();
  EXPECT_THAT(Inspect().SortedTableNames(),
              IsOkAndHolds(ElementsAre("author", "book")));
}
TEST_F(TableNamesTest, OfTemporaryTables) {
  CUPEL_ASSERT_OK(Execute("CREATE TEMPORARY TABLE fleeting (a INTEGER)"));
  EXPECT_THAT(Inspect().TemporaryTableNames(),
              IsOkAndHolds(ElementsAre("fleeting")));
  EXPECT_THAT(Inspect().TableNames(), IsOkAndHolds(Not(Contains("fleeting"))));
  connection().Detach();
}
TEST_F(TableNamesTest, OfNoSuchTableIsAnError) {
  EXPECT_THAT(Inspect().Describe("no_table"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Inspect().ReflectTable("no_table"),
              StatusIs(absl::StatusCode::kNotFound));
}

using ColumnReflectionTest = ReflectionTest;

TEST_F(ColumnReflectionTest, NamesInOrder) {
  Make();
  std::vector<std::string> names;
  for (const auto& column : Describe("book").columns) {
    names.push_back(column.name);
  }
  EXPECT_THAT(names, ElementsAre("id", "title", "pages", "author_id"));
}
TEST_F(ColumnReflectionTest, Nullability) {
  Make();
  const engine::CatalogTable& book = Describe("book");
  EXPECT_FALSE(ColumnOf(book, "title").nullable);
  EXPECT_TRUE(ColumnOf(book, "pages").nullable);
}
TEST_F(ColumnReflectionTest, TypesAndLengths) {
  Make();
  const engine::CatalogTable& book = Describe("book");
  EXPECT_EQ(ColumnOf(book, "title").type.kind, engine::TypeKind::kString);
  EXPECT_EQ(ColumnOf(book, "title").type.length, 80u);
  EXPECT_EQ(ColumnOf(book, "pages").type.kind, engine::TypeKind::kInteger);
  EXPECT_NE(ColumnOf(book, "pages").declared_type, "");
}
TEST_F(ColumnReflectionTest, Defaults) {
  Make();
  const engine::CatalogTable& book = Describe("book");
  EXPECT_EQ(ColumnOf(book, "pages").server_default, "7");
  EXPECT_EQ(ColumnOf(book, "title").server_default, std::nullopt);
}
TEST_F(ColumnReflectionTest, GeneratedKeys) {
  Make();
  const engine::CatalogTable& book = Describe("book");
  EXPECT_TRUE(ColumnOf(book, "id").autoincrement);
  EXPECT_FALSE(ColumnOf(book, "pages").autoincrement);
}
TEST_F(ColumnReflectionTest, Computed) {
  CUPEL_SUITE_NEEDS(can().computed_columns, "computed_columns");
  Create(Keyed("square")
             .Column({.name = "side", .type = engine::Integer()})
             .Column({.name = "area",
                      .type = engine::Integer(),
                      .computed = schema::ComputedOptions{
                          .expression = SqlFragment::Text("side * side"),
                          .storage = schema::ComputedStorage::kStored}}));
  const engine::CatalogTable& square = Describe("square");
  ASSERT_TRUE(ColumnOf(square, "area").computed.has_value());
  EXPECT_TRUE(ColumnOf(square, "area").computed->stored);
  EXPECT_TRUE(
      absl::StrContains(ColumnOf(square, "area").computed->expression, "side"));
  EXPECT_FALSE(ColumnOf(square, "side").computed.has_value());
}
TEST_F(ColumnReflectionTest, AfterAnAlteration) {
  const Items items = CreateItems();
  CUPEL_ASSERT_OK(Execute("ALTER TABLE item ADD COLUMN note INTEGER"));
  EXPECT_EQ(Describe("item").columns.back().name, "note");
}

using KeyReflectionTest = ReflectionTest;

TEST_F(KeyReflectionTest, PrimaryKey) {
  Make();
  const engine::CatalogTable& book = Describe("book");
  EXPECT_THAT(book.primary_key.columns, ElementsAre("id"));
  EXPECT_EQ(ColumnOf(book, "id").primary_key_position, 1);
  EXPECT_EQ(ColumnOf(book, "title").primary_key_position, 0);
}
TEST_F(KeyReflectionTest, PrimaryKeyInItsOwnOrder) {
  Create(schema::TableBuilder("pair")
             .Column({.name = "a", .type = engine::Integer()})
             .Column({.name = "b", .type = engine::Integer()})
             .Column({.name = "c", .type = engine::Integer()})
             .PrimaryKey({.columns = {"c", "a"}}));
  EXPECT_THAT(Describe("pair").primary_key.columns, ElementsAre("c", "a"));
}
TEST_F(KeyReflectionTest, NoPrimaryKey) {
  Create(schema::TableBuilder("keyless").Column(
      {.name = "a", .type = engine::Integer()}));
  EXPECT_THAT(Describe("keyless").primary_key.columns, IsEmpty());
}
TEST_F(KeyReflectionTest, ForeignKey) {
  Make();
  const engine::CatalogTable& book = Describe("book");
  ASSERT_EQ(book.foreign_keys.size(), 1u);
  const engine::CatalogForeignKey& key = book.foreign_keys[0];
  EXPECT_EQ(key.name, "fk_book_author");
  EXPECT_THAT(key.columns, ElementsAre("author_id"));
  EXPECT_EQ(key.referred_table, "author");
  EXPECT_THAT(key.referred_columns, ElementsAre("id"));
  EXPECT_EQ(key.on_delete, "CASCADE");
}
TEST_F(KeyReflectionTest, ForeignKeyOfSeveralColumns) {
  Create(schema::TableBuilder("pair")
             .Column({.name = "a", .type = engine::Integer()})
             .Column({.name = "b", .type = engine::Integer()})
             .PrimaryKey({.columns = {"a", "b"}}));
  Create(Keyed("pair_use")
             .Column({.name = "x", .type = engine::Integer()})
             .Column({.name = "y", .type = engine::Integer()})
             .ForeignKey({.name = "fk_pair",
                          .columns = {"y", "x"},
                          .referred_table = "pair",
                          .referred_columns = {"a", "b"}}));
  const engine::CatalogTable& use = Describe("pair_use");
  ASSERT_EQ(use.foreign_keys.size(), 1u);
  EXPECT_THAT(use.foreign_keys[0].columns, ElementsAre("y", "x"));
  EXPECT_THAT(use.foreign_keys[0].referred_columns, ElementsAre("a", "b"));
}
TEST_F(KeyReflectionTest, SelfReference) {
  Create(Keyed("tree").Column(
      {.name = "up",
       .type = engine::BigInteger(),
       .foreign_keys = {{.referred_table = "tree",
                         .referred_columns = {"id"},
                         .on_delete = ForeignKeyAction::kSetNull}}}));
  const engine::CatalogTable& tree = Describe("tree");
  ASSERT_EQ(tree.foreign_keys.size(), 1u);
  EXPECT_EQ(tree.foreign_keys[0].referred_table, "tree");
  EXPECT_EQ(tree.foreign_keys[0].on_delete, "SET NULL");
}
TEST_F(KeyReflectionTest, DeferrableForeignKey) {
  CUPEL_SUITE_NEEDS(can().deferrable_constraints, "deferrable_constraints");
  Create(Keyed("parent"));
  Create(Keyed("child").Column(
      {.name = "up",
       .type = engine::BigInteger(),
       .foreign_keys = {
           {.referred_table = "parent",
            .referred_columns = {"id"},
            .deferrable = schema::Deferrable::kInitiallyDeferred}}}));
  const engine::CatalogTable& child = Describe("child");
  ASSERT_EQ(child.foreign_keys.size(), 1u);
  EXPECT_TRUE(child.foreign_keys[0].deferrable);
  EXPECT_TRUE(child.foreign_keys[0].initially_deferred);
}

using ConstraintReflectionTest = ReflectionTest;

TEST_F(ConstraintReflectionTest, Unique) {
  Make();
  const engine::CatalogTable& author = Describe("author");
  ASSERT_EQ(author.uniques.size(), 1u);
  EXPECT_EQ(author.uniques[0].name, "uq_author_code");
  EXPECT_THAT(author.uniques[0].columns, ElementsAre("code"));
  // The index that serves it is not listed once more.
  EXPECT_THAT(author.indexes, IsEmpty());
}
TEST_F(ConstraintReflectionTest, Check) {
  Make();
  const engine::CatalogTable& book = Describe("book");
  ASSERT_EQ(book.checks.size(), 1u);
  EXPECT_EQ(book.checks[0].name, "ck_book_pages");
  EXPECT_TRUE(absl::StrContains(book.checks[0].expression, "pages"));
}

using IndexReflectionTest = ReflectionTest;

TEST_F(IndexReflectionTest, OfOneColumn) {
  Make();
  const engine::CatalogTable& book = Describe("book");
  // A database may index a foreign key by itself.
  const auto found = std::find_if(
      book.indexes.begin(), book.indexes.end(),
      [](const auto& index) { return index.name == "ix_book_title"; });
  ASSERT_NE(found, book.indexes.end());
  EXPECT_FALSE(found->unique);
  ASSERT_EQ(found->parts.size(), 1u);
  EXPECT_EQ(found->parts[0].column, "title");
}
TEST_F(IndexReflectionTest, OfSeveralColumnsAndOrders) {
  Create(Keyed("t")
             .Column({.name = "a", .type = engine::Integer()})
             .Column({.name = "b", .type = engine::Integer()})
             .Index({.name = "ux",
                     .parts = {{.column = "b",
                                .order = schema::SortOrder::kDescending},
                               {.column = "a"}},
                     .unique = true}));
  const engine::CatalogTable& table = Describe("t");
  ASSERT_EQ(table.indexes.size(), 1u);
  EXPECT_TRUE(table.indexes[0].unique);
  ASSERT_EQ(table.indexes[0].parts.size(), 2u);
  EXPECT_EQ(table.indexes[0].parts[0].column, "b");
  EXPECT_TRUE(table.indexes[0].parts[0].descending);
  EXPECT_FALSE(table.indexes[0].parts[1].descending);
}
TEST_F(IndexReflectionTest, OfSomeRows) {
  CUPEL_SUITE_NEEDS(can().partial_indexes, "partial_indexes");
  Create(Keyed("t")
             .Column({.name = "a", .type = engine::Integer()})
             .Index({.name = "ix",
                     .parts = {{.column = "a"}},
                     .where = SqlFragment::Text("a > 5")}));
  const engine::CatalogTable& table = Describe("t");
  ASSERT_EQ(table.indexes.size(), 1u);
  EXPECT_TRUE(absl::StrContains(table.indexes[0].where, "5"));
}
TEST_F(IndexReflectionTest, OfAnExpression) {
  CUPEL_SUITE_NEEDS(can().expression_indexes, "expression_indexes");
  Create(
      Keyed("t")
          .Column({.name = "a", .type = engine::String(20)})
          .Index({.name = "ix",
                  .parts = {{.expression = SqlFragment::Text("lower(a)")}}}));
  const engine::CatalogTable& table = Describe("t");
  ASSERT_EQ(table.indexes.size(), 1u);
  ASSERT_EQ(table.indexes[0].parts.size(), 1u);
  EXPECT_EQ(table.indexes[0].parts[0].column, "");
  EXPECT_TRUE(absl::StrContains(table.indexes[0].parts[0].expression, "lower"));
}

class RoundTripTest : public ReflectionTest {
 protected:
  // What is reflected creates the same again.
  void Expect(const schema::TableBuilder& builder) {
    const schema::Table& table = Create(builder);
    // A key that was not named may have a name of the database's.
    CUPEL_ASSERT_OK_AND_ASSIGN(
        const auto found,
        Inspect().ReflectTable(table.name(),
                               {.adjust = [](schema::TableDefinition* read) {
                                 read->primary_key.name.clear();
                               }}));
    const schema::DdlCompiler compiler(dialect());
    CUPEL_ASSERT_OK_AND_ASSIGN(const std::string before,
                               compiler.CreateTable(table));
    CUPEL_ASSERT_OK_AND_ASSIGN(const std::string after,
                               compiler.CreateTable(*found));
    EXPECT_EQ(after, before);
  }
};

TEST_F(RoundTripTest, Columns) {
  Expect(
      Keyed("t")
          .Column({.name = "n", .type = engine::Integer(), .nullable = false})
          .Column({.name = "s", .type = engine::String(30)}));
}
TEST_F(RoundTripTest, KeysAndUniques) {
  Expect(schema::TableBuilder("t")
             .Column({.name = "a", .type = engine::Integer()})
             .Column({.name = "b", .type = engine::Integer()})
             .Column({.name = "c", .type = engine::String(20)})
             .PrimaryKey({.columns = {"b", "a"}})
             .Unique({.name = "uq_c", .columns = {"c", "a"}}));
}
TEST_F(RoundTripTest, ACounterInAKeyOfTwo) {
  Expect(schema::TableBuilder("t")
             .Column({.name = "n",
                      .type = engine::BigInteger(),
                      .autoincrement = schema::Autoincrement::kYes})
             .Column({.name = "b", .type = engine::BigInteger()})
             .PrimaryKey({.columns = {"n", "b"}}));
}
TEST_F(RoundTripTest, ACounterThatIsNoKey) {
  CUPEL_SUITE_NEEDS(can().identity_columns, "identity_columns");
  for (const bool always : {false, true}) {
    Expect(schema::TableBuilder(always ? "always" : "by_default")
               .Column({.name = "code",
                        .type = engine::String(10),
                        .primary_key = true})
               .Column({.name = "n",
                        .type = engine::BigInteger(),
                        .nullable = false,
                        .identity = schema::IdentityOptions{
                            .always = always, .start = 50, .increment = 5}}));
  }
}
TEST_F(RoundTripTest, IntoAMetaData) {
  Make();
  schema::MetaData metadata;
  CUPEL_ASSERT_OK(Inspect().ReflectAll(&metadata));
  std::vector<std::string> names;
  for (const schema::Table* table : metadata.Sort().tables) {
    names.push_back(table->name());
  }
  EXPECT_THAT(names, ElementsAre("author", "book"));
  // And the reflected tables are ready for queries.
  const schema::Table& author = *metadata.Find("author");
  CUPEL_ASSERT_OK(Execute(
      query::Insert(author).Set(Col<std::string>(author, "name"), "Ada")));
  EXPECT_THAT(Scalars(query::TypedSelect(Col<std::string>(author, "name"))),
              IsOkAndHolds(ElementsAre("Ada")));
}
TEST_F(RoundTripTest, OnlySomeTables) {
  Make();
  Create(Keyed("other"));
  schema::MetaData metadata;
  CUPEL_ASSERT_OK(Inspect().ReflectAll(
      &metadata, {.only = {"book"}, .follow_foreign_keys = false}));
  EXPECT_NE(metadata.Find("book"), nullptr);
  EXPECT_EQ(metadata.Find("author"), nullptr);
  EXPECT_EQ(metadata.Find("other"), nullptr);
}
TEST_F(RoundTripTest, FollowsForeignKeys) {
  Make();
  schema::MetaData metadata;
  CUPEL_ASSERT_OK(Inspect().ReflectAll(&metadata, {.only = {"book"}}));
  EXPECT_NE(metadata.Find("author"), nullptr);
}

}  // namespace
}  // namespace cupel::dialect_suite
