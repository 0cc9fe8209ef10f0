// The raw contestants of the workloads whose cost is followed over a size, and
// all of them together.

#ifndef CUPEL_TESTING_BENCHMARKS_RAW_SIZE_WORKLOADS_H_
#define CUPEL_TESTING_BENCHMARKS_RAW_SIZE_WORKLOADS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cupel/testing/benchmarks/raw_model.h"
#include "cupel/testing/benchmarks/raw_workloads.h"
#include "cupel/testing/benchmarks/workload.h"
#include "cupel/testing/benchmarks/workload_data.h"

namespace cupel::benchmarks::raw {

template <typename Connection>
class ScanPosts : public RawContestant<Connection> {
  using typename RawContestant<Connection>::Statement;
  using RawContestant<Connection>::db;

 public:
  void Prepare(const std::string& address) override {
    RawContestant<Connection>::Prepare(address);
    Statement fill(db(), "SELECT max(score) FROM post");
    fill.Run();
  }
  uint64_t Run() override {
    Statement select(db(), kSelectPosts);
    Post post;
    Checksum sum;
    while (select.Step()) {
      ReadPost(select, &post);
      AddPost(post, &sum);
    }
    return sum.value();
  }
};

// Some of the loaded posts are written again and again, in a transaction that
// is open before the clock starts.
template <typename Connection>
class FlushPosts : public RawContestant<Connection> {
  using typename RawContestant<Connection>::Statement;
  using RawContestant<Connection>::db;

 public:
  FlushPosts(int64_t loaded, int64_t touched, int64_t flushes)
      : loaded_(loaded), touched_(touched), flushes_(flushes) {}
  void Prepare(const std::string& address) override {
    RawContestant<Connection>::Prepare(address);
    db().Run("BEGIN");
    posts_ = LoadFirstPosts(db(), loaded_);
  }
  uint64_t Run() override {
    Statement update(db(), kUpdateScore);
    size_t at = 0;
    for (int64_t i = 0; i < flushes_; ++i) {
      for (int64_t j = 0; j < touched_; ++j) {
        Post& post = posts_[at++ % posts_.size()];
        post.score += 1;
        update.Bind(1, post.score);
        update.Bind(2, post.id);
        update.Run();
      }
    }
    Checksum sum;
    sum.Add(posts_[0].score);
    return sum.value();
  }
  void Finish() override { db().Run("COMMIT"); }

 private:
  int64_t loaded_;
  int64_t touched_;
  int64_t flushes_;
  std::vector<Post> posts_;
};

template <typename Connection>
class LoadSomePosts : public RawContestant<Connection> {
  using typename RawContestant<Connection>::Statement;
  using RawContestant<Connection>::db;

 public:
  LoadSomePosts(int64_t count, int64_t repeats)
      : count_(count), repeats_(repeats) {}
  uint64_t Run() override {
    Statement select(db(), kSelectFirstPosts);
    db().Run("BEGIN");
    Checksum sum;
    for (int64_t i = 0; i < repeats_; ++i) {
      select.Bind(1, count_);
      for (const Post& post : ReadPosts(&select)) AddPost(post, &sum);
    }
    db().Run("COMMIT");
    return sum.value();
  }

 private:
  int64_t count_;
  int64_t repeats_;
};

template <typename Connection>
class AddPosts : public RawContestant<Connection> {
  using typename RawContestant<Connection>::Statement;
  using RawContestant<Connection>::db;

 public:
  AddPosts(int64_t count, int64_t repeats) : count_(count), repeats_(repeats) {}
  void Prepare(const std::string& address) override {
    RawContestant<Connection>::Prepare(address);
    PostContents(Posts());
  }
  uint64_t Run() override {
    const std::string sql = Connection::WithKey(kInsertPost);
    Statement insert(db(), sql.c_str());
    Checksum sum;
    for (int64_t i = 0; i < repeats_; ++i) {
      std::vector<Post> posts;
      db().Run("BEGIN");
      for (int64_t j = 0; j < count_; ++j) {
        const PostContent& content = PostContents(Posts())[j % Posts()];
        Post& post = posts.emplace_back();
        post.author_id = j % Authors() + 1;
        post.title = content.title;
        post.body = content.body;
        post.score = content.score;
        post.published = content.published;
        insert.Bind(1, post.author_id);
        insert.Bind(2, post.title);
        insert.Bind(3, post.body);
        insert.Bind(4, post.score);
        insert.Bind(5, post.published);
        insert.Run();
        post.id = insert.inserted_id();
      }
      db().Run("COMMIT");
      for (const Post& post : posts) sum.Add(post.id);
    }
    return sum.value();
  }

 private:
  int64_t count_;
  int64_t repeats_;
};

// What an ordinary program keeps its objects in.
template <typename Connection>
class GetPosts : public RawContestant<Connection> {
  using typename RawContestant<Connection>::Statement;
  using RawContestant<Connection>::db;

 public:
  GetPosts(int64_t loaded, int64_t gets) : loaded_(loaded), gets_(gets) {}
  void Prepare(const std::string& address) override {
    RawContestant<Connection>::Prepare(address);
    for (Post& post : LoadFirstPosts(db(), loaded_)) {
      posts_.emplace(post.id, std::move(post));
    }
  }
  uint64_t Run() override {
    Random random(4);
    Checksum sum;
    for (int64_t i = 0; i < gets_; ++i) {
      sum.Add(posts_.find(random.Below(loaded_) + 1)->second.published);
    }
    return sum.value();
  }

 private:
  int64_t loaded_;
  int64_t gets_;
  std::unordered_map<int64_t, Post> posts_;
};

template <typename Side, typename... Sizes>
MadeContestant Make(Sizes... sizes) {
  return std::make_unique<Side>(sizes...);
}

template <typename Connection>
RawContestants ContestantsOf() {
  return {
      .insert_authors = Make<InsertAuthors<Connection>>,
      .load_posts = Make<LoadAllPosts<Connection>>,
      .look_up_posts = [] { return Make<LookUpPosts<Connection>>(LookUps()); },
      .look_up_loaded_posts = Make<LookUpLoadedPosts<Connection>>,
      .update_posts = Make<UpdatePosts<Connection>>,
      .delete_posts = Make<DeletePosts<Connection>>,
      .authors_with_posts = Make<AuthorsWithPosts<Connection>>,
      .filter_posts = Make<FilterPosts<Connection>>,
      .insert_posts = Make<InsertPosts<Connection>>,
      .insert_graph = Make<InsertGraph<Connection>>,
      .build_queries = Make<BuildQueries<Connection>>,
      .scan_posts = Make<ScanPosts<Connection>>,
      .flush_posts = Make<FlushPosts<Connection>, int64_t, int64_t, int64_t>,
      .load_first_posts = Make<LoadSomePosts<Connection>, int64_t, int64_t>,
      .add_posts = Make<AddPosts<Connection>, int64_t, int64_t>,
      .get_posts = Make<GetPosts<Connection>, int64_t, int64_t>,
  };
}

}  // namespace cupel::benchmarks::raw

#endif  // CUPEL_TESTING_BENCHMARKS_RAW_SIZE_WORKLOADS_H_
