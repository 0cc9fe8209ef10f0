#include "cupel/engine/dialects/sqlite/options.h"

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/url.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::sqlite_internal {
namespace {

using absl::StatusCode;
using cupel::testing::IsOk;
using cupel::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

absl::StatusOr<Options> Parse(absl::string_view text,
                              const engine::ConnectOptions& options = {}) {
  const absl::StatusOr<engine::Url> url = engine::Url::Parse(text);
  if (!url.ok()) return url.status();
  return ParseOptions(*url, options);
}

Options ParseOrDie(absl::string_view text) { return Parse(text).value(); }

// ENG-04
TEST(OptionsTest, UrlsWithoutAPathAreInMemory) {
  for (absl::string_view url :
       {"sqlite://", "sqlite:///", "sqlite:///:memory:",
        "sqlite:///file::memory:?uri=true", "sqlite:///x?mode=memory"}) {
    CUPEL_ASSERT_OK_AND_ASSIGN(const Options options, Parse(url));
    EXPECT_TRUE(options.memory) << url;
    EXPECT_EQ(options.path, "") << url;
  }
}

// ENG-04
TEST(OptionsTest, ThreeSlashesAreRelativeAndFourAbsolute) {
  EXPECT_EQ(ParseOrDie("sqlite:///data/x.db").path, "data/x.db");
  EXPECT_EQ(ParseOrDie("sqlite:////srv/x.db").path, "/srv/x.db");
  EXPECT_FALSE(ParseOrDie("sqlite:////srv/x.db").memory);
}

// ENG-04
TEST(OptionsTest, OptionsOfAUriGoWhereTheyBelong) {
  const Options options = ParseOrDie(
      "sqlite:///file:x.db?mode=ro&uri=true&immutable=1&busy_timeout=250");
  EXPECT_TRUE(options.is_uri);
  EXPECT_EQ(options.path, "file:x.db?immutable=1");
  EXPECT_EQ(options.mode, OpenMode::kReadOnly);
  EXPECT_EQ(options.busy_timeout, absl::Milliseconds(250));
}

TEST(OptionsTest, APathThatLooksLikeAUriIsAPathUnlessAskedFor) {
  EXPECT_EQ(ParseOrDie("sqlite:///file:x.db").path, "./file:x.db");
  EXPECT_FALSE(ParseOrDie("sqlite:///file:x.db").is_uri);
}

TEST(OptionsTest, ReadsEachOption) {
  const Options options = ParseOrDie(
      "sqlite:///x.db?journal_mode=truncate&synchronous=normal"
      "&cache_size=-65536&mmap_size=1000000&temp_store=memory"
      "&foreign_keys=off&begin=immediate&quick_check=on&create=off&vfs=unix");
  EXPECT_EQ(options.journal_mode, "TRUNCATE");
  EXPECT_TRUE(options.journal_mode_is_given);
  EXPECT_EQ(options.synchronous, "NORMAL");
  EXPECT_EQ(options.cache_size, -65536);
  EXPECT_EQ(options.mmap_size_bytes, 1000000);
  EXPECT_EQ(options.temp_store, "MEMORY");
  EXPECT_FALSE(options.foreign_keys);
  EXPECT_EQ(options.begin, engine::LockMode::kImmediate);
  EXPECT_TRUE(options.quick_check);
  EXPECT_EQ(options.mode, OpenMode::kReadWrite);
  EXPECT_EQ(options.vfs, "unix");
}

TEST(OptionsTest, ArgumentsWinOverTheQuery) {
  engine::ConnectOptions arguments;
  arguments.arguments["synchronous"] = "extra";
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const Options options,
      Parse("sqlite:///x.db?synchronous=off", arguments));
  EXPECT_EQ(options.synchronous, "EXTRA");
}

TEST(OptionsTest, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(Parse("sqlite:///x.db?journal=wal"),
              StatusIs(StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("journal_mode"), HasSubstr("vfs"))));
  for (absl::string_view url :
       {"sqlite:///x.db?journal_mode=fast", "sqlite:///x.db?synchronous=1",
        "sqlite:///x.db?busy_timeout=-1", "sqlite:///x.db?busy_timeout=soon",
        "sqlite:///x.db?mmap_size=-1", "sqlite:///x.db?create=perhaps",
        "sqlite:///x.db?immutable=1", "sqlite:///x.db?cache=shared",
        "sqlite:///x.db?uri=true", "sqlite:///x.db?load_extension=x",
        "sqlite:///x.db?journal_mode=wal%3BDROP"}) {
    EXPECT_THAT(Parse(url), StatusIs(StatusCode::kInvalidArgument)) << url;
  }
}

TEST(OptionsTest, RefusesAHostAndNeverShowsThePassword) {
  EXPECT_THAT(Parse("sqlite://host/x.db"),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("slashes")));
  EXPECT_THAT(
      Parse("sqlite://me:hunter2@/x.db"),
      StatusIs(StatusCode::kInvalidArgument, Not(HasSubstr("hunter2"))));
}

}  // namespace
}  // namespace cupel::sqlite_internal
