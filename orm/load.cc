#include "cupel/orm/load.h"

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "cupel/orm/load_choices.h"
#include "cupel/session/load_option.h"

namespace cupel {
namespace {

using orm_internal::LoadChoice;
using orm_internal::LoadChoices;
using session::LoadOption;

LoadChoices CopyOf(const LoadChoices* choices) {
  return choices == nullptr ? LoadChoices() : *choices;
}

}  // namespace

Load::Load(std::shared_ptr<const LoadChoices> choices)
    : choices_(std::move(choices)) {}

absl::Span<const LoadChoice> Load::choices() const {
  if (choices_ == nullptr) return {};
  return choices_->choices;
}

Load Load::Then(orm_internal::LinkId link, session::LoadStrategy strategy,
                bool inner_join, int recursion_depth,
                query::FromItem source) const {
  LoadChoices next = CopyOf(choices_.get());
  next.path.push_back(link);
  if (strategy != session::LoadStrategy::kDefault) {
    LoadChoice choice;
    choice.path = next.path;
    choice.strategy = strategy;
    choice.inner_join = inner_join;
    choice.recursion_depth = recursion_depth;
    choice.source = std::move(source);
    next.choices.push_back(std::move(choice));
  }
  return Load(std::make_shared<const LoadChoices>(std::move(next)));
}

Load Load::With(LoadChoice choice) const {
  LoadChoices next = CopyOf(choices_.get());
  choice.path = next.path;
  next.choices.push_back(std::move(choice));
  return Load(std::make_shared<const LoadChoices>(std::move(next)));
}

Load Load::Columns(Selection selection,
                   std::initializer_list<absl::string_view> members) const {
  LoadChoice choice;
  switch (selection) {
    case Selection::kLoadOnly:
      choice.kind = LoadOption::Kind::kLoadOnly;
      break;
    case Selection::kDefer:
      choice.kind = LoadOption::Kind::kDefer;
      break;
    case Selection::kUndefer:
      choice.kind = LoadOption::Kind::kUndefer;
      break;
  }
  choice.members = members;
  return With(std::move(choice));
}

Load Load::All(session::LoadStrategy strategy) const {
  LoadChoice choice;
  choice.kind = LoadOption::Kind::kWildcard;
  choice.strategy = strategy;
  return With(std::move(choice));
}

Load Load::UndeferGroup(absl::string_view group) const {
  LoadChoice choice;
  choice.kind = LoadOption::Kind::kUndeferGroup;
  choice.group = std::string(group);
  return With(std::move(choice));
}

}  // namespace cupel
