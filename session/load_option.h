// How a query loads what its entities refer to: LoadOption.
//
// An option addresses a relationship by its path from the query's entity and
// names a strategy, or chooses columns of the entity at the end of the path:
//
//   query.options.push_back(LoadOption::Load({posts},
//   LoadStrategy::kSelectIn));
//   query.options.push_back(LoadOption::Only({posts}, {title}));
//
// Options belong to the query and to the result that it gives; they do not
// stick to entities: another query for the same row follows its own options.

#ifndef CUPEL_SESSION_LOAD_OPTION_H_
#define CUPEL_SESSION_LOAD_OPTION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cupel/session/relationship_policy.h"  // IWYU pragma: export

namespace cupel::query {
class FromItem;
}  // namespace cupel::query

namespace cupel::session {

struct Relationship;

// One option of a query. Thread-compatible value.
struct LoadOption {
  enum class Kind : uint8_t {
    kStrategy,     // `strategy` for the last relationship of `path`
    kWildcard,     // `strategy` for all relationships of the entity at `path`
    kLoadOnly,     // load `properties` and the primary key, nothing else
    kDefer,        // do not load `properties`
    kUndefer,      // load `properties` though the mapping defers them
    kUndeferGroup  // load the deferred properties of `group`
  };

  Kind kind = Kind::kStrategy;
  // From the query's entity; empty: the query's entity itself.
  std::vector<const Relationship*> path;
  LoadStrategy strategy = LoadStrategy::kDefault;
  // Indices into the properties of the entity at the end of `path`.
  std::vector<int> properties;
  std::string group;
  // kJoined: an inner join, for a to-one whose key is never null.
  bool inner_join = false;
  // kSelectIn of a relationship to its own entity: how many levels to follow;
  // -1: until nothing is found.
  int recursion_depth = 1;
  // kContainsEager: the joined item that holds the target's columns; null:
  // the target's table itself.
  std::shared_ptr<const query::FromItem> source;

  static LoadOption Load(std::vector<const Relationship*> path,
                         LoadStrategy strategy) {
    LoadOption option;
    option.path = std::move(path);
    option.strategy = strategy;
    return option;
  }
  static LoadOption All(std::vector<const Relationship*> path,
                        LoadStrategy strategy) {
    LoadOption option = Load(std::move(path), strategy);
    option.kind = Kind::kWildcard;
    return option;
  }
  static LoadOption Only(std::vector<const Relationship*> path,
                         std::vector<int> properties) {
    return Columns(Kind::kLoadOnly, std::move(path), std::move(properties));
  }
  static LoadOption Defer(std::vector<const Relationship*> path,
                          std::vector<int> properties) {
    return Columns(Kind::kDefer, std::move(path), std::move(properties));
  }
  static LoadOption Undefer(std::vector<const Relationship*> path,
                            std::vector<int> properties) {
    return Columns(Kind::kUndefer, std::move(path), std::move(properties));
  }
  static LoadOption UndeferGroup(std::vector<const Relationship*> path,
                                 std::string group) {
    LoadOption option = Load(std::move(path), LoadStrategy::kDefault);
    option.kind = Kind::kUndeferGroup;
    option.group = std::move(group);
    return option;
  }
  static LoadOption Columns(Kind kind, std::vector<const Relationship*> path,
                            std::vector<int> properties) {
    LoadOption option = Load(std::move(path), LoadStrategy::kDefault);
    option.kind = kind;
    option.properties = std::move(properties);
    return option;
  }
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_LOAD_OPTION_H_
