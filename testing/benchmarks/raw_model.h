// What the raw contestant keeps its rows in, and how it reads them.

#ifndef CUPEL_TESTING_BENCHMARKS_RAW_MODEL_H_
#define CUPEL_TESTING_BENCHMARKS_RAW_MODEL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cupel/testing/benchmarks/raw_sqlite.h"
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
inline constexpr char kSelectFirstPosts[] =
    "SELECT id, author_id, title, body, score, published FROM post"
    " WHERE id <= ?";
inline constexpr char kInsertPost[] =
    "INSERT INTO post(author_id, title, body, score, published)"
    " VALUES (?,?,?,?,?)";
inline constexpr char kUpdateScore[] = "UPDATE post SET score = ? WHERE id = ?";

inline void ReadPost(const RawStatement& row, Post* post) {
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
inline std::vector<Post> ReadPosts(RawStatement* select) {
  std::vector<Post> posts;
  while (select->Step()) ReadPost(*select, &posts.emplace_back());
  return posts;
}

inline std::vector<Post> LoadPosts(const RawConnection& db) {
  RawStatement select(db, kSelectPosts);
  return ReadPosts(&select);
}

// The posts with the keys 1 to `count`.
inline std::vector<Post> LoadFirstPosts(const RawConnection& db,
                                        int64_t count) {
  RawStatement select(db, kSelectFirstPosts);
  select.Bind(1, count);
  return ReadPosts(&select);
}

class RawContestant : public Contestant {
 public:
  void Prepare(const std::string& path) override { db_.emplace(path); }

 protected:
  RawConnection& db() { return *db_; }

 private:
  std::optional<RawConnection> db_;
};

}  // namespace cupel::benchmarks::raw

#endif  // CUPEL_TESTING_BENCHMARKS_RAW_MODEL_H_
