#include "cupel/testing/temp_database.h"

#include <filesystem>
#include <string>

#include "cupel/engine/engine.h"
#include "cupel/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

using engine::Engine;

TEST(TempDatabaseTest, IsAFileThatEnginesShareAndThatGoes) {
  std::string path;
  {
    TempDatabase database;
    path = database.path();
    CUPEL_ASSERT_OK_AND_ASSIGN(Engine a,
                               Engine::Create({.uri = database.url()}));
    CUPEL_ASSERT_OK_AND_ASSIGN(
        Engine b, Engine::Create({.uri = database.url("busy_timeout=10")}));
    CUPEL_ASSERT_OK_AND_ASSIGN(auto writer, a.Connect());
    CUPEL_ASSERT_OK(writer.Execute("CREATE TABLE t(x)"));
    CUPEL_ASSERT_OK(writer.Commit());
    CUPEL_ASSERT_OK_AND_ASSIGN(auto reader, b.Connect());
    CUPEL_EXPECT_OK(reader.Execute("SELECT * FROM t"));
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(MemoryUrlTest, ConnectionsOfAnEngineShareTheDatabase) {
  CUPEL_ASSERT_OK_AND_ASSIGN(Engine engine,
                             Engine::Create({.uri = MemoryUrl()}));
  CUPEL_ASSERT_OK_AND_ASSIGN(auto a, engine.Connect());
  CUPEL_ASSERT_OK_AND_ASSIGN(auto b, engine.Connect());
  CUPEL_ASSERT_OK(a.Execute("CREATE TABLE t(x)"));
  CUPEL_ASSERT_OK(a.Commit());
  CUPEL_EXPECT_OK(b.Execute("SELECT * FROM t"));
  CUPEL_ASSERT_OK_AND_ASSIGN(Engine other,
                             Engine::Create({.uri = MemoryUrl()}));
  CUPEL_ASSERT_OK_AND_ASSIGN(auto c, other.Connect());
  EXPECT_THAT(c.Execute("SELECT * FROM t"),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace cupel::testing
