#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "cupel/engine/engine.h"
#include "cupel/schema/schema.h"
#include "cupel/session/entity_type.h"
#include "cupel/session/registry_draft.h"
#include "cupel/session/resolved_key.h"
#include "cupel/session/topological_sort.h"

namespace cupel::session {

// Tables by their foreign keys.
void RegistryBuilder::Order(Registry* registry) {
  const auto count = static_cast<uint32_t>(registry->types_.size());
  std::vector<Dependency> dependencies;
  std::vector<bool> refers_to_itself(count, false);
  auto add = [&](uint32_t parent, uint32_t child) {
    if (parent == child) refers_to_itself[child] = true;
    if (parent != child) dependencies.push_back({parent, child});
  };
  for (uint32_t child = 0; child < count; ++child) {
    const EntityType& type = *registry->types_[child];
    for (const EntityType::Level& level : type.levels()) {
      for (const schema::ForeignKey& key : level.table->foreign_keys()) {
        if (IsInheritance(type, key)) continue;
        for (uint32_t parent = 0; parent < count; ++parent) {
          if (Refers(key, *registry->types_[parent])) add(parent, child);
        }
      }
    }
    for (const Relationship* r : registry->types_[child]->relationships()) {
      if (r->kind != RelationshipKind::kManyToOne) continue;
      add(static_cast<uint32_t>(r->target->index()), child);
      for (const EntityType* sub : r->target->subtypes()) {
        add(static_cast<uint32_t>(sub->index()), child);
      }
    }
  }
  registry->components_ = ComponentsInOrder(count, dependencies);
  for (const std::vector<uint32_t>& component : registry->components_) {
    registry->circular_.push_back(component.size() > 1 ||
                                  refers_to_itself[component[0]]);
  }
}

RegistryBuilder::RegistryBuilder() = default;
RegistryBuilder::~RegistryBuilder() = default;

void RegistryBuilder::AddEntity(EntityTypeSpec spec) {
  entities_.push_back(std::move(spec));
}

void RegistryBuilder::AddRelationship(RelationshipSpec spec) {
  relationships_.push_back(std::move(spec));
}

void RegistryBuilder::KeepAlive(std::shared_ptr<const void> owner) {
  owners_.push_back(std::move(owner));
}

absl::StatusOr<std::shared_ptr<const Registry>> RegistryBuilder::Build() && {
  std::shared_ptr<Registry> registry(new Registry);
  registry->owners_ = std::move(owners_);
  Draft draft{*registry, {}};
  ResolveEntities(std::move(entities_), &draft);
  ResolveRelationships(std::move(relationships_), &draft);
  if (!draft.errors.empty()) {
    return engine::MakeError(engine::ErrorKind::kInvalidValue,
                             absl::StrJoin(draft.errors, "\n"));
  }
  Order(registry.get());
  return std::shared_ptr<const Registry>(std::move(registry));
}

}  // namespace cupel::session
