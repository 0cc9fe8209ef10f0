#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "cupel/schema/column.h"
#include "cupel/schema/constraint.h"
#include "cupel/schema/ddl_hook.h"
#include "cupel/schema/index.h"
#include "cupel/schema/table.h"

namespace cupel::schema {

TableBuilder::TableBuilder(std::string name, std::string schema) {
  definition_.name = std::move(name);
  definition_.schema = std::move(schema);
}

TableBuilder::TableBuilder(TableDefinition definition)
    : definition_(std::move(definition)) {}

TableBuilder& TableBuilder::Column(ColumnOptions options) {
  definition_.columns.push_back(std::move(options));
  return *this;
}

TableBuilder& TableBuilder::Override(ColumnOptions options) {
  const auto key = [](const ColumnOptions& column) -> const std::string& {
    return column.key.empty() ? column.name : column.key;
  };
  for (ColumnOptions& column : definition_.columns) {
    if (key(column) == key(options)) {
      column = std::move(options);
      return *this;
    }
  }
  return Column(std::move(options));
}

TableBuilder& TableBuilder::PrimaryKey(PrimaryKeyOptions options) {
  definition_.primary_key = std::move(options);
  return *this;
}

TableBuilder& TableBuilder::Unique(UniqueOptions options) {
  definition_.uniques.push_back(std::move(options));
  return *this;
}

TableBuilder& TableBuilder::Check(CheckOptions options) {
  definition_.checks.push_back(std::move(options));
  return *this;
}

TableBuilder& TableBuilder::ForeignKey(ForeignKeyOptions options) {
  definition_.foreign_keys.push_back(std::move(options));
  return *this;
}

TableBuilder& TableBuilder::Index(IndexOptions options) {
  definition_.indexes.push_back(std::move(options));
  return *this;
}

TableBuilder& TableBuilder::Exclude(ExcludeOptions options) {
  definition_.excludes.push_back(std::move(options));
  return *this;
}

TableBuilder& TableBuilder::Option(std::string dialect, std::string name,
                                   std::string value) {
  definition_.dialect_options.push_back(
      {std::move(dialect), std::move(name), std::move(value)});
  return *this;
}

TableBuilder& TableBuilder::Option(std::string word) {
  definition_.options.push_back(std::move(word));
  return *this;
}

TableBuilder& TableBuilder::Comment(std::string text) {
  definition_.comment = std::move(text);
  return *this;
}

TableBuilder& TableBuilder::Hook(DdlHook hook) {
  definition_.hooks.push_back(std::move(hook));
  return *this;
}

TableBuilder& TableBuilder::Hook(CompileHook hook) {
  definition_.compile_hooks.push_back(std::move(hook));
  return *this;
}

absl::StatusOr<std::shared_ptr<const Table>> TableBuilder::Build() const {
  return Table::Create(definition_);
}

}  // namespace cupel::schema
