#include "cupel/schema/reflection.h"

#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/catalog.h"
#include "cupel/schema/column.h"
#include "cupel/schema/constraint.h"
#include "cupel/schema/index.h"
#include "cupel/schema/table.h"

namespace cupel::schema_internal {
namespace {

using schema::ForeignKeyAction;
using schema::SqlFragment;

ForeignKeyAction ParseAction(absl::string_view text) {
  constexpr std::pair<absl::string_view, ForeignKeyAction> kActions[] = {
      {"NO ACTION", ForeignKeyAction::kNoAction},
      {"RESTRICT", ForeignKeyAction::kRestrict},
      {"CASCADE", ForeignKeyAction::kCascade},
      {"SET NULL", ForeignKeyAction::kSetNull},
      {"SET DEFAULT", ForeignKeyAction::kSetDefault},
  };
  for (const auto& [name, action] : kActions) {
    if (text == name) return action;
  }
  return ForeignKeyAction::kNone;
}

schema::Match ParseMatch(absl::string_view text) {
  if (text == "FULL") return schema::Match::kFull;
  if (text == "PARTIAL") return schema::Match::kPartial;
  return schema::Match::kNone;
}

// Of a CatalogForeignKey or CatalogExclude.
template <typename Found>
schema::Deferrable DeferrableOf(const Found& constraint) {
  if (!constraint.deferrable) return schema::Deferrable::kNone;
  return constraint.initially_deferred
             ? schema::Deferrable::kInitiallyDeferred
             : schema::Deferrable::kInitiallyImmediate;
}

bool IsOnlyKey(const engine::CatalogColumn& column,
               const engine::CatalogTable& table) {
  return table.primary_key.columns.size() == 1 &&
         table.primary_key.columns[0] == column.name;
}

// Of the columns that the database counts up the one of which a table can say
// so: its key, else the first. Null where there is none.
const engine::CatalogColumn* CountedColumn(const engine::CatalogTable& table) {
  const engine::CatalogColumn* counted = nullptr;
  for (const engine::CatalogColumn& column : table.columns) {
    if (!column.autoincrement ||
        engine::LogicalKind(column.type) != engine::ValueKind::kInt64) {
      continue;
    }
    if (IsOnlyKey(column, table)) return &column;
    if (counted == nullptr) counted = &column;
  }
  return counted;
}

void SetCounter(const engine::CatalogColumn& column,
                const engine::CatalogTable& table,
                schema::ColumnOptions* options) {
  options->autoincrement = schema::Autoincrement::kNo;
  if (&column != CountedColumn(table)) {
    // Still it is nothing that a program has to give.
    options->fetched_on_insert = column.autoincrement;
    return;
  }
  options->autoincrement = IsOnlyKey(column, table)
                               ? schema::Autoincrement::kIgnoreForeignKey
                               : schema::Autoincrement::kYes;
  options->never_reuse_keys = column.never_reuses_keys;
  if (column.identity) {
    options->identity =
        schema::IdentityOptions{.always = column.identity->always,
                                .start = column.identity->start,
                                .increment = column.identity->increment};
  }
}

schema::ColumnOptions ToColumn(const engine::CatalogColumn& column,
                               const engine::CatalogTable& table) {
  schema::ColumnOptions options;
  options.name = column.name;
  options.type = column.type;
  options.nullable = column.nullable;
  // The checks that a type implies are read like any others.
  options.type.enum_check = false;
  SetCounter(column, table, &options);
  if (column.server_default) {
    options.server_default = SqlFragment::Text(*column.server_default);
  }
  if (column.computed) {
    options.computed = schema::ComputedOptions{
        .expression = SqlFragment::Text(column.computed->expression),
        .storage = column.computed->stored ? schema::ComputedStorage::kStored
                                           : schema::ComputedStorage::kVirtual};
  }
  options.collation = column.collation;
  options.comment = column.comment;
  return options;
}

schema::ForeignKeyOptions ToForeignKey(const engine::CatalogForeignKey& key) {
  schema::ForeignKeyOptions options;
  options.name = key.name;
  options.name_is_final = true;
  options.columns = key.columns;
  options.referred_table =
      schema::TableReference(key.referred_schema, key.referred_table);
  options.referred_columns = key.referred_columns;
  options.on_delete = ParseAction(key.on_delete);
  options.on_update = ParseAction(key.on_update);
  options.match = ParseMatch(key.match);
  options.deferrable = DeferrableOf(key);
  return options;
}

schema::IndexOptions ToIndex(const engine::CatalogIndex& index) {
  schema::IndexOptions options;
  options.name = index.name;
  options.name_is_final = true;
  options.unique = index.unique;
  for (const engine::CatalogIndexPart& part : index.parts) {
    schema::IndexPartOptions& added = options.parts.emplace_back();
    added.column = part.column;
    if (part.column.empty()) {
      added.expression = SqlFragment::Text(part.expression);
    }
    if (part.descending) added.order = schema::SortOrder::kDescending;
    added.collation = part.collation;
  }
  if (!index.where.empty()) options.where = SqlFragment::Text(index.where);
  options.method = index.method;
  return options;
}

schema::ExcludeOptions ToExclude(const engine::CatalogExclude& exclude) {
  schema::ExcludeOptions options;
  options.name = exclude.name;
  options.name_is_final = true;
  options.method = exclude.method;
  for (const engine::CatalogExcludePart& part : exclude.parts) {
    schema::ExcludePartOptions& added = options.parts.emplace_back();
    added.column = part.column;
    if (part.column.empty()) {
      added.expression = SqlFragment::Text(part.expression);
    }
    added.op = part.op;
  }
  if (!exclude.where.empty()) options.where = SqlFragment::Text(exclude.where);
  options.deferrable = DeferrableOf(exclude);
  return options;
}

}  // namespace

schema::TableDefinition ToDefinition(const engine::CatalogTable& table) {
  schema::TableDefinition definition;
  definition.name = table.name;
  definition.schema = table.schema;
  definition.comment = table.comment;
  definition.options = table.options;
  definition.is_view = table.kind == engine::CatalogTableKind::kView;
  definition.temporary = table.kind == engine::CatalogTableKind::kTemporary;
  for (const engine::CatalogColumn& column : table.columns) {
    definition.columns.push_back(ToColumn(column, table));
  }
  definition.primary_key.name = table.primary_key.name;
  definition.primary_key.name_is_final = true;
  definition.primary_key.columns = table.primary_key.columns;
  for (const engine::CatalogUnique& unique : table.uniques) {
    definition.uniques.push_back({.name = unique.name,
                                  .name_is_final = true,
                                  .columns = unique.columns});
  }
  for (const engine::CatalogCheck& check : table.checks) {
    definition.checks.push_back(
        {.name = check.name,
         .name_is_final = true,
         .condition = SqlFragment::Text(check.expression)});
  }
  for (const engine::CatalogForeignKey& key : table.foreign_keys) {
    definition.foreign_keys.push_back(ToForeignKey(key));
  }
  for (const engine::CatalogExclude& exclude : table.excludes) {
    definition.excludes.push_back(ToExclude(exclude));
  }
  for (const engine::CatalogIndex& index : table.indexes) {
    definition.indexes.push_back(ToIndex(index));
  }
  return definition;
}

}  // namespace cupel::schema_internal
