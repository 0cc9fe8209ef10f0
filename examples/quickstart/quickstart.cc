// The quickstart: models, tables, users, a category and its posts, and how they
// are loaded. Every step prints what it did and how many statements it cost.
//
//   ./bazelw run //examples/quickstart
//   ./bazelw run //examples/quickstart -- sqlite:////tmp/test.db
//   ./bazelw run //examples/quickstart -- postgresql://user@localhost/test
//   ./bazelw run //examples/quickstart -- mariadb://user@localhost/test

#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/orm/orm.h"

namespace {

using cupel::col;
using cupel::JoinedLoad;
using cupel::Ref;

// ---- Models -----------------------------------------------------------------

// A model is a plain struct. Mapping() lists its columns: their names are those
// of the members, their types and NULL or NOT NULL follow from the C++ types.
struct User {
  int64_t id = 0;
  std::string username;
  std::string email;

  static constexpr auto Mapping() {
    using namespace cupel;  // NOLINT: the mapping's vocabulary
    return Table<User>(Column<&User::id>(PrimaryKey()),
                       Column<&User::username>(String(80), Unique()),
                       Column<&User::email>(String(120), Unique()));
  }
};

struct Post;

struct Category {
  int64_t id = 0;
  std::string name;
  cupel::Collection<Post> posts;  // the other end of Post::category

  static constexpr auto Mapping() {
    using namespace cupel;  // NOLINT
    return Table<Category>(Column<&Category::id>(PrimaryKey()),
                           Column<&Category::name>(String(50)));
  }
};

struct Post {
  int64_t id = 0;
  std::string title;
  std::string body;
  absl::Time pub_date = absl::Now();  // a default is a member initialiser
  int64_t category_id = 0;
  cupel::Reference<Category> category;

  static constexpr auto Mapping() {
    using namespace cupel;  // NOLINT
    return Table<Post>(
        Column<&Post::id>(PrimaryKey()), Column<&Post::title>(String(80)),
        Column<&Post::body>(Text()), Column<&Post::pub_date>(),
        Column<&Post::category_id>(ForeignKey<&Category::id>()),
        Relationship<&Post::category>(Backref<&Category::posts>()));
  }
};

// ---- Printing ---------------------------------------------------------------

// Prints what a step did, and the statements that it sent.
class Report {
 public:
  explicit Report(const cupel::Database& db) : recorder_(db.engine()) {}

  void Title(absl::string_view title) {
    std::cout << "\n" << title << "\n";
    recorder_.Clear();
  }
  template <typename... Parts>
  void Line(const Parts&... parts) {
    std::cout << "  ";
    (std::cout << ... << parts) << "\n";
  }
  void Statements() {
    const int count = recorder_.count();
    std::cout << "  [" << count << (count == 1 ? " statement]" : " statements]")
              << "\n";
    recorder_.Clear();
  }

 private:
  cupel::engine::StatementRecorder recorder_;
};

// ---- A minimal application --------------------------------------------------

absl::Status CreateUsers(cupel::Session& session, Report& report) {
  report.Title("Create users");
  // Designated initialisers are the constructor that nobody had to write.
  Ref<User> admin =
      session.Add(User{.username = "admin", .email = "admin@example.com"});
  session.Add(User{.username = "guest", .email = "guest@example.com"});
  report.Line("added ", admin->username, " and guest; nothing is written yet");
  report.Statements();

  CUPEL_RETURN_IF_ERROR(session.Commit());
  report.Line("committed; admin has got the key ", admin->id);
  report.Statements();
  return absl::OkStatus();
}

absl::Status ReadUsers(cupel::Session& session, Report& report) {
  report.Title("Read users");
  CUPEL_ASSIGN_OR_RETURN(std::vector<Ref<User>> users,
                         session.Query<User>().All());
  for (const Ref<User>& user : users) report.Line(user, " ", user->username);
  report.Statements();

  CUPEL_ASSIGN_OR_RETURN(
      Ref<User> admin,
      session.Query<User>().FilterBy<&User::username>("admin").First());
  report.Line("the admin is ", admin, ", ", admin->email);
  report.Statements();

  CUPEL_ASSIGN_OR_RETURN(Ref<User> same, session.Get<User>(admin->id));
  report.Line("by key it is the same object: ", same == admin ? "yes" : "no");
  report.Statements();

  const absl::Status missing = session.GetOr404<User>(42).status();
  report.Line("user 42: ", missing.message(), ", HTTP status ",
              cupel::HttpStatusOf(missing).value_or(500));
  report.Statements();
  return absl::OkStatus();
}

absl::Status ChangeAUser(cupel::Session& session, Report& report) {
  report.Title("Change a user");
  CUPEL_ASSIGN_OR_RETURN(
      Ref<User> guest,
      session.Query<User>().FilterBy<&User::username>("guest").One());
  report.Statements();
  guest.Edit().email = "visitor@example.com";
  CUPEL_RETURN_IF_ERROR(session.Commit());
  report.Line("guest is now ", guest->email, "; one UPDATE of one column");
  report.Statements();

  session.Add(User{.username = "guest", .email = "again@example.com"});
  const absl::Status twice = session.Commit();
  report.Line("a second guest: ",
              twice.code() == absl::StatusCode::kAlreadyExists
                  ? "refused, the name is taken"
                  : twice.ToString());
  CUPEL_RETURN_IF_ERROR(session.Rollback());
  return absl::OkStatus();
}

// ---- Simple relationships ---------------------------------------------------

absl::Status LinkPosts(cupel::Session& session, Report& report) {
  report.Title("Link posts to a category");
  Ref<Category> py = session.Add(Category{.name = "Python"});
  // Either side of the relationship sets both sides ...
  session.Add(Post{.title = "Hello Python!",
                   .body = "Python is pretty cool",
                   .category = py});
  py.Edit().posts.Append(Post{.title = "Snakes", .body = "Ssssssss"});
  report.Line(py->name, " has ", py->posts.size(), " posts in memory");
  report.Statements();
  // ... and what a session's entity links to is added with it.
  CUPEL_RETURN_IF_ERROR(session.Commit());
  report.Line("committed the category and both posts");
  report.Statements();

  // It makes no difference whether Add() comes before or after: a category and
  // its posts may be built as plain values first.
  Category cpp{.name = "C++"};
  cpp.posts.Append(Post{.title = "Concepts", .body = "requires requires"});
  session.Add(std::move(cpp));
  // A post may bring its category along, too.
  session.Add(Post{.title = "Ownership",
                   .body = "Moves by default",
                   .category = Category{.name = "Rust"}});
  CUPEL_RETURN_IF_ERROR(session.Commit());
  report.Line("committed two more categories with a post each");
  report.Statements();
  return absl::OkStatus();
}

absl::Status ReadPosts(cupel::Session& session, Report& report) {
  report.Title("Read the posts of a category");
  CUPEL_ASSIGN_OR_RETURN(
      Ref<Category> py,
      session.Query<Category>().FilterBy<&Category::name>("Python").One());
  report.Line("read ", py, " ", py->name);
  report.Statements();
  // The relationship is lazy: its first touch reads the posts.
  for (const Post& post : py->posts) report.Line(post.title);
  report.Statements();
  // The second does not, and neither does the way back.
  for (const Post& post : py->posts) {
    report.Line(post.title, " is about ", post.category->name);
  }
  report.Statements();
  return absl::OkStatus();
}

absl::Status ReadPostsEagerly(cupel::Session& session, Report& report) {
  report.Title("Read all categories with their posts in one statement");
  CUPEL_ASSIGN_OR_RETURN(std::vector<Ref<Category>> categories,
                         session.Query<Category>()
                             .Options(JoinedLoad<&Category::posts>())
                             .OrderBy(col<&Category::id>)
                             .All());
  for (const Ref<Category>& category : categories) {
    report.Line(category->name, ": ", category->posts.size(),
                category->posts.size() == 1 ? " post" : " posts");
  }
  report.Statements();
  return absl::OkStatus();
}

absl::Status QueryPosts(cupel::Session& session, Report& report) {
  report.Title("Query the posts of a category");
  CUPEL_ASSIGN_OR_RETURN(
      Ref<Category> py,
      session.Query<Category>().FilterBy<&Category::name>("Python").One());
  report.Statements();
  CUPEL_ASSIGN_OR_RETURN(std::vector<Ref<Post>> rest,
                         session.Query<Post>()
                             .WithParent<&Category::posts>(py)
                             .Filter(col<&Post::title> != "Snakes")
                             .All());
  for (const Ref<Post>& post : rest) report.Line(post->title);
  report.Statements();
  return absl::OkStatus();
}

// ---- The way of a request ---------------------------------------------------

absl::Status HandleRequests(const cupel::Database& db, Report& report) {
  report.Title("Handle requests");
  Ref<User> admin;
  {
    cupel::RequestScope scope(db);
    CUPEL_ASSIGN_OR_RETURN(
        admin, db.Query<User>().FilterBy<&User::username>("admin").One());
    scope.session().Add(User{.username = "lost", .email = "lost@example.com"});
    report.Line("the request found ", admin, " and forgot to commit");
  }
  // Its session is gone; what it read can still be read.
  report.Line("after the request: ", admin->username, " is still readable");
  cupel::RequestScope scope(db);
  CUPEL_ASSIGN_OR_RETURN(int64_t users, db.Query<User>().Count());
  report.Line("the next request counts ", users, " users");
  report.Statements();
  return absl::OkStatus();
}

absl::Status Run(const std::string& uri) {
  // Checks all models together; opens no connection yet.
  CUPEL_ASSIGN_OR_RETURN(
      cupel::Database db,
      cupel::Database::Open({.uri = uri},
                            cupel::Models<User, Category, Post>()));
  Report report(db);
  report.Title("Create the tables");
  CUPEL_RETURN_IF_ERROR(db.CreateAll());
  report.Line("created user, category and post");

  for (const auto step : {&CreateUsers, &ReadUsers, &ChangeAUser, &LinkPosts,
                          &ReadPosts, &ReadPostsEagerly, &QueryPosts}) {
    // Each step begins with nothing in memory.
    cupel::Session session = db.NewSession();
    CUPEL_RETURN_IF_ERROR(step(session, report));
  }
  return HandleRequests(db, report);
}

}  // namespace

int main(int argc, char** argv) {
  // Without a URL: a database in memory, shared by all connections of `db`.
  const absl::Status status = Run(argc > 1 ? argv[1] : "sqlite://");
  if (!status.ok()) std::cerr << status << "\n";
  return status.ok() ? 0 : 1;
}
