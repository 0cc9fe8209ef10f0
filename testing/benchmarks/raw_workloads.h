// The raw contestants: careful code on a client's C API. Prepared statements
// reused, one transaction, columns straight into structs, and a loop where a
// program has many rows: on a server, each is a round trip.

#ifndef CUPEL_TESTING_BENCHMARKS_RAW_WORKLOADS_H_
#define CUPEL_TESTING_BENCHMARKS_RAW_WORKLOADS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/testing/benchmarks/raw_model.h"
#include "cupel/testing/benchmarks/workload.h"
#include "cupel/testing/benchmarks/workload_data.h"

namespace cupel::benchmarks::raw {

template <typename Connection>
class InsertAuthors : public RawContestant<Connection> {
  using typename RawContestant<Connection>::Statement;
  using RawContestant<Connection>::db;

 public:
  void Prepare(const std::string& address) override {
    RawContestant<Connection>::Prepare(address);
    AuthorContents(InsertedAuthors());
  }
  uint64_t Run() override {
    const std::string sql = Connection::WithKey(kInsertAuthor);
    Statement insert(db(), sql.c_str());
    db().Run("BEGIN");
    for (const AuthorContent& content : AuthorContents(InsertedAuthors())) {
      Author& author = authors_.emplace_back();
      author.name = content.name;
      author.email = content.email;
      insert.Bind(1, author.name);
      insert.Bind(2, author.email);
      insert.Run();
      author.id = insert.inserted_id();
    }
    db().Run("COMMIT");
    Checksum sum;
    for (const Author& author : authors_) sum.Add(author.id);
    return sum.value();
  }

 private:
  std::vector<Author> authors_;
};

template <typename Connection>
class LoadAllPosts : public RawContestant<Connection> {
  using typename RawContestant<Connection>::Statement;
  using RawContestant<Connection>::db;

 public:
  uint64_t Run() override {
    posts_ = LoadPosts(db());
    Checksum sum;
    for (const Post& post : posts_) AddPost(post, &sum);
    return sum.value();
  }

 private:
  std::vector<Post> posts_;
};

template <typename Connection>
class LookUpPosts : public RawContestant<Connection> {
  using typename RawContestant<Connection>::Statement;
  using RawContestant<Connection>::db;

 public:
  explicit LookUpPosts(int64_t count) : count_(count) {}
  uint64_t Run() override {
    const std::string sql = absl::StrCat(kSelectPosts, " WHERE id = ?");
    Statement select(db(), sql.c_str());
    db().Run("BEGIN");
    Random random(3);
    Checksum sum;
    for (int64_t i = 0; i < count_; ++i) {
      select.Bind(1, random.Below(Posts()) + 1);
      Post post;
      if (select.Step()) ReadPost(select, &post);
      select.Reset();
      AddPost(post, &sum);
    }
    db().Run("COMMIT");
    return sum.value();
  }

 private:
  int64_t count_;
};

// What an ordinary program keeps its objects in.
template <typename Connection>
class LookUpLoadedPosts : public RawContestant<Connection> {
  using typename RawContestant<Connection>::Statement;
  using RawContestant<Connection>::db;

 public:
  void Prepare(const std::string& address) override {
    RawContestant<Connection>::Prepare(address);
    for (Post& post : LoadPosts(db())) posts_.emplace(post.id, std::move(post));
  }
  uint64_t Run() override {
    Random random(4);
    Checksum sum;
    for (int64_t i = 0; i < LoadedLookUps(); ++i) {
      sum.Add(posts_.find(random.Below(Posts()) + 1)->second.published);
    }
    return sum.value();
  }

 private:
  std::unordered_map<int64_t, Post> posts_;
};

template <typename Connection>
class UpdatePosts : public RawContestant<Connection> {
  using typename RawContestant<Connection>::Statement;
  using RawContestant<Connection>::db;

 public:
  void Prepare(const std::string& address) override {
    RawContestant<Connection>::Prepare(address);
    posts_ = LoadPostsByKey(db());
  }
  uint64_t Run() override {
    Statement update(db(), kUpdateScore);
    db().Run("BEGIN");
    for (int64_t i = 0; i < Touched(); ++i) {
      Post& post = posts_[static_cast<size_t>(i * 5)];
      post.score += 1;
      update.Bind(1, post.score);
      update.Bind(2, post.id);
      update.Run();
    }
    db().Run("COMMIT");
    return 0;
  }

 private:
  std::vector<Post> posts_;
};

template <typename Connection>
class DeletePosts : public RawContestant<Connection> {
  using typename RawContestant<Connection>::Statement;
  using RawContestant<Connection>::db;

 public:
  void Prepare(const std::string& address) override {
    RawContestant<Connection>::Prepare(address);
    posts_ = LoadPostsByKey(db());
  }
  uint64_t Run() override {
    Statement erase(db(), "DELETE FROM post WHERE id = ?");
    db().Run("BEGIN");
    for (int64_t i = 0; i < Touched(); ++i) {
      erase.Bind(1, posts_[static_cast<size_t>(i * 5)].id);
      erase.Run();
    }
    db().Run("COMMIT");
    return 0;
  }

 private:
  std::vector<Post> posts_;
};

template <typename Connection>
class AuthorsWithPosts : public RawContestant<Connection> {
  using typename RawContestant<Connection>::Statement;
  using RawContestant<Connection>::db;

 public:
  uint64_t Run() override {
    db().Run("BEGIN");
    Statement authors(db(), "SELECT id, name, email FROM author");
    const std::string sql =
        absl::StrCat(kSelectPosts, " WHERE author_id = ? ORDER BY id");
    Statement posts(db(), sql.c_str());
    while (authors.Step()) {
      AuthorWithPosts& entry = authors_.emplace_back();
      entry.author.id = authors.Int(0);
      authors.Text(1, &entry.author.name);
      authors.Text(2, &entry.author.email);
    }
    for (AuthorWithPosts& entry : authors_) {
      posts.Bind(1, entry.author.id);
      while (posts.Step()) ReadPost(posts, &entry.posts.emplace_back());
    }
    db().Run("COMMIT");
    Checksum sum;
    for (const AuthorWithPosts& entry : authors_) {
      sum.Add(entry.author.id);
      sum.Add(entry.author.name);
      sum.Add(entry.author.email);
      for (const Post& post : entry.posts) AddPost(post, &sum);
    }
    return sum.value();
  }

 private:
  std::vector<AuthorWithPosts> authors_;
};

template <typename Connection>
class FilterPosts : public RawContestant<Connection> {
  using typename RawContestant<Connection>::Statement;
  using RawContestant<Connection>::db;

 public:
  uint64_t Run() override {
    const std::string sql = absl::StrCat(
        kSelectPosts, " WHERE score > ? AND title LIKE ? ORDER BY id LIMIT 20");
    Statement select(db(), sql.c_str());
    db().Run("BEGIN");
    Checksum sum;
    for (int64_t i = 0; i < Filters(); ++i) {
      const std::string pattern = FilterPattern(i);
      select.Bind(1, FilterScore(i));
      select.Bind(2, pattern);
      std::vector<Post> posts;
      while (select.Step()) ReadPost(select, &posts.emplace_back());
      for (const Post& post : posts) AddPost(post, &sum);
    }
    db().Run("COMMIT");
    return sum.value();
  }
};

template <typename Connection>
class InsertPosts : public RawContestant<Connection> {
  using typename RawContestant<Connection>::Statement;
  using RawContestant<Connection>::db;

 public:
  void Prepare(const std::string& address) override {
    RawContestant<Connection>::Prepare(address);
    NewPosts();
  }
  uint64_t Run() override {
    Statement insert(db(), kInsertPost);
    db().Run("BEGIN");
    for (const NewPost& post : NewPosts()) {
      insert.Bind(1, post.author_id);
      insert.Bind(2, post.title);
      insert.Bind(3, post.body);
      insert.Bind(4, post.score);
      insert.Bind(5, post.published);
      insert.Run();
    }
    db().Run("COMMIT");
    return 0;
  }
};

template <typename Connection>
class InsertGraph : public RawContestant<Connection> {
  using typename RawContestant<Connection>::Statement;
  using RawContestant<Connection>::db;

 public:
  void Prepare(const std::string& address) override {
    RawContestant<Connection>::Prepare(address);
    AuthorContents(GraphAuthors());
    PostContents(GraphAuthors() * kGraphPosts);
  }
  uint64_t Run() override {
    const std::string author_sql = Connection::WithKey(kInsertAuthor);
    const std::string post_sql = Connection::WithKey(kInsertPost);
    Statement author(db(), author_sql.c_str());
    Statement post(db(), post_sql.c_str());
    db().Run("BEGIN");
    const PostContent* next = PostContents(GraphAuthors() * kGraphPosts).data();
    for (int64_t i = 0; i < GraphAuthors(); ++i) {
      const AuthorContent& content = AuthorContents(GraphAuthors())[i];
      AuthorWithPosts& entry = authors_.emplace_back();
      entry.author.name = content.name;
      entry.author.email = content.email;
      author.Bind(1, entry.author.name);
      author.Bind(2, entry.author.email);
      author.Run();
      entry.author.id = author.inserted_id();
      for (int64_t j = 0; j < kGraphPosts; ++j) {
        const PostContent& text = *next++;
        Post& row = entry.posts.emplace_back();
        row.author_id = entry.author.id;
        row.title = text.title;
        row.body = text.body;
        row.score = text.score;
        row.published = text.published;
        post.Bind(1, row.author_id);
        post.Bind(2, row.title);
        post.Bind(3, row.body);
        post.Bind(4, row.score);
        post.Bind(5, row.published);
        post.Run();
        row.id = post.inserted_id();
      }
    }
    db().Run("COMMIT");
    return static_cast<uint64_t>(authors_.size());
  }

 private:
  std::vector<AuthorWithPosts> authors_;
};

// The text and the values, as a program puts them together by hand.
template <typename Connection>
class BuildQueries : public RawContestant<Connection> {
  using typename RawContestant<Connection>::Statement;
  using RawContestant<Connection>::db;

 public:
  uint64_t Run() override {
    Checksum sum;
    for (int64_t i = 0; i < BuiltQueries(); ++i) {
      const OptionalFilters filters = FiltersOf(i);
      std::string sql(kSelectPosts);
      std::vector<std::variant<int64_t, double>> values;
      const auto add = [&](const auto& value, absl::string_view condition) {
        if (!value.has_value()) return;
        sql.append(values.empty() ? " WHERE " : " AND ").append(condition);
        values.push_back(*value);
      };
      add(filters.author, "author_id = ?");
      add(filters.min_author, "author_id >= ?");
      add(filters.max_author, "author_id <= ?");
      add(filters.id, "id <> ?");
      add(filters.min_id, "id >= ?");
      add(filters.max_id, "id <= ?");
      add(filters.min_score, "score >= ?");
      add(filters.max_score, "score <= ?");
      add(filters.published, "published = ?");
      add(filters.not_published, "published <> ?");
      sql.append(" ORDER BY id LIMIT ?");
      values.push_back(int64_t{20});
      sum.Add(static_cast<int64_t>(values.size()));
      sum.Add(std::get<int64_t>(values[0]));
      sum.Add(static_cast<int64_t>(sql.empty()));
    }
    return sum.value();
  }
};

}  // namespace cupel::benchmarks::raw

#endif  // CUPEL_TESTING_BENCHMARKS_RAW_WORKLOADS_H_
