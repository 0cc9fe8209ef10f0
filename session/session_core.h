// SessionCore: the half of a session that lives in memory. It owns the
// entities, frees those that nobody reaches, and outlives the session as long
// as a handle reaches one.

#ifndef CUPEL_SESSION_SESSION_CORE_H_
#define CUPEL_SESSION_SESSION_CORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "cupel/session/call_site.h"
#include "cupel/session/change_set.h"
#include "cupel/session/entity_heap.h"
#include "cupel/session/entity_state.h"
#include "cupel/session/entity_type.h"
#include "cupel/session/identity_map.h"
#include "cupel/session/load_batch.h"

namespace cupel::session {

// What a touched entity asks of the half that speaks SQL.
class EntityLoader {
 public:
  virtual ~EntityLoader() = default;
  // Reads what is expired or was left out.
  virtual absl::Status LoadState(EntityState* state) = 0;
  virtual absl::Status LoadLink(EntityState* state,
                                const Relationship& relationship,
                                CallSite site) = 0;
  virtual absl::Status LoadColumn(EntityState* state, int property,
                                  CallSite site) = 0;
  // Reports writes that nobody announced, where that is asked for.
  virtual void CheckLateWrites() = 0;
  virtual Session* session() = 0;
};

class SessionCore {
 public:
  SessionCore(std::shared_ptr<const Registry> registry, EntityLoader* loader);
  SessionCore(const SessionCore&) = delete;
  SessionCore& operator=(const SessionCore&) = delete;

  const Registry& registry() const { return *registry_; }
  const std::shared_ptr<const Registry>& shared_registry() const {
    return registry_;
  }
  IdentityMap& identity_map() { return identity_map_; }
  const IdentityMap& identity_map() const { return identity_map_; }
  ChangeSet& changes() { return changes_; }
  const ChangeSet& changes() const { return changes_; }
  UndoLog& undo() { return undo_; }
  // Null once the session is closed.
  EntityLoader* loader() const { return loader_; }
  bool is_open() const { return loader_ != nullptr; }

  // ---- Entities

  // An entity with a default constructed object, its links bound and not
  // loaded, in no map; the caller gives it a lifecycle.
  EntityState* NewLoaded(const EntityType& type);
  // Frees an entity of NewLoaded() that could not be read.
  void Discard(EntityState* state);
  // An entity that takes over `object`; transient, with its links bound.
  EntityState* NewFrom(const EntityType& type, void* object);
  // Brings `state`, and what the save-update cascade reaches, into the
  // session: transient ones become pending, detached ones persistent.
  absl::Status Add(EntityState* state);
  // Makes an entity that may be a plain value this session's, with all that it
  // links to, without a change of lifecycle.
  absl::Status Adopt(EntityState* state);
  // Removes without writing: pending becomes transient, others detached.
  void Expunge(EntityState* state);
  bool Contains(const EntityState* state) const {
    return state->session == this &&
           (state->lifecycle == Lifecycle::kPending ||
            state->lifecycle == Lifecycle::kPersistent);
  }

  // ---- Memory

  // Nobody may need the entity any more: frees it if so.
  void Release(EntityState* state) {
    if (state->refs == 0 && state->inbound == 0) Enqueue(state);
  }
  // While it lives nothing is freed.
  class Hold {
   public:
    explicit Hold(SessionCore* core) : core_(core) { ++core->holds_; }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold() {
      if (--core_->holds_ == 0) core_->Drain();
    }

   private:
    SessionCore* core_;
  };
  // Frees what is only reached by links, if there may be much of it.
  void MaybeSweep();
  void Sweep();
  size_t live() const { return live_; }

  // A handle to one of the session's entities came into being / was the last.
  void Referenced() { ++held_; }
  void Unreferenced(EntityState* state);

  // Detaches everything; what no handle reaches is freed. Deletes this once no
  // handle is left, maybe at once.
  void Close();
  // Forgets all entities, as Close() does, but stays open.
  void ExpungeAll();

  // ---- Loading state

  // The first error that a call without a status met.
  void NoteError(absl::Status status) { error_.Update(std::move(status)); }
  absl::Status TakeError() { return std::exchange(error_, absl::OkStatus()); }

  // ---- Writes through a reference that was kept past a flush

  // Remembers what the columns of an entity are.
  void Watch(EntityState* state);
  void Unwatch(const EntityState* state);
  void UnwatchAll();
  // The first watched entity that was written to since, or null.
  const EntityState* FindLateWrite() const;

  // Which properties of a kPartial entity are not loaded.
  using PropertySet = std::vector<bool>;
  absl::flat_hash_map<const EntityState*, PropertySet>& unloaded() {
    return unloaded_;
  }

 private:
  struct PendingLink {
    EntityState* owner;
    const Relationship* relationship;
    EntityRef target;
  };
  ~SessionCore();
  void Enqueue(EntityState* state);
  void Drain();
  bool IsCollectable(const EntityState* state) const;
  void Destroy(EntityState* state);
  absl::Status Type(EntityState* state);
  void Migrate(EntityState* state);
  absl::Status Enter(EntityState* state);
  template <typename Visitor>
  void ForEach(Visitor visit) const;
  void Detach(EntityState* state);
  void DetachAll();
  void DeleteIfUnreachable();

  std::shared_ptr<const Registry> registry_;
  EntityLoader* loader_;
  EntityHeap* heap_;
  // Entities in other memory: made alone, or by another session.
  absl::flat_hash_set<EntityState*> guests_;
  IdentityMap identity_map_;
  ChangeSet changes_;
  UndoLog undo_;
  absl::flat_hash_map<const EntityState*, PropertySet> unloaded_;
  absl::flat_hash_map<const EntityState*, EditRecord*> watched_;
  absl::Status error_;
  size_t live_ = 0;                // entities of this session
  size_t held_ = 0;                // of them those with handles
  size_t unheld_after_sweep_ = 0;  // those without, when the last one ended
  int holds_ = 0;
  bool draining_ = false;
  std::vector<EntityState*> garbage_;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_SESSION_CORE_H_
