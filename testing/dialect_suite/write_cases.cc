// INSERT, UPDATE, DELETE, upsert, RETURNING and generated keys.

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
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/dialect_suite/dialect_test.h"

namespace cupel::dialect_suite {
namespace {

using query::Assign;
using query::TypedSelect;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class EmptyTest : public DialectTest {
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
  query::Insert Named(absl::string_view name) const {
    return query::Insert(i().table).Set(i().name, name);
  }
  auto Names() { return Scalars(TypedSelect(i().name).OrderBy(i().id)); }
  std::optional<Items> items_;
};

class FilledTest : public DialectTest {
 protected:
  void Open() override {
    DialectTest::Open();
    if (HasFatalFailure()) return;
    items_.emplace(FillItems());
  }
  const Items& i() const { return *items_; }
  auto Amounts() { return Scalars(TypedSelect(i().amount).OrderBy(i().id)); }
  std::optional<Items> items_;
};

// --- INSERT -----------------------------------------------------------------

using InsertTest = EmptyTest;

TEST_F(InsertTest, OneRow) {
  CUPEL_ASSERT_OK(Execute(Row(7, "one").Set(i().amount, 3)));
  EXPECT_THAT(All(TypedSelect(i().id, i().name, i().amount)),
              IsOkAndHolds(ElementsAre(std::make_tuple(7, "one", 3))));
}
TEST_F(InsertTest, SeveralRows) {
  const auto insert = Named("a")
                          .AddRow({Assign(i().name, "b")})
                          .AddRow({Assign(i().name, "c")});
  if (!can().multi_row_values) {
    EXPECT_THAT(Sql(insert), IsRefused());
    return;
  }
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto done, Execute(insert));
  EXPECT_EQ(done.affected_rows, 3);
  EXPECT_THAT(Scalars(TypedSelect(i().name)),
              IsOkAndHolds(UnorderedElementsAre("a", "b", "c")));
}
TEST_F(InsertTest, FromASelect) {
  CUPEL_ASSERT_OK(Execute(Row(1, "one")));
  CUPEL_ASSERT_OK(Execute(query::Insert(i().table).FromSelect(
      {i().id, i().name},
      TypedSelect(i().id + 10, i().name).Where(i().id == 1))));
  EXPECT_THAT(Names(), IsOkAndHolds(ElementsAre("one", "one")));
}
TEST_F(InsertTest, FromASelectWithGeneratedKeys) {
  CUPEL_ASSERT_OK(Execute(Named("one")));
  CUPEL_ASSERT_OK(Execute(query::Insert(i().table).FromSelect(
      {i().name}, TypedSelect(i().name + "!"))));
  EXPECT_THAT(Scalars(TypedSelect(i().name)),
              IsOkAndHolds(UnorderedElementsAre("one", "one!")));
}
TEST_F(InsertTest, OfDefaultsOnly) {
  const schema::Table& blank =
      Create(Keyed("blank").Column({.name = "n", .type = engine::Integer()}));
  CUPEL_ASSERT_OK(Execute(query::Insert(blank)));
  CUPEL_ASSERT_OK(Execute(query::Insert(blank)));
  EXPECT_THAT(Count(blank), IsOkAndHolds(2));
}
TEST_F(InsertTest, OfAnExpression) {
  CUPEL_ASSERT_OK(Execute(query::Insert(i().table)
                              .Set(i().name, query::Upper(query::Bind("up")))
                              .Set(i().amount, query::Bind(int64_t{6}) * 7)));
  EXPECT_THAT(All(TypedSelect(i().name, i().amount)),
              IsOkAndHolds(ElementsAre(std::make_tuple("UP", 42))));
}
TEST_F(InsertTest, OfASubquery) {
  CUPEL_ASSERT_OK(Execute(Row(4, "x")));
  CUPEL_ASSERT_OK(Execute(Row(5, "y").Set(
      i().amount, TypedSelect(query::Max(i().id)).ScalarSubquery<int64_t>())));
  EXPECT_THAT(Scalar(TypedSelect(i().amount).Where(i().id == 5)),
              IsOkAndHolds(4));
}
TEST_F(InsertTest, RowsOfDifferentColumnsAreRefused) {
  EXPECT_THAT(Execute(Named("a").AddRow({Assign(i().id, 7)})),
              StatusIs(absl::StatusCode::kInvalidArgument));
}
TEST_F(InsertTest, NullByName) {
  CUPEL_ASSERT_OK(Execute(Row(1, "x").Set(i().amount, std::nullopt)));
  EXPECT_THAT(Scalars(TypedSelect(i().amount)),
              IsOkAndHolds(ElementsAre(std::nullopt)));
}

// --- Generated keys ---------------------------------------------------------

using GeneratedKeyTest = EmptyTest;

TEST_F(GeneratedKeyTest, AreMade) {
  CUPEL_ASSERT_OK(Execute(Named("a")));
  CUPEL_ASSERT_OK(Execute(Named("b")));
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto ids,
                             Scalars(TypedSelect(i().id).OrderBy(i().name)));
  ASSERT_EQ(ids.size(), 2u);
  EXPECT_LT(ids[0], ids[1]);
}
TEST_F(GeneratedKeyTest, TheLastOneIsKnown) {
  CUPEL_SUITE_NEEDS(can().last_insert_id, "last_insert_id");
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto done, Execute(Named("a")));
  EXPECT_THAT(Scalar(TypedSelect(i().id)), IsOkAndHolds(done.last_insert_id));
}
TEST_F(GeneratedKeyTest, TheLastOneAfterAnExplicitKey) {
  CUPEL_SUITE_NEEDS(can().last_insert_id, "last_insert_id");
  CUPEL_ASSERT_OK(Execute(Row(100, "a")));
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto done, Execute(Named("b")));
  EXPECT_EQ(done.last_insert_id, 101);
}
TEST_F(GeneratedKeyTest, ComeBackByReturning) {
  const auto insert = Named("a").Returning(i().id);
  if (!can().returning) {
    EXPECT_THAT(Sql(insert), IsRefused());
    return;
  }
  CUPEL_ASSERT_OK_AND_ASSIGN(const int64_t id, Scalar(insert));
  EXPECT_THAT(Scalar(TypedSelect(i().id)), IsOkAndHolds(id));
}
TEST_F(GeneratedKeyTest, FollowTheOrderOfRows) {
  CUPEL_SUITE_NEEDS(
      can().multi_row_values &&
          can().generated_keys != engine::GeneratedKeys::kUnordered,
      "generated_keys");
  query::Insert insert = Named("0");
  for (int n = 1; n < 50; ++n) {
    insert = insert.AddRow({Assign(i().name, absl::StrCat(n))});
  }
  CUPEL_ASSERT_OK(Execute(insert));
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const auto rows, All(TypedSelect(i().id, i().name).OrderBy(i().id)));
  ASSERT_EQ(rows.size(), 50u);
  for (size_t n = 0; n < rows.size(); ++n) {
    EXPECT_EQ(std::get<1>(rows[n]), absl::StrCat(n));
    if (can().generated_keys == engine::GeneratedKeys::kConsecutive) {
      EXPECT_EQ(std::get<0>(rows[n]),
                std::get<0>(rows[0]) + static_cast<int64_t>(n));
    }
  }
}
TEST_F(GeneratedKeyTest, OfManyRowsComeBackInOrder) {
  CUPEL_SUITE_NEEDS(can().returning, "returning");
  std::vector<query::Statement> inserts;
  for (int n = 0; n < 250; ++n) {
    inserts.push_back(Named(absl::StrCat("n", n)).Returning(i().id, i().name));
  }
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto rows,
                             (query::InsertMany<int64_t, std::string>(
                                 connection(), cache(), inserts)));
  ASSERT_EQ(rows.size(), 250u);
  for (size_t n = 0; n < rows.size(); ++n) {
    EXPECT_EQ(std::get<1>(rows[n]), absl::StrCat("n", n));
  }
  EXPECT_THAT(Count(i().table), IsOkAndHolds(250));
}

// --- UPDATE and DELETE ------------------------------------------------------

using UpdateTest = FilledTest;

TEST_F(UpdateTest, AllRows) {
  CUPEL_ASSERT_OK(Execute(query::Update(i().table).Set(i().amount, 1)));
  EXPECT_THAT(Amounts(), IsOkAndHolds(ElementsAre(1, 1, 1, 1, 1)));
}
TEST_F(UpdateTest, SomeRowsByAnExpression) {
  CUPEL_ASSERT_OK(Execute(query::Update(i().table)
                              .Set(i().amount, i().amount + i().id)
                              .Where(i().id > 3)));
  EXPECT_THAT(Amounts(),
              IsOkAndHolds(ElementsAre(10, 20, std::nullopt, 24, 55)));
}
TEST_F(UpdateTest, ToNull) {
  CUPEL_ASSERT_OK(Execute(query::Update(i().table)
                              .Set(i().amount, std::nullopt)
                              .Where(i().id < 5)));
  EXPECT_THAT(Scalar(TypedSelect(query::Count(i().amount))), IsOkAndHolds(1));
}
TEST_F(UpdateTest, BySubquery) {
  const query::FromItem wrapped =
      TypedSelect(query::Max(i().amount).Label("top")).Subquery("wrapped");
  CUPEL_ASSERT_OK(
      Execute(query::Update(i().table)
                  .Set(i().amount, TypedSelect(wrapped.Column<int64_t>("top"))
                                       .ScalarSubquery<int64_t>())
                  .Where(i().id == 3)));
  EXPECT_THAT(Scalar(TypedSelect(i().amount).Where(i().id == 3)),
              IsOkAndHolds(50));
}
TEST_F(UpdateTest, FromAnotherTable) {
  const schema::Table& prices = Create(
      Keyed("price").Column({.name = "cents", .type = engine::BigInteger()}));
  const auto price_id = Col<int64_t>(prices, "id");
  const auto cents = Col<int64_t>(prices, "cents");
  CUPEL_ASSERT_OK(
      Execute(query::Insert(prices).Set(price_id, 2).Set(cents, 99)));
  const auto update = query::Update(i().table)
                          .Set(i().amount, cents)
                          .From(prices)
                          .Where(price_id == i().id);
  if (!can().update_from) {
    EXPECT_THAT(Sql(update), IsRefused());
    return;
  }
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto done, Execute(update));
  EXPECT_EQ(done.affected_rows, 1);
  EXPECT_THAT(Amounts(),
              IsOkAndHolds(ElementsAre(10, 99, std::nullopt, 20, 50)));
}
TEST_F(UpdateTest, OfAnOldValueTwice) {
  CUPEL_ASSERT_OK(Execute(query::Update(i().table)
                              .Set(i().amount, i().id)
                              .Set(i().name, "n")
                              .Where(i().amount == 20)));
  EXPECT_THAT(Amounts(), IsOkAndHolds(ElementsAre(10, 2, std::nullopt, 4, 50)));
}

using DeleteTest = FilledTest;

TEST_F(DeleteTest, AllRows) {
  CUPEL_ASSERT_OK(Execute(query::Delete(i().table)));
  EXPECT_THAT(Count(i().table), IsOkAndHolds(0));
}
TEST_F(DeleteTest, SomeRows) {
  CUPEL_ASSERT_OK(Execute(query::Delete(i().table).Where(i().amount == 20)));
  EXPECT_THAT(Count(i().table), IsOkAndHolds(3));
}
TEST_F(DeleteTest, ByAnotherTable) {
  const schema::Table& doomed = Create(
      Keyed("doomed").Column({.name = "n", .type = engine::BigInteger()}));
  const auto doomed_id = Col<int64_t>(doomed, "id");
  CUPEL_ASSERT_OK(Execute(query::Insert(doomed).Set(doomed_id, 3)));
  const auto removal =
      query::Delete(i().table).Using(doomed).Where(doomed_id == i().id);
  // A database without USING gets a subquery.
  CUPEL_ASSERT_OK(Execute(removal));
  EXPECT_THAT(Count(i().table), IsOkAndHolds(4));
}
TEST_F(DeleteTest, ByASubquery) {
  const query::FromItem dear =
      TypedSelect(i().id).Where(i().amount >= 20).Subquery("dear");
  CUPEL_ASSERT_OK(Execute(query::Delete(i().table).Where(
      i().id.In(TypedSelect(dear.Column<int64_t>("id"))))));
  EXPECT_THAT(Count(i().table), IsOkAndHolds(2));
}

// --- How many ---------------------------------------------------------------

using RowCountTest = FilledTest;

TEST_F(RowCountTest, OfInsert) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const auto done,
      Execute(query::Insert(i().table).Set(i().id, 9).Set(i().name, "x")));
  EXPECT_EQ(done.affected_rows, 1);
}
TEST_F(RowCountTest, OfUpdate) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const auto done,
      Execute(
          query::Update(i().table).Set(i().amount, 0).Where(i().amount == 20)));
  EXPECT_EQ(done.affected_rows, 2);
}
// F16
TEST_F(RowCountTest, OfAnUpdateThatChangesNothing) {
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto done,
                             Execute(query::Update(i().table)
                                         .Set(i().amount, i().amount)
                                         .Where(i().amount == 20)));
  EXPECT_EQ(done.affected_rows, 2);
}
TEST_F(RowCountTest, OfAnUpdateToTheSameValue) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const auto done,
      Execute(query::Update(i().table).Set(i().amount, 10).Where(i().id == 1)));
  EXPECT_EQ(done.affected_rows, 1);
}
TEST_F(RowCountTest, OfNothing) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const auto done,
      Execute(query::Update(i().table).Set(i().amount, 0).Where(i().id > 99)));
  EXPECT_EQ(done.affected_rows, 0);
}
TEST_F(RowCountTest, OfDelete) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const auto done,
      Execute(query::Delete(i().table).Where(i().amount == 20)));
  EXPECT_EQ(done.affected_rows, 2);
}
TEST_F(RowCountTest, OfAllRows) {
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto done,
                             Execute(query::Delete(i().table)));
  EXPECT_EQ(done.affected_rows, 5);
}
TEST_F(RowCountTest, OfATextAndOfABatch) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const auto text, Execute("UPDATE item SET amount = 3 WHERE id > 3"));
  EXPECT_EQ(text.affected_rows, 2);
  std::vector<query::Statement> removals;
  for (int64_t id : {1, 2, 77}) {
    removals.push_back(query::Delete(i().table).Where(i().id == id));
  }
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const auto batch, query::ExecuteMany(connection(), cache(), removals));
  EXPECT_EQ(batch.affected_rows, 2);
}
TEST_F(RowCountTest, OfAReadIsNotAnError) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      query::ResultCursor cursor,
      query::Execute(connection(), cache(), TypedSelect(i().id)));
  CUPEL_EXPECT_OK(cursor.Finish());
}

// --- RETURNING --------------------------------------------------------------

using ReturningTest = FilledTest;

TEST_F(ReturningTest, OfInsert) {
  const auto insert = query::Insert(i().table)
                          .Set(i().id, 8)
                          .Set(i().name, "x")
                          .Returning(i().id, i().name, i().amount);
  if (!can().returning) {
    EXPECT_THAT(Sql(insert), IsRefused());
    return;
  }
  EXPECT_THAT(All(insert),
              IsOkAndHolds(ElementsAre(std::make_tuple(8, "x", std::nullopt))));
}
TEST_F(ReturningTest, OfUpdate) {
  const auto update = query::Update(i().table)
                          .Set(i().amount, i().amount + 1)
                          .Where(i().amount == 20)
                          .Returning(i().id, i().amount);
  if (!Sql(update).ok()) {
    EXPECT_THAT(Sql(update), IsRefused());
    return;
  }
  EXPECT_THAT(All(update),
              IsOkAndHolds(UnorderedElementsAre(std::make_tuple(2, 21),
                                                std::make_tuple(4, 21))));
}
TEST_F(ReturningTest, OfDelete) {
  const auto removal =
      query::Delete(i().table).Where(i().id > 3).Returning(i().name);
  if (!Sql(removal).ok()) {
    EXPECT_THAT(Sql(removal), IsRefused());
    return;
  }
  EXPECT_THAT(Scalars(removal),
              IsOkAndHolds(UnorderedElementsAre("dog", "eel")));
}
TEST_F(ReturningTest, OfAnExpression) {
  CUPEL_SUITE_NEEDS(can().returning, "returning");
  EXPECT_THAT(Scalar(query::Insert(i().table)
                         .Set(i().id, 8)
                         .Set(i().name, "x")
                         .Returning(i().id * 2)),
              IsOkAndHolds(16));
}
TEST_F(ReturningTest, OfSeveralRows) {
  CUPEL_SUITE_NEEDS(can().returning, "returning");
  EXPECT_THAT(Scalars(query::Insert(i().table)
                          .Values({Assign(i().id, 8), Assign(i().name, "x")})
                          .AddRow({Assign(i().id, 9), Assign(i().name, "y")})
                          .Returning(i().id)),
              IsOkAndHolds(UnorderedElementsAre(8, 9)));
}
TEST_F(ReturningTest, OfWhatTheDatabaseDecides) {
  CUPEL_SUITE_NEEDS(can().returning, "returning");
  // A generated key must not meet one that was given.
  CUPEL_ASSERT_OK(Execute(query::Delete(i().table)));
  CUPEL_ASSERT_OK_AND_ASSIGN(
      query::ResultCursor cursor,
      query::Execute(
          connection(), cache(),
          query::Insert(i().table).Set(i().name, "x").ReturningDefaults()));
  EXPECT_THAT(cursor.Next(), IsOkAndHolds(true));
  CUPEL_EXPECT_OK(cursor.Get<int64_t>("id"));
}
TEST_F(ReturningTest, ReadingHalfOfItStillWrites) {
  CUPEL_SUITE_NEEDS(can().returning, "returning");
  CUPEL_ASSERT_OK(
      query::First(connection(), cache(),
                   query::Insert(i().table)
                       .Values({Assign(i().id, 8), Assign(i().name, "x")})
                       .AddRow({Assign(i().id, 9), Assign(i().name, "y")})
                       .Returning(i().id)));
  EXPECT_THAT(Count(i().table), IsOkAndHolds(7));
}

// --- Upsert -----------------------------------------------------------------

class UpsertTest : public FilledTest {
 protected:
  bool has() const { return can().upsert != engine::UpsertStyle::kNone; }
  query::Insert Row(int64_t id, absl::string_view name) const {
    return query::Insert(i().table).Set(i().id, id).Set(i().name, name);
  }
};

TEST_F(UpsertTest, UpdatesTheRowInPlace) {
  const auto upsert = [&](int64_t id, absl::string_view name) {
    return Row(id, name).OnConflictDoUpdate(
        {.columns = {i().id}}, {Assign(i().name, query::Excluded(i().name))});
  };
  if (!has()) {
    EXPECT_THAT(Sql(upsert(1, "x")), IsRefused());
    return;
  }
  CUPEL_ASSERT_OK(Execute(upsert(1, "first")));
  CUPEL_ASSERT_OK(Execute(upsert(6, "sixth")));
  EXPECT_THAT(
      Scalars(TypedSelect(i().name).Where(i().id.In({1, 6})).OrderBy(i().id)),
      IsOkAndHolds(ElementsAre("first", "sixth")));
}
TEST_F(UpsertTest, LeavesTheRowAlone) {
  CUPEL_SUITE_NEEDS(has(), "upsert");
  CUPEL_ASSERT_OK(Execute(Row(1, "x").OnConflictDoNothing()));
  CUPEL_ASSERT_OK(Execute(Row(6, "y").OnConflictDoNothing()));
  EXPECT_THAT(
      Scalars(TypedSelect(i().name).Where(i().id.In({1, 6})).OrderBy(i().id)),
      IsOkAndHolds(ElementsAre("ant", "y")));
}
TEST_F(UpsertTest, UsesOldAndNewValues) {
  CUPEL_SUITE_NEEDS(has(), "upsert");
  CUPEL_ASSERT_OK(Execute(
      Row(2, "x")
          .Set(i().amount, 5)
          .OnConflictDoUpdate(
              {.columns = {i().id}},
              {Assign(i().amount, i().amount + query::Excluded(i().amount))})));
  EXPECT_THAT(Scalar(TypedSelect(i().amount).Where(i().id == 2)),
              IsOkAndHolds(25));
}
TEST_F(UpsertTest, OfSeveralRows) {
  CUPEL_SUITE_NEEDS(has() && can().multi_row_values, "upsert");
  CUPEL_ASSERT_OK(Execute(
      Row(1, "a")
          .AddRow({Assign(i().id, 9), Assign(i().name, "b")})
          .OnConflictDoUpdate({.columns = {i().id}},
                              {Assign(i().name, query::Excluded(i().name))})));
  EXPECT_THAT(
      Scalars(TypedSelect(i().name).Where(i().id.In({1, 9})).OrderBy(i().id)),
      IsOkAndHolds(ElementsAre("a", "b")));
}
TEST_F(UpsertTest, OnAUniqueColumn) {
  CUPEL_SUITE_NEEDS(has(), "upsert");
  CUPEL_ASSERT_OK(Execute("CREATE UNIQUE INDEX ux_name ON item (name)"));
  CUPEL_ASSERT_OK(
      Execute(query::Insert(i().table)
                  .Set(i().name, "bee")
                  .Set(i().amount, 77)
                  .OnConflictDoUpdate(
                      {.columns = {i().name}},
                      {Assign(i().amount, query::Excluded(i().amount))})));
  EXPECT_THAT(Scalar(TypedSelect(i().amount).Where(i().id == 2)),
              IsOkAndHolds(77));
  EXPECT_THAT(Count(i().table), IsOkAndHolds(5));
}
TEST_F(UpsertTest, WithACondition) {
  CUPEL_SUITE_NEEDS(has(), "upsert");
  const auto upsert = [&](int64_t id) {
    return Row(id, "x").OnConflictDoUpdate(
        {.columns = {i().id}}, {Assign(i().name, "changed")}, i().amount > 15);
  };
  if (!Sql(upsert(1)).ok()) {
    EXPECT_THAT(Sql(upsert(1)), IsRefused());
    return;
  }
  CUPEL_ASSERT_OK(Execute(upsert(1)));
  CUPEL_ASSERT_OK(Execute(upsert(2)));
  EXPECT_THAT(Scalars(TypedSelect(i().name).Where(i().id < 3).OrderBy(i().id)),
              IsOkAndHolds(ElementsAre("ant", "changed")));
}
TEST_F(UpsertTest, OnANamedConstraint) {
  const auto upsert = Row(1, "x").OnConflictDoUpdate({.constraint = "pk_item"},
                                                     {Assign(i().name, "y")});
  if (!can().on_conflict_constraint) {
    EXPECT_THAT(Sql(upsert), IsRefused());
  } else {
    CUPEL_EXPECT_OK(Sql(upsert));
  }
}

}  // namespace
}  // namespace cupel::dialect_suite
