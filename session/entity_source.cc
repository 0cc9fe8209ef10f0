#include "cupel/session/entity_source.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace cupel::session {
namespace {

const engine::Type* BooleanType() {
  static const engine::Type type = engine::Boolean();
  return &type;
}

}  // namespace

EntitySource::EntitySource(const EntityType& type) : type_(&type) {
  JoinTables();
}

EntitySource::EntitySource(const EntityType& type, query::FromItem item)
    : type_(&type), from_(std::move(item)) {
  for (const schema::Table* table : type.tables()) {
    named_.push_back({table, from_});
  }
  has_subtypes_ = type.tables().size() == 1;
}

EntitySource EntitySource::Renamed(const EntityType& type,
                                   absl::string_view suffix) {
  EntitySource source;
  source.type_ = &type;
  for (const schema::Table* table : type.tables()) {
    source.named_.push_back(
        {table, query::Alias(query::FromItem(*table),
                             absl::StrCat(table->name(), suffix))});
  }
  source.JoinTables();
  return source;
}

query::FromItem EntitySource::ItemOf(const schema::Table& table) const {
  for (const auto& [known, item] : named_) {
    if (known == &table) return item;
  }
  return query::FromItem(table);
}

query::Expr EntitySource::Column(const schema::Column& column) const {
  for (const auto& [table, item] : named_) {
    if (table == &column.table()) return query::ColumnOf(item, column);
  }
  return query::ColumnOf(column);
}

void EntitySource::JoinTables() {
  const EntityType::Level& first = type_->levels()[0];
  from_ = ItemOf(*first.table);
  std::vector<const schema::Table*> known = {first.table};
  auto join = [&](const EntityType::Level& level, query::JoinKind kind) {
    for (const schema::Table* table : known) {
      if (table == level.table) return;
    }
    known.push_back(level.table);
    std::vector<query::Expr> on;
    for (size_t k = 0; k < level.key.size(); ++k) {
      on.push_back(query::Binary(query::Operator::kEqual, Column(*level.key[k]),
                                 Column(*first.key[k]), BooleanType()));
    }
    from_ =
        query::Join(from_, ItemOf(*level.table),
                    on.size() == 1 ? on[0] : query::Expr(query::And(on)), kind);
  };
  for (const EntityType::Level& level : type_->levels().subspan(1)) {
    join(level, query::JoinKind::kInner);
  }
  for (const EntityType* sub : type_->subtypes()) {
    join(sub->levels().back(), query::JoinKind::kLeft);
  }
}

query::Expr EntitySource::Restriction() const {
  if (type_ == nullptr || !type_->shares_table()) return query::Expr();
  const Property& property = type_->property(type_->discriminator());
  std::vector<engine::ValueView> identities;
  auto add = [&](const EntityType& type) {
    if (type.identity() != nullptr) {
      identities.push_back(type.identity()->view());
    }
  };
  add(*type_);
  for (const EntityType* sub : type_->subtypes()) add(*sub);
  return query::InValues(Column(*property.column), identities,
                         &property.column->type(), 1, /*negated=*/false);
}

}  // namespace cupel::session
