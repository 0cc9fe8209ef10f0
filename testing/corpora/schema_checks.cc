// The part of InjectionChecks where texts become names, defaults, checks,
// comments and enumerators of a schema.

#include <memory>
#include <string>
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
using query::TypedSelect;
using schema::SqlFragment;

// Longer ones are more than a definition may hold on some databases.
constexpr size_t kLongDefinition = 1000;
constexpr size_t kOtherLength = 200;
// The same of a name in an enumeration.
constexpr size_t kLongEnumerator = 60;

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

// `text`, unless the database has no comments for it.
std::string InjectionChecks::CommentOf(const std::string& text) const {
  const engine::Dialect& dialect = engine_->dialect();
  const bool is_kept =
      dialect.capabilities().comments &&
      (dialect.capabilities().comments_beyond_bmp ||
       absl::c_none_of(text, [](unsigned char c) { return c >= 0xF0; }));
  return is_kept ? text : "";
}

// A table whose names, default, check and comments are `text`, but for a letter
// where two of a kind would clash; or only the latter.
absl::StatusOr<std::shared_ptr<const schema::Table>>
InjectionChecks::HostileTable(const std::string& text, bool named) const {
  const std::string tail = named ? text : "_hostile";
  const std::string comment = CommentOf(text);
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
  if (CommentOf(text).empty()) return;
  Count("comment of a table", absl::OkStatus());
  Count("comment of a column", absl::OkStatus());
  if (told.comment != text) Leak("comment of a table", text, told.comment);
  if (told.columns[1].comment != text) {
    Leak("comment of a column", text, told.columns[1].comment);
  }
}

void InjectionChecks::CheckSchema(const std::string& text) {
  for (const bool named : {true, false}) {
    if (named && (text.empty() || !IsName(absl::StrCat("t", text)))) continue;
    const auto table = HostileTable(text, named);
    schema::MetaData metadata;
    absl::Status status = table.status();
    if (status.ok()) status = Define(&metadata, *table);
    Count("definition", status);
    if (status.ok()) {
      ExpectDescription(**table, text);
      ExpectRow(**table, text);
      Undefine("definition", text, &metadata);
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
  CheckEnumerator(text);
  CheckSchemaName(text);
  CheckSequenceName(text);
}

absl::Status InjectionChecks::Define(
    schema::MetaData* metadata, std::shared_ptr<const schema::Table> table) {
  hostile_tables_.push_back(table);
  CUPEL_RETURN_IF_ERROR(metadata->Add(std::move(table)));
  CUPEL_RETURN_IF_ERROR(
      metadata->CreateAll(*connection_, {.check_first = false}));
  return connection_->Commit();
}

void InjectionChecks::Undefine(absl::string_view place, const std::string& text,
                               schema::MetaData* metadata) {
  absl::Status status = metadata->DropAll(*connection_, {.check_first = false});
  if (status.ok()) status = connection_->Commit();
  if (!status.ok()) Leak(place, text, status.ToString());
}

// A column of an enumeration whose names are `text` and another.
void InjectionChecks::CheckEnumerator(const std::string& text) {
  constexpr absl::string_view kPlace = "enumerator";
  auto table =
      schema::TableBuilder("enum_holder")
          .Column(
              {.name = "id", .type = engine::BigInteger(), .primary_key = true})
          .Column({.name = "value",
                   .type = engine::NamedEnumType(
                       "hostile_enum", engine::InternEnumerators(
                                           {text, "another enumerator"}))})
          .Build();
  schema::MetaData metadata;
  absl::Status status = table.status();
  if (status.ok()) status = Define(&metadata, *table);
  Count(kPlace, status);
  if (!status.ok()) {
    connection_->Rollback().IgnoreError();
    const bool may_refuse = text.size() > kLongEnumerator || !IsValue(text) ||
                            text.empty() || absl::StrContains(text, '\0') ||
                            text.back() == ' ';
    if (!may_refuse || !IsRefusal(status)) {
      Leak(kPlace, text, status.ToString());
    }
    return ExpectUntouched(kPlace, text);
  }
  const auto value = query::ColumnExpr<std::string>((*table)->columns()[1]);
  status = query::ExecuteToEnd(*connection_, cache_,
                               query::Insert(**table).Set(value, text))
               .status();
  const auto cells = FirstColumn(TypedSelect(value));
  connection_->Rollback().IgnoreError();
  if (status.ok()) status = cells.status();
  if (!status.ok()) {
    Leak(kPlace, text, status.ToString());
  } else if (*cells != std::vector<std::string>{text}) {
    Leak(kPlace, text, "came back as another text");
  }
  Undefine(kPlace, text, &metadata);
  ExpectUntouched(kPlace, text);
}

// A schema of the name, and a table in it.
void InjectionChecks::CheckSchemaName(const std::string& text) {
  constexpr absl::string_view kPlace = "schema";
  const schema::DdlCompiler compiler(engine_->dialect());
  const auto create = compiler.CreateSchema(text);
  const auto drop = compiler.DropSchema(text);
  absl::Status status = create.status();
  if (absl::IsUnimplemented(status)) return;
  if (status.ok()) status = drop.status();
  if (status.ok()) status = connection_->Execute(*create).status();
  if (status.ok()) status = connection_->Commit();
  Count(kPlace, status);
  if (!status.ok()) {
    connection_->Rollback().IgnoreError();
    // There are some, to which not everybody is let.
    const ErrorKind kind = engine::KindOf(status);
    if (kind != ErrorKind::kAlreadyExists &&
        kind != ErrorKind::kAuthentication && !MayRefuseName(status, text)) {
      Leak(kPlace, text, status.ToString());
    }
    return ExpectUntouched(kPlace, text);
  }
  auto table =
      schema::TableBuilder("t", text)
          .Column(
              {.name = "id", .type = engine::BigInteger(), .primary_key = true})
          .Build();
  schema::MetaData metadata;
  status = table.status();
  if (status.ok()) status = Define(&metadata, *table);
  if (status.ok()) {
    const auto id = query::ColumnExpr<int64_t>((*table)->columns()[0]);
    status = query::ExecuteToEnd(*connection_, cache_,
                                 query::Insert(**table).Set(id, 7))
                 .status();
    const auto cells = FirstColumn(TypedSelect(id));
    if (status.ok()) status = cells.status();
    if (status.ok() && *cells != std::vector<std::string>{"7"}) {
      Leak(kPlace, text, "gives other rows");
    }
    connection_->Rollback().IgnoreError();
    Undefine(kPlace, text, &metadata);
  }
  connection_->Rollback().IgnoreError();
  if (status.ok()) status = connection_->Execute(*drop).status();
  if (status.ok()) status = connection_->Commit();
  if (!status.ok()) Leak(kPlace, text, status.ToString());
  ExpectUntouched(kPlace, text);
}

// A sequence of the name, which gives its first number.
void InjectionChecks::CheckSequenceName(const std::string& text) {
  constexpr absl::string_view kPlace = "sequence";
  if (!engine_->dialect().capabilities().sequences) return;
  const schema::Sequence sequence = {.name = text, .start = 7};
  schema::MetaData metadata;
  absl::Status status = metadata.AddSequence(sequence);
  if (status.ok()) {
    status = metadata.CreateAll(*connection_, {.check_first = false});
  }
  if (status.ok()) status = connection_->Commit();
  Count(kPlace, status);
  if (!status.ok()) {
    connection_->Rollback().IgnoreError();
    // Sequences and tables share their names.
    if (engine::KindOf(status) != ErrorKind::kAlreadyExists &&
        !MayRefuseName(status, text)) {
      Leak(kPlace, text, status.ToString());
    }
    return ExpectUntouched(kPlace, text);
  }
  const auto cells = FirstColumn(TypedSelect(query::NextValue(sequence)));
  connection_->Rollback().IgnoreError();
  if (!cells.ok()) {
    Leak(kPlace, text, cells.status().ToString());
  } else if (*cells != std::vector<std::string>{"7"}) {
    Leak(kPlace, text, "is another sequence");
  }
  Undefine(kPlace, text, &metadata);
  ExpectUntouched(kPlace, text);
}

}  // namespace cupel::testing
