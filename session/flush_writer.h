// FlushWriter: what the steps of a flush share: how rows are sent, how members
// take what the database or the plan gives them, and the account of what was
// written. The steps: insert_rows.h, update_rows.h, link_rows.h, delete_rows.h.

#ifndef CUPEL_SESSION_FLUSH_WRITER_H_
#define CUPEL_SESSION_FLUSH_WRITER_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/session/entity_state.h"
#include "cupel/session/flush_plan.h"
#include "cupel/session/row_statement.h"
#include "cupel/session/row_value.h"
#include "cupel/session/session_sql.h"

namespace cupel::session {

// What a flush has written, and what memory does not know yet.
struct FlushAccount {
  struct Inserted {
    EntityState* state;
    bool generated_key;
  };
  std::vector<Inserted> inserted;
  // Entities whose columns were updated.
  std::vector<EntityState*> updated;
  // Properties that the database computed and that were not returned.
  std::vector<std::pair<EntityState*, std::vector<int>>> unread;
};

// Confined to one flush.
class FlushWriter {
 public:
  FlushWriter(SessionSql* sql, const FlushPlan* plan)
      : sql_(sql), plan_(plan) {}
  FlushWriter(const FlushWriter&) = delete;
  FlushWriter& operator=(const FlushWriter&) = delete;

  // Takes the connection that the rows go to.
  absl::Status Connect();

  const FlushPlan& plan() const { return *plan_; }
  FlushAccount& account() { return account_; }
  const engine::Capabilities& can() const {
    return sql_->dialect().capabilities();
  }
  void Warn(absl::string_view message) { sql_->Warn(message); }

  // Executes the statement for each row, in batches, and tells `done` how many
  // rows of the table it hit. Properties that the database computes are read
  // back, or noted as unread where it does not return them.
  using Done = absl::FunctionRef<absl::Status(
      const BatchRow& row, const engine::ExecuteResult& result)>;
  absl::Status Execute(RowStatement statement, absl::Span<const int> computed,
                       absl::Span<const BatchRow> rows, Done done);

  // The same of an INSERT from which nothing is read back, as statements of
  // `page_rows` rows, of which `rows` is a multiple. On an error none is there,
  // and the transaction goes on.
  absl::Status ExecuteInPages(const RowStatement& insert,
                              absl::Span<const BatchRow> rows,
                              size_t page_rows);
  // The greatest integer in a column; 0 in an empty table.
  absl::StatusOr<int64_t> Greatest(const schema::Column& column);

  // Writes a member; a failed flush restores it.
  absl::Status Assign(EntityState* state, int property,
                      const engine::ValueView& value);
  // The child takes its parent's key.
  // Errors: kFailedPrecondition for NULL in a member that cannot hold it.
  absl::Status Flow(const KeyFlow& flow);

 private:
  absl::Status ExecuteForOne(const query::Statement& statement,
                             absl::Span<const int> computed, bool returning,
                             const BatchRow& row, Done done);
  absl::Status Receive(const query::Compiled& compiled,
                       absl::Span<const int> properties, EntityState* state,
                       absl::Span<const engine::ValueView> returned);

  SessionSql* sql_;
  const FlushPlan* plan_;
  engine::Connection* connection_ = nullptr;
  FlushAccount account_;
};

// The error of a statement that hit `matched` rows instead of one.
absl::Status StaleError(const EntityState& state, absl::string_view verb,
                        int64_t matched);

}  // namespace cupel::session

#endif  // CUPEL_SESSION_FLUSH_WRITER_H_
