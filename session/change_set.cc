#include "cupel/session/change_set.h"

#include <algorithm>
#include <new>

namespace cupel::session {
namespace {

EditRecord* Allocate(EntityState* state, bool snapshot) {
  const size_t size =
      sizeof(EditRecord) + (snapshot ? state->type()->snapshot_size() : 0);
  return ::new (::operator new(size)) EditRecord{state, 0, false, nullptr};
}

void CopyMembers(EntityState* state, EditRecord* record) {
  for (const Property& property : state->type()->properties()) {
    property.ops->copy_construct(record->before(property),
                                 state->member(property.offset));
  }
  record->has_snapshot = true;
}

// Members' former value as a bound value: a copy that owns its bytes.
engine::Value Current(const EntityState* state, int property) {
  const Property& p = state->type()->property(property);
  engine::BoundValue bound;
  if (!p.ops->bind(state->member(p.offset), &bound).ok()) {
    return engine::Value();
  }
  return engine::Value(bound.view);
}

}  // namespace

EditRecord* NewEditRecord(EntityState* state, bool snapshot) {
  EditRecord* record = Allocate(state, snapshot);
  if (snapshot) CopyMembers(state, record);
  return record;
}

EditRecord* AddSnapshot(EditRecord* record) {
  EditRecord* full = Allocate(record->state, true);
  full->position = record->position;
  full->expressions = std::move(record->expressions);
  CopyMembers(full->state, full);
  DeleteEditRecord(record, *full->state->type());
  return full;
}

void DeleteEditRecord(EditRecord* record, const EntityType& type) {
  if (record->has_snapshot) {
    for (const Property& property : type.properties()) {
      property.ops->destroy(record->before(property));
    }
  }
  record->~EditRecord();
  ::operator delete(record);
}

void RestoreSnapshot(EntityState* state, const EditRecord& record) {
  if (!record.has_snapshot) return;
  for (const Property& property : state->type()->properties()) {
    property.ops->copy_assign(state->member(property.offset),
                              record.before(property));
  }
}

bool Differs(const EditRecord& record, const Property& property) {
  return !property.ops->equal(record.before(property),
                              record.state->member(property.offset));
}

ChangeSet::~ChangeSet() {
  while (!touched_.empty()) Untouch(touched_.back()->state);
}

EditRecord& ChangeSet::Touch(EntityState* state, bool snapshot) {
  EditRecord* record = state->edit;
  if (record == nullptr) {
    ++version_;
    record = NewEditRecord(state, snapshot);
    record->position = static_cast<uint32_t>(touched_.size());
    touched_.push_back(record);
    state->edit = record;
  } else if (snapshot && !record->has_snapshot) {
    record = AddSnapshot(record);
    touched_[record->position] = record;
    state->edit = record;
  }
  return *record;
}

EditRecord* ChangeSet::Take(EntityState* state) {
  EditRecord* record = state->edit;
  if (record == nullptr) return nullptr;
  ++version_;
  touched_[record->position] = touched_.back();
  touched_[record->position]->position = record->position;
  touched_.pop_back();
  state->edit = nullptr;
  return record;
}

void ChangeSet::Untouch(EntityState* state) {
  EditRecord* record = Take(state);
  if (record != nullptr) DeleteEditRecord(record, *state->type());
}

void ChangeSet::AddNew(EntityState* state) {
  ++version_;
  state->batch_index = static_cast<uint32_t>(new_.size());
  new_.push_back(state);
}

void ChangeSet::RemoveNew(EntityState* state) {
  ++version_;
  // Keeps the order of the others: what was added first is inserted first.
  const size_t position = state->batch_index;
  if (position + 1 == new_.size()) {
    new_.pop_back();
    return;
  }
  new_.erase(new_.begin() + position);
  for (size_t i = position; i < new_.size(); ++i) {
    new_[i]->batch_index = static_cast<uint32_t>(i);
  }
}

void ChangeSet::MarkDeleted(EntityState* state) {
  if (state->has(EntityState::kMarkedDeleted)) return;
  ++version_;
  state->set(EntityState::kMarkedDeleted);
  deleted_.push_back(state);
}

void ChangeSet::UnmarkDeleted(EntityState* state) {
  if (!state->has(EntityState::kMarkedDeleted)) return;
  ++version_;
  state->clear(EntityState::kMarkedDeleted);
  deleted_.erase(std::find(deleted_.begin(), deleted_.end(), state));
}

UndoLog::~UndoLog() { Truncate({}); }

void UndoLog::Add(UndoEntry::Kind kind, EntityState* state,
                  EditRecord* record) {
  state->in_undo = 1;
  entries_.push_back({kind, state, record});
}

void UndoLog::Save(EntityState* state, int property) {
  values_.push_back({state, property, Current(state, property)});
}

void UndoLog::RestoreValues(const Mark& mark) {
  for (size_t i = values_.size(); i > mark.values; --i) {
    const UndoValue& value = values_[i - 1];
    const Property& property = value.state->type()->property(value.property);
    // A value that came from the member fits the member.
    property.ops
        ->read(value.before.view(), value.state->member(property.offset))
        .IgnoreError();
  }
  values_.resize(std::min(values_.size(), mark.values));
}

absl::Span<const UndoEntry> UndoLog::Since(const Mark& mark) const {
  return absl::MakeConstSpan(entries_).subspan(mark.entries);
}

void UndoLog::Truncate(const Mark& mark) {
  for (size_t i = mark.entries; i < entries_.size(); ++i) {
    if (entries_[i].record != nullptr) {
      DeleteEditRecord(entries_[i].record, *entries_[i].state->type());
    }
  }
  if (mark.entries < entries_.size()) entries_.resize(mark.entries);
  if (mark.values < values_.size()) {
    values_.erase(values_.begin() + mark.values, values_.end());
  }
}

}  // namespace cupel::session
