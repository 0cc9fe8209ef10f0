#include "cupel/engine/type_name.h"

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace cupel::engine {
namespace {

TEST(TypeNameTest, IsTakenApart) {
  struct Case {
    absl::string_view declared;
    absl::string_view name;
    bool has_first;
    int64_t first;
    int64_t second;
  };
  for (const Case& each : {
           Case{"integer", "INTEGER", false, 0, 0},
           {" double \n precision ", "DOUBLE PRECISION", false, 0, 0},
           {"VarChar(80)", "VARCHAR", true, 80, 0},
           {"NUMERIC ( 10 , 2 )", "NUMERIC", true, 10, 2},
           {"numeric(3,-2)", "NUMERIC", true, 3, -2},
           {"timestamp(3) with time zone", "TIMESTAMP WITH TIME ZONE", true, 3,
            0},
       }) {
    SCOPED_TRACE(each.declared);
    const std::optional<TypeName> parsed = ParseTypeName(each.declared);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->name, each.name);
    EXPECT_EQ(parsed->has_first, each.has_first);
    EXPECT_EQ(parsed->first, each.first);
    EXPECT_EQ(parsed->second, each.second);
  }
}

TEST(TypeNameTest, OtherTextsAreNone) {
  for (const absl::string_view declared :
       {"", "(3)", "enum('a', 'b')", "varchar(x)", "numeric(1, 2, 3)",
        "integer[]", "varchar(9999999999)", "a-b"}) {
    EXPECT_FALSE(ParseTypeName(declared).has_value()) << declared;
  }
}

}  // namespace
}  // namespace cupel::engine
