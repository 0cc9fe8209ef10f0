#include "cupel/schema/metadata.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/status_macros.h"
#include "cupel/schema/table.h"
#include "cupel/schema/table_sort.h"

namespace cupel::schema {
namespace {

// Schema and name as one string that no other pair gives.
std::string Key(absl::string_view name, absl::string_view schema) {
  return absl::StrCat(schema, absl::string_view("\0", 1), name);
}

template <typename Element>
void Append(const std::vector<Element>& more, std::vector<Element>* list) {
  list->insert(list->end(), more.begin(), more.end());
}

// `base` with what `more` says on top.
TableDefinition Extend(const TableDefinition& base,
                       const TableDefinition& more) {
  TableBuilder builder(base);
  for (const ColumnOptions& column : more.columns) builder.Override(column);
  TableDefinition extended = builder.definition();
  if (!more.primary_key.columns.empty() || !more.primary_key.name.empty()) {
    extended.primary_key = more.primary_key;
  }
  Append(more.uniques, &extended.uniques);
  Append(more.checks, &extended.checks);
  Append(more.foreign_keys, &extended.foreign_keys);
  Append(more.excludes, &extended.excludes);
  Append(more.indexes, &extended.indexes);
  Append(more.options, &extended.options);
  Append(more.dialect_options, &extended.dialect_options);
  Append(more.hooks, &extended.hooks);
  Append(more.compile_hooks, &extended.compile_hooks);
  if (!more.comment.empty()) extended.comment = more.comment;
  if (!more.doc.empty()) extended.doc = more.doc;
  for (const auto& [key, value] : more.info) extended.info[key] = value;
  return extended;
}

}  // namespace

MetaData::MetaData(MetaDataOptions options) : options_(std::move(options)) {}

void MetaData::AddHook(DdlHook hook) { hooks_.push_back(std::move(hook)); }

void MetaData::AddHook(CompileHook hook) {
  compile_hooks_.push_back(std::move(hook));
}

absl::Status MetaData::Add(std::shared_ptr<const Table> table,
                           IfTaken if_taken) {
  const auto [place, is_new] =
      by_name_.try_emplace(Key(table->name(), table->schema()), tables_.size());
  if (is_new) {
    tables_.push_back(std::move(table));
    return absl::OkStatus();
  }
  std::shared_ptr<const Table>& earlier = tables_[place->second];
  switch (if_taken) {
    case IfTaken::kError:
      return absl::AlreadyExistsError(
          absl::StrCat("table \"", table->full_name(),
                       "\" is already defined: give it another name, or say "
                       "whether to keep, extend or replace the earlier one"));
    case IfTaken::kKeep:
      break;
    case IfTaken::kExtend: {
      CUPEL_ASSIGN_OR_RETURN(
          earlier,
          Table::Create(Extend(earlier->definition(), table->definition())));
      break;
    }
    case IfTaken::kReplace:
      earlier = std::move(table);
      break;
  }
  return absl::OkStatus();
}

absl::Status MetaData::AddStatic(const Table& table, IfTaken if_taken) {
  return Add(std::shared_ptr<const Table>(std::shared_ptr<void>(), &table),
             if_taken);
}

const Table* MetaData::Find(absl::string_view name,
                            absl::string_view schema) const {
  const auto found = by_name_.find(Key(name, schema));
  return found == by_name_.end() ? nullptr : tables_[found->second].get();
}

absl::StatusOr<const Table*> MetaData::Get(absl::string_view name,
                                           absl::string_view schema) const {
  if (const Table* table = Find(name, schema)) return table;
  return absl::NotFoundError(absl::StrCat("there is no table \"", schema,
                                          schema.empty() ? "" : ".", name,
                                          "\" in the metadata"));
}

absl::StatusOr<const Table*> MetaData::ReferredTable(
    const ForeignKey& key) const {
  if (const Table* table = key.referred_table()) return table;
  if (const Table* table = Find(key.referred_name(), key.referred_schema())) {
    return table;
  }
  return absl::NotFoundError(
      absl::StrCat("a foreign key of table \"", key.table().full_name(),
                   "\" refers to table \"", key.referred_schema(),
                   key.referred_schema().empty() ? "" : ".",
                   key.referred_name(), "\", which is not in the metadata"));
}

std::string MetaData::NameOf(const Constraint& constraint) const {
  const Table* referred = nullptr;
  if (constraint.kind() == Constraint::Kind::kForeignKey) {
    const absl::StatusOr<const Table*> found =
        ReferredTable(static_cast<const ForeignKey&>(constraint));
    if (found.ok()) referred = *found;
  }
  return options_.naming.NameOf(constraint, referred);
}

std::string MetaData::NameOf(const Index& index) const {
  return options_.naming.NameOf(index);
}

SortedTables MetaData::Sort(absl::Span<const Table* const> tables) const {
  std::vector<const Table*> all;
  if (tables.empty()) {
    for (const std::shared_ptr<const Table>& table : tables_) {
      all.push_back(table.get());
    }
    tables = all;
  }
  return schema_internal::SortTables(tables, [this](const ForeignKey& key) {
    return ReferredTable(key).value_or(nullptr);
  });
}

absl::StatusOr<std::vector<const Table*>> MetaData::Select(
    absl::Span<const Table* const> tables) const {
  std::vector<const Table*> selected;
  for (const std::shared_ptr<const Table>& table : tables_) {
    if (tables.empty() || absl::c_linear_search(tables, table.get())) {
      selected.push_back(table.get());
    }
  }
  for (const Table* table : tables) {
    if (!absl::c_linear_search(selected, table)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "table \"", table->full_name(), "\" is not in the metadata"));
    }
  }
  return selected;
}

}  // namespace cupel::schema
