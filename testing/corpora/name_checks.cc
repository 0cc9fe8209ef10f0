// The part of InjectionChecks where texts become names in queries, literals
// that are shown, and parts of URLs.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/engine/status_macros.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/corpora/injection_checks.h"

namespace cupel::testing {
namespace {

using engine::ErrorKind;
using query::Bind;
using query::FromItem;
using query::Statement;
using query::TypedSelect;

constexpr absl::string_view kSystemColumns[] = {"ctid", "xmin", "xmax",
                                                "cmin", "cmax", "tableoid"};

bool IsUnseen(unsigned char c) { return c <= ' ' || c == 0x7f; }

}  // namespace

bool InjectionChecks::IsName(absl::string_view text) const {
  std::string quoted;
  return engine_->dialect().AppendIdentifier(text, &quoted).ok();
}

// Each gives 1, 2 and 3 in a column of the name.
std::vector<ValuePlace> InjectionChecks::NamePlaces(
    const std::string& name) const {
  const FromItem alias = query::Alias(*note_, name);
  const auto aliased = alias.Column<int64_t>("id");
  const auto label = id().Label(name);
  const FromItem subquery = TypedSelect(label).Subquery(name);
  const FromItem cte = TypedSelect(label).Cte(name);
  const FromItem recursive = query::RecursiveCte(
      name, TypedSelect(label).Where(id() < 2),
      [&](const FromItem& self) -> Statement {
        const auto id = self.Column<int64_t>(name);
        return TypedSelect(id + 1).Where(id < 3);
      },
      /*union_all=*/false);
  const auto column = [&](const FromItem& item) {
    return item.Column<int64_t>(name).Label(name);
  };
  const query::Expr rows[] = {query::Tuple({Bind<int64_t>(1)}),
                              query::Tuple({Bind<int64_t>(2)}),
                              query::Tuple({Bind<int64_t>(3)})};
  return {
      {"label", TypedSelect(label)},
      {"label in ORDER BY", TypedSelect(label).OrderBy(name)},
      {"label in GROUP BY", TypedSelect(label).GroupBy(query::LabelName(name))},
      {"alias of a table", TypedSelect(aliased.Label(name)).Where(aliased > 0)},
      {"name of a subquery", TypedSelect(column(subquery))},
      {"name of a CTE", TypedSelect(column(cte))},
      {"name of a recursive CTE", TypedSelect(column(recursive))},
      {"name of a list of values",
       TypedSelect(column(query::Values(name, {name}, rows)))},
  };
}

// Databases have rules of their own, which they tell.
bool InjectionChecks::MayRefuseName(const absl::Status& status,
                                    const std::string& name) const {
  if (!IsName(name)) return absl::IsInvalidArgument(status);
  if (engine::KindOf(status) == ErrorKind::kNoSuchColumn) {
    // Some columns of subqueries cannot have the names of constants, and some
    // labels lose what is not seen at their ends.
    return absl::EqualsIgnoreCase(name, "true") ||
           absl::EqualsIgnoreCase(name, "false") || IsUnseen(name.front()) ||
           IsUnseen(name.back());
  }
  // A file for the table, whose name is longer still.
  if (absl::StrContains(status.message(), "File name too long")) return true;
  // A column that every table has comes before a label.
  return IsRefusal(status) ||
         absl::c_linear_search(kSystemColumns, absl::string_view(name));
}

void InjectionChecks::CheckName(const ValuePlace& place,
                                const std::string& name) {
  if (unusable_.contains(place.name)) return;
  auto cursor = query::Execute(*connection_, cache_, place.statement);
  std::vector<int64_t> ids;
  absl::Status status = cursor.status();
  while (status.ok()) {
    const auto more = cursor->Next();
    status = more.status();
    if (!status.ok() || !*more) break;
    const auto id = cursor->Get<int64_t>(name);
    ids.push_back(id.ok() ? *id : -1);
  }
  Count(place.name, status);
  if (!status.ok()) {
    EndTry();
    if (!MayRefuseName(status, name)) {
      Leak(place.name, name, status.ToString());
    }
    return;
  }
  absl::c_sort(ids);
  if (ids != std::vector<int64_t>{1, 2, 3}) {
    Leak(place.name, name, "gives other rows");
  }
  if (cursor->columns()[0].name != name) {
    Leak(place.name, name, "has another name");
  }
}

void InjectionChecks::CheckNames(const std::string& text) {
  for (const ValuePlace& place : NamePlaces(text)) {
    const absl::Status status = OpenSavepoint();
    if (!status.ok()) return Leak(place.name, text, status.ToString());
    CheckName(place, text);
  }
  ExpectUntouched("names", text);
}

absl::StatusOr<std::vector<engine::Value>> InjectionChecks::FirstRow(
    const std::string& sql) {
  absl::Cleanup rollback = [this] { connection_->Rollback().IgnoreError(); };
  CUPEL_ASSIGN_OR_RETURN(engine::Cursor cursor, connection_->Query(sql));
  CUPEL_ASSIGN_OR_RETURN(const bool found, cursor.Next());
  std::vector<engine::Value> row;
  if (!found) return row;
  for (const engine::ValueView& cell : cursor.row()) row.emplace_back(cell);
  return row;
}

void InjectionChecks::CheckLiterals(const std::string& text) {
  const auto sql =
      query::RenderLiteral(TypedSelect(Bind(text)), engine_->dialect());
  Count("literal of a shown statement", sql.status());
  if (!sql.ok()) {
    if (IsValue(text) && !absl::StrContains(text, '\0')) {
      Leak("literal of a shown statement", text, sql.status().ToString());
    }
    return;
  }
  const auto row = FirstRow(*sql);
  if (!row.ok()) {
    Leak("literal of a shown statement", text, row.status().ToString());
  } else if (*row != std::vector<engine::Value>{engine::Value::Text(text)}) {
    Leak("literal of a shown statement", text, "came back as another text");
  }
}

void InjectionChecks::CheckNumbers() {
  for (const int64_t number : {-5, -1, 0, 7}) {
    const auto sql = query::RenderLiteral(
        TypedSelect(-Bind<int64_t>(number), Bind<int64_t>(10) - number),
        engine_->dialect());
    const std::string shown = absl::StrCat(number);
    Count("literal of a number", sql.status());
    if (!sql.ok()) {
      Leak("literal of a number", shown, sql.status().ToString());
      continue;
    }
    const auto row = FirstRow(*sql);
    if (!row.ok() ||
        *row != std::vector<engine::Value>{engine::Value::Int64(-number),
                                           engine::Value::Int64(10 - number)}) {
      Leak("literal of a number", shown, *sql);
    }
  }
}

void InjectionChecks::CheckUrls(const std::string& text) {
  const auto url = engine::Url::Create({.dialect = engine_->dialect().name(),
                                        .username = text,
                                        .password = text,
                                        .host = "localhost",
                                        .database = text});
  Count("URL", url.status());
  if (!url.ok()) {
    if (!IsRefusal(url.status())) Leak("URL", text, url.status().ToString());
    return;
  }
  const auto parsed = engine::Url::Parse(url->ToUnmaskedString());
  if (!parsed.ok() || !(*parsed == *url)) {
    Leak("URL", text, "is read back as another one");
  }
}

}  // namespace cupel::testing
