#include "cupel/testing/corpora/injection_checks.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/utf8.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/temp_database.h"

namespace cupel::testing {
namespace {

using engine::ErrorKind;
using engine::KindOf;
using query::Statement;
using query::TypedExpr;
using query::TypedSelect;

void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "injection checks: %s\n", status.ToString().c_str());
  std::abort();
}

std::shared_ptr<const schema::Table> Built(
    const schema::TableBuilder& builder) {
  auto table = builder.Build();
  Require(table.status());
  return *std::move(table);
}

template <typename T>
TypedExpr<T> Col(const schema::Table& table, absl::string_view name) {
  return query::ColumnExpr<T>(*table.Find(name));
}

std::string CellText(const engine::ValueView& cell) {
  if (cell.has_bytes()) return std::string(cell.bytes());
  if (cell.kind() != engine::ValueKind::kInt64) return "";
  return absl::StrCat(cell.int64_value());
}

}  // namespace

bool IsValue(const engine::Dialect& dialect, absl::string_view text) {
  return engine::FindInvalidUtf8(text) == text.npos &&
         (dialect.capabilities().keeps_nul_in_text ||
          !absl::StrContains(text, '\0'));
}

bool IsRefusal(const absl::Status& status) {
  const ErrorKind kind = KindOf(status);
  return kind == ErrorKind::kTooBig ||
         (absl::IsInvalidArgument(status) && kind != ErrorKind::kSyntax);
}

InjectionChecks::InjectionChecks(std::shared_ptr<const engine::Dialect> dialect)
    : note_(Built(schema::TableBuilder("note")
                      .Column({.name = "id",
                               .type = engine::BigInteger(),
                               .primary_key = true})
                      .Column({.name = "title",
                               .type = engine::Text(),
                               .nullable = false}))),
      document_(
          Built(schema::TableBuilder("document")
                    .Column({.name = "id",
                             .type = engine::BigInteger(),
                             .primary_key = true})
                    .Column({.name = "body", .type = engine::JsonType()}))) {
  Require(metadata_.Add(note_));
  Require(metadata_.Add(document_));
  auto engine = engine::Engine::Create(
      {.uri = MemoryUrl(), .dialect = std::move(dialect)});
  Require(engine.status());
  engine_ = *std::move(engine);
  calls_ = engine_->events().OnStatement(
      [this](const engine::StatementEvent& event) {
        longest_call_ = std::max(longest_call_, event.duration);
      });
  auto connection = engine_->Connect();
  Require(connection.status());
  connection_ = *std::move(connection);
  Require(metadata_.CreateAll(*connection_));
  const auto title = this->title();
  for (const char* text : {"red", "blue", "none"}) {
    Require(query::ExecuteToEnd(*connection_, cache_,
                                query::Insert(*note_).Set(title, text))
                .status());
  }
  Require(connection_->Commit());
  witness_ = Witness();
  harmless_ = ValuePlaces("harmless");
  for (const ValuePlace& place : harmless_) {
    const auto sql = query::SqlOf(place.statement, engine_->dialect());
    harmless_sql_.push_back(sql.ok() ? *sql : "");
  }
  CheckAll("harmless");
  unusable_.swap(leaking_);
  leaks_.clear();
  places_.clear();
  cases_ = refused_ = 0;
}

TypedExpr<int64_t> InjectionChecks::id() const {
  return Col<int64_t>(*note_, "id");
}
TypedExpr<std::string> InjectionChecks::title() const {
  return Col<std::string>(*note_, "title");
}

void InjectionChecks::CheckAll(const std::string& text) {
  CheckValues(text);
  CheckPatterns(text);
  CheckMembers(text);
  CheckNames(text);
  CheckSchema(text);
  CheckLiterals(text);
  CheckUrls(text);
}

bool InjectionChecks::IsValue(absl::string_view text) const {
  return testing::IsValue(engine_->dialect(), text);
}

void InjectionChecks::Count(absl::string_view place,
                            const absl::Status& status) {
  if (unusable_.contains(std::string(place))) return;
  ++cases_;
  if (status.ok()) {
    places_.emplace(place);
  } else {
    ++refused_;
  }
}

void InjectionChecks::Leak(absl::string_view place, absl::string_view text,
                           absl::string_view what) {
  if (unusable_.contains(std::string(place))) return;
  leaking_.emplace(place);
  leaks_.push_back(absl::StrCat(
      place, ": ", absl::CHexEscape(text.substr(0, 60)), ": ", what));
}

absl::Status InjectionChecks::OpenSavepoint() {
  if (savepoint_.has_value()) return absl::OkStatus();
  CUPEL_ASSIGN_OR_RETURN(engine::Savepoint savepoint,
                         connection_->BeginNested());
  savepoint_.emplace(std::move(savepoint));
  return absl::OkStatus();
}

absl::Status InjectionChecks::BeginTry(const std::string& title) {
  if (savepoint_.has_value()) return absl::OkStatus();
  CUPEL_RETURN_IF_ERROR(OpenSavepoint());
  const absl::Status status =
      query::ExecuteToEnd(
          *connection_, cache_,
          query::Insert(*note_).Set(id(), kOwnId).Set(this->title(), title))
          .status();
  return IsRefusal(status) ? absl::OkStatus() : status;
}

void InjectionChecks::EndTry() { savepoint_.reset(); }

absl::StatusOr<std::vector<std::string>> InjectionChecks::FirstColumn(
    const Statement& statement) {
  std::vector<std::string> cells;
  CUPEL_ASSIGN_OR_RETURN(query::ResultCursor cursor,
                         query::Execute(*connection_, cache_, statement));
  for (;;) {
    CUPEL_ASSIGN_OR_RETURN(const bool more, cursor.Next());
    if (!more) return cells;
    cells.push_back(CellText(cursor.cells()[0]));
  }
}

std::string InjectionChecks::Witness() {
  const auto notes = query::All(*connection_, cache_,
                                TypedSelect(id(), title()).OrderBy(id()));
  const auto tables =
      engine_->dialect().MakeCatalog()->TableNames(*connection_, "");
  if (!notes.ok()) return notes.status().ToString();
  if (!tables.ok()) return tables.status().ToString();
  std::string witness = absl::StrJoin(*tables, ", ");
  for (const auto& [id, title] : *notes) {
    absl::StrAppend(&witness, "; ", id, " ", title);
  }
  return witness;
}

void InjectionChecks::ExpectUntouched(absl::string_view place,
                                      const std::string& text) {
  EndTry();
  const std::string now = Witness();
  connection_->Rollback().IgnoreError();
  if (now == witness_) return;
  Leak(place, text, absl::StrCat("left ", now.substr(0, 300)));
}

}  // namespace cupel::testing
