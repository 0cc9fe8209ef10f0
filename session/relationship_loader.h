// RelationshipLoader: fills links from the database: at a touch (lazily, for
// more and more siblings at once) and for many entities after a query.

#ifndef CUPEL_SESSION_RELATIONSHIP_LOADER_H_
#define CUPEL_SESSION_RELATIONSHIP_LOADER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "cupel/query/query.h"
#include "cupel/session/call_site.h"
#include "cupel/session/entity_source.h"
#include "cupel/session/entity_state.h"
#include "cupel/session/entity_type.h"
#include "cupel/session/key_index.h"
#include "cupel/session/load_plan.h"
#include "cupel/session/session_sql.h"

namespace cupel::session {

using States = std::vector<EntityState*>;

// Confined to its session.
class RelationshipLoader {
 public:
  explicit RelationshipLoader(SessionSql* sql) : sql_(sql) {}
  RelationshipLoader(const RelationshipLoader&) = delete;
  RelationshipLoader& operator=(const RelationshipLoader&) = delete;

  // A link that is not loaded was touched.
  absl::Status Touch(EntityState* state, const Relationship& r, CallSite site);

  // Loads `r` of `parents`, which have rows; loaded links are left as they
  // are. Targets come by `plan` (null: by default) and are told to `found`.
  // Asks for the targets by lists of keys, or, when `parents` are most of all
  // parents that there are, in one pass over the targets' table.
  absl::Status SelectIn(absl::Span<EntityState* const> parents,
                        const Relationship& r,
                        std::shared_ptr<const LoadPlan> plan,
                        States* found = nullptr);

  // The same by one statement that repeats `base`, a query for the parents.
  absl::Status Subquery(absl::Span<EntityState* const> parents,
                        const Relationship& r,
                        std::shared_ptr<const LoadPlan> plan,
                        const query::Select& base, const EntitySource& source);

  // Loads what `plan` wants to be loaded with a query that gave `entities`;
  // what comes by joins has been loaded. `base` is that query, if known.
  absl::Status AfterQuery(const LoadPlan& plan,
                          absl::Span<EntityState* const> entities,
                          const query::Select* base = nullptr,
                          const EntitySource* source = nullptr);

  const std::shared_ptr<const LoadPlan>& DefaultPlan(const EntityType& type);

 private:
  struct Wanted {
    KeyIndex index;
    std::vector<engine::Value> values;  // key after key
    std::vector<States> parents;        // by number of the key
  };

  // Links to-ones whose target is known; the rest is left to a statement.
  bool LinkKnown(EntityState* state, const Relationship& r);
  void AddKey(EntityState* state, const Relationship& r, Wanted* wanted);
  absl::Status LoadChunk(const Relationship& r, const query::Expr& condition,
                         const query::FromItem& joined,
                         const std::vector<query::Expr>& key_columns,
                         const std::shared_ptr<const LoadPlan>& plan,
                         const Wanted& wanted, std::vector<States>* targets,
                         LoadBatch* batch);
  query::Select TargetSelect(const Relationship& r, const EntitySource& target,
                             const std::vector<query::Expr>& columns) const;
  void Distribute(const Relationship& r, const Wanted& wanted,
                  const std::vector<States>& targets, States* found);
  absl::Status Plain(EntityState* state, const Relationship& r,
                     std::shared_ptr<const LoadPlan> plan);
  absl::Status Adaptive(EntityState* state, const Relationship& r,
                        std::shared_ptr<const LoadPlan> plan);
  absl::Status Repeated(const Relationship& r, CallSite site);

  SessionSql* sql_;
  std::vector<std::shared_ptr<const LoadPlan>> defaults_;
  absl::flat_hash_map<std::pair<const Relationship*, std::string>, int>
      repeats_;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_RELATIONSHIP_LOADER_H_
