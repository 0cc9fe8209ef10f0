#include "cupel/orm/load.h"

#include <string>
#include <utility>
#include <vector>

namespace cupel {

Load Load::Then(orm_internal::LinkId link, session::LoadStrategy strategy,
                bool inner_join, int recursion_depth,
                query::FromItem source) const {
  Load next = *this;
  next.path_.push_back(link);
  if (strategy == session::LoadStrategy::kDefault) return next;
  Choice choice;
  choice.path = next.path_;
  choice.strategy = strategy;
  choice.inner_join = inner_join;
  choice.recursion_depth = recursion_depth;
  choice.source = std::move(source);
  next.choices_.push_back(std::move(choice));
  return next;
}

Load Load::Columns(session::LoadOption::Kind kind,
                   std::vector<absl::string_view> members) const {
  Load next = *this;
  Choice choice;
  choice.kind = kind;
  choice.path = path_;
  choice.members = std::move(members);
  next.choices_.push_back(std::move(choice));
  return next;
}

Load Load::All(session::LoadStrategy strategy) const {
  Load next = *this;
  Choice choice;
  choice.kind = session::LoadOption::Kind::kWildcard;
  choice.path = path_;
  choice.strategy = strategy;
  next.choices_.push_back(std::move(choice));
  return next;
}

Load Load::UndeferGroup(absl::string_view group) const {
  Load next = *this;
  Choice choice;
  choice.kind = session::LoadOption::Kind::kUndeferGroup;
  choice.path = path_;
  choice.group = std::string(group);
  next.choices_.push_back(std::move(choice));
  return next;
}

}  // namespace cupel
