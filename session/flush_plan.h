// FlushPlan: what a flush has to write, worked out in memory: which rows are
// inserted, in which order and together with which others, which keys flow
// from parent to child, which links and rows go. No SQL.

#ifndef CUPEL_SESSION_FLUSH_PLAN_H_
#define CUPEL_SESSION_FLUSH_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "cupel/session/change_set.h"
#include "cupel/session/entity_state.h"
#include "cupel/session/entity_type.h"
#include "cupel/session/link_operations.h"
#include "cupel/session/session_core.h"

namespace cupel::session {

// A key that flows: the properties r->foreign_properties of `child` take the
// key of `parent`, or NULL if there is none. `r` may be of either side.
struct KeyFlow {
  EntityState* child;
  const Relationship* r;
  EntityState* parent;
};

// Rows of one type that go together.
struct RowGroup {
  const EntityType* type;
  std::vector<EntityState*> rows;
};

// Rows of a secondary table.
struct LinkGroup {
  const Relationship* r;
  std::vector<std::pair<EntityState*, EntityState*>> links;  // source, target
};

// All link rows of entities that go.
struct LinkClearing {
  const Relationship* r;
  bool by_target;  // the entities are the relationship's targets
  std::vector<EntityState*> entities;
};

// A new entity that takes the row of a deleted one with the same key.
struct RowSwitch {
  EntityState* from;
  EntityState* to;
};

// Confined to one flush.
class FlushPlan {
 public:
  explicit FlushPlan(SessionCore* core) : core_(core) {}
  FlushPlan(const FlushPlan&) = delete;
  FlushPlan& operator=(const FlushPlan&) = delete;

  // Takes in what the session changed. The collections that decide about
  // `doomed` entities must have been loaded.
  // Errors: kFailedPrecondition for a link to what is not in the session, a
  // child that can neither lose its parent nor go, a circle of rows that no
  // nullable key breaks; kAlreadyExists for a second entity with a key.
  absl::Status Build();

  // Entities to be deleted: those marked, orphans, and what cascades reach in
  // memory. Called before Build(), repeatedly as more is loaded: calls
  // `missing(state, relationship)` for what has to be loaded to go on.
  void CollectDoomed(
      absl::FunctionRef<void(EntityState*, const Relationship&)> missing);

  // ---- The result, in order of execution

  // Keys flow into the rows of a group before it is inserted.
  std::vector<RowGroup> inserts;
  std::vector<KeyFlow> post_updates;  // circles of new rows
  std::vector<RowSwitch> switches;
  // Persistent entities that may have changed columns.
  std::vector<EntityState*> updates;
  std::vector<LinkClearing> link_clearings;
  std::vector<LinkGroup> link_deletes;
  std::vector<LinkGroup> link_inserts;
  std::vector<KeyFlow> pre_delete_updates;  // circles of rows that go
  std::vector<RowGroup> deletes;

  // ---- Details

  bool empty() const {
    return inserts.empty() && switches.empty() && updates.empty() &&
           link_deletes.empty() && link_inserts.empty() && deletes.empty() &&
           vanishing.empty() && orphans.empty();
  }
  // Keys that flow into `child`, which is about to be written: from links of
  // its own, if they were set since the last flush or it is new, and from
  // parents that alone know of it.
  template <typename Visitor>
  void ForEachFlow(EntityState* child, Visitor visit) const {
    const bool is_new = child->lifecycle == Lifecycle::kPending;
    for (const Relationship* r : child->type()->relationships()) {
      if (r->kind != RelationshipKind::kManyToOne || r->view_only) continue;
      EntityState* parent = LinkOperations::One(child, *r).target();
      const bool changed = LinkOperations::IsChanged(child, *r);
      if (!changed && !(is_new && parent != nullptr)) continue;
      // A key given as a value stands where no link was set.
      visit(KeyFlow{child, r, parent});
    }
    auto own = own_flows_.find(child);
    if (own == own_flows_.end()) return;
    for (const KeyFlow& flow : own->second) visit(flow);
  }
  // Whether the flow waits for post_updates.
  bool IsCut(const KeyFlow& flow) const {
    return !cut_.empty() && cut_.contains({flow.child, flow.r});
  }
  // Rows that the database deletes by itself.
  std::vector<EntityState*> vanishing;
  // Pending entities that lost their parent: they leave instead.
  std::vector<EntityState*> orphans;
  // Children whose parent goes, and whose key becomes NULL for it.
  std::vector<KeyFlow> bereft;
  // Loaded children whose keys the database sets.
  std::vector<EntityState*> expiring;
  bool IsDoomed(const EntityState* state) const {
    return doomed_.contains(state);
  }

 private:
  struct Doomed {
    EntityState* state;
    bool by_database;
  };

  void Doom(EntityState* state, bool by_database);
  // Returns whether all that it needs is loaded.
  bool Follow(const Doomed& doomed,
              absl::FunctionRef<void(EntityState*, const Relationship&)>);
  bool FollowChildren(
      const Doomed& doomed, const Relationship& r,
      absl::FunctionRef<void(EntityState*, const Relationship&)>);
  void SeekChildrenByKey();
  void ForgetChild(const Relationship& r, EntityState* child);
  absl::Status CollectInserts();
  absl::Status CollectUpdates();
  absl::Status CollectLinks(EntityState* state);
  absl::Status CollectSwitches();
  absl::Status CheckBereft() const;
  void CollectClearings();
  absl::Status CheckTarget(const EntityState* owner, const Relationship& r,
                           const EntityState* target) const;
  absl::Status CollectOwnFlows(EntityState* parent, const Relationship& r);
  absl::Status OrderInserts();
  absl::Status OrderDeletes();
  absl::Status OrderCircle(const std::vector<EntityState*>& rows, bool deleting,
                           std::vector<RowGroup>* groups,
                           std::vector<KeyFlow>* cut);
  void AddLink(std::vector<LinkGroup>* groups, const Relationship* r,
               EntityState* source, EntityState* target);
  static bool IsWritingSide(const Relationship& r);

  SessionCore* core_;
  std::vector<EntityState*> rows_;   // to insert
  std::vector<EntityState*> going_;  // to delete by a statement
  absl::flat_hash_set<const EntityState*> doomed_;
  std::vector<Doomed> queue_;
  // Collections of doomed parents that are left to the database, not loaded.
  absl::flat_hash_set<const Relationship*> unseen_;
  bool collected_ = false;
  // Flows that only the parent's side of a relationship knows.
  absl::flat_hash_map<const EntityState*, std::vector<KeyFlow>> own_flows_;
  // Flows into new rows that wait for a second statement.
  absl::flat_hash_set<std::pair<const EntityState*, const Relationship*>> cut_;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_FLUSH_PLAN_H_
