// The part of InjectionChecks where texts become names and literals.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
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
using schema::SqlFragment;

// Longer ones are more than a definition may hold on some databases.
constexpr size_t kLongDefinition = 1000;
constexpr size_t kOtherLength = 200;

constexpr absl::string_view kSystemColumns[] = {"ctid", "xmin", "xmax",
                                                "cmin", "cmax", "tableoid"};

bool IsUnseen(unsigned char c) { return c <= ' ' || c == 0x7f; }

SqlFragment IsNot(const std::string& column, const std::string& text) {
  return SqlFragment::Rendered(
      [=](const engine::Dialect& dialect) -> absl::StatusOr<std::string> {
        std::string sql;
        CUPEL_RETURN_IF_ERROR(dialect.AppendIdentifier(column, &sql));
        sql += " <> ";
        CUPEL_RETURN_IF_ERROR(dialect.AppendLiteral(
            engine::Text(), engine::ValueView::Text(text), &sql));
        return sql;
      });
}

template <typename Items>
bool HasName(const Items& items, const std::string& name) {
  return absl::c_any_of(items,
                        [&](const auto& item) { return item.name == name; });
}

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
    if (!savepoint_.has_value()) {
      auto savepoint = connection_->BeginNested();
      if (!savepoint.ok()) {
        return Leak(place.name, text, savepoint.status().ToString());
      }
      savepoint_.emplace(*std::move(savepoint));
    }
    CheckName(place, text);
  }
  ExpectUntouched("names", text);
}

// A table whose names, default, check and comments are `text`, but for a letter
// where two of a kind would clash; or only the latter.
absl::StatusOr<std::shared_ptr<const schema::Table>>
InjectionChecks::HostileTable(const std::string& text, bool named) const {
  const std::string tail = named ? text : "_hostile";
  const std::string comment =
      engine_->dialect().capabilities().comments ? text : "";
  schema::TableBuilder builder(absl::StrCat("t", tail));
  builder
      .Column({.name = absl::StrCat("c", tail),
               .type = engine::BigInteger(),
               .primary_key = true})
      .Column({.name = named ? text : "d",
               .type = engine::Text(),
               .server_default = SqlFragment::Literal(
                   engine::Text(), engine::Value::Text(text)),
               .comment = comment})
      .Column({.name = absl::StrCat("o", tail),
               .type = engine::String(kOtherLength)})
      .Column({.name = absl::StrCat("n", tail), .type = engine::BigInteger()})
      .ForeignKey({.name = absl::StrCat("f", tail),
                   .columns = {absl::StrCat("n", tail)},
                   .referred_table = absl::StrCat("t", tail),
                   .referred_columns = {absl::StrCat("c", tail)}})
      .Index({.name = absl::StrCat("i", tail),
              .parts = {{.column = absl::StrCat("n", tail)}}})
      .Check({.name = absl::StrCat("k", tail),
              .condition = IsNot(absl::StrCat("o", tail), text)})
      .Comment(comment);
  return builder.Build();
}

void InjectionChecks::ExpectRow(const schema::Table& table,
                                const std::string& text) {
  const auto id = query::ColumnExpr<int64_t>(table.columns()[0]);
  const auto defaulted = query::ColumnExpr<std::string>(table.columns()[1]);
  const auto other =
      query::ColumnExpr<std::optional<std::string>>(table.columns()[2]);
  const query::Insert insert(table);
  absl::Status status =
      query::ExecuteToEnd(*connection_, cache_, insert.Set(id, 1)).status();
  const auto cells = FirstColumn(TypedSelect(defaulted));
  if (status.ok()) status = cells.status();
  Count("default", status);
  if (!status.ok()) {
    Leak("default", text, status.ToString());
  } else if (*cells != std::vector<std::string>{text}) {
    Leak("default", text, "came back as another text");
  }
  if (text.size() < kOtherLength) {
    status = query::ExecuteToEnd(*connection_, cache_,
                                 insert.Set(id, 2).Set(other, text))
                 .status();
    Count("literal of a check", absl::OkStatus());
    if (engine::KindOf(status) != ErrorKind::kCheckViolation) {
      Leak("literal of a check", text, status.ToString());
    }
  }
  connection_->Rollback().IgnoreError();
}

void InjectionChecks::ExpectDescription(const schema::Table& table,
                                        const std::string& text) {
  schema::Inspector inspector(*connection_);
  const auto found = inspector.Describe(table.name());
  for (const char* place : {"table", "column", "foreign key", "index", "check",
                            "reflected names"}) {
    Count(place, found.status());
  }
  if (!found.ok()) return Leak("table", text, found.status().ToString());
  const engine::CatalogTable& told = **found;
  for (const schema::Column& column : table.columns()) {
    if (!HasName(told.columns, column.name())) Leak("column", text, "is lost");
  }
  const auto& definition = table.definition();
  if (!HasName(told.foreign_keys, definition.foreign_keys[0].name)) {
    Leak("foreign key", text, "is lost");
  }
  if (!HasName(told.indexes, definition.indexes[0].name)) {
    Leak("index", text, "is lost");
  }
  if (!HasName(told.checks, definition.checks[0].name)) {
    Leak("check", text, "is lost");
  }
  if (!engine_->dialect().capabilities().comments) return;
  Count("comment of a table", absl::OkStatus());
  Count("comment of a column", absl::OkStatus());
  if (told.comment != text) Leak("comment of a table", text, told.comment);
  if (told.columns[1].comment != text) {
    Leak("comment of a column", text, told.columns[1].comment);
  }
}

void InjectionChecks::CheckTable(const schema::Table& table,
                                 const std::string& text) {
  ExpectDescription(table, text);
  ExpectRow(table, text);
}

void InjectionChecks::CheckSchema(const std::string& text) {
  for (const bool named : {true, false}) {
    if (named && (text.empty() || !IsName(absl::StrCat("t", text)))) continue;
    const auto table = HostileTable(text, named);
    schema::MetaData metadata;
    absl::Status status = table.status();
    if (status.ok()) status = metadata.Add(*table);
    if (status.ok()) {
      status = metadata.CreateAll(*connection_, {.check_first = false});
    }
    if (status.ok()) status = connection_->Commit();
    Count("definition", status);
    if (status.ok()) {
      hostile_tables_.push_back(*table);
      CheckTable(**table, text);
      status = metadata.DropAll(*connection_, {.check_first = false});
      if (status.ok()) status = connection_->Commit();
      if (!status.ok()) Leak("DROP TABLE", text, status.ToString());
      break;
    }
    connection_->Rollback().IgnoreError();
    const bool may_refuse = text.size() > kLongDefinition ||
                            absl::StrContains(text, '\0') || !IsValue(text) ||
                            named;
    if (!may_refuse ||
        !(IsRefusal(status) || (named && MayRefuseName(status, text)))) {
      Leak("definition", text, status.ToString());
    }
  }
  ExpectUntouched("definition", text);
}

absl::StatusOr<std::vector<engine::Value>> InjectionChecks::FirstRow(
    const std::string& sql) {
  std::vector<engine::Value> row;
  {
    CUPEL_ASSIGN_OR_RETURN(engine::Cursor cursor, connection_->Query(sql));
    CUPEL_ASSIGN_OR_RETURN(const bool found, cursor.Next());
    if (!found) return row;
    for (const engine::ValueView& cell : cursor.row()) row.emplace_back(cell);
  }
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
  connection_->Rollback().IgnoreError();
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
    connection_->Rollback().IgnoreError();
    connection_->Rollback().IgnoreError();
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
