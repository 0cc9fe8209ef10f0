// LoadPlan: the load options of a query, resolved for one entity in it: which
// columns to read, and how each of its relationships is loaded.

#ifndef CUPEL_SESSION_LOAD_PLAN_H_
#define CUPEL_SESSION_LOAD_PLAN_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "cupel/query/query.h"
#include "cupel/session/entity_type.h"
#include "cupel/session/load_option.h"

namespace cupel::session {

// Immutable.
class LoadPlan {
 public:
  struct Link {
    LoadStrategy strategy = LoadStrategy::kDefault;
    bool inner_join = false;
    int recursion_depth = 1;
    std::shared_ptr<const query::FromItem> source;  // of kContainsEager
    std::shared_ptr<const LoadPlan> target;         // null: by default
  };

  // Errors: kInvalidArgument for a path that does not start at `type` or is
  // not connected, or a property that is not there.
  static absl::StatusOr<std::shared_ptr<const LoadPlan>> Make(
      const EntityType& type, absl::Span<const LoadOption> options);
  // Without options.
  static std::shared_ptr<const LoadPlan> Default(const EntityType& type);

  const EntityType& type() const { return *type_; }
  // Properties to read, ascending; the primary key is among them.
  absl::Span<const int> properties() const { return properties_; }
  // Plain members that are not read.
  absl::Span<const int> left_out() const { return left_out_; }
  const Link& link(const Relationship& r) const { return links_[r.index]; }
  // Whether any relationship is loaded with the query.
  bool is_eager() const { return eager_; }

 private:
  friend class LoadPlanMaker;

  const EntityType* type_ = nullptr;
  std::vector<int> properties_;
  std::vector<int> left_out_;
  std::vector<Link> links_;
  bool eager_ = false;
};

// Whether a strategy loads with the query.
bool IsEager(LoadStrategy strategy);

}  // namespace cupel::session

#endif  // CUPEL_SESSION_LOAD_PLAN_H_
