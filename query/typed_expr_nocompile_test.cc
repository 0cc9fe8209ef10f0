#include <cstdint>
#include <optional>
#include <string>

#include "cupel/query/query.h"

namespace cupel::query {

void Conditions(const TypedExpr<int64_t>& id,
                const TypedExpr<std::string>& name) {
  (void)(id == 1 && name == "a");

// EXPECT: cupel: Like() needs a text column
#if defined(LIKE_ON_AN_INTEGER)
  (void)id.Like("x");
#endif

// EXPECT: cupel: the value's type does not fit the column's: pass a value of
//     the member's type
#if defined(TEXT_COMPARED_WITH_A_NUMBER)
  (void)(name == 1);
#endif

// EXPECT: cupel: the value's type does not fit the column's: pass a value of
//     the member's type
#if defined(INTEGER_COMPARED_WITH_A_FRACTION)
  (void)(id == 1.5);
#endif

// EXPECT: cupel: these two columns have types that cannot be compared: Cast<>()
//     one to the type of the other
#if defined(COLUMNS_OF_DIFFERENT_TYPES)
  (void)(id == name);
#endif

// EXPECT: cupel: arithmetic needs numbers
#if defined(ARITHMETIC_ON_TEXT)
  (void)(name * 2);
#endif

// EXPECT: cupel: a column that is not null cannot be set to null: make the
//     member a std::optional<>
#if defined(NULL_INTO_A_COLUMN_NOT_NULL)
  (void)Assign(id, std::nullopt);
#endif

// EXPECT: cupel: the list's values do not fit the column's type: pass values of
//     the member's type
#if defined(LIST_OF_ANOTHER_TYPE)
  (void)id.In({"a", "b"});
#endif
}

}  // namespace cupel::query
