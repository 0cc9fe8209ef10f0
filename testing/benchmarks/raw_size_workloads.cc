// The raw contestant of the workloads whose cost is followed over a size.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cupel/testing/benchmarks/raw_model.h"
#include "cupel/testing/benchmarks/raw_sqlite.h"
#include "cupel/testing/benchmarks/workload.h"
#include "cupel/testing/benchmarks/workload_data.h"

namespace cupel::benchmarks {
namespace raw {
namespace {

class ScanPosts : public RawContestant {
 public:
  void Prepare(const std::string& path) override {
    RawContestant::Prepare(path);
    RawStatement fill(db(), "SELECT max(score) FROM post");
    fill.Run();
  }
  uint64_t Run() override {
    RawStatement select(db(), kSelectPosts);
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
class FlushPosts : public RawContestant {
 public:
  FlushPosts(int64_t loaded, int64_t touched, int64_t flushes)
      : loaded_(loaded), touched_(touched), flushes_(flushes) {}
  void Prepare(const std::string& path) override {
    RawContestant::Prepare(path);
    db().Run("BEGIN");
    posts_ = LoadFirstPosts(db(), loaded_);
  }
  uint64_t Run() override {
    RawStatement update(db(), kUpdateScore);
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

class LoadSomePosts : public RawContestant {
 public:
  LoadSomePosts(int64_t count, int64_t repeats)
      : count_(count), repeats_(repeats) {}
  uint64_t Run() override {
    RawStatement select(db(), kSelectFirstPosts);
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

class AddPosts : public RawContestant {
 public:
  AddPosts(int64_t count, int64_t repeats) : count_(count), repeats_(repeats) {}
  void Prepare(const std::string& path) override {
    RawContestant::Prepare(path);
    PostContents(Posts());
  }
  uint64_t Run() override {
    RawStatement insert(db(), kInsertPost);
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
        post.id = db().last_insert_id();
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
class GetPosts : public RawContestant {
 public:
  GetPosts(int64_t loaded, int64_t gets) : loaded_(loaded), gets_(gets) {}
  void Prepare(const std::string& path) override {
    RawContestant::Prepare(path);
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

}  // namespace
}  // namespace raw

MadeContestant MakeRawScanPosts() { return std::make_unique<raw::ScanPosts>(); }
MadeContestant MakeRawFlushPosts(int64_t loaded, int64_t touched,
                                 int64_t flushes) {
  return std::make_unique<raw::FlushPosts>(loaded, touched, flushes);
}
MadeContestant MakeRawLoadFirstPosts(int64_t count, int64_t repeats) {
  return std::make_unique<raw::LoadSomePosts>(count, repeats);
}
MadeContestant MakeRawAddPosts(int64_t count, int64_t repeats) {
  return std::make_unique<raw::AddPosts>(count, repeats);
}
MadeContestant MakeRawGetPosts(int64_t loaded, int64_t gets) {
  return std::make_unique<raw::GetPosts>(loaded, gets);
}

}  // namespace cupel::benchmarks
