#include "cupel/session/load_plan.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cupel/engine/engine.h"

namespace cupel::session {

bool IsEager(LoadStrategy strategy) {
  switch (strategy) {
    case LoadStrategy::kImmediate:
    case LoadStrategy::kJoined:
    case LoadStrategy::kSelectIn:
    case LoadStrategy::kSubquery:
    case LoadStrategy::kContainsEager:
      return true;
    default:
      return false;
  }
}

class LoadPlanMaker {
 public:
  using Options = std::vector<const LoadOption*>;

  // `options` have `depth` steps of their paths behind them; `way` is the
  // types on the way, so that defaults of the mapping do not run in circles.
  static absl::StatusOr<std::shared_ptr<const LoadPlan>> Make(
      const EntityType& type, const Options& options, size_t depth,
      std::vector<const EntityType*> way, bool subtypes = true) {
    auto plan = std::make_shared<LoadPlan>();
    plan->type_ = &type;
    plan->links_.resize(type.relationships().size());
    CUPEL_RETURN_IF_ERROR(CheckColumns(type, options, depth));
    AddLayout(type, options, depth, subtypes, plan.get());
    for (const EntityType* sub : type.subtypes()) {
      AddLayout(*sub, options, depth, subtypes, plan.get());
    }
    way.push_back(&type);
    for (const Relationship* r : type.relationships()) {
      plan->links_[r->index].strategy = r->loading;
      const bool circle =
          std::find(way.begin(), way.end(), r->target) != way.end();
      if (circle && IsEager(r->loading)) {
        plan->links_[r->index].strategy = LoadStrategy::kDefault;
      }
    }
    // What names a relationship wins over what names all.
    for (const LoadOption* option : options) {
      if (option->path.size() != depth ||
          option->kind != LoadOption::Kind::kWildcard) {
        continue;
      }
      for (LoadPlan::Link& link : plan->links_) {
        link.strategy = option->strategy;
      }
    }
    std::vector<Options> below(plan->links_.size());
    for (const LoadOption* option : options) {
      if (option->path.size() <= depth) continue;
      const Relationship* step = option->path[depth];
      if (!type.IsA(*step->source)) {
        return engine::MakeError(
            engine::ErrorKind::kInvalidValue,
            absl::StrCat("a load option follows ", step->DebugName(),
                         " from an entity of type ", type.name()));
      }
      if (option->path.size() == depth + 1 &&
          option->kind == LoadOption::Kind::kStrategy) {
        LoadPlan::Link& link = plan->links_[step->index];
        link.strategy = option->strategy;
        link.inner_join = option->inner_join;
        link.recursion_depth = option->recursion_depth;
        link.source = option->source;
      }
      below[step->index].push_back(option);
    }
    for (const Relationship* r : type.relationships()) {
      LoadPlan::Link& link = plan->links_[r->index];
      plan->eager_ |= IsEager(link.strategy);
      if (below[r->index].empty() && !IsEager(link.strategy)) continue;
      CUPEL_ASSIGN_OR_RETURN(link.target,
                             Make(*r->target, below[r->index], depth + 1, way));
    }
    return std::shared_ptr<const LoadPlan>(std::move(plan));
  }

 private:
  static absl::Status CheckColumns(const EntityType& type,
                                   const Options& options, size_t depth) {
    for (const LoadOption* option : options) {
      if (option->path.size() != depth) continue;
      for (int property : option->properties) {
        if (property < 0 ||
            static_cast<size_t>(property) >= type.properties().size()) {
          return engine::MakeError(
              engine::ErrorKind::kInvalidValue,
              absl::StrCat("a load option names a column that ", type.name(),
                           " does not have"));
        }
      }
    }
    return absl::OkStatus();
  }

  static void AddLayout(const EntityType& type, const Options& options,
                        size_t depth, bool subtypes, LoadPlan* plan) {
    const std::vector<bool> load = Choose(type, options, depth);
    const size_t levels = plan->type_->levels().size();
    LoadPlan::Layout layout{&type, {}, {}, {}};
    for (size_t i = 0; i < load.size(); ++i) {
      const int property = static_cast<int>(i);
      const Property& p = type.property(property);
      const bool there = subtypes || static_cast<size_t>(p.level) < levels;
      if (load[i] && there) {
        const auto known =
            std::find(plan->columns_.begin(), plan->columns_.end(), p.column);
        layout.properties.push_back(property);
        layout.columns.push_back(
            static_cast<int>(known - plan->columns_.begin()));
        if (known == plan->columns_.end()) plan->columns_.push_back(p.column);
      } else if (p.slot_offset == Property::kNoSlot) {
        layout.left_out.push_back(property);
      }
    }
    plan->layouts_.push_back(std::move(layout));
  }

  static std::vector<bool> Choose(const EntityType& type,
                                  const Options& options, size_t depth) {
    const size_t count = type.properties().size();
    std::vector<bool> load(count);
    for (size_t i = 0; i < count; ++i) {
      load[i] = !type.properties()[i].deferred;
    }
    for (const LoadOption* option : options) {
      if (option->path.size() != depth) continue;
      switch (option->kind) {
        case LoadOption::Kind::kLoadOnly:
          std::fill(load.begin(), load.end(), false);
          for (int property : option->properties) load[property] = true;
          break;
        case LoadOption::Kind::kDefer:
          for (int property : option->properties) load[property] = false;
          break;
        case LoadOption::Kind::kUndefer:
          for (int property : option->properties) load[property] = true;
          break;
        case LoadOption::Kind::kUndeferGroup:
          for (size_t i = 0; i < count; ++i) {
            if (type.properties()[i].deferred_group == option->group) {
              load[i] = true;
            }
          }
          break;
        default:
          break;
      }
    }
    for (int key : type.primary_key()) load[key] = true;
    if (type.version_property() >= 0) load[type.version_property()] = true;
    if (type.discriminator() >= 0) load[type.discriminator()] = true;
    return load;
  }
};

absl::StatusOr<std::shared_ptr<const LoadPlan>> LoadPlan::Make(
    const EntityType& type, absl::Span<const LoadOption> options,
    bool subtypes) {
  LoadPlanMaker::Options all;
  for (const LoadOption& option : options) all.push_back(&option);
  return LoadPlanMaker::Make(type, all, 0, {}, subtypes);
}

std::shared_ptr<const LoadPlan> LoadPlan::Default(const EntityType& type) {
  // Without options nothing can be wrong.
  return LoadPlanMaker::Make(type, {}, 0, {}).value();
}

}  // namespace cupel::session
