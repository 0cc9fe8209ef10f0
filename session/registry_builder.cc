#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cupel/engine/engine.h"
#include "cupel/schema/schema.h"
#include "cupel/session/entity_type.h"
#include "cupel/session/topological_sort.h"

namespace cupel::session {
namespace {

using Columns = std::vector<const schema::Column*>;

std::string Names(const Columns& columns) {
  return absl::StrJoin(columns, ", ",
                       [](std::string* out, const schema::Column* column) {
                         absl::StrAppend(out, column->name());
                       });
}

bool SameColumns(Columns a, Columns b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

size_t AlignUp(size_t size, size_t align) {
  return (size + align - 1) / align * align;
}

// A foreign key with the columns that it refers to.
struct ResolvedKey {
  const schema::ForeignKey* key;
  Columns columns;
  Columns referred;
};

// The foreign keys from `from` to `to`.
std::vector<ResolvedKey> KeysBetween(const schema::Table& from,
                                     const schema::Table& to) {
  std::vector<ResolvedKey> keys;
  for (const schema::ForeignKey& key : from.foreign_keys()) {
    if (!key.RefersTo(to)) continue;
    absl::StatusOr<Columns> referred = key.ReferredColumns(to);
    if (!referred.ok()) continue;
    keys.push_back({&key, Columns(key.columns().begin(), key.columns().end()),
                    *std::move(referred)});
  }
  return keys;
}

// The same to any table of `to`.
std::vector<ResolvedKey> KeysBetween(const schema::Table& from,
                                     const EntityType& to) {
  std::vector<ResolvedKey> keys;
  for (const EntityType::Level& level : to.levels()) {
    for (ResolvedKey& key : KeysBetween(from, *level.table)) {
      keys.push_back(std::move(key));
    }
  }
  return keys;
}

// Whether the columns hold a joined row together.
bool IsInheritance(const EntityType& type, const schema::ForeignKey& key) {
  for (const EntityType::Level& level : type.levels().subspan(1)) {
    if (SameColumns(level.key, {key.columns().begin(), key.columns().end()})) {
      return true;
    }
  }
  return false;
}

// From any table of `from` that are not of a type beside it.
std::vector<ResolvedKey> KeysBetween(const EntityType& from,
                                     const EntityType& to) {
  std::vector<ResolvedKey> keys;
  const bool inherits =
      from.base() != nullptr || !from.root().subtypes().empty();
  for (const EntityType::Level& level : from.levels()) {
    for (ResolvedKey& key : KeysBetween(*level.table, to)) {
      if (IsInheritance(from, *key.key)) continue;
      const bool mapped = std::all_of(
          key.columns.begin(), key.columns.end(),
          [&](const schema::Column* c) { return from.FindColumn(*c) >= 0; });
      if (inherits && !mapped) continue;
      keys.push_back(std::move(key));
    }
  }
  return keys;
}

bool Refers(const schema::ForeignKey& key, const EntityType& type) {
  return std::any_of(type.levels().begin(), type.levels().end(),
                     [&](const EntityType::Level& level) {
                       return key.RefersTo(*level.table);
                     });
}

}  // namespace

// Turns specs into types; collects what is wrong.
struct RegistryBuilder::Resolver {
  Registry& registry;
  std::vector<std::string> errors;

  void Fail(absl::string_view where, absl::string_view what) {
    errors.push_back(absl::StrCat(where, ": ", what));
  }

  EntityType* Mutable(const ObjectType* object) {
    auto found = registry.by_object_.find(object);
    return found == registry.by_object_.end()
               ? nullptr
               : const_cast<EntityType*>(found->second);
  }

  // ---- Entities

  // Bases before what inherits them.
  void AddEntities(std::vector<EntityTypeSpec> specs) {
    while (!specs.empty()) {
      std::vector<EntityTypeSpec> waiting;
      for (EntityTypeSpec& spec : specs) {
        if (spec.base == nullptr || Mutable(spec.base) != nullptr) {
          AddEntity(std::move(spec));
        } else {
          waiting.push_back(std::move(spec));
        }
      }
      if (waiting.size() == specs.size()) {
        for (const EntityTypeSpec& spec : waiting) {
          Fail(spec.name,
               "inherits a type that is not mapped: add it to the models");
        }
        break;
      }
      specs = std::move(waiting);
    }
    for (const auto& type : registry.storage_) CheckHierarchy(*type);
  }

  void AddEntity(EntityTypeSpec spec) {
    auto type = std::unique_ptr<EntityType>(new EntityType);
    EntityType* base = spec.base == nullptr ? nullptr : Mutable(spec.base);
    type->name_ = std::move(spec.name);
    type->object_ = spec.object;
    type->table_ = spec.table;
    type->index_ = static_cast<int>(registry.types_.size());
    type->identity_ = std::move(spec.identity);
    if (base != nullptr) {
      Inherit(base, type.get(), spec);
    } else {
      type->properties_ = std::move(spec.properties);
      const absl::Span<const schema::Column* const> key =
          type->table_->primary_key().columns();
      type->levels_.push_back({type->table_, Columns(key.begin(), key.end())});
    }
    type->ancestors_.push_back(type.get());
    type->tables_ = {};
    for (const EntityType::Level& level : type->levels_) {
      type->tables_.push_back(level.table);
    }
    if (type->object_->align > kMaxObjectAlign) {
      Fail(type->name_, "is aligned more strictly than entities can be");
    }
    LayOut(type.get());
    FindKeys(type.get(), spec.version_property);
    FindDiscriminator(type.get(), spec.discriminator);
    if (!registry.by_object_.emplace(type->object_, type.get()).second) {
      Fail(type->name_, "is mapped twice");
      return;
    }
    for (const EntityType* ancestor : type->ancestors_) {
      if (ancestor == type.get()) continue;
      auto* above = const_cast<EntityType*>(ancestor);
      above->subtypes_.push_back(type.get());
      if (std::find(above->tables_.begin(), above->tables_.end(),
                    type->table_) == above->tables_.end()) {
        above->tables_.push_back(type->table_);
      }
    }
    registry.by_table_.emplace(type->table_, type.get());
    registry.types_.push_back(type.get());
    registry.storage_.push_back(std::move(type));
  }

  void Inherit(EntityType* base, EntityType* type, EntityTypeSpec& spec) {
    type->base_ = base;
    type->depth_ = base->depth_ + 1;
    type->ancestors_ = base->ancestors_;
    type->levels_ = base->levels_;
    type->properties_ = base->properties_;
    type->primary_key_ = base->primary_key_;
    type->generated_key_ = base->generated_key_;
    type->version_property_ = base->version_property_;
    type->discriminator_ = base->discriminator_;
    if (spec.base_offset != 0) {
      Fail(type->name_,
           absl::StrCat("its base ", base->name_,
                        " does not lie at the start of the object: name it "
                        "first among the bases, and give both or neither "
                        "virtual functions"));
    }
    if (!spec.version_property.empty()) {
      Fail(type->name_, absl::StrCat("only the root, ", base->root().name(),
                                     ", can count versions"));
    }
    if (type->table_ != base->table_) AddLevel(*base, type);
    const int level = static_cast<int>(type->levels_.size()) - 1;
    for (Property& property : spec.properties) {
      // A key column of an inherited member is that of the base.
      if (type->FindProperty(property.name) >= 0 &&
          type->FindColumn(*property.column) >= 0) {
        continue;
      }
      property.level = level;
      type->properties_.push_back(std::move(property));
    }
  }

  // The table of a joined type: its key refers to the base's.
  void AddLevel(const EntityType& base, EntityType* type) {
    const absl::Span<const schema::Column* const> key =
        type->table_->primary_key().columns();
    for (const EntityType::Level& above : base.levels_) {
      for (const ResolvedKey& found :
           KeysBetween(*type->table_, *above.table)) {
        if (!SameColumns(found.columns, {key.begin(), key.end()}) ||
            !SameColumns(found.referred, above.key)) {
          continue;
        }
        EntityType::Level level{type->table_, {}};
        for (const schema::Column* column : above.key) {
          const auto place =
              std::find(found.referred.begin(), found.referred.end(), column);
          level.key.push_back(found.columns[static_cast<size_t>(
              place - found.referred.begin())]);
        }
        type->levels_.push_back(std::move(level));
        return;
      }
    }
    Fail(type->name_,
         absl::StrCat("its primary key must be a foreign key to that of its "
                      "base ",
                      base.name_));
    type->levels_.push_back({type->table_, base.levels_.back().key});
  }

  void FindDiscriminator(EntityType* type, absl::string_view name) {
    if (!name.empty() && type->base_ != nullptr) {
      Fail(type->name_, absl::StrCat("only the root, ", type->root().name(),
                                     ", has a discriminator"));
      return;
    }
    if (!name.empty()) {
      type->discriminator_ = type->FindProperty(name);
      if (type->discriminator_ < 0) {
        Fail(type->name_, absl::StrCat("discriminator ", name,
                                       " is not mapped to a column"));
      }
    }
    if (type->discriminator_ < 0 || !type->identity_) return;
    const Property& property = type->properties_[type->discriminator_];
    if (type->identity_->view().kind() !=
        engine::LogicalKind(property.ops->type)) {
      Fail(type->name_, absl::StrCat("its identity does not fit the type of "
                                     "the discriminator ",
                                     property.name));
    }
  }

  void CheckHierarchy(const EntityType& type) {
    if (type.base_ == nullptr && !type.subtypes_.empty() &&
        type.discriminator_ < 0) {
      Fail(type.name_,
           absl::StrCat("is inherited by ", type.subtypes_[0]->name(),
                        ", but has no discriminator: say which column tells "
                        "their rows apart (PolymorphicOn)"));
    }
    if (type.identity() == nullptr) return;
    for (const EntityType* other : type.root().subtypes_) {
      if (other->index_ > type.index_ && other->identity() != nullptr &&
          *other->identity() == *type.identity()) {
        Fail(type.name_,
             absl::StrCat("has the same identity as ", other->name_,
                          ": each class of a hierarchy needs one of its own"));
      }
    }
  }

  void LayOut(EntityType* type) {
    size_t size = 0;
    for (Property& property : type->properties_) {
      size = AlignUp(size, property.ops->align);
      property.snapshot_offset = size;
      size += property.ops->size;
      type->has_deferred_ |= property.deferred;
      type->has_slots_ |= property.slot_offset != Property::kNoSlot;
    }
    type->snapshot_size_ = AlignUp(size, kMaxObjectAlign);
  }

  void FindKeys(EntityType* type, absl::string_view version) {
    if (type->base_ != nullptr) {
      type->integer_key_ = type->base_->integer_key_;
      return;
    }
    for (const schema::Column* column : type->table_->primary_key().columns()) {
      const int property = type->FindColumn(*column);
      if (property < 0) {
        Fail(type->name_, absl::StrCat("primary key column ", column->name(),
                                       " is not mapped"));
        return;
      }
      type->primary_key_.push_back(property);
      if (column->autoincrement()) type->generated_key_ = property;
    }
    if (type->primary_key_.empty()) {
      Fail(type->name_, "has no primary key: an entity needs one");
    }
    type->integer_key_ =
        type->primary_key_.size() == 1 &&
        engine::LogicalKind(
            type->properties_[type->primary_key_[0]].ops->type) ==
            engine::ValueKind::kInt64;
    if (version.empty()) return;
    type->version_property_ = type->FindProperty(version);
    if (type->version_property_ < 0) {
      Fail(type->name_,
           absl::StrCat("version counter ", version, " is not mapped"));
    }
  }

  // ---- Relationships

  size_t DepthOf(const RelationshipSpec& spec) {
    const EntityType* source = Mutable(spec.source);
    return source == nullptr ? 0 : source->depth_;
  }

  void AddRelationship(const RelationshipSpec& spec) {
    EntityType* source = Mutable(spec.source);
    EntityType* target = Mutable(spec.target);
    if (source == nullptr) {
      Fail(spec.name, "is a relationship of a type that is not mapped");
      return;
    }
    if (target == nullptr) {
      Fail(absl::StrCat(source->name_, ".", spec.name),
           "refers to a type that is not mapped: add it to the models");
      return;
    }
    Relationship& r = source->storage_.emplace_back();
    r.name = spec.name;
    r.kind = spec.kind;
    r.index = static_cast<int>(source->relationships_.size());
    r.offset = spec.offset;
    r.source = source;
    r.target = target;
    r.secondary = spec.secondary;
    r.cascade = spec.cascade;
    r.passive_deletes = spec.passive_deletes;
    r.order_by = spec.order_by;
    r.loading = spec.loading;
    r.view_only = spec.view_only;
    r.post_update = spec.post_update;
    source->relationships_.push_back(&r);
    for (const EntityType* sub : source->subtypes_) {
      const_cast<EntityType*>(sub)->relationships_.push_back(&r);
    }
    target->incoming_.push_back(&r);
    for (const EntityType* sub : target->subtypes_) {
      const_cast<EntityType*>(sub)->incoming_.push_back(&r);
    }
    if (r.kind == RelationshipKind::kManyToMany) {
      ResolveSecondary(spec, &r);
    } else {
      ResolveKey(spec, &r);
    }
  }

  void ResolveKey(const RelationshipSpec& spec, Relationship* r) {
    const bool parent = r->kind == RelationshipKind::kManyToOne;
    const EntityType& child = parent ? *r->source : *r->target;
    const EntityType& other = parent ? *r->target : *r->source;
    std::optional<ResolvedKey> key;
    if (!spec.on.empty()) {
      key.emplace();
      key->key = nullptr;
      for (const auto& [local, remote] : spec.on) {
        key->columns.push_back(parent ? local : remote);
        key->referred.push_back(parent ? remote : local);
      }
      for (ResolvedKey& declared : KeysBetween(child, other)) {
        if (SameColumns(declared.columns, key->columns))
          key->key = declared.key;
      }
    } else {
      key = ChooseKey(*r, child, other, spec.foreign_key);
    }
    if (key) SetPairs(*key, child, other, r);
  }

  std::optional<ResolvedKey> ChooseKey(const Relationship& r,
                                       const EntityType& child,
                                       const EntityType& other,
                                       const Columns& wanted) {
    std::vector<ResolvedKey> keys = KeysBetween(child, other);
    if (!wanted.empty()) {
      std::vector<ResolvedKey> fitting;
      for (ResolvedKey& key : keys) {
        if (SameColumns(key.columns, wanted)) fitting.push_back(key);
      }
      keys = std::move(fitting);
    }
    if (keys.size() == 1) return keys[0];
    const std::string tables =
        absl::StrCat(child.table().name(), " to ", other.table().name());
    if (keys.empty()) {
      Fail(r.DebugName(), absl::StrCat("no foreign key leads from ", tables,
                                       ": declare one, or say the columns"));
    } else {
      Fail(r.DebugName(),
           absl::StrCat(keys.size(), " foreign keys lead from ", tables, " (",
                        Names(keys[0].columns), "; ", Names(keys[1].columns),
                        "): say which one"));
    }
    return std::nullopt;
  }

  void SetPairs(const ResolvedKey& key, const EntityType& child,
                const EntityType& other, Relationship* r) {
    const bool parent = r->kind == RelationshipKind::kManyToOne;
    for (size_t i = 0; i < key.columns.size(); ++i) {
      const int foreign = child.FindColumn(*key.columns[i]);
      const int referred = other.FindColumn(*key.referred[i]);
      if (foreign < 0 || referred < 0) {
        Fail(r->DebugName(),
             absl::StrCat("column ",
                          (foreign < 0 ? key.columns : key.referred)[i]->name(),
                          " of its foreign key is not mapped"));
        return;
      }
      r->pairs.push_back(parent ? Relationship::Pair{foreign, referred}
                                : Relationship::Pair{referred, foreign});
      r->foreign_properties.push_back(foreign);
      r->nullable_key &= key.columns[i]->nullable() &&
                         !key.columns[i]->primary_key() &&
                         child.property(foreign).ops->nullable;
    }
    if (key.key != nullptr) {
      using Action = schema::ForeignKeyAction;
      const Action action = key.key->on_delete();
      r->database_deletes = action == Action::kCascade;
      r->database_nulls =
          action == Action::kSetNull || action == Action::kSetDefault;
    }
    if (parent) r->key_properties = InKeyOrder(*r);
  }

  // The source's properties by the order of the target's primary key; empty if
  // the pairs are not that key.
  static std::vector<int> InKeyOrder(const Relationship& r) {
    std::vector<int> properties;
    if (r.pairs.size() != r.target->primary_key().size()) return properties;
    for (int key : r.target->primary_key()) {
      auto pair = std::find_if(
          r.pairs.begin(), r.pairs.end(),
          [key](const Relationship::Pair& p) { return p.remote == key; });
      if (pair == r.pairs.end()) return {};
      properties.push_back(pair->local);
    }
    return properties;
  }

  void ResolveSecondary(const RelationshipSpec& spec, Relationship* r) {
    if (r->secondary == nullptr) {
      Fail(r->DebugName(), "links many to many: say the table of the links");
      return;
    }
    std::vector<ResolvedKey> to_source = KeysBetween(*r->secondary, *r->source);
    std::vector<ResolvedKey> to_target = KeysBetween(*r->secondary, *r->target);
    Keep(spec.secondary_source, &to_source);
    Keep(spec.secondary_target, &to_target);
    // A table linked to itself: first the source, then the target.
    if (r->source == r->target && to_source.size() == 2 &&
        to_target.size() == 2) {
      to_source.pop_back();
      to_target.erase(to_target.begin());
    }
    if (to_source.size() != 1 || to_target.size() != 1) {
      Fail(r->DebugName(),
           absl::StrCat("table ", r->secondary->name(),
                        " must have one foreign key to each side: say the "
                        "columns of both"));
      return;
    }
    r->source_pairs = SecondaryPairs(to_source[0], *r->source, r);
    r->target_pairs = SecondaryPairs(to_target[0], *r->target, r);
  }

  static void Keep(const Columns& wanted, std::vector<ResolvedKey>* keys) {
    if (wanted.empty()) return;
    keys->erase(std::remove_if(keys->begin(), keys->end(),
                               [&](const ResolvedKey& key) {
                                 return !SameColumns(key.columns, wanted);
                               }),
                keys->end());
  }

  std::vector<Relationship::SecondaryPair> SecondaryPairs(
      const ResolvedKey& key, const EntityType& side, Relationship* r) {
    std::vector<Relationship::SecondaryPair> pairs;
    for (size_t i = 0; i < key.columns.size(); ++i) {
      const int property = side.FindColumn(*key.referred[i]);
      if (property < 0) {
        Fail(r->DebugName(),
             absl::StrCat("column ", key.referred[i]->name(), " of ",
                          side.name(), " is not mapped"));
        continue;
      }
      pairs.push_back({property, key.columns[i]});
    }
    if (&side == r->source) {
      r->database_deletes =
          key.key->on_delete() == schema::ForeignKeyAction::kCascade;
    }
    return pairs;
  }

  // ---- Both ends

  void LinkReverse(const RelationshipSpec& spec) {
    EntityType* source = Mutable(spec.source);
    EntityType* target = Mutable(spec.target);
    if (source == nullptr || target == nullptr || spec.reverse.empty()) return;
    auto* r = const_cast<Relationship*>(source->FindRelationship(spec.name));
    auto* reverse =
        const_cast<Relationship*>(target->FindRelationship(spec.reverse));
    if (reverse == nullptr) {
      Fail(r->DebugName(), absl::StrCat("its other end ", target->name_, ".",
                                        spec.reverse, " is not mapped"));
      return;
    }
    if (!Fits(*r, *reverse)) {
      Fail(r->DebugName(),
           absl::StrCat(reverse->DebugName(),
                        " cannot be its other end: kinds, types and columns "
                        "must mirror each other"));
      return;
    }
    r->reverse = reverse;
    reverse->reverse = r;
  }

  static bool Fits(const Relationship& a, const Relationship& b) {
    if (a.target != b.source || a.source != b.target) return false;
    if (a.kind == RelationshipKind::kManyToMany) {
      return b.kind == RelationshipKind::kManyToMany &&
             a.secondary == b.secondary;
    }
    const bool a_parent = a.kind == RelationshipKind::kManyToOne;
    const bool b_parent = b.kind == RelationshipKind::kManyToOne;
    return a_parent != b_parent && a.foreign_properties == b.foreign_properties;
  }

  // The other end of a link to itself lists the keys the other way round.
  void MirrorSecondary() {
    for (const auto& type : registry.storage_) {
      for (Relationship& r : type->storage_) {
        if (r.kind != RelationshipKind::kManyToMany || r.reverse == nullptr ||
            r.source != r.target || r.reverse == &r) {
          continue;
        }
        // Once a pair: the first of the two is as it was resolved.
        if (r.index > r.reverse->index) continue;
        auto* reverse = const_cast<Relationship*>(r.reverse);
        reverse->source_pairs = r.target_pairs;
        reverse->target_pairs = r.source_pairs;
      }
    }
  }
};

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
  Resolver resolver{*registry, {}};
  resolver.AddEntities(std::move(entities_));
  // A type's relationships begin with those that it inherits.
  std::stable_sort(relationships_.begin(), relationships_.end(),
                   [&](const RelationshipSpec& a, const RelationshipSpec& b) {
                     return resolver.DepthOf(a) < resolver.DepthOf(b);
                   });
  for (const RelationshipSpec& spec : relationships_) {
    resolver.AddRelationship(spec);
  }
  for (const RelationshipSpec& spec : relationships_) {
    resolver.LinkReverse(spec);
  }
  resolver.MirrorSecondary();
  if (!resolver.errors.empty()) {
    return engine::MakeError(engine::ErrorKind::kInvalidValue,
                             absl::StrJoin(resolver.errors, "\n"));
  }
  Order(registry.get());
  return std::shared_ptr<const Registry>(std::move(registry));
}

}  // namespace cupel::session
