#include "cupel/orm/registry.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cupel/engine/engine.h"
#include "cupel/orm/relationship_join.h"
#include "cupel/schema/schema.h"
#include "cupel/session/entity_type.h"
#include "cupel/session/links.h"
#include "cupel/session/session.h"

namespace cupel {

ModelList operator+(ModelList a, const ModelList& b) {
  a.models_.insert(a.models_.end(), b.models_.begin(), b.models_.end());
  return a;
}

namespace orm_internal {
namespace {

// Collects the mistakes of all models, then builds.
class RegistryAssembler {
 public:
  explicit RegistryAssembler(const ModelList& models)
      : models_(models.models()) {}

  absl::StatusOr<std::shared_ptr<const session::Registry>> Assemble() {
    CheckModels();
    for (const ModelInfo* model : models_) {
      if (broken_.contains(model)) continue;
      AddEntity(*model);
      for (const RelationshipSpec& spec : model->mapping().relationships) {
        AddRelationship(*model, spec);
      }
    }
    if (!errors_.empty()) {
      // The session's own checks would only repeat what follows from these.
      return absl::InvalidArgumentError(
          absl::StrCat("the mappings have ", errors_.size(),
                       errors_.size() == 1 ? " mistake:\n" : " mistakes:\n",
                       absl::StrJoin(errors_, "\n")));
    }
    return std::move(builder_).Build();
  }

 private:
  void AddErrors(const absl::Status& status) {
    for (absl::string_view line : absl::StrSplit(status.message(), '\n')) {
      const std::string text(line);
      if (std::find(errors_.begin(), errors_.end(), text) == errors_.end()) {
        errors_.push_back(text);
      }
    }
  }

  // Errors that belong to one class, or to two of one name.
  void CheckModels() {
    absl::flat_hash_map<std::string, const ModelInfo*> by_table;
    for (const ModelInfo* model : models_) {
      if (!known_.insert(model).second) {
        errors_.push_back(absl::StrCat("class ", model->name,
                                       " is listed twice in Models<>"));
        broken_.insert(model);
        continue;
      }
      const ModelTable& table = model->table();
      if (!table.status.ok()) {
        AddErrors(table.status);
        broken_.insert(model);
        continue;
      }
      if (SharesTable(*model)) {
        CheckForeignKeys(*model);
        continue;
      }
      const std::string key = absl::StrCat(model->mapping().bind_key, "\n",
                                           table.table->full_name());
      auto [other, is_new] = by_table.emplace(key, model);
      if (!is_new) {
        errors_.push_back(absl::StrCat(
            "classes ", other->second->name, " and ", model->name,
            " are both mapped to the table ", table.table->full_name(),
            ": name one of them in its Table<>"));
      }
      CheckForeignKeys(*model);
    }
    for (const ModelInfo* model : models_) CheckBase(*model);
  }

  void CheckBase(const ModelInfo& model) {
    const ModelInfo* base = BaseOf(model);
    if (base == nullptr) return;
    const ModelInfo& root = RootOf(model);
    if (!IsListed(*base)) {
      errors_.push_back(absl::StrCat("class ", model.name, " inherits class ",
                                     base->name,
                                     ", which is not listed in Models<>"));
      broken_.insert(&model);
    } else if (root.mapping().inheritance.discriminator.empty()) {
      errors_.push_back(absl::StrCat(
          "class ", model.name, " inherits class ", root.name,
          ", whose mapping does not say which column tells their rows apart: "
          "add PolymorphicOn<&",
          root.name, "::member>()"));
      broken_.insert(&model);
    }
  }

  void CheckForeignKeys(const ModelInfo& model) {
    const auto check = [&](const ForeignKeySpec& spec) {
      if (spec.referred == nullptr) return;
      const ModelInfo& referred = spec.referred();
      if (!IsListed(referred)) {
        errors_.push_back(
            absl::StrCat("class ", model.name, " has a foreign key to class ",
                         referred.name, ", which is not listed in Models<>"));
        return;
      }
      if (!referred.table().status.ok()) return;
      for (absl::string_view member : spec.referred_members.view()) {
        if (referred.table().table->Find(member) == nullptr) {
          errors_.push_back(absl::StrCat(
              "class ", model.name, " has a foreign key to ", referred.name,
              "::", member, ", which is not mapped to a column"));
        }
      }
    };
    for (const ColumnSpec& column : model.mapping().columns) {
      check(column.foreign_key);
    }
    for (const ConstraintSpec& constraint : model.mapping().constraints) {
      check(constraint.foreign_key);
    }
  }

  bool IsListed(const ModelInfo& model) const {
    return std::find(models_.begin(), models_.end(), &model) != models_.end();
  }

  void AddEntity(const ModelInfo& model) {
    const schema::Table& table = *model.table().table;
    session::EntityTypeSpec entity;
    entity.name = std::string(model.name);
    entity.object = &model.object_type();
    entity.table = &table;
    AddInheritance(model, &entity);
    for (const ColumnSpec& spec : model.mapping().columns) {
      session::Property property;
      property.name = std::string(spec.member);
      property.column = table.Find(spec.member);
      property.offset = spec.base_offset() + spec.offset();
      property.ops = &spec.ops();
      property.deferred = spec.deferred;
      property.deferred_group = std::string(spec.deferred_group);
      // The slot is the first base of a Deferred<T>.
      if (spec.slot) {
        property.slot_offset = static_cast<ptrdiff_t>(property.offset);
      }
      if (spec.version) entity.version_property = property.name;
      entity.properties.push_back(std::move(property));
    }
    builder_.AddEntity(std::move(entity));
  }

  static void AddInheritance(const ModelInfo& model,
                             session::EntityTypeSpec* entity) {
    const InheritanceSpec& spec = model.mapping().inheritance;
    entity->discriminator = std::string(spec.discriminator);
    if (const ModelInfo* base = BaseOf(model)) {
      entity->base = &base->object_type();
      entity->base_offset = spec.base_offset();
    }
    const ModelInfo& root = RootOf(model);
    const schema::Column* column =
        FindColumn(root, root.mapping().inheritance.discriminator);
    if (column == nullptr || spec.identity.kind == IdentitySpec::Kind::kNone) {
      return;
    }
    entity->identity = IdentityValue(spec.identity, column->type());
  }

  void AddRelationship(const ModelInfo& model, const RelationshipSpec& spec) {
    const ModelInfo& target = spec.target();
    if (!IsListed(target)) {
      errors_.push_back(absl::StrCat(
          "relationship ", model.name, ".", spec.link.member, " -> ",
          target.name, ": class ", target.name, " is not listed in Models<>"));
      return;
    }
    if (broken_.contains(&target)) return;
    if (spec.secondary != nullptr && !IsListed(spec.secondary())) {
      errors_.push_back(
          absl::StrCat("relationship ", model.name, ".", spec.link.member,
                       " -> ", target.name, ": the secondary class ",
                       spec.secondary().name, " is not listed in Models<>"));
      return;
    }
    const LinkId forward{&model, spec.link.member, &target};
    AddLink(forward, spec, spec.link, spec.base_offset(), spec.options,
            spec.reverse.member);
    if (!spec.backref) {
      CheckReverse(model, spec, target);
      return;
    }
    const LinkId backward{&target, spec.reverse.member, &model};
    AddLink(backward, spec, spec.reverse, 0, spec.reverse_options,
            spec.link.member);
  }

  // What BackPopulates<> names must be declared, and name this end in turn.
  void CheckReverse(const ModelInfo& model, const RelationshipSpec& spec,
                    const ModelInfo& target) {
    if (spec.reverse.member.empty()) return;
    const LinkDeclaration other =
        FindLink({&target, spec.reverse.member, &model});
    if (other.spec == nullptr) {
      errors_.push_back(
          absl::StrCat("relationship ", model.name, ".", spec.link.member,
                       " -> ", target.name, ": BackPopulates<> names ",
                       target.name, "::", spec.reverse.member, ", which class ",
                       target.name, " does not declare by Relationship<>"));
    }
  }

  void AddLink(const LinkId& id, const RelationshipSpec& spec,
               const LinkSpec& link, size_t base_offset,
               const RelationshipOptionsSpec& options,
               absl::string_view reverse) {
    absl::StatusOr<RelationshipJoin> join = ResolveLink(id);
    if (!join.ok()) return AddErrors(join.status());
    session::RelationshipSpec relationship;
    relationship.name = std::string(link.member);
    relationship.source = &id.source->object_type();
    relationship.target = &id.target->object_type();
    relationship.kind = join->kind;
    relationship.offset = base_offset + link.offset();
    relationship.reverse = std::string(reverse);
    FillColumns(*join, spec, &relationship);
    relationship.cascade =
        options.has_cascade ? options.cascade : session::Cascade::kDefault;
    relationship.passive_deletes = options.passive_deletes;
    relationship.loading = options.loading;
    relationship.view_only = options.view_only;
    relationship.post_update = options.post_update;
    for (size_t i = 0; i < options.order_by_size; ++i) {
      const OrderBySpec& term = options.order_by[i];
      const schema::Column* column = FindColumn(*id.target, term.member);
      if (column == nullptr) {
        errors_.push_back(absl::StrCat(
            "relationship ", id.source->name, ".", id.member, " -> ",
            id.target->name, ": OrderBy<> names ", term.member,
            ", which is not a column of ", id.target->name));
        continue;
      }
      relationship.order_by.push_back({column, term.descending});
    }
    builder_.AddRelationship(std::move(relationship));
  }

  static void FillColumns(const RelationshipJoin& join,
                          const RelationshipSpec& spec,
                          session::RelationshipSpec* relationship) {
    if (join.secondary != nullptr) {
      relationship->secondary = join.secondary;
      for (const ColumnPair& pair : join.source_pairs) {
        relationship->secondary_source.push_back(pair.to);
      }
      for (const ColumnPair& pair : join.target_pairs) {
        relationship->secondary_target.push_back(pair.to);
      }
      return;
    }
    for (const ColumnPair& pair : join.pairs) {
      if (spec.on.size > 0) {
        relationship->on.emplace_back(pair.from, pair.to);
      } else {
        relationship->foreign_key.push_back(join.key_in_source() ? pair.from
                                                                 : pair.to);
      }
    }
  }

  const std::vector<const ModelInfo*>& models_;
  absl::flat_hash_set<const ModelInfo*> known_;
  absl::flat_hash_set<const ModelInfo*> broken_;
  std::vector<std::string> errors_;
  session::RegistryBuilder builder_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const session::Registry>> BuildRegistry(
    const ModelList& models) {
  return RegistryAssembler(models).Assemble();
}

}  // namespace orm_internal
}  // namespace cupel
