#include "cupel/engine/statement_cache.h"

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/statement.h"
#include "gtest/gtest.h"

namespace cupel::engine {
namespace {

class StatementCacheTest : public ::testing::Test {
 protected:
  static constexpr absl::string_view kNone = "none";

  void Insert(StatementCache& cache, absl::string_view sql) {
    cache.Insert(std::string(sql), nullptr);
  }
  absl::string_view Found(StatementCache& cache, absl::string_view sql) {
    const Statement* statement = cache.Find(sql);
    return statement != nullptr ? statement->sql() : kNone;
  }
};

TEST_F(StatementCacheTest, FindsByTheTextWhateverItsAddressHeldBefore) {
  StatementCache cache(10);
  Insert(cache, "SELECT 1");
  Insert(cache, "SELECT 2");
  std::string text = "SELECT 1";
  EXPECT_EQ(Found(cache, text), "SELECT 1");
  EXPECT_EQ(Found(cache, text), "SELECT 1");
  text[7] = '2';
  EXPECT_EQ(Found(cache, text), "SELECT 2");
  text[7] = '3';
  EXPECT_EQ(Found(cache, text), kNone);
  EXPECT_EQ(Found(cache, absl::string_view(text).substr(0, 3)), kNone);
  text[7] = '1';
  EXPECT_EQ(Found(cache, text), "SELECT 1");
  EXPECT_EQ(cache.hits(), 4);
  EXPECT_EQ(cache.misses(), 2);
}

TEST_F(StatementCacheTest, ForgetsWhatItEvicts) {
  StatementCache cache(2);
  const std::string first = "SELECT 1";
  const std::string second = "SELECT 2";
  Insert(cache, first);
  Insert(cache, second);
  EXPECT_EQ(Found(cache, second), second);
  EXPECT_EQ(Found(cache, first), first);
  Insert(cache, "SELECT 3");
  EXPECT_EQ(Found(cache, second), kNone);
  EXPECT_EQ(Found(cache, first), first);
  cache.Clear();
  EXPECT_EQ(Found(cache, first), kNone);
}

TEST_F(StatementCacheTest, FindsMoreTextsThanItHasHintsFor) {
  StatementCache cache(500);
  std::vector<std::string> texts;
  for (int i = 0; i < 500; ++i) {
    texts.push_back(absl::StrCat("SELECT ", i));
    Insert(cache, texts.back());
  }
  for (int round = 0; round < 3; ++round) {
    for (const std::string& text : texts) EXPECT_EQ(Found(cache, text), text);
  }
}

}  // namespace
}  // namespace cupel::engine
