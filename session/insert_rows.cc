#include "cupel/session/insert_rows.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "cupel/session/insert_run.h"
#include "cupel/session/property_mask.h"

namespace cupel::session {
namespace {

using engine::ValueView;

// Rows that one statement inserts.
struct Shape {
  PropertyMask columns;
  bool alone;  // an expression is a statement of its own
  std::vector<BatchRow> rows;
};

bool IsUnset(const Property& property, const EntityState* state) {
  return ReadInteger(property, state->object()).value_or(0) == 0;
}

bool IsNull(const Property& property, const EntityState* state) {
  if (!property.ops->nullable) return false;
  engine::BoundValue bound;
  return property.ops->bind(state->member(property.offset), &bound).ok() &&
         bound.view.is_null();
}

bool HasDefault(const schema::Column& column) {
  return !column.server_default().empty() || !column.client_default().empty() ||
         column.sequence() != nullptr;
}

// Whether the column of a level has a member of its own.
bool HasProperty(const EntityType& type, int level,
                 const schema::Column& column) {
  return std::any_of(type.properties().begin(), type.properties().end(),
                     [&](const Property& property) {
                       return property.level == level &&
                              property.column == &column;
                     });
}

// The columns of a level that the entity gives; the database makes the others.
PropertyMask ColumnsOf(const EntityState* state, int level) {
  const EntityType& type = *state->type();
  PropertyMask columns = MakeMask(type);
  for (int i = 0; i < PropertyCount(type); ++i) {
    const Property& property = type.property(i);
    const schema::Column& column = *property.column;
    if (property.level != level || column.computed() != nullptr) continue;
    if (i == type.generated_key() && IsUnset(property, state)) continue;
    if (ExpressionOf(state, i) == nullptr) {
      if (HasDefault(column) && IsNull(property, state)) continue;
      if (property.slot_offset != Property::kNoSlot &&
          !static_cast<const ColumnSlot*>(state->member(property.slot_offset))
               ->is_loaded()) {
        continue;
      }
    }
    SetBit(&columns, i);
  }
  return columns;
}

// A joined type may keep the key in a member of its own, too.
absl::Status CopyKey(FlushWriter& writer, EntityState* state, int level) {
  const EntityType& type = *state->type();
  for (int i = 0; i < PropertyCount(type); ++i) {
    const Property& to = type.property(i);
    if (to.level != level) continue;
    for (size_t k = 0; k < type.primary_key().size(); ++k) {
      if (&KeyColumn(type, level, k) != to.column) continue;
      const Property& from = type.property(type.primary_key()[k]);
      engine::BoundValue bound;
      CUPEL_RETURN_IF_ERROR(from.ops->bind(state->member(from.offset), &bound));
      CUPEL_RETURN_IF_ERROR(writer.Assign(state, i, bound.view));
    }
  }
  return absl::OkStatus();
}

absl::Status InsertShape(FlushWriter& writer, const EntityType& type, int level,
                         const Shape& shape) {
  RowStatement insert(RowStatement::Verb::kInsert, TableAt(type, level));
  const int generated = level == 0 ? type.generated_key() : -1;
  const bool generates = generated >= 0 && !HasBit(shape.columns, generated);
  // What an expression made has to be read anyway, the key with it.
  const bool by_last_id = writer.can().last_insert_id && generates &&
                          type.property(generated).column->autoincrement() &&
                          !(shape.alone && writer.can().returning);
  std::vector<int> computed;
  for (size_t k = 0; level > 0 && k < type.primary_key().size(); ++k) {
    const schema::Column& column = KeyColumn(type, level, k);
    if (HasProperty(type, level, column)) continue;
    insert.Set(column, {RowValue::From::kMember,
                        &type.property(type.primary_key()[k])});
  }
  for (int i = 0; i < PropertyCount(type); ++i) {
    const Property& property = type.property(i);
    if (property.level != level) continue;
    const schema::Column& column = *property.column;
    const query::Expr* expression =
        shape.alone ? ExpressionOf(shape.rows[0].first, i) : nullptr;
    if (expression != nullptr) {
      insert.Set(column, *expression);
      computed.push_back(i);
    } else if (HasBit(shape.columns, i)) {
      insert.Set(column, {RowValue::From::kMember, &property});
      if (column.options().fetched_on_insert) computed.push_back(i);
    } else if (i != generated || !by_last_id) {
      computed.push_back(i);
    }
  }
  std::vector<FlushAccount::Inserted>& inserted = writer.account().inserted;
  inserted.reserve(inserted.size() + shape.rows.size());
  auto done = [&](const BatchRow& row,
                  const engine::ExecuteResult& result) -> absl::Status {
    if (level == 0) inserted.push_back({row.first, generates});
    if (!generates || !by_last_id) return absl::OkStatus();
    const Property& key = type.property(generated);
    return key.ops->read(ValueView::Int64(result.last_insert_id),
                         row.first->member(key.offset));
  };
  absl::Span<const BatchRow> rows = shape.rows;
  if (generates && by_last_id && computed.empty()) {
    CUPEL_ASSIGN_OR_RETURN(
        const size_t inserted_rows,
        InsertRun(writer, insert, type.property(generated), rows, done));
    rows.remove_prefix(inserted_rows);
    if (rows.empty()) return absl::OkStatus();
  }
  return writer.Execute(std::move(insert), computed, rows, done);
}

absl::Status InsertLevel(FlushWriter& writer, const RowGroup& group,
                         int level) {
  const EntityType& type = *group.type;
  std::vector<Shape> shapes;
  for (EntityState* state : group.rows) {
    if (level > 0) CUPEL_RETURN_IF_ERROR(CopyKey(writer, state, level));
    PropertyMask columns = ColumnsOf(state, level);
    const bool alone = HasExpressions(state);
    auto found =
        std::find_if(shapes.begin(), shapes.end(), [&](const Shape& shape) {
          return !alone && !shape.alone && shape.columns == columns;
        });
    if (found == shapes.end()) {
      shapes.push_back({std::move(columns), alone, {}});
      found = shapes.end() - 1;
    }
    found->rows.push_back({state, nullptr});
  }
  if (level == 0 && type.generated_key() >= 0) {
    // Rows that bring their key come first: no generated one is in their way.
    std::stable_partition(shapes.begin(), shapes.end(), [&](const Shape& s) {
      return HasBit(s.columns, type.generated_key());
    });
  }
  for (const Shape& shape : shapes) {
    CUPEL_RETURN_IF_ERROR(
        engine::WithContext(InsertShape(writer, type, level, shape),
                            absl::StrCat("inserting ", type.name())));
  }
  return absl::OkStatus();
}

}  // namespace

const query::Expr* ExpressionOf(const EntityState* state, int property) {
  if (!HasExpressions(state)) return nullptr;
  for (const auto& [index, expr] : *state->edit->expressions) {
    if (index == property) return &expr;
  }
  return nullptr;
}

absl::Status PrepareNew(FlushWriter& writer, EntityState* state) {
  const EntityType& type = *state->type();
  absl::Status status;
  writer.plan().ForEachFlow(state, [&](const KeyFlow& flow) {
    if (status.ok() && !writer.plan().IsCut(flow)) status = writer.Flow(flow);
  });
  CUPEL_RETURN_IF_ERROR(status);
  if (type.discriminator() >= 0) {
    if (type.identity() == nullptr) {
      return engine::MakeError(
          engine::ErrorKind::kMisuse,
          absl::StrCat(type.name(),
                       " has no identity, so no row can be one: add an entity "
                       "of a class that inherits it"));
    }
    CUPEL_RETURN_IF_ERROR(
        writer.Assign(state, type.discriminator(), type.identity()->view()));
  }
  const int version = type.version_property();
  if (version >= 0 && IsUnset(type.property(version), state)) {
    CUPEL_RETURN_IF_ERROR(writer.Assign(state, version, ValueView::Int64(1)));
  }
  return absl::OkStatus();
}

absl::Status InsertRows(FlushWriter& writer, const RowGroup& group) {
  for (EntityState* state : group.rows) {
    CUPEL_RETURN_IF_ERROR(PrepareNew(writer, state));
  }
  // The base's rows before those that have their key.
  for (int level = 0; level < LevelCount(*group.type); ++level) {
    CUPEL_RETURN_IF_ERROR(InsertLevel(writer, group, level));
  }
  return absl::OkStatus();
}

}  // namespace cupel::session
