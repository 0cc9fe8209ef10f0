// How the work and the memory of a session grow with what is loaded in it, on
// each database: counts, not times.

#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cupel/engine/engine.h"
#include "cupel/orm/orm.h"
#include "cupel/testing/heap_counter.h"
#include "cupel/testing/status_matchers.h"
#include "cupel/testing/temp_database.h"
#include "gtest/gtest.h"

namespace cupel::growth_test {
namespace {

// A number that notes when somebody reads or compares one.
struct Watched {
  int64_t value = 0;
  static inline int64_t looks = 0;

  friend bool operator==(const Watched& a, const Watched& b) {
    ++looks;
    return a.value == b.value;
  }
};

}  // namespace
}  // namespace cupel::growth_test

template <>
struct cupel::TypeTraits<cupel::growth_test::Watched>
    : cupel::ConvertedType<cupel::growth_test::Watched, int64_t> {
  static int64_t To(const cupel::growth_test::Watched& watched) {
    ++cupel::growth_test::Watched::looks;
    return watched.value;
  }
  static cupel::growth_test::Watched From(int64_t value) { return {value}; }
};

namespace cupel::growth_test {
namespace {

struct Note;

struct Writer {
  int64_t id = 0;
  std::string name;
  Collection<Note> notes;

  static constexpr auto Mapping() {
    return Table<Writer>(Column<&Writer::id>(PrimaryKey()),
                         Column<&Writer::name>());
  }
};

struct Note {
  int64_t id = 0;
  int64_t writer_id = 0;
  Watched score;
  std::string title;
  std::string body;
  Reference<Writer> writer;

  static constexpr auto Mapping() {
    return Table<Note>(Column<&Note::id>(PrimaryKey()),
                       Column<&Note::writer_id>(ForeignKey<&Writer::id>()),
                       Column<&Note::score>(), Column<&Note::title>(),
                       Column<&Note::body>(),
                       Relationship<&Note::writer>(Backref<&Writer::notes>()));
  }
};

constexpr int64_t kMany = 40000;

// A database with many notes, each with two strings that do not fit into it. No
// test changes it.
class GrowthTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    temp_ = new testing::TempDatabase;
    auto db = Database::Open({.uri = temp_->url()}, Models<Note, Writer>());
    CUPEL_ASSERT_OK(db);
    db_ = new Database(*std::move(db));
    CUPEL_ASSERT_OK(db_->CreateAll());
    auto connection = db_->engine().Connect();
    CUPEL_ASSERT_OK(connection);
    CUPEL_ASSERT_OK(
        connection->Execute("INSERT INTO writer(id, name) VALUES (1, 'Ada')")
            .status());
    CUPEL_ASSERT_OK(
        connection
            ->Execute(absl::StrCat(
                "INSERT INTO note(id, writer_id, score, title, body) "
                "WITH d(i) AS (SELECT 0 UNION ALL SELECT 1 UNION ALL SELECT 2 "
                "UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 "
                "UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 "
                "UNION ALL SELECT 9), n(i) AS (SELECT 10000 * a.i + 1000 * b.i "
                "+ 100 * c.i + 10 * d.i + e.i + 1 FROM d AS a, d AS b, d AS c, "
                "d, d AS e) SELECT i, 1, i, 'a title that is long', '",
                std::string(200, 'b'), "' FROM n WHERE i <= ", kMany))
            .status());
    CUPEL_ASSERT_OK(connection->Commit());
  }
  static void TearDownTestSuite() {
    delete db_;
    delete temp_;
  }

  std::vector<Ref<Note>> Load(Session& session, int64_t count) {
    auto notes = session.Query<Note>().Filter(col<&Note::id> <= count).All();
    CUPEL_EXPECT_OK(notes);
    EXPECT_EQ(notes->size(), count);
    return *std::move(notes);
  }

  static inline testing::TempDatabase* temp_ = nullptr;
  static inline Database* db_ = nullptr;
};

struct Work {
  int64_t allocations = 0;
  int64_t looks = 0;
  int statements = 0;
};

TEST_F(GrowthTest, AFlushOfOneEditDoesNotSeeWhatElseIsLoaded) {
  const auto work_with = [this](int64_t loaded) {
    Session session = db_->NewSession();
    const std::vector<Ref<Note>> notes = Load(session, loaded);
    const auto edit = [&](int64_t score) {
      notes[7].Edit().score.value = score;
      CUPEL_EXPECT_OK(session.Flush());
    };
    edit(-1);  // opens and prepares
    engine::StatementRecorder recorder(db_->engine());
    Watched::looks = 0;
    testing::HeapCounter heap;
    edit(-2);
    return Work{heap.allocations(), Watched::looks, recorder.count()};
  };
  work_with(10);  // fills what the process keeps
  const Work few = work_with(10);
  EXPECT_EQ(few.statements, 1);
  EXPECT_GT(few.looks, 0);
  EXPECT_LT(few.looks, 10);
  for (const int64_t loaded : {int64_t{1000}, kMany}) {
    const Work many = work_with(loaded);
    EXPECT_EQ(many.allocations, few.allocations) << loaded;
    EXPECT_EQ(many.looks, few.looks) << loaded;
    EXPECT_EQ(many.statements, few.statements) << loaded;
  }
}

TEST_F(GrowthTest, AFlushOfNothingDoesNothing) {
  Session session = db_->NewSession();
  const std::vector<Ref<Note>> notes = Load(session, kMany);
  engine::StatementRecorder recorder(db_->engine());
  Watched::looks = 0;
  testing::HeapCounter heap;
  CUPEL_EXPECT_OK(session.Flush());
  EXPECT_EQ(heap.allocations(), 0);
  EXPECT_EQ(Watched::looks, 0);
  EXPECT_EQ(recorder.count(), 0);
}

TEST_F(GrowthTest, ALoadedEntityTakesLittleBesideItsObjectAndItsStrings) {
  Session session = db_->NewSession();
  Load(session, 1000);  // what the connection keeps
  testing::HeapCounter heap;
  std::vector<Ref<Note>> notes = Load(session, kMany);
  int64_t bytes = heap.live_bytes() -
                  static_cast<int64_t>(malloc_usable_size(notes.data()));
  for (const Ref<Note>& note : notes) {
    bytes -= testing::HeapBytes(note->title) + testing::HeapBytes(note->body);
  }
  // The header of 48; 9 of the identity map; 4 of the list of those that came
  // by the same query; less than one that slabs leave over.
  EXPECT_LE(bytes / kMany - static_cast<int64_t>(sizeof(Note)), 64);
}

TEST_F(GrowthTest, AStreamKeepsNothingOfWhatHasPassed) {
  Session session = db_->NewSession();
  testing::HeapCounter heap;
  auto notes = session.Query<Note>().Stream(1000);
  CUPEL_ASSERT_OK(notes);
  int64_t first = 0;
  int64_t second = 0;  // the first chunk is freed while the second is read
  int64_t most = 0;
  for (int64_t i = 1; i <= kMany; ++i) {
    auto more = notes->Next();
    CUPEL_ASSERT_OK(more);
    ASSERT_TRUE(*more);
    if (i == 1000) first = heap.live_bytes();
    most = std::max(most, heap.live_bytes());
    if (i == 2000) second = most;
  }
  EXPECT_GT(first, 1000 * 200);
  EXPECT_LT(second, 2 * first);
  EXPECT_LE(most, second + (4 << 10));
}

// A million would be no different: what nobody holds is freed.
TEST_F(GrowthTest, ASessionForgetsWhatNobodyHolds) {
  Session session = db_->NewSession();
  Load(session, 1000);
  testing::HeapCounter heap;
  for (int64_t i = 0; i < kMany / 1000; ++i) {
    auto notes =
        session.Query<Note>()
            .Filter(col<&Note::id> > i * 1000, col<&Note::id> <= (i + 1) * 1000)
            .All();
    CUPEL_ASSERT_OK(notes);
    ASSERT_EQ(notes->size(), 1000);
  }
  EXPECT_LE(heap.live_bytes(), 64 << 10);
}

}  // namespace
}  // namespace cupel::growth_test
