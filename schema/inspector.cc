#include "cupel/schema/inspector.h"

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/catalog.h"
#include "cupel/engine/connection.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/status_macros.h"
#include "cupel/schema/metadata.h"
#include "cupel/schema/reflection.h"
#include "cupel/schema/table.h"

namespace cupel::schema {

Inspector::Inspector(engine::Connection& connection)
    : connection_(connection), catalog_(connection.dialect().MakeCatalog()) {}

absl::StatusOr<std::string> Inspector::DefaultSchema() {
  return catalog_->DefaultSchema(connection_);
}

absl::StatusOr<std::vector<std::string>> Inspector::SchemaNames() {
  return catalog_->SchemaNames(connection_);
}

absl::StatusOr<std::vector<std::string>> Inspector::TableNames(
    absl::string_view schema) {
  const auto cached = table_names_.find(std::string(schema));
  if (cached != table_names_.end()) return cached->second;
  CUPEL_ASSIGN_OR_RETURN(std::vector<std::string> names,
                         catalog_->TableNames(connection_, schema));
  table_names_.emplace(schema, names);
  return names;
}

absl::StatusOr<std::vector<std::string>> Inspector::ViewNames(
    absl::string_view schema) {
  const auto cached = view_names_.find(std::string(schema));
  if (cached != view_names_.end()) return cached->second;
  CUPEL_ASSIGN_OR_RETURN(std::vector<std::string> names,
                         catalog_->ViewNames(connection_, schema));
  view_names_.emplace(schema, names);
  return names;
}

absl::StatusOr<std::vector<std::string>> Inspector::TemporaryTableNames() {
  return catalog_->TemporaryTableNames(connection_);
}

absl::StatusOr<std::vector<std::string>> Inspector::SequenceNames(
    absl::string_view schema) {
  const auto cached = sequence_names_.find(std::string(schema));
  if (cached != sequence_names_.end()) return cached->second;
  CUPEL_ASSIGN_OR_RETURN(std::vector<std::string> names,
                         catalog_->SequenceNames(connection_, schema));
  sequence_names_.emplace(schema, names);
  return names;
}

absl::StatusOr<std::vector<engine::CatalogEnum>> Inspector::EnumTypes(
    absl::string_view schema) {
  const auto cached = enum_types_.find(std::string(schema));
  if (cached != enum_types_.end()) return cached->second;
  CUPEL_ASSIGN_OR_RETURN(std::vector<engine::CatalogEnum> types,
                         catalog_->EnumTypes(connection_, schema));
  enum_types_.emplace(schema, types);
  return types;
}

absl::StatusOr<std::vector<std::string>> Inspector::SortedTableNames(
    absl::string_view schema, std::vector<std::string>* cycles) {
  MetaData metadata;
  ReflectAllOptions options;
  options.schema = std::string(schema);
  CUPEL_RETURN_IF_ERROR(ReflectAll(&metadata, options));
  const SortedTables sorted = metadata.Sort();
  std::vector<std::string> names;
  for (const Table* table : sorted.tables) names.push_back(table->name());
  if (cycles != nullptr) *cycles = sorted.cycles;
  return names;
}

absl::StatusOr<bool> Inspector::HasTable(absl::string_view table,
                                         absl::string_view schema) {
  const Name name(schema, table);
  const auto cached = has_table_.find(name);
  if (cached != has_table_.end()) return cached->second;
  CUPEL_ASSIGN_OR_RETURN(bool exists,
                         catalog_->HasTable(connection_, schema, table));
  has_table_.emplace(name, exists);
  return exists;
}

absl::StatusOr<bool> Inspector::HasColumn(absl::string_view table,
                                          absl::string_view column,
                                          absl::string_view schema) {
  CUPEL_ASSIGN_OR_RETURN(const engine::CatalogTable* found,
                         Describe(table, schema));
  return absl::c_any_of(found->columns,
                        [&](const engine::CatalogColumn& candidate) {
                          return candidate.name == column;
                        });
}

absl::StatusOr<bool> Inspector::HasIndex(absl::string_view table,
                                         absl::string_view index,
                                         absl::string_view schema) {
  CUPEL_ASSIGN_OR_RETURN(const engine::CatalogTable* found,
                         Describe(table, schema));
  return absl::c_any_of(found->indexes,
                        [&](const engine::CatalogIndex& candidate) {
                          return candidate.name == index;
                        });
}

absl::StatusOr<const engine::CatalogTable*> Inspector::Describe(
    absl::string_view table, absl::string_view schema) {
  const Name name(schema, table);
  auto place = tables_.find(name);
  if (place == tables_.end()) {
    CUPEL_ASSIGN_OR_RETURN(engine::CatalogTable found,
                           catalog_->ReadTable(connection_, schema, table));
    place = tables_.emplace(name, std::move(found)).first;
  }
  return &place->second;
}

absl::StatusOr<std::string> Inspector::ViewDefinition(
    absl::string_view view, absl::string_view schema) {
  CUPEL_ASSIGN_OR_RETURN(engine::CatalogView found,
                         catalog_->ReadView(connection_, schema, view));
  return std::move(found.definition);
}

absl::StatusOr<TableDefinition> Inspector::ReflectDefinition(
    absl::string_view table, absl::string_view schema) {
  CUPEL_ASSIGN_OR_RETURN(const engine::CatalogTable* found,
                         Describe(table, schema));
  TableDefinition definition = schema_internal::ToDefinition(*found);
  // What was asked for without schema is in the default one.
  definition.schema = std::string(schema);
  for (ForeignKeyOptions& key : definition.foreign_keys) {
    if (key.referred_table.schema() == found->schema) {
      key.referred_table = TableReference(key.referred_table.name());
    }
  }
  return definition;
}

absl::StatusOr<std::shared_ptr<const Table>> Inspector::ReflectTable(
    absl::string_view table, const ReflectOptions& options) {
  CUPEL_ASSIGN_OR_RETURN(TableDefinition definition,
                         ReflectDefinition(table, options.schema));
  for (const ColumnOptions& column : options.overrides) {
    const auto same = absl::c_find_if(
        definition.columns,
        [&](const ColumnOptions& found) { return found.name == column.name; });
    if (same != definition.columns.end()) {
      *same = column;
    } else {
      definition.columns.push_back(column);
    }
  }
  if (options.adjust) options.adjust(&definition);
  return Table::Create(std::move(definition));
}

absl::Status Inspector::ReflectInto(MetaData* metadata, absl::string_view table,
                                    const ReflectAllOptions& options,
                                    std::vector<Name>* referred) {
  ReflectOptions reflect;
  reflect.schema = options.schema;
  reflect.adjust = options.adjust;
  CUPEL_ASSIGN_OR_RETURN(std::shared_ptr<const Table> reflected,
                         ReflectTable(table, reflect));
  for (const ForeignKey& key : reflected->foreign_keys()) {
    referred->emplace_back(key.referred_schema(), key.referred_name());
  }
  return metadata->Add(std::move(reflected), options.if_taken);
}

absl::Status Inspector::ReflectAll(MetaData* metadata,
                                   const ReflectAllOptions& options) {
  CUPEL_ASSIGN_OR_RETURN(std::vector<std::string> names,
                         TableNames(options.schema));
  if (options.views) {
    CUPEL_ASSIGN_OR_RETURN(std::vector<std::string> views,
                           ViewNames(options.schema));
    names.insert(names.end(), views.begin(), views.end());
  }
  std::vector<Name> pending;
  for (const std::string& name : names) {
    const bool listed =
        options.only.empty() || absl::c_linear_search(options.only, name);
    if (listed && (!options.filter || options.filter(name))) {
      pending.emplace_back(options.schema, name);
    }
  }
  for (const std::string& name : options.only) {
    if (!absl::c_linear_search(names, name)) {
      return absl::NotFoundError("there is no table \"" + name + "\"");
    }
  }
  std::set<Name> seen(pending.begin(), pending.end());
  for (size_t i = 0; i < pending.size(); ++i) {
    const Name name = pending[i];
    ReflectAllOptions one = options;
    one.schema = name.first;
    std::vector<Name> referred;
    CUPEL_RETURN_IF_ERROR(ReflectInto(metadata, name.second, one, &referred));
    for (Name& target : referred) {
      if (!options.follow_foreign_keys || !seen.insert(target).second) continue;
      // A key may point to a table that does not exist (any more).
      CUPEL_ASSIGN_OR_RETURN(bool exists,
                             HasTable(target.second, target.first));
      if (exists) pending.push_back(std::move(target));
    }
  }
  return absl::OkStatus();
}

void Inspector::ClearCache() {
  table_names_.clear();
  view_names_.clear();
  sequence_names_.clear();
  enum_types_.clear();
  has_table_.clear();
  tables_.clear();
}

}  // namespace cupel::schema
