// The Cupel contestant: the ordinary API, as a user of the ORM writes it.

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/orm/orm.h"
#include "cupel/query/query.h"
#include "cupel/testing/benchmarks/cupel_model.h"
#include "cupel/testing/benchmarks/workload.h"
#include "cupel/testing/benchmarks/workload_data.h"

namespace cupel::benchmarks {
namespace {

void AddAuthor(const Author& author, Checksum* sum) {
  sum->Add(author.id);
  sum->Add(author.name);
  sum->Add(author.email);
}

// All posts are in the session when the clock starts.
class LoadedPosts : public CupelContestant {
 public:
  void Prepare(const std::string& address) override {
    CupelContestant::Prepare(address);
    posts_ = ValueOrExit(session().Query<Post>().OrderBy(col<&Post::id>).All());
  }

 protected:
  // The `i`-th of the posts to be changed: every fifth.
  const Ref<Post>& ToTouch(int64_t i) const {
    return posts_[static_cast<size_t>(i * 5)];
  }

 private:
  std::vector<Ref<Post>> posts_;
};

class InsertAuthors : public CupelContestant {
 public:
  void Prepare(const std::string& address) override {
    CupelContestant::Prepare(address);
    AuthorContents(InsertedAuthors());
  }
  uint64_t Run() override {
    for (const AuthorContent& content : AuthorContents(InsertedAuthors())) {
      authors_.push_back(
          session().Add(Author{.name = content.name, .email = content.email}));
    }
    ExitUnlessOk(session().Commit());
    Checksum sum;
    for (const Ref<Author>& author : authors_) sum.Add(author->id);
    return sum.value();
  }

 private:
  std::vector<Ref<Author>> authors_;
};

class LoadAllPosts : public CupelContestant {
 public:
  LoadAllPosts() : CupelContestant(kMapOption) {}
  uint64_t Run() override {
    posts_ = ValueOrExit(session().Query<Post>().All());
    Checksum sum;
    for (const Ref<Post>& post : posts_) AddPost(*post, &sum);
    return sum.value();
  }

 private:
  std::vector<Ref<Post>> posts_;
};

class StreamPosts : public CupelContestant {
 public:
  StreamPosts() : CupelContestant(kMapOption) {}
  uint64_t Run() override {
    auto rows = ValueOrExit(
        session()
            .Select(col<&Post::id>, col<&Post::author_id>, col<&Post::title>,
                    col<&Post::body>, col<&Post::score>, col<&Post::published>)
            .Stream());
    Checksum sum;
    while (ValueOrExit(rows.Next())) {
      std::apply([&sum](const auto&... field) { (sum.Add(field), ...); },
                 *rows);
    }
    return sum.value();
  }
};

class LookUpPosts : public CupelContestant {
 public:
  LookUpPosts() : CupelContestant(kMapOption) {}
  uint64_t Run() override {
    Random random(3);
    Checksum sum;
    for (int64_t i = 0; i < LookUps(); ++i) {
      const Ref<Post> post =
          ValueOrExit(session().Get<Post>(random.Below(Posts()) + 1));
      AddPost(*post, &sum);
    }
    return sum.value();
  }
};

class LookUpLoadedPosts : public LoadedPosts {
 public:
  uint64_t Run() override {
    Random random(4);
    Checksum sum;
    for (int64_t i = 0; i < LoadedLookUps(); ++i) {
      const Ref<Post> post =
          ValueOrExit(session().Get<Post>(random.Below(Posts()) + 1));
      sum.Add(post->published);
    }
    return sum.value();
  }
};

class UpdatePosts : public LoadedPosts {
 public:
  uint64_t Run() override {
    for (int64_t i = 0; i < Touched(); ++i) {
      ToTouch(i).Edit().score += 1;
    }
    ExitUnlessOk(session().Commit());
    return 0;
  }
};

class DeletePosts : public LoadedPosts {
 public:
  uint64_t Run() override {
    for (int64_t i = 0; i < Touched(); ++i) {
      ExitUnlessOk(session().Delete(ToTouch(i)));
    }
    ExitUnlessOk(session().Commit());
    return 0;
  }
};

// Authors and their posts; `options` say how the posts come.
class AuthorsWithPosts : public CupelContestant {
 public:
  explicit AuthorsWithPosts(bool eager)
      : CupelContestant(kMapOption), eager_(eager) {}
  uint64_t Run() override {
    auto query = session().Query<Author>().OrderBy(col<&Author::id>);
    if (eager_) query = query.Options(SelectInLoad<&Author::posts>());
    authors_ = ValueOrExit(query.All());
    Checksum sum;
    for (const Ref<Author>& author : authors_) {
      AddAuthor(*author, &sum);
      for (const Post& post : author->posts) AddPost(post, &sum);
    }
    return sum.value();
  }

 private:
  bool eager_;
  std::vector<Ref<Author>> authors_;
};

class FilterPosts : public CupelContestant {
 public:
  FilterPosts() : CupelContestant(kMapOption) {}
  uint64_t Run() override {
    Checksum sum;
    for (int64_t i = 0; i < Filters(); ++i) {
      const auto posts =
          ValueOrExit(session()
                          .Query<Post>()
                          .Filter(col<&Post::score> > FilterScore(i),
                                  col<&Post::title>.Like(FilterPattern(i)))
                          .OrderBy(col<&Post::id>)
                          .Limit(20)
                          .All());
      for (const Ref<Post>& post : posts) AddPost(*post, &sum);
    }
    return sum.value();
  }
};

class InsertPosts : public CupelContestant {
 public:
  void Prepare(const std::string& address) override {
    CupelContestant::Prepare(address);
    NewPosts();
  }
  uint64_t Run() override {
    auto connection = ValueOrExit(db().engine().Connect());
    query::StatementCache cache;
    ExitUnlessOk(query::InsertObjects(
        connection, cache, absl::MakeConstSpan(NewPosts()),
        {query::From(col<&Post::author_id>, &NewPost::author_id),
         query::From(col<&Post::title>, &NewPost::title),
         query::From(col<&Post::body>, &NewPost::body),
         query::From(col<&Post::score>, &NewPost::score),
         query::From(col<&Post::published>, &NewPost::published)}));
    ExitUnlessOk(connection.Commit());
    return 0;
  }
};

class InsertGraph : public CupelContestant {
 public:
  void Prepare(const std::string& address) override {
    CupelContestant::Prepare(address);
    AuthorContents(GraphAuthors());
    PostContents(GraphAuthors() * kGraphPosts);
  }
  uint64_t Run() override {
    const PostContent* next = PostContents(GraphAuthors() * kGraphPosts).data();
    for (int64_t i = 0; i < GraphAuthors(); ++i) {
      const AuthorContent& content =
          AuthorContents(GraphAuthors())[static_cast<size_t>(i)];
      Author author{.name = content.name, .email = content.email};
      for (int64_t j = 0; j < kGraphPosts; ++j) {
        const PostContent& text = *next++;
        author.posts.Append(Post{.title = text.title,
                                 .body = text.body,
                                 .score = text.score,
                                 .published = text.published});
      }
      authors_.push_back(session().Add(std::move(author)));
    }
    ExitUnlessOk(session().Commit());
    return static_cast<uint64_t>(authors_.size());
  }

 private:
  std::vector<Ref<Author>> authors_;
};

// Up to the text and the values of the placeholders.
class BuildQueries : public CupelContestant {
 public:
  uint64_t Run() override {
    query::StatementCache cache;
    const engine::Dialect& dialect = db().engine().dialect();
    Checksum sum;
    for (int64_t i = 0; i < BuiltQueries(); ++i) {
      const auto statement = Filtered(FiltersOf(i));
      const auto compiled = ValueOrExit(cache.GetOrCompile(statement, dialect));
      query::BoundParameters bound;
      ExitUnlessOk(bound.Fill(*compiled, statement));
      sum.Add(static_cast<int64_t>(bound.values().size()));
      sum.Add(bound.values()[0].int64_value());
      sum.Add(static_cast<int64_t>(bound.sql().empty()));
    }
    return sum.value();
  }

 private:
  static query::Select Filtered(const OptionalFilters& filters) {
    query::Select select(col<&Post::id>, col<&Post::author_id>,
                         col<&Post::title>, col<&Post::body>, col<&Post::score>,
                         col<&Post::published>);
    const auto add = [&select](const auto& value, const auto& condition) {
      if (value.has_value()) {
        select = std::move(select).Where(condition(*value));
      }
    };
    add(filters.author, [](int64_t v) { return col<&Post::author_id> == v; });
    add(filters.min_author,
        [](int64_t v) { return col<&Post::author_id> >= v; });
    add(filters.max_author,
        [](int64_t v) { return col<&Post::author_id> <= v; });
    add(filters.id, [](int64_t v) { return col<&Post::id> != v; });
    add(filters.min_id, [](int64_t v) { return col<&Post::id> >= v; });
    add(filters.max_id, [](int64_t v) { return col<&Post::id> <= v; });
    add(filters.min_score, [](double v) { return col<&Post::score> >= v; });
    add(filters.max_score, [](double v) { return col<&Post::score> <= v; });
    add(filters.published,
        [](int64_t v) { return col<&Post::published> == v; });
    add(filters.not_published,
        [](int64_t v) { return col<&Post::published> != v; });
    return std::move(select).OrderBy(col<&Post::id>).Limit(20);
  }
};

}  // namespace

std::unique_ptr<Contestant> MakeCupelInsertAuthors() {
  return std::make_unique<InsertAuthors>();
}
std::unique_ptr<Contestant> MakeCupelLoadPosts() {
  return std::make_unique<LoadAllPosts>();
}
std::unique_ptr<Contestant> MakeCupelStreamPosts() {
  return std::make_unique<StreamPosts>();
}
std::unique_ptr<Contestant> MakeCupelLookUpPosts() {
  return std::make_unique<LookUpPosts>();
}
std::unique_ptr<Contestant> MakeCupelLookUpLoadedPosts() {
  return std::make_unique<LookUpLoadedPosts>();
}
std::unique_ptr<Contestant> MakeCupelUpdatePosts() {
  return std::make_unique<UpdatePosts>();
}
std::unique_ptr<Contestant> MakeCupelDeletePosts() {
  return std::make_unique<DeletePosts>();
}
std::unique_ptr<Contestant> MakeCupelEagerAuthors() {
  return std::make_unique<AuthorsWithPosts>(/*eager=*/true);
}
std::unique_ptr<Contestant> MakeCupelLazyAuthors() {
  return std::make_unique<AuthorsWithPosts>(/*eager=*/false);
}
std::unique_ptr<Contestant> MakeCupelFilterPosts() {
  return std::make_unique<FilterPosts>();
}
std::unique_ptr<Contestant> MakeCupelInsertPosts() {
  return std::make_unique<InsertPosts>();
}
std::unique_ptr<Contestant> MakeCupelInsertGraph() {
  return std::make_unique<InsertGraph>();
}
std::unique_ptr<Contestant> MakeCupelBuildQueries() {
  return std::make_unique<BuildQueries>();
}

}  // namespace cupel::benchmarks
