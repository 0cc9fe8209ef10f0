#include "cupel/testing/benchmarks/workload_data.h"

#include <cstring>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace cupel::benchmarks {
namespace {

// Words, so that a LIKE pattern of common letters matches most titles.
std::string Words(int64_t number, uint64_t salt, int64_t length) {
  static constexpr absl::string_view kLetters = "etaoinshrdlucmfwypvbgkjqxz";
  Random random(static_cast<uint64_t>(number) * 2654435761u + salt);
  std::string text;
  text.reserve(static_cast<size_t>(length));
  while (static_cast<int64_t>(text.size()) < length) {
    const uint64_t bits = random.Next();
    for (int i = 0; i < 8 && static_cast<int64_t>(text.size()) < length; ++i) {
      const uint64_t pick = (bits >> (8 * i)) & 0xff;
      // Squaring favours the front of the alphabet by frequency.
      text.push_back(pick % 6 == 5 ? ' ' : kLetters[pick * pick / 2502]);
    }
  }
  return text;
}

}  // namespace

std::string AuthorName(int64_t number) {
  return absl::StrCat("author ", Words(number, 1, 12));
}

std::string AuthorEmail(int64_t number) {
  // Scattered, so that the unique index is not filled in order.
  Random random(static_cast<uint64_t>(number) + 77);
  return absl::StrCat("a", random.Next() % 100000000, ".", number,
                      "@example.com");
}

std::string PostTitle(int64_t number) {
  Random random(static_cast<uint64_t>(number) + 11);
  return Words(number, 2, 24 + random.Below(17));
}

std::string PostBody(int64_t number) { return Words(number, 3, 200); }

double PostScore(int64_t number) {
  Random random(static_cast<uint64_t>(number) + 23);
  return static_cast<double>(random.Below(10000)) / 100.0;
}

int64_t PostPublished(int64_t number) {
  Random random(static_cast<uint64_t>(number) + 31);
  return random.Below(2);
}

const std::vector<AuthorContent>& AuthorContents(int64_t count) {
  static auto* const contents = new std::vector<AuthorContent>();
  for (auto i = static_cast<int64_t>(contents->size()); i < count; ++i) {
    contents->push_back({AuthorName(i), AuthorEmail(i)});
  }
  return *contents;
}

const std::vector<PostContent>& PostContents(int64_t count) {
  static auto* const contents = new std::vector<PostContent>();
  for (auto i = static_cast<int64_t>(contents->size()); i < count; ++i) {
    contents->push_back(
        {PostTitle(i), PostBody(i), PostScore(i), PostPublished(i)});
  }
  return *contents;
}

void Checksum::Add(double value) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  Mix(bits);
}

void Checksum::Add(absl::string_view value) {
  // Length, both ends: a pass over the field that costs both contestants the
  // same and would notice a wrong or cut value.
  Mix(value.size());
  uint64_t word = 0;
  const size_t n = value.size() < 8 ? value.size() : 8;
  std::memcpy(&word, value.data(), n);
  Mix(word);
  std::memcpy(&word, value.data() + value.size() - n, n);
  Mix(word);
}

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

void ForEachFill(int64_t posts,
                 absl::FunctionRef<void(const std::string&)> run) {
  constexpr int64_t kRows = 500;
  const int64_t authors = posts / kPostsPerAuthor;
  const auto fill = [&](absl::string_view table, int64_t rows, auto row) {
    for (int64_t i = 1; i <= rows; i += kRows) {
      std::string sql = absl::StrCat("INSERT INTO ", table, " VALUES ");
      for (int64_t j = i; j < i + kRows && j <= rows; ++j) {
        absl::StrAppend(&sql, j == i ? "(" : ",(", j, ",", row(j), ")");
      }
      run(sql);
    }
  };
  // Nothing in the texts needs to be escaped.
  fill("author(id, name, email)", authors, [](int64_t i) {
    return absl::StrCat("'", AuthorName(i), "','", AuthorEmail(i), "'");
  });
  fill("post(id, author_id, title, body, score, published)", posts,
       [&](int64_t i) {
         return absl::StrCat((i - 1) % authors + 1, ",'", PostTitle(i), "','",
                             PostBody(i), "',", PostScore(i), ",",
                             PostPublished(i));
       });
}

}  // namespace cupel::benchmarks
