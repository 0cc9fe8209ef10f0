// The Cupel contestant of the workloads whose cost is followed over a size.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "cupel/orm/orm.h"
#include "cupel/query/query.h"
#include "cupel/testing/benchmarks/cupel_model.h"
#include "cupel/testing/benchmarks/workload.h"
#include "cupel/testing/benchmarks/workload_data.h"

namespace cupel::benchmarks {
namespace {

// The posts with the keys 1 to `count`.
std::vector<Ref<Post>> LoadFirstPosts(Session& session, int64_t count) {
  return ValueOrExit(
      session.Query<Post>().Filter(col<&Post::id> <= count).All());
}

class StreamEntities : public CupelContestant {
 public:
  void Prepare(const std::string& address) override {
    CupelContestant::Prepare(address);
    ValueOrExit(
        session().Select(query::Max(col<&Post::score>)).From<Post>().One());
  }
  uint64_t Run() override {
    return Stream([] {});
  }
  uint64_t Stream(absl::FunctionRef<void()> after_chunk) {
    auto posts = ValueOrExit(session().Query<Post>().Stream(kPostsInChunk));
    Checksum sum;
    int64_t passed = 0;
    while (ValueOrExit(posts.Next())) {
      AddPost(*posts, &sum);
      if (++passed % kPostsInChunk == 0) after_chunk();
    }
    return sum.value();
  }
};

class FlushPosts : public CupelContestant {
 public:
  FlushPosts(int64_t loaded, int64_t touched, int64_t flushes)
      : loaded_(loaded), touched_(touched), flushes_(flushes) {}
  void Prepare(const std::string& address) override {
    CupelContestant::Prepare(address);
    posts_ = LoadFirstPosts(session(), loaded_);
  }
  uint64_t Run() override {
    size_t at = 0;
    for (int64_t i = 0; i < flushes_; ++i) {
      for (int64_t j = 0; j < touched_; ++j) {
        posts_[at++ % posts_.size()].Edit().score += 1;
      }
      ExitUnlessOk(session().Flush());
    }
    Checksum sum;
    sum.Add(posts_[0]->score);
    return sum.value();
  }
  void Finish() override { ExitUnlessOk(session().Commit()); }

 private:
  int64_t loaded_;
  int64_t touched_;
  int64_t flushes_;
  std::vector<Ref<Post>> posts_;
};

class LoadSomePosts : public CupelContestant {
 public:
  LoadSomePosts(int64_t count, int64_t repeats)
      : count_(count), repeats_(repeats) {}
  uint64_t Run() override {
    Checksum sum;
    for (int64_t i = 0; i < repeats_; ++i) {
      for (const Ref<Post>& post : LoadFirstPosts(session(), count_)) {
        AddPost(*post, &sum);
      }
    }
    return sum.value();
  }

 private:
  int64_t count_;
  int64_t repeats_;
};

class AddPosts : public CupelContestant {
 public:
  AddPosts(int64_t count, int64_t repeats) : count_(count), repeats_(repeats) {}
  void Prepare(const std::string& address) override {
    CupelContestant::Prepare(address);
    PostContents(Posts());
  }
  uint64_t Run() override {
    Checksum sum;
    for (int64_t i = 0; i < repeats_; ++i) {
      std::vector<Ref<Post>> posts;
      for (int64_t j = 0; j < count_; ++j) {
        const PostContent& content =
            PostContents(Posts())[static_cast<size_t>(j % Posts())];
        posts.push_back(session().Add(Post{.author_id = j % Authors() + 1,
                                           .title = content.title,
                                           .body = content.body,
                                           .score = content.score,
                                           .published = content.published}));
      }
      ExitUnlessOk(session().Commit());
      for (const Ref<Post>& post : posts) sum.Add(post->id);
    }
    return sum.value();
  }

 private:
  int64_t count_;
  int64_t repeats_;
};

class GetPosts : public CupelContestant {
 public:
  GetPosts(int64_t loaded, int64_t gets) : loaded_(loaded), gets_(gets) {}
  void Prepare(const std::string& address) override {
    CupelContestant::Prepare(address);
    posts_ = LoadFirstPosts(session(), loaded_);
  }
  uint64_t Run() override {
    Random random(4);
    Checksum sum;
    for (int64_t i = 0; i < gets_; ++i) {
      sum.Add(ValueOrExit(session().Get<Post>(random.Below(loaded_) + 1))
                  ->published);
    }
    return sum.value();
  }

 private:
  int64_t loaded_;
  int64_t gets_;
  std::vector<Ref<Post>> posts_;
};

}  // namespace

MadeContestant MakeCupelStreamEntities() {
  return std::make_unique<StreamEntities>();
}
MadeContestant MakeCupelFlushPosts(int64_t loaded, int64_t touched,
                                   int64_t flushes) {
  return std::make_unique<FlushPosts>(loaded, touched, flushes);
}
MadeContestant MakeCupelLoadFirstPosts(int64_t count, int64_t repeats) {
  return std::make_unique<LoadSomePosts>(count, repeats);
}
MadeContestant MakeCupelAddPosts(int64_t count, int64_t repeats) {
  return std::make_unique<AddPosts>(count, repeats);
}
MadeContestant MakeCupelGetPosts(int64_t loaded, int64_t gets) {
  return std::make_unique<GetPosts>(loaded, gets);
}

void StreamPostsInChunks(const std::string& address,
                         absl::FunctionRef<void()> after_chunk) {
  StreamEntities contestant;
  contestant.Prepare(address);
  contestant.Stream(after_chunk);
}

}  // namespace cupel::benchmarks
