// What a Load says, taken apart: for the core that runs a query.

#ifndef CUPEL_ORM_LOAD_CHOICES_H_
#define CUPEL_ORM_LOAD_CHOICES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cupel/orm/relationship_join.h"
#include "cupel/query/from_item.h"
#include "cupel/session/load_option.h"

namespace cupel::orm_internal {

// One step or one choice of columns.
struct LoadChoice {
  session::LoadOption::Kind kind = session::LoadOption::Kind::kStrategy;
  std::vector<LinkId> path;
  session::LoadStrategy strategy = session::LoadStrategy::kDefault;
  std::vector<absl::string_view> members;
  std::string group;
  bool inner_join = false;
  int recursion_depth = 1;
  query::FromItem source;  // of kContainsEager
};

struct LoadChoices {
  std::vector<LinkId> path;  // where the next step begins
  std::vector<LoadChoice> choices;
};

}  // namespace cupel::orm_internal

#endif  // CUPEL_ORM_LOAD_CHOICES_H_
