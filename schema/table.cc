#include "cupel/schema/table.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/type.h"
#include "cupel/engine/value.h"
#include "cupel/schema/type_check.h"

namespace cupel::schema {
namespace {

bool IsIntegerKind(const engine::Type& type) {
  return type.kind == engine::TypeKind::kSmallInteger ||
         type.kind == engine::TypeKind::kInteger ||
         type.kind == engine::TypeKind::kBigInteger;
}

void CheckSequence(const ColumnOptions& column,
                   absl::FunctionRef<void(absl::string_view what)> complain) {
  if (column.sequence->name.empty()) {
    complain("takes its values from a sequence without a name");
  }
  if (!IsIntegerKind(column.type)) {
    complain("takes its values from a sequence but is not an integer");
  }
  if (column.computed || column.identity || !column.server_default.empty() ||
      column.autoincrement == Autoincrement::kYes) {
    complain(
        "takes its values from a sequence and cannot be computed, an identity "
        "or autoincrement column, or have a server default");
  }
}

void CheckColumn(const ColumnOptions& column,
                 std::vector<std::string>* errors) {
  const auto complain = [&](absl::string_view what) {
    errors->push_back(absl::StrCat("column \"", column.name, "\" ", what));
  };
  if (column.name.empty()) complain("has no name");
  if (column.computed && !column.server_default.empty()) {
    complain("is computed and cannot have a server default");
  }
  if (column.computed &&
      (!column.client_default.empty() || !column.client_on_update.empty())) {
    complain("is computed and cannot have a client default");
  }
  if (column.computed && column.computed->expression.empty()) {
    complain("is computed by an empty expression");
  }
  if (column.identity && !column.server_default.empty()) {
    complain("is an identity column and cannot have a server default");
  }
  for (const ColumnVariant& variant : column.variants) {
    const engine::ValueKind own = engine::LogicalKind(column.type);
    const engine::ValueKind other = engine::LogicalKind(variant.type);
    if (variant.dialect.empty()) complain("has a variant for no dialect");
    if (own != other && own != engine::ValueKind::kNull &&
        other != engine::ValueKind::kNull) {
      complain(absl::StrCat("is of ", column.type.DebugString(), ", of which ",
                            variant.type.DebugString(),
                            " cannot be a variant"));
    }
  }
  if (column.sequence) CheckSequence(column, complain);
  for (const ForeignKeyOptions& key : column.foreign_keys) {
    if (!key.columns.empty()) {
      complain("has a foreign key that lists columns: leave them empty there");
    }
  }
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Table>> Table::Create(
    TableDefinition definition) {
  // Not make_shared: the constructor is private.
  std::shared_ptr<Table> table(new Table(std::move(definition)));
  std::vector<std::string> errors;
  if (table->name().empty()) errors.push_back("it has no name");
  table->BuildColumns(&errors);
  table->BuildPrimaryKey(&errors);
  table->BuildConstraints(&errors);
  table->BuildIndexes(&errors);
  if (errors.empty()) table->ChooseAutoincrement(&errors);
  if (!errors.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("table \"", table->full_name(),
                     "\" is not well defined: ", absl::StrJoin(errors, "; ")));
  }
  return table;
}

Table::Table(TableDefinition definition)
    : definition_(std::move(definition)),
      full_name_(
          definition_.schema.empty()
              ? definition_.name
              : absl::StrCat(definition_.schema, ".", definition_.name)) {}

const Column* Table::Find(absl::string_view key) const {
  for (const Column& column : columns_) {
    if (column.key() == key) return &column;
  }
  return nullptr;
}

const Column* Table::FindByName(absl::string_view name) const {
  for (const Column& column : columns_) {
    if (column.name() == name) return &column;
  }
  return nullptr;
}

const Column* Table::FindByKeyOrName(absl::string_view key_or_name) const {
  const Column* column = Find(key_or_name);
  return column != nullptr ? column : FindByName(key_or_name);
}

void Table::BuildColumns(std::vector<std::string>* errors) {
  absl::flat_hash_set<absl::string_view> names;
  absl::flat_hash_set<absl::string_view> keys;
  columns_.reserve(definition_.columns.size());
  for (const ColumnOptions& options : definition_.columns) {
    CheckColumn(options, errors);
    Column column(this, static_cast<int>(columns_.size()), &options);
    if (!names.insert(column.name()).second) {
      errors->push_back(
          absl::StrCat("column \"", column.name(), "\" occurs twice"));
    } else if (!keys.insert(column.key()).second) {
      errors->push_back(
          absl::StrCat("two columns have the key \"", column.key(), "\""));
    }
    columns_.push_back(std::move(column));
  }
}

void Table::BuildPrimaryKey(std::vector<std::string>* errors) {
  const PrimaryKeyOptions& options = definition_.primary_key;
  std::vector<const Column*> columns =
      Resolve(options.columns, "primary key", errors);
  if (options.columns.empty()) {
    for (const Column& column : columns_) {
      if (column.options().primary_key) columns.push_back(&column);
    }
  }
  for (const Column& column : columns_) {
    if (!options.columns.empty() && column.options().primary_key &&
        !absl::c_linear_search(columns, &column)) {
      errors->push_back(absl::StrCat("column \"", column.name(),
                                     "\" is flagged as primary key but not "
                                     "listed in the primary key"));
    }
  }
  for (Column& column : columns_) {
    column.primary_key_ = absl::c_linear_search(columns, &column);
    column.nullable_ = column.options().nullable.value_or(!column.primary_key_);
  }
  primary_key_.push_back(PrimaryKey(this, options, std::move(columns)));
}

void Table::BuildConstraints(std::vector<std::string>* errors) {
  const auto add_unique = [&](const UniqueOptions& options) {
    if (options.columns.empty()) {
      errors->push_back("a unique constraint has no columns");
    }
    uniques_.push_back(Unique(
        this, options, Resolve(options.columns, "unique constraint", errors)));
  };
  const auto add_foreign_key = [&](const ForeignKeyOptions& options) {
    if (options.columns.empty()) {
      errors->push_back("a foreign key has no columns");
    }
    if (options.referred_table.empty()) {
      errors->push_back("a foreign key refers to no table");
    }
    if (!options.referred_columns.empty() &&
        options.referred_columns.size() != options.columns.size()) {
      errors->push_back(absl::StrCat("the foreign key on (",
                                     absl::StrJoin(options.columns, ", "),
                                     ") refers to another number of columns"));
    }
    foreign_keys_.push_back(ForeignKey(
        this, options, Resolve(options.columns, "foreign key", errors)));
  };
  for (const Column& column : columns_) {
    if (column.options().unique && !column.options().index) {
      add_unique({.columns = {column.key()}});
    }
    for (ForeignKeyOptions options : column.options().foreign_keys) {
      options.columns = {column.key()};
      add_foreign_key(options);
    }
    if (std::optional<CheckOptions> check = TypeCheck(column)) {
      checks_.push_back(Check(this, *std::move(check)));
    }
  }
  absl::c_for_each(definition_.uniques, add_unique);
  absl::c_for_each(definition_.foreign_keys, add_foreign_key);
  for (const ExcludeOptions& options : definition_.excludes) {
    AddExclude(options, errors);
  }
  for (const CheckOptions& options : definition_.checks) {
    if (options.condition.empty()) {
      errors->push_back(
          absl::StrCat("check \"", options.name, "\" has no condition"));
    }
    checks_.push_back(Check(this, options));
  }
}

void Table::AddExclude(const ExcludeOptions& options,
                       std::vector<std::string>* errors) {
  const auto complain = [&](absl::string_view what) {
    errors->push_back(
        absl::StrCat("exclude constraint \"", options.name, "\" ", what));
  };
  if (options.parts.empty()) complain("has no parts");
  std::vector<const schema::Column*> parts;
  std::vector<const schema::Column*> columns;
  for (const ExcludePartOptions& part : options.parts) {
    // Nothing that could end the clause.
    if (part.op.empty() ||
        part.op.find_first_not_of("+-*/<>=~!@#%^&|`?") != part.op.npos) {
      complain("has a part without an operator");
    }
    if (part.column.empty() == part.expression.empty()) {
      complain("has a part without either a column or an expression");
    }
    parts.push_back(nullptr);
    if (part.column.empty()) continue;
    parts.back() = FindByKeyOrName(part.column);
    if (parts.back() == nullptr) {
      complain(absl::StrCat("has no column \"", part.column, "\""));
    } else {
      columns.push_back(parts.back());
    }
  }
  excludes_.push_back(
      Exclude(this, options, std::move(parts), std::move(columns)));
}

void Table::BuildIndexes(std::vector<std::string>* errors) {
  for (const Column& column : columns_) {
    if (!column.options().index) continue;
    AddIndex({.parts = {{.column = column.key()}},
              .unique = column.options().unique},
             errors);
  }
  for (const IndexOptions& options : definition_.indexes) {
    AddIndex(options, errors);
  }
}

void Table::AddIndex(IndexOptions options, std::vector<std::string>* errors) {
  if (options.parts.empty()) {
    errors->push_back(
        absl::StrCat("index \"", options.name, "\" has no parts"));
  }
  std::vector<const Column*> columns;
  for (const IndexPartOptions& part : options.parts) {
    if (part.column.empty() == part.expression.empty()) {
      errors->push_back(
          absl::StrCat("a part of index \"", options.name,
                       "\" must have either a column or an expression"));
    }
    if (part.column.empty()) {
      columns.push_back(nullptr);
      continue;
    }
    const std::vector<const Column*> found =
        Resolve({part.column}, "index", errors);
    columns.push_back(found.empty() ? nullptr : found.front());
  }
  std::vector<const Column*> include =
      Resolve(options.include, "index", errors);
  indexes_.push_back(
      Index(this, std::move(options), std::move(columns), std::move(include)));
}

void Table::ChooseAutoincrement(std::vector<std::string>* errors) {
  const auto has_foreign_key = [&](const Column& column) {
    return absl::c_any_of(foreign_keys_, [&](const ForeignKey& key) {
      return absl::c_linear_search(key.columns(), &column);
    });
  };
  const auto is_generated = [&](const Column& column) {
    const ColumnOptions& options = column.options();
    if (options.identity) return true;
    switch (options.autoincrement) {
      case Autoincrement::kYes:
        return true;
      case Autoincrement::kNo:
        return false;
      case Autoincrement::kAuto:
      case Autoincrement::kIgnoreForeignKey:
        break;
    }
    return column.primary_key() && primary_key().columns().size() == 1 &&
           IsIntegerKind(column.type()) && options.server_default.empty() &&
           options.client_default.empty() && !options.computed &&
           !options.sequence &&
           (options.autoincrement == Autoincrement::kIgnoreForeignKey ||
            !has_foreign_key(column));
  };
  for (Column& column : columns_) {
    if (!is_generated(column)) continue;
    if (!IsIntegerKind(column.type())) {
      errors->push_back(absl::StrCat("column \"", column.name(),
                                     "\" is generated by the database but is "
                                     "not an integer"));
    }
    if (autoincrement_column_ != nullptr) {
      errors->push_back(
          absl::StrCat("columns \"", autoincrement_column_->name(), "\" and \"",
                       column.name(), "\" are both generated by the database"));
    }
    column.autoincrement_ = true;
    autoincrement_column_ = &column;
  }
}

std::vector<const Column*> Table::Resolve(
    absl::Span<const std::string> columns, absl::string_view what,
    std::vector<std::string>* errors) const {
  std::vector<const Column*> resolved;
  for (const std::string& key : columns) {
    const Column* column = FindByKeyOrName(key);
    if (column == nullptr) {
      errors->push_back(
          absl::StrCat("there is no column \"", key, "\" for its ", what));
    } else if (absl::c_linear_search(resolved, column)) {
      errors->push_back(
          absl::StrCat("column \"", key, "\" occurs twice in a ", what));
    } else {
      resolved.push_back(column);
    }
  }
  return resolved;
}

}  // namespace cupel::schema
