#include "cupel/engine/catalog.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/dialects/mariadb/mariadb.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/servers/mariadb_server.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::mariadb {
namespace {

using cupel::testing::IsOk;
using cupel::testing::IsOkAndHolds;
using cupel::testing::MariadbServer;
using cupel::testing::StatusIs;
using engine::CatalogTable;
using engine::TypeKind;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CatalogTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!MariadbServer::IsInstalled()) GTEST_SKIP() << "no MariaDB here";
    MariadbServer& server = MariadbServer::Shared();
    ASSERT_THAT(server.CreateDatabase("catalog"), IsOk());
    engine_ = engine::Engine::Create({.uri = server.url("catalog")}).value();
    connection_.emplace(engine_->Connect().value());
    ASSERT_THAT(connection_->set_transaction_options(
                    {.isolation = engine::IsolationLevel::kAutocommit}),
                IsOk());
  }

  void Exec(absl::string_view sql) {
    ASSERT_THAT(connection_->Execute(sql), IsOk()) << sql;
  }
  CatalogTable Read(absl::string_view table) {
    absl::StatusOr<CatalogTable> result =
        catalog_->ReadTable(*connection_, "", table);
    EXPECT_THAT(result, IsOk());
    return result.ok() ? *std::move(result) : CatalogTable();
  }

  std::optional<engine::Engine> engine_;
  std::optional<engine::Connection> connection_;
  std::unique_ptr<engine::Catalog> catalog_ = MariadbDialect()->MakeCatalog();
};

TEST_F(CatalogTest, ListsTablesViewsAndSchemas) {
  Exec("CREATE TABLE b (x INT)");
  Exec("CREATE TABLE a (x INT)");
  Exec("CREATE VIEW v AS SELECT 1 AS one");
  EXPECT_THAT(catalog_->TableNames(*connection_, ""),
              IsOkAndHolds(ElementsAre("a", "b")));
  EXPECT_THAT(catalog_->TableNames(*connection_, "catalog"),
              IsOkAndHolds(ElementsAre("a", "b")));
  Exec("CREATE TABLE versioned (x INT) WITH SYSTEM VERSIONING");
  EXPECT_THAT(catalog_->TableNames(*connection_, ""),
              IsOkAndHolds(ElementsAre("a", "b", "versioned")));
  EXPECT_THAT(catalog_->ViewNames(*connection_, ""),
              IsOkAndHolds(ElementsAre("v")));
  EXPECT_THAT(catalog_->SchemaNames(*connection_),
              IsOkAndHolds(Contains("catalog")));
  EXPECT_THAT(catalog_->DefaultSchema(*connection_), IsOkAndHolds("catalog"));
  EXPECT_THAT(catalog_->HasTable(*connection_, "", "a"), IsOkAndHolds(true));
  EXPECT_THAT(catalog_->HasTable(*connection_, "", "v"), IsOkAndHolds(true));
  EXPECT_THAT(catalog_->HasTable(*connection_, "", "c"), IsOkAndHolds(false));
  EXPECT_THAT(catalog_->HasTable(*connection_, "other", "a"),
              IsOkAndHolds(false));
  EXPECT_THAT(catalog_->ReadTable(*connection_, "", "c"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(CatalogTest, ReadsColumns) {
  Exec(
      "CREATE TABLE t (id BIGINT NOT NULL PRIMARY KEY AUTO_INCREMENT, "
      "name VARCHAR(80) NOT NULL DEFAULT 'it''s' COMMENT 'its name', "
      "score DECIMAL(10, 2), made DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6), "
      "extra JSON, twice DECIMAL(12, 2) AS (score * 2) STORED, key_ UUID, "
      "colour ENUM('red', 'green') COLLATE utf8mb4_bin) COMMENT 'all of them' "
      "COLLATE utf8mb4_nopad_bin");
  const CatalogTable table = Read("t");
  EXPECT_EQ(table.comment, "all of them");
  ASSERT_THAT(table.columns, SizeIs(8));
  EXPECT_TRUE(table.columns[0].autoincrement);
  EXPECT_TRUE(table.columns[0].never_reuses_keys);
  EXPECT_EQ(table.columns[0].type, engine::BigInteger());
  EXPECT_EQ(table.columns[0].primary_key_position, 1);
  EXPECT_THAT(table.primary_key.columns, ElementsAre("id"));
  EXPECT_EQ(table.columns[1].type, engine::String(80));
  EXPECT_FALSE(table.columns[1].nullable);
  EXPECT_EQ(table.columns[1].server_default, "'it''s'");
  EXPECT_EQ(table.columns[1].comment, "its name");
  EXPECT_EQ(table.columns[1].collation, "");  // the table's
  EXPECT_EQ(table.columns[4].collation, "");  // of all JSON
  EXPECT_EQ(table.columns[7].collation, "utf8mb4_bin");
  EXPECT_EQ(table.columns[2].type, engine::Numeric(10, 2));
  EXPECT_TRUE(table.columns[2].nullable);
  EXPECT_EQ(table.columns[2].server_default, std::nullopt);
  EXPECT_EQ(table.columns[3].type, engine::Timestamp());
  EXPECT_EQ(table.columns[3].server_default, "current_timestamp(6)");
  EXPECT_EQ(table.columns[4].type, engine::JsonType());
  ASSERT_TRUE(table.columns[5].computed.has_value());
  EXPECT_EQ(table.columns[5].computed->expression, "`score` * 2");
  EXPECT_TRUE(table.columns[5].computed->stored);
  EXPECT_EQ(table.columns[6].type, engine::UuidType());
  EXPECT_EQ(table.columns[7].type.kind, TypeKind::kEnum);
  EXPECT_THAT(table.columns[7].type.enumerators->names,
              ElementsAre("red", "green"));
  EXPECT_THAT(table.checks, IsEmpty());
}

TEST_F(CatalogTest, ReadsConstraintsAndIndexes) {
  Exec("CREATE TABLE p (a INT, b INT, PRIMARY KEY (b, a))");
  Exec(
      "CREATE TABLE c (x INT, y INT, z INT, "
      "CONSTRAINT fk_p FOREIGN KEY (x, y) REFERENCES p (b, a) "
      "ON DELETE CASCADE ON UPDATE SET NULL, "
      "CONSTRAINT uq_z UNIQUE (z, y), CONSTRAINT positive CHECK (z > 0), "
      "INDEX ix (y, z DESC))");
  EXPECT_THAT(Read("p").primary_key.columns, ElementsAre("b", "a"));
  const CatalogTable table = Read("c");
  ASSERT_THAT(table.foreign_keys, SizeIs(1));
  EXPECT_EQ(table.foreign_keys[0].name, "fk_p");
  EXPECT_THAT(table.foreign_keys[0].columns, ElementsAre("x", "y"));
  EXPECT_EQ(table.foreign_keys[0].referred_table, "p");
  EXPECT_EQ(table.foreign_keys[0].referred_schema, "");
  EXPECT_THAT(table.foreign_keys[0].referred_columns, ElementsAre("b", "a"));
  EXPECT_EQ(table.foreign_keys[0].on_delete, "CASCADE");
  EXPECT_EQ(table.foreign_keys[0].on_update, "SET NULL");
  ASSERT_THAT(table.uniques, SizeIs(1));
  EXPECT_EQ(table.uniques[0].name, "uq_z");
  EXPECT_THAT(table.uniques[0].columns, ElementsAre("z", "y"));
  ASSERT_THAT(table.checks, SizeIs(1));
  EXPECT_EQ(table.checks[0].name, "positive");
  EXPECT_EQ(table.checks[0].expression, "`z` > 0");
  ASSERT_THAT(table.indexes, SizeIs(1));
  EXPECT_EQ(table.indexes[0].name, "ix");
  ASSERT_THAT(table.indexes[0].parts, SizeIs(2));
  EXPECT_EQ(table.indexes[0].parts[0].column, "y");
  EXPECT_TRUE(table.indexes[0].parts[1].descending);
}

// Elsewhere a sequence of this database would be drawn from.
TEST_F(CatalogTest, ADefaultDoesNotNameItsOwnDatabase) {
  Exec("CREATE SEQUENCE counted");
  Exec("CREATE TABLE t (a BIGINT DEFAULT nextval(counted), b INT DEFAULT 7)");
  const CatalogTable table = Read("t");
  ASSERT_THAT(table.columns, SizeIs(2));
  EXPECT_EQ(table.columns[0].server_default, "nextval(`counted`)");
  EXPECT_EQ(table.columns[1].server_default, "7");
  Exec("CREATE DATABASE `other``s`");
  Exec("CREATE SEQUENCE `other``s`.far");
  Exec("ALTER TABLE t ADD COLUMN c BIGINT DEFAULT nextval(`other``s`.far)");
  EXPECT_EQ(Read("t").columns[2].server_default, "nextval(`other``s`.`far`)");
}

TEST_F(CatalogTest, ReadsViews) {
  Exec("CREATE TABLE t (a INT)");
  Exec("CREATE VIEW v AS SELECT a FROM t");
  const auto view = catalog_->ReadView(*connection_, "", "v");
  ASSERT_THAT(view, IsOk());
  EXPECT_NE(view->definition.find("select"), std::string::npos);
  EXPECT_THAT(Read("v").columns, SizeIs(1));
  EXPECT_THAT(catalog_->ReadView(*connection_, "", "t"),
              StatusIs(absl::StatusCode::kNotFound));
}

// D4: names are data.
TEST_F(CatalogTest, ReadsTablesWithHostileNames) {
  Exec("CREATE TABLE `x' OR '1'='1` (`a``b\"c` INT)");
  EXPECT_THAT(Read("x' OR '1'='1").columns, SizeIs(1));
  EXPECT_EQ(Read("x' OR '1'='1").columns[0].name, "a`b\"c");
  EXPECT_THAT(catalog_->HasTable(*connection_, "", "' OR '1'='1"),
              IsOkAndHolds(false));
}

}  // namespace
}  // namespace cupel::mariadb
