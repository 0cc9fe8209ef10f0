// What differs between a session and the database: new entities, edited ones
// with their former values, those to be deleted; and the log by which a
// transaction (or a part of it) is undone in memory.

#ifndef CUPEL_SESSION_CHANGE_SET_H_
#define CUPEL_SESSION_CHANGE_SET_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/session/entity_state.h"
#include "cupel/session/entity_type.h"

namespace cupel::session {

// SQL expressions in place of members' values, by property.
using Expressions = std::vector<std::pair<int, query::Expr>>;

// What Edit() notes of an entity, once in a flush period. Column members as
// they were follow behind it at Property::snapshot_offset.
struct alignas(kMaxObjectAlign) EditRecord {
  EntityState* state;
  uint32_t position;  // in ChangeSet::touched()
  bool has_snapshot;
  std::unique_ptr<Expressions> expressions;

  void* before(const Property& property) {
    return reinterpret_cast<char*>(this + 1) + property.snapshot_offset;
  }
  const void* before(const Property& property) const {
    return const_cast<EditRecord*>(this)->before(property);
  }
};

// Makes a record, with a copy of the column members if `snapshot`.
EditRecord* NewEditRecord(EntityState* state, bool snapshot);
// Adds the copy to a record that has none.
EditRecord* AddSnapshot(EditRecord* record);
void DeleteEditRecord(EditRecord* record, const EntityType& type);
// Writes the former values back into the object.
void RestoreSnapshot(EntityState* state, const EditRecord& record);
// Whether a property's value differs from the snapshot's.
bool Differs(const EditRecord& record, const Property& property);

// Confined to one session.
class ChangeSet {
 public:
  ChangeSet() = default;
  ChangeSet(const ChangeSet&) = delete;
  ChangeSet& operator=(const ChangeSet&) = delete;
  ~ChangeSet();

  // Notes a change; the first with `snapshot` copies the column members.
  EditRecord& Touch(EntityState* state, bool snapshot);
  // Forgets the record, if any.
  void Untouch(EntityState* state);
  // Takes the record off, which the caller now owns.
  EditRecord* Take(EntityState* state);

  void AddNew(EntityState* state);
  void RemoveNew(EntityState* state);
  void MarkDeleted(EntityState* state);
  void UnmarkDeleted(EntityState* state);

  absl::Span<EntityState* const> added() const { return new_; }
  absl::Span<EditRecord* const> touched() const { return touched_; }
  absl::Span<EntityState* const> deleted() const { return deleted_; }
  bool empty() const {
    return new_.empty() && touched_.empty() && deleted_.empty();
  }
  // Another number after every change of what is listed here.
  uint64_t version() const { return version_; }
  // After a flush took over all of them.
  void ClearNew() {
    ++version_;
    new_.clear();
  }
  void ClearDeleted() {
    ++version_;
    deleted_.clear();
  }

 private:
  std::vector<EntityState*> new_;  // batch_index is the place
  std::vector<EditRecord*> touched_;
  std::vector<EntityState*> deleted_;
  uint64_t version_ = 1;
};

// What a successful flush did, to be undone when its transaction, or the
// savepoint around it, is rolled back.
struct UndoEntry {
  enum class Kind : uint8_t {
    kInserted,
    kInsertedGeneratedKey,
    kUpdated,
    kDeleted
  };
  Kind kind;
  EntityState* state;
  EditRecord* record;  // former values, owned; may be null
};
// A member that a flush wrote, and what was there.
struct UndoValue {
  EntityState* state;
  int property;
  engine::Value before;
};

class UndoLog {
 public:
  struct Mark {
    size_t entries = 0;
    size_t values = 0;
  };

  UndoLog() = default;
  UndoLog(const UndoLog&) = delete;
  UndoLog& operator=(const UndoLog&) = delete;
  ~UndoLog();

  Mark mark() const { return {entries_.size(), values_.size()}; }
  void Add(UndoEntry::Kind kind, EntityState* state, EditRecord* record);
  // Remembers a member's value before it is written.
  void Save(EntityState* state, int property);
  // Writes members back that were saved since `mark`.
  void RestoreValues(const Mark& mark);
  // Entries since `mark`, oldest first.
  absl::Span<const UndoEntry> Since(const Mark& mark) const;
  void Truncate(const Mark& mark);
  bool empty() const { return entries_.empty() && values_.empty(); }

 private:
  std::vector<UndoEntry> entries_;
  std::vector<UndoValue> values_;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_CHANGE_SET_H_
