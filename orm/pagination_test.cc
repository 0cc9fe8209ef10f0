#include "cupel/orm/pagination.h"

#include <optional>
#include <string>
#include <vector>

#include "cupel/orm/test_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::orm_test {
namespace {

using ::testing::ElementsAreArray;
using testing::IsOk;
using testing::StatusIs;

constexpr std::nullopt_t kGap = std::nullopt;

std::vector<std::optional<int64_t>> PagesAround(int64_t page) {
  return PageInfo(page, 20, 500, 20).IterPages();
}

// FSA-45
TEST(PageInfoTest, KnowsItsNeighbours) {
  const PageInfo first(1, 20, 500, 20);
  EXPECT_EQ(first.pages(), 25);
  EXPECT_FALSE(first.has_prev());
  EXPECT_EQ(first.prev_num(), std::nullopt);
  EXPECT_EQ(first.next_num(), 2);
  EXPECT_EQ(first.first(), 1);
  EXPECT_EQ(first.last(), 20);
  const PageInfo last(25, 20, 500, 20);
  EXPECT_FALSE(last.has_next());
  EXPECT_EQ(last.prev_num(), 24);
  EXPECT_EQ(last.last(), 500);
  EXPECT_EQ(PageInfo(1, 0, 500, 0).pages(), 0);
  EXPECT_EQ(PageInfo(1, 20, 501, 20).pages(), 26);
}

// FSA-46
TEST(PageInfoTest, ListsPagesWithGaps) {
  using Pages = std::vector<std::optional<int64_t>>;
  EXPECT_THAT(PagesAround(1),
              ElementsAreArray(Pages{1, 2, 3, 4, 5, kGap, 24, 25}));
  EXPECT_THAT(PagesAround(10),
              ElementsAreArray(
                  Pages{1, 2, kGap, 8, 9, 10, 11, 12, 13, 14, kGap, 24, 25}));
  EXPECT_THAT(PagesAround(25), ElementsAreArray(Pages{1, 2, kGap, 23, 24, 25}));
}

class PaginationTest : public DatabaseTest {
 protected:
  void AddUsers(int count) {
    for (int i = 1; i <= count; ++i) {
      const std::string name = "u" + std::to_string(i);
      session().Add(User{.username = name, .email = name + "@example.com"});
    }
    CUPEL_ASSERT_OK(session().Commit());
  }
  Query<User> Users() {
    return session().Query<User>().OrderBy(col<&User::id>);
  }
};

// FSA-42
TEST_F(PaginationTest, GivesItemsAndTotal) {
  AddUsers(100);
  CUPEL_ASSERT_OK_AND_ASSIGN(auto page, Users().Paginate({}));
  EXPECT_EQ(page.items().size(), 20u);
  EXPECT_EQ(page.total(), 100);
  EXPECT_EQ(page.page(), 1);
  CUPEL_ASSERT_OK_AND_ASSIGN(
      page,
      Users().Paginate({.page = "2", .per_page = "30", .max_per_page = 10}));
  EXPECT_EQ(page.items().size(), 10u);
  EXPECT_EQ((*page.begin())->id, 11);
}

// FSA-43
TEST_F(PaginationTest, RefusesWhatMakesNoSense) {
  AddUsers(5);
  for (const PageOptions& options :
       {PageOptions{.page = "x"}, PageOptions{.page = 0},
        PageOptions{.per_page = -1}, PageOptions{.page = 99}}) {
    const absl::Status status = Users().Paginate(options).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound));
    EXPECT_EQ(HttpStatusOf(status), 404);
  }
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto page, Users().Paginate({.page = "x", .error_out = false}));
  EXPECT_EQ(page.page(), 1);
  CUPEL_ASSERT_OK_AND_ASSIGN(page,
                             Users().Paginate({.page = 0, .error_out = false}));
  EXPECT_EQ(page.page(), 1);
  EXPECT_EQ(page.items().size(), 5u);
  CUPEL_ASSERT_OK_AND_ASSIGN(
      page, Users().Paginate({.per_page = -1, .error_out = false}));
  EXPECT_EQ(page.per_page(), 20);
  CUPEL_ASSERT_OK_AND_ASSIGN(
      page, Users().Paginate({.page = 99, .error_out = false}));
  EXPECT_TRUE(page.items().empty());
  CUPEL_ASSERT_OK_AND_ASSIGN(
      page, Users().Paginate({.per_page = 0, .error_out = false}));
  EXPECT_TRUE(page.items().empty());
  EXPECT_EQ(page.pages(), 0);
}

// FSA-44
TEST_F(PaginationTest, CountsOnlyIfAsked) {
  AddUsers(5);
  recorder().Clear();
  CUPEL_ASSERT_OK_AND_ASSIGN(auto page, Users().Paginate({}));
  EXPECT_EQ(statements(), 2);
  recorder().Clear();
  CUPEL_ASSERT_OK_AND_ASSIGN(page, Users().Paginate({.count = false}));
  EXPECT_EQ(statements(), 1);
  EXPECT_EQ(page.total(), std::nullopt);
  EXPECT_FALSE(page.has_next());
}

// FSA-47
TEST_F(PaginationTest, TurnsPagesAndKeepsTheCap) {
  AddUsers(25);
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto page, Users().Paginate({.per_page = 50, .max_per_page = 10}));
  CUPEL_ASSERT_OK_AND_ASSIGN(auto next, page.Next());
  EXPECT_EQ(next.page(), 2);
  EXPECT_EQ(next.items().size(), 10u);
  CUPEL_ASSERT_OK_AND_ASSIGN(auto before, page.Prev());
  EXPECT_EQ(before.page(), 1);
}

// C-15
TEST_F(PaginationTest, CountsEntitiesNotJoinedRows) {
  AddCategories(5, 3);
  Session& session = Fresh();
  CUPEL_ASSERT_OK_AND_ASSIGN(auto page,
                             session.Query<Category>()
                                 .Join<&Category::posts>()
                                 .Filter(col<&Post::title>.Like("c%"))
                                 .Paginate({.count = true}));
  EXPECT_EQ(page.total(), 5);
  CUPEL_ASSERT_OK_AND_ASSIGN(page, session.Query<Category>()
                                       .Options(JoinedLoad<&Category::posts>())
                                       .OrderBy(col<&Category::id>)
                                       .Paginate({.page = 2, .per_page = 2}));
  EXPECT_EQ(page.total(), 5);
  ASSERT_EQ(page.items().size(), 2u);
  EXPECT_EQ(page.items()[0]->name, "c3");
  EXPECT_EQ(page.items()[1]->posts.size(), 3u);
}

// C-15
TEST_F(PaginationTest, ReadsPagesByKey) {
  AddUsers(5);
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto page,
      PaginateAfter<&User::id>(session().Query<User>(), std::nullopt, 2));
  ASSERT_EQ(page.items.size(), 2u);
  ASSERT_TRUE(page.next.has_value());
  CUPEL_ASSERT_OK_AND_ASSIGN(
      page, PaginateAfter<&User::id>(session().Query<User>(), page.next, 2));
  EXPECT_EQ(page.items[0]->id, 3);
  CUPEL_ASSERT_OK_AND_ASSIGN(
      page, PaginateAfter<&User::id>(session().Query<User>(), page.next, 2));
  ASSERT_EQ(page.items.size(), 1u);
  EXPECT_EQ(page.next, std::nullopt);
}

}  // namespace
}  // namespace cupel::orm_test
