// EntitySource: where the columns of an entity come from in a statement: its
// table, the joined tables of its hierarchy, or either under other names.

#ifndef CUPEL_SESSION_ENTITY_SOURCE_H_
#define CUPEL_SESSION_ENTITY_SOURCE_H_

#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "cupel/query/query.h"
#include "cupel/session/entity_type.h"

namespace cupel::session {

// Immutable value. Must not outlive the registry.
class EntitySource {
 public:
  EntitySource() = default;
  // The type's own tables.
  explicit EntitySource(const EntityType& type);
  // The type's first table as `item`, an alias of it or a subquery with its
  // columns; the tables of joined types are not there.
  EntitySource(const EntityType& type, query::FromItem item);
  // The type's tables, each as an alias that ends in `suffix`.
  static EntitySource Renamed(const EntityType& type, absl::string_view suffix);

  // The FROM item: for joined types a join of the type's tables, to which those
  // of its subtypes are joined outer.
  const query::FromItem& from() const { return from_; }
  // Whether columns of joined subtypes are there.
  bool has_subtypes() const { return has_subtypes_; }
  // A column of the type, its bases or its subtypes.
  query::Expr Column(const schema::Column& column) const;
  // The condition that keeps rows of other types away; empty if there are none.
  query::Expr Restriction() const;

 private:
  query::FromItem ItemOf(const schema::Table& table) const;
  void JoinTables();

  const EntityType* type_ = nullptr;
  query::FromItem from_;
  // Tables that go by another name.
  std::vector<std::pair<const schema::Table*, query::FromItem>> named_;
  bool has_subtypes_ = true;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_ENTITY_SOURCE_H_
