#include "cupel/session/pending_tables.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "cupel/session/change_set.h"

namespace cupel::session {

void PendingTables::Collect(const SessionCore& core) {
  const ChangeSet& changes = core.changes();
  if (version_ == changes.version()) return;
  version_ = changes.version();
  absl::flat_hash_set<const schema::Table*> tables;
  std::vector<bool> seen(core.registry().types().size());
  auto add = [&](const EntityType* type, bool deleting) {
    if (seen[type->index()] && !deleting) return;
    seen[type->index()] = true;
    for (const EntityType::Level& level : type->levels()) {
      tables.insert(level.table);
    }
    for (const Relationship* r : type->relationships()) {
      if (r->view_only) continue;
      if (r->secondary != nullptr) {
        tables.insert(r->secondary);
      } else if (deleting || r->reverse == nullptr) {
        if (r->kind != RelationshipKind::kManyToOne) {
          tables.insert(r->target->tables().begin(), r->target->tables().end());
        }
      }
    }
  };
  for (const EntityState* state : changes.added()) add(state->type(), false);
  for (const EditRecord* record : changes.touched()) {
    add(record->state->type(), false);
  }
  const EntityType* last = nullptr;
  for (const EntityState* state : changes.deleted()) {
    if (state->type() != last) add(state->type(), true);
    last = state->type();
  }
  tables_.assign(tables.begin(), tables.end());
}

bool PendingTables::Contain(const SessionCore& core,
                            absl::Span<const schema::Table* const> tables) {
  if (core.changes().empty()) return false;
  Collect(core);
  return std::any_of(
      tables.begin(), tables.end(), [this](const schema::Table* table) {
        return std::find(tables_.begin(), tables_.end(), table) !=
               tables_.end();
      });
}

}  // namespace cupel::session
