// Query<T>: a typed question for entities of class T.
//
//   session.Query<User>()
//       .Filter(col<&User::age> >= 18)
//       .OrderBy(col<&User::name>)
//       .Limit(20)
//       .All();                       // StatusOr<vector<Ref<User>>>
//
// Each call returns a new query, so that one can be the base of several.
// Nothing is sent before All(), First(), One(), OneOrNone(), Count(), Exists(),
// Stream(), Update() or Delete(). An entity comes once, however many joined
// rows repeat it.
//
// A query belongs to its session, and to its thread.

#ifndef CUPEL_ORM_QUERY_H_
#define CUPEL_ORM_QUERY_H_

#include <concepts>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cupel/orm/col.h"
#include "cupel/orm/http_status.h"
#include "cupel/orm/load.h"
#include "cupel/orm/query_core.h"
#include "cupel/orm/ref.h"
#include "cupel/query/insert.h"
#include "cupel/query/operator.h"
#include "cupel/query/select.h"
#include "cupel/session/entity_result.h"

namespace cupel {

namespace orm_internal {

template <typename... Exprs>
concept Expressions = (std::derived_from<Exprs, query::Expr> && ...);

// The clauses that queries for entities and for rows share.
template <typename Derived>
class QueryClauses {
 public:
  // Conditions, joined by AND to the earlier ones.
  template <typename... Exprs>
  requires Expressions<Exprs...> Derived Filter(const Exprs&... conditions)
  const& { return Copy().Filter(conditions...); }
  template <typename... Exprs>
  requires Expressions<Exprs...> Derived Filter(const Exprs&... conditions) && {
    (core_.Where(conditions), ...);
    return Moved();
  }
  // Columns or sort terms (Asc(), Desc()), after the earlier ones.
  template <typename... Exprs>
  requires Expressions<Exprs...> Derived OrderBy(const Exprs&... terms)
  const& { return Copy().OrderBy(terms...); }
  template <typename... Exprs>
  requires Expressions<Exprs...> Derived OrderBy(const Exprs&... terms) && {
    core_.OrderBy({static_cast<const query::Expr*>(&terms)...});
    return Moved();
  }
  // Requires: not negative; otherwise executing is kInvalidArgument.
  Derived Limit(int64_t rows) const& { return Copy().Limit(rows); }
  Derived Limit(int64_t rows) && {
    core_.Limit(rows);
    return Moved();
  }
  Derived Offset(int64_t rows) const& { return Copy().Offset(rows); }
  Derived Offset(int64_t rows) && {
    core_.Offset(rows);
    return Moved();
  }
  Derived Distinct() const {
    Derived next = Copy();
    next.core_.Distinct();
    return next;
  }

  // Joins along a relationship of a class that the query reads already.
  template <auto kMember, typename Owner = MemberClass<kMember>>
  Derived Join() const {
    return AlongLink<kMember, Owner>({}, {}, {}, query::JoinKind::kInner);
  }
  template <auto kMember, typename Owner = MemberClass<kMember>>
  Derived OuterJoin() const {
    return AlongLink<kMember, Owner>({}, {}, {}, query::JoinKind::kLeft);
  }
  // The same to an alias of the target (or over a subquery), with a condition
  // beside the relationship's own.
  template <auto kMember, typename Owner = MemberClass<kMember>>
  Derived Join(const Alias<typename MemberType<kMember>::Target>& target,
               const query::Expr& also = {}) const {
    return AlongLink<kMember, Owner>({}, target.item(), also,
                                     query::JoinKind::kInner);
  }
  template <auto kMember, typename Owner = MemberClass<kMember>>
  Derived OuterJoin(const Alias<typename MemberType<kMember>::Target>& target,
                    const query::Expr& also = {}) const {
    return AlongLink<kMember, Owner>({}, target.item(), also,
                                     query::JoinKind::kLeft);
  }
  template <auto kMember, typename Owner = MemberClass<kMember>>
  Derived Join(const query::Expr& also) const {
    return AlongLink<kMember, Owner>({}, {}, also, query::JoinKind::kInner);
  }
  template <auto kMember, typename Owner = MemberClass<kMember>>
  Derived OuterJoin(const query::Expr& also) const {
    return AlongLink<kMember, Owner>({}, {}, also, query::JoinKind::kLeft);
  }
  // From an alias to an alias.
  template <auto kMember, typename Owner>
  Derived JoinFrom(
      const Alias<Owner>& source,
      const Alias<typename MemberType<kMember>::Target>& target) const {
    return AlongLink<kMember, Owner>(source.item(), target.item(), {},
                                     query::JoinKind::kInner);
  }
  template <auto kMember, typename Owner>
  Derived OuterJoinFrom(
      const Alias<Owner>& source,
      const Alias<typename MemberType<kMember>::Target>& target) const {
    return AlongLink<kMember, Owner>(source.item(), target.item(), {},
                                     query::JoinKind::kLeft);
  }
  // Any table, alias or subquery, on any condition.
  Derived Join(const query::FromItem& item, const query::Expr& on) const {
    return OnItem(item, on, query::JoinKind::kInner);
  }
  Derived OuterJoin(const query::FromItem& item, const query::Expr& on) const {
    return OnItem(item, on, query::JoinKind::kLeft);
  }
  template <typename T>
  Derived Join(const Alias<T>& alias, const query::Expr& on) const {
    return OnItem(alias.item(), on, query::JoinKind::kInner);
  }
  template <typename T>
  Derived OuterJoin(const Alias<T>& alias, const query::Expr& on) const {
    return OnItem(alias.item(), on, query::JoinKind::kLeft);
  }

  // How to load what the entities refer to (load.h).
  template <std::same_as<Load>... Loads>
  Derived Options(const Loads&... loads) const {
    Derived next = Copy();
    (next.core_.AddOptions(loads), ...);
    return next;
  }
  // Overwrites what is loaded with what the rows say, except what was edited.
  Derived PopulateExisting() const {
    Derived next = Copy();
    next.core_.PopulateExisting();
    return next;
  }
  // Does not flush pending changes before.
  Derived WithoutAutoflush() const {
    Derived next = Copy();
    next.core_.WithoutAutoflush();
    return next;
  }
  // Locks the rows, where the database can.
  Derived ForUpdate() const {
    Derived next = Copy();
    next.core_.ForUpdate();
    return next;
  }

  // How many entities (rows) All() gives; joins and eager loads do not change
  // it.
  absl::StatusOr<int64_t> Count() const { return core_.Count(); }
  absl::StatusOr<bool> Exists() const { return core_.Exists(); }

  // The query as a SELECT of the primary key (of its columns), to be put into
  // others.
  query::Select KeySelect() const { return core_.KeySelect(); }
  const QueryCore& core() const { return core_; }

 protected:
  explicit QueryClauses(QueryCore core) : core_(std::move(core)) {}

  Derived Copy() const { return static_cast<const Derived&>(*this); }
  Derived&& Moved() { return static_cast<Derived&&>(*this); }

  template <auto kMember, typename Owner>
  Derived AlongLink(const query::FromItem& source,
                    const query::FromItem& target, const query::Expr& also,
                    query::JoinKind kind) const {
    Derived next = Copy();
    next.core_.JoinLink(LinkOf<kMember, Owner>(), source, target, also, kind);
    return next;
  }
  Derived OnItem(const query::FromItem& item, const query::Expr& on,
                 query::JoinKind kind) const {
    Derived next = Copy();
    next.core_.Join(item, on, kind);
    return next;
  }

  QueryCore core_;
};

}  // namespace orm_internal

// A new value for a column, in Update(): Set<&User::active>(false), or an
// expression: Set<&User::visits>(col<&User::visits> + 1).
template <auto kMember, typename Owner = MemberClass<kMember>, typename Value>
query::Assignment Set(const Value& value) {
  return query::Assign(col<kMember, Owner>, value);
}

// The entities of a streamed query, fetched in chunks and not kept: who holds
// no Ref needs no memory for what has passed. Must not outlive the session.
// Move-only.
template <typename T>
class EntityStream {
 public:
  explicit EntityStream(session::EntityResult result)
      : result_(std::move(result)) {}

  // Steps to the next entity; false when there is none.
  absl::StatusOr<bool> Next() { return result_.Next(); }
  // The entity at hand.
  Ref<T> ref() const { return Ref<T>(result_.entity()); }
  const T& operator*() const {
    return *static_cast<const T*>(
        orm_internal::Readable(result_.entity().state()));
  }
  const T* operator->() const { return &**this; }

 private:
  session::EntityResult result_;
};

struct PageOptions;
template <typename T>
class Pagination;

template <typename T>
class Query : public orm_internal::QueryClauses<Query<T>> {
 public:
  using Entity = T;

  // Use Session::Query<T>().
  explicit Query(orm_internal::QueryCore core)
      : orm_internal::QueryClauses<Query<T>>(std::move(core)) {}

  // The member equals `value`: a value, or for a relationship a Ref or nullptr.
  template <auto kMember, typename Value>
  Query FilterBy(const Value& value) const& {
    return Query(*this).template FilterBy<kMember>(value);
  }
  template <auto kMember, typename Value>
  Query FilterBy(const Value& value) && {
    static_assert(std::is_base_of_v<MemberClass<kMember>, T>,
                  "cupel: FilterBy<> takes a member of the query's own class; "
                  "use Filter(col<&U::m> == value) for another");
    this->core_.Where(orm_internal::MemberIn<kMember, T>(this->core_.item()) ==
                      value);
    return std::move(*this);
  }
  // Entities that `parent`'s link leads to: WithParent<&Category::posts>(py).
  template <auto kMember, typename Owner = MemberClass<kMember>>
  Query WithParent(const Ref<Owner>& parent) const {
    static_assert(std::is_same_v<typename MemberType<kMember>::Target, T>,
                  "cupel: WithParent<> takes a relationship that leads to the "
                  "query's class");
    Query next = *this;
    next.core_.Where(orm_internal::LinkedFrom(
        orm_internal::LinkOf<kMember, Owner>(), parent.erased()));
    return next;
  }

  absl::StatusOr<std::vector<Ref<T>>> All() const {
    std::vector<Ref<T>> refs;
    absl::Status status = this->core_.ReadAll([&refs](size_t size) {
      refs = std::vector<Ref<T>>(size);
      return orm_internal::Erased(refs.data());
    });
    if (!status.ok()) return status;
    return refs;
  }
  // The first in the query's order; a null Ref if there is none.
  absl::StatusOr<Ref<T>> First() const { return Typed(this->core_.First()); }
  // Errors: kNotFound if there is none, kFailedPrecondition if there are more.
  absl::StatusOr<Ref<T>> One() const { return Typed(this->core_.One()); }
  // The same with a null Ref for none.
  absl::StatusOr<Ref<T>> OneOrNone() const {
    return Typed(this->core_.OneOrNone());
  }
  // As First() and One(), where no row is kNotFound that carries HTTP status
  // 404 (http_status.h), with `description` as its message.
  absl::StatusOr<Ref<T>> FirstOr404(absl::string_view description = {}) const {
    return Typed(orm_internal::NullAsNotFound(
        this->core_.First(), this->core_.model()->name, description));
  }
  absl::StatusOr<Ref<T>> OneOr404(absl::string_view description = {}) const {
    return Typed(orm_internal::ErrorAsNotFound(this->core_.One(), description));
  }

  // The entities one after the other, `rows` fetched at a time.
  absl::StatusOr<EntityStream<T>> Stream(size_t rows = 1000) const {
    absl::StatusOr<session::EntityResult> result = this->core_.Stream(rows);
    if (!result.ok()) return std::move(result).status();
    return EntityStream<T>(*std::move(result));
  }

  // UPDATE of all rows that the query selects, without loading them; returns
  // their number. Pending changes are flushed before; entities of T in the
  // session are read again at their next use.
  template <std::same_as<query::Assignment>... Assignments>
  absl::StatusOr<int64_t> Update(const Assignments&... assignments) const {
    return this->core_.Update({assignments...});
  }
  // DELETE, in the same way.
  absl::StatusOr<int64_t> Delete() const { return this->core_.Delete(); }

  // A page of the query; see pagination.h.
  absl::StatusOr<Pagination<T>> Paginate(const PageOptions& options) const;

 private:
  static absl::StatusOr<Ref<T>> Typed(
      absl::StatusOr<session::EntityRef> found) {
    if (!found.ok()) return std::move(found).status();
    return Ref<T>(*std::move(found));
  }
};

}  // namespace cupel

#endif  // CUPEL_ORM_QUERY_H_
