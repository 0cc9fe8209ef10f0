// What the Cupel contestant maps, and how it opens its database, by its address
// alone.

#ifndef CUPEL_TESTING_BENCHMARKS_CUPEL_MODEL_H_
#define CUPEL_TESTING_BENCHMARKS_CUPEL_MODEL_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/orm/orm.h"
#include "cupel/testing/benchmarks/workload.h"
#include "cupel/testing/benchmarks/workload_data.h"

namespace cupel::benchmarks {

struct Post;

struct Author {
  int64_t id = 0;
  std::string name;
  std::string email;
  Collection<Post> posts;

  static constexpr auto Mapping() {
    return Table<Author>(Column<&Author::id>(PrimaryKey()),
                         Column<&Author::name>(),
                         Column<&Author::email>(Unique()));
  }
};

struct Post {
  int64_t id = 0;
  int64_t author_id = 0;
  std::string title;
  std::string body;
  double score = 0;
  int64_t published = 0;
  Reference<Author> author;

  static constexpr auto Mapping() {
    return Table<Post>(
        Column<&Post::id>(PrimaryKey()),
        Column<&Post::author_id>(ForeignKey<&Author::id>(), Index()),
        Column<&Post::title>(), Column<&Post::body>(), Column<&Post::score>(),
        Column<&Post::published>(),
        Relationship<&Post::author>(
            Backref<&Author::posts>(OrderBy<&Post::id>())));
  }
};

template <typename T>
T ValueOrExit(absl::StatusOr<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "%s\n", result.status().ToString().c_str());
    std::exit(1);
  }
  return *std::move(result);
}

inline void ExitUnlessOk(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

inline void AddPost(const Post& post, Checksum* sum) {
  sum->Add(post.id);
  sum->Add(post.author_id);
  sum->Add(post.title);
  sum->Add(post.body);
  sum->Add(post.score);
  sum->Add(post.published);
}

// The settings of the raw contestant of a file, as options of the URL.
inline constexpr char kUrlOptions[] =
    "?journal_mode=wal&synchronous=normal&cache_size=-65536"
    "&temp_store=memory";
// For a program that reads more than it writes: pages are read where the file
// is mapped, and copied before they are changed.
inline constexpr char kMapOption[] = "&mmap_size=268435456";

class CupelContestant : public Contestant {
 public:
  explicit CupelContestant(absl::string_view more_options = "")
      : options_(absl::StrCat(kUrlOptions, more_options)) {}

  void Prepare(const std::string& address) override {
    // A file is opened with the settings of the raw contestant, a server as
    // its URL says.
    const std::string uri = absl::StrContains(address, "://")
                                ? address
                                : absl::StrCat("sqlite:///", address, options_);
    db_.emplace(
        ValueOrExit(Database::Open({.uri = uri}, Models<Author, Post>())));
    // The connection is open before the clock starts, as the raw one is.
    ValueOrExit(db_->engine().Connect());
    session_.emplace(db_->NewSession());
  }

 protected:
  Database& db() { return *db_; }
  Session& session() { return *session_; }

 private:
  const std::string options_;
  std::optional<Database> db_;
  std::optional<Session> session_;
};

}  // namespace cupel::benchmarks

#endif  // CUPEL_TESTING_BENCHMARKS_CUPEL_MODEL_H_
