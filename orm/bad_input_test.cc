// What a program is told for each mistake, on each database: word by word what
// Cupel says itself, by its kind what a database says; and that nothing is lost
// by it: what was stored is stored, what is pending is pending, and the session
// goes on. What the compiler refuses is in orm_nocompile_test.cc, mistakes with
// files in bad_file_test.cc.

#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/orm/orm.h"
#include "cupel/session/session.h"
#include "cupel/testing/dialects/test_databases.h"
#include "cupel/testing/status_matchers.h"
#include "cupel/testing/temp_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::orm_test {
namespace {

using absl::StatusCode;
using ::cupel::testing::StatusIs;
using ::cupel::testing::TempDatabase;
using ::cupel::testing::TestDatabases;
using engine::ErrorKind;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

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

// What a database says, of which Cupel tells the code, the kind and what was
// being done.
MATCHER_P3(IsOfDatabase, code, kind, beginning, "") {
  const absl::Status& status = arg;
  *result_listener << status;
  return status.code() == code && engine::KindOf(status) == kind &&
         absl::StartsWith(status.message(), beginning) &&
         status.message().size() > absl::string_view(beginning).size();
}

// The first error of a database: of opening it, or of using it.
absl::Status Use(const std::string& uri) {
  CUPEL_ASSIGN_OR_RETURN(Database db,
                         Database::Open({.uri = uri}, Models<Author, Book>()));
  return db.CreateAll();
}

// A database that is not there until Make().
class LaterDatabase {
 public:
  LaterDatabase()
      : url_(engine::Url::Parse(temp_.url())
                 .value()
                 .WithDatabase(server_ == nullptr
                                   ? absl::StrCat(folder_, "/app.db")
                                   : "test_later")) {}
  ~LaterDatabase() {
    if (is_made_ && server_ != nullptr) server_->Drop(url());
  }

  std::string url() const { return url_.ToUnmaskedString(); }

  absl::Status Make() {
    is_made_ = true;
    if (server_ == nullptr) {
      return mkdir(folder_.c_str(), 0700) == 0
                 ? absl::OkStatus()
                 : absl::InternalError("mkdir fails");
    }
    CUPEL_ASSIGN_OR_RETURN(engine::Engine engine,
                           engine::Engine::Create({.uri = temp_.url()}));
    CUPEL_ASSIGN_OR_RETURN(engine::Connection connection, engine.Connect());
    CUPEL_RETURN_IF_ERROR(connection.set_transaction_options(
        {.isolation = engine::IsolationLevel::kAutocommit}));
    return connection.Execute("CREATE DATABASE test_later").status();
  }

 private:
  TestDatabases* const server_ = TestDatabases::Linked();
  const TempDatabase temp_;
  const std::string folder_ = temp_.directory().Path("later");
  const engine::Url url_;
  bool is_made_ = false;
};

TEST(BadUrlTest, SaysWhatIsWrongAndWhatToDo) {
  const TempDatabase temp;
  const TestDatabases* const server = TestDatabases::Linked();
  const std::string linked =
      server == nullptr ? "sqlite"
                        : absl::StrCat(server->dialect()->name(), ", sqlite");
  EXPECT_THAT(
      Use("nosuch://host/db"),
      StatusIs(
          StatusCode::kNotFound,
          absl::StrCat("no dialect \"nosuch\" is linked into this "
                       "program (there is ",
                       linked, "): add //engine/dialects/nosuch to its deps")));
  EXPECT_THAT(Use("database"),
              StatusIs(StatusCode::kInvalidArgument,
                       "database url: write dialect://user:password@host:port/"
                       "database, with characters such as @ : / ? in user and "
                       "password as percent escapes"));
  EXPECT_THAT(Use(""), StatusIs(StatusCode::kInvalidArgument,
                                "the database has no URI: set "
                                "DatabaseConfig::uri (DATABASE_URI in a map of "
                                "settings) to "
                                "dialect://user:password@host/database"));
  // A typing error is no setting of the database.
  const std::string dialect = engine::Url::Parse(temp.url()).value().dialect();
  EXPECT_THAT(Use(temp.url("jornal_mode=hunter2")),
              StatusIs(StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("option"), HasSubstr(dialect),
                             Not(HasSubstr("hunter2")))));
}

TEST(BadUrlTest, ADatabaseGoesOnOnceItIsThere) {
  LaterDatabase later;
  CUPEL_ASSERT_OK_AND_ASSIGN(
      Database db,
      Database::Open({.uri = later.url()}, Models<Author, Book>()));
  Session session = db.NewSession();
  const Ref<Author> ada = session.Add(Author{.name = "Ada"});
  for (int i = 0; i < 2; ++i) {
    const absl::Status missing = session.Commit();
    EXPECT_THAT(missing,
                StatusIs(StatusCode::kNotFound,
                         AllOf(StartsWith("cannot "), HasSubstr("later"))));
    EXPECT_EQ(ada.lifecycle(), Lifecycle::kPending);
  }
  CUPEL_ASSERT_OK(later.Make());
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
      std::vector<std::string> titles = {absl::StrCat(author->name, ":")};
      for (const Book& book : author->books) titles.push_back(book.title);
      std::sort(titles.begin() + 1, titles.end());
      stored.push_back(absl::StrJoin(titles, " "));
    }
    return stored;
  }

  // On a connection of its own.
  void Sql(absl::string_view sql) {
    CUPEL_ASSERT_OK_AND_ASSIGN(engine::Connection connection,
                               db_.engine().Connect());
    CUPEL_ASSERT_OK(connection.Execute(sql));
    CUPEL_ASSERT_OK(connection.Commit());
  }

  TempDatabase temp_;
  Database db_;
  std::optional<Session> session_;
  Ref<Author> ada_;
  Ref<Book> notes_;
};

TEST_F(BadInputTest, ADatabaseThatIsOnlyRead) {
  DatabaseConfig config{.uri = temp_.url()};
  config.engine.execution.transaction =
      engine::TransactionOptions{.read_only = true};
  CUPEL_ASSERT_OK_AND_ASSIGN(
      Database db, Database::Open(std::move(config), Models<Author, Book>()));
  Session session = db.NewSession();
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Author> ada, session.Get<Author>(1));
  const Ref<Author> bob = session.Add(Author{.name = "Bob"});
  EXPECT_THAT(session.Commit(),
              IsOfDatabase(StatusCode::kPermissionDenied, ErrorKind::kReadOnly,
                           "inserting Author: "));
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
  Sql("ALTER TABLE author DROP COLUMN version");
  Sql("ALTER TABLE author ADD COLUMN version VARCHAR(9) DEFAULT 'old'");
  Session session = db_.NewSession();
  EXPECT_THAT(session.Query<Author>().All(),
              StatusIs(StatusCode::kDataLoss,
                       "author.version: expected int64, found text(3 bytes): "
                       "correct the stored value or the mapped type"));
  EXPECT_THAT(session.Query<Book>().All().value(), SizeIs(1));
  // A transaction keeps its tables as they are.
  CUPEL_ASSERT_OK(session.Rollback());
  Sql("ALTER TABLE author DROP COLUMN version");
  Sql("ALTER TABLE author ADD COLUMN version BIGINT DEFAULT 1");
  CUPEL_EXPECT_OK(session.Query<Author>().All());
  EXPECT_THAT(Stored(), ElementsAre("Ada: Notes"));
}

TEST_F(BadInputTest, ADuplicateKey) {
  const Ref<Author> bob = session_->Add(Author{.name = "Bob"});
  const Ref<Author> twin = session_->Add(Author{.name = "Ada"});
  const absl::Status duplicate = session_->Commit();
  EXPECT_THAT(duplicate,
              IsOfDatabase(StatusCode::kAlreadyExists,
                           ErrorKind::kUniqueViolation, "inserting Author: "));
  EXPECT_THAT(duplicate.ToString(), Not(HasSubstr("Ada")));
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
  EXPECT_THAT(session_->Commit(), IsOfDatabase(StatusCode::kFailedPrecondition,
                                               ErrorKind::kForeignKeyViolation,
                                               "inserting Book: "));
  EXPECT_THAT(Stored(), ElementsAre("Ada: Notes"));
  EXPECT_EQ(book.lifecycle(), Lifecycle::kPending);
  book.Edit().author = ada_;
  CUPEL_ASSERT_OK(session_->Commit());
  EXPECT_THAT(Stored(), ElementsAre("Ada: Lost Notes"));
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
