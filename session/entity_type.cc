#include "cupel/session/entity_type.h"

#include "absl/strings/str_cat.h"
#include "cupel/schema/schema.h"

namespace cupel::session {

std::string Relationship::DebugName() const {
  return absl::StrCat(source->name(), ".", name);
}

int EntityType::FindColumn(const schema::Column& column) const {
  for (size_t i = 0; i < properties_.size(); ++i) {
    if (properties_[i].column == &column) return static_cast<int>(i);
  }
  // The key of a joined type is its base's.
  for (const Level& level : levels_) {
    for (size_t k = 0; k < level.key.size(); ++k) {
      if (level.key[k] == &column) return primary_key_[k];
    }
  }
  return -1;
}

int EntityType::FindProperty(absl::string_view name) const {
  for (size_t i = 0; i < properties_.size(); ++i) {
    if (properties_[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

const Relationship* EntityType::FindRelationship(absl::string_view name) const {
  for (const Relationship* r : relationships_) {
    if (r->name == name) return r;
  }
  return nullptr;
}

const Relationship* EntityType::RelationshipAt(size_t offset) const {
  for (const Relationship* r : relationships_) {
    if (r->offset == offset) return r;
  }
  return nullptr;
}

const EntityType* Registry::Find(const ObjectType& object) const {
  auto found = by_object_.find(&object);
  return found == by_object_.end() ? nullptr : found->second;
}

const EntityType* Registry::FindByName(absl::string_view name) const {
  for (const EntityType* type : types_) {
    if (type->name() == name) return type;
  }
  return nullptr;
}

const EntityType* Registry::FindByTable(const schema::Table& table) const {
  auto found = by_table_.find(&table);
  return found == by_table_.end() ? nullptr : found->second;
}

}  // namespace cupel::session
