// PendingTables: which tables the next flush would write, as far as it can be
// told without planning it: what autoflush looks at.

#ifndef CUPEL_SESSION_PENDING_TABLES_H_
#define CUPEL_SESSION_PENDING_TABLES_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "cupel/schema/schema.h"
#include "cupel/session/session_core.h"

namespace cupel::session {

// Confined to one session.
class PendingTables {
 public:
  // Whether changes of the session touch one of `tables`.
  bool Contain(const SessionCore& core,
               absl::Span<const schema::Table* const> tables);

 private:
  void Collect(const SessionCore& core);

  std::vector<const schema::Table*> tables_;
  uint64_t version_ = 0;  // of the change set that they were collected from
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_PENDING_TABLES_H_
