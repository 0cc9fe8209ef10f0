#include "cupel/testing/dialect_suite/orm_test.h"

#include <cstdio>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cupel/engine/engine.h"
#include "cupel/orm/orm.h"
#include "cupel/testing/dialect_suite/subject.h"

namespace cupel::dialect_suite {

void OrmTest::Open() {
  DialectTest::Open();
  if (HasFatalFailure()) return;
  absl::StatusOr<engine::EngineOptions> options = Subject::Get().Options();
  CUPEL_ASSERT_OK(options);
  DatabaseConfig config;
  config.uri = options->uri;
  config.engine = *std::move(options);
  absl::StatusOr<Database> database = Database::Open(
      std::move(config), Models<Author, Book, Tag, BookTag, Place, Node, Crate,
                                Vehicle, Car, Boat>());
  CUPEL_ASSERT_OK(database);
  database_ = *std::move(database);
  CUPEL_ASSERT_OK(database_->CreateAll());
  Fresh();
}

void OrmTest::Close() {
  session_.reset();
  recorder_.reset();
  if (database_.has_value()) {
    const absl::Status dropped = database_->DropAll();
    if (!dropped.ok()) {
      std::fprintf(stderr, "the case could not clear up: %s\n",
                   dropped.ToString().c_str());
      Subject::Get().Replace();
    }
    database_.reset();
  }
  DialectTest::Close();
}

Session& OrmTest::Fresh() {
  session_.emplace(database_->NewSession());
  recorder_.emplace(database_->engine());
  return *session_;
}

void OrmTest::AddLibrary(int authors, int books) {
  for (int i = 1; i <= authors; ++i) {
    Author author{.name = absl::StrCat("a", i)};
    for (int j = 1; j <= books; ++j) {
      author.books.Append(Book{.title = absl::StrCat("a", i, "-b", j)});
    }
    session().Add(std::move(author));
  }
  CUPEL_ASSERT_OK(session().Commit());
  Fresh();
}

}  // namespace cupel::dialect_suite
