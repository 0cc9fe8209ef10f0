#include "cupel/session/update_rows.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "cupel/session/insert_rows.h"
#include "cupel/session/property_mask.h"

namespace cupel::session {
namespace {

using engine::ValueView;

// Rows that one statement updates.
struct Shape {
  const EntityType* type;
  PropertyMask changed;
  bool alone;  // an expression is a statement of its own
  std::vector<BatchRow> rows;
};

absl::Status ExpectOne(const BatchRow& row,
                       const engine::ExecuteResult& result) {
  return result.affected_rows == 1
             ? absl::OkStatus()
             : StaleError(*row.first, "update", result.affected_rows);
}

// The rows of a joined entity hang together by the key.
absl::Status CheckKey(const EntityType& type, const PropertyMask& changed) {
  if (LevelCount(type) == 1) return absl::OkStatus();
  for (int key : type.primary_key()) {
    if (!HasBit(changed, key)) continue;
    return engine::MakeError(
        engine::ErrorKind::kMisuse,
        absl::StrCat("the key ", type.name(), ".", type.property(key).name,
                     " of a row in several tables cannot change: add a new "
                     "entity and delete this one"));
  }
  return absl::OkStatus();
}

absl::StatusOr<PropertyMask> ChangesOf(FlushWriter& writer,
                                       EntityState* state) {
  const EntityType& type = *state->type();
  absl::Status status;
  writer.plan().ForEachFlow(state, [&](const KeyFlow& flow) {
    if (status.ok()) status = writer.Flow(flow);
  });
  CUPEL_RETURN_IF_ERROR(status);
  PropertyMask changed = MakeMask(type);
  const EditRecord* record = state->edit;
  if (record == nullptr || !record->has_snapshot) return changed;
  for (int i = 0; i < PropertyCount(type); ++i) {
    const Property& property = type.property(i);
    if (property.column->computed() != nullptr) continue;
    if (Differs(*record, property)) SetBit(&changed, i);
  }
  return changed;
}

// The statement would supply such values unseen: the entity shall know them.
absl::Status ApplyOnUpdate(FlushWriter& writer, EntityState* state,
                           PropertyMask* changed) {
  const EntityType& type = *state->type();
  for (int i = 0; i < PropertyCount(type); ++i) {
    const schema::Column& column = *type.property(i).column;
    const schema::ClientDefault& source = column.client_on_update();
    if (source.empty() || source.sql() != nullptr || HasBit(*changed, i)) {
      continue;
    }
    CUPEL_ASSIGN_OR_RETURN(
        engine::Value value,
        source.Evaluate(RowDefaultContext(column, state, /*is_update=*/true)));
    CUPEL_RETURN_IF_ERROR(writer.Assign(state, i, value.view()));
    SetBit(changed, i);
  }
  return absl::OkStatus();
}

// The next one after that in `former`, a member of the version property.
absl::Status SetNextVersion(FlushWriter& writer, EntityState* state,
                            const void* former, PropertyMask* changed) {
  const int version = state->type()->version_property();
  engine::BoundValue bound;
  CUPEL_RETURN_IF_ERROR(
      state->type()->property(version).ops->bind(former, &bound));
  const int64_t before = bound.view.kind() == engine::ValueKind::kInt64
                             ? bound.view.int64_value()
                             : 0;
  SetBit(changed, version);
  return writer.Assign(state, version, ValueView::Int64(before + 1));
}

absl::Status UpdateLevel(FlushWriter& writer, const Shape& shape, int level,
                         bool versioned) {
  const EntityType& type = *shape.type;
  RowStatement update(RowStatement::Verb::kUpdate, TableAt(type, level));
  std::vector<int> computed;
  for (int i = 0; i < PropertyCount(type); ++i) {
    const Property& property = type.property(i);
    if (property.level != level) continue;
    const schema::Column& column = *property.column;
    const query::Expr* expression =
        shape.alone ? ExpressionOf(shape.rows[0].first, i) : nullptr;
    if (expression != nullptr) {
      update.Set(column, *expression);
      computed.push_back(i);
    } else if (HasBit(shape.changed, i)) {
      update.Set(column, {RowValue::From::kMember, &property});
    } else if (column.has_server_value_on_update() ||
               column.client_on_update().sql() != nullptr) {
      computed.push_back(i);
    }
  }
  if (update.sets_nothing()) return absl::OkStatus();
  update.WhereKey(type, level, RowValue::From::kBefore);
  if (versioned && level == 0) {
    const Property& version = type.property(type.version_property());
    update.Where(*version.column, {RowValue::From::kBefore, &version, false});
  }
  return writer.Execute(std::move(update), computed, shape.rows, ExpectOne);
}

// Only the tables whose columns have changed.
absl::Status UpdateShape(FlushWriter& writer, const Shape& shape,
                         bool versioned) {
  for (int level = 0; level < LevelCount(*shape.type); ++level) {
    CUPEL_RETURN_IF_ERROR(
        engine::WithContext(UpdateLevel(writer, shape, level, versioned),
                            absl::StrCat("updating ", shape.type->name())));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status UpdateRows(FlushWriter& writer) {
  std::vector<Shape> shapes;
  for (EntityState* state : writer.plan().updates) {
    const EntityType& type = *state->type();
    CUPEL_ASSIGN_OR_RETURN(PropertyMask changed, ChangesOf(writer, state));
    const bool alone = HasExpressions(state);
    if (!alone && IsEmpty(changed)) continue;
    CUPEL_RETURN_IF_ERROR(CheckKey(type, changed));
    CUPEL_RETURN_IF_ERROR(ApplyOnUpdate(writer, state, &changed));
    if (type.version_property() >= 0) {
      const Property& version = type.property(type.version_property());
      CUPEL_RETURN_IF_ERROR(SetNextVersion(
          writer, state, MemberBefore(state, version), &changed));
    }
    writer.account().updated.push_back(state);
    auto found =
        std::find_if(shapes.begin(), shapes.end(), [&](const Shape& shape) {
          return !alone && !shape.alone && shape.type == &type &&
                 shape.changed == changed;
        });
    if (found == shapes.end()) {
      shapes.push_back({&type, std::move(changed), alone, {}});
      found = shapes.end() - 1;
    }
    found->rows.push_back({state, nullptr});
  }
  for (const Shape& shape : shapes) {
    CUPEL_RETURN_IF_ERROR(UpdateShape(
        writer, shape, /*versioned=*/shape.type->version_property() >= 0));
  }
  return absl::OkStatus();
}

absl::Status SwitchRows(FlushWriter& writer) {
  for (const RowSwitch& change : writer.plan().switches) {
    CUPEL_RETURN_IF_ERROR(PrepareNew(writer, change.to));
    const EntityType& type = *change.to->type();
    PropertyMask changed = MakeMask(type);
    for (int i = 0; i < PropertyCount(type); ++i) {
      const Property& p = type.property(i);
      const bool key =
          std::find(type.primary_key().begin(), type.primary_key().end(), i) !=
          type.primary_key().end();
      if (!key && p.column->computed() == nullptr &&
          !p.ops->equal(change.from->member(p.offset),
                        change.to->member(p.offset))) {
        SetBit(&changed, i);
      }
    }
    if (type.version_property() >= 0) {
      const Property& version = type.property(type.version_property());
      CUPEL_RETURN_IF_ERROR(SetNextVersion(
          writer, change.to, change.from->member(version.offset), &changed));
    }
    // The row's version is checked by its key alone: it was read in this
    // session and its entity is given up.
    CUPEL_RETURN_IF_ERROR(UpdateShape(writer,
                                      {&type,
                                       std::move(changed),
                                       HasExpressions(change.to),
                                       {{change.to, nullptr}}},
                                      /*versioned=*/false));
  }
  return absl::OkStatus();
}

absl::Status UpdateKeys(FlushWriter& writer, absl::Span<const KeyFlow> flows,
                        KeyChange change) {
  // By relationship, in the order in which they appear.
  std::vector<const Relationship*> order;
  absl::flat_hash_map<const Relationship*, std::vector<BatchRow>> rows;
  const bool to_null = change == KeyChange::kToNull;
  for (const KeyFlow& flow : flows) {
    if (!to_null) CUPEL_RETURN_IF_ERROR(writer.Flow(flow));
    std::vector<BatchRow>& group = rows[flow.r];
    if (group.empty()) order.push_back(flow.r);
    group.push_back({flow.child, nullptr});
  }
  for (const Relationship* r : order) {
    const EntityType& type =
        r->kind == RelationshipKind::kManyToOne ? *r->source : *r->target;
    const int level = type.property(r->foreign_properties[0]).level;
    RowStatement update(RowStatement::Verb::kUpdate, TableAt(type, level));
    update.WithoutOnUpdate();
    for (int foreign : r->foreign_properties) {
      const Property& property = type.property(foreign);
      update.Set(*property.column,
                 {to_null ? RowValue::From::kNull : RowValue::From::kMember,
                  &property});
    }
    update.WhereKey(type, level, RowValue::From::kMember);
    CUPEL_RETURN_IF_ERROR(
        writer.Execute(std::move(update), {}, rows[r], ExpectOne));
  }
  return absl::OkStatus();
}

}  // namespace cupel::session
