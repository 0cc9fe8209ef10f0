// UnitOfWork: writes what a session changed, as one atomic step: plans in
// memory, then few statements, each a batch.

#ifndef CUPEL_SESSION_UNIT_OF_WORK_H_
#define CUPEL_SESSION_UNIT_OF_WORK_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "cupel/query/query.h"
#include "cupel/session/entity_state.h"
#include "cupel/session/entity_type.h"
#include "cupel/session/flush_plan.h"
#include "cupel/session/row_batch.h"
#include "cupel/session/session_sql.h"

namespace cupel::session {

// Which of a type's properties: a bit each.
using PropertyMask = absl::InlinedVector<uint64_t, 1>;
PropertyMask MakeMask(const EntityType& type);
inline void SetBit(PropertyMask* mask, int i) {
  (*mask)[i / 64] |= uint64_t{1} << (i % 64);
}
inline void ClearBit(PropertyMask* mask, int i) {
  (*mask)[i / 64] &= ~(uint64_t{1} << (i % 64));
}
inline bool HasBit(const PropertyMask& mask, int i) {
  return ((mask[i / 64] >> (i % 64)) & 1) != 0;
}

// Makes a generated key unset again.
void ClearGeneratedKey(EntityState* state);

// Loads a relationship of many entities: what a flush must know.
using LinkLoader = absl::FunctionRef<absl::Status(
    absl::Span<EntityState* const>, const Relationship&)>;

// Confined to one flush.
class UnitOfWork {
 public:
  UnitOfWork(SessionSql* sql, LinkLoader load_links)
      : sql_(sql), core_(&sql->core()), load_links_(load_links), plan_(core_) {}
  UnitOfWork(const UnitOfWork&) = delete;
  UnitOfWork& operator=(const UnitOfWork&) = delete;

  // Works out what to do. May read, does not write.
  absl::Status Prepare();
  // Whether Execute() has something to send.
  bool has_work() const { return !plan_.empty(); }
  // Writes. On an error nothing in memory has changed, but for values that
  // UndoLog::RestoreValues() restores.
  absl::Status Execute();
  // After an error of Execute(): keys that the database made are cleared.
  void Abort();
  // The database has accepted all: entities change their lifecycle.
  void Finish();

 private:
  struct Inserted {
    EntityState* state;
    bool generated_key;
  };

  absl::Status FindFormerChildren();
  absl::Status Insert(const RowGroup& group);
  absl::Status PrepareNew(EntityState* state);
  absl::Status InsertLevel(const RowGroup& group, int level);
  absl::Status InsertShape(const EntityType& type, int level,
                           const PropertyMask& shape,
                           absl::Span<const BatchRow> rows);
  absl::Status CopyKey(EntityState* state, int level);
  PropertyMask ShapeOf(EntityState* state, int level) const;
  absl::Status Flow(const KeyFlow& flow);
  absl::Status PostUpdate(absl::Span<const KeyFlow> flows, bool to_null);
  absl::Status Update();
  absl::Status Switch();
  absl::StatusOr<PropertyMask> ChangesOf(EntityState* state);
  absl::Status ApplyOnUpdate(EntityState* state, PropertyMask* changed);
  absl::Status BumpVersion(EntityState* state, PropertyMask* changed);
  absl::Status UpdateShape(const EntityType& type, const PropertyMask& changed,
                           absl::Span<const BatchRow> rows, bool versioned);
  absl::Status UpdateLevel(const EntityType& type, int level,
                           const PropertyMask& changed,
                           absl::Span<const BatchRow> rows, bool versioned);
  absl::Status UpdateWithExpressions(EntityState* state, int level,
                                     const PropertyMask& changed);
  absl::Status ClearLinks(const LinkClearing& clearing);
  absl::Status WriteLinks(const LinkGroup& group, bool insert);
  absl::Status Delete(const RowGroup& group);
  absl::Status DeleteLevel(const RowGroup& group, int level);
  absl::Status Fetch(const EntityType& type, const query::Compiled& compiled,
                     absl::Span<const int> properties, EntityState* state,
                     absl::Span<const engine::ValueView> returned);
  absl::Status Stale(const EntityState& state, const char* verb,
                     int64_t matched) const;
  absl::StatusOr<std::shared_ptr<const query::Compiled>> Compile(
      const query::Statement& statement);
  void Unload(EntityState* state, absl::Span<const int> properties);

  SessionSql* sql_;
  SessionCore* core_;
  LinkLoader load_links_;
  FlushPlan plan_;
  engine::Connection* connection_ = nullptr;
  std::vector<Inserted> inserted_;
  // Properties that the database computed and that were not returned.
  std::vector<std::pair<EntityState*, std::vector<int>>> unread_;
  // Entities whose columns were written.
  std::vector<EntityState*> written_;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_UNIT_OF_WORK_H_
