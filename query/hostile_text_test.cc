// Hostile texts in every place of a statement that takes a value or a name:
// they are data, or refused; nothing in the database changes by them.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/query/test_tables.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/hostile_texts.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::query {
namespace {

using ::cupel::testing::HostileTexts;
using ::cupel::testing::IsOkAndHolds;
using ::cupel::testing::StatusIs;
using ::testing::ElementsAre;

// Longer ones are more than some databases take as a pattern or a name.
constexpr size_t kLongPattern = 20000;

std::string JsonDocument(absl::string_view member) {
  std::string json = "{\"";
  for (const char c : member) {
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < ' ') {
      absl::StrAppendFormat(&json, "\\u%04x", static_cast<unsigned char>(c));
    } else {
      json.push_back(c);
    }
  }
  return json + "\":42}";
}

class HostileTextTest : public ::testing::Test {
 protected:
  HostileTextTest() {
    database_.Must("CREATE TABLE doc (id INTEGER PRIMARY KEY, body TEXT)");
    CUPEL_EXPECT_OK(database_.connection().Commit());
    witness_ = Witness();
  }
  ~HostileTextTest() override { EXPECT_EQ(Witness(), witness_); }

  // All tables, and all that the two with data hold.
  std::string Witness() {
    const auto rows = database_.All(
        TypedSelect(e_.id, e_.name, e_.age, e_.manager_id, e_.team_id)
            .OrderBy(e_.id));
    const auto teams =
        database_.All(TypedSelect(t_.id, t_.title).OrderBy(t_.id));
    const auto tables = database_.dialect().MakeCatalog()->TableNames(
        database_.connection(), "");
    return absl::StrCat(::testing::PrintToString(*rows),
                        ::testing::PrintToString(*teams),
                        ::testing::PrintToString(*tables));
  }

  // Executes to the end, and undoes it.
  absl::Status Try(const Statement& statement) {
    auto savepoint = database_.connection().BeginNested();
    if (!savepoint.ok()) return savepoint.status();
    auto cursor = Execute(database_.connection(), database_.cache(), statement);
    if (!cursor.ok()) return cursor.status();
    return cursor->Finish().status();
  }

  // The same member of the documents, as text.
  TypedExpr<std::optional<std::string>> Member(const std::string& name) const {
    return TypedExpr<std::optional<std::string>>(
        JsonAs(JsonPath(ColumnOf(*doc_->Find("body")),
                        JsonStep(absl::string_view(name))),
               JsonLeaf::kText, query_internal::StaticType<std::string>()));
  }

  // A statement for each place that takes a value.
  std::vector<Statement> WithValue(const std::string& text) const {
    const auto title = t_.title;
    const auto bound = Bind(text);
    const auto base = TypedSelect(t_.id);
    const engine::ValueView view = engine::ValueView::Text(text);
    const engine::ValueView pair[] = {view, view};
    const Expr rows[] = {Tuple({bound, title}), Tuple({bound, bound})};
    return {
        TypedSelect(bound),
        TypedSelect(title + text),
        TypedSelect(Coalesce(title, text)),
        TypedSelect(Function<std::string>("upper", text)),
        TypedSelect(Case<std::string>().When(title == text, text).Else(text)),
        TypedSelect(Case<int64_t>(title).When(text, 1).Else(0)),
        TypedSelect(Function<std::string>("lag", title, 1, text)
                        .Over({.order_by = {t_.id}})),
        base.Where(title == text),
        base.Where(title != text),
        base.Where(title < text),
        base.Where(title.IsDistinctFrom(text)),
        base.Where(title.Between(text, text)),
        base.Where(title.In({text, std::string("x")})),
        base.Where(title.NotIn({text})),
        base.Where(
            InValues(Tuple({title, title}), pair, title.type(), 2, false)),
        base.Where(Exists(TypedSelect(e_.id).Where(e_.name == text))),
        base.Where(title.Like(text)),
        base.Where(title.Contains(text)),
        base.Where(title.IStartsWith(text)),
        base.Where(Member("a") == text),
        base.GroupBy(t_.id).Having(Max(title) == text),
        base.OrderBy(Case<int64_t>(title).When(text, 1).Else(0)),
        base.Union(TypedSelect(t_.id).Where(title == text)),
        base.Where(title == text).Limit(1).Offset(0),
        base.Limit(Function<int64_t>("length", text)),
        base.Limit(1).Offset(Function<int64_t>("length", text)),
        base.Where(t_.id.In(TypedSelect(
            Values("v", {"a", "b"}, absl::MakeConstSpan(rows).subspan(1))
                .Column<int64_t>("a")))),
        Insert(t_.table).Set(title, text),
        Insert(t_.table)
            .Values({Assign(title, text)})
            .AddRow({Assign(title, text)}),
        Insert(t_.table)
            .Set(t_.id, 1)
            .Set(title, text)
            .OnConflictDoUpdate({.columns = {t_.id}}, {Assign(title, text)},
                                title != text),
        Insert(t_.table).FromSelect({title}, TypedSelect(bound)),
        Update(t_.table).Set(title, text).Where(title != text),
        Delete(t_.table).Where(title == text),
        Text("SELECT :a || ':a' /* :a */").Bind("a", text),
    };
  }

  // A query of all ids of `team` for each place that takes a name of the
  // program; the names of columns come back in `columns`.
  std::vector<Statement> WithName(const std::string& name) const {
    const FromItem alias = Alias(t_.table, name);
    const auto label = t_.id.Label(name);
    const FromItem subquery = TypedSelect(label).Subquery(name);
    const FromItem cte = TypedSelect(label).Cte(name);
    const FromItem recursive = RecursiveCte(
        name, TypedSelect(label),
        [&](const FromItem& self) -> Statement {
          const auto id = self.Column<int64_t>(name);
          return TypedSelect(id + 1).Where(id < 3);
        },
        /*union_all=*/false);
    const auto column = [&](const FromItem& item) {
      return item.Column<int64_t>(name).Label(name);
    };
    const Expr row[] = {Tuple({Bind<int64_t>(1)}), Tuple({Bind<int64_t>(2)}),
                        Tuple({Bind<int64_t>(3)})};
    return {
        TypedSelect(label),
        TypedSelect(label).OrderBy(name),
        TypedSelect(label).GroupBy(LabelName(name)),
        TypedSelect(alias.Column<int64_t>(*t_.table.Find("id")).Label(name))
            .Where(alias.Column<int64_t>(*t_.table.Find("id")) > 0),
        TypedSelect(column(subquery)),
        TypedSelect(column(cte)),
        TypedSelect(column(recursive)),
        TypedSelect(column(Values(name, {name}, row))),
    };
  }

  TestDatabase database_;
  Employee e_;
  Team t_;
  std::shared_ptr<const schema::Table> doc_ = BuildTable(
      schema::TableBuilder("doc")
          .Column(
              {.name = "id", .type = engine::BigInteger(), .primary_key = true})
          .Column({.name = "body", .type = engine::JsonType()}));
  std::string witness_;
};

// Q1
TEST_F(HostileTextTest, AValueIsDataWhereverItStands) {
  std::vector<std::string> harmless;
  for (const Statement& statement : WithValue("harmless")) {
    harmless.push_back(database_.Sql(statement));
    CUPEL_EXPECT_OK(Try(statement)) << harmless.back();
  }
  for (const std::string& text : HostileTexts()) {
    SCOPED_TRACE(absl::CHexEscape(text.substr(0, 100)));
    const std::vector<Statement> statements = WithValue(text);
    for (size_t i = 0; i < statements.size(); ++i) {
      const auto sql = SqlOf(statements[i], database_.dialect());
      if (sql.ok()) {
        ASSERT_EQ(*sql, harmless[i]);
      } else {
        // A list of what is not UTF-8.
        EXPECT_THAT(sql, StatusIs(absl::StatusCode::kInvalidArgument));
      }
      const absl::Status status = Try(statements[i]);
      // Not UTF-8 is refused, and so are patterns of immoderate length.
      if (!status.ok() && text.size() < kLongPattern) {
        ASSERT_EQ(status.code(), absl::StatusCode::kInvalidArgument)
            << harmless[i] << status;
      }
    }
    ASSERT_EQ(Witness(), witness_);
  }
}

// Q1
TEST_F(HostileTextTest, AValueComesBackAsItWent) {
  int kept = 0;
  for (const std::string& text : HostileTexts()) {
    SCOPED_TRACE(absl::CHexEscape(text.substr(0, 100)));
    const auto got = database_.Scalars(TypedSelect(Bind(text)));
    if (!got.ok()) {
      EXPECT_THAT(got, StatusIs(absl::StatusCode::kInvalidArgument));
      continue;
    }
    ++kept;
    EXPECT_THAT(*got, ElementsAre(text));
    auto savepoint = database_.connection().BeginNested();
    CUPEL_ASSERT_OK(savepoint.status());
    EXPECT_THAT(database_.Scalars(
                    Insert(t_.table).Set(t_.title, text).Returning(t_.title)),
                IsOkAndHolds(ElementsAre(text)));
    EXPECT_THAT(database_.Scalars(TypedSelect(t_.title).Where(
                    t_.title == text && t_.title.In({text, std::string("x")}))),
                IsOkAndHolds(::testing::Contains(text)));
  }
  EXPECT_GT(kept, 40);
}

// Q1: '%' and '_' match themselves only. (Case aside, and up to a NUL.)
TEST_F(HostileTextTest, APatternMatchesItsOwnText) {
  const std::vector<std::string> titles = {"red", "blue", "none"};
  for (const std::string& text : HostileTexts()) {
    if (text.size() > kLongPattern || text.empty() ||
        absl::StrContains(text, '\0')) {
      continue;
    }
    SCOPED_TRACE(absl::CHexEscape(text));
    auto savepoint = database_.connection().BeginNested();
    CUPEL_ASSERT_OK(savepoint.status());
    std::vector<std::string> expected;
    for (const std::string& title : titles) {
      if (absl::StrContains(title, absl::AsciiStrToLower(text)))
        expected.push_back(title);
    }
    const auto insert = database_.Execute(
        Insert(t_.table).Set(t_.title, absl::StrCat("<", text, ">")));
    if (!insert.ok()) continue;  // not UTF-8
    expected.push_back(absl::StrCat("<", text, ">"));
    EXPECT_THAT(database_.Scalars(TypedSelect(t_.title)
                                      .Where(t_.title.Contains(text))
                                      .OrderBy(t_.id)),
                IsOkAndHolds(expected));
    EXPECT_THAT(
        database_.Scalars(TypedSelect(t_.title).Where(
            t_.title.StartsWith("<" + text) && t_.title.EndsWith(text + ">"))),
        IsOkAndHolds(ElementsAre(expected.back())));
  }
}

// Q1, Q7
TEST_F(HostileTextTest, AMemberOfADocumentIsFoundOrRefused) {
  int found = 0;
  for (const std::string& text : HostileTexts()) {
    SCOPED_TRACE(absl::CHexEscape(text.substr(0, 100)));
    const auto step = JsonStep(absl::string_view(text));
    const std::string document = JsonDocument(text);
    const Text json = Text("INSERT INTO doc (id, body) VALUES (1, :json)")
                          .Bind("json", document);
    auto savepoint = database_.connection().BeginNested();
    CUPEL_ASSERT_OK(savepoint.status());
    if (!database_.Execute(json).ok()) continue;  // not UTF-8
    const TypedExpr<std::optional<int64_t>> member(
        JsonAs(JsonPath(ColumnOf(*doc_->Find("body")), step),
               JsonLeaf::kInteger, query_internal::StaticType<int64_t>()));
    const auto value = database_.Scalars(TypedSelect(member));
    if (value.ok()) {
      ++found;
      EXPECT_THAT(*value, ElementsAre(42));
    } else {
      EXPECT_THAT(value, StatusIs(absl::StatusCode::kInvalidArgument));
    }
  }
  EXPECT_GT(found, 30);
}

// Q2, Q3
TEST_F(HostileTextTest, ANameIsANameOrRefused) {
  int kept = 0;
  for (const std::string& name : HostileTexts()) {
    SCOPED_TRACE(absl::CHexEscape(name.substr(0, 100)));
    std::string quoted;
    const bool is_name =
        database_.dialect().AppendIdentifier(name, &quoted).ok();
    kept += is_name ? 1 : 0;
    size_t place = 0;
    for (const Statement& statement : WithName(name)) {
      SCOPED_TRACE(absl::StrCat("place ", place++));
      auto cursor =
          Execute(database_.connection(), database_.cache(), statement);
      if (!is_name) {
        ASSERT_THAT(cursor.status(),
                    StatusIs(absl::StatusCode::kInvalidArgument));
        continue;
      }
      // Not every database can give these names to columns of a subquery.
      if (cursor.status().code() == absl::StatusCode::kNotFound &&
          (absl::EqualsIgnoreCase(name, "true") ||
           absl::EqualsIgnoreCase(name, "false"))) {
        CUPEL_ASSERT_OK(database_.connection().Rollback());
        continue;
      }
      CUPEL_ASSERT_OK(cursor.status());
      EXPECT_EQ(cursor->columns()[0].name, name);
      EXPECT_THAT(cursor->Find(name), IsOkAndHolds(0));
      for (int64_t id = 1; id <= 3; ++id) {
        ASSERT_THAT(cursor->Next(), IsOkAndHolds(true));
        EXPECT_THAT(cursor->Get<int64_t>(name), IsOkAndHolds(id));
      }
      EXPECT_THAT(cursor->Next(), IsOkAndHolds(false));
    }
    ASSERT_EQ(Witness(), witness_);
  }
  EXPECT_GT(kept, 40);
}

// Q2: what names something that must exist, or be a plain word.
TEST_F(HostileTextTest, AnUnknownCollationOrFunctionIsAnError) {
  for (const std::string& name : HostileTexts()) {
    // A plain word may be a collation or a function.
    if (std::all_of(name.begin(), name.end(), absl::ascii_isalnum)) continue;
    SCOPED_TRACE(absl::CHexEscape(name.substr(0, 100)));
    EXPECT_FALSE(
        Try(TypedSelect(t_.id).Where(t_.title.Collate(name) == "red")).ok());
    EXPECT_FALSE(Try(TypedSelect(Function<int64_t>(name, 1, 2, 3, 4))).ok());
    EXPECT_FALSE(Try(Insert(t_.table)
                         .Set(t_.title, "x")
                         .OnConflictDoNothing({.constraint = name}))
                     .ok());
    ASSERT_EQ(Witness(), witness_);
  }
}

}  // namespace
}  // namespace cupel::query
