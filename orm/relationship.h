// Relationships in a mapping: Relationship<&T::link>(options...).
//
//   Relationship<&Post::category>(Backref<&Category::posts>())
//   Relationship<&Post::tags>(Secondary<PostTag>(), Backref<&Tag::posts>())
//   Relationship<&Order::billing>(ForeignKeys<&Order::billing_id>())
//   Relationship<&Node::parent>(Backref<&Node::children>(OrderBy<&Node::name>()))
//
// The link member is a Reference<U> or a Collection<U>; which rows belong
// together follows from the foreign keys of the two tables.

#ifndef CUPEL_ORM_RELATIONSHIP_H_
#define CUPEL_ORM_RELATIONSHIP_H_

#include <cstddef>
#include <type_traits>

#include "cupel/orm/collection.h"
#include "cupel/orm/column.h"
#include "cupel/orm/mapping_spec.h"
#include "cupel/orm/member.h"
#include "cupel/orm/model.h"
#include "cupel/orm/reference.h"
#include "cupel/session/relationship_policy.h"

namespace cupel {

using session::LoadStrategy;
using session::PassiveDeletes;

namespace orm_internal {

// Options of one end, put either on Relationship<> or on its Backref<>.
template <typename Option>
concept AppliesToEnd = requires(const Option& option,
                                RelationshipOptionsSpec& spec) {
  option.ApplyToEnd(spec);
};

// Options of the relationship as a whole.
template <typename Option>
concept AppliesToRelationship = requires(const Option& option,
                                         RelationshipSpec& spec) {
  option.Apply(spec);
};

template <typename Field, Field RelationshipOptionsSpec::*kField>
struct EndOption {
  Field value;
  constexpr void ApplyToEnd(RelationshipOptionsSpec& spec) const {
    spec.*kField = value;
  }
};

template <auto kField>
using EndOptionFor =
    EndOption<typename PointerToMember<decltype(kField)>::Type, kField>;

struct CascadeOption {
  session::Cascade cascade;
  constexpr void ApplyToEnd(RelationshipOptionsSpec& spec) const {
    spec.cascade = cascade;
    spec.has_cascade = true;
  }
};

struct OrderByOption {
  OrderBySpec term;
  constexpr void ApplyToEnd(RelationshipOptionsSpec& spec) const {
    spec.order_by[spec.order_by_size++] = term;
  }
};

struct SecondaryOption {
  ModelGetter model;
  Members source;
  Members target;
  constexpr void Apply(RelationshipSpec& spec) const {
    spec.secondary = model;
    spec.secondary_source = source;
    spec.secondary_target = target;
  }
};

struct ForeignKeysOption {
  Members members;
  constexpr void Apply(RelationshipSpec& spec) const {
    spec.foreign_keys = members;
  }
};

struct RemoteSideOption {
  absl::string_view member;
  constexpr void Apply(RelationshipSpec& spec) const {
    spec.remote_side = member;
  }
};

struct OnOption {
  absl::string_view local;
  absl::string_view remote;
  constexpr void Apply(RelationshipSpec& spec) const {
    spec.on.local[spec.on.size] = local;
    spec.on.remote[spec.on.size++] = remote;
  }
};

template <typename Link>
struct BackrefOption {
  static constexpr bool kIsBackref = true;
  using Target = typename Link::Target;
  LinkSpec link;
  bool declares = false;
  RelationshipOptionsSpec options;
  constexpr void Apply(RelationshipSpec& spec) const {
    spec.reverse = link;
    spec.backref = declares;
    spec.reverse_options = options;
  }
};

// The class that a Backref option names as its target: the one that holds the
// relationship (or a base of it).
template <typename Option, typename Owner>
inline constexpr bool kReverseFits = true;
template <typename Link, typename Owner>
inline constexpr bool kReverseFits<BackrefOption<Link>, Owner> =
    std::is_same_v<typename Link::Target, Owner>;

template <typename Option>
constexpr void ApplyToEnd(const Option& option, RelationshipOptionsSpec& spec) {
  static_assert(AppliesToEnd<Option>, "cupel: this is no option of Backref<>");
  if constexpr (AppliesToEnd<Option>) option.ApplyToEnd(spec);
}

template <typename Option>
constexpr void ApplyToRelationship(const Option& option,
                                   RelationshipSpec& spec) {
  static_assert(AppliesToEnd<Option> || AppliesToRelationship<Option>,
                "cupel: this is not an option of Relationship<>");
  if constexpr (AppliesToEnd<Option>) {
    option.ApplyToEnd(spec.options);
  } else if constexpr (AppliesToRelationship<Option>) {
    option.Apply(spec);
  }
}

template <auto kMember>
constexpr LinkSpec LinkSpecOf() {
  return LinkSpec{kMemberName<kMember>, MemberOffsetOf<kMember>(),
                  MemberType<kMember>::kToMany};
}

template <typename C>
struct RelationshipItem {
  using Class = C;
  static constexpr size_t kColumns = 0;
  static constexpr size_t kConstraints = 0;
  static constexpr size_t kRelationships = 1;
  static constexpr bool kHasPrimaryKey = false;

  RelationshipSpec spec;

  template <typename Table>
  constexpr void AddTo(Table& table) const {
    table.Add(spec, BaseOffsetOf<typename Table::Entity, C>());
  }
};

template <auto kMember, bool kDeclares, typename... Options>
constexpr auto MakeBackref(Options... options) {
  static_assert(IsLink<MemberType<kMember>>,
                "cupel: the other end of a relationship is a Reference or a "
                "Collection");
  BackrefOption<MemberType<kMember>> backref;
  backref.link = LinkSpecOf<kMember>();
  backref.declares = kDeclares;
  (ApplyToEnd(options, backref.options), ...);
  return backref;
}

}  // namespace orm_internal

// Maps a link member. Options: Backref or BackPopulates, Secondary,
// ForeignKeys, RemoteSide, On, and those of an end: OrderBy, Cascades, Loading,
// OnParentDelete, ViewOnly, PostUpdate.
template <auto kMember, typename... Options>
constexpr auto Relationship(Options... options) {
  using Pointer = orm_internal::PointerToMember<decltype(kMember)>;
  static_assert(Pointer::kValid && orm_internal::IsLink<typename Pointer::Type>,
                "cupel: Relationship<> takes a Reference or Collection member, "
                "as in Relationship<&Post::category>()");
  static_assert(
      (orm_internal::kReverseFits<Options, typename Pointer::Class> && ...),
      "cupel: the other end of this relationship links to another class");
  orm_internal::RelationshipSpec spec;
  spec.link = orm_internal::LinkSpecOf<kMember>();
  spec.target = &orm_internal::ModelOf<typename Pointer::Type::Target>;
  (orm_internal::ApplyToRelationship(options, spec), ...);
  return orm_internal::RelationshipItem<typename Pointer::Class>{spec};
}

// The other end of the relationship, declared here for both. Its class may be
// mapped before this one.
template <auto kMember, typename... Options>
constexpr auto Backref(Options... options) {
  return orm_internal::MakeBackref<kMember, true>(options...);
}

// The other end, which its class declares with a Relationship<> of its own.
template <auto kMember>
constexpr auto BackPopulates() {
  return orm_internal::MakeBackref<kMember, false>();
}

// Many-to-many by way of the table of the mapped class `Link`, which refers to
// both. For a class linked to itself, name the members that refer to this end
// and to the other: Secondary<Follow, &Follow::follower_id,
// &Follow::leader_id>.
template <typename Link, auto... kMembers>
constexpr auto Secondary() {
  static_assert(sizeof...(kMembers) == 0 || sizeof...(kMembers) == 2,
                "cupel: Secondary<Link> or Secondary<Link, &Link::own, "
                "&Link::other>");
  orm_internal::SecondaryOption option{&orm_internal::ModelOf<Link>, {}, {}};
  if constexpr (sizeof...(kMembers) == 2) {
    const auto both = orm_internal::NamesOf<kMembers...>();
    option.source = {both.names, 1};
    option.target = {both.names + 1, 1};
  }
  return option;
}

// Which foreign key links the two, where there are several: its members, in the
// class that holds it.
template <auto... kMembers>
constexpr auto ForeignKeys() {
  return orm_internal::ForeignKeysOption{orm_internal::NamesOf<kMembers...>()};
}

// For a class linked to itself: the member that identifies the other side. With
// its key, the link is many-to-one; with its foreign key, one-to-many. By
// default a Reference is the former, a Collection the latter.
template <auto kMember>
constexpr auto RemoteSide() {
  return orm_internal::RemoteSideOption{kMemberName<kMember>};
}

// A join that no foreign key declares: local member = remote member.
template <auto kLocal, auto kRemote>
constexpr auto On() {
  return orm_internal::OnOption{kMemberName<kLocal>, kMemberName<kRemote>};
}

// The order in which a collection is loaded; may be given several times.
template <auto kMember>
constexpr auto OrderBy() {
  return orm_internal::OrderByOption{{kMemberName<kMember>, false}};
}
template <auto kMember>
constexpr auto OrderByDesc() {
  return orm_internal::OrderByOption{{kMemberName<kMember>, true}};
}

// What follows the link: Cascades(Cascade::kAllDeleteOrphan).
using session::Cascade;
constexpr auto Cascades(Cascade cascade) {
  return orm_internal::CascadeOption{cascade};
}

// How the link is loaded unless a query says otherwise.
constexpr auto Loading(LoadStrategy strategy) {
  return orm_internal::EndOptionFor<
      &orm_internal::RelationshipOptionsSpec::loading>{strategy};
}

// Who takes care of the children when the parent is deleted; by default what
// their foreign key declares.
constexpr auto OnParentDelete(PassiveDeletes deletes) {
  return orm_internal::EndOptionFor<
      &orm_internal::RelationshipOptionsSpec::passive_deletes>{deletes};
}

// Only for reading: changes of the link are not written.
constexpr auto ViewOnly() {
  return orm_internal::EndOptionFor<
      &orm_internal::RelationshipOptionsSpec::view_only>{true};
}

// The foreign key is set by a second statement: for rows that refer to each
// other.
constexpr auto PostUpdate() {
  return orm_internal::EndOptionFor<
      &orm_internal::RelationshipOptionsSpec::post_update>{true};
}

}  // namespace cupel

#endif  // CUPEL_ORM_RELATIONSHIP_H_
