#include "cupel/session/entity_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cupel/session/link_operations.h"

namespace cupel::session {

using engine::ValueKind;
using engine::ValueView;

EntityReader::EntityReader(SessionCore* core,
                           std::shared_ptr<const LoadPlan> plan, size_t first,
                           LoadBatch* batch, bool populate_existing)
    : core_(core),
      plan_(std::move(plan)),
      type_(&plan_->type()),
      first_(first),
      batch_(batch),
      populate_existing_(populate_existing),
      codecs_(plan_->properties().size(), nullptr) {
  for (int key : type_->primary_key()) {
    const auto place =
        std::find(plan_->properties().begin(), plan_->properties().end(), key);
    key_columns_.push_back(
        static_cast<size_t>(place - plan_->properties().begin()));
  }
  key_codecs_.resize(key_columns_.size(), nullptr);
  key_storage_.resize(key_columns_.size());
  key_.resize(key_columns_.size());
}

std::vector<query::Expr> EntityReader::Columns(const LoadPlan& plan,
                                               const query::FromItem& source) {
  std::vector<query::Expr> columns;
  columns.reserve(plan.properties().size());
  for (int property : plan.properties()) {
    const schema::Column& column = *plan.type().property(property).column;
    columns.push_back(source.empty() ? query::ColumnOf(column)
                                     : query::ColumnOf(source, column));
  }
  return columns;
}

void EntityReader::SetColumns(absl::Span<const query::ResultColumn> columns) {
  for (size_t i = 0; i < codecs_.size(); ++i) {
    if (first_ + i < columns.size()) codecs_[i] = columns[first_ + i].codec;
  }
  for (size_t k = 0; k < key_columns_.size(); ++k) {
    key_codecs_[k] = codecs_[key_columns_[k]];
  }
}

absl::Status EntityReader::ReadCell(int property, ValueView cell,
                                    const engine::Codec* codec,
                                    EntityState* state) {
  const Property& p = type_->property(property);
  if (state->watched) core_->Unwatch(state);
  absl::Status status;
  if (codec != nullptr && !cell.is_null()) {
    status = codec->Decode(cell, &logical_);
    cell = logical_.view;
  }
  if (status.ok()) status = p.ops->read(cell, state->member(p.offset));
  if (ABSL_PREDICT_FALSE(!status.ok())) {
    return engine::WithContext(
        status, absl::StrCat(type_->table().name(), ".", p.column->name()));
  }
  if (p.slot_offset != Property::kNoSlot) {
    static_cast<ColumnSlot*>(state->member(p.slot_offset))->MarkLoaded();
  }
  return absl::OkStatus();
}

absl::Status EntityReader::ReadInto(absl::Span<const ValueView> cells,
                                    EntityState* state) {
  const absl::Span<const int> properties = plan_->properties();
  for (size_t i = 0; i < properties.size(); ++i) {
    CUPEL_RETURN_IF_ERROR(
        ReadCell(properties[i], cells[first_ + i], codecs_[i], state));
  }
  return absl::OkStatus();
}

// Columns of a known entity that are missing or expired.
absl::Status EntityReader::Complete(absl::Span<const ValueView> cells,
                                    EntityState* state) {
  if (state->has(EntityState::kExpired) ||
      (populate_existing_ && state->edit == nullptr)) {
    CUPEL_RETURN_IF_ERROR(ReadInto(cells, state));
    for (const Relationship* r : type_->relationships()) {
      if (populate_existing_ && r->kind == RelationshipKind::kManyToOne &&
          !LinkOperations::IsChanged(state, *r)) {
        LinkOperations::Unload(state, *r);
      }
    }
    const bool expired = state->has(EntityState::kExpired);
    state->clear(EntityState::kExpired);
    state->clear(EntityState::kReadable);
    if (expired && !plan_->left_out().empty()) {
      SessionCore::PropertySet& set = core_->unloaded()[state];
      set.assign(type_->properties().size(), false);
      for (int property : plan_->left_out()) set[property] = true;
      state->set(EntityState::kPartial);
      return absl::OkStatus();
    }
  } else if (state->has(EntityState::kPartial)) {
    const SessionCore::PropertySet& set = core_->unloaded()[state];
    for (size_t i = 0; i < plan_->properties().size(); ++i) {
      const int property = plan_->properties()[i];
      if (set[property]) {
        CUPEL_RETURN_IF_ERROR(
            ReadCell(property, cells[first_ + i], codecs_[i], state));
      }
    }
  } else {
    if (!type_->has_slots()) return absl::OkStatus();
    for (size_t i = 0; i < plan_->properties().size(); ++i) {
      const Property& p = type_->property(plan_->properties()[i]);
      if (p.slot_offset == Property::kNoSlot) continue;
      if (static_cast<ColumnSlot*>(state->member(p.slot_offset))->is_loaded()) {
        continue;
      }
      CUPEL_RETURN_IF_ERROR(ReadCell(plan_->properties()[i], cells[first_ + i],
                                     codecs_[i], state));
    }
    return absl::OkStatus();
  }
  if (state->has(EntityState::kPartial)) {
    SessionCore::PropertySet& set = core_->unloaded()[state];
    for (int property : plan_->properties()) set[property] = false;
    if (std::find(set.begin(), set.end(), true) == set.end()) {
      core_->unloaded().erase(state);
      state->clear(EntityState::kPartial);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<EntityState*> EntityReader::Read(
    absl::Span<const ValueView> cells) {
  EntityState* state = nullptr;
  const bool integer = type_->has_integer_key();
  for (size_t k = 0; k < key_.size(); ++k) {
    ValueView cell = cells[first_ + key_columns_[k]];
    if (cell.is_null()) return nullptr;
    if (key_codecs_[k] != nullptr) {
      CUPEL_RETURN_IF_ERROR(key_codecs_[k]->Decode(cell, &key_storage_[k]));
      cell = key_storage_[k].view;
    }
    key_[k] = cell;
  }
  if (integer && key_[0].kind() == ValueKind::kInt64) {
    state = core_->identity_map().Find(*type_, key_[0].int64_value());
  } else if (!integer) {
    state = core_->identity_map().Find(*type_, key_);
  }
  if (state != nullptr) {
    CUPEL_RETURN_IF_ERROR(Complete(cells, state));
    if (batch_ != nullptr) batch_->Add(state);
    return state;
  }
  state = core_->NewLoaded(*type_);
  absl::Status status = ReadInto(cells, state);
  if (ABSL_PREDICT_FALSE(!status.ok())) {
    core_->Discard(state);
    return status;
  }
  if (integer) {
    core_->identity_map().Insert(state, key_[0].int64_value());
  } else {
    core_->identity_map().Insert(state);
  }
  if (!plan_->left_out().empty()) {
    SessionCore::PropertySet& set = core_->unloaded()[state];
    set.resize(type_->properties().size());
    for (int property : plan_->left_out()) set[property] = true;
    state->set(EntityState::kPartial);
  }
  if (batch_ != nullptr) batch_->Add(state);
  return state;
}

}  // namespace cupel::session
