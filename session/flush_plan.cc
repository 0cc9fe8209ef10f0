#include "cupel/session/flush_plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cupel/engine/engine.h"
#include "cupel/session/topological_sort.h"

namespace cupel::session {
namespace {

absl::Status Misuse(absl::string_view message) {
  return engine::MakeError(engine::ErrorKind::kMisuse, message);
}

bool HoldsKey(RelationshipKind kind) {
  return kind == RelationshipKind::kManyToOne;
}

// Children are told by the parent's side alone.
bool IsOneSided(const Relationship& r) {
  return (r.kind == RelationshipKind::kOneToMany ||
          r.kind == RelationshipKind::kOneToOne) &&
         r.reverse == nullptr && !r.view_only;
}

bool LeftToDatabase(const Relationship& r) {
  return r.passive_deletes == PassiveDeletes::kFromForeignKey &&
         (r.database_deletes || r.database_nulls);
}

}  // namespace

// ---- What goes

void FlushPlan::Doom(EntityState* state, bool by_database) {
  if (state->lifecycle == Lifecycle::kPending) {
    if (doomed_.insert(state).second) orphans.push_back(state);
    return;
  }
  if (state->lifecycle != Lifecycle::kPersistent) return;
  if (!doomed_.insert(state).second) return;
  (by_database ? vanishing : going_).push_back(state);
  queue_.push_back({state, by_database});
}

void FlushPlan::CollectDoomed(
    absl::FunctionRef<void(EntityState*, const Relationship&)> missing) {
  if (!collected_) {
    collected_ = true;
    for (EntityState* state : core_->changes().deleted()) Doom(state, false);
    for (EntityState* state : core_->changes().added()) {
      if (state->has(EntityState::kOrphanCheck)) Doom(state, false);
    }
    for (EditRecord* record : core_->changes().touched()) {
      if (record->state->has(EntityState::kOrphanCheck)) {
        Doom(record->state, false);
      }
    }
  }
  std::vector<Doomed> waiting;
  while (!queue_.empty()) {
    Doomed next = queue_.back();
    queue_.pop_back();
    if (!Follow(next, missing)) waiting.push_back(next);
  }
  queue_ = std::move(waiting);
  if (queue_.empty() && !unseen_.empty()) {
    SeekChildrenByKey();
    unseen_.clear();
    if (!queue_.empty()) CollectDoomed(missing);
  }
}

bool FlushPlan::Follow(
    const Doomed& doomed,
    absl::FunctionRef<void(EntityState*, const Relationship&)> missing) {
  bool complete = true;
  for (const Relationship* r : doomed.state->type()->relationships()) {
    if (r->view_only || r->passive_deletes == PassiveDeletes::kAll) continue;
    if (r->kind == RelationshipKind::kOneToMany ||
        r->kind == RelationshipKind::kOneToOne) {
      complete &= FollowChildren(doomed, *r, missing);
    } else if (Has(r->cascade, Cascade::kDelete)) {
      if (!doomed.by_database && !LinkOperations::IsLoaded(doomed.state, *r)) {
        missing(doomed.state, *r);
        complete = false;
        continue;
      }
      LinkOperations::ForEachTarget(
          doomed.state, *r, [&](EntityState* target) { Doom(target, false); });
    }
  }
  return complete;
}

bool FlushPlan::FollowChildren(
    const Doomed& doomed, const Relationship& r,
    absl::FunctionRef<void(EntityState*, const Relationship&)> missing) {
  const bool passive = doomed.by_database || LeftToDatabase(r) ||
                       r.passive_deletes == PassiveDeletes::kLoadedOnly;
  if (!LinkOperations::IsLoaded(doomed.state, r)) {
    if (!passive) {
      missing(doomed.state, r);
      return false;
    }
    if (r.reverse != nullptr) unseen_.insert(&r);
  }
  LinkOperations::ForEachTarget(
      doomed.state, r, [&](EntityState* child) { ForgetChild(r, child); });
  return true;
}

// A child whose parent goes.
void FlushPlan::ForgetChild(const Relationship& r, EntityState* child) {
  if (doomed_.contains(child)) return;
  if (LeftToDatabase(r) && r.database_deletes) {
    Doom(child, /*by_database=*/true);
  } else if (Has(r.cascade, Cascade::kDelete)) {
    Doom(child, /*by_database=*/false);
  } else if (LeftToDatabase(r)) {
    if (child->lifecycle == Lifecycle::kPersistent) {
      expiring.push_back(child);
    } else {
      bereft.push_back({child, &r, nullptr});
    }
  } else {
    bereft.push_back({child, &r, nullptr});
  }
}

// Children in memory of collections that are not: by their foreign keys.
void FlushPlan::SeekChildrenByKey() {
  std::vector<std::pair<const Relationship*, EntityState*>> found;
  core_->identity_map().ForEach([&](EntityState* state) {
    if (doomed_.contains(state)) return;
    for (const Relationship* r : state->type()->relationships()) {
      if (!HoldsKey(r->kind) || !unseen_.contains(r->reverse)) continue;
      EntityState* parent = LinkOperations::PeekParent(state, *r);
      if (parent != nullptr && doomed_.contains(parent)) {
        found.push_back({r->reverse, state});
      }
    }
  });
  for (const auto& [r, child] : found) ForgetChild(*r, child);
}

absl::Status FlushPlan::CheckBereft() const {
  for (const KeyFlow& flow : bereft) {
    if (doomed_.contains(flow.child) || flow.r->nullable_key) continue;
    return Misuse(absl::StrCat(
        "cannot delete ", flow.r->source->name(), ": ", flow.r->target->name(),
        " entities refer to it by a key that is not nullable (",
        flow.r->DebugName(),
        "): delete or move them first, or declare ON DELETE CASCADE or "
        "Cascade::kDelete"));
  }
  return absl::OkStatus();
}

// ---- Collecting

absl::Status FlushPlan::Build() {
  bereft.erase(std::remove_if(bereft.begin(), bereft.end(),
                              [this](const KeyFlow& flow) {
                                return doomed_.contains(flow.child);
                              }),
               bereft.end());
  CUPEL_RETURN_IF_ERROR(CheckBereft());
  CUPEL_RETURN_IF_ERROR(CollectInserts());
  CUPEL_RETURN_IF_ERROR(CollectUpdates());
  CollectClearings();
  CUPEL_RETURN_IF_ERROR(OrderInserts());
  return OrderDeletes();
}

absl::Status FlushPlan::CheckTarget(const EntityState* owner,
                                    const Relationship& r,
                                    const EntityState* target) const {
  if (core_->Contains(target)) return absl::OkStatus();
  return Misuse(absl::StrCat(
      r.DebugName(), " links a ", owner->type()->name(), " to a ",
      LifecycleName(target->lifecycle), " ", target->type()->name(),
      " that is not in the session: add it, or let the relationship cascade "
      "save-update"));
}

absl::Status FlushPlan::CollectInserts() {
  rows_.reserve(core_->changes().added().size());
  for (EntityState* state : core_->changes().added()) {
    if (doomed_.contains(state)) continue;
    rows_.push_back(state);
    if (!state->type()->relationships().empty()) {
      CUPEL_RETURN_IF_ERROR(CollectLinks(state));
    }
  }
  return CollectSwitches();
}

// New entities that come with a key: they may take a deleted one's row, and may
// not take another's.
absl::Status FlushPlan::CollectSwitches() {
  if (core_->identity_map().size() == 0) return absl::OkStatus();
  bool switched = false;
  for (EntityState*& state : rows_) {
    const EntityType& type = *state->type();
    EntityState* rival = core_->identity_map().Find(
        type.root(), type, type.primary_key(), state->object());
    if (rival == nullptr) continue;
    if (!doomed_.contains(rival)) {
      // Zero stands for a key that the database has yet to make.
      if (type.generated_key() >= 0 && type.has_integer_key() &&
          ReadInteger(type.property(type.generated_key()), state->object())
                  .value_or(0) == 0) {
        continue;
      }
      engine::ErrorInfo info;
      info.kind = engine::ErrorKind::kUniqueViolation;
      info.table = type.table().name();
      return engine::MakeError(
          info, absl::StrCat("a new ", type.name(),
                             " has the primary key of another one in this "
                             "session: change that one, or merge"));
    }
    if (type.levels().size() > 1 || rival->type() != &type) {
      return Misuse(absl::StrCat(
          "a new ", type.name(), " has the primary key of a ",
          rival->type()->name(),
          " that this flush deletes: flush the deletion before adding it"));
    }
    auto position = std::find(going_.begin(), going_.end(), rival);
    if (position == going_.end()) continue;  // The database deletes it: later.
    going_.erase(position);
    switches.push_back({rival, state});
    state = nullptr;
    switched = true;
  }
  if (switched) {
    rows_.erase(std::remove(rows_.begin(), rows_.end(), nullptr), rows_.end());
  }
  return absl::OkStatus();
}

absl::Status FlushPlan::CollectUpdates() {
  for (EditRecord* record : core_->changes().touched()) {
    EntityState* state = record->state;
    if (state->lifecycle != Lifecycle::kPersistent || doomed_.contains(state)) {
      continue;
    }
    updates.push_back(state);
    CUPEL_RETURN_IF_ERROR(CollectLinks(state));
  }
  for (const KeyFlow& flow : bereft) {
    own_flows_[flow.child].push_back(flow);
    if (flow.child->lifecycle == Lifecycle::kPersistent &&
        flow.child->edit == nullptr) {
      updates.push_back(flow.child);
    }
    if (flow.child->lifecycle == Lifecycle::kPersistent) {
      core_->changes().Touch(flow.child, true);
    }
  }
  for (auto& [child, flows] : own_flows_) {
    auto* state = const_cast<EntityState*>(child);
    if (state->lifecycle != Lifecycle::kPersistent || doomed_.contains(state)) {
      continue;
    }
    if (state->edit == nullptr) updates.push_back(state);
    core_->changes().Touch(state, true);
  }
  return absl::OkStatus();
}

bool FlushPlan::IsWritingSide(const Relationship& r) {
  if (r.kind != RelationshipKind::kManyToMany || r.view_only) return false;
  const Relationship* other = r.reverse;
  if (other == nullptr || other->view_only || other == &r) return true;
  if (r.source->index() != other->source->index()) {
    return r.source->index() < other->source->index();
  }
  return r.index < other->index;
}

void FlushPlan::AddLink(std::vector<LinkGroup>* groups, const Relationship* r,
                        EntityState* source, EntityState* target) {
  for (LinkGroup& group : *groups) {
    if (group.r == r) {
      group.links.push_back({source, target});
      return;
    }
  }
  groups->push_back({r, {{source, target}}});
}

absl::Status FlushPlan::CollectLinks(EntityState* state) {
  const bool is_new = state->lifecycle == Lifecycle::kPending;
  for (const Relationship* r : state->type()->relationships()) {
    if (r->view_only) continue;
    if (r->kind == RelationshipKind::kManyToOne) {
      EntityState* parent = LinkOperations::One(state, *r).target();
      if (parent == nullptr) continue;
      if (!is_new && !LinkOperations::IsChanged(state, *r)) continue;
      if (doomed_.contains(parent)) continue;
      CUPEL_RETURN_IF_ERROR(CheckTarget(state, *r, parent));
    } else if (IsOneSided(*r)) {
      CUPEL_RETURN_IF_ERROR(CollectOwnFlows(state, *r));
    } else if (IsWritingSide(*r)) {
      LinkList* list = LinkOperations::List(state, *r);
      if (list == nullptr) continue;
      for (EntityState* target : is_new ? list->items : list->added) {
        if (doomed_.contains(target)) continue;
        CUPEL_RETURN_IF_ERROR(CheckTarget(state, *r, target));
        AddLink(&link_inserts, r, state, target);
      }
      for (EntityState* target : list->removed) {
        // Links of what goes are cleared as a whole.
        if (doomed_.contains(target)) continue;
        AddLink(&link_deletes, r, state, target);
      }
    }
  }
  return absl::OkStatus();
}

absl::Status FlushPlan::CollectOwnFlows(EntityState* parent,
                                        const Relationship& r) {
  const bool is_new = parent->lifecycle == Lifecycle::kPending;
  auto take = [&](EntityState* child) -> absl::Status {
    if (doomed_.contains(child)) return absl::OkStatus();
    CUPEL_RETURN_IF_ERROR(CheckTarget(parent, r, child));
    own_flows_[child].push_back({child, &r, parent});
    return absl::OkStatus();
  };
  if (!r.to_many()) {
    EntityState* child = LinkOperations::One(parent, r).target();
    if (child == nullptr) return absl::OkStatus();
    if (!is_new && !LinkOperations::IsChanged(parent, r)) {
      return absl::OkStatus();
    }
    return take(child);
  }
  LinkList* list = LinkOperations::List(parent, r);
  if (list == nullptr) return absl::OkStatus();
  for (EntityState* child : is_new ? list->items : list->added) {
    CUPEL_RETURN_IF_ERROR(take(child));
  }
  for (EntityState* child : list->removed) {
    if (doomed_.contains(child) || !core_->Contains(child)) continue;
    // What one parent gives up another may have taken: that flow comes last.
    auto& flows = own_flows_[child];
    flows.insert(flows.begin(), {child, &r, nullptr});
  }
  return absl::OkStatus();
}

void FlushPlan::CollectClearings() {
  auto add = [&](const Relationship* r, bool by_target, EntityState* state) {
    for (LinkClearing& clearing : link_clearings) {
      if (clearing.r == r && clearing.by_target == by_target) {
        clearing.entities.push_back(state);
        return;
      }
    }
    link_clearings.push_back({r, by_target, {state}});
  };
  for (EntityState* state : going_) {
    for (const Relationship* r : state->type()->relationships()) {
      if (r->kind != RelationshipKind::kManyToMany || r->view_only) continue;
      if (r->database_deletes &&
          r->passive_deletes == PassiveDeletes::kFromForeignKey) {
        continue;
      }
      add(r, false, state);
    }
    for (const Relationship* r : state->type()->incoming()) {
      if (r->kind == RelationshipKind::kManyToMany && !r->view_only &&
          r->reverse == nullptr) {
        add(r, true, state);
      }
    }
  }
}

// ---- Order

absl::Status FlushPlan::OrderInserts() {
  if (rows_.empty()) return absl::OkStatus();
  const Registry& registry = core_->registry();
  std::vector<std::vector<EntityState*>> by_type(registry.types().size());
  for (EntityState* state : rows_) {
    by_type[state->type()->index()].push_back(state);
  }
  for (size_t c = 0; c < registry.components().size(); ++c) {
    std::vector<EntityState*> rows;
    for (uint32_t type : registry.components()[c]) {
      if (rows.empty()) {
        rows = std::move(by_type[type]);
      } else {
        rows.insert(rows.end(), by_type[type].begin(), by_type[type].end());
      }
    }
    if (rows.empty()) continue;
    if (!registry.is_circular(c)) {
      const EntityType* type = rows[0]->type();
      for (const Relationship* r : type->relationships()) {
        if (!HoldsKey(r->kind) || !r->post_update) continue;
        for (EntityState* row : rows) {
          ForEachFlow(row, [&](const KeyFlow& flow) {
            if (flow.r != r || flow.parent == nullptr) return;
            cut_.insert({row, r});
            post_updates.push_back(flow);
          });
        }
      }
      inserts.push_back({type, std::move(rows)});
      continue;
    }
    CUPEL_RETURN_IF_ERROR(OrderCircle(rows, false, &inserts, &post_updates));
  }
  return absl::OkStatus();
}

absl::Status FlushPlan::OrderDeletes() {
  if (going_.empty()) return absl::OkStatus();
  const Registry& registry = core_->registry();
  std::vector<std::vector<EntityState*>> by_type(registry.types().size());
  for (EntityState* state : going_) {
    by_type[state->type()->index()].push_back(state);
  }
  for (size_t c = registry.components().size(); c > 0; --c) {
    std::vector<EntityState*> rows;
    for (uint32_t type : registry.components()[c - 1]) {
      rows.insert(rows.end(), by_type[type].begin(), by_type[type].end());
    }
    if (rows.empty()) continue;
    if (!registry.is_circular(c - 1)) {
      deletes.push_back({rows[0]->type(), std::move(rows)});
      continue;
    }
    CUPEL_RETURN_IF_ERROR(
        OrderCircle(rows, true, &deletes, &pre_delete_updates));
  }
  return absl::OkStatus();
}

// Rows of tables that refer to themselves or to one another: by levels. A
// circle is cut at a key that may be NULL at first.
absl::Status FlushPlan::OrderCircle(const std::vector<EntityState*>& rows,
                                    bool deleting,
                                    std::vector<RowGroup>* groups,
                                    std::vector<KeyFlow>* cut) {
  absl::flat_hash_map<const EntityState*, uint32_t> numbers;
  numbers.reserve(rows.size());
  for (uint32_t i = 0; i < rows.size(); ++i) numbers[rows[i]] = i;
  std::vector<Dependency> dependencies;
  std::vector<KeyFlow> flows;  // beside dependencies
  auto add = [&](const KeyFlow& flow) {
    if (flow.parent == nullptr) return;
    auto parent = numbers.find(flow.parent);
    if (parent == numbers.end()) return;
    if (flow.r->post_update) {
      cut_.insert({flow.child, flow.r});
      cut->push_back(flow);
      return;
    }
    dependencies.push_back({parent->second, numbers[flow.child]});
    flows.push_back(flow);
  };
  for (EntityState* row : rows) {
    if (!deleting) {
      ForEachFlow(row, add);
      continue;
    }
    for (const Relationship* r : row->type()->relationships()) {
      if (!HoldsKey(r->kind)) continue;
      EntityState* parent = LinkOperations::PeekParent(row, *r);
      // A row that refers to itself goes at once.
      if (parent != row) add({row, r, parent});
    }
  }
  const auto count = static_cast<uint32_t>(rows.size());
  std::vector<uint32_t> levels = Levels(count, dependencies);
  while (std::find(levels.begin(), levels.end(), kOnCycle) != levels.end()) {
    // The components, to cut inside of circles only.
    std::vector<uint32_t> component(count, 0);
    std::vector<bool> circle;
    for (const auto& members : ComponentsInOrder(count, dependencies)) {
      for (uint32_t row : members) {
        component[row] = static_cast<uint32_t>(circle.size());
      }
      circle.push_back(members.size() > 1);
    }
    auto inside = [&](size_t i) {
      const Dependency& d = dependencies[i];
      return d.first == d.second ||
             (component[d.first] == component[d.second] &&
              circle[component[d.first]]);
    };
    const Relationship* where = nullptr;
    absl::flat_hash_set<std::string> classes;
    for (size_t i = 0; i < flows.size(); ++i) {
      if (!inside(i)) continue;
      classes.insert(flows[i].r->DebugName());
      if (where == nullptr && flows[i].r->nullable_key) where = flows[i].r;
    }
    if (where == nullptr) {
      std::vector<std::string> names(classes.begin(), classes.end());
      std::sort(names.begin(), names.end());
      return Misuse(absl::StrCat(
          "new entities refer to one another in a circle, by ",
          absl::StrJoin(names, ", "),
          ", and no key among these may be null: make one nullable"));
    }
    size_t kept = 0;
    for (size_t i = 0; i < flows.size(); ++i) {
      if (inside(i) && flows[i].r == where) {
        cut_.insert({flows[i].child, where});
        cut->push_back(flows[i]);
        continue;
      }
      dependencies[kept] = dependencies[i];
      flows[kept++] = flows[i];
    }
    dependencies.resize(kept);
    flows.resize(kept);
    levels = Levels(count, dependencies);
  }
  // One group for each level and type, in the order of the rows.
  uint32_t top = 0;
  for (uint32_t level : levels) top = std::max(top, level);
  std::vector<std::vector<RowGroup>> by_level(top + 1);
  for (uint32_t i = 0; i < count; ++i) {
    std::vector<RowGroup>& level = by_level[levels[i]];
    auto group = std::find_if(level.begin(), level.end(), [&](RowGroup& g) {
      return g.type == rows[i]->type();
    });
    if (group == level.end()) {
      level.push_back({rows[i]->type(), {rows[i]}});
    } else {
      group->rows.push_back(rows[i]);
    }
  }
  if (deleting) std::reverse(by_level.begin(), by_level.end());
  for (std::vector<RowGroup>& level : by_level) {
    for (RowGroup& group : level) groups->push_back(std::move(group));
  }
  return absl::OkStatus();
}

}  // namespace cupel::session
