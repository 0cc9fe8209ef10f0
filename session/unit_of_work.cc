#include "cupel/session/unit_of_work.h"

#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "cupel/engine/engine.h"
#include "cupel/session/delete_rows.h"
#include "cupel/session/flush_settlement.h"
#include "cupel/session/insert_rows.h"
#include "cupel/session/link_operations.h"
#include "cupel/session/link_rows.h"
#include "cupel/session/update_rows.h"

namespace cupel::session {

// A single child was put in the place of one that is not known: who is it?
absl::Status UnitOfWork::FindFormerChildren() {
  std::vector<std::pair<EntityState*, const Relationship*>> lost;
  for (EditRecord* record : core_->changes().touched()) {
    for (const Relationship* r : record->state->type()->relationships()) {
      if (r->kind == RelationshipKind::kOneToOne && !r->view_only &&
          LinkOperations::LostFormer(record->state, *r)) {
        lost.push_back({record->state, r});
      }
    }
  }
  for (const auto& entry : lost) {
    EntityState* state = entry.first;
    const Relationship* r = entry.second;
    CUPEL_ASSIGN_OR_RETURN(
        EntityRef former, LinkOperations::ReplaceFormer(state, *r, [&] {
          return load_links_(absl::MakeConstSpan(&state, 1), *r);
        }));
    if (former && r->reverse == nullptr) {
      plan_.bereft.push_back({former.state(), r, nullptr});
    }
  }
  return absl::OkStatus();
}

absl::Status UnitOfWork::Prepare() {
  CUPEL_RETURN_IF_ERROR(FindFormerChildren());
  while (true) {
    absl::flat_hash_map<const Relationship*, std::vector<EntityState*>> wanted;
    plan_.CollectDoomed([&](EntityState* state, const Relationship& r) {
      wanted[&r].push_back(state);
    });
    if (wanted.empty()) break;
    for (const auto& [r, states] : wanted) {
      CUPEL_RETURN_IF_ERROR(load_links_(states, *r));
    }
  }
  return plan_.Build();
}

absl::Status UnitOfWork::Execute() {
  CUPEL_RETURN_IF_ERROR(writer_.Connect());
  for (const RowGroup& group : plan_.inserts) {
    CUPEL_RETURN_IF_ERROR(InsertRows(writer_, group));
  }
  CUPEL_RETURN_IF_ERROR(
      UpdateKeys(writer_, plan_.post_updates, KeyChange::kToParent));
  CUPEL_RETURN_IF_ERROR(SwitchRows(writer_));
  CUPEL_RETURN_IF_ERROR(UpdateRows(writer_));
  for (const LinkGroup& group : plan_.link_deletes) {
    CUPEL_RETURN_IF_ERROR(DeleteLinks(writer_, group));
  }
  for (const LinkGroup& group : plan_.link_inserts) {
    CUPEL_RETURN_IF_ERROR(InsertLinks(writer_, group));
  }
  for (const LinkClearing& clearing : plan_.link_clearings) {
    CUPEL_RETURN_IF_ERROR(ClearLinks(writer_, clearing));
  }
  CUPEL_RETURN_IF_ERROR(
      UpdateKeys(writer_, plan_.pre_delete_updates, KeyChange::kToNull));
  for (const RowGroup& group : plan_.deletes) {
    CUPEL_RETURN_IF_ERROR(DeleteRows(writer_, group));
  }
  return absl::OkStatus();
}

void UnitOfWork::Abort() {
  for (const FlushAccount::Inserted& row : writer_.account().inserted) {
    if (row.generated_key) ClearGeneratedKey(row.state);
  }
}

void UnitOfWork::Finish() { SettleFlush(core_, plan_, writer_.account()); }

}  // namespace cupel::session
