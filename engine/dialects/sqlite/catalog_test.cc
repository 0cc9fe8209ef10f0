#include "cupel/engine/catalog.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/dialects/sqlite/sqlite.h"
#include "cupel/engine/dialects/sqlite/table_definition.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::sqlite_internal {
namespace {

using cupel::testing::IsOkAndHolds;
using cupel::testing::StatusIs;
using engine::CatalogColumn;
using engine::CatalogTable;
using engine::CatalogTableKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CatalogTest : public ::testing::Test {
 protected:
  CatalogTest()
      : engine_(engine::Engine::Create({.uri = "sqlite://"}).value()),
        connection_(engine_.Connect().value()),
        catalog_(sqlite::SqliteDialect()->MakeCatalog()) {}

  void Exec(absl::string_view sql) {
    ASSERT_THAT(connection_.Execute(sql), testing::IsOk()) << sql;
  }
  CatalogTable Read(absl::string_view table, absl::string_view schema = "") {
    absl::StatusOr<CatalogTable> result =
        catalog_->ReadTable(connection_, schema, table);
    EXPECT_THAT(result, testing::IsOk());
    return result.ok() ? *std::move(result) : CatalogTable();
  }

  engine::Engine engine_;
  engine::Connection connection_;
  std::unique_ptr<engine::Catalog> catalog_;
};

TEST_F(CatalogTest, ListsTablesViewsAndSchemas) {
  Exec("CREATE TABLE b(x)");
  Exec("CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT)");
  Exec("CREATE VIEW v AS SELECT 1 AS one");
  Exec("CREATE TEMP TABLE scratch(x)");
  EXPECT_THAT(catalog_->TableNames(connection_, ""),
              IsOkAndHolds(ElementsAre("a", "b")));
  EXPECT_THAT(catalog_->ViewNames(connection_, ""),
              IsOkAndHolds(ElementsAre("v")));
  EXPECT_THAT(catalog_->TemporaryTableNames(connection_),
              IsOkAndHolds(ElementsAre("scratch")));
  EXPECT_THAT(catalog_->SchemaNames(connection_),
              IsOkAndHolds(ElementsAre("main")));
  EXPECT_THAT(catalog_->DefaultSchema(connection_), IsOkAndHolds("main"));
  EXPECT_THAT(catalog_->HasTable(connection_, "", "A"), IsOkAndHolds(true));
  EXPECT_THAT(catalog_->HasTable(connection_, "", "scratch"),
              IsOkAndHolds(true));
  EXPECT_THAT(catalog_->HasTable(connection_, "", "nosuch"),
              IsOkAndHolds(false));
  EXPECT_EQ(Read("scratch").kind, CatalogTableKind::kTemporary);
  EXPECT_THAT(catalog_->ReadTable(connection_, "", "nosuch"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(CatalogTest, ReadsColumns) {
  Exec(R"(CREATE TABLE t(
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name VARCHAR(80) NOT NULL COLLATE NOCASE,
      score DECIMAL_INT(10, 2) DEFAULT 0,
      made TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
      note TEXT DEFAULT 'it''s, (fine)',
      sum INT DEFAULT (1 + 2),
      twice INT GENERATED ALWAYS AS (score * 2) STORED,
      lower_name TEXT AS (lower(name)) VIRTUAL))");
  const CatalogTable table = Read("t");
  ASSERT_THAT(table.columns, SizeIs(8));
  const CatalogColumn& id = table.columns[0];
  EXPECT_TRUE(id.autoincrement);
  EXPECT_TRUE(id.never_reuses_keys);
  EXPECT_FALSE(id.nullable);
  EXPECT_EQ(id.primary_key_position, 1);
  EXPECT_TRUE(id.type == engine::BigInteger());
  EXPECT_THAT(table.primary_key.columns, ElementsAre("id"));
  const CatalogColumn& name = table.columns[1];
  EXPECT_TRUE(name.type == engine::String(80));
  EXPECT_EQ(name.declared_type, "VARCHAR(80)");
  EXPECT_FALSE(name.nullable);
  EXPECT_EQ(name.collation, "NOCASE");
  EXPECT_EQ(name.server_default, std::nullopt);
  EXPECT_TRUE(table.columns[2].type == engine::Numeric(10, 2));
  EXPECT_EQ(table.columns[2].server_default, "0");
  EXPECT_EQ(table.columns[3].server_default, "CURRENT_TIMESTAMP");
  EXPECT_EQ(table.columns[4].server_default, "'it''s, (fine)'");
  EXPECT_EQ(table.columns[5].server_default, "1 + 2");
  ASSERT_TRUE(table.columns[6].computed.has_value());
  EXPECT_EQ(table.columns[6].computed->expression, "score * 2");
  EXPECT_TRUE(table.columns[6].computed->stored);
  EXPECT_EQ(table.columns[6].declared_type, "INT");
  ASSERT_TRUE(table.columns[7].computed.has_value());
  EXPECT_EQ(table.columns[7].computed->expression, "lower(name)");
  EXPECT_FALSE(table.columns[7].computed->stored);
}

TEST_F(CatalogTest, ReadsKeysAndConstraints) {
  Exec("CREATE TABLE p(a INT, b INT, c INT UNIQUE, PRIMARY KEY (b, a))");
  Exec(R"(CREATE TABLE t(
      x INT CONSTRAINT x_positive CHECK (x > 0) -- a comment, with comma
        CONSTRAINT x_once UNIQUE ON CONFLICT ROLLBACK,
      y INT REFERENCES p(c) ON DELETE SET NULL ON UPDATE CASCADE
        DEFERRABLE INITIALLY DEFERRED,
      z INT NOT NULL /* , */ REFERENCES p(c) NOT DEFERRABLE,
      w INT CONSTRAINT w_fk REFERENCES p MATCH FULL,
      "odd, (name" TEXT CHECK ("odd, (name" <> ')'),
      CONSTRAINT t_pk PRIMARY KEY (x, y),
      CONSTRAINT t_uq UNIQUE (y, z),
      CONSTRAINT t_fk FOREIGN KEY (x, y) REFERENCES p (b, a)
        ON DELETE RESTRICT
      CHECK (x < y)
      ) WITHOUT ROWID, STRICT)");
  const CatalogTable table = Read("t");
  EXPECT_EQ(table.primary_key.name, "t_pk");
  EXPECT_THAT(table.primary_key.columns, ElementsAre("x", "y"));
  ASSERT_THAT(table.checks, SizeIs(3));
  EXPECT_EQ(table.checks[0].name, "x_positive");
  EXPECT_EQ(table.checks[0].expression, "x > 0");
  EXPECT_EQ(table.checks[1].name, "");
  EXPECT_EQ(table.checks[1].expression, "\"odd, (name\" <> ')'");
  EXPECT_EQ(table.checks[2].expression, "x < y");
  ASSERT_THAT(table.uniques, SizeIs(2));
  EXPECT_EQ(table.uniques[0].name, "x_once");
  EXPECT_THAT(table.uniques[0].columns, ElementsAre("x"));
  EXPECT_EQ(table.uniques[1].name, "t_uq");
  EXPECT_THAT(table.uniques[1].columns, ElementsAre("y", "z"));
  ASSERT_THAT(table.foreign_keys, SizeIs(4));
  const auto& y = table.foreign_keys[0];
  EXPECT_THAT(y.columns, ElementsAre("y"));
  EXPECT_EQ(y.referred_table, "p");
  EXPECT_THAT(y.referred_columns, ElementsAre("c"));
  EXPECT_EQ(y.on_delete, "SET NULL");
  EXPECT_EQ(y.on_update, "CASCADE");
  EXPECT_TRUE(y.deferrable);
  EXPECT_TRUE(y.initially_deferred);
  EXPECT_FALSE(table.foreign_keys[1].deferrable);
  EXPECT_EQ(table.foreign_keys[2].name, "w_fk");
  EXPECT_THAT(table.foreign_keys[2].referred_columns, IsEmpty());
  EXPECT_EQ(table.foreign_keys[2].match, "FULL");
  EXPECT_EQ(table.foreign_keys[3].name, "t_fk");
  EXPECT_THAT(table.foreign_keys[3].columns, ElementsAre("x", "y"));
  EXPECT_THAT(table.foreign_keys[3].referred_columns, ElementsAre("b", "a"));
  EXPECT_EQ(table.foreign_keys[3].on_delete, "RESTRICT");
  EXPECT_THAT(table.options, ElementsAre("WITHOUT ROWID", "STRICT"));
  // Indexes that serve a constraint are not listed.
  EXPECT_THAT(table.indexes, IsEmpty());
}

// SCH-45
TEST_F(CatalogTest, ReadsIndexesOnExpressionsAndPartialOnes) {
  Exec("CREATE TABLE t(a TEXT, b TEXT, \"c,d\" INT)");
  Exec("CREATE INDEX i1 ON t(lower(a), b COLLATE NOCASE DESC)");
  Exec("CREATE UNIQUE INDEX i2 ON t(\"c,d\") WHERE b IS NOT NULL AND a <> ')'");
  Exec("CREATE INDEX i3 ON t(substr(a, 1, 3) COLLATE RTRIM DESC, (b || 'x'))");
  const CatalogTable table = Read("t");
  ASSERT_THAT(table.indexes, SizeIs(3));
  const auto& i1 = table.indexes[0];
  EXPECT_EQ(i1.name, "i1");
  EXPECT_FALSE(i1.unique);
  ASSERT_THAT(i1.parts, SizeIs(2));
  EXPECT_EQ(i1.parts[0].expression, "lower(a)");
  EXPECT_EQ(i1.parts[0].column, "");
  EXPECT_EQ(i1.parts[1].column, "b");
  EXPECT_TRUE(i1.parts[1].descending);
  EXPECT_EQ(i1.parts[1].collation, "NOCASE");
  const auto& i2 = table.indexes[1];
  EXPECT_TRUE(i2.unique);
  EXPECT_EQ(i2.parts[0].column, "c,d");
  EXPECT_EQ(i2.where, "b IS NOT NULL AND a <> ')'");
  const auto& i3 = table.indexes[2];
  ASSERT_THAT(i3.parts, SizeIs(2));
  EXPECT_EQ(i3.parts[0].expression, "substr(a, 1, 3)");
  EXPECT_EQ(i3.parts[0].collation, "RTRIM");
  EXPECT_TRUE(i3.parts[0].descending);
  EXPECT_EQ(i3.parts[1].expression, "(b || 'x')");
}

TEST_F(CatalogTest, ReadsTheTextOfViews) {
  Exec("CREATE TABLE t(a INT)");
  Exec("CREATE VIEW \"as view\"(one, two) AS SELECT a, a FROM t -- end");
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto view,
                             catalog_->ReadView(connection_, "", "as view"));
  EXPECT_EQ(view.definition, "SELECT a, a FROM t -- end");
  const CatalogTable columns = Read("as view");
  EXPECT_EQ(columns.kind, CatalogTableKind::kView);
  ASSERT_THAT(columns.columns, SizeIs(2));
  EXPECT_EQ(columns.columns[1].name, "two");
  EXPECT_THAT(catalog_->ReadView(connection_, "", "t"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(CatalogTest, ReadsAnAttachedSchema) {
  // Attaching is not possible inside a transaction.
  engine::TransactionOptions autocommit;
  autocommit.isolation = engine::IsolationLevel::kAutocommit;
  CUPEL_ASSERT_OK(connection_.set_transaction_options(autocommit));
  Exec("ATTACH ':memory:' AS \"other \"\"one\"");
  Exec("CREATE TABLE \"other \"\"one\".t(x INT)");
  Exec("CREATE INDEX \"other \"\"one\".i ON t(x)");
  EXPECT_THAT(catalog_->TableNames(connection_, "other \"one"),
              IsOkAndHolds(ElementsAre("t")));
  const CatalogTable table = Read("t", "other \"one");
  EXPECT_EQ(table.schema, "other \"one");
  EXPECT_THAT(table.columns, SizeIs(1));
  EXPECT_THAT(table.indexes, SizeIs(1));
}

// D4
TEST_F(CatalogTest, HostileNamesAreData) {
  Exec("CREATE TABLE orm_canary(x)");
  const std::string names[] = {"'; DROP TABLE orm_canary; --",
                               "\"; DROP TABLE orm_canary; --",
                               "a'b\"c`d]e",
                               "x) (y",
                               "-- c",
                               "/* c",
                               "ta,ble",
                               " blank ",
                               "CHECK",
                               "new\nline",
                               "émoji👋"};
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    std::string quoted;
    CUPEL_ASSERT_OK(sqlite::SqliteDialect()->AppendIdentifier(name, &quoted));
    Exec(absl::StrCat("CREATE TABLE ", quoted, "(", quoted, " INT CONSTRAINT ",
                      quoted, " CHECK (", quoted, " > 0), u INT, CONSTRAINT ",
                      quoted, " UNIQUE (u, ", quoted, "))"));
    Exec(absl::StrCat("CREATE INDEX \"i", quoted.substr(1), " ON ", quoted, "(",
                      quoted, ")"));
    const CatalogTable table = Read(name);
    EXPECT_EQ(table.name, name);
    ASSERT_THAT(table.columns, SizeIs(2));
    EXPECT_EQ(table.columns[0].name, name);
    ASSERT_THAT(table.checks, SizeIs(1));
    EXPECT_EQ(table.checks[0].name, name);
    ASSERT_THAT(table.uniques, SizeIs(1));
    EXPECT_EQ(table.uniques[0].name, name);
    EXPECT_THAT(table.uniques[0].columns, ElementsAre("u", name));
    ASSERT_THAT(table.indexes, SizeIs(1));
    EXPECT_EQ(table.indexes[0].name, absl::StrCat("i", name));
    EXPECT_EQ(table.indexes[0].parts[0].column, name);
  }
  EXPECT_THAT(catalog_->HasTable(connection_, "", "orm_canary"),
              IsOkAndHolds(true));
}

TEST(TableDefinitionTest, UnderstandsAsMuchAsItCan) {
  for (absl::string_view sql :
       {"", "CREATE", "CREATE TABLE t", "CREATE TABLE t(", "CREATE TABLE t(a",
        "CREATE TABLE t(a CHECK", "CREATE TABLE t(a CHECK (",
        "CREATE TABLE t(,", "CREATE TABLE t(a REFERENCES",
        "CREATE TABLE t(CONSTRAINT", "CREATE TABLE t(a, FOREIGN KEY (a",
        "CREATE TABLE t('"}) {
    ParseCreateTable(sql);
    ParseCreateIndex(sql);
    ParseCreateView(sql);
  }
}

}  // namespace
}  // namespace cupel::sqlite_internal
