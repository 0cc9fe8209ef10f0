// The raw contestant: careful code on the C API. Prepared statements reused,
// one transaction, columns straight into structs.

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
#include "cupel/testing/benchmarks/raw_sqlite.h"
#include "cupel/testing/benchmarks/workload.h"
#include "cupel/testing/benchmarks/workload_data.h"

namespace cupel::benchmarks {
namespace raw {
namespace {

class InsertAuthors : public RawContestant {
 public:
  void Prepare(const std::string& path) override {
    RawContestant::Prepare(path);
    AuthorContents(InsertedAuthors());
  }
  uint64_t Run() override {
    RawStatement insert(db(), "INSERT INTO author(name, email) VALUES (?,?)");
    db().Run("BEGIN");
    for (const AuthorContent& content : AuthorContents(InsertedAuthors())) {
      Author& author = authors_.emplace_back();
      author.name = content.name;
      author.email = content.email;
      insert.Bind(1, author.name);
      insert.Bind(2, author.email);
      insert.Run();
      author.id = db().last_insert_id();
    }
    db().Run("COMMIT");
    Checksum sum;
    for (const Author& author : authors_) sum.Add(author.id);
    return sum.value();
  }

 private:
  std::vector<Author> authors_;
};

class LoadAllPosts : public RawContestant {
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

class LookUpPosts : public RawContestant {
 public:
  explicit LookUpPosts(int64_t count) : count_(count) {}
  uint64_t Run() override {
    const std::string sql = absl::StrCat(kSelectPosts, " WHERE id = ?");
    RawStatement select(db(), sql.c_str());
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
class LookUpLoadedPosts : public RawContestant {
 public:
  void Prepare(const std::string& path) override {
    RawContestant::Prepare(path);
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

class UpdatePosts : public RawContestant {
 public:
  void Prepare(const std::string& path) override {
    RawContestant::Prepare(path);
    posts_ = LoadPosts(db());
  }
  uint64_t Run() override {
    RawStatement update(db(), kUpdateScore);
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

class DeletePosts : public RawContestant {
 public:
  void Prepare(const std::string& path) override {
    RawContestant::Prepare(path);
    posts_ = LoadPosts(db());
  }
  uint64_t Run() override {
    RawStatement erase(db(), "DELETE FROM post WHERE id = ?");
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

class AuthorsWithPosts : public RawContestant {
 public:
  uint64_t Run() override {
    db().Run("BEGIN");
    RawStatement authors(db(), "SELECT id, name, email FROM author");
    const std::string sql =
        absl::StrCat(kSelectPosts, " WHERE author_id = ? ORDER BY id");
    RawStatement posts(db(), sql.c_str());
    while (authors.Step()) {
      AuthorWithPosts& entry = authors_.emplace_back();
      entry.author.id = authors.Int(0);
      authors.Text(1, &entry.author.name);
      authors.Text(2, &entry.author.email);
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

class FilterPosts : public RawContestant {
 public:
  uint64_t Run() override {
    const std::string sql = absl::StrCat(
        kSelectPosts, " WHERE score > ? AND title LIKE ? ORDER BY id LIMIT 20");
    RawStatement select(db(), sql.c_str());
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

class InsertPosts : public RawContestant {
 public:
  void Prepare(const std::string& path) override {
    RawContestant::Prepare(path);
    NewPosts();
  }
  uint64_t Run() override {
    RawStatement insert(db(), kInsertPost);
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

class InsertGraph : public RawContestant {
 public:
  void Prepare(const std::string& path) override {
    RawContestant::Prepare(path);
    AuthorContents(GraphAuthors());
    PostContents(GraphAuthors() * kGraphPosts);
  }
  uint64_t Run() override {
    RawStatement author(db(), "INSERT INTO author(name, email) VALUES (?,?)");
    RawStatement post(db(), kInsertPost);
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
      entry.author.id = db().last_insert_id();
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
        row.id = db().last_insert_id();
      }
    }
    db().Run("COMMIT");
    return static_cast<uint64_t>(authors_.size());
  }

 private:
  std::vector<AuthorWithPosts> authors_;
};

// The text and the values, as a program puts them together by hand.
class BuildQueries : public RawContestant {
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

}  // namespace
}  // namespace raw

const std::vector<NewPost>& NewPosts() {
  static const auto& posts = *new std::vector<NewPost>([] {
    std::vector<NewPost> made;
    for (const PostContent& content : PostContents(InsertedPosts())) {
      const auto author = static_cast<int64_t>(made.size()) % Authors() + 1;
      made.push_back({author, content.title, content.body, content.score,
                      content.published});
    }
    return made;
  }());
  return posts;
}

OptionalFilters FiltersOf(int64_t i) {
  return {.author = i % 1000,
          .min_author = 1,
          .max_author = 1000,
          .id = i,
          .min_id = 1,
          .max_id = 100000,
          .min_score = 1.0,
          .max_score = 99.0,
          .published = 1,
          .not_published = 2};
}

double FilterScore(int64_t i) { return static_cast<double>(i % 50); }

std::string FilterPattern(int64_t i) {
  static constexpr absl::string_view kCommon = "etaoinshrd";
  return absl::StrCat("%", kCommon.substr(static_cast<size_t>(i % 10), 1), "%");
}

std::unique_ptr<Contestant> MakeRawInsertAuthors() {
  return std::make_unique<raw::InsertAuthors>();
}
std::unique_ptr<Contestant> MakeRawLoadPosts() {
  return std::make_unique<raw::LoadAllPosts>();
}
std::unique_ptr<Contestant> MakeRawLookUpPosts() {
  return std::make_unique<raw::LookUpPosts>(LookUps());
}
std::unique_ptr<Contestant> MakeRawLookUpLoadedPosts() {
  return std::make_unique<raw::LookUpLoadedPosts>();
}
std::unique_ptr<Contestant> MakeRawUpdatePosts() {
  return std::make_unique<raw::UpdatePosts>();
}
std::unique_ptr<Contestant> MakeRawDeletePosts() {
  return std::make_unique<raw::DeletePosts>();
}
std::unique_ptr<Contestant> MakeRawAuthorsWithPosts() {
  return std::make_unique<raw::AuthorsWithPosts>();
}
std::unique_ptr<Contestant> MakeRawFilterPosts() {
  return std::make_unique<raw::FilterPosts>();
}
std::unique_ptr<Contestant> MakeRawInsertPosts() {
  return std::make_unique<raw::InsertPosts>();
}
std::unique_ptr<Contestant> MakeRawInsertGraph() {
  return std::make_unique<raw::InsertGraph>();
}
std::unique_ptr<Contestant> MakeRawBuildQueries() {
  return std::make_unique<raw::BuildQueries>();
}

}  // namespace cupel::benchmarks
