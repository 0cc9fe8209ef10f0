// Databases for tests: in a file of their own, or in memory.
//
//   TempDatabase database;
//   CUPEL_ASSERT_OK_AND_ASSIGN(engine::Engine engine,
//                              engine::Engine::Create({.uri =
//                              database.url()}));
//
// They are of the default dialect (testing/dialects/default_dialect.h), which
// is linked and registered. A test that links the provider of a server gets
// databases of that server instead.

#ifndef CUPEL_TESTING_TEMP_DATABASE_H_
#define CUPEL_TESTING_TEMP_DATABASE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "cupel/testing/temp_directory.h"

namespace cupel::testing {

// The URL of a database in memory: each engine that opens it has a new one,
// which all connections of that engine share. Of a server: a new database for
// each call, which lives for some calls more.
std::string MemoryUrl();

// A database in a file, which is removed at the end. The file comes into being
// with the first connection. Of a server: a database that is dropped at the
// end, and no file. Thread-compatible.
class TempDatabase {
 public:
  TempDatabase();
  ~TempDatabase();
  TempDatabase(const TempDatabase&) = delete;
  TempDatabase& operator=(const TempDatabase&) = delete;

  // `options` is a query without the question mark: "busy_timeout=10".
  std::string url(absl::string_view options = "") const;
  std::string path() const { return directory_.Path("test.db"); }
  // Where it lies; free for other files of the test.
  const TempDirectory& directory() const { return directory_; }

 private:
  TempDirectory directory_;
  std::string url_;
};

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_TEMP_DATABASE_H_
