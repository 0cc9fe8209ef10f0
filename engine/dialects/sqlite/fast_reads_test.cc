// Reads through a memory map, on connections without a mutex, give what a
// connection of SQLite's default kind reads, also while the file changes.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/dialects/sqlite/driver_fixture.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/value.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sqlite3.h"

namespace cupel::sqlite_internal {
namespace {

using cupel::testing::IsOk;
using engine::ValueView;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kAll[] =
    "SELECT id || ':' || coalesce(number, 'null') || ':' || coalesce(text, "
    "'null') || ':' || length(data) FROM items ORDER BY id";

class FastReadsTest : public DriverTest {
 protected:
  void SetUp() override {
    plain_ = Open();
    // Less than the file, so that reads cross the end of the map.
    mapped_ = Open("?mmap_size=262144");
    ASSERT_THAT(Exec(*plain_,
                     "CREATE TABLE items (id INTEGER PRIMARY KEY, number REAL,"
                     " text TEXT UNIQUE, data BLOB)"),
                IsOk());
    Fill(*plain_, 1, 2000);
  }

  static void Fill(engine::DriverConnection& connection, int first, int last) {
    ASSERT_THAT(connection.Begin({}, {}), IsOk());
    for (int i = first; i <= last; ++i) {
      const std::string text = absl::StrCat("item ", i);
      // Some are longer than a page.
      const std::string data(static_cast<size_t>(i % 50 == 0 ? 9000 : i % 300),
                             static_cast<char>('a' + i % 26));
      ASSERT_THAT(
          Exec(connection, "INSERT INTO items VALUES (?, ?, ?, ?)",
               {ValueView::Int64(i),
                i % 7 == 0 ? ValueView::Null() : ValueView::Double(i / 4.0),
                i % 11 == 0 ? ValueView::Null() : ValueView::Text(text),
                ValueView::Blob(data)}),
          IsOk());
    }
    ASSERT_THAT(connection.Commit({}), IsOk());
  }

  static std::vector<std::string> Read(engine::DriverConnection& connection) {
    std::vector<std::string> all;
    const auto rows = Select(connection, kAll);
    EXPECT_THAT(rows, IsOk());
    if (!rows.ok()) return all;
    for (const auto& row : *rows) all.emplace_back(row[0].view().bytes());
    return all;
  }

  // With a connection of the default kind, which no driver of ours touched.
  std::vector<std::string> ReadSerialised() {
    sqlite3* database = nullptr;
    const std::string path =
        Url().substr(absl::string_view("sqlite:///").size());
    EXPECT_EQ(
        sqlite3_open_v2(path.c_str(), &database,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, nullptr),
        SQLITE_OK);
    std::vector<std::string> all;
    sqlite3_exec(
        database, kAll,
        [](void* rows, int, char** cells, char**) {
          static_cast<std::vector<std::string>*>(rows)->emplace_back(cells[0]);
          return 0;
        },
        &all, nullptr);
    sqlite3_close(database);
    return all;
  }

  void ExpectAllReadTheSame(size_t count) {
    const std::vector<std::string> serialised = ReadSerialised();
    EXPECT_THAT(serialised, SizeIs(count));
    EXPECT_EQ(Read(*mapped_), serialised);
    EXPECT_EQ(Read(*plain_), serialised);
  }

  std::unique_ptr<engine::DriverConnection> plain_, mapped_;
};

TEST_F(FastReadsTest, GiveTheSameWhileTheFileGrowsAndShrinks) {
  ExpectAllReadTheSame(2000);
  Fill(*plain_, 2001, 4000);
  ExpectAllReadTheSame(4000);
  Fill(*mapped_, 4001, 4500);
  ExpectAllReadTheSame(4500);
  ASSERT_THAT(Exec(*mapped_, "DELETE FROM items WHERE id % 3 <> 0"), IsOk());
  ExpectAllReadTheSame(1500);
  ASSERT_THAT(Exec(*plain_, "DELETE FROM items WHERE id > 300"), IsOk());
  ASSERT_THAT(Exec(*plain_, "VACUUM"), IsOk());
  ExpectAllReadTheSame(100);
}

TEST_F(FastReadsTest, SeeTheirOwnWritesAndNotThoseOfOthers) {
  const std::vector<std::string> before = ReadSerialised();
  ASSERT_THAT(mapped_->Begin({}, {}), IsOk());
  ASSERT_THAT(Exec(*mapped_, "UPDATE items SET text = 'new ' || id"), IsOk());
  EXPECT_NE(Read(*mapped_), before);
  EXPECT_EQ(Read(*plain_), before);
  ASSERT_THAT(mapped_->Rollback({}), IsOk());
  ExpectAllReadTheSame(2000);
  EXPECT_EQ(Read(*mapped_), before);
}

TEST_F(FastReadsTest, AreTheSameAfterAnErrorInTheMiddle) {
  const std::vector<std::string> before = ReadSerialised();
  ASSERT_THAT(mapped_->Begin({}, {}), IsOk());
  ASSERT_THAT(Exec(*mapped_, "DELETE FROM items WHERE id < 1000"), IsOk());
  // The statement fails at its last row and is undone as a whole.
  EXPECT_THAT(Exec(*mapped_,
                   "UPDATE items SET text = 'item 1999'"
                   " WHERE id IN (1997, 1998)"),
              Not(IsOk()));
  EXPECT_THAT(Read(*mapped_), SizeIs(1001));
  ASSERT_THAT(mapped_->Rollback({}), IsOk());
  EXPECT_EQ(Read(*mapped_), before);
  ExpectAllReadTheSame(2000);
}

}  // namespace
}  // namespace cupel::sqlite_internal
