// What tests of this layer map entities with by hand, as the layer above would.

#ifndef CUPEL_SESSION_TEST_MAPPING_H_
#define CUPEL_SESSION_TEST_MAPPING_H_

#include <cstddef>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "cupel/engine/engine.h"
#include "cupel/schema/schema.h"
#include "cupel/session/entity_type.h"

// Offsets of members of structs with links.
#pragma GCC diagnostic ignored "-Winvalid-offsetof"

// A member with the column of its name.
#define MEMBER(Type, member, table)                              \
  ::cupel::session::Property {                                   \
    .name = #member, .column = (table)->FindByName(#member),     \
    .offset = offsetof(Type, member),                            \
    .ops = &::cupel::engine::TypeOpsOf<decltype(Type::member)>() \
  }

// A relationship of the member's name; "" is no other end.
#define LINK(Source, member, Target, kind, reverse)      \
  ::cupel::session::Linked<Source, Target>(              \
      #member, ::cupel::session::RelationshipKind::kind, \
      offsetof(Source, member), reverse)

namespace cupel::session {

using Table = std::shared_ptr<const schema::Table>;

inline schema::ColumnOptions Integer(const char* name, bool nullable = false) {
  return {.name = name, .type = engine::BigInteger(), .nullable = nullable};
}
inline schema::ColumnOptions Text(const char* name, bool nullable = false) {
  return {.name = name, .type = engine::Text(), .nullable = nullable};
}
inline schema::ColumnOptions Key(schema::ColumnOptions column) {
  column.primary_key = true;
  return column;
}
// A foreign key to `table`.id.
inline schema::ColumnOptions Refers(
    schema::ColumnOptions column, const char* table,
    schema::ForeignKeyAction on_delete = schema::ForeignKeyAction::kNone,
    bool use_alter = false) {
  schema::ForeignKeyOptions key;
  key.referred_table = schema::TableReference(table);
  key.referred_columns = {"id"};
  key.on_delete = on_delete;
  key.use_alter = use_alter;
  column.foreign_keys = {key};
  return column;
}
// A table with the key "id".
inline schema::TableBuilder Keyed(const char* name) {
  return schema::TableBuilder(name).Column(Key(Integer("id")));
}

template <typename Source, typename Target>
RelationshipSpec Linked(const char* name, RelationshipKind kind, size_t offset,
                        const char* reverse) {
  return {.name = name,
          .source = &ObjectTypeOf<Source>(),
          .target = &ObjectTypeOf<Target>(),
          .kind = kind,
          .offset = offset,
          .reverse = reverse};
}

// Tables, entities and relationships of a test. Thread-compatible.
class TestMapping {
 public:
  Table Add(const schema::TableBuilder& builder) {
    Table table = builder.Build().value();
    metadata_.Add(table).IgnoreError();
    return table;
  }
  template <typename T>
  void Add(EntityTypeSpec spec, const Table& table) {
    spec.object = &ObjectTypeOf<T>();
    spec.table = table.get();
    builder_.AddEntity(std::move(spec));
  }
  void Add(RelationshipSpec spec) { builder_.AddRelationship(std::move(spec)); }
  // Call one of these once, after all.
  void Build() { registry_ = std::move(builder_).Build().value(); }
  absl::Status BuildStatus() { return std::move(builder_).Build().status(); }

  const schema::MetaData& metadata() const { return metadata_; }
  const std::shared_ptr<const Registry>& registry() const { return registry_; }
  const EntityType* Type(const char* name) const {
    return registry_->FindByName(name);
  }

 private:
  schema::MetaData metadata_;
  RegistryBuilder builder_;
  std::shared_ptr<const Registry> registry_;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_TEST_MAPPING_H_
