// How the rows of two mapped classes belong together: what a relationship means
// in columns, found from the mappings and foreign keys alone, without a
// registry. The core under relationship expressions and joins.

#ifndef CUPEL_ORM_RELATIONSHIP_JOIN_H_
#define CUPEL_ORM_RELATIONSHIP_JOIN_H_

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cupel/orm/mapping_spec.h"
#include "cupel/query/expr.h"
#include "cupel/query/from_item.h"
#include "cupel/query/typed_expr.h"

namespace cupel::session {
class EntityRef;
enum class RelationshipKind : uint8_t;
}  // namespace cupel::session

namespace cupel::orm_internal {

// A link member, seen from the class that holds it.
struct LinkId {
  const ModelInfo* source = nullptr;
  absl::string_view member;
  const ModelInfo* target = nullptr;
};

struct ColumnPair {
  const schema::Column* from;
  const schema::Column* to;
};

struct RelationshipJoin {
  session::RelationshipKind kind;
  // Source column, target column; empty with a secondary table.
  std::vector<ColumnPair> pairs;
  const schema::Table* secondary = nullptr;
  // Column of the source (target), column of the secondary table.
  std::vector<ColumnPair> source_pairs;
  std::vector<ColumnPair> target_pairs;
  // Whether the foreign key that links them is in the source.
  bool key_in_source() const;
};

// The declaration of a link, wherever it was made.
struct LinkDeclaration {
  const RelationshipSpec* spec = nullptr;  // null: there is none
  bool is_reverse = false;  // `spec` is of the target, and names it as backref
};
LinkDeclaration FindLink(const LinkId& link);

// Errors: kInvalidArgument naming both classes: no such relationship, no
// foreign key between the two, or more than one and no choice.
absl::StatusOr<RelationshipJoin> ResolveLink(const LinkId& link);

// Whether rows of `source` and `target` (and `secondary`) are linked. An error
// makes an expression that fails its statement.
query::Expr LinkCondition(const RelationshipJoin& join,
                          const query::FromItem& source,
                          const query::FromItem& target,
                          const query::FromItem& secondary);

// EXISTS of a target that meets `condition`. With an empty `target` item it is
// the target's table, or an alias of it for a class linked to itself.
query::TypedExpr<bool> LinkedTo(const LinkId& link,
                                const query::FromItem& source,
                                const query::FromItem& target,
                                const query::Expr& condition);

// The link leads to (a to-many link contains) `entity`; to nothing for a null
// one.
query::TypedExpr<bool> LinksTo(const LinkId& link,
                               const query::FromItem& source,
                               const session::EntityRef& entity, bool negated);

// Rows of the target that `parent` links to.
query::TypedExpr<bool> LinkedFrom(const LinkId& link,
                                  const session::EntityRef& parent);

// A column of `item`: a table, an alias, or a subquery with columns named
// alike.
query::Expr ColumnIn(const query::FromItem& item, const schema::Column& column);

// The column of a member, in `item` (empty: the table).
query::Expr MemberColumn(const ModelInfo& model, absl::string_view member,
                         const query::FromItem& item);

// The column of a member in its table, kept for ever (query::MakeImmortal).
query::Expr ImmortalColumn(const ModelInfo& model, absl::string_view member);

}  // namespace cupel::orm_internal

#endif  // CUPEL_ORM_RELATIONSHIP_JOIN_H_
