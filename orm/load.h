// How a query loads what its entities refer to, and which of their columns.
//
//   query.Options(JoinedLoad<&Category::posts>())
//   query.Options(SelectInLoad<&User::posts>().JoinedLoad<&Post::tags>())
//   query.Options(DefaultLoad<&User::posts>().LoadOnly<&Post::title>())
//   query.Options(LoadOnly<&User::id, &User::name>(), RaiseLoadAll())
//
// An option names a path from the query's class; each call below continues it.
// Options belong to the query: they do not stick to the entities.

#ifndef CUPEL_ORM_LOAD_H_
#define CUPEL_ORM_LOAD_H_

#include <cstdint>
#include <initializer_list>
#include <memory>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/orm/col.h"
#include "cupel/query/from_item.h"
#include "cupel/session/relationship_policy.h"

namespace cupel {

namespace orm_internal {
struct LoadChoice;
struct LoadChoices;
}  // namespace orm_internal

// One or more options along a path. Immutable value; made by the functions
// below.
class Load {
 public:
  Load() = default;

  // In the order of the calls.
  absl::Span<const orm_internal::LoadChoice> choices() const;

  // Goes on from the class at the end of the path.
  template <auto kMember, typename Owner = MemberClass<kMember>>
  Load JoinedLoad(bool inner_join = false) const {
    return Then(orm_internal::LinkOf<kMember, Owner>(),
                session::LoadStrategy::kJoined, inner_join);
  }
  template <auto kMember, typename Owner = MemberClass<kMember>>
  Load SelectInLoad(int recursion_depth = 1) const {
    return Then(orm_internal::LinkOf<kMember, Owner>(),
                session::LoadStrategy::kSelectIn, false, recursion_depth);
  }
  template <auto kMember, typename Owner = MemberClass<kMember>>
  Load SubqueryLoad() const {
    return Then(orm_internal::LinkOf<kMember, Owner>(),
                session::LoadStrategy::kSubquery);
  }
  template <auto kMember, typename Owner = MemberClass<kMember>>
  Load ImmediateLoad() const {
    return Then(orm_internal::LinkOf<kMember, Owner>(),
                session::LoadStrategy::kImmediate);
  }
  template <auto kMember, typename Owner = MemberClass<kMember>>
  Load LazyLoad() const {
    return Then(orm_internal::LinkOf<kMember, Owner>(),
                session::LoadStrategy::kLazy);
  }
  template <auto kMember, typename Owner = MemberClass<kMember>>
  Load RaiseLoad(bool on_sql_only = false) const {
    return Then(orm_internal::LinkOf<kMember, Owner>(),
                on_sql_only ? session::LoadStrategy::kRaiseOnSql
                            : session::LoadStrategy::kRaise);
  }
  template <auto kMember, typename Owner = MemberClass<kMember>>
  Load NoLoad() const {
    return Then(orm_internal::LinkOf<kMember, Owner>(),
                session::LoadStrategy::kNoLoad);
  }
  // Leaves the step as it is, to say something of what lies behind it.
  template <auto kMember, typename Owner = MemberClass<kMember>>
  Load DefaultLoad() const {
    return Then(orm_internal::LinkOf<kMember, Owner>(),
                session::LoadStrategy::kDefault);
  }
  // Fills the link from a join that the query makes itself: of the target's
  // table, or of `alias`.
  template <auto kMember, typename Owner = MemberClass<kMember>>
  Load ContainsEager() const {
    return Then(orm_internal::LinkOf<kMember, Owner>(),
                session::LoadStrategy::kContainsEager);
  }
  template <auto kMember, typename Owner = MemberClass<kMember>>
  Load ContainsEager(
      const Alias<typename MemberType<kMember>::Target>& alias) const {
    return Then(orm_internal::LinkOf<kMember, Owner>(),
                session::LoadStrategy::kContainsEager, false, 1, alias.item());
  }

  // Columns of the class at the end of the path.
  template <auto... kMembers>
  Load LoadOnly() const {
    return Columns(Selection::kLoadOnly, {kMemberName<kMembers>...});
  }
  template <auto... kMembers>
  Load Defer() const {
    return Columns(Selection::kDefer, {kMemberName<kMembers>...});
  }
  template <auto... kMembers>
  Load Undefer() const {
    return Columns(Selection::kUndefer, {kMemberName<kMembers>...});
  }
  Load UndeferGroup(absl::string_view group) const;
  // All relationships of the class at the end of the path.
  Load RaiseLoadAll() const { return All(session::LoadStrategy::kRaise); }
  Load NoLoadAll() const { return All(session::LoadStrategy::kNoLoad); }
  Load SelectInLoadAll() const { return All(session::LoadStrategy::kSelectIn); }
  Load LazyLoadAll() const { return All(session::LoadStrategy::kLazy); }

 private:
  enum class Selection : uint8_t { kLoadOnly, kDefer, kUndefer };

  explicit Load(std::shared_ptr<const orm_internal::LoadChoices> choices);

  Load Then(orm_internal::LinkId link, session::LoadStrategy strategy,
            bool inner_join = false, int recursion_depth = 1,
            query::FromItem source = {}) const;
  Load With(orm_internal::LoadChoice choice) const;
  Load Columns(Selection selection,
               std::initializer_list<absl::string_view> members) const;
  Load All(session::LoadStrategy strategy) const;

  std::shared_ptr<const orm_internal::LoadChoices> choices_;  // null: none
};

// An outer join in the same statement (an inner one if asked for).
template <auto kMember, typename Owner = MemberClass<kMember>>
Load JoinedLoad(bool inner_join = false) {
  return Load().JoinedLoad<kMember, Owner>(inner_join);
}
// One more statement for each 500 parents. For a class linked to itself:
// `recursion_depth` levels, -1 for all.
template <auto kMember, typename Owner = MemberClass<kMember>>
Load SelectInLoad(int recursion_depth = 1) {
  return Load().SelectInLoad<kMember, Owner>(recursion_depth);
}
// One more statement with the query inside.
template <auto kMember, typename Owner = MemberClass<kMember>>
Load SubqueryLoad() {
  return Load().SubqueryLoad<kMember, Owner>();
}
// One more statement an entity.
template <auto kMember, typename Owner = MemberClass<kMember>>
Load ImmediateLoad() {
  return Load().ImmediateLoad<kMember, Owner>();
}
// At the first touch, one entity at a time.
template <auto kMember, typename Owner = MemberClass<kMember>>
Load LazyLoad() {
  return Load().LazyLoad<kMember, Owner>();
}
// Touching it is an error (only if it needs SQL, if `on_sql_only`).
template <auto kMember, typename Owner = MemberClass<kMember>>
Load RaiseLoad(bool on_sql_only = false) {
  return Load().RaiseLoad<kMember, Owner>(on_sql_only);
}
// It stays empty.
template <auto kMember, typename Owner = MemberClass<kMember>>
Load NoLoad() {
  return Load().NoLoad<kMember, Owner>();
}
template <auto kMember, typename Owner = MemberClass<kMember>>
Load DefaultLoad() {
  return Load().DefaultLoad<kMember, Owner>();
}
template <auto kMember, typename Owner = MemberClass<kMember>>
Load ContainsEager() {
  return Load().ContainsEager<kMember, Owner>();
}
template <auto kMember, typename Owner = MemberClass<kMember>>
Load ContainsEager(const Alias<typename MemberType<kMember>::Target>& alias) {
  return Load().ContainsEager<kMember, Owner>(alias);
}
// Only these columns and the primary key; the others at the first touch.
template <auto... kMembers>
Load LoadOnly() {
  return Load().LoadOnly<kMembers...>();
}
template <auto... kMembers>
Load Defer() {
  return Load().Defer<kMembers...>();
}
template <auto... kMembers>
Load Undefer() {
  return Load().Undefer<kMembers...>();
}
inline Load UndeferGroup(absl::string_view group) {
  return Load().UndeferGroup(group);
}
inline Load RaiseLoadAll() { return Load().RaiseLoadAll(); }
inline Load NoLoadAll() { return Load().NoLoadAll(); }
inline Load SelectInLoadAll() { return Load().SelectInLoadAll(); }
inline Load LazyLoadAll() { return Load().LazyLoadAll(); }

}  // namespace cupel

#endif  // CUPEL_ORM_LOAD_H_
