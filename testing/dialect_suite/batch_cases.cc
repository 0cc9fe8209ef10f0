// Batches of one prepared statement.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/testing/dialect_suite/dialect_test.h"

namespace cupel::dialect_suite {
namespace {

using engine::ErrorKind;
using query::TypedSelect;
using ::testing::ElementsAre;

class BatchTest : public DialectTest {
 protected:
  void Open() override {
    DialectTest::Open();
    if (HasFatalFailure()) return;
    items_.emplace(CreateItems());
  }
  const Items& i() const { return *items_; }
  query::Insert Row(int64_t id, absl::string_view name) const {
    return query::Insert(i().table).Set(i().id, id).Set(i().name, name);
  }

  // Rows (id) of one prepared statement.
  class Source : public engine::BatchSource {
   public:
    explicit Source(std::vector<int64_t> ids) : ids_(std::move(ids)) {}
    size_t size() const override { return ids_.size(); }
    absl::StatusOr<absl::Span<const engine::ValueView>> row(size_t i) override {
      if (ids_[i] < 0) return absl::DataLossError("no more rows");
      row_[0] = engine::ValueView::Int64(ids_[i]);
      return absl::MakeConstSpan(row_);
    }

   private:
    std::vector<int64_t> ids_;
    engine::ValueView row_[1];
  };
  class Sink : public engine::BatchSink {
   public:
    absl::Status OnRow(size_t i, const engine::ExecuteResult& result,
                       absl::Span<const engine::ValueView>) override {
      rows.push_back(i);
      affected += result.affected_rows;
      return absl::OkStatus();
    }
    std::vector<size_t> rows;
    int64_t affected = 0;
  };
  absl::Status Run(std::vector<int64_t> ids, engine::BatchSink* sink) {
    std::string sql = "INSERT INTO item (id, name) VALUES (";
    dialect().AppendPlaceholder(1, &sql);
    sql += ", 'x')";
    Source source(std::move(ids));
    return connection().ExecuteBatch(sql, source, sink);
  }

  std::optional<Items> items_;
};

TEST_F(BatchTest, WritesEachRow) {
  Sink sink;
  CUPEL_ASSERT_OK(Run({1, 2, 3}, &sink));
  EXPECT_THAT(sink.rows, ElementsAre(0, 1, 2));
  EXPECT_EQ(sink.affected, 3);
  EXPECT_THAT(Count(i().table), IsOkAndHolds(3));
}
TEST_F(BatchTest, OfNoRowsDoesNothing) {
  CUPEL_ASSERT_OK(Run({}, nullptr));
  EXPECT_THAT(Count(i().table), IsOkAndHolds(0));
}
TEST_F(BatchTest, AnErrorInTheMiddleEndsIt) {
  Sink sink;
  EXPECT_THAT(Run({1, 2, 1, 3}, &sink), IsKind(ErrorKind::kUniqueViolation));
  EXPECT_TRUE(connection().is_poisoned());
  CUPEL_ASSERT_OK(connection().Rollback());
  EXPECT_THAT(Count(i().table), IsOkAndHolds(0));
}
TEST_F(BatchTest, AnErrorOfTheSourceEndsIt) {
  EXPECT_THAT(Run({1, 2, -1}, nullptr), StatusIs(absl::StatusCode::kDataLoss));
  CUPEL_ASSERT_OK(connection().Rollback());
  EXPECT_THAT(Count(i().table), IsOkAndHolds(0));
  CUPEL_EXPECT_OK(Run({7}, nullptr));
}
TEST_F(BatchTest, OfManyRows) {
  std::vector<int64_t> ids;
  for (int64_t n = 1; n <= 2000; ++n) ids.push_back(n);
  CUPEL_ASSERT_OK(Run(ids, nullptr));
  EXPECT_THAT(Count(i().table), IsOkAndHolds(2000));
}
TEST_F(BatchTest, ObjectsOfAStruct) {
  struct Thing {
    std::string name;
    std::optional<int64_t> amount;
  };
  std::vector<Thing> things;
  for (int64_t n = 0; n < 500; ++n) {
    things.push_back({absl::StrCat("thing", n),
                      n % 2 == 0 ? std::optional<int64_t>(n) : std::nullopt});
  }
  CUPEL_ASSERT_OK(
      query::InsertObjects(connection(), cache(), absl::MakeConstSpan(things),
                           {query::From(i().name, &Thing::name),
                            query::From(i().amount, &Thing::amount)}));
  EXPECT_THAT(All(TypedSelect(query::Count(), query::Count(i().amount))),
              IsOkAndHolds(ElementsAre(std::make_tuple(500, 250))));
}
TEST_F(BatchTest, StatementsOfOtherShapesAreRefused) {
  const query::Statement mixed[] = {
      Row(1, "x"), query::Delete(i().table).Where(i().id == 1)};
  EXPECT_THAT(query::ExecuteMany(connection(), cache(), mixed),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace cupel::dialect_suite
