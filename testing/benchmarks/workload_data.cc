#include "cupel/testing/benchmarks/workload_data.h"

#include <sqlite3.h>

#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/testing/benchmarks/raw_sqlite.h"

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

const char kConnectionSettings[] =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
    "PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536;"
    "PRAGMA temp_store=MEMORY;";

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

void CreateDatabaseFile(const std::string& path, int64_t posts) {
  const int64_t authors = posts / kPostsPerAuthor;
  RawConnection db(path);
  db.Run(
      "CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
      " email TEXT NOT NULL UNIQUE);"
      "CREATE TABLE post(id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL"
      " REFERENCES author(id), title TEXT NOT NULL, body TEXT NOT NULL,"
      " score REAL, published INTEGER);"
      "CREATE INDEX post_author_id ON post(author_id);");
  if (posts == 0) return;
  db.Run("BEGIN");
  RawStatement author(db, "INSERT INTO author VALUES (?,?,?)");
  for (int64_t i = 1; i <= authors; ++i) {
    const std::string name = AuthorName(i);
    const std::string email = AuthorEmail(i);
    author.Bind(1, i);
    author.Bind(2, name);
    author.Bind(3, email);
    author.Run();
  }
  RawStatement post(db, "INSERT INTO post VALUES (?,?,?,?,?,?)");
  for (int64_t i = 1; i <= posts; ++i) {
    const std::string title = PostTitle(i);
    const std::string body = PostBody(i);
    post.Bind(1, i);
    post.Bind(2, (i - 1) % authors + 1);
    post.Bind(3, title);
    post.Bind(4, body);
    post.Bind(5, PostScore(i));
    post.Bind(6, PostPublished(i));
    post.Run();
  }
  db.Run("COMMIT; PRAGMA wal_checkpoint(TRUNCATE);");
}

}  // namespace cupel::benchmarks
