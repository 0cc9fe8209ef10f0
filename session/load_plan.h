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

  // How a row of one type, the plan's or a subtype, is read.
  struct Layout {
    const EntityType* type;
    std::vector<int> properties;  // ascending; the primary key is among them
    std::vector<int> columns;     // the place of each in columns()
    std::vector<int> left_out;    // plain members that are not read
  };

  // Without `subtypes` columns of joined subtypes are left out.
  // Errors: kInvalidArgument for a path that does not start at `type` or is
  // not connected, or a property that is not there.
  static absl::StatusOr<std::shared_ptr<const LoadPlan>> Make(
      const EntityType& type, absl::Span<const LoadOption> options,
      bool subtypes = true);
  // Without options.
  static std::shared_ptr<const LoadPlan> Default(const EntityType& type);

  const EntityType& type() const { return *type_; }
  // Columns to read: those of type(), then what its subtypes have beside.
  absl::Span<const schema::Column* const> columns() const { return columns_; }
  // Of type() first; what its subtypes inherit is at the same places in theirs.
  absl::Span<const Layout> layouts() const { return layouts_; }
  // Properties of type() to read, ascending; the primary key is among them.
  absl::Span<const int> properties() const { return layouts_[0].properties; }
  // Requires that type() has the relationship.
  const Link& link(const Relationship& r) const { return links_[r.index]; }
  bool has_link(const Relationship& r) const { return type_->IsA(*r.source); }
  // Whether any relationship is loaded with the query.
  bool is_eager() const { return eager_; }

 private:
  friend class LoadPlanMaker;

  const EntityType* type_ = nullptr;
  std::vector<const schema::Column*> columns_;
  std::vector<Layout> layouts_;
  std::vector<Link> links_;
  bool eager_ = false;
};

// Whether a strategy loads with the query.
bool IsEager(LoadStrategy strategy);

}  // namespace cupel::session

#endif  // CUPEL_SESSION_LOAD_PLAN_H_
