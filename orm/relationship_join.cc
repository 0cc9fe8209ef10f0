#include "cupel/orm/relationship_join.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cupel/engine/status_macros.h"
#include "cupel/orm/model.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/session/entity_state.h"
#include "cupel/session/entity_type.h"

namespace cupel::orm_internal {
namespace {

using session::RelationshipKind;

const schema::Table& TableIn(const ModelInfo& model) {
  return *model.table().table;
}

// The relationship for messages: "Post.category -> Category".
std::string NameOf(const LinkId& link) {
  return absl::StrCat(link.source->name, ".", link.member, " -> ",
                      link.target->name);
}

bool HasExactly(const schema::ForeignKey& key, const Members& members) {
  if (key.columns().size() != members.size) return false;
  for (const schema::Column* column : key.columns()) {
    bool found = false;
    for (absl::string_view member : members.view()) {
      found = found || column->key() == member;
    }
    if (!found) return false;
  }
  return true;
}

// A foreign key and a table that it refers to.
struct TableKey {
  const schema::ForeignKey* key;
  const schema::Table* referred;
};

// Whether the key is the whole primary key: that of a joined class.
bool IsPrimaryKey(const schema::ForeignKey& key, const schema::Table& table) {
  const auto primary = table.primary_key().columns();
  return key.columns().size() == primary.size() &&
         std::all_of(key.columns().begin(), key.columns().end(),
                     [](const schema::Column* c) { return c->primary_key(); });
}

// Foreign keys of the tables of `from` that refer to one of `to`; those with
// `members` only, if any are named. What joins the tables of one class is none.
std::vector<TableKey> KeysBetween(const std::vector<const schema::Table*>& from,
                                  const std::vector<const schema::Table*>& to,
                                  const Members& members) {
  std::vector<TableKey> keys;
  for (const schema::Table* table : from) {
    for (const schema::ForeignKey& key : table->foreign_keys()) {
      if (members.size > 0 && !HasExactly(key, members)) continue;
      if (table != from.back() && IsPrimaryKey(key, *table)) continue;
      for (const schema::Table* referred : to) {
        if (key.RefersTo(*referred)) keys.push_back({&key, referred});
      }
    }
  }
  return keys;
}

absl::Status AppendPairs(const schema::ForeignKey& key,
                         const schema::Table& referred, bool key_first,
                         std::vector<ColumnPair>* pairs) {
  CUPEL_ASSIGN_OR_RETURN(std::vector<const schema::Column*> columns,
                         key.ReferredColumns(referred));
  for (size_t i = 0; i < columns.size(); ++i) {
    const schema::Column* own = key.columns()[i];
    pairs->push_back(key_first ? ColumnPair{own, columns[i]}
                               : ColumnPair{columns[i], own});
  }
  return absl::OkStatus();
}

// Resolves one link.
class Resolver {
 public:
  Resolver(const LinkId& link, const LinkDeclaration& declaration)
      : link_(link),
        spec_(*declaration.spec),
        is_reverse_(declaration.is_reverse),
        source_(TableIn(*link.source)),
        target_(TableIn(*link.target)),
        source_tables_(TablesOf(*link.source)),
        target_tables_(TablesOf(*link.target)) {}

  absl::StatusOr<RelationshipJoin> Resolve() {
    CUPEL_RETURN_IF_ERROR(link_.source->table().status);
    CUPEL_RETURN_IF_ERROR(link_.target->table().status);
    if (spec_.secondary != nullptr) return ThroughSecondary();
    if (spec_.on.size > 0) return OnColumns();
    if (&source_ == &target_) return ToItself();
    const auto forward =
        KeysBetween(source_tables_, target_tables_, spec_.foreign_keys);
    const auto backward =
        KeysBetween(target_tables_, source_tables_, spec_.foreign_keys);
    const bool prefers_backward = to_many();
    if (prefers_backward || forward.empty()) {
      return WithKey(backward, /*key_in_source=*/false);
    }
    return WithKey(forward, /*key_in_source=*/true);
  }

 private:
  bool to_many() const {
    return is_reverse_ ? spec_.reverse.to_many : spec_.link.to_many;
  }
  absl::Status Error(absl::string_view problem) const {
    return absl::InvalidArgumentError(
        absl::StrCat("relationship ", NameOf(link_), ": ", problem));
  }
  RelationshipKind KindFor(bool key_in_source) const {
    if (key_in_source) return RelationshipKind::kManyToOne;
    return to_many() ? RelationshipKind::kOneToMany
                     : RelationshipKind::kOneToOne;
  }

  absl::StatusOr<RelationshipJoin> WithKey(const std::vector<TableKey>& keys,
                                           bool key_in_source) {
    if (keys.size() != 1) return NotOneKey(keys.size());
    RelationshipJoin join;
    join.kind = KindFor(key_in_source);
    CUPEL_RETURN_IF_ERROR(AppendPairs(*keys[0].key, *keys[0].referred,
                                      key_in_source, &join.pairs));
    return join;
  }

  absl::Status NotOneKey(size_t found) const {
    if (found == 0) {
      return Error(absl::StrCat(
          "no foreign key links the tables ", source_.full_name(), " and ",
          target_.full_name(),
          to_many() ? " (a Collection needs one in the other table)" : "",
          ": add ForeignKey<> to a column"));
    }
    return Error(absl::StrCat(found, " foreign keys link the tables ",
                              source_.full_name(), " and ", target_.full_name(),
                              ": choose one by ForeignKeys<&T::member>()"));
  }

  // A Reference to the own class is many-to-one and a Collection one-to-many,
  // unless RemoteSide says otherwise; its backref is the opposite.
  absl::StatusOr<RelationshipJoin> ToItself() {
    const auto keys =
        KeysBetween(source_tables_, source_tables_, spec_.foreign_keys);
    if (keys.size() != 1) return NotOneKey(keys.size());
    bool declared_has_key = !spec_.link.to_many;
    if (!spec_.remote_side.empty()) {
      declared_has_key = true;
      for (const schema::Column* column : keys[0].key->columns()) {
        if (column->key() == spec_.remote_side) declared_has_key = false;
      }
    }
    return WithKey(keys, declared_has_key != is_reverse_);
  }

  absl::StatusOr<RelationshipJoin> OnColumns() {
    RelationshipJoin join;
    for (size_t i = 0; i < spec_.on.size; ++i) {
      const ModelInfo& local = is_reverse_ ? *link_.target : *link_.source;
      const ModelInfo& remote = is_reverse_ ? *link_.source : *link_.target;
      const schema::Column* a = FindColumn(local, spec_.on.local[i]);
      const schema::Column* b = FindColumn(remote, spec_.on.remote[i]);
      if (a == nullptr || b == nullptr) {
        return Error("On<> names a member that is not mapped");
      }
      join.pairs.push_back(is_reverse_ ? ColumnPair{b, a} : ColumnPair{a, b});
    }
    bool to_key = !to_many();
    for (const ColumnPair& pair : join.pairs) {
      to_key = to_key && pair.to->primary_key();
    }
    join.kind = KindFor(to_key);
    return join;
  }

  absl::StatusOr<RelationshipJoin> ThroughSecondary() {
    const ModelInfo& secondary = spec_.secondary();
    CUPEL_RETURN_IF_ERROR(secondary.table().status);
    RelationshipJoin join;
    join.kind = RelationshipKind::kManyToMany;
    join.secondary = &TableIn(secondary);
    const auto& declaring = is_reverse_ ? target_tables_ : source_tables_;
    const auto& other = is_reverse_ ? source_tables_ : target_tables_;
    std::vector<ColumnPair> own, far;
    CUPEL_RETURN_IF_ERROR(SecondaryKey(*join.secondary, declaring,
                                       spec_.secondary_source, 0, &own));
    CUPEL_RETURN_IF_ERROR(
        SecondaryKey(*join.secondary, other, spec_.secondary_target, 1, &far));
    join.source_pairs = is_reverse_ ? far : own;
    join.target_pairs = is_reverse_ ? own : far;
    return join;
  }

  // The foreign key of the secondary table to one end. Of a class linked to
  // itself the first key is for the declaring end, the second for the other.
  absl::Status SecondaryKey(const schema::Table& secondary,
                            const std::vector<const schema::Table*>& end,
                            const Members& members, size_t place,
                            std::vector<ColumnPair>* pairs) {
    auto keys = KeysBetween({&secondary}, end, members);
    if (&source_ == &target_ && members.size == 0 && keys.size() == 2) {
      keys = {keys[place]};
    }
    if (keys.size() != 1) {
      return Error(
          absl::StrCat(keys.size(), " foreign keys of the secondary table ",
                       secondary.full_name(), " refer to ", end[0]->full_name(),
                       ", one is needed: name it in Secondary<>"));
    }
    return AppendPairs(*keys[0].key, *keys[0].referred, /*key_first=*/false,
                       pairs);
  }

  const LinkId& link_;
  const RelationshipSpec& spec_;
  const bool is_reverse_;
  const schema::Table& source_;
  const schema::Table& target_;
  const std::vector<const schema::Table*> source_tables_;
  const std::vector<const schema::Table*> target_tables_;
};

query::FromItem ItemOr(const query::FromItem& item,
                       const schema::Table& table) {
  return item.empty() ? query::FromItem(table) : item;
}

// The value of a column in an entity, as a bound parameter of that column.
absl::StatusOr<query::Expr> ValueIn(const session::EntityRef& entity,
                                    const ModelInfo& model,
                                    const schema::Column& column) {
  for (const ModelInfo* at = &model; at != nullptr; at = BaseOf(*at)) {
    for (const ColumnSpec& spec : at->mapping().columns) {
      if (spec.member != column.key()) continue;
      CUPEL_RETURN_IF_ERROR(entity.Load());
      const char* member = static_cast<const char*>(entity.object()) +
                           spec.base_offset() + spec.offset();
      engine::BoundValue bound;
      CUPEL_RETURN_IF_ERROR(spec.ops().bind(member, &bound));
      return query::BindView(bound.view, &column.type());
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "column ", column.name(), " is not mapped in class ", model.name));
}

query::Expr EqualPairs(const std::vector<ColumnPair>& pairs,
                       const query::FromItem& from, const query::FromItem& to) {
  std::vector<query::Expr> equal;
  for (const ColumnPair& pair : pairs) {
    equal.push_back(query::Binary(query::Operator::kEqual,
                                  ColumnIn(from, *pair.from),
                                  ColumnIn(to, *pair.to), nullptr));
  }
  return query::And(equal);
}

// The tables of a class, joined; its table, mostly.
query::FromItem JoinedTables(const ModelInfo& model) {
  const std::vector<const schema::Table*> tables = TablesOf(model);
  query::FromItem item(*tables.back());
  for (size_t i = tables.size() - 1; i > 0; --i) {
    const schema::Table& table = *tables[i - 1];
    for (const schema::ForeignKey& key : table.foreign_keys()) {
      std::vector<ColumnPair> pairs;
      if (!IsPrimaryKey(key, table) || !key.RefersTo(*tables[i]) ||
          !AppendPairs(key, *tables[i], true, &pairs).ok()) {
        continue;
      }
      item =
          query::Join(item, query::FromItem(table), EqualPairs(pairs, {}, {}));
      break;
    }
  }
  return item;
}

void AddIdentities(const ModelInfo& model, const engine::Type& type,
                   std::vector<engine::Value>* identities) {
  const InheritanceSpec& spec = model.mapping().inheritance;
  if (spec.identity.kind != IdentitySpec::Kind::kNone) {
    identities->push_back(IdentityValue(spec.identity, type));
  }
  for (ModelGetter below : spec.subclasses) {
    AddIdentities(below(), type, identities);
  }
}

// The condition that rows of `item`, the model's table, are of its class; empty
// unless they may be of others.
query::Expr RowsOf(const ModelInfo& model, const query::FromItem& item) {
  if (!SharesTable(model)) return query::Expr();
  const ModelInfo& root = RootOf(model);
  const schema::Column* column =
      FindColumn(root, root.mapping().inheritance.discriminator);
  if (column == nullptr) return query::Expr();
  std::vector<engine::Value> identities;
  AddIdentities(model, column->type(), &identities);
  std::vector<engine::ValueView> views;
  for (const engine::Value& value : identities) views.push_back(value.view());
  return query::InValues(ColumnIn(item, *column), views, &column->type(), 1,
                         /*negated=*/false);
}

bool HasKey(const session::EntityRef& entity) {
  return entity.lifecycle() != session::Lifecycle::kTransient &&
         entity.lifecycle() != session::Lifecycle::kPending;
}

absl::Status NoKeyYet(const ModelInfo& model) {
  return absl::FailedPreconditionError(absl::StrCat(
      "an entity of class ", model.name,
      " without a row was compared in a query: Flush() the session before"));
}

// `column`s of `pairs` in `item` equal the entity's values of the others.
absl::StatusOr<query::Expr> EqualsEntity(const std::vector<ColumnPair>& pairs,
                                         bool entity_is_to,
                                         const query::FromItem& item,
                                         const session::EntityRef& entity,
                                         const ModelInfo& model) {
  if (!HasKey(entity)) return NoKeyYet(model);
  std::vector<query::Expr> equal;
  for (const ColumnPair& pair : pairs) {
    const schema::Column& in_item = entity_is_to ? *pair.from : *pair.to;
    const schema::Column& in_entity = entity_is_to ? *pair.to : *pair.from;
    CUPEL_ASSIGN_OR_RETURN(query::Expr value,
                           ValueIn(entity, model, in_entity));
    equal.push_back(query::Binary(query::Operator::kEqual,
                                  ColumnIn(item, in_item), value, nullptr));
  }
  return query::Expr(query::And(equal));
}

query::TypedExpr<bool> OrError(absl::StatusOr<query::Expr> expression) {
  return query::TypedExpr<bool>(expression.ok()
                                    ? *std::move(expression)
                                    : query::ErrorExpr(expression.status()));
}

query::TypedExpr<bool> ExistsIn(const query::Expr& condition,
                                std::initializer_list<query::FromItem> items) {
  query::Select select(query::LiteralSql("1"));
  for (const query::FromItem& item : items) select = select.SelectFrom(item);
  return select.Where(condition).CorrelateExcept(items).Exists();
}

absl::StatusOr<query::Expr> LinksToOrError(const LinkId& link,
                                           const query::FromItem& source_item,
                                           const session::EntityRef& entity,
                                           bool negated) {
  CUPEL_ASSIGN_OR_RETURN(RelationshipJoin join, ResolveLink(link));
  const query::FromItem source = ItemOr(source_item, TableIn(*link.source));
  if (join.key_in_source()) {
    std::vector<query::Expr> terms;
    if (!entity) {
      for (const ColumnPair& pair : join.pairs) {
        terms.push_back(query::Unary(
            negated ? query::Operator::kIsNotNull : query::Operator::kIsNull,
            ColumnIn(source, *pair.from), nullptr));
      }
      return query::Expr(negated ? query::And(terms) : query::Or(terms));
    }
    CUPEL_ASSIGN_OR_RETURN(
        query::Expr equal,
        EqualsEntity(join.pairs, true, source, entity, *link.target));
    if (!negated) return equal;
    // Rows that link to nothing do not link to the entity either.
    CUPEL_ASSIGN_OR_RETURN(query::Expr none,
                           LinksToOrError(link, source, {}, false));
    return query::Expr(query::Or({query::Not(equal), none}));
  }
  if (!entity) {
    const query::Expr any = LinkedTo(link, source, {}, {});
    return negated ? any : query::Expr(query::Not(any));
  }
  query::Expr exists;
  if (join.secondary != nullptr) {
    const query::FromItem secondary = query::Alias(*join.secondary);
    CUPEL_ASSIGN_OR_RETURN(query::Expr equal,
                           EqualsEntity(join.target_pairs, false, secondary,
                                        entity, *link.target));
    exists = ExistsIn(
        query::And({EqualPairs(join.source_pairs, source, secondary), equal}),
        {secondary});
  } else {
    // The foreign key is in the entity: its row's key tells the source.
    CUPEL_ASSIGN_OR_RETURN(
        exists, EqualsEntity(join.pairs, true, source, entity, *link.target));
  }
  return negated ? query::Expr(query::Not(exists)) : exists;
}

absl::StatusOr<query::Expr> LinkedFromOrError(
    const LinkId& link, const session::EntityRef& parent) {
  if (!parent) {
    return absl::InvalidArgumentError(
        absl::StrCat("the parent in WithParent of ", NameOf(link), " is null"));
  }
  CUPEL_ASSIGN_OR_RETURN(RelationshipJoin join, ResolveLink(link));
  const query::FromItem target(TableIn(*link.target));
  if (join.secondary == nullptr) {
    return EqualsEntity(join.pairs, false, target, parent, *link.source);
  }
  const query::FromItem secondary = query::Alias(*join.secondary);
  CUPEL_ASSIGN_OR_RETURN(
      query::Expr equal,
      EqualsEntity(join.source_pairs, false, secondary, parent, *link.source));
  return query::Expr(ExistsIn(
      query::And({EqualPairs(join.target_pairs, target, secondary), equal}),
      {secondary}));
}

}  // namespace

bool RelationshipJoin::key_in_source() const {
  return kind == RelationshipKind::kManyToOne;
}

LinkDeclaration FindLink(const LinkId& link) {
  for (const RelationshipSpec& spec : link.source->mapping().relationships) {
    if (spec.link.member == link.member) return {&spec, false};
  }
  for (const RelationshipSpec& spec : link.target->mapping().relationships) {
    if (spec.backref && spec.reverse.member == link.member &&
        &spec.target() == link.source) {
      return {&spec, true};
    }
  }
  return {};
}

absl::StatusOr<RelationshipJoin> ResolveLink(const LinkId& link) {
  const LinkDeclaration declaration = FindLink(link);
  if (declaration.spec == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        "no relationship ", NameOf(link),
        ": declare it by Relationship<> or as a Backref<> of one"));
  }
  return Resolver(link, declaration).Resolve();
}

query::Expr LinkCondition(const RelationshipJoin& join,
                          const query::FromItem& source,
                          const query::FromItem& target,
                          const query::FromItem& secondary) {
  if (join.secondary == nullptr) return EqualPairs(join.pairs, source, target);
  return query::And({EqualPairs(join.source_pairs, source, secondary),
                     EqualPairs(join.target_pairs, target, secondary)});
}

query::TypedExpr<bool> LinkedTo(const LinkId& link,
                                const query::FromItem& source_item,
                                const query::FromItem& target_item,
                                const query::Expr& condition) {
  absl::StatusOr<RelationshipJoin> join = ResolveLink(link);
  if (!join.ok()) return OrError(join.status());
  const schema::Table& source_table = TableIn(*link.source);
  const schema::Table& target_table = TableIn(*link.target);
  const query::FromItem source = ItemOr(source_item, source_table);
  query::FromItem target = target_item;
  if (target.empty()) {
    target = &source_table == &target_table && source_item.empty()
                 ? query::Alias(target_table)
                 : JoinedTables(*link.target);
  }
  const query::Expr own = RowsOf(*link.target, target);
  if (join->secondary == nullptr) {
    return ExistsIn(
        query::And({LinkCondition(*join, source, target, {}), own, condition}),
        {target});
  }
  const query::FromItem secondary = query::Alias(*join->secondary);
  return ExistsIn(query::And({LinkCondition(*join, source, target, secondary),
                              own, condition}),
                  {secondary, target});
}

query::TypedExpr<bool> LinksTo(const LinkId& link,
                               const query::FromItem& source,
                               const session::EntityRef& entity, bool negated) {
  return OrError(LinksToOrError(link, source, entity, negated));
}

query::TypedExpr<bool> LinkedFrom(const LinkId& link,
                                  const session::EntityRef& parent) {
  return OrError(LinkedFromOrError(link, parent));
}

query::Expr ColumnIn(const query::FromItem& item,
                     const schema::Column& column) {
  using query_internal::NodeKind;
  // Plain tables, maybe joined, say by themselves which one has the column.
  if (item.empty() || item.node()->kind() == NodeKind::kTable ||
      item.node()->kind() == NodeKind::kJoin) {
    return query::ColumnOf(column);
  }
  if (item.table() != nullptr) return query::ColumnOf(item, column);
  return query::CoerceTo(query::ColumnOf(item, column.name()), column.type());
}

query::Expr MemberColumn(const ModelInfo& model, absl::string_view member,
                         const query::FromItem& item) {
  const ModelTable& table = model.table();
  if (!table.status.ok()) return query::ErrorExpr(table.status);
  const schema::Column* column = FindColumn(model, member);
  if (column == nullptr) {
    return query::ErrorExpr(absl::InvalidArgumentError(
        absl::StrCat("member ", model.name, "::", member, " is not mapped")));
  }
  return ColumnIn(item, *column);
}

query::Expr ImmortalColumn(const ModelInfo& model, absl::string_view member) {
  query::Expr column = MemberColumn(model, member, query::FromItem());
  query::MakeImmortal(column);
  return column;
}

}  // namespace cupel::orm_internal
