// The part of InjectionChecks where texts are values: bound, in patterns, as
// members of documents.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/engine/status_macros.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/corpora/injection_checks.h"

namespace cupel::testing {
namespace {

using query::Assign;
using query::Bind;
using query::Case;
using query::Function;
using query::TypedExpr;
using query::TypedSelect;
using Owes = ValuePlace::Owes;

template <typename T>
TypedExpr<T> Col(const schema::Table& table, absl::string_view name) {
  return query::ColumnExpr<T>(*table.Find(name));
}

// `text` as a member of a document, and its value.
std::string JsonDocument(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    if (c == '\n') {
      quoted += "\\n";
    } else if (static_cast<unsigned char>(c) < ' ') {
      absl::StrAppendFormat(&quoted, "\\u%04x", static_cast<unsigned char>(c));
    } else {
      quoted.push_back(c);
    }
  }
  quoted.push_back('"');
  return absl::StrCat("{", quoted, ":", quoted, "}");
}

}  // namespace

query::Expr InjectionChecks::Body() const {
  return query::ColumnOf(*document_->Find("body"));
}

std::vector<ValuePlace> InjectionChecks::ValuePlaces(
    const std::string& text) const {
  const auto id = this->id();
  const auto title = this->title();
  const auto bound = Bind(text);
  const auto base = TypedSelect(id);
  const engine::ValueView view = engine::ValueView::Text(text);
  const engine::ValueView pair[] = {view, view};
  const query::Expr rows[] = {query::Tuple({bound, bound})};
  const query::Insert insert = query::Insert(*note_);
  return {
      {"selected value", TypedSelect(bound), Owes::kEchoes},
      {"concatenation", TypedSelect(title + text)},
      {"function argument",
       TypedSelect(query::Coalesce(
           Function<std::optional<std::string>>("nullif", title, title), text)),
       Owes::kEchoes},
      {"argument of any function",
       TypedSelect(Function<int64_t>("length", text))},
      {"CASE condition",
       TypedSelect(Case<int64_t>().When(title == text, 1).Else(0))},
      {"CASE result",
       TypedSelect(Case<std::string>().When(id > 0, text).Else("x")),
       Owes::kEchoes},
      {"CASE operand", TypedSelect(Case<int64_t>(title).When(text, 1).Else(0))},
      {"window function",
       TypedSelect(Function<std::string>("first_value", title + text)
                       .Over({.order_by = {id}}))},
      {"window partition",
       TypedSelect(Function<int64_t>("row_number")
                       .Over({.partition_by = {title + text}}))},
      {"aggregate argument", TypedSelect(query::Max(title + text))},
      {"WHERE =", base.Where(title == text), Owes::kFinds},
      {"WHERE <>", base.Where(title != text), Owes::kFindsNot},
      {"WHERE <", base.Where(title < text), Owes::kFindsNot},
      {"IS DISTINCT FROM", base.Where(title.IsDistinctFrom(text)),
       Owes::kFindsNot},
      {"BETWEEN", base.Where(title.Between(text, text)), Owes::kFinds},
      {"IN", base.Where(title.In({text, std::string("x")})), Owes::kFinds},
      {"NOT IN", base.Where(title.NotIn({text})), Owes::kFindsNot},
      {"IN of tuples",
       base.Where(query::InValues(query::Tuple({title, title}), pair,
                                  title.type(), 2, false)),
       Owes::kFinds},
      {"EXISTS",
       base.Where(query::Exists(
           TypedSelect(Col<int64_t>(*document_, "id")).Where(bound == text)))},
      {"IN of a subquery",
       base.Where(title.In(TypedSelect(
           query::Values("v", {"a", "b"}, rows).Column<std::string>("a")))),
       Owes::kFinds},
      {"CTE",
       base.Where(title.In(TypedSelect(
           TypedSelect(bound.Label("a")).Cte("c").Column<std::string>("a")))),
       Owes::kFinds},
      {"HAVING", base.GroupBy(id).Having(query::Max(title) == text),
       Owes::kFinds},
      {"ORDER BY", base.OrderBy(Case<int64_t>(title).When(text, 1).Else(0))},
      {"UNION", base.Where(id < 0).Union(base.Where(title == text)),
       Owes::kFinds},
      {"WHERE with LIMIT", base.Where(title == text).Limit(1000).Offset(0),
       Owes::kFinds},
      {"LIKE pattern", base.Where(title.Like(text)), Owes::kMayRefuse},
      {"ILIKE pattern", base.Where(title.ILike(text)), Owes::kMayRefuse},
      {"regular expression", base.Where(title.RegexMatch(text)),
       Owes::kMayRefuse},
      {"value in a document",
       base.Where(query::Exists(
           TypedSelect(Col<int64_t>(*document_, "id"))
               .Where(TypedExpr<std::optional<std::string>>(query::JsonAs(
                          query::JsonPath(Body(), query::JsonStep("a")),
                          query::JsonLeaf::kText,
                          query_internal::StaticType<std::string>())) ==
                      text)))},
      {"text() parameter",
       query::Text("SELECT title FROM note WHERE title = :a /* :a */ AND "
                   "':a' <> title")
           .Bind("a", text)},
      {"INSERT", insert.Set(id, 201).Set(title, text)},
      {"INSERT of rows", insert.Values({Assign(id, 202), Assign(title, text)})
                             .AddRow({Assign(id, 203), Assign(title, text)})},
      {"upsert",
       insert.Set(id, 1)
           .Set(title, text)
           .OnConflictDoUpdate({.columns = {id}}, {Assign(title, text)})},
      {"INSERT from SELECT",
       insert.FromSelect({id, title}, TypedSelect(Bind<int64_t>(204), bound))},
      {"RETURNING", insert.Set(id, 205).Set(title, text).Returning(title),
       Owes::kEchoes},
      {"UPDATE SET", query::Update(*note_).Set(title, text).Where(id < kOwnId)},
      {"UPDATE WHERE",
       query::Update(*note_).Set(title, "x").Where(title != text)},
      {"all of it now", TypedSelect(title), Owes::kEchoes},
      {"DELETE WHERE", query::Delete(*note_).Where(title == text)},
  };
}

absl::Status InjectionChecks::RunPlace(const ValuePlace& place,
                                       const std::string& text,
                                       std::string* complaint) {
  CUPEL_ASSIGN_OR_RETURN(const std::vector<std::string> cells,
                         FirstColumn(place.statement));
  if (!IsValue(text)) return absl::OkStatus();
  const bool finds = absl::c_linear_search(cells, absl::StrCat(kOwnId));
  switch (place.owes) {
    case Owes::kEchoes:
      if (cells.empty()) *complaint = "gave no row";
      for (const std::string& cell : cells) {
        if (cell != text) {
          *complaint = absl::StrCat("came back as ",
                                    absl::CHexEscape(cell.substr(0, 60)));
        }
      }
      break;
    case Owes::kFinds:
      if (!finds) *complaint = "does not find its row";
      break;
    case Owes::kFindsNot:
      if (finds) *complaint = "finds its row";
      break;
    case Owes::kMustRefuse:
      *complaint = "was not refused";
      break;
    case Owes::kRuns:
    case Owes::kMayRefuse:
      break;
  }
  return absl::OkStatus();
}

void InjectionChecks::CheckPlace(const ValuePlace& place,
                                 absl::string_view harmless_sql,
                                 const std::string& text) {
  if (unusable_.contains(place.name)) return;
  const auto sql = query::SqlOf(place.statement, engine_->dialect());
  if (absl::IsUnimplemented(sql.status())) return;
  if (sql.ok() && !harmless_sql.empty() && *sql != harmless_sql) {
    Leak(place.name, text, absl::StrCat("changed the statement to ", *sql));
  }
  if (const absl::Status status = BeginTry(text); !status.ok()) {
    Leak(place.name, text, status.ToString());
  }
  std::string complaint;
  const absl::Status status = RunPlace(place, text, &complaint);
  Count(place.name, status);
  if (!complaint.empty()) Leak(place.name, text, complaint);
  if (status.ok()) return;
  EndTry();
  const bool may_refuse =
      !IsValue(text) || place.owes == Owes::kMayRefuse ||
      (text.size() > kLongPattern && place.owes == Owes::kFinds);
  if (place.owes == Owes::kMustRefuse || (may_refuse && IsRefusal(status))) {
    return;
  }
  Leak(place.name, text, status.ToString());
}

void InjectionChecks::CheckValues(const std::string& text) {
  const std::vector<ValuePlace> places = ValuePlaces(text);
  for (size_t i = 0; i < places.size(); ++i) {
    CheckPlace(places[i], harmless_sql_[i], text);
  }
  ExpectUntouched("values", text);
  // A plain word may be a collation, a function or a schema.
  if (std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return absl::ascii_isalnum(c) || c == '_';
      })) {
    return;
  }
  for (const ValuePlace& place : RefusingPlaces(text)) {
    CheckPlace(place, "", text);
  }
  ExpectUntouched("names of what there is not", text);
}

std::vector<ValuePlace> InjectionChecks::RefusingPlaces(
    const std::string& text) const {
  std::vector<ValuePlace> places = {
      {"collation", TypedSelect(id()).Where(title().Collate(text) == "red"),
       Owes::kMustRefuse},
      {"function", TypedSelect(Function<int64_t>(text, 1, 2, 3, 4)),
       Owes::kMustRefuse},
  };
  if (engine_->dialect().capabilities().on_conflict_constraint) {
    places.push_back({"constraint of an upsert",
                      query::Insert(*note_)
                          .Set(title(), "x")
                          .OnConflictDoNothing({.constraint = text}),
                      Owes::kMustRefuse});
  }
  return places;
}

void InjectionChecks::CheckPatterns(const std::string& text) {
  if (text.empty() || !IsValue(text) || absl::StrContains(text, '\0') ||
      text.size() > kLongPattern) {
    return;
  }
  const std::string own = absl::StrCat("<", text, ">");
  const struct {
    const char* name;
    TypedExpr<bool> condition;
  } places[] = {
      {"Contains", title().Contains(text)},
      {"StartsWith", title().StartsWith("<" + text)},
      {"EndsWith", title().EndsWith(text + ">")},
      {"IContains", title().IContains(text)},
  };
  for (const auto& place : places) {
    absl::Status status = BeginTry(own);
    if (!status.ok()) return Leak(place.name, text, status.ToString());
    const auto found = FirstColumn(TypedSelect(title()).Where(place.condition));
    Count(place.name, found.status());
    if (!found.ok()) {
      EndTry();
      Leak(place.name, text, found.status().ToString());
      continue;
    }
    if (!absl::c_linear_search(*found, own)) {
      Leak(place.name, text, "does not find its row");
    }
    for (const std::string& row : *found) {
      if (row != own && !absl::StrContains(row, absl::AsciiStrToLower(text))) {
        Leak(place.name, text, absl::StrCat("finds ", row));
      }
    }
  }
  ExpectUntouched("patterns", text);
}

void InjectionChecks::CheckMembers(const std::string& text) {
  const std::string document = JsonDocument(text);
  const auto insert =
      query::Insert(*document_)
          .Values({Assign(Col<int64_t>(*document_, "id"), 1),
                   {Body(), query::BindView(engine::ValueView::Json(document),
                                            Body().type())}});
  const TypedExpr<std::optional<std::string>> member(query::JsonAs(
      query::JsonPath(Body(), query::JsonStep(absl::string_view(text))),
      query::JsonLeaf::kText, query_internal::StaticType<std::string>()));
  const absl::Status begun = BeginTry("x");
  if (!begun.ok()) Leak("document", text, begun.ToString());
  absl::Status status =
      query::ExecuteToEnd(*connection_, cache_, insert).status();
  Count("document", status);
  if (status.ok()) {
    const auto found = FirstColumn(TypedSelect(member));
    Count("member of a document", found.status());
    status = found.status();
    if (found.ok() && *found != std::vector<std::string>{text}) {
      Leak("member of a document", text, "is not found");
    }
  }
  // Not every database reaches each name, or keeps NUL in documents.
  if (!status.ok() && !IsRefusal(status)) {
    Leak("member of a document", text, status.ToString());
  }
  ExpectUntouched("member of a document", text);
}

}  // namespace cupel::testing
