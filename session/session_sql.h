// SessionSql: what the parts of a session that speak SQL share: its
// connection, its statement cache, its options, and its memory.

#ifndef CUPEL_SESSION_SESSION_SQL_H_
#define CUPEL_SESSION_SESSION_SQL_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/session/entity_state.h"
#include "cupel/session/entity_type.h"
#include "cupel/session/session_core.h"
#include "cupel/session/session_options.h"

namespace cupel::session {

// Confined to its session.
class SessionSql {
 public:
  virtual ~SessionSql() = default;

  virtual SessionCore& core() = 0;
  virtual const SessionOptions& options() const = 0;
  virtual query::StatementCache& statements() = 0;
  virtual const engine::Dialect& dialect() const = 0;
  // The connection, taken from the pool at the first call.
  virtual absl::StatusOr<engine::Connection*> connection() = 0;
  // Flushes if pending changes touch one of the tables.
  virtual absl::Status Autoflush(
      absl::Span<const schema::Table* const> tables) = 0;
  virtual void Warn(absl::string_view message) = 0;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_SESSION_SQL_H_
