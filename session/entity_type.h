// The erased description of a mapping: EntityType (a C++ type and its table),
// Property (a member and its column), Relationship, and Registry, the closed
// set of entity types that a session works with.
//
// The orm layer fills a RegistryBuilder from its typed mappings; tests and
// programs without static types may fill one by hand:
//
//   RegistryBuilder builder;
//   builder.AddEntity({.name = "Author",
//                      .object = &ObjectTypeOf<Author>(),
//                      .table = &AuthorTable(),
//                      .properties = {Member(&Author::id, ...), ...}});
//   builder.AddRelationship({.name = "posts",
//                            .source = &ObjectTypeOf<Author>(),
//                            .target = &ObjectTypeOf<Post>(),
//                            .kind = RelationshipKind::kOneToMany,
//                            .offset = offsetof(Author, posts),
//                            .reverse = "author"});
//   CUPEL_ASSIGN_OR_RETURN(auto registry, std::move(builder).Build());

#ifndef CUPEL_SESSION_ENTITY_TYPE_H_
#define CUPEL_SESSION_ENTITY_TYPE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/type_ops.h"
#include "cupel/engine/value.h"
#include "cupel/session/load_option.h"
#include "cupel/session/object_type.h"
#include "cupel/session/relationship_policy.h"  // IWYU pragma: export

namespace cupel::schema {
class Column;
class Table;
}  // namespace cupel::schema

namespace cupel::session {

class EntityType;

// A mapped column of an entity: a member at a fixed offset.
struct Property {
  static constexpr ptrdiff_t kNoSlot = -1;

  std::string name;                        // the member's name
  const schema::Column* column = nullptr;  // outlives the registry
  size_t offset = 0;                       // of the member in the object
  const engine::TypeOps* ops = nullptr;    // of the member's type
  // Not selected unless a query undefers it or somebody asks for it.
  bool deferred = false;
  std::string deferred_group;
  // Offset of the ColumnSlot (links.h) of a member that knows by itself
  // whether it is loaded; kNoSlot: a plain member.
  ptrdiff_t slot_offset = kNoSlot;

  // Set by RegistryBuilder: where Edit() keeps the member's former value, and
  // in which of the type's levels() the column is.
  size_t snapshot_offset = 0;
  int level = 0;
};

// How the rows of two entities belong together.
enum class RelationshipKind : uint8_t {
  kManyToOne,   // the foreign key is in the source: ToOneLink
  kOneToMany,   // the foreign key is in the target: ToManyLink
  kOneToOne,    // as kOneToMany, with at most one target: ToOneLink
  kManyToMany,  // rows of a secondary table link both: ToManyLink
};

struct OrderBy {
  const schema::Column* column = nullptr;  // of the target (or link) table
  bool descending = false;
};

// A link member of an entity, resolved. Immutable.
struct Relationship {
  struct Pair {
    int local;   // property of source
    int remote;  // property of target
  };
  struct SecondaryPair {
    int property;                  // of source (or target)
    const schema::Column* column;  // of the secondary table
  };

  std::string name;
  RelationshipKind kind = RelationshipKind::kManyToOne;
  int index = 0;      // in source->relationships()
  size_t offset = 0;  // of the link member in the source object
  const EntityType* source = nullptr;
  const EntityType* target = nullptr;
  const Relationship* reverse = nullptr;  // the other end, or null
  std::vector<Pair> pairs;                // empty for kManyToMany
  const schema::Table* secondary = nullptr;
  std::vector<SecondaryPair> source_pairs;  // kManyToMany
  std::vector<SecondaryPair> target_pairs;  // kManyToMany
  Cascade cascade = Cascade::kDefault;
  PassiveDeletes passive_deletes = PassiveDeletes::kFromForeignKey;
  std::vector<OrderBy> order_by;
  LoadStrategy loading = LoadStrategy::kDefault;
  bool view_only = false;    // never written
  bool post_update = false;  // the key is set by a second statement
  // Set by RegistryBuilder. The declared action is the foreign key's.
  bool nullable_key = true;       // all key columns may be null
  bool database_deletes = false;  // ON DELETE CASCADE
  bool database_nulls = false;    // ON DELETE SET NULL or SET DEFAULT
  // Of kManyToOne: the source's properties in the order of the target's
  // primary key, if they refer to that; else empty.
  std::vector<int> key_properties;
  // Of kOneToMany and kOneToOne: the target's foreign key properties; of
  // kManyToOne the source's.
  std::vector<int> foreign_properties;

  bool to_many() const {
    return kind == RelationshipKind::kOneToMany ||
           kind == RelationshipKind::kManyToMany;
  }
  // "Post.category", for messages.
  std::string DebugName() const;
};

// A mapped C++ type. Immutable once its registry is built; thread-safe.
//
// A type may inherit another: its properties and relationships begin with those
// of its base, at the same indices and offsets, so that what holds for an
// entity of the base holds for it. Its own columns are in the base's table
// (single-table inheritance) or in a table of its own (joined), whose rows have
// the key of the base's row. All types of a hierarchy are one in the identity
// map; the root's discriminator tells of which type a row is.
class EntityType {
 public:
  // One table of the entity's row: the root's, then one for each joined type.
  struct Level {
    const schema::Table* table;
    // In the order of primary_key().
    std::vector<const schema::Column*> key;
  };

  EntityType(const EntityType&) = delete;
  EntityType& operator=(const EntityType&) = delete;

  const std::string& name() const { return name_; }
  const ObjectType& object_type() const { return *object_; }
  // The table of the last level.
  const schema::Table& table() const { return *table_; }
  // Position in Registry::types().
  int index() const { return index_; }

  absl::Span<const Property> properties() const { return properties_; }
  const Property& property(int i) const { return properties_[i]; }
  // Indices of the properties of the primary key, in the key's order.
  absl::Span<const int> primary_key() const { return primary_key_; }
  // Index of the property of a column (or name), or -1.
  int FindColumn(const schema::Column& column) const;
  int FindProperty(absl::string_view name) const;

  absl::Span<const Relationship* const> relationships() const {
    return relationships_;
  }
  const Relationship* FindRelationship(absl::string_view name) const;
  // The relationship of the link member at `offset`, or null.
  const Relationship* RelationshipAt(size_t offset) const;
  // Relationships of any type that end here.
  absl::Span<const Relationship* const> incoming() const { return incoming_; }

  // ---- Inheritance

  const EntityType* base() const { return base_; }
  const EntityType& root() const { return *ancestors_[0]; }
  // Types that inherit this one, directly or not; bases before what inherits
  // them.
  absl::Span<const EntityType* const> subtypes() const { return subtypes_; }
  // Whether this is `other`, or inherits it.
  bool IsA(const EntityType& other) const {
    return this == &other || (other.depth_ < ancestors_.size() &&
                              ancestors_[other.depth_] == &other);
  }
  // Never empty; more than one for a joined type.
  absl::Span<const Level> levels() const { return levels_; }
  // Of its levels and those of its subtypes: what a query for it reads.
  absl::Span<const schema::Table* const> tables() const { return tables_; }
  // Whether the table of the last level has rows of other types, too.
  bool shares_table() const {
    return base_ != nullptr && levels_.size() == base_->levels_.size();
  }
  // Index of the property that tells the type of a row, or -1.
  int discriminator() const { return discriminator_; }
  // The discriminator's (logical) value in rows of this type; null: there are
  // none, the type is abstract (or not in a hierarchy).
  const engine::Value* identity() const {
    return identity_ ? &*identity_ : nullptr;
  }

  // Index of the property that counts versions, or -1.
  int version_property() const { return version_property_; }
  // Index of the property whose value the database makes, or -1.
  int generated_key() const { return generated_key_; }
  // Whether the key is one integer: the identity map's fast path.
  bool has_integer_key() const { return integer_key_; }
  // Bytes of an Edit() snapshot.
  size_t snapshot_size() const { return snapshot_size_; }
  bool has_deferred() const { return has_deferred_; }
  bool has_slots() const { return has_slots_; }

 private:
  friend class RegistryBuilder;
  EntityType() = default;

  std::string name_;
  const ObjectType* object_ = nullptr;
  const schema::Table* table_ = nullptr;
  int index_ = 0;
  std::vector<Property> properties_;
  std::vector<int> primary_key_;
  std::deque<Relationship> storage_;
  std::vector<const Relationship*> relationships_;
  std::vector<const Relationship*> incoming_;
  int version_property_ = -1;
  int generated_key_ = -1;
  bool integer_key_ = false;
  bool has_deferred_ = false;
  bool has_slots_ = false;
  size_t snapshot_size_ = 0;
  const EntityType* base_ = nullptr;
  size_t depth_ = 0;
  std::vector<const EntityType*> ancestors_;  // the root first, this one last
  std::vector<const EntityType*> subtypes_;
  std::vector<Level> levels_;
  std::vector<const schema::Table*> tables_;
  int discriminator_ = -1;
  std::optional<engine::Value> identity_;
};

// The entity types of one database. Immutable, thread-safe.
class Registry {
 public:
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // The entity type of a C++ type, or null.
  const EntityType* Find(const ObjectType& object) const;
  const EntityType* FindByName(absl::string_view name) const;
  const EntityType* FindByTable(const schema::Table& table) const;
  absl::Span<const EntityType* const> types() const { return types_; }
  // Positions in types() so that tables follow those that their foreign keys
  // refer to; a component of several refers to itself in a circle.
  absl::Span<const std::vector<uint32_t>> components() const {
    return components_;
  }
  // Whether rows of the component may refer to one another.
  bool is_circular(size_t component) const { return circular_[component]; }

 private:
  friend class RegistryBuilder;
  Registry() = default;

  std::vector<std::unique_ptr<EntityType>> storage_;
  std::vector<const EntityType*> types_;
  std::vector<std::vector<uint32_t>> components_;
  std::vector<bool> circular_;
  std::unordered_map<const ObjectType*, const EntityType*> by_object_;
  std::unordered_map<const schema::Table*, const EntityType*> by_table_;
  std::vector<std::shared_ptr<const void>> owners_;
};

// What a mapping says of an entity.
struct EntityTypeSpec {
  std::string name;
  const ObjectType* object = nullptr;
  const schema::Table* table = nullptr;  // outlives the registry
  std::vector<Property> properties;
  std::string version_property;  // by member name; empty: none

  // The type that this one inherits; null: none. `properties` are then its own
  // alone, without the inherited ones. With the base's `table` its columns are
  // there (nullable); another table's primary key refers to the base's.
  const ObjectType* base = nullptr;
  size_t base_offset = 0;  // of the base in the object: must be 0
  // Of a root that is inherited: the member that tells the type, by name.
  std::string discriminator;
  // Its value in rows of this type; unset: there are none.
  std::optional<engine::Value> identity;
};

// What a mapping says of a relationship. What is left out is derived from the
// foreign keys of the tables; an ambiguity is an error that says so.
struct RelationshipSpec {
  std::string name;
  const ObjectType* source = nullptr;
  const ObjectType* target = nullptr;
  RelationshipKind kind = RelationshipKind::kManyToOne;
  size_t offset = 0;
  // Name of the relationship of `target` that is the other end; empty: none.
  std::string reverse;
  // Columns of the foreign key (in the source for kManyToOne, in the target
  // for kOneToMany and kOneToOne) that choose between several foreign keys.
  std::vector<const schema::Column*> foreign_key;
  const schema::Table* secondary = nullptr;  // kManyToMany
  // kManyToMany: the columns of `secondary` that refer to the source and to
  // the target, where its foreign keys leave a choice (a table linked to
  // itself: the first foreign key refers to the source, the second to the
  // target, unless these say otherwise).
  std::vector<const schema::Column*> secondary_source;
  std::vector<const schema::Column*> secondary_target;
  // Where no foreign key is declared: source column, target column.
  std::vector<std::pair<const schema::Column*, const schema::Column*>> on;
  Cascade cascade = Cascade::kDefault;
  PassiveDeletes passive_deletes = PassiveDeletes::kFromForeignKey;
  std::vector<OrderBy> order_by;
  LoadStrategy loading = LoadStrategy::kDefault;
  bool view_only = false;
  bool post_update = false;
};

// Collects mappings and resolves them to a Registry. Thread-compatible.
class RegistryBuilder {
 public:
  RegistryBuilder();
  ~RegistryBuilder();

  void AddEntity(EntityTypeSpec spec);
  void AddRelationship(RelationshipSpec spec);
  // Keeps `owner` (tables, say) alive as long as the registry.
  void KeepAlive(std::shared_ptr<const void> owner);

  // Errors: kInvalidArgument with all mistakes, one a line: a type mapped
  // twice, no primary key, an unknown target or reverse, no foreign key or
  // more than one between two tables, a reverse that does not fit, a base that
  // is not mapped or has no discriminator, two types of one identity.
  absl::StatusOr<std::shared_ptr<const Registry>> Build() &&;

 private:
  struct Draft;
  struct EntityResolver;
  struct RelationshipResolver;
  static void ResolveEntities(std::vector<EntityTypeSpec> specs, Draft* draft);
  static void ResolveRelationships(std::vector<RelationshipSpec> specs,
                                   Draft* draft);
  static void Order(Registry* registry);

  std::vector<EntityTypeSpec> entities_;
  std::vector<RelationshipSpec> relationships_;
  std::vector<std::shared_ptr<const void>> owners_;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_ENTITY_TYPE_H_
