// From what mappings say of relationships to how rows belong together.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cupel/engine/engine.h"
#include "cupel/schema/schema.h"
#include "cupel/session/entity_type.h"
#include "cupel/session/registry_draft.h"
#include "cupel/session/resolved_key.h"

namespace cupel::session {

struct RegistryBuilder::RelationshipResolver {
  Draft& draft;
  // Links of a table to itself whose two keys nobody told apart.
  std::vector<Relationship*> guessed;

  size_t DepthOf(const RelationshipSpec& spec) {
    const EntityType* source = draft.Find(spec.source);
    return source == nullptr ? 0 : source->depth_;
  }

  void AddRelationship(const RelationshipSpec& spec) {
    EntityType* source = draft.Find(spec.source);
    EntityType* target = draft.Find(spec.target);
    if (source == nullptr) {
      draft.Fail(spec.name, "is a relationship of a type that is not mapped");
      return;
    }
    if (target == nullptr) {
      draft.Fail(absl::StrCat(source->name_, ".", spec.name),
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
      draft.Fail(r.DebugName(),
                 absl::StrCat("no foreign key leads from ", tables,
                              ": declare one, or say the columns"));
    } else {
      draft.Fail(r.DebugName(),
                 absl::StrCat(keys.size(), " foreign keys lead from ", tables,
                              " (", Names(keys[0].columns), "; ",
                              Names(keys[1].columns), "): say which one"));
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
        draft.Fail(
            r->DebugName(),
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
      draft.Fail(r->DebugName(),
                 "links many to many: say the table of the links");
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
      guessed.push_back(r);
    }
    if (to_source.size() != 1 || to_target.size() != 1) {
      draft.Fail(
          r->DebugName(),
          absl::StrCat("table ", r->secondary->name(),
                       " must have one foreign key to each side: say the "
                       "columns of both"));
      return;
    }
    r->source_pairs = SecondaryPairs(to_source[0], *r->source, *r);
    r->target_pairs = SecondaryPairs(to_target[0], *r->target, *r);
    r->database_deletes = LinksVanish(*r);
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
      const ResolvedKey& key, const EntityType& side, const Relationship& r) {
    std::vector<Relationship::SecondaryPair> pairs;
    for (size_t i = 0; i < key.columns.size(); ++i) {
      const int property = side.FindColumn(*key.referred[i]);
      if (property < 0) {
        draft.Fail(r.DebugName(),
                   absl::StrCat("column ", key.referred[i]->name(), " of ",
                                side.name(), " is not mapped"));
        continue;
      }
      pairs.push_back({property, key.columns[i]});
    }
    return pairs;
  }

  // ---- Both ends

  void LinkReverse(const RelationshipSpec& spec) {
    EntityType* source = draft.Find(spec.source);
    EntityType* target = draft.Find(spec.target);
    if (source == nullptr || target == nullptr || spec.reverse.empty()) return;
    auto* r = const_cast<Relationship*>(source->FindRelationship(spec.name));
    auto* reverse =
        const_cast<Relationship*>(target->FindRelationship(spec.reverse));
    if (reverse == nullptr) {
      draft.Fail(r->DebugName(),
                 absl::StrCat("its other end ", target->name_, ".",
                              spec.reverse, " is not mapped"));
      return;
    }
    if (!Fits(*r, *reverse)) {
      draft.Fail(
          r->DebugName(),
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

  // The other end of a table linked to itself lists the keys the other way
  // round. Of two guesses the first stays.
  void MirrorSecondary() {
    for (Relationship* r : guessed) {
      const Relationship* reverse = r->reverse;
      if (reverse == nullptr || reverse == r || r->source_pairs.empty() ||
          reverse->source_pairs.empty() ||
          r->source_pairs[0].column != reverse->source_pairs[0].column) {
        continue;
      }
      const bool both =
          std::find(guessed.begin(), guessed.end(), reverse) != guessed.end();
      if (both && r->index < reverse->index) continue;
      r->source_pairs = reverse->target_pairs;
      r->target_pairs = reverse->source_pairs;
      r->database_deletes = LinksVanish(*r);
    }
  }

  // Whether the database deletes the links of a source that it deletes.
  static bool LinksVanish(const Relationship& r) {
    Columns columns;
    for (const auto& pair : r.source_pairs) columns.push_back(pair.column);
    const std::vector<ResolvedKey> keys = KeysBetween(*r.secondary, *r.source);
    return std::any_of(keys.begin(), keys.end(), [&](const ResolvedKey& key) {
      return SameColumns(key.columns, columns) &&
             key.key->on_delete() == schema::ForeignKeyAction::kCascade;
    });
  }
};

void RegistryBuilder::ResolveRelationships(std::vector<RelationshipSpec> specs,
                                           Draft* draft) {
  RelationshipResolver resolver{*draft, {}};
  // A type's relationships begin with those that it inherits.
  std::stable_sort(specs.begin(), specs.end(),
                   [&](const RelationshipSpec& a, const RelationshipSpec& b) {
                     return resolver.DepthOf(a) < resolver.DepthOf(b);
                   });
  for (const RelationshipSpec& spec : specs) resolver.AddRelationship(spec);
  for (const RelationshipSpec& spec : specs) resolver.LinkReverse(spec);
  resolver.MirrorSecondary();
}

}  // namespace cupel::session
