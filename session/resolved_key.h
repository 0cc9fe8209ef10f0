// ResolvedKey: a foreign key with the columns that it refers to, and the search
// for those that lead from one entity to another.

#ifndef CUPEL_SESSION_RESOLVED_KEY_H_
#define CUPEL_SESSION_RESOLVED_KEY_H_

#include <string>
#include <vector>

#include "cupel/schema/schema.h"
#include "cupel/session/entity_type.h"

namespace cupel::session {

using Columns = std::vector<const schema::Column*>;

struct ResolvedKey {
  const schema::ForeignKey* key;  // null: not declared
  Columns columns;
  Columns referred;
};

// The foreign keys from `from` to `to`; an entity stands for any of its tables.
std::vector<ResolvedKey> KeysBetween(const schema::Table& from,
                                     const schema::Table& to);
std::vector<ResolvedKey> KeysBetween(const schema::Table& from,
                                     const EntityType& to);
// Without keys of types beside `from` in its hierarchy.
std::vector<ResolvedKey> KeysBetween(const EntityType& from,
                                     const EntityType& to);

// Whether the columns are the same, in any order.
bool SameColumns(Columns a, Columns b);
// "a, b", for messages.
std::string Names(const Columns& columns);

// Whether the key holds a joined row together.
bool IsInheritance(const EntityType& type, const schema::ForeignKey& key);
// Whether the key refers to a table of the type.
bool Refers(const schema::ForeignKey& key, const EntityType& type);

}  // namespace cupel::session

#endif  // CUPEL_SESSION_RESOLVED_KEY_H_
