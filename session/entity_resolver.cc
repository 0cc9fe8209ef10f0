// From what mappings say of entities to entity types.

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/schema/schema.h"
#include "cupel/session/entity_type.h"
#include "cupel/session/registry_draft.h"
#include "cupel/session/resolved_key.h"

namespace cupel::session {
namespace {

size_t AlignUp(size_t size, size_t align) {
  return (size + align - 1) / align * align;
}

// Whether a new row need not bring the value of this column of its key.
bool IsMadeByDatabase(const schema::Column& key) {
  return key.autoincrement() || key.sequence() != nullptr;
}

}  // namespace

struct RegistryBuilder::EntityResolver {
  Draft& draft;

  // Bases before what inherits them.
  void AddEntities(std::vector<EntityTypeSpec> specs) {
    while (!specs.empty()) {
      std::vector<EntityTypeSpec> waiting;
      for (EntityTypeSpec& spec : specs) {
        if (spec.base == nullptr || draft.Find(spec.base) != nullptr) {
          AddEntity(std::move(spec));
        } else {
          waiting.push_back(std::move(spec));
        }
      }
      if (waiting.size() == specs.size()) {
        for (const EntityTypeSpec& spec : waiting) {
          draft.Fail(
              spec.name,
              "inherits a type that is not mapped: add it to the models");
        }
        break;
      }
      specs = std::move(waiting);
    }
    for (const auto& type : draft.registry.storage_) CheckHierarchy(*type);
  }

  void AddEntity(EntityTypeSpec spec) {
    auto type = std::unique_ptr<EntityType>(new EntityType);
    EntityType* base = spec.base == nullptr ? nullptr : draft.Find(spec.base);
    type->name_ = std::move(spec.name);
    type->object_ = spec.object;
    type->table_ = spec.table;
    type->index_ = static_cast<int>(draft.registry.types_.size());
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
      draft.Fail(type->name_, "is aligned more strictly than entities can be");
    }
    LayOut(type.get());
    FindKeys(type.get(), spec.version_property);
    FindDiscriminator(type.get(), spec.discriminator);
    if (!draft.registry.by_object_.emplace(type->object_, type.get()).second) {
      draft.Fail(type->name_, "is mapped twice");
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
    draft.registry.by_table_.emplace(type->table_, type.get());
    draft.registry.types_.push_back(type.get());
    draft.registry.storage_.push_back(std::move(type));
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
      draft.Fail(
          type->name_,
          absl::StrCat("its base ", base->name_,
                       " does not lie at the start of the object: name it "
                       "first among the bases, and give both or neither "
                       "virtual functions"));
    }
    if (!spec.version_property.empty()) {
      draft.Fail(type->name_,
                 absl::StrCat("only the root, ", base->root().name(),
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
    draft.Fail(
        type->name_,
        absl::StrCat("its primary key must be a foreign key to that of its "
                     "base ",
                     base.name_));
    type->levels_.push_back({type->table_, base.levels_.back().key});
  }

  void FindDiscriminator(EntityType* type, absl::string_view name) {
    if (!name.empty() && type->base_ != nullptr) {
      draft.Fail(type->name_,
                 absl::StrCat("only the root, ", type->root().name(),
                              ", has a discriminator"));
      return;
    }
    if (!name.empty()) {
      type->discriminator_ = type->FindProperty(name);
      if (type->discriminator_ < 0) {
        draft.Fail(type->name_, absl::StrCat("discriminator ", name,
                                             " is not mapped to a column"));
      }
    }
    if (type->discriminator_ < 0 || !type->identity_) return;
    const Property& property = type->properties_[type->discriminator_];
    if (type->identity_->view().kind() !=
        engine::LogicalKind(property.ops->type)) {
      draft.Fail(type->name_,
                 absl::StrCat("its identity does not fit the type of "
                              "the discriminator ",
                              property.name));
    }
  }

  void CheckHierarchy(const EntityType& type) {
    if (type.base_ == nullptr && !type.subtypes_.empty() &&
        type.discriminator_ < 0) {
      draft.Fail(
          type.name_,
          absl::StrCat("is inherited by ", type.subtypes_[0]->name(),
                       ", but has no discriminator: say which column tells "
                       "their rows apart (PolymorphicOn)"));
    }
    if (type.identity() == nullptr) return;
    for (const EntityType* other : type.root().subtypes_) {
      if (other->index_ > type.index_ && other->identity() != nullptr &&
          *other->identity() == *type.identity()) {
        draft.Fail(
            type.name_,
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
        draft.Fail(type->name_, absl::StrCat("primary key column ",
                                             column->name(), " is not mapped"));
        return;
      }
      type->primary_key_.push_back(property);
      if (IsMadeByDatabase(*column)) {
        type->generated_key_ = property;
      }
    }
    if (type->primary_key_.empty()) {
      draft.Fail(type->name_, "has no primary key: an entity needs one");
    }
    type->integer_key_ =
        type->primary_key_.size() == 1 &&
        engine::LogicalKind(
            type->properties_[type->primary_key_[0]].ops->type) ==
            engine::ValueKind::kInt64;
    if (version.empty()) return;
    type->version_property_ = type->FindProperty(version);
    if (type->version_property_ < 0) {
      draft.Fail(type->name_,
                 absl::StrCat("version counter ", version, " is not mapped"));
    }
  }
};

void RegistryBuilder::ResolveEntities(std::vector<EntityTypeSpec> specs,
                                      Draft* draft) {
  EntityResolver{*draft}.AddEntities(std::move(specs));
}

}  // namespace cupel::session
