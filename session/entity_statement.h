// EntityStatement: the SELECT of an EntityQuery: the query's own part, with the
// columns that its entities need and the joins that its options ask for.

#ifndef CUPEL_SESSION_ENTITY_STATEMENT_H_
#define CUPEL_SESSION_ENTITY_STATEMENT_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "cupel/query/query.h"
#include "cupel/session/entity_query.h"
#include "cupel/session/entity_source.h"
#include "cupel/session/entity_type.h"
#include "cupel/session/load_plan.h"
#include "cupel/session/relationship_loader.h"

namespace cupel::session {

// Confined to its session.
class EntityStatement {
 public:
  // What the query asks for, in the order of its items.
  struct Item {
    std::shared_ptr<const LoadPlan> plan;  // of an entity; null: a column
    EntitySource source;
    size_t column = 0;  // the first one in the result
    size_t place = 0;   // among the entities, or among the values, of a row
  };
  // A relationship that comes with the rows.
  struct Join {
    const Relationship* r = nullptr;
    int parent = -1;  // in joins(); -1: the query's first entity
    std::shared_ptr<const LoadPlan> plan;
    EntitySource target;
    size_t column = 0;     // the first one in the result
    bool is_ours = false;  // the query does not join it by itself
    bool inner = false;
  };

  // Works out what is read. Errors: kInvalidArgument for a query of nothing;
  // kUnimplemented for a joined type from an alias; those of LoadPlan::Make().
  absl::Status Plan(EntityQuery* query, RelationshipLoader* links);
  // The whole SELECT, after Plan().
  query::Select Build();

  const std::vector<Item>& items() const { return items_; }
  const std::deque<Join>& joins() const { return joins_; }
  size_t entity_count() const { return entity_count_; }
  size_t value_count() const { return value_count_; }
  // Whether an entity of the first item may come in several rows.
  bool joins_many() const { return joins_many_; }
  // Whether the query asks for each row of the first item's tables.
  bool SelectsAll() const;
  // The query's own part, from the first item's tables unless it says others.
  query::Select BaseSelect() const;

 private:
  absl::Status PlanItem(const RowItem& wanted, bool first, Item* item);
  void PlanJoins(const LoadPlan& plan);
  bool NeedsWrapping() const;
  void AddJoins(query::Select* select, const query::FromItem& wrapped) const;
  void AddJoin(const Join& link, size_t number, const query::FromItem& wrapped,
               query::Select* select, std::vector<query::Expr>* order) const;
  query::Select BuildWrapped(std::vector<query::Expr> root_columns) const;
  query::Expr SourceColumn(const Join& link, int property,
                           const query::FromItem& wrapped) const;

  EntityQuery* query_ = nullptr;
  RelationshipLoader* links_ = nullptr;
  std::vector<Item> items_;
  std::deque<Join> joins_;  // parents before what joins to them
  size_t entity_count_ = 0;
  size_t value_count_ = 0;
  bool joins_many_ = false;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_ENTITY_STATEMENT_H_
