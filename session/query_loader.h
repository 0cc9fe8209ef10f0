// ResultState: a running EntityQuery: executes its EntityStatement and
// assembles rows into entities.

#ifndef CUPEL_SESSION_QUERY_LOADER_H_
#define CUPEL_SESSION_QUERY_LOADER_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "cupel/query/query.h"
#include "cupel/session/entity_query.h"
#include "cupel/session/entity_reader.h"
#include "cupel/session/entity_statement.h"
#include "cupel/session/load_plan.h"
#include "cupel/session/relationship_loader.h"
#include "cupel/session/session_sql.h"

namespace cupel::session {

// What the rows bring of a joined relationship.
struct JoinedLink {
  const Relationship* r = nullptr;
  int parent = -1;  // in the list of joins; -1: the query's first entity
  std::unique_ptr<EntityReader> reader;
  LoadBatch* batch = nullptr;
  // Of the current row.
  EntityState* current = nullptr;
  // To many: what was collected for each parent, in order.
  struct Collected {
    States targets;
    absl::flat_hash_set<const EntityState*> seen;
  };
  absl::flat_hash_map<EntityState*, Collected> collected;
  std::vector<EntityState*> parents;
};

// The state of a running EntityQuery. Confined to its session.
class ResultState {
 public:
  ResultState(SessionSql* sql, RelationshipLoader* links, EntityQuery query);
  ~ResultState();

  absl::Status Start();
  absl::StatusOr<bool> Next();
  const EntityRef& entity(size_t item) const;
  absl::Status Read(size_t item, const engine::TypeOps& ops, void* out);
  absl::StatusOr<std::vector<EntityRef>> All();

 private:
  // Whether one Fetch() takes all rows.
  bool fetches_all() const {
    return query_.yield_per == 0 || plan_.joins_many();
  }
  // Whether values are read where the cursor has them, row by row.
  bool streams() const {
    return query_.yield_per != 0 && plan_.entity_count() == 0;
  }
  void MakeReaders();
  // The logical value of a column item in the cursor's row, until the next.
  absl::StatusOr<engine::ValueView> Value(size_t item);
  absl::StatusOr<bool> Step();
  absl::Status Fetch();
  absl::Status FetchRow(absl::Span<const engine::ValueView> cells);
  absl::Status FetchJoins(absl::Span<const engine::ValueView> cells,
                          EntityState* root);
  absl::Status LoadEagerly();
  void OpenBatches();
  void CloseBatches();
  void SettleJoins();

  SessionSql* sql_;
  RelationshipLoader* links_;
  EntityQuery query_;
  EntityStatement plan_;
  std::vector<std::unique_ptr<EntityReader>> readers_;  // by item; null: column
  std::vector<JoinedLink> joins_;                       // as plan_.joins()
  std::optional<query::ResultCursor> cursor_;
  bool done_ = false;
  engine::BoundValue logical_;
  // Rows fetched, and the one that is current.
  std::vector<EntityRef> entities_;
  std::vector<engine::Value> values_;
  size_t rows_ = 0;
  size_t row_ = 0;  // from 1; 0: before the first
  const EntityState* last_root_ = nullptr;
  std::vector<LoadBatch*> batches_;  // by item
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_QUERY_LOADER_H_
