#include "cupel/orm/model.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cupel/engine/type_traits.h"
#include "cupel/orm/column.h"
#include "cupel/orm/naming.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"

namespace cupel::orm_internal {
namespace {

std::vector<std::string> Strings(const Members& members) {
  return {members.view().begin(), members.view().end()};
}

// The table of `getter`'s class, asked when it is needed: tables may refer to
// each other.
schema::TableReference ReferenceTo(ModelGetter getter) {
  return schema::TableReference(schema::TableReference::Getter(
      [getter]() -> const schema::Table& { return *getter().table().table; }));
}

schema::ForeignKeyOptions ForeignKeyFrom(const ForeignKeySpec& spec) {
  return {.name = std::string(spec.name),
          .referred_table = ReferenceTo(spec.referred),
          .referred_columns = Strings(spec.referred_members),
          .on_delete = spec.on_delete,
          .on_update = spec.on_update,
          .deferrable = spec.deferrable};
}

schema::ClientDefault ClientDefaultFrom(engine::Value (*function)()) {
  return function == nullptr ? schema::ClientDefault()
                             : schema::ClientDefault::Function(function);
}

// Builds one table; collects what is wrong with it.
class ModelTableBuilder {
 public:
  explicit ModelTableBuilder(const ModelInfo& model)
      : model_(model), mapping_(model.mapping()) {}

  ModelTable Build() {
    if (SharesTable(model_)) return TableOfBase();
    schema::TableDefinition definition = EmptyDefinition();
    if (mapping_.inheritance.adds_key) AddBaseKey(&definition);
    for (const ColumnSpec& column : mapping_.columns) {
      definition.columns.push_back(ColumnFrom(column));
    }
    AddSubclasses(mapping_, &definition);
    for (const ConstraintSpec& constraint : mapping_.constraints) {
      AddConstraint(constraint, &definition);
    }
    if (mapping_.table_args != nullptr) mapping_.table_args(definition);
    absl::StatusOr<std::shared_ptr<const schema::Table>> table =
        schema::Table::Create(std::move(definition));
    if (!table.ok()) {
      errors_.push_back(std::string(table.status().message()));
    }
    if (errors_.empty()) return {*std::move(table), absl::OkStatus()};
    return Broken();
  }

 private:
  // ---- Inheritance

  ModelTable TableOfBase() {
    const ModelInfo& base = *BaseOf(model_);
    const absl::Span<const ModelGetter> listed =
        base.mapping().inheritance.subclasses;
    if (std::none_of(listed.begin(), listed.end(), [this](ModelGetter getter) {
          return &getter() == &model_;
        })) {
      errors_.push_back(
          absl::StrCat("its columns are in the table of class ", base.name,
                       ", whose mapping must say so: Subclasses<", model_.name,
                       ">() behind the identity (or give the class Joined())"));
    }
    if (!mapping_.table_name.empty() || !mapping_.schema.empty()) {
      errors_.push_back(absl::StrCat("shares the table of class ", base.name,
                                     " and cannot name another"));
    }
    if (mapping_.table_args != nullptr) {
      errors_.push_back(absl::StrCat("shares the table of class ", base.name,
                                     ", whose mapping takes the TableArgs()"));
    }
    const ModelTable& table = base.table();
    if (errors_.empty()) return table;
    return {table.table, Broken().status};
  }

  // The columns of a joined class that refer to its base's key.
  void AddBaseKey(schema::TableDefinition* definition) {
    const ModelInfo* base = BaseOf(model_);
    if (base == nullptr) {
      errors_.push_back("Joined() needs a base: Inherits<>()");
      return;
    }
    schema::ForeignKeyOptions key;
    key.referred_table = ReferenceTo(mapping_.inheritance.base);
    for (const schema::Column* column :
         base->table().table->primary_key().columns()) {
      definition->columns.push_back(
          {.name = column->name(),
           .key = column->key(),
           .type = column->type(),
           .variants = column->options().variants,
           .nullable = false,
           .primary_key = true,
           .autoincrement = schema::Autoincrement::kNo});
      key.columns.push_back(column->key());
      key.referred_columns.push_back(column->key());
    }
    definition->foreign_keys.push_back(std::move(key));
  }

  // What the classes below keep in this table: their rows alone have it.
  void AddSubclasses(const MappingView& mapping,
                     schema::TableDefinition* definition) {
    for (ModelGetter getter : mapping.inheritance.subclasses) {
      const ModelInfo& model = getter();
      const MappingView& below = model.mapping();
      if (!SharesTable(model) || &BaseOf(model)->mapping() != &mapping) {
        errors_.push_back(
            absl::StrCat("Subclasses<> lists class ", model.name,
                         ", which does not inherit it in its table"));
        continue;
      }
      for (const ColumnSpec& spec : below.columns) {
        AddSubclassColumn(model, spec, definition);
      }
      for (const ConstraintSpec& constraint : below.constraints) {
        AddConstraint(constraint, definition);
      }
      AddSubclasses(below, definition);
    }
  }

  // Two classes may share a column.
  void AddSubclassColumn(const ModelInfo& model, const ColumnSpec& spec,
                         schema::TableDefinition* definition) {
    schema::ColumnOptions column = ColumnFrom(spec);
    column.nullable = true;
    for (const schema::ColumnOptions& known : definition->columns) {
      if (known.key != column.key && known.name != column.name) continue;
      if (known.key == column.key && known.name == column.name &&
          known.type == column.type) {
        return;
      }
      errors_.push_back(absl::StrCat(
          "column ", column.name, " of class ", model.name,
          " meets another one of its name but not of its type: members that "
          "share a column have one name and one type"));
      return;
    }
    definition->columns.push_back(std::move(column));
  }

  // ---- The class's own

  schema::TableDefinition EmptyDefinition() const {
    schema::TableDefinition definition;
    definition.name =
        !mapping_.table_name.empty()
            ? std::string(mapping_.table_name)
            : TableNameFor(model_.name, mapping_.legacy_name
                                            ? TableNameRule::kLegacy
                                            : TableNameRule::kSnakeCase);
    definition.schema = std::string(mapping_.schema);
    definition.comment = std::string(mapping_.comment);
    if (!mapping_.bind_key.empty()) {
      definition.info["bind_key"] = std::string(mapping_.bind_key);
    }
    return definition;
  }

  schema::ColumnOptions ColumnFrom(const ColumnSpec& spec) {
    const engine::TypeOps& ops = spec.ops();
    schema::ColumnOptions column;
    column.name = std::string(spec.name.empty() ? spec.member : spec.name);
    column.key = std::string(spec.member);
    column.type = TypeFrom(spec, ops);
    column.nullable = spec.nullability == Nullability::kFromType
                          ? ops.nullable
                          : spec.nullability == Nullability::kNull;
    column.primary_key = spec.primary_key;
    column.unique = spec.unique;
    column.index = spec.index;
    column.autoincrement =
        spec.autoincrement == Toggle::kDefault ? schema::Autoincrement::kAuto
        : spec.autoincrement == Toggle::kOn    ? schema::Autoincrement::kYes
                                               : schema::Autoincrement::kNo;
    if (spec.foreign_key.referred != nullptr) {
      column.foreign_keys.push_back(ForeignKeyFrom(spec.foreign_key));
    }
    if (!spec.server_default_text.empty()) {
      column.server_default =
          schema::SqlFragment::Text(std::string(spec.server_default_text));
    }
    if (!spec.sequence.name.empty()) {
      column.sequence =
          schema::Sequence{.name = std::string(spec.sequence.name),
                           .schema = std::string(spec.sequence.schema),
                           .start = spec.sequence.start,
                           .increment = spec.sequence.increment};
    }
    for (const VariantSpec& variant : spec.variants) {
      if (variant.dialect.empty()) break;
      column.variants.push_back({std::string(variant.dialect), variant.type});
    }
    column.client_default = ClientDefaultFrom(spec.default_value);
    column.client_on_update = ClientDefaultFrom(spec.on_update_value);
    if (spec.computed != nullptr || !spec.computed_text.empty()) {
      column.computed = schema::ComputedOptions{
          FragmentFrom(spec.computed, spec.computed_text),
          spec.computed_stored ? schema::ComputedStorage::kStored
                               : schema::ComputedStorage::kVirtual};
    }
    column.collation = std::string(spec.collation);
    column.comment = std::string(spec.comment);
    return column;
  }

  engine::Type TypeFrom(const ColumnSpec& spec, const engine::TypeOps& ops) {
    if (spec.type.kind == engine::TypeKind::kUnknown) return ops.type;
    const engine::ValueKind wanted = engine::LogicalKind(spec.type);
    const engine::ValueKind given = engine::LogicalKind(ops.type);
    if (wanted != given && wanted != engine::ValueKind::kNull &&
        given != engine::ValueKind::kNull) {
      errors_.push_back(absl::StrCat(
          "column ", spec.member, ": the member's C++ type is kept as ",
          ops.type.DebugString(), ", which does not fit ",
          spec.type.DebugString()));
    }
    return spec.type;
  }

  // Expressions are made late: other tables may not be there yet.
  static schema::SqlFragment FragmentFrom(schema::SqlFragment (*make)(),
                                          absl::string_view text) {
    if (make == nullptr) return schema::SqlFragment::Text(std::string(text));
    return schema::SqlFragment::Rendered(
        [make](const engine::Dialect& dialect) {
          return make().Render(dialect);
        });
  }

  void AddConstraint(const ConstraintSpec& spec,
                     schema::TableDefinition* definition) {
    switch (spec.kind) {
      case ConstraintKind::kPrimaryKey:
        definition->primary_key = {.name = std::string(spec.name),
                                   .columns = Strings(spec.members)};
        return;
      case ConstraintKind::kUnique:
        definition->uniques.push_back(
            {.name = std::string(spec.name), .columns = Strings(spec.members)});
        return;
      case ConstraintKind::kIndex:
      case ConstraintKind::kUniqueIndex: {
        schema::IndexOptions index{
            .name = std::string(spec.name),
            .unique = spec.kind == ConstraintKind::kUniqueIndex};
        for (absl::string_view member : spec.members.view()) {
          index.parts.push_back({.column = std::string(member)});
        }
        definition->indexes.push_back(std::move(index));
        return;
      }
      case ConstraintKind::kForeignKey: {
        schema::ForeignKeyOptions key = ForeignKeyFrom(spec.foreign_key);
        key.name = std::string(spec.name);
        key.columns = Strings(spec.members);
        definition->foreign_keys.push_back(std::move(key));
        return;
      }
      case ConstraintKind::kCheck:
        definition->checks.push_back(
            {.name = std::string(spec.name),
             .condition = FragmentFrom(spec.check, spec.check_text)});
        return;
    }
  }

  // A table without columns stands in for one that could not be made.
  ModelTable Broken() const {
    absl::StatusOr<std::shared_ptr<const schema::Table>> empty =
        schema::Table::Create(EmptyDefinition());
    if (!empty.ok()) empty = schema::Table::Create({.name = "broken"});
    std::vector<std::string> lines;
    for (const std::string& error : errors_) {
      lines.push_back(absl::StrCat("class ", model_.name, ": ", error));
    }
    return {empty.ok() ? *std::move(empty) : nullptr,
            absl::InvalidArgumentError(absl::StrJoin(lines, "\n"))};
  }

  const ModelInfo& model_;
  const MappingView& mapping_;
  std::vector<std::string> errors_;
};

}  // namespace

const ModelTable& ModelInfo::table() const {
  if (const ModelTable* table = made->load(std::memory_order_acquire)) {
    return *table;
  }
  // Recursive, since a table is made of the one that it inherits.
  static auto* const mutex = new std::recursive_mutex;
  const std::lock_guard<std::recursive_mutex> lock(*mutex);
  const ModelTable* table = made->load(std::memory_order_relaxed);
  if (table == nullptr) {
    table = new ModelTable(ModelTableBuilder(*this).Build());
    made->store(table, std::memory_order_release);
  }
  return *table;
}

const ModelInfo* BaseOf(const ModelInfo& model) {
  const ModelGetter base = model.mapping().inheritance.base;
  return base == nullptr ? nullptr : &base();
}

const ModelInfo& RootOf(const ModelInfo& model) {
  const ModelInfo* root = &model;
  while (const ModelInfo* base = BaseOf(*root)) root = base;
  return *root;
}

bool SharesTable(const ModelInfo& model) {
  const InheritanceSpec& inheritance = model.mapping().inheritance;
  return inheritance.base != nullptr && !inheritance.joined;
}

std::vector<const schema::Table*> TablesOf(const ModelInfo& model) {
  std::vector<const schema::Table*> tables;
  for (const ModelInfo* at = &model; at != nullptr; at = BaseOf(*at)) {
    const schema::Table* table = at->table().table.get();
    if (tables.empty() || tables.back() != table) tables.push_back(table);
  }
  return tables;
}

engine::Value IdentityValue(const IdentitySpec& spec,
                            const engine::Type& type) {
  if (spec.kind == IdentitySpec::Kind::kNone) return engine::Value();
  if (spec.kind == IdentitySpec::Kind::kText) {
    return engine::Value::Text(std::string(spec.text));
  }
  if (const engine::EnumDescriptor* names = type.enumerators) {
    for (size_t i = 0; i < names->values.size(); ++i) {
      if (names->values[i] == spec.number) {
        return engine::Value::Text(std::string(names->names[i]));
      }
    }
  }
  return engine::Value::Int64(spec.number);
}

const schema::Column* FindColumn(const ModelInfo& model,
                                 absl::string_view member) {
  for (const schema::Table* table : TablesOf(model)) {
    if (const schema::Column* column = table->Find(member)) return column;
  }
  return nullptr;
}

engine::Value ValueFrom(const engine::TypeOps& ops, const void* object) {
  engine::BoundValue bound;
  // A value that cannot be bound is NULL, which a column that is not null
  // refuses.
  if (!ops.bind(object, &bound).ok()) return engine::Value();
  return engine::Value(bound.view);
}

schema::SqlFragment SqlFrom(absl::string_view sql) {
  return schema::SqlFragment::Text(std::string(sql));
}

schema::SqlFragment SqlFrom(const query::Expr& expression) {
  return schema::SqlFragment::Rendered(
      [expression](const engine::Dialect& dialect) {
        return query::RenderLiteral(expression, dialect);
      });
}

}  // namespace cupel::orm_internal
