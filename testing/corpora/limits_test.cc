// At the limits of a database and one step beyond: the right result, or a
// status that says what is too much; and a connection that goes on. Each on the
// stack of a program, and on one of 256 KiB.

#include <pthread.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/base/config.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/status_matchers.h"
#include "cupel/testing/temp_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

using absl::StatusCode;
using query::Bind;
using query::Expr;
using query::TypedExpr;
using query::TypedSelect;
using ::testing::AnyOf;
using ::testing::Eq;

std::shared_ptr<const schema::Table> Built(
    const schema::TableBuilder& builder) {
  auto table = builder.Build();
  if (!table.ok()) std::abort();
  return *std::move(table);
}

// What the process has had in memory at most; 0 when nobody can tell.
int64_t PeakMegabytes() {
#ifdef ABSL_HAVE_ADDRESS_SANITIZER
  return 0;  // most of it would be the sanitizer's
#else
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    int64_t kilobytes = 0;
    if (word == "VmHWM:" && status >> kilobytes) return kilobytes / 1024;
  }
  return 0;
#endif
}

void* Call(void* body) {
  (*static_cast<const std::function<void()>*>(body))();
  return nullptr;
}

// Calls `body` in a thread of so small a stack; 0: as it is.
void CallOnStack(size_t bytes, const std::function<void()>& body) {
  if (bytes == 0) return body();
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, bytes), 0);
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, &attributes, Call,
                           const_cast<std::function<void()>*>(&body)),
            0);
  pthread_attr_destroy(&attributes);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
}

class LimitsTest;
struct Limit {
  const char* name;
  void (LimitsTest::*check)();
};

class LimitsTest : public ::testing::TestWithParam<std::tuple<Limit, size_t>> {
 public:
  void BoundValues();
  void AListOfAMillion();
  void NestedExpressions();
  void LongChains();
  void NestedSubqueries();
  void CompoundTerms();
  void Columns();
  void Names();
  void AStatementOfManyBytes();
  void LongPatterns();
  void NestedSavepoints();

 protected:
  LimitsTest()
      : engine_(*engine::Engine::Create({.uri = MemoryUrl()})),
        connection_(*engine_.Connect()) {
    EXPECT_THAT(metadata_.Add(item_), IsOk());
    EXPECT_THAT(metadata_.CreateAll(connection_), IsOk());
    EXPECT_THAT(Run(query::Insert(*item_).Set(id_, 1).Set(name_, "one")),
                IsOk());
    EXPECT_THAT(connection_.Commit(), IsOk());
  }
  // The connection is as good as before.
  ~LimitsTest() override {
    EXPECT_THAT(connection_.Rollback(), IsOk());
    EXPECT_THAT(Ids(TypedSelect(id_)), IsOkAndHolds(std::vector<int64_t>{1}));
    EXPECT_LE(PeakMegabytes(), 512);
  }

  const engine::Capabilities& can() const {
    return engine_.dialect().capabilities();
  }
  absl::Status Run(const query::Statement& statement) {
    return query::ExecuteToEnd(connection_, cache_, statement).status();
  }
  template <typename S>
  absl::StatusOr<std::vector<int64_t>> Ids(const S& statement) {
    return query::Scalars(connection_, cache_, statement);
  }
  // Finds the row, or says that it is too much.
  template <typename S>
  void ExpectFoundOrTooMuch(const S& statement) {
    const auto ids = Ids(statement);
    if (ids.ok()) {
      EXPECT_EQ(*ids, std::vector<int64_t>{1});
      return;
    }
    EXPECT_THAT(ids.status().code(), AnyOf(Eq(StatusCode::kOutOfRange),
                                           Eq(StatusCode::kResourceExhausted)))
        << ids.status();
    EXPECT_THAT(connection_.Rollback(), IsOk());
  }
  std::vector<int64_t> Numbers(size_t count) const {
    std::vector<int64_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), 1);
    return numbers;
  }

  std::shared_ptr<const schema::Table> item_ = Built(
      schema::TableBuilder("item")
          .Column(
              {.name = "id", .type = engine::BigInteger(), .primary_key = true})
          .Column({.name = "name", .type = engine::Text()}));
  TypedExpr<int64_t> id_ = query::ColumnExpr<int64_t>(*item_->Find("id"));
  TypedExpr<std::string> name_ =
      query::ColumnExpr<std::string>(*item_->Find("name"));
  schema::MetaData metadata_;
  engine::Engine engine_;
  engine::Connection connection_;
  query::StatementCache cache_;
};

void LimitsTest::BoundValues() {
  const size_t most = can().max_bind_parameters;
  ASSERT_GT(most, 0u);
  EXPECT_THAT(Ids(TypedSelect(id_).Where(id_.In(Numbers(most)))),
              IsOkAndHolds(std::vector<int64_t>{1}));
  const auto more = Ids(TypedSelect(id_).Where(id_.In(Numbers(most + 1))));
  EXPECT_EQ(more.status().code(), StatusCode::kResourceExhausted)
      << more.status();
}

void LimitsTest::AListOfAMillion() {
  ExpectFoundOrTooMuch(TypedSelect(id_).Where(id_.In(Numbers(1'000'000))));
}

void LimitsTest::NestedExpressions() {
  for (const int depth : {10, 90, 100, 1000, 5000, 20000}) {
    SCOPED_TRACE(depth);
    TypedExpr<bool> nested = id_ == 1;
    TypedExpr<int64_t> sum = id_;
    for (int i = 0; i < depth; ++i) {
      nested = query::Not(nested && id_ > 0) || id_ == 1;
      sum = Bind<int64_t>(2) - (sum * 1);
    }
    ExpectFoundOrTooMuch(TypedSelect(id_).Where(nested));
    ExpectFoundOrTooMuch(TypedSelect(id_).Where(sum == 1));
  }
}

void LimitsTest::LongChains() {
  for (const size_t terms : {998u, 999u, 1000u, 5000u}) {
    const std::vector<Expr> all(terms, id_ == 1);
    EXPECT_THAT(Ids(TypedSelect(id_).Where(query::And(all))),
                IsOkAndHolds(std::vector<int64_t>{1}));
    EXPECT_THAT(Ids(TypedSelect(id_).Where(query::Or(all))),
                IsOkAndHolds(std::vector<int64_t>{1}));
  }
}

void LimitsTest::NestedSubqueries() {
  for (const int depth : {5, 14, 15, 16, 60, 300}) {
    SCOPED_TRACE(depth);
    auto select = TypedSelect(id_);
    for (int i = 0; i < depth; ++i) {
      select = TypedSelect(id_).Where(id_.In(select));
    }
    ExpectFoundOrTooMuch(select);
  }
}

void LimitsTest::CompoundTerms() {
  const size_t most =
      can().max_compound_terms == 0 ? 500 : can().max_compound_terms;
  for (const size_t terms : {most, most + 1}) {
    SCOPED_TRACE(terms);
    auto select = TypedSelect(id_);
    for (size_t i = 1; i < terms; ++i) select = select.Union(TypedSelect(id_));
    if (terms == most && std::get<1>(GetParam()) == 0) {
      EXPECT_THAT(Ids(select), IsOk());
    }
    ExpectFoundOrTooMuch(select);
  }
}

void LimitsTest::Columns() {
  const size_t most = can().max_columns;
  ASSERT_GT(most, 0u);
  for (const size_t count : {most, most + 1}) {
    SCOPED_TRACE(count);
    schema::TableBuilder builder("wide");
    for (size_t i = 0; i < count; ++i) {
      builder.Column({.name = absl::StrCat("c", i),
                      .type = engine::SmallInteger(),
                      .primary_key = i == 0,
                      .autoincrement = schema::Autoincrement::kNo});
    }
    schema::MetaData metadata;
    ASSERT_THAT(metadata.Add(Built(builder)), IsOk());
    const absl::Status status = metadata.CreateAll(connection_);
    if (count == most) {
      EXPECT_THAT(status, IsOk());
      EXPECT_THAT(connection_.Commit(), IsOk());
      EXPECT_THAT(metadata.DropAll(connection_), IsOk());
      EXPECT_THAT(connection_.Commit(), IsOk());
    } else {
      EXPECT_THAT(status.code(), AnyOf(Eq(StatusCode::kOutOfRange),
                                       Eq(StatusCode::kInvalidArgument)))
          << status;
      EXPECT_THAT(connection_.Rollback(), IsOk());
    }
  }
}

void LimitsTest::Names() {
  const size_t most =
      can().max_identifier_bytes != 0        ? can().max_identifier_bytes
      : can().max_identifier_characters != 0 ? can().max_identifier_characters
                                             : 1000;
  for (const size_t length : {most, most + 1}) {
    SCOPED_TRACE(length);
    schema::MetaData metadata;
    ASSERT_THAT(
        metadata.Add(Built(schema::TableBuilder(std::string(length, 't'))
                               .Column({.name = std::string(length, 'c'),
                                        .type = engine::BigInteger(),
                                        .primary_key = true}))),
        IsOk());
    const absl::Status status = metadata.CreateAll(connection_);
    if (length == most || most == 1000) {
      EXPECT_THAT(status, IsOk());
      EXPECT_THAT(connection_.Commit(), IsOk());
      EXPECT_THAT(metadata.DropAll(connection_), IsOk());
      EXPECT_THAT(connection_.Commit(), IsOk());
    } else {
      EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << status;
      EXPECT_THAT(connection_.Rollback(), IsOk());
    }
  }
}

void LimitsTest::AStatementOfManyBytes() {
  // Beyond what some servers let through; they must not be asked.
  for (const size_t size : {size_t{1} << 20, size_t{17} << 20}) {
    SCOPED_TRACE(size);
    const std::string text(size, 'x');
    const absl::Status status =
        Run(query::Insert(*item_).Set(id_, 2).Set(name_, text));
    if (status.ok()) {
      const auto found = query::ScalarOne(connection_, cache_,
                                          TypedSelect(name_).Where(id_ == 2));
      ASSERT_THAT(found, IsOk());
      EXPECT_TRUE(*found == text);
    } else {
      EXPECT_EQ(status.code(), StatusCode::kOutOfRange) << status;
      EXPECT_EQ(engine::GetErrorInfo(status)->connection_state,
                engine::ConnectionState::kOk);
    }
    EXPECT_THAT(connection_.Rollback(), IsOk());
  }
}

void LimitsTest::LongPatterns() {
  for (const size_t length : {size_t{49'000}, size_t{50'001}}) {
    SCOPED_TRACE(length);
    const std::string text(length, 'x');
    ASSERT_THAT(Run(query::Update(*item_).Set(name_, text)), IsOk());
    ExpectFoundOrTooMuch(TypedSelect(id_).Where(name_.Contains(text)));
    EXPECT_THAT(connection_.Rollback(), IsOk());
  }
}

void LimitsTest::NestedSavepoints() {
  constexpr int kDepth = 1000;
  std::vector<engine::Savepoint> savepoints;
  for (int i = 0; i < kDepth; ++i) {
    auto savepoint = connection_.BeginNested();
    ASSERT_THAT(savepoint, IsOk());
    savepoints.push_back(*std::move(savepoint));
  }
  ASSERT_THAT(Run(query::Update(*item_).Set(name_, "two")), IsOk());
  for (int i = 0; i < kDepth / 2; ++i) {
    ASSERT_THAT(savepoints.back().Commit(), IsOk());
    savepoints.pop_back();
  }
  ASSERT_THAT(savepoints.back().Rollback(), IsOk());
  EXPECT_THAT(Ids(TypedSelect(id_).Where(name_ == "one")),
              IsOkAndHolds(std::vector<int64_t>{1}));
  while (!savepoints.empty()) savepoints.pop_back();
}

constexpr Limit kLimits[] = {
    {"BoundValues", &LimitsTest::BoundValues},
    {"AListOfAMillion", &LimitsTest::AListOfAMillion},
    {"NestedExpressions", &LimitsTest::NestedExpressions},
    {"LongChains", &LimitsTest::LongChains},
    {"NestedSubqueries", &LimitsTest::NestedSubqueries},
    {"CompoundTerms", &LimitsTest::CompoundTerms},
    {"Columns", &LimitsTest::Columns},
    {"Names", &LimitsTest::Names},
    {"AStatementOfManyBytes", &LimitsTest::AStatementOfManyBytes},
    {"LongPatterns", &LimitsTest::LongPatterns},
    {"NestedSavepoints", &LimitsTest::NestedSavepoints},
};
#ifdef ABSL_HAVE_ADDRESS_SANITIZER
// Frames are several times as large.
constexpr size_t kSmallStack = size_t{1} << 20;
#else
constexpr size_t kSmallStack = size_t{256} << 10;
#endif

// G18, Q13, Q14
TEST_P(LimitsTest, IsKeptOrSaid) {
  const auto& [limit, stack] = GetParam();
  CallOnStack(stack, [this, check = limit.check] { (this->*check)(); });
}

INSTANTIATE_TEST_SUITE_P(
    All, LimitsTest,
    ::testing::Combine(::testing::ValuesIn(kLimits),
                       ::testing::Values(size_t{0}, kSmallStack)),
    [](const auto& info) {
      return absl::StrCat(std::get<0>(info.param).name,
                          std::get<1>(info.param) == 0 ? "" : "OnASmallStack");
    });

}  // namespace
}  // namespace cupel::testing
