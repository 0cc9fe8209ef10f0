#include <cstdint>
#include <string>

#include "cupel/orm/orm.h"

namespace app {

using namespace cupel;  // NOLINT: as a program would

struct Post;

struct Author {
  int64_t id = 0;
  std::string name;
  std::string nickname;
  Collection<Post> posts;
  Collection<Post> drafts;

  static constexpr auto Mapping() {
    return Table<Author>(Column<&Author::id>(PrimaryKey()),
                         Column<&Author::name>());
  }
};

struct Post {
  int64_t id = 0;
  int64_t author_id = 0;
  Reference<Author> author;

  static constexpr auto Mapping() {
    return Table<Post>(Column<&Post::id>(PrimaryKey()),
                       Column<&Post::author_id>(ForeignKey<&Author::id>()),
                       Relationship<&Post::author>(Backref<&Author::posts>()));
  }
};

struct Plain {
  int64_t id = 0;
};

void Works(Session& session) {
  (void)session.Query<Author>()
      .Filter(col<&Author::name>.Like("A%") && col<&Author::posts>.Any())
      .All();
}

// EXPECT: cupel: this member is not mapped: add Column<> to the mapping of its
//     class (an inherited member is named with its class: col<&T::m, T>)
#if defined(UNMAPPED_MEMBER)
auto condition = col<&Author::nickname> == "x";
#endif

// EXPECT: cupel: the value's type does not fit the column's: pass a value of
//     the member's type
#if defined(WRONG_TYPE_IN_A_COMPARISON)
auto condition = col<&Author::id> == "one";
#endif

// EXPECT: cupel: Like() needs a text column
#if defined(LIKE_ON_AN_INTEGER)
auto condition = col<&Author::id>.Like("1%");
#endif

// EXPECT: cupel: this mapping has no primary key: put PrimaryKey() into a
//     Column<>, or PrimaryKey<&T::a, &T::b>() into the Table<>
#if defined(NO_PRIMARY_KEY)
struct Keyless {
  std::string name;
  static constexpr auto Mapping() {
    return Table<Keyless>(Column<&Keyless::name>());
  }
};
const auto& table = TableOf<Keyless>();
#endif

// EXPECT: cupel: unknown relationship: declare the member by Relationship<> or
//     as the Backref<> of one
#if defined(UNKNOWN_RELATIONSHIP)
auto condition = col<&Author::drafts>.Any();
#endif

// EXPECT: cupel: unknown relationship: declare the member by Relationship<> or
//     as the Backref<> of one
#if defined(LOAD_OF_AN_UNKNOWN_RELATIONSHIP)
auto load = JoinedLoad<&Author::drafts>();
#endif

// EXPECT: cupel: this class has no mapping: give it a `static constexpr auto
//     Mapping()`, or specialise cupel::MappingOf for it
#if defined(CLASS_WITHOUT_MAPPING)
void Ask(Session& session) { (void)session.Query<Plain>().All(); }
#endif

// EXPECT: cupel: Any() is for collections, Has() for references
#if defined(ANY_OF_A_REFERENCE)
auto condition = col<&Post::author>.Any();
#endif

// EXPECT: cupel: a Reference or Collection is mapped by Relationship<>, not by
//     Column<>
#if defined(COLUMN_OF_A_REFERENCE)
auto column = Column<&Post::author>();
#endif

// EXPECT: cupel: Relationship<> takes a Reference or Collection member, as in
//     Relationship<&Post::category>()
#if defined(RELATIONSHIP_OF_A_COLUMN)
auto relationship = Relationship<&Post::author_id>();
#endif

// EXPECT: cupel: WithParent<> takes a relationship that leads to the query's
//     class
#if defined(PARENT_OF_ANOTHER_CLASS)
void Ask(Session& session, Ref<Author> author) {
  (void)session.Query<Author>().WithParent<&Author::posts>(author).All();
}
#endif

// EXPECT: cupel: FilterBy<> takes a member of the query's own class; use
//     Filter(col<&U::m> == value) for another
#if defined(FILTER_BY_ANOTHER_CLASS)
void Ask(Session& session) {
  (void)session.Query<Author>().FilterBy<&Post::id>(1).All();
}
#endif

// EXPECT: cupel: the value's type does not fit the column's: pass a value of
//     the member's type
#if defined(SET_OF_A_WRONG_TYPE)
auto assignment = Set<&Author::name>(1);
#endif

// EXPECT: (no non-static data member|designator) .*naem
#if defined(UNKNOWN_NAME_IN_A_NEW_ENTITY)
Author author{.naem = "Ada"};
#endif

// EXPECT: cupel: Inherits<> takes a base class of the mapped class
#if defined(INHERITS_NO_BASE)
struct Stranger {
  int64_t id = 0;
  static constexpr auto Mapping() {
    return Table<Stranger>(Inherits<Author>("stranger"));
  }
};
const auto& table = TableOf<Stranger>();
#endif

// EXPECT: cupel: the identity does not fit the type of the discriminator
#if defined(IDENTITY_OF_ANOTHER_TYPE)
auto item = PolymorphicOn<&Author::name>(1);
#endif

// EXPECT: cupel: this mapping is the one of another class (a base?): give the
//     class its own Mapping()
#if defined(INHERITED_MAPPING)
struct Novelist : Author {};
const auto& table = TableOf<Novelist>();
#endif

// EXPECT: cupel: Is<> and As<> take a class that inherits this one
#if defined(NARROWED_TO_A_STRANGER)
bool Ask(const Ref<Author>& author) { return author.Is<Plain>(); }
#endif

// EXPECT: cupel: this class has its columns in several tables and no one name
//     for them: use an alias of its root
#if defined(ALIAS_OF_A_JOINED_CLASS)
struct Novelist : Author {
  static constexpr auto Mapping() {
    return Table<Novelist>(Inherits<Author>("novelist"), Joined());
  }
};
const Alias<Novelist> novelist("n");
#endif

}  // namespace app
