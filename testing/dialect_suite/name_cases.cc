// Names: every name that a database keeps works wherever a name may stand.

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/dialect_suite/dialect_test.h"

namespace cupel::dialect_suite {
namespace {

using query::TypedSelect;
using ::testing::ElementsAre;

// What names of columns and parameters have broken elsewhere.
struct Name {
  const char* label;  // of the case
  const char* text;
};
constexpr Name kNames[] = {
    {"Plain", "boring"},
    {"Umlaut", "\u00fcml\u00e4ut"},
    {"Blank", "per cent"},
    {"Percent", "per % cent"},
    {"PercentParentheses", "%percent(ens)yah"},
    {"Colons", "col:ons"},
    {"DoubleColon", "_starts:withcolon:ons:"},
    {"Brackets", "[brackets]"},
    {"Braces", "{curly} braces"},
    {"Parentheses", "more :: %colons%"},
    {"Dot", "_name.with.dot"},
    {"Slash", "/slashes/"},
    {"Backslash", "back\\slash"},
    {"Question", "q?marks"},
    {"Dollar", "$1 dollar"},
    {"SingleQuote", "apo'strophe"},
    {"DoubleQuote", "quo\"te"},
    {"Backtick", "back`tick"},
    {"Digit", "1numeric"},
    {"Reserved", "select"},
    {"Mixed", "MixedCase"},
    {"Comment", "-- no /* comment */"},
    {"Semicolon", "semi;colon"},
};

class DifficultNameTest : public DialectTest,
                          public ::testing::WithParamInterface<Name> {
 protected:
  std::string name() const { return GetParam().text; }
  const schema::Table& MakeColumn() {
    return Create(
        Keyed("t").Column({.name = name(), .type = engine::String(60)}));
  }
};

TEST_P(DifficultNameTest, OfAParameter) {
  const auto sum = TypedSelect(query::Parameter<int64_t>(name()) + int64_t{1});
  const std::string parameter = name();
  const query::ParameterValue values[] = {
      {parameter, engine::Value::Int64(41)}};
  CUPEL_ASSERT_OK_AND_ASSIGN(
      query::ResultCursor cursor,
      query::Execute(connection(), cache(), sum, values));
  EXPECT_THAT(cursor.Next(), IsOkAndHolds(true));
  EXPECT_THAT(cursor.Get<int64_t>(0), IsOkAndHolds(42));
}

TEST_P(DifficultNameTest, OfAColumn) {
  const schema::Table& table = MakeColumn();
  const auto column = Col<std::string>(table, name());
  CUPEL_ASSERT_OK(Execute(query::Insert(table).Set(column, "a")));
  CUPEL_ASSERT_OK(
      Execute(query::Update(table).Set(column, "b").Where(column == "a")));
  EXPECT_THAT(
      Scalars(TypedSelect(column).Where(column.In({"b", "c"})).OrderBy(column)),
      IsOkAndHolds(ElementsAre("b")));
  CUPEL_ASSERT_OK(Execute(query::Delete(table).Where(column == "b")));
  EXPECT_THAT(Count(table), IsOkAndHolds(0));
}

TEST_P(DifficultNameTest, OfALabel) {
  const auto select =
      TypedSelect(query::Bind(int64_t{7}).Label(name())).OrderBy(name());
  CUPEL_ASSERT_OK_AND_ASSIGN(query::ResultCursor cursor,
                             query::Execute(connection(), cache(), select));
  EXPECT_THAT(cursor.Next(), IsOkAndHolds(true));
  EXPECT_THAT(cursor.Get<int64_t>(name()), IsOkAndHolds(7));
}

TEST_P(DifficultNameTest, IsReflected) {
  MakeColumn();
  schema::Inspector inspector(connection());
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto* found, inspector.Describe("t"));
  ASSERT_EQ(found->columns.size(), 2u);
  EXPECT_EQ(found->columns[1].name, name());
}

TEST_P(DifficultNameTest, OfATableAndItsIndexAndKey) {
  const schema::Table& table =
      Create(Keyed(name())
                 .Column({.name = "n", .type = engine::Integer()})
                 .Column({.name = "up", .type = engine::BigInteger()})
                 .ForeignKey({.name = absl::StrCat("f ", name()),
                              .columns = {"up"},
                              .referred_table = name(),
                              .referred_columns = {"id"}})
                 .Index({.name = absl::StrCat("i ", name()),
                         .parts = {{.column = "n"}}}));
  const auto n = Col<int64_t>(table, "n");
  CUPEL_ASSERT_OK(Execute(query::Insert(table).Set(n, 3)));
  EXPECT_THAT(Scalars(TypedSelect(n)), IsOkAndHolds(ElementsAre(3)));
  schema::Inspector inspector(connection());
  EXPECT_THAT(inspector.HasTable(name()), IsOkAndHolds(true));
  EXPECT_THAT(inspector.HasIndex(name(), absl::StrCat("i ", name())),
              IsOkAndHolds(true));
}

TEST_P(DifficultNameTest, OfAnAliasAndASubquery) {
  const Items items = FillItems();
  const query::FromItem alias = query::Alias(items.table, name());
  EXPECT_THAT(Scalars(TypedSelect(alias.Column<int64_t>("id"))
                          .Where(alias.Column<int64_t>("id") == 2)),
              IsOkAndHolds(ElementsAre(2)));
  const query::FromItem inner =
      TypedSelect(items.id).Where(items.id < 3).Subquery(name());
  EXPECT_THAT(Scalar(TypedSelect(query::Max(inner.Column<int64_t>("id")))),
              IsOkAndHolds(2));
}

INSTANTIATE_TEST_SUITE_P(Names, DifficultNameTest, ::testing::ValuesIn(kNames),
                         [](const auto& info) {
                           return std::string(info.param.label);
                         });

using RefusedNameTest = DialectTest;

// F23, F24
TEST_F(RefusedNameTest, Empty) {
  std::string sql;
  EXPECT_THAT(dialect().AppendIdentifier("", &sql),
              StatusIs(absl::StatusCode::kInvalidArgument));
}
TEST_F(RefusedNameTest, WithNul) {
  std::string sql;
  EXPECT_THAT(dialect().AppendIdentifier(absl::string_view("a\0b", 3), &sql),
              StatusIs(absl::StatusCode::kInvalidArgument));
}
TEST_F(RefusedNameTest, ThatIsNoUtf8) {
  std::string sql;
  EXPECT_THAT(dialect().AppendIdentifier("bad\xff", &sql),
              StatusIs(absl::StatusCode::kInvalidArgument));
}
// Of letters that are one byte each; 0 for no limit.
size_t LongestName(const engine::Capabilities& can) {
  return can.max_identifier_bytes != 0 ? can.max_identifier_bytes
                                       : can.max_identifier_characters;
}

TEST_F(RefusedNameTest, TooLong) {
  const size_t longest = LongestName(can());
  CUPEL_SUITE_NEEDS(longest != 0, "a limit of identifiers");
  std::string sql;
  EXPECT_THAT(dialect().AppendIdentifier(std::string(longest + 1, 'x'), &sql),
              StatusIs(absl::StatusCode::kInvalidArgument));
}
// Characters of several bytes count as the dialect says.
TEST_F(RefusedNameTest, TooLongInCharacters) {
  const size_t longest = can().max_identifier_characters;
  CUPEL_SUITE_NEEDS(longest != 0, "a limit of identifiers in characters");
  std::string name;
  for (size_t i = 0; i < longest; ++i) name += "\u00fc";
  const schema::Table& table =
      Create(Keyed("t").Column({.name = name, .type = engine::Integer()}));
  CUPEL_ASSERT_OK(
      Execute(query::Insert(table).Set(Col<int64_t>(table, name), 7)));
  std::string sql;
  EXPECT_THAT(dialect().AppendIdentifier(name + "x", &sql),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

class LongNameTest : public DialectTest {
 protected:
  size_t longest() const {
    return LongestName(can()) == 0 ? 200 : LongestName(can());
  }
};

TEST_F(LongNameTest, OfATable) {
  const std::string name(longest(), 't');
  const schema::Table& table = Create(Keyed(name));
  EXPECT_THAT(Count(table), IsOkAndHolds(0));
  schema::Inspector inspector(connection());
  EXPECT_THAT(inspector.TableNames(), IsOkAndHolds(ElementsAre(name)));
}
TEST_F(LongNameTest, OfAColumn) {
  const std::string name(longest(), 'c');
  const schema::Table& table =
      Create(Keyed("t").Column({.name = name, .type = engine::Integer()}));
  const auto column = Col<int64_t>(table, name);
  CUPEL_ASSERT_OK(Execute(query::Insert(table).Set(column, 7)));
  EXPECT_THAT(Scalars(TypedSelect(column)), IsOkAndHolds(ElementsAre(7)));
}
TEST_F(LongNameTest, OfTwoColumnsThatDifferAtTheEnd) {
  const std::string stem(longest() - 1, 'c');
  const schema::Table& table =
      Create(Keyed("t")
                 .Column({.name = stem + "a", .type = engine::Integer()})
                 .Column({.name = stem + "b", .type = engine::Integer()}));
  const auto a = Col<int64_t>(table, stem + "a");
  const auto b = Col<int64_t>(table, stem + "b");
  CUPEL_ASSERT_OK(Execute(query::Insert(table).Set(a, 1).Set(b, 2)));
  EXPECT_THAT(All(TypedSelect(a, b)),
              IsOkAndHolds(ElementsAre(std::make_tuple(1, 2))));
}
TEST_F(LongNameTest, OfALabelIsShortened) {
  const std::string label(longest() + 40, 'l');
  CUPEL_ASSERT_OK_AND_ASSIGN(
      query::ResultCursor cursor,
      query::Execute(connection(), cache(),
                     TypedSelect(query::Bind(int64_t{7}).Label(label))));
  EXPECT_THAT(cursor.Next(), IsOkAndHolds(true));
  EXPECT_THAT(cursor.Get<int64_t>(label), IsOkAndHolds(7));
}
TEST_F(LongNameTest, OfAConstraintByConventionIsShortened) {
  schema::MetaData metadata(
      {.naming = schema::NamingConvention::Recommended()});
  const std::string stem(longest() - 1, 'n');
  CUPEL_ASSERT_OK(metadata.Add(
      *Keyed(stem)
           .Column(
               {.name = stem + "x", .type = engine::Integer(), .unique = true})
           .Column(
               {.name = stem + "y", .type = engine::Integer(), .unique = true})
           .Build()));
  CUPEL_EXPECT_OK(metadata.CreateAll(connection()));
  CUPEL_EXPECT_OK(metadata.DropAll(connection()));
}

class CaseOfNamesTest : public DialectTest {};

TEST_F(CaseOfNamesTest, CapitalsAreKept) {
  Create(Keyed("MixedCase")
             .Column({.name = "CamelColumn", .type = engine::Integer()}));
  schema::Inspector inspector(connection());
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto names, inspector.TableNames());
  ASSERT_EQ(names.size(), 1u);
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto* found, inspector.Describe(names[0]));
  EXPECT_EQ(found->columns[1].name, "CamelColumn");
  EXPECT_EQ(absl::AsciiStrToLower(names[0]), "mixedcase");
}
TEST_F(CaseOfNamesTest, NamesThatDifferInCaseOnly) {
  const absl::Status status =
      TryCreate(Keyed("t")
                    .Column({.name = "name", .type = engine::Integer()})
                    .Column({.name = "NAME", .type = engine::Integer()}));
  if (can().case_insensitive_names) {
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  } else {
    CUPEL_EXPECT_OK(status);
  }
}
TEST_F(CaseOfNamesTest, PlainWordsNeedNoQuotes) {
  EXPECT_EQ(Quoted("plain_word_1"), "plain_word_1");
  EXPECT_NE(Quoted("Not plain"), "Not plain");
  EXPECT_NE(Quoted("select"), "select");
}

// Every word that the standard reserves, as a column.
TEST_F(CaseOfNamesTest, ReservedWordsAsColumns) {
  schema::TableBuilder builder = Keyed("reserved");
  int count = 0;
  for (const absl::string_view word : engine::Syntax::StandardReservedWords()) {
    if (word == "id" || ++count > 90) continue;
    builder.Column({.name = std::string(word), .type = engine::Integer()});
  }
  const schema::Table& table = Create(builder);
  query::Insert insert(table);
  for (const schema::Column& column : table.columns()) {
    insert = insert.Set(query::ColumnExpr<int64_t>(column), 1);
  }
  CUPEL_ASSERT_OK(Execute(insert));
  EXPECT_THAT(Count(table), IsOkAndHolds(1));
}

}  // namespace
}  // namespace cupel::dialect_suite
