// What the raw contestants keep their rows in, and how they read them.
//
// They are written once, against the thin wrapper of each client's C API:
//
//   class SomeConnection {
//     using Statement = SomeStatement;  // prepared when it is constructed
//     explicit SomeConnection(const std::string& address);
//     void Run(const char* sql);
//     // `insert`, so that inserted_id() is known after Run.
//     static std::string WithKey(absl::string_view insert);
//   };
//   class SomeStatement {
//     SomeStatement(const SomeConnection& db, const char* sql);  // with ?
//     void Bind(int index, T value);  // from 1; a text must stay until Step
//     bool Step();                    // executes at first; whether there is a
//     row void Run();                     // to the end void Reset(); // drops
//     the rest of the rows int64_t Int(int column) const;  // and Real, and
//     Text int64_t inserted_id() const;
//   };

#ifndef CUPEL_TESTING_BENCHMARKS_RAW_MODEL_H_
#define CUPEL_TESTING_BENCHMARKS_RAW_MODEL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cupel/testing/benchmarks/workload.h"
#include "cupel/testing/benchmarks/workload_data.h"

namespace cupel::benchmarks::raw {

struct Author {
  int64_t id = 0;
  std::string name;
  std::string email;
};

struct Post {
  int64_t id = 0;
  int64_t author_id = 0;
  std::string title;
  std::string body;
  double score = 0;
  int64_t published = 0;
};

struct AuthorWithPosts {
  Author author;
  std::vector<Post> posts;
};

inline constexpr char kSelectPosts[] =
    "SELECT id, author_id, title, body, score, published FROM post";
inline constexpr char kSelectPostsByKey[] =
    "SELECT id, author_id, title, body, score, published FROM post ORDER BY id";
inline constexpr char kSelectFirstPosts[] =
    "SELECT id, author_id, title, body, score, published FROM post"
    " WHERE id <= ?";
inline constexpr char kInsertAuthor[] =
    "INSERT INTO author(name, email) VALUES (?,?)";
inline constexpr char kInsertPost[] =
    "INSERT INTO post(author_id, title, body, score, published)"
    " VALUES (?,?,?,?,?)";
inline constexpr char kUpdateScore[] = "UPDATE post SET score = ? WHERE id = ?";

template <typename Statement>
void ReadPost(const Statement& row, Post* post) {
  post->id = row.Int(0);
  post->author_id = row.Int(1);
  row.Text(2, &post->title);
  row.Text(3, &post->body);
  post->score = row.Real(4);
  post->published = row.Int(5);
}

inline void AddPost(const Post& post, Checksum* sum) {
  sum->Add(post.id);
  sum->Add(post.author_id);
  sum->Add(post.title);
  sum->Add(post.body);
  sum->Add(post.score);
  sum->Add(post.published);
}

// The rows of a statement that gives posts.
template <typename Statement>
std::vector<Post> ReadPosts(Statement* select) {
  std::vector<Post> posts;
  while (select->Step()) ReadPost(*select, &posts.emplace_back());
  return posts;
}

template <typename Connection>
std::vector<Post> LoadPosts(const Connection& db) {
  typename Connection::Statement select(db, kSelectPosts);
  return ReadPosts(&select);
}

template <typename Connection>
std::vector<Post> LoadPostsByKey(const Connection& db) {
  typename Connection::Statement select(db, kSelectPostsByKey);
  return ReadPosts(&select);
}

// The posts with the keys 1 to `count`.
template <typename Connection>
std::vector<Post> LoadFirstPosts(const Connection& db, int64_t count) {
  typename Connection::Statement select(db, kSelectFirstPosts);
  select.Bind(1, count);
  return ReadPosts(&select);
}

// All rows of both tables, in key order.
template <typename Connection>
uint64_t ContentChecksum(const std::string& address) {
  const Connection db(address);
  Checksum sum;
  std::string text;
  typename Connection::Statement authors(
      db, "SELECT id, name, email FROM author ORDER BY id");
  while (authors.Step()) {
    sum.Add(authors.Int(0));
    for (int column : {1, 2}) {
      authors.Text(column, &text);
      sum.Add(text);
    }
  }
  typename Connection::Statement posts(
      db,
      "SELECT id, author_id, published, score, title, body"
      " FROM post ORDER BY id");
  while (posts.Step()) {
    for (int column : {0, 1, 2}) sum.Add(posts.Int(column));
    sum.Add(posts.Real(3));
    for (int column : {4, 5}) {
      posts.Text(column, &text);
      sum.Add(text);
    }
  }
  return sum.value();
}

template <typename Connection>
class RawContestant : public Contestant {
 public:
  void Prepare(const std::string& address) override { db_.emplace(address); }

 protected:
  using Statement = typename Connection::Statement;

  Connection& db() { return *db_; }

 private:
  std::optional<Connection> db_;
};

}  // namespace cupel::benchmarks::raw

#endif  // CUPEL_TESTING_BENCHMARKS_RAW_MODEL_H_
