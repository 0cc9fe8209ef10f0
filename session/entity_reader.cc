#include "cupel/session/entity_reader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/base/optimization.h"
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
      codecs_(plan_->columns().size(), nullptr),
      last_layout_(&plan_->layouts()[0]) {
  for (int key : type_->primary_key()) key_columns_.push_back(PlaceOf(key));
  if (type_->discriminator() >= 0) {
    discriminator_ = PlaceOf(type_->discriminator());
  }
  key_codecs_.resize(key_columns_.size(), nullptr);
  key_storage_.resize(key_columns_.size());
  key_.resize(key_columns_.size());
}

size_t EntityReader::PlaceOf(int property) const {
  const absl::Span<const int> properties = plan_->properties();
  return static_cast<size_t>(
      std::find(properties.begin(), properties.end(), property) -
      properties.begin());
}

std::vector<query::Expr> EntityReader::Columns(const LoadPlan& plan,
                                               const EntitySource& source) {
  std::vector<query::Expr> columns;
  columns.reserve(plan.columns().size());
  for (const schema::Column* column : plan.columns()) {
    columns.push_back(source.Column(*column));
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
  steps_.clear();
  for (const LoadPlan::Layout& layout : plan_->layouts()) {
    std::vector<Step>& steps = steps_.emplace_back();
    for (size_t i = 0; i < layout.properties.size(); ++i) {
      const Property& p = layout.type->property(layout.properties[i]);
      const auto column = static_cast<size_t>(layout.columns[i]);
      steps.push_back(
          {first_ + column, codecs_[column], p.ops->read, p.offset, &p});
    }
  }
}

absl::Status EntityReader::ReadCell(const Step& step,
                                    absl::Span<const ValueView> cells,
                                    EntityState* state) {
  void* member = state->member(step.offset);
  const ValueView& stored = cells[step.cell];
  absl::Status status;
  if (ABSL_PREDICT_TRUE(step.codec == nullptr || stored.is_null())) {
    status = step.read(stored, member);
  } else {
    status = step.codec->Decode(stored, &logical_);
    if (status.ok()) status = step.read(logical_.view, member);
  }
  const Property& p = *step.property;
  if (ABSL_PREDICT_FALSE(!status.ok())) {
    return engine::WithContext(
        status, absl::StrCat(p.column->table().name(), ".", p.column->name()));
  }
  if (p.slot_offset != Property::kNoSlot) {
    static_cast<ColumnSlot*>(state->member(p.slot_offset))->MarkLoaded();
  }
  return absl::OkStatus();
}

absl::Status EntityReader::ReadRow(const LoadPlan::Layout& layout,
                                   absl::Span<const ValueView> cells,
                                   EntityState* state) {
  if (state->watched) core_->Unwatch(state);
  for (const Step& step : StepsOf(layout)) {
    CUPEL_RETURN_IF_ERROR(ReadCell(step, cells, state));
  }
  return absl::OkStatus();
}

absl::Status EntityReader::ReadInto(absl::Span<const ValueView> cells,
                                    EntityState* state) {
  return ReadRow(plan_->layouts()[0], cells, state);
}

void EntityReader::MarkLeftOut(const LoadPlan::Layout& layout,
                               EntityState* state) {
  if (layout.left_out.empty()) return;
  SessionCore::PropertySet& set = core_->unloaded()[state];
  set.assign(layout.type->properties().size(), false);
  for (int property : layout.left_out) set[property] = true;
  state->set(EntityState::kPartial);
}

// Columns of a known entity that are missing or expired.
absl::Status EntityReader::Complete(const LoadPlan::Layout& layout,
                                    absl::Span<const ValueView> cells,
                                    EntityState* state) {
  const EntityType& type = *layout.type;
  const absl::Span<const Step> steps = StepsOf(layout);
  auto read = [&](size_t i) {
    if (state->watched) core_->Unwatch(state);
    return ReadCell(steps[i], cells, state);
  };
  if (state->has(EntityState::kExpired) ||
      (populate_existing_ && state->edit == nullptr)) {
    CUPEL_RETURN_IF_ERROR(ReadRow(layout, cells, state));
    for (const Relationship* r : type.relationships()) {
      if (populate_existing_ && r->kind == RelationshipKind::kManyToOne &&
          !LinkOperations::IsChanged(state, *r)) {
        LinkOperations::Unload(state, *r);
      }
    }
    const bool expired = state->has(EntityState::kExpired);
    state->clear(EntityState::kExpired);
    state->clear(EntityState::kReadable);
    if (expired && !layout.left_out.empty()) {
      MarkLeftOut(layout, state);
      return absl::OkStatus();
    }
  } else if (state->has(EntityState::kPartial)) {
    const SessionCore::PropertySet& set = core_->unloaded()[state];
    for (size_t i = 0; i < layout.properties.size(); ++i) {
      if (set[layout.properties[i]]) CUPEL_RETURN_IF_ERROR(read(i));
    }
  } else {
    if (!type.has_slots()) return absl::OkStatus();
    for (size_t i = 0; i < layout.properties.size(); ++i) {
      const Property& p = type.property(layout.properties[i]);
      if (p.slot_offset == Property::kNoSlot) continue;
      if (static_cast<ColumnSlot*>(state->member(p.slot_offset))->is_loaded()) {
        continue;
      }
      CUPEL_RETURN_IF_ERROR(read(i));
    }
    return absl::OkStatus();
  }
  if (state->has(EntityState::kPartial)) {
    SessionCore::PropertySet& set = core_->unloaded()[state];
    for (int property : layout.properties) set[property] = false;
    if (std::find(set.begin(), set.end(), true) == set.end()) {
      core_->unloaded().erase(state);
      state->clear(EntityState::kPartial);
    }
  }
  return absl::OkStatus();
}

// ---- The type of a row

const LoadPlan::Layout* EntityReader::LayoutOf(const EntityType& type) const {
  if (ABSL_PREDICT_TRUE(last_layout_->type == &type)) return last_layout_;
  for (const LoadPlan::Layout& layout : plan_->layouts()) {
    if (layout.type == &type) return &layout;
  }
  return nullptr;
}

absl::Status EntityReader::WrongType(absl::string_view what) const {
  const EntityType& root = type_->root();
  std::string key;
  engine::ErrorInfo info;
  info.kind = engine::ErrorKind::kTypeMismatch;
  info.table = root.table().name();
  info.column = root.property(root.discriminator()).column->name();
  for (size_t k = 0; k < key_.size(); ++k) {
    const std::string& name = root.property(root.primary_key()[k]).name;
    absl::StrAppend(&key, k == 0 ? "" : ", ", name);
    if (key_[k].kind() == ValueKind::kInt64) {
      absl::StrAppend(&info.detail, k == 0 ? "" : ", ", name, "=",
                      key_[k].int64_value());
    }
  }
  return engine::MakeError(
      info, absl::StrCat("a row of ", info.table, ", found by its key (", key,
                         "): the discriminator ", info.column, " ", what));
}

absl::StatusOr<const LoadPlan::Layout*> EntityReader::ChooseLayout(
    absl::Span<const ValueView> cells) {
  ValueView cell = cells[first_ + discriminator_];
  const engine::Codec* codec = codecs_[discriminator_];
  if (codec != nullptr && !cell.is_null()) {
    CUPEL_RETURN_IF_ERROR(codec->Decode(cell, &logical_));
    cell = logical_.view;
  }
  auto is = [&](const LoadPlan::Layout& layout) {
    const engine::Value* identity = layout.type->identity();
    if (identity == nullptr) return false;
    return EqualKeys({identity->view()}, absl::MakeConstSpan(&cell, 1));
  };
  if (is(*last_layout_)) return last_layout_;
  for (const LoadPlan::Layout& layout : plan_->layouts()) {
    if (is(layout)) return last_layout_ = &layout;
  }
  return WrongType(absl::StrCat("holds a ", engine::ValueKindName(cell.kind()),
                                " that is no identity of ", type_->name(),
                                " or a class that inherits it"));
}

absl::StatusOr<EntityState*> EntityReader::Read(
    absl::Span<const ValueView> cells) {
  for (size_t k = 0; k < key_.size(); ++k) {
    ValueView cell = cells[first_ + key_columns_[k]];
    if (cell.is_null()) return nullptr;
    if (key_codecs_[k] != nullptr) {
      CUPEL_RETURN_IF_ERROR(key_codecs_[k]->Decode(cell, &key_storage_[k]));
      cell = key_storage_[k].view;
    }
    key_[k] = cell;
  }
  CUPEL_ASSIGN_OR_RETURN(
      EntityState * state,
      type_->has_integer_key() && key_[0].kind() == ValueKind::kInt64
          ? ReadByInteger(key_[0].int64_value(), cells)
          : ReadByKey(cells));
  if (batch_ != nullptr) batch_->Add(state);
  return state;
}

absl::StatusOr<EntityState*> EntityReader::ReadByInteger(
    int64_t key, absl::Span<const ValueView> cells) {
  IdentityMap& map = core_->identity_map();
  EntityState*& entry = map.Entry(type_->root(), key);
  if (entry != nullptr) {
    EntityState* state = entry;
    CUPEL_RETURN_IF_ERROR(Known(cells, state));
    return state;
  }
  absl::StatusOr<EntityState*> made = New(cells);
  if (ABSL_PREDICT_FALSE(!made.ok())) {
    map.Drop(type_->root(), key);
    return made;
  }
  return entry = *made;
}

absl::StatusOr<EntityState*> EntityReader::ReadByKey(
    absl::Span<const ValueView> cells) {
  if (!type_->has_integer_key()) {
    EntityState* known = core_->identity_map().Find(type_->root(), key_);
    if (known != nullptr) {
      CUPEL_RETURN_IF_ERROR(Known(cells, known));
      return known;
    }
  }
  CUPEL_ASSIGN_OR_RETURN(EntityState * state, New(cells));
  core_->identity_map().Insert(state);
  return state;
}

absl::Status EntityReader::Known(absl::Span<const ValueView> cells,
                                 EntityState* state) {
  const LoadPlan::Layout* layout = LayoutOf(*state->type());
  if (ABSL_PREDICT_FALSE(layout == nullptr)) {
    return WrongType(absl::StrCat("says ", type_->name(),
                                  ", but the session knows it as a ",
                                  state->type()->name()));
  }
  return Complete(*layout, cells, state);
}

absl::StatusOr<EntityState*> EntityReader::New(
    absl::Span<const ValueView> cells) {
  const LoadPlan::Layout* layout = last_layout_;
  if (type_->discriminator() >= 0) {
    CUPEL_ASSIGN_OR_RETURN(layout, ChooseLayout(cells));
  }
  EntityState* state = core_->NewLoaded(*layout->type);
  absl::Status status = ReadRow(*layout, cells, state);
  if (ABSL_PREDICT_FALSE(!status.ok())) {
    core_->Discard(state);
    return status;
  }
  MarkLeftOut(*layout, state);
  return state;
}

}  // namespace cupel::session
