// What every column type has to pass: typed cases, a suite a family. What does
// not depend on the C++ type is in round_trip_cases.cc.

#ifndef CUPEL_TESTING_DIALECT_SUITE_TYPE_TEST_H_
#define CUPEL_TESTING_DIALECT_SUITE_TYPE_TEST_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/dialect_suite/dialect_test.h"
#include "cupel/testing/dialect_suite/type_families.h"

namespace cupel::dialect_suite {

struct FamilyNames {
  template <typename Family>
  static std::string GetName(int) {
    return Family::kName;
  }
};

template <typename Family>
class TypeTest : public DialectTest {
 protected:
  using Value = typename Family::Value;
  using Nullable = std::optional<Value>;

  // A table of a key and a column "value" of the family's type.
  void Make(const schema::SqlFragment& server_default = {}) {
    table_ = &Create(Keyed("value_holder")
                         .Column({.name = "value",
                                  .type = Family::Sql(),
                                  .server_default = server_default})
                         .Column({.name = "other", .type = engine::Integer()}));
    id_ = Col<int64_t>(*table_, "id");
    value_ = Col<Nullable>(*table_, "value");
  }
  query::Insert InsertOf(int64_t id, const Value& value) const {
    return query::Insert(*table_).Set(id_, id).Set(value_, value);
  }
  void InsertAll() {
    int64_t id = 0;
    for (const Value& value : Family::Values()) {
      CUPEL_ASSERT_OK(Execute(InsertOf(++id, value)));
    }
  }
  // The stored values are the family's, to the bit.
  void ExpectAll() {
    CUPEL_ASSERT_OK_AND_ASSIGN(
        const std::vector<Nullable> found,
        Scalars(query::TypedSelect(value_).OrderBy(id_)));
    const std::vector<Value> values = Family::Values();
    ASSERT_EQ(found.size(), values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      ASSERT_TRUE(found[i].has_value()) << "value " << i;
      EXPECT_TRUE(Equal(*found[i], values[i])) << "value " << i;
    }
  }
  static bool Equal(const Value& a, const Value& b) {
    return engine_internal::Equal<Value>(a, b);
  }

  const schema::Table* table_ = nullptr;
  query::TypedExpr<int64_t> id_;
  query::TypedExpr<Nullable> value_;
};

TYPED_TEST_SUITE_P(TypeTest);

TYPED_TEST_P(TypeTest, KeepsBoundValues) {
  this->Make();
  this->InsertAll();
  this->ExpectAll();
}

TYPED_TEST_P(TypeTest, KeepsNull) {
  this->Make();
  CUPEL_ASSERT_OK(this->Execute(query::Insert(*this->table_)
                                    .Set(this->id_, 1)
                                    .Set(this->value_, std::nullopt)));
  EXPECT_THAT(this->Scalars(query::TypedSelect(this->value_)),
              IsOkAndHolds(::testing::ElementsAre(std::nullopt)));
  EXPECT_THAT(
      this->Scalars(query::TypedSelect(this->id_).Where(this->value_.IsNull())),
      IsOkAndHolds(::testing::ElementsAre(1)));
}

TYPED_TEST_P(TypeTest, SelectsBoundValues) {
  this->Make();
  this->InsertAll();
  for (const typename TypeParam::Value& value : TypeParam::Values()) {
    const query::TypedExpr<typename TypeParam::Value> bound(
        query_internal::BindLike<typename TypeParam::Value>(
            value, this->value_.type()));
    CUPEL_ASSERT_OK_AND_ASSIGN(
        const auto found,
        this->Scalar(query::TypedSelect(query::Coalesce(this->value_, bound))
                         .Where(this->id_ == 1)));
    EXPECT_TRUE(this->Equal(found, TypeParam::Values().front()));
  }
}

TYPED_TEST_P(TypeTest, FindsByEquality) {
  this->Make();
  if constexpr (!TypeParam::kCompares) {
    this->InsertAll();
    EXPECT_THAT(this->Scalars(query::TypedSelect(this->id_).Where(
                    this->value_.IsNotNull())),
                IsOkAndHolds(::testing::SizeIs(TypeParam::Values().size())));
  } else {
    this->InsertAll();
    int64_t id = 0;
    for (const typename TypeParam::Value& value : TypeParam::Values()) {
      EXPECT_THAT(this->Scalars(query::TypedSelect(this->id_).Where(
                      this->value_ == value)),
                  IsOkAndHolds(::testing::ElementsAre(++id)));
    }
  }
}

TYPED_TEST_P(TypeTest, Sorts) {
  this->Make();
  if constexpr (!TypeParam::kSorts) {
    // The order is the database's.
    this->InsertAll();
    EXPECT_THAT(this->Scalar(query::TypedSelect(query::Count(this->value_))),
                IsOkAndHolds(static_cast<int64_t>(TypeParam::Values().size())));
  } else {
    const auto values = TypeParam::Values();
    for (size_t i = values.size(); i-- > 0;) {
      CUPEL_ASSERT_OK(
          this->Execute(this->InsertOf(static_cast<int64_t>(i), values[i])));
    }
    CUPEL_ASSERT_OK_AND_ASSIGN(
        const std::vector<int64_t> found,
        this->Scalars(query::TypedSelect(this->id_).OrderBy(this->value_)));
    for (size_t i = 0; i < values.size(); ++i) {
      EXPECT_EQ(found[i], static_cast<int64_t>(i));
    }
  }
}

TYPED_TEST_P(TypeTest, WritesValuesAsDefaults) {
  for (const typename TypeParam::Value& value : TypeParam::Values()) {
    engine::BoundValue bound;
    CUPEL_ASSERT_OK(
        engine_internal::Bind<typename TypeParam::Value>(value, &bound));
    if (bound.view.has_bytes() && bound.view.bytes().size() > 1000) continue;
    // One table after the other.
    const schema::SqlFragment literal = schema::SqlFragment::Literal(
        TypeParam::Sql(), engine::Value(bound.view));
    schema::MetaData metadata;
    auto table = Keyed("with_default")
                     .Column({.name = "value",
                              .type = TypeParam::Sql(),
                              .server_default = literal})
                     .Column({.name = "other", .type = engine::Integer()})
                     .Build();
    CUPEL_ASSERT_OK(table);
    CUPEL_ASSERT_OK(metadata.Add(*table));
    CUPEL_ASSERT_OK(metadata.CreateAll(this->connection()));
    using Nullable = std::optional<typename TypeParam::Value>;
    const auto other = Col<std::optional<int64_t>>(**table, "other");
    CUPEL_EXPECT_OK(this->Execute(query::Insert(**table).Set(other, 1)));
    const auto found =
        this->Scalar(query::TypedSelect(Col<Nullable>(**table, "value")));
    CUPEL_EXPECT_OK(this->connection().Commit());
    CUPEL_ASSERT_OK(metadata.DropAll(this->connection()));
    CUPEL_ASSERT_OK(found);
    ASSERT_TRUE(found->has_value());
    EXPECT_TRUE(this->Equal(**found, value));
  }
}

TYPED_TEST_P(TypeTest, IsReflected) {
  this->Make();
  schema::Inspector inspector(this->connection());
  CUPEL_ASSERT_OK_AND_ASSIGN(const engine::CatalogTable* found,
                             inspector.Describe("value_holder"));
  ASSERT_EQ(found->columns.size(), 3u);
  // What is read as another type must store alike.
  CUPEL_ASSERT_OK_AND_ASSIGN(const std::string declared,
                             this->dialect().TypeName(TypeParam::Sql()));
  CUPEL_ASSERT_OK_AND_ASSIGN(const std::string again,
                             this->dialect().TypeName(found->columns[1].type));
  EXPECT_EQ(again, declared);
}

REGISTER_TYPED_TEST_SUITE_P(TypeTest, KeepsBoundValues, KeepsNull,
                            SelectsBoundValues, FindsByEquality, Sorts,
                            WritesValuesAsDefaults, IsReflected);

}  // namespace cupel::dialect_suite

#endif  // CUPEL_TESTING_DIALECT_SUITE_TYPE_TEST_H_
