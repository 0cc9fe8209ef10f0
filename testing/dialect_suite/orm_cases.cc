// Sessions: the unit of work, relationships, loading and inheritance.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cupel/engine/engine.h"
#include "cupel/orm/orm.h"
#include "cupel/testing/dialect_suite/dialect_test.h"
#include "cupel/testing/dialect_suite/orm_models.h"
#include "cupel/testing/dialect_suite/orm_test.h"

namespace cupel::dialect_suite {
namespace {

using engine::ErrorKind;
using ::testing::ElementsAre;

std::vector<std::string> Titles(
    const absl::StatusOr<std::vector<Ref<Book>>>& books) {
  if (!books.ok()) return {books.status().ToString()};
  std::vector<std::string> titles;
  for (const Ref<Book>& book : *books) titles.push_back(book->title);
  return titles;
}

using UnitOfWorkTest = OrmTest;

TEST_F(UnitOfWorkTest, InsertsAndFillsKeys) {
  Ref<Author> ada = session().Add(Author{.name = "Ada", .age = 36});
  CUPEL_ASSERT_OK(session().Commit());
  EXPECT_GT(ada->id, 0);
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Author> again, Fresh().Get<Author>(ada->id));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->name, "Ada");
  EXPECT_EQ(again->age, 36);
}
TEST_F(UnitOfWorkTest, InsertsManyWithTheirKeys) {
  std::vector<Ref<Author>> authors;
  for (int n = 0; n < 300; ++n) {
    authors.push_back(session().Add(Author{.name = absl::StrCat("n", n)}));
  }
  CUPEL_ASSERT_OK(session().Commit());
  std::vector<std::pair<int64_t, std::string>> expected;
  for (const Ref<Author>& author : authors) {
    expected.emplace_back(author->id, author->name);
  }
  Session& fresh = Fresh();
  for (const auto& [id, name] : expected) {
    CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Author> found, fresh.Get<Author>(id));
    ASSERT_TRUE(found);
    ASSERT_EQ(found->name, name);
  }
}
TEST_F(UnitOfWorkTest, UpdatesWhatChanged) {
  AddLibrary(1, 0);
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Author> author,
                             session().Query<Author>().One());
  author.Edit().age = 40;
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(author, Fresh().Query<Author>().One());
  EXPECT_EQ(author->age, 40);
  EXPECT_EQ(author->name, "a1");
}
TEST_F(UnitOfWorkTest, AnUnchangedEntityIsNotWritten) {
  AddLibrary(1, 0);
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Author> author,
                             session().Query<Author>().One());
  author.Edit().name = "a1";
  recorder().Clear();
  CUPEL_ASSERT_OK(session().Commit());
  EXPECT_EQ(recorder().count(), 0) << recorder().DebugString();
}
TEST_F(UnitOfWorkTest, SetsNullAndBack) {
  Ref<Author> ada = session().Add(Author{.name = "Ada", .age = 36});
  CUPEL_ASSERT_OK(session().Commit());
  ada.Edit().age = std::nullopt;
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(ada, Fresh().Query<Author>().One());
  EXPECT_EQ(ada->age, std::nullopt);
}
TEST_F(UnitOfWorkTest, Deletes) {
  AddLibrary(2, 0);
  CUPEL_ASSERT_OK_AND_ASSIGN(
      Ref<Author> author,
      session().Query<Author>().FilterBy<&Author::name>("a1").One());
  CUPEL_ASSERT_OK(session().Delete(author));
  CUPEL_ASSERT_OK(session().Commit());
  EXPECT_THAT(Fresh().Query<Author>().Count(), IsOkAndHolds(1));
}
TEST_F(UnitOfWorkTest, RollbackUndoesEverything) {
  AddLibrary(1, 0);
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Author> author,
                             session().Query<Author>().One());
  author.Edit().age = 50;
  session().Add(Author{.name = "new"});
  CUPEL_ASSERT_OK(session().Flush());
  CUPEL_ASSERT_OK(session().Rollback());
  EXPECT_EQ(author->age, std::nullopt);
  EXPECT_THAT(Fresh().Query<Author>().Count(), IsOkAndHolds(1));
}
TEST_F(UnitOfWorkTest, AFailedFlushWritesNothing) {
  AddLibrary(1, 0);
  session().Add(Author{.name = "fine"});
  Ref<Author> clash = session().Add(Author{.name = "a1"});
  EXPECT_THAT(session().Flush(), IsKind(ErrorKind::kUniqueViolation));
  clash.Edit().name = "a2";
  CUPEL_ASSERT_OK(session().Commit());
  EXPECT_THAT(Fresh().Query<Author>().Count(), IsOkAndHolds(3));
}
TEST_F(UnitOfWorkTest, SavepointsOfASession) {
  CUPEL_SUITE_NEEDS(can().savepoints, "savepoints");
  session().Add(Author{.name = "kept"});
  {
    CUPEL_ASSERT_OK_AND_ASSIGN(auto inner, session().BeginNested());
    session().Add(Author{.name = "dropped"});
    CUPEL_ASSERT_OK(session().Flush());
    CUPEL_ASSERT_OK(inner.Rollback());
  }
  CUPEL_ASSERT_OK(session().Commit());
  EXPECT_THAT(Fresh().Query<Author>().Count(), IsOkAndHolds(1));
}
TEST_F(UnitOfWorkTest, KeysOfSeveralColumns) {
  session().Add(Place{.country = "de", .number = 1, .name = "Ulm"});
  session().Add(Place{.country = "fr", .number = 1, .name = "Lyon"});
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Place> lyon,
                             Fresh().Get<Place>("fr", int64_t{1}));
  ASSERT_TRUE(lyon);
  lyon.Edit().name = "Lyons";
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Place> ulm,
                             Fresh().Get<Place>("de", int64_t{1}));
  EXPECT_EQ(ulm->name, "Ulm");
}
TEST_F(UnitOfWorkTest, MergesByKey) {
  session().Add(Place{.country = "de", .number = 1, .name = "Ulm"});
  CUPEL_ASSERT_OK(session().Commit());
  Session& fresh = Fresh();
  CUPEL_ASSERT_OK(
      fresh.Merge(Place{.country = "de", .number = 1, .name = "Neu-Ulm"}));
  CUPEL_ASSERT_OK(fresh.Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Place> place, Fresh().Query<Place>().One());
  EXPECT_EQ(place->name, "Neu-Ulm");
}
TEST_F(UnitOfWorkTest, RefreshesFromTheDatabase) {
  AddLibrary(1, 0);
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Author> author,
                             session().Query<Author>().One());
  CUPEL_ASSERT_OK(session().Commit());
  {
    Session other = database().NewSession();
    CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Author> same, other.Query<Author>().One());
    same.Edit().age = 77;
    CUPEL_ASSERT_OK(other.Commit());
  }
  EXPECT_EQ(author->age, std::nullopt);
  CUPEL_ASSERT_OK(session().Refresh(author));
  EXPECT_EQ(author->age, 77);
}

using VersionTest = OrmTest;

TEST_F(VersionTest, CountsUpdates) {
  Ref<Author> ada = session().Add(Author{.name = "Ada"});
  CUPEL_ASSERT_OK(session().Commit());
  const int64_t first = ada->version;
  ada.Edit().age = 1;
  CUPEL_ASSERT_OK(session().Commit());
  EXPECT_EQ(ada->version, first + 1);
}
TEST_F(VersionTest, RefusesAStaleUpdate) {
  AddLibrary(1, 0);
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Author> mine, session().Query<Author>().One());
  CUPEL_ASSERT_OK(session().Commit());
  {
    Session other = database().NewSession();
    CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Author> theirs, other.Query<Author>().One());
    theirs.Edit().age = 1;
    CUPEL_ASSERT_OK(other.Commit());
  }
  mine.Edit().age = 2;
  EXPECT_THAT(session().Commit(), IsKind(ErrorKind::kStale));
}
TEST_F(VersionTest, RefusesAStaleDelete) {
  AddLibrary(1, 0);
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Author> mine, session().Query<Author>().One());
  CUPEL_ASSERT_OK(session().Commit());
  {
    Session other = database().NewSession();
    CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Author> theirs, other.Query<Author>().One());
    theirs.Edit().age = 1;
    CUPEL_ASSERT_OK(other.Commit());
  }
  CUPEL_ASSERT_OK(session().Delete(mine));
  EXPECT_THAT(session().Commit(), IsKind(ErrorKind::kStale));
}

using RelationshipTest = OrmTest;

TEST_F(RelationshipTest, AParentAndItsChildrenInOneFlush) {
  Author ada{.name = "Ada"};
  ada.books.Append(Book{.title = "one"});
  ada.books.Append(Book{.title = "two"});
  session().Add(std::move(ada));
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto books, Fresh().Query<Book>().OrderBy(col<&Book::title>).All());
  ASSERT_EQ(books.size(), 2u);
  EXPECT_EQ(books[0]->author->name, "Ada");
  EXPECT_EQ(books[1]->author_id, books[0]->author_id);
}
TEST_F(RelationshipTest, FromTheOtherSide) {
  Ref<Author> ada = session().Add(Author{.name = "Ada"});
  session().Add(Book{.title = "one", .author = ada});
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Author> found, Fresh().Query<Author>().One());
  EXPECT_EQ(found->books.size(), 1u);
}
TEST_F(RelationshipTest, MovesAChild) {
  AddLibrary(2, 1);
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto authors,
      session().Query<Author>().OrderBy(col<&Author::name>).All());
  CUPEL_ASSERT_OK_AND_ASSIGN(
      Ref<Book> book,
      session().Query<Book>().FilterBy<&Book::title>("a1-b1").One());
  book.Edit().author = authors[1];
  CUPEL_ASSERT_OK(session().Commit());
  EXPECT_THAT(Fresh()
                  .Query<Book>()
                  .Join<&Book::author>()
                  .Filter(col<&Author::name> == "a2")
                  .Count(),
              IsOkAndHolds(2));
}
TEST_F(RelationshipTest, DeletingAParentSetsTheKeysToNull) {
  AddLibrary(1, 2);
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Author> author,
                             session().Query<Author>().One());
  CUPEL_ASSERT_OK(session().Delete(author));
  CUPEL_ASSERT_OK(session().Commit());
  EXPECT_THAT(Fresh()
                  .Query<Book>()
                  .Filter(col<&Book::author_id> == std::nullopt)
                  .Count(),
              IsOkAndHolds(2));
}
TEST_F(RelationshipTest, ManyToMany) {
  Ref<Tag> red = session().Add(Tag{.label = "red"});
  Book one{.title = "one"};
  one.tags.Append(red);
  one.tags.Append(Tag{.label = "blue"});
  session().Add(std::move(one));
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Book> book, Fresh().Query<Book>().One());
  std::vector<std::string> labels;
  for (const Tag& tag : book->tags) labels.push_back(tag.label);
  EXPECT_THAT(labels, ElementsAre("blue", "red"));
}
TEST_F(RelationshipTest, ManyToManyIsUnlinked) {
  Book one{.title = "one"};
  one.tags.Append(Tag{.label = "red"});
  session().Add(std::move(one));
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Book> book, Fresh().Query<Book>().One());
  CUPEL_ASSERT_OK(session().Delete(book));
  CUPEL_ASSERT_OK(session().Commit());
  EXPECT_THAT(Fresh().Query<BookTag>().Count(), IsOkAndHolds(0));
  EXPECT_THAT(session().Query<Tag>().Count(), IsOkAndHolds(1));
}
TEST_F(RelationshipTest, ATree) {
  Node root{.name = "root"};
  Node left{.name = "left"};
  left.children.Append(Node{.name = "leaf"});
  root.children.Append(std::move(left));
  root.children.Append(Node{.name = "right"});
  session().Add(std::move(root));
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(
      Ref<Node> found,
      Fresh().Query<Node>().FilterBy<&Node::name>("root").One());
  std::vector<std::string> names;
  for (const Node& child : found->children) names.push_back(child.name);
  EXPECT_THAT(names, ElementsAre("left", "right"));
}

using LoadingTest = OrmTest;

TEST_F(LoadingTest, ByAJoin) {
  AddLibrary(3, 2);
  CUPEL_ASSERT_OK_AND_ASSIGN(auto authors,
                             session()
                                 .Query<Author>()
                                 .Options(JoinedLoad<&Author::books>())
                                 .OrderBy(col<&Author::name>)
                                 .All());
  ASSERT_EQ(authors.size(), 3u);
  for (const Ref<Author>& author : authors) {
    EXPECT_EQ(author->books.size(), 2u);
  }
  EXPECT_EQ(recorder().count(), 1) << recorder().DebugString();
}
TEST_F(LoadingTest, ByAJoinWithALimit) {
  AddLibrary(3, 3);
  CUPEL_ASSERT_OK_AND_ASSIGN(auto authors,
                             session()
                                 .Query<Author>()
                                 .Options(JoinedLoad<&Author::books>())
                                 .OrderBy(col<&Author::name>)
                                 .Limit(2)
                                 .All());
  ASSERT_EQ(authors.size(), 2u);
  EXPECT_EQ(authors[1]->books.size(), 3u);
  EXPECT_EQ(recorder().count(), 1) << recorder().DebugString();
}
TEST_F(LoadingTest, ByASelectIn) {
  AddLibrary(5, 2);
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto authors,
      session().Query<Author>().Options(SelectInLoad<&Author::books>()).All());
  size_t books = 0;
  for (const Ref<Author>& author : authors) books += author->books.size();
  EXPECT_EQ(books, 10u);
  EXPECT_EQ(recorder().count(), 2) << recorder().DebugString();
}
TEST_F(LoadingTest, ByASubquery) {
  AddLibrary(4, 2);
  CUPEL_ASSERT_OK_AND_ASSIGN(auto authors,
                             session()
                                 .Query<Author>()
                                 .Options(SubqueryLoad<&Author::books>())
                                 .OrderBy(col<&Author::name>)
                                 .Limit(3)
                                 .All());
  size_t books = 0;
  for (const Ref<Author>& author : authors) books += author->books.size();
  EXPECT_EQ(books, 6u);
  EXPECT_EQ(recorder().count(), 2) << recorder().DebugString();
}
TEST_F(LoadingTest, Lazily) {
  AddLibrary(20, 1);
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto authors, session().Query<Author>().OrderBy(col<&Author::id>).All());
  size_t books = 0;
  for (const Ref<Author>& author : authors) books += author->books.size();
  EXPECT_EQ(books, 20u);
  EXPECT_LT(recorder().count(), 10) << recorder().DebugString();
}
TEST_F(LoadingTest, OverTwoSteps) {
  Author ada{.name = "Ada"};
  Book one{.title = "one"};
  one.tags.Append(Tag{.label = "red"});
  ada.books.Append(std::move(one));
  session().Add(std::move(ada));
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto authors,
      Fresh()
          .Query<Author>()
          .Options(SelectInLoad<&Author::books>().JoinedLoad<&Book::tags>())
          .All());
  ASSERT_EQ(authors.size(), 1u);
  for (const Book& book : authors[0]->books) {
    EXPECT_EQ(book.tags.size(), 1u);
  }
  EXPECT_LE(recorder().count(), 3) << recorder().DebugString();
}

using EntityQueryTest = OrmTest;

TEST_F(EntityQueryTest, FiltersOrdersAndSlices) {
  AddLibrary(1, 5);
  EXPECT_THAT(Titles(session()
                         .Query<Book>()
                         .Filter(col<&Book::title> != "a1-b3")
                         .OrderBy(col<&Book::title>.Desc())
                         .Offset(1)
                         .Limit(2)
                         .All()),
              ElementsAre("a1-b4", "a1-b2"));
}
TEST_F(EntityQueryTest, AlongRelationships) {
  AddLibrary(3, 2);
  EXPECT_THAT(
      Titles(session()
                 .Query<Book>()
                 .Filter(col<&Book::author>.Has(col<&Author::name> == "a2"))
                 .OrderBy(col<&Book::title>)
                 .All()),
      ElementsAre("a2-b1", "a2-b2"));
  EXPECT_THAT(session()
                  .Query<Author>()
                  .Filter(col<&Author::books>.Any(col<&Book::title> == "a3-b1"))
                  .Count(),
              IsOkAndHolds(1));
}
TEST_F(EntityQueryTest, UpdatesRowsInPlace) {
  AddLibrary(2, 3);
  EXPECT_THAT(session()
                  .Query<Book>()
                  .Filter(col<&Book::title>.StartsWith("a1"))
                  .Update(Set<&Book::pages>(col<&Book::pages> + 9)),
              IsOkAndHolds(3));
  CUPEL_ASSERT_OK(session().Commit());
  EXPECT_THAT(Fresh().Query<Book>().FilterBy<&Book::pages>(10).Count(),
              IsOkAndHolds(3));
}
TEST_F(EntityQueryTest, DeletesRowsInPlace) {
  AddLibrary(2, 3);
  EXPECT_THAT(
      session().Query<Book>().Filter(col<&Book::title>.EndsWith("b2")).Delete(),
      IsOkAndHolds(2));
  EXPECT_THAT(session().Query<Book>().Count(), IsOkAndHolds(4));
}
TEST_F(EntityQueryTest, Streams) {
  AddLibrary(1, 50);
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto stream, session().Query<Book>().OrderBy(col<&Book::id>).Stream(10));
  size_t count = 0;
  while (*stream.Next()) ++count;
  EXPECT_EQ(count, 50u);
}
TEST_F(EntityQueryTest, FlushesBeforeItReads) {
  session().Add(Author{.name = "Ada"});
  EXPECT_THAT(session().Query<Author>().Count(), IsOkAndHolds(1));
}
TEST_F(EntityQueryTest, LocksRows) {
  AddLibrary(1, 0);
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Author> author,
                             session().Query<Author>().ForUpdate().One());
  author.Edit().age = 5;
  CUPEL_EXPECT_OK(session().Commit());
}

class InheritanceTest : public OrmTest {
 protected:
  void Fill() {
    session().Add(Vehicle{.name = "thing"});
    session().Add(Car{{.name = "beetle"}, 3});
    session().Add(Boat{{.name = "ketch"}, 2});
    CUPEL_ASSERT_OK(session().Commit());
    Fresh();
  }
};

TEST_F(InheritanceTest, ReadsRowsAsTheirClasses) {
  Fill();
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto all, session().Query<Vehicle>().OrderBy(col<&Vehicle::name>).All());
  ASSERT_EQ(all.size(), 3u);
  ASSERT_TRUE(all[0].As<Car>());
  EXPECT_EQ(all[0].As<Car>()->doors, 3);
  ASSERT_TRUE(all[1].As<Boat>());
  EXPECT_EQ(all[1].As<Boat>()->masts, 2);
  EXPECT_FALSE(all[2].As<Car>());
}
TEST_F(InheritanceTest, QueriesAClass) {
  Fill();
  EXPECT_THAT(session().Query<Car>().Count(), IsOkAndHolds(1));
  CUPEL_ASSERT_OK_AND_ASSIGN(
      Ref<Boat> boat, session().Query<Boat>().FilterBy<&Boat::masts>(2).One());
  EXPECT_EQ(boat->name, "ketch");
}
TEST_F(InheritanceTest, UpdatesBothTables) {
  Fill();
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Boat> boat, session().Query<Boat>().One());
  boat.Edit().name = "schooner";
  boat.Edit().masts = 3;
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(boat, Fresh().Query<Boat>().One());
  EXPECT_EQ(boat->name, "schooner");
  EXPECT_EQ(boat->masts, 3);
}
TEST_F(InheritanceTest, DeletesFromBothTables) {
  Fill();
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Boat> boat, session().Query<Boat>().One());
  CUPEL_ASSERT_OK(session().Delete(boat));
  CUPEL_ASSERT_OK(session().Commit());
  EXPECT_THAT(Fresh().Query<Vehicle>().Count(), IsOkAndHolds(2));
}

using ArrayMemberTest = OrmTest;

TEST_F(ArrayMemberTest, AreKeptAndComparedByValue) {
  using Marks = std::vector<std::optional<int64_t>>;
  Ref<Crate> full = session().Add(Crate{.labels = {"a", "it's \"b\", {c}"},
                                        .sizes = {0.5, -2},
                                        .marks = Marks{7, std::nullopt}});
  Ref<Crate> empty = session().Add(Crate{});
  CUPEL_ASSERT_OK(session().Commit());
  const int64_t id = full->id;
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Crate> other, Fresh().Get<Crate>(empty->id));
  EXPECT_TRUE(other->labels.empty() && !other->marks.has_value());
  CUPEL_ASSERT_OK_AND_ASSIGN(full, session().Get<Crate>(id));
  EXPECT_THAT(full->labels, ElementsAre("a", "it's \"b\", {c}"));
  EXPECT_THAT(full->sizes, ElementsAre(0.5, -2));
  EXPECT_EQ(full->marks, (Marks{7, std::nullopt}));
  // What is as it was is not written.
  recorder().Clear();
  full.Edit().labels = {"a", "it's \"b\", {c}"};
  CUPEL_ASSERT_OK(session().Flush());
  EXPECT_EQ(recorder().count(), 0) << recorder().DebugString();
  full.Edit().labels.push_back("d");
  full.Edit().marks->clear();
  CUPEL_ASSERT_OK(session().Commit());
  EXPECT_THAT(Fresh()
                  .Query<Crate>()
                  .Filter(col<&Crate::labels> ==
                          std::vector<std::string>{"a", "it's \"b\", {c}", "d"})
                  .Count(),
              IsOkAndHolds(1));
  CUPEL_ASSERT_OK_AND_ASSIGN(full, session().Get<Crate>(id));
  EXPECT_EQ(full->marks, Marks{});
}

}  // namespace
}  // namespace cupel::dialect_suite
