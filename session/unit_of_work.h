// UnitOfWork: writes what a session changed, as one atomic step: plans in
// memory (flush_plan.h), sends few statements, each a batch (flush_writer.h),
// and settles what entities become (flush_settlement.h).

#ifndef CUPEL_SESSION_UNIT_OF_WORK_H_
#define CUPEL_SESSION_UNIT_OF_WORK_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "cupel/session/entity_state.h"
#include "cupel/session/entity_type.h"
#include "cupel/session/flush_plan.h"
#include "cupel/session/flush_writer.h"
#include "cupel/session/session_sql.h"

namespace cupel::session {

// Loads a relationship of many entities: what a flush must know.
using LinkLoader = absl::FunctionRef<absl::Status(
    absl::Span<EntityState* const>, const Relationship&)>;

// Confined to one flush.
class UnitOfWork {
 public:
  UnitOfWork(SessionSql* sql, LinkLoader load_links)
      : core_(&sql->core()),
        load_links_(load_links),
        plan_(core_),
        writer_(sql, &plan_) {}
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
  absl::Status FindFormerChildren();

  SessionCore* core_;
  LinkLoader load_links_;
  FlushPlan plan_;
  FlushWriter writer_;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_UNIT_OF_WORK_H_
