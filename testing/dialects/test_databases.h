// Where tests that are content with any database get theirs: from the default
// dialect, or from a server, whose provider such a test links.

#ifndef CUPEL_TESTING_DIALECTS_TEST_DATABASES_H_
#define CUPEL_TESTING_DIALECTS_TEST_DATABASES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"

namespace cupel::testing {

// Databases of one server. Thread-compatible.
class TestDatabases {
 public:
  // `url` is that of a database from which others are made and dropped;
  // `drop_suffix` goes behind DROP DATABASE name. Aborts when the URL's dialect
  // is not linked.
  TestDatabases(std::string url, std::string drop_suffix);

  std::shared_ptr<const engine::Dialect> dialect() const {
    return engine_.shared_dialect();
  }

  // The URL of a new, empty database. Aborts when that fails.
  std::string Create();
  // The same; it is dropped when some more have been made.
  std::string CreatePassing();
  // Does nothing for another URL. Connections to it are ended.
  void Drop(absl::string_view url);

  // The provider that is linked, which starts its server now; null without one.
  static TestDatabases* Linked();

  // For the initialiser of a provider: `make` is called at most once.
  static bool Provide(std::unique_ptr<TestDatabases> (*make)());

 private:
  engine::Engine engine_;
  const std::string drop_suffix_;
  int made_ = 0;
  std::vector<std::string> passing_;
};

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_DIALECTS_TEST_DATABASES_H_
