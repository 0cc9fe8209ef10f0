#include "cupel/schema/constraint.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/schema/table.h"

namespace cupel::schema {

const Table* ForeignKey::referred_table() const {
  if (!options_.referred_table.by_name())
    return options_.referred_table.table();
  return RefersTo(table()) ? &table() : nullptr;
}

absl::string_view ForeignKey::referred_schema() const {
  if (const Table* known = options_.referred_table.table()) {
    return known->schema();
  }
  const std::string& schema = options_.referred_table.schema();
  return schema.empty() ? table().schema() : schema;
}

absl::string_view ForeignKey::referred_name() const {
  const Table* known = options_.referred_table.table();
  return known != nullptr ? known->name() : options_.referred_table.name();
}

bool ForeignKey::RefersTo(const Table& candidate) const {
  if (options_.referred_table.table() == &candidate) return true;
  return referred_name() == candidate.name() &&
         referred_schema() == candidate.schema();
}

absl::StatusOr<std::vector<const Column*>> ForeignKey::ReferredColumns(
    const Table& referred) const {
  std::vector<const Column*> columns;
  if (options_.referred_columns.empty()) {
    columns.assign(referred.primary_key().columns().begin(),
                   referred.primary_key().columns().end());
  }
  for (const std::string& key : options_.referred_columns) {
    const Column* column = referred.FindByKeyOrName(key);
    if (column == nullptr) {
      return absl::NotFoundError(absl::StrCat(
          "foreign key of table \"", table().full_name(), "\": table \"",
          referred.full_name(), "\" has no column \"", key, "\""));
    }
    columns.push_back(column);
  }
  if (columns.size() != this->columns().size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "foreign key of table \"", table().full_name(), "\" has ",
        this->columns().size(), " columns but refers to ", columns.size(),
        " of table \"", referred.full_name(), "\""));
  }
  return columns;
}

}  // namespace cupel::schema
