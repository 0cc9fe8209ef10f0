// What each dialect that is linked makes of one element of DDL: a golden file
// an element, a section a dialect.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/golden.h"
#include "gtest/gtest.h"

namespace cupel::schema {
namespace {

std::shared_ptr<const Table> Build(const TableBuilder& builder) {
  absl::StatusOr<std::shared_ptr<const Table>> table = builder.Build();
  EXPECT_TRUE(table.ok()) << table.status();
  return table.ok() ? *table : nullptr;
}

TableBuilder Keyed(std::string name) {
  TableBuilder builder(std::move(name));
  builder.Column(
      {.name = "id", .type = engine::BigInteger(), .primary_key = true});
  return builder;
}

using Render =
    std::function<absl::StatusOr<std::string>(const DdlCompiler& compiler)>;

void Expect(absl::string_view element, const Render& render) {
  testing::GoldenFile golden(
      absl::StrCat("schema/testdata/dialects/", element, ".golden"));
  for (const std::string& name : engine::RegisteredDialects()) {
    const auto dialect = engine::FindDialect(name);
    ASSERT_TRUE(dialect.ok());
    const absl::StatusOr<std::string> sql = render(DdlCompiler(**dialect));
    golden.Expect(name, sql.ok() ? *sql : sql.status().ToString());
  }
}

void ExpectTable(absl::string_view element, const TableBuilder& builder) {
  const auto table = Build(builder);
  Expect(element, [&](const DdlCompiler& compiler) {
    return compiler.CreateTable(*table);
  });
}

void ExpectStatements(absl::string_view element, const MetaData& metadata) {
  testing::GoldenFile golden(
      absl::StrCat("schema/testdata/dialects/", element, ".golden"));
  for (const std::string& name : engine::RegisteredDialects()) {
    const auto dialect = engine::FindDialect(name);
    ASSERT_TRUE(dialect.ok());
    const auto statements = metadata.CreateStatements(**dialect);
    golden.Expect(name, statements.ok() ? absl::StrJoin(*statements, ";\n")
                                        : statements.status().ToString());
  }
}

constexpr absl::string_view kColors[] = {"red", "it's"};
constexpr int64_t kColorValues[] = {0, 1};
constexpr engine::EnumDescriptor kColor = {kColors, kColorValues};

// SCH-07, SCH-08
TEST(DialectsTest, Types) {
  ExpectTable("types_numbers",
              Keyed("t")
                  .Column({.name = "a", .type = engine::Boolean()})
                  .Column({.name = "b", .type = engine::SmallInteger()})
                  .Column({.name = "c", .type = engine::Integer()})
                  .Column({.name = "d", .type = engine::BigInteger()})
                  .Column({.name = "e", .type = engine::Float()})
                  .Column({.name = "f", .type = engine::Double()})
                  .Column({.name = "g", .type = engine::Numeric(10, 2)}));
  ExpectTable("types_texts",
              Keyed("t")
                  .Column({.name = "a", .type = engine::String(80)})
                  .Column({.name = "b", .type = engine::Text()})
                  .Column({.name = "c", .type = engine::Binary(16)})
                  .Column({.name = "d", .type = engine::Binary()})
                  .Column({.name = "e", .type = engine::UuidType()})
                  .Column({.name = "f", .type = engine::JsonType()}));
  ExpectTable("types_times",
              Keyed("t")
                  .Column({.name = "a", .type = engine::Date()})
                  .Column({.name = "b", .type = engine::Time()})
                  .Column({.name = "c", .type = engine::Timestamp()})
                  .Column({.name = "d", .type = engine::Timestamp(true)})
                  .Column({.name = "e", .type = engine::Interval()}));
  ExpectTable("types_enum",
              Keyed("t").Column(
                  {.name = "a", .type = engine::EnumType(&kColor, false)}));
  // SCH-09
  ExpectTable("types_exact",
              Keyed("t").Column(
                  {.name = "a", .type = engine::ExactType("DECIMAL(7,1)")}));
}

// SCH-05
TEST(DialectsTest, Columns) {
  ExpectTable(
      "default_literal",
      Keyed("t").Column({.name = "name",
                         .type = engine::String(80),
                         .nullable = false,
                         .server_default = SqlFragment::Literal(
                             engine::String(80),
                             engine::Value::Text("it's \\ \"new\"\nline"))}));
  ExpectTable("default_now",
              Keyed("t").Column(
                  {.name = "made",
                   .type = engine::Timestamp(),
                   .server_default = SqlFragment::Text("CURRENT_TIMESTAMP")}));
  ExpectTable("computed", Keyed("t").Column(
                              {.name = "twice",
                               .type = engine::Integer(),
                               .computed = ComputedOptions{
                                   .expression = SqlFragment::Text("(id * 2)"),
                                   .storage = ComputedStorage::kStored}}));
  // SCH-24
  ExpectTable("identity",
              TableBuilder("t").Column(
                  {.name = "id",
                   .type = engine::BigInteger(),
                   .primary_key = true,
                   .identity = IdentityOptions{.start = 10, .increment = 2}}));
  ExpectTable("quoted_names",
              TableBuilder("order").Column(
                  {.name = "Odd\"`Name", .type = engine::Integer()}));
}

// SCH-06, SCH-27, SCH-28
TEST(DialectsTest, Constraints) {
  ExpectTable(
      "constraints",
      TableBuilder("line")
          .Column({.name = "no", .type = engine::Integer()})
          .Column({.name = "item", .type = engine::Integer()})
          .PrimaryKey({.name = "pk_line", .columns = {"no"}})
          .Unique({.name = "uq_item", .columns = {"item"}})
          .Check({.name = "positive", .condition = SqlFragment::Text("no > 0")})
          .ForeignKey({.name = "fk_item",
                       .columns = {"item"},
                       .referred_table = "item",
                       .referred_columns = {"id"},
                       .on_delete = ForeignKeyAction::kCascade,
                       .on_update = ForeignKeyAction::kSetNull}));
  ExpectTable("deferrable",
              TableBuilder("line")
                  .Column({.name = "item", .type = engine::Integer()})
                  .ForeignKey({.name = "fk_item",
                               .columns = {"item"},
                               .referred_table = "item",
                               .referred_columns = {"id"},
                               .deferrable = Deferrable::kInitiallyDeferred}));
}

// SCH-31
TEST(DialectsTest, Indexes) {
  const auto table = Build(
      Keyed("t")
          .Column({.name = "a", .type = engine::Integer()})
          .Column({.name = "b", .type = engine::String(10)})
          .Index({.name = "ix_plain", .parts = {{.column = "a"}}})
          .Index({.name = "ix_partial",
                  .parts = {{.column = "a", .order = SortOrder::kDescending}},
                  .unique = true,
                  .where = SqlFragment::Text("a > 5")})
          .Index({.name = "ix_expression",
                  .parts = {{.expression = SqlFragment::Text("lower(b)")}}})
          .Index({.name = "ix_include",
                  .parts = {{.column = "a"}},
                  .method = "btree",
                  .include = {"b"}}));
  for (const Index& index : table->indexes()) {
    Expect(absl::StrCat("index_", index.name().substr(3)),
           [&](const DdlCompiler& compiler) {
             return compiler.CreateIndex(index);
           });
  }
  Expect("drop_index", [&](const DdlCompiler& compiler) {
    return compiler.DropIndex(table->indexes()[0], true);
  });
}

// SCH-33
TEST(DialectsTest, Comments) {
  const auto table = Build(
      Keyed("t")
          .Column(
              {.name = "c", .type = engine::Integer(), .comment = "a column's"})
          .Comment("a table"));
  Expect("comments",
         [&](const DdlCompiler& compiler) -> absl::StatusOr<std::string> {
           auto create = compiler.CreateTable(*table);
           auto comments = compiler.Comments(*table);
           if (!create.ok()) return create;
           if (!comments.ok()) return comments.status();
           comments->insert(comments->begin(), *create);
           return absl::StrJoin(*comments, ";\n");
         });
}

// What a dialect says of a table with this comment.
engine::ErrorKind OnComment(const engine::Dialect& dialect,
                            const std::string& comment) {
  const auto table = Build(Keyed("t").Comment(comment));
  const DdlCompiler compiler(dialect);
  absl::Status status = compiler.CreateTable(*table).status();
  if (status.ok()) status = compiler.Comments(*table).status();
  return engine::KindOf(status);
}

TEST(DialectsTest, ACommentThatWouldNotBeKeptIsRefused) {
  for (const std::string& name : engine::RegisteredDialects()) {
    SCOPED_TRACE(name);
    const auto dialect = engine::FindDialect(name);
    ASSERT_TRUE(dialect.ok());
    const engine::Capabilities& can = (*dialect)->capabilities();
    const auto refused_if = [](bool refused) {
      return refused ? engine::ErrorKind::kInvalidValue
                     : engine::ErrorKind::kNone;
    };
    // Some databases could write one, but none keeps it in a comment.
    EXPECT_EQ(OnComment(**dialect, std::string("a\0b", 3)),
              refused_if(can.comments));
    EXPECT_EQ(OnComment(**dialect, "\xF0\x9F\x92\xA9"),
              refused_if(!can.comments_beyond_bmp));
  }
}

// SCH-40
TEST(DialectsTest, OtherElements) {
  const auto table =
      Build(Keyed("t").Column({.name = "c", .type = engine::Date()}));
  Expect("drop_table", [&](const DdlCompiler& compiler) {
    return compiler.DropTable(*table, true);
  });
  Expect("empty_table", [&](const DdlCompiler& compiler) {
    return compiler.EmptyTable(*table);
  });
  Expect("add_column", [&](const DdlCompiler& compiler) {
    return compiler.AddColumn(table->columns()[1]);
  });
  Expect("drop_column", [&](const DdlCompiler& compiler) {
    return compiler.DropColumn(table->columns()[1]);
  });
  Expect("create_schema", [&](const DdlCompiler& compiler) {
    return compiler.CreateSchema("app", true);
  });
  Expect("create_view", [&](const DdlCompiler& compiler) {
    return compiler.CreateView("", "v", SqlFragment::Text("SELECT 1"));
  });
}

// SCH-25, SCH-40
TEST(DialectsTest, Sequences) {
  const Sequence sequence = {.name = "Order",
                             .start = 10,
                             .increment = -2,
                             .minimum = -100,
                             .maximum = 10,
                             .cache = 5,
                             .cycle = true};
  Expect("create_sequence", [&](const DdlCompiler& compiler) {
    return compiler.CreateSequence(sequence, true);
  });
  Expect("drop_sequence", [&](const DdlCompiler& compiler) {
    return compiler.DropSequence({.name = "s", .schema = "app"}, true);
  });
  Expect("next_value", [&](const DdlCompiler& compiler) {
    return compiler.NextValue({.name = "it's", .schema = "App"});
  });
  ExpectTable("sequence_default",
              TableBuilder("t").Column({.name = "id",
                                        .type = engine::BigInteger(),
                                        .primary_key = true,
                                        .sequence = sequence}));
  MetaData metadata;
  ASSERT_TRUE(metadata
                  .Add(Build(TableBuilder("t").Column(
                      {.name = "id",
                       .type = engine::BigInteger(),
                       .primary_key = true,
                       .sequence = Sequence{.name = "s", .start = 3}})))
                  .ok());
  ASSERT_TRUE(metadata.AddSequence({.name = "s"}).ok());
  ExpectStatements("sequence_statements", metadata);
}

// SCH-17: the type stands before the table that uses it.
TEST(DialectsTest, NamedEnums) {
  MetaData metadata;
  ASSERT_TRUE(
      metadata
          .Add(Build(Keyed("t").Column(
              {.name = "c", .type = engine::NamedEnumType("Color", &kColor)})))
          .ok());
  ExpectStatements("named_enum", metadata);
}

// SCH-14
TEST(DialectsTest, Variants) {
  ExpectTable(
      "variant",
      TableBuilder("t")
          .Column({.name = "id",
                   .type = engine::BigInteger(),
                   .variants = {{"sqlite", engine::Integer()}},
                   .primary_key = true,
                   .autoincrement = Autoincrement::kNo})
          .Column({.name = "mail",
                   .type = engine::String(80),
                   .variants = {{"postgresql", engine::ExactType("CITEXT")}}})
          .Column({.name = "price",
                   .type = engine::Numeric(12, 2),
                   .variants = {{"mariadb", engine::Numeric(20, 2)}}}));
  // Stored otherwise.
  ExpectTable("variant_refused",
              TableBuilder("t").Column(
                  {.name = "price",
                   .type = engine::Numeric(12, 2),
                   .variants = {{"sqlite", engine::Numeric(12, 3)}}}));
}

// ENG-13
TEST(DialectsTest, DialectOptions) {
  ExpectTable("dialect_options",
              Keyed("t")
                  .Option("mariadb", "engine", "Aria")
                  .Option("mariadb", "ROW_FORMAT", "DYNAMIC")
                  .Option("postgresql", "WITH", "(fillfactor = 70)")
                  .Option("sqlite", "STRICT"));
  ExpectTable("dialect_options_refused",
              Keyed("t")
                  .Option("mariadb", "ENGINE", "Aria; DROP TABLE t")
                  .Option("postgresql", "WITH (", "a")
                  .Option("sqlite", "STRICT", "--"));
  const auto table =
      Build(Keyed("t")
                .Column({.name = "c", .type = engine::Integer()})
                .Index({.name = "ix",
                        .parts = {{.column = "c"}},
                        .variants = {{.dialect = "postgresql",
                                      .where = SqlFragment::Text("c > 0"),
                                      .method = "btree",
                                      .options = "WITH (fillfactor = 70)"},
                                     {.dialect = "sqlite",
                                      .where = SqlFragment::Text("c > 1")}}}));
  Expect("index_variants", [&](const DdlCompiler& compiler) {
    return compiler.CreateIndex(table->indexes()[0]);
  });
}

// SCH-29
TEST(DialectsTest, ExcludeConstraints) {
  ExpectTable(
      "exclude",
      Keyed("booking")
          .Column({.name = "room", .type = engine::Integer()})
          .Column({.name = "during", .type = engine::ExactType("TSRANGE")})
          .Exclude({.method = "gist",
                    .parts = {{.column = "room", .op = "="},
                              {.column = "during", .op = "&&"}}})
          .Exclude({.name = "ex_half",
                    .method = "gist",
                    .parts = {{.expression = SqlFragment::Text("room / 2"),
                               .op = "<>",
                               .operator_class = "gist_int4_ops"}},
                    .where = SqlFragment::Text("room > 0"),
                    .deferrable = Deferrable::kInitiallyDeferred}));
}

// SCH-16
TEST(DialectsTest, CompileHooksChangeOneDialect) {
  const auto shout = [](const engine::Dialect& dialect, const Table& table,
                        std::string sql) -> absl::StatusOr<std::string> {
    return absl::StrCat(sql, " /* ", dialect.name(), " ", table.name(), " */");
  };
  MetaData metadata;
  metadata.AddHook(CompileHook{.dialects = {"mariadb"}, .create_table = shout});
  ASSERT_TRUE(metadata
                  .Add(Build(Keyed("t").Hook(CompileHook{
                      .dialects = {"postgresql"}, .create_table = shout})))
                  .ok());
  ExpectStatements("compile_hook", metadata);
}

// SCH-03, ENG-08
TEST(DialectsTest, CyclesAreBrokenByAlter) {
  MetaData metadata;
  for (const char* name : {"a", "b"}) {
    const char* other = *name == 'a' ? "b" : "a";
    ASSERT_TRUE(metadata
                    .Add(Build(Keyed(name).Column(
                        {.name = absl::StrCat(other, "_id"),
                         .type = engine::BigInteger(),
                         .foreign_keys = {{.name = absl::StrCat("fk_", name),
                                           .referred_table = other}}})))
                    .ok());
  }
  ExpectStatements("cycle", metadata);
}

}  // namespace
}  // namespace cupel::schema
