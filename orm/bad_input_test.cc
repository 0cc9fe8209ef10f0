// What a program is told for each mistake, word by word, and that nothing is
// lost by it: what was stored is stored, what is pending is pending, and the
// session goes on. What the compiler refuses is in orm_nocompile_test.cc.

#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/orm/orm.h"
#include "cupel/session/session.h"
#include "cupel/testing/status_matchers.h"
#include "cupel/testing/temp_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::orm_test {
namespace {

using absl::StatusCode;
using ::cupel::testing::StatusIs;
using ::cupel::testing::TempDatabase;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Book;

struct Author {
  int64_t id = 0;
  std::string name;
  int64_t version = 0;
  Collection<Book> books;

  static constexpr auto Mapping() {
    return Table<Author>(Column<&Author::id>(PrimaryKey()),
                         Column<&Author::name>(String(20), Unique()),
                         Column<&Author::version>(VersionId()));
  }
};

struct Book {
  int64_t id = 0;
  std::string title;
  int64_t author_id = 0;
  Reference<Author> author;

  static constexpr auto Mapping() {
    return Table<Book>(Column<&Book::id>(PrimaryKey()), Column<&Book::title>(),
                       Column<&Book::author_id>(ForeignKey<&Author::id>()),
                       Relationship<&Book::author>(Backref<&Author::books>()));
  }
};

struct Stranger {
  int64_t id = 0;

  static constexpr auto Mapping() {
    return Table<Stranger>(Column<&Stranger::id>(PrimaryKey()));
  }
};

// The first error of a database: of opening it, or of using it.
absl::Status Use(const std::string& uri) {
  CUPEL_ASSIGN_OR_RETURN(Database db,
                         Database::Open({.uri = uri}, Models<Author, Book>()));
  return db.CreateAll();
}

std::string Content(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

TEST(BadUrlTest, SaysWhatIsWrongAndWhatToDo) {
  const TempDatabase temp;
  const std::string folder = temp.directory().path();
  const std::string text = temp.directory().Path("text.db");
  std::ofstream(text) << std::string(1000, 'x');
  const struct {
    std::string uri;
    StatusCode code;
    std::string message;
  } kCases[] = {
      {"nosuch://host/db", StatusCode::kNotFound,
       "no dialect \"nosuch\" is linked into this program (there is sqlite): "
       "add //engine/dialects/nosuch to its deps"},
      {"sqlite", StatusCode::kInvalidArgument,
       "database url: write dialect://user:password@host:port/database, with "
       "characters such as @ : / ? in user and password as percent escapes"},
      {"", StatusCode::kInvalidArgument,
       "the database has no URI: set DatabaseConfig::uri (DATABASE_URI in a "
       "map of settings) to dialect://user:password@host/database"},
      {absl::StrCat("sqlite:///", folder, "/no/such/app.db"),
       StatusCode::kNotFound,
       absl::StrCat("cannot open the database: the directory ", folder,
                    "/no/such/ does not exist; create it")},
      {absl::StrCat("sqlite:///", folder), StatusCode::kNotFound,
       absl::StrCat("cannot open the database: ", folder,
                    " is a directory; name a file in it")},
      {absl::StrCat("sqlite:///", folder, "/app.db?create=off"),
       StatusCode::kNotFound,
       absl::StrCat("the database file ", folder,
                    "/app.db does not exist, and the options do not ask to "
                    "create it")},
      {absl::StrCat("sqlite:///", text), StatusCode::kDataLoss,
       absl::StrCat("cannot open the database ", text,
                    ": file is not a database; check the path")},
      {temp.url("jornal_mode=wal"), StatusCode::kInvalidArgument,
       "unknown option in the URL of a sqlite database; known are begin, "
       "busy_timeout, cache, cache_size, create, foreign_keys, immutable, "
       "journal_mode, mmap_size, mode, nolock, psow, quick_check, "
       "synchronous, temp_store, uri, vfs"},
  };
  for (const auto& [uri, code, message] : kCases) {
    EXPECT_THAT(Use(uri), StatusIs(code, message)) << uri;
  }
  // Nothing was made, and nothing was written over.
  EXPECT_EQ(Content(text), std::string(1000, 'x'));
  EXPECT_NE(access(temp.directory().Path("no").c_str(), F_OK), 0);
  EXPECT_NE(access(temp.directory().Path("app.db").c_str(), F_OK), 0);
}

TEST(BadUrlTest, ADatabaseGoesOnOnceItsDirectoryIsThere) {
  const TempDatabase temp;
  const std::string folder = temp.directory().Path("later");
  CUPEL_ASSERT_OK_AND_ASSIGN(
      Database db,
      Database::Open({.uri = absl::StrCat("sqlite:///", folder, "/app.db")},
                     Models<Author, Book>()));
  Session session = db.NewSession();
  const Ref<Author> ada = session.Add(Author{.name = "Ada"});
  EXPECT_THAT(session.Commit(),
              StatusIs(StatusCode::kNotFound,
                       absl::StrCat("cannot open the database: the directory ",
                                    folder, "/ does not exist; create it")));
  EXPECT_EQ(ada.lifecycle(), Lifecycle::kPending);
  ASSERT_EQ(mkdir(folder.c_str(), 0700), 0);
  CUPEL_ASSERT_OK(db.CreateAll());
  CUPEL_ASSERT_OK(session.Commit());
  EXPECT_EQ(ada->id, 1);
}

// A database with Ada and her book, and a session that knows them.
class BadInputTest : public ::testing::Test {
 protected:
  BadInputTest()
      : db_(Database::Open({.uri = temp_.url()}, Models<Author, Book>())
                .value()),
        session_(db_.NewSession()) {
    CUPEL_EXPECT_OK(db_.CreateAll());
    ada_ = session_->Add(Author{.name = "Ada"});
    notes_ = session_->Add(Book{.title = "Notes", .author = ada_});
    CUPEL_EXPECT_OK(session_->Commit());
  }

  // What is committed, as another session sees it.
  std::vector<std::string> Stored() {
    Session session = db_.NewSession();
    std::vector<std::string> stored;
    auto authors = session.Query<Author>().OrderBy(col<&Author::id>).All();
    if (!authors.ok()) return {authors.status().ToString()};
    for (const Ref<Author>& author : *authors) {
      std::string line = absl::StrCat(author->name, ":");
      for (const Book& book : author->books) {
        absl::StrAppend(&line, " ", book.title);
      }
      stored.push_back(line);
    }
    return stored;
  }

  TempDatabase temp_;
  Database db_;
  std::optional<Session> session_;
  Ref<Author> ada_;
  Ref<Book> notes_;
};

TEST_F(BadInputTest, AReadOnlyFile) {
  session_.reset();
  engine::Engine(db_.engine()).Dispose();
  ASSERT_EQ(chmod(temp_.path().c_str(), 0444), 0);
  // No mode of a file keeps the superuser from writing it.
  const bool is_root = geteuid() == 0;
  CUPEL_ASSERT_OK_AND_ASSIGN(
      Database db,
      Database::Open({.uri = is_root ? temp_.url("mode=ro") : temp_.url()},
                     Models<Author, Book>()));
  Session session = db.NewSession();
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Author> ada, session.Get<Author>(1));
  const Ref<Author> bob = session.Add(Author{.name = "Bob"});
  EXPECT_THAT(session.Commit(),
              StatusIs(StatusCode::kPermissionDenied,
                       "inserting Author: attempt to write a readonly "
                       "database; open it for writing"));
  EXPECT_EQ(bob.lifecycle(), Lifecycle::kPending);
  // It still reads.
  EXPECT_EQ(ada->books.size(), 1u);
  CUPEL_EXPECT_OK(session.Rollback());
  CUPEL_EXPECT_OK(session.Query<Book>().All());
  EXPECT_THAT(Stored(), ElementsAre("Ada: Notes"));
}

TEST_F(BadInputTest, AClassThatIsNotAmongTheModels) {
  const auto unknown =
      StatusIs(StatusCode::kInvalidArgument,
               "class Stranger is not among the database's models: add it to "
               "cupel::Models<>");
  session_->Add(Stranger{});
  EXPECT_THAT(session_->Commit(), unknown);
  EXPECT_THAT(session_->Query<Stranger>().All(), unknown);
  ada_.Edit().name = "Ada L.";
  CUPEL_EXPECT_OK(session_->Commit());
  EXPECT_THAT(Stored(), ElementsAre("Ada L.: Notes"));
}

TEST_F(BadInputTest, AValueOfTheWrongType) {
  EXPECT_THAT(session_->Get<Author>("Ada"),
              StatusIs(StatusCode::kInvalidArgument,
                       "the primary key Author.id is not a text: give a value "
                       "of the member's type"));
  EXPECT_THAT(session_->Get<Author>(1, 2),
              StatusIs(StatusCode::kInvalidArgument,
                       "the primary key of Author has 1 columns, not 2: give "
                       "a value for each"));
  const Ref<Author> bob = session_->Add(Author{.name = "Bob\xff"});
  EXPECT_THAT(session_->Commit(),
              StatusIs(StatusCode::kInvalidArgument,
                       "inserting Author: Author.name: text is not valid "
                       "utf-8 at byte 3: use a binary column for bytes that "
                       "are no text"));
  bob.Edit().name = std::string(21, 'b');
  EXPECT_THAT(session_->Commit(),
              StatusIs(StatusCode::kOutOfRange,
                       "inserting Author: Author.name: the value does not fit "
                       "string(20): its length is 21; make it fit, or use a "
                       "wider type"));
  EXPECT_EQ(bob.lifecycle(), Lifecycle::kPending);
  EXPECT_THAT(Stored(), ElementsAre("Ada: Notes"));
  bob.Edit().name = "Bob";
  CUPEL_EXPECT_OK(session_->Commit());
  EXPECT_THAT(Stored(), ElementsAre("Ada: Notes", "Bob:"));
}

TEST_F(BadInputTest, AStoredValueOfTheWrongType) {
  CUPEL_ASSERT_OK_AND_ASSIGN(engine::Connection connection,
                             db_.engine().Connect());
  CUPEL_ASSERT_OK(connection.Execute("UPDATE author SET version = 'old'"));
  CUPEL_ASSERT_OK(connection.Commit());
  Session session = db_.NewSession();
  EXPECT_THAT(session.Query<Author>().All(),
              StatusIs(StatusCode::kDataLoss,
                       "author.version: expected int64, found text(3 bytes): "
                       "correct the stored value or the mapped type"));
  EXPECT_THAT(session.Query<Book>().All().value(), SizeIs(1));
  CUPEL_ASSERT_OK(connection.Execute("UPDATE author SET version = 1"));
  CUPEL_ASSERT_OK(connection.Commit());
  // The transaction saw the state of its beginning.
  CUPEL_ASSERT_OK(session.Rollback());
  CUPEL_EXPECT_OK(session.Query<Author>().All());
  EXPECT_THAT(Stored(), ElementsAre("Ada: Notes"));
}

TEST_F(BadInputTest, ADuplicateKey) {
  const Ref<Author> bob = session_->Add(Author{.name = "Bob"});
  const Ref<Author> twin = session_->Add(Author{.name = "Ada"});
  EXPECT_THAT(session_->Commit(),
              StatusIs(StatusCode::kAlreadyExists,
                       "inserting Author: UNIQUE constraint failed: "
                       "author.name; choose another key, or upsert"));
  EXPECT_THAT(Stored(), ElementsAre("Ada: Notes"));
  EXPECT_EQ(bob.lifecycle(), Lifecycle::kPending);
  EXPECT_EQ(twin.lifecycle(), Lifecycle::kPending);
  EXPECT_EQ(bob->id, 0);

  twin.Edit().name = "Eve";
  twin.Edit().id = ada_->id;
  EXPECT_THAT(session_->Commit(),
              StatusIs(StatusCode::kAlreadyExists,
                       "a new Author has the primary key of another one in "
                       "this session: change that one, or merge"));
  EXPECT_THAT(Stored(), ElementsAre("Ada: Notes"));
  twin.Edit().id = 0;
  CUPEL_ASSERT_OK(session_->Commit());
  EXPECT_THAT(Stored(), ElementsAre("Ada: Notes", "Bob:", "Eve:"));
}

TEST_F(BadInputTest, AMissingParent) {
  const Ref<Book> book = session_->Add(Book{.title = "Lost", .author_id = 99});
  EXPECT_THAT(
      session_->Commit(),
      StatusIs(StatusCode::kFailedPrecondition,
               "inserting Book: FOREIGN KEY constraint failed; write the "
               "parent before its children, and delete it after them"));
  EXPECT_THAT(Stored(), ElementsAre("Ada: Notes"));
  EXPECT_EQ(book.lifecycle(), Lifecycle::kPending);
  book.Edit().author = ada_;
  CUPEL_ASSERT_OK(session_->Commit());
  EXPECT_THAT(Stored(), ElementsAre("Ada: Notes Lost"));
}

TEST_F(BadInputTest, AParentThatStillHasChildren) {
  CUPEL_ASSERT_OK(session_->Delete(ada_));
  EXPECT_THAT(
      session_->Commit(),
      StatusIs(StatusCode::kFailedPrecondition,
               "cannot delete Author: Book entities refer to it by a key that "
               "is not nullable (Author.books): delete or move them first, or "
               "declare ON DELETE CASCADE or Cascade::kDelete"));
  EXPECT_THAT(Stored(), ElementsAre("Ada: Notes"));
  CUPEL_ASSERT_OK(session_->Delete(notes_));
  CUPEL_ASSERT_OK(session_->Commit());
  EXPECT_THAT(Stored(), IsEmpty());
}

TEST_F(BadInputTest, AStaleVersion) {
  Session other = db_.NewSession();
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Author> theirs, other.Get<Author>(1));
  theirs.Edit().name = "Ada King";
  CUPEL_ASSERT_OK(other.Commit());

  ada_.Edit().name = "Ada Lovelace";
  notes_.Edit().title = "Notes G";
  EXPECT_THAT(
      session_->Commit(),
      StatusIs(StatusCode::kAborted,
               "updating Author: stale Author: update by its key (id) at the "
               "version that was read expected 1 row of author, matched 0: "
               "another transaction changed or deleted it; refresh and try "
               "again"));
  EXPECT_THAT(Stored(), ElementsAre("Ada King: Notes"));
  EXPECT_EQ(ada_->name, "Ada Lovelace");
  EXPECT_TRUE(session_->IsModified(notes_));

  CUPEL_ASSERT_OK(session_->Refresh(ada_));
  EXPECT_EQ(ada_->name, "Ada King");
  ada_.Edit().name = "Ada Lovelace";
  CUPEL_ASSERT_OK(session_->Commit());
  EXPECT_THAT(Stored(), ElementsAre("Ada Lovelace: Notes G"));
}

TEST_F(BadInputTest, UseAfterClose) {
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Author> unloaded,
                             db_.NewSession().Get<Author>(1));
  CUPEL_ASSERT_OK(session_->Close());
  const auto closed = StatusIs(StatusCode::kFailedPrecondition,
                               "the session is closed: open a new one");
  const Ref<Author> bob = session_->Add(Author{.name = "Bob"});
  EXPECT_THAT(session_->Flush(), closed);
  EXPECT_THAT(session_->Commit(), closed);
  EXPECT_THAT(session_->Rollback(), closed);
  EXPECT_THAT(session_->BeginNested(), closed);
  EXPECT_THAT(session_->Get<Author>(1), closed);
  EXPECT_THAT(session_->Query<Author>().All(), closed);
  EXPECT_THAT(session_->Query<Author>().Count(), closed);
  EXPECT_THAT(session_->Add(ada_), closed);
  EXPECT_THAT(session_->Delete(ada_), closed);
  EXPECT_THAT(session_->Refresh(ada_), closed);
  CUPEL_EXPECT_OK(session_->Close());

  // What was in memory is readable, what was not says how to get it.
  EXPECT_EQ(ada_->name, "Ada");
  EXPECT_EQ(ada_->books[0]->title, "Notes");
  EXPECT_THAT(unloaded->books.Load(),
              StatusIs(StatusCode::kFailedPrecondition,
                       "Author.books is not loaded and its entity belongs to "
                       "no session: load it while the session lives (an eager "
                       "load option of the query, or Load())"));
  Session next = db_.NewSession();
  CUPEL_ASSERT_OK(next.Add(bob));
  CUPEL_ASSERT_OK(next.Commit());
  EXPECT_THAT(Stored(), ElementsAre("Ada: Notes", "Bob:"));
}

TEST_F(BadInputTest, UseFromTwoThreads) {
  const auto shared = StatusIs(
      StatusCode::kFailedPrecondition,
      "the session is used by two threads at once: give each thread a session "
      "of its own");
  SessionOptions options;
  Session* session = nullptr;
  bool tried = false;
  options.listeners.push_back(
      [&](session::Session&, session::SessionEventKind kind) {
        if (kind != session::SessionEventKind::kBeforeFlush) {
          return absl::OkStatus();
        }
        std::thread([&] {
          EXPECT_THAT(session->Flush(), shared);
          EXPECT_THAT(session->Commit(), shared);
          EXPECT_THAT(session->Rollback(), shared);
          EXPECT_THAT(session->Get<Author>(1), shared);
          EXPECT_THAT(session->Query<Author>().All(), shared);
          tried = true;
        }).join();
        return absl::OkStatus();
      });
  Session opened = db_.NewSession(std::move(options));
  session = &opened;
  const Ref<Author> bob = opened.Add(Author{.name = "Bob"});
  CUPEL_EXPECT_OK(opened.Commit());
  EXPECT_TRUE(tried);
  EXPECT_EQ(bob.lifecycle(), Lifecycle::kPersistent);
  EXPECT_THAT(Stored(), ElementsAre("Ada: Notes", "Bob:"));
}

}  // namespace
}  // namespace cupel::orm_test
