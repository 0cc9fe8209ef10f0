// QueryLoader: executes an EntityQuery: adds the columns and joins that its
// entities and options need, and assembles rows into entities.

#ifndef CUPEL_SESSION_QUERY_LOADER_H_
#define CUPEL_SESSION_QUERY_LOADER_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
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
#include "cupel/session/entity_source.h"
#include "cupel/session/load_plan.h"
#include "cupel/session/relationship_loader.h"
#include "cupel/session/session_sql.h"

namespace cupel::session {

// A relationship that comes with the rows.
struct JoinedLink {
  const Relationship* r;
  int parent;  // in the list of joins; -1: the query's first entity
  EntitySource target;
  std::shared_ptr<const LoadPlan> plan;
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
  absl::Status Read(size_t item, const engine::TypeOps& ops, void* out) const;
  absl::StatusOr<std::vector<EntityRef>> All();

 private:
  struct Item {
    std::unique_ptr<EntityReader> reader;  // of an entity
    std::shared_ptr<const LoadPlan> plan;
    EntitySource source;
    size_t column = 0;  // of a column item: in the result
    size_t place = 0;   // among the entities or values of a row
  };

  absl::Status Plan();
  absl::Status PlanItem(const RowItem& wanted, bool first, Item* item);
  void PlanJoins(const LoadPlan& plan);
  void AddJoins(query::Select* select, const query::FromItem& wrapped);
  query::Select Build();
  query::Select BuildWrapped(const std::vector<query::Expr>& root_columns);
  query::Select BaseSelect() const;
  query::Expr SourceColumn(const JoinedLink& link, int property,
                           const query::FromItem& wrapped) const;
  absl::Status Fetch();
  absl::Status FetchRow(absl::Span<const engine::ValueView> cells);
  absl::Status FetchJoins(absl::Span<const engine::ValueView> cells,
                          EntityState* root);
  void OpenBatches();
  void CloseBatches();
  void SettleJoins();

  SessionSql* sql_;
  RelationshipLoader* links_;
  EntityQuery query_;
  std::vector<Item> items_;
  size_t entity_count_ = 0;
  size_t value_count_ = 0;
  std::deque<JoinedLink> joins_;
  bool joins_many_ = false;
  query::Select statement_;
  std::optional<query::ResultCursor> cursor_;
  bool done_ = false;
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
