// Matchers of googlemock for absl::Status and absl::StatusOr.
//
//   EXPECT_THAT(connection.Commit(), IsOk());
//   EXPECT_THAT(CountRows(connection), IsOkAndHolds(3));
//   EXPECT_THAT(CountRows(connection),
//               StatusIs(absl::StatusCode::kNotFound, HasSubstr("author")));
//   CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
//
// They work on absl::Status, absl::StatusOr<T> and references to either, T may
// be move-only.

#ifndef CUPEL_TESTING_STATUS_MATCHERS_H_
#define CUPEL_TESTING_STATUS_MATCHERS_H_

#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

// Fails the test, and leaves the enclosing function that returns void, unless
// `expression` is OK.
#define CUPEL_ASSERT_OK(expression) \
  ASSERT_THAT((expression), ::cupel::testing::IsOk())
#define CUPEL_EXPECT_OK(expression) \
  EXPECT_THAT((expression), ::cupel::testing::IsOk())

// Moves the value of `expression`, an absl::StatusOr, to `lhs`, which may be a
// declaration; fails the test and leaves the enclosing function, which returns
// void, when there is none.
#define CUPEL_ASSERT_OK_AND_ASSIGN(lhs, ...)                        \
  CUPEL_TESTING_ASSERT_OK_AND_ASSIGN_(                              \
      CUPEL_TESTING_CONCAT_(cupel_assert_statusor_, __LINE__), lhs, \
      __VA_ARGS__)

#define CUPEL_TESTING_CONCAT_2_(a, b) a##b
#define CUPEL_TESTING_CONCAT_(a, b) CUPEL_TESTING_CONCAT_2_(a, b)
#define CUPEL_TESTING_ASSERT_OK_AND_ASSIGN_(statusor, lhs, ...) \
  auto statusor = (__VA_ARGS__);                                \
  ASSERT_THAT(statusor, ::cupel::testing::IsOk());              \
  lhs = ::std::move(statusor).value()

namespace cupel::testing {
namespace internal {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& statusor) {
  return statusor.status();
}

class IsOkMatcher {
 public:
  using is_gtest_matcher = void;

  template <typename StatusLike>
  bool MatchAndExplain(const StatusLike& actual,
                       ::testing::MatchResultListener* listener) const {
    const absl::Status& status = StatusOf(actual);
    if (!status.ok()) *listener << "whose status is " << status.ToString();
    return status.ok();
  }
  void DescribeTo(std::ostream* os) const { *os << "is OK"; }
  void DescribeNegationTo(std::ostream* os) const { *os << "is an error"; }
};

class StatusIsMatcher {
 public:
  using is_gtest_matcher = void;

  StatusIsMatcher(::testing::Matcher<absl::StatusCode> code,
                  ::testing::Matcher<const std::string&> message)
      : code_(std::move(code)), message_(std::move(message)) {}

  template <typename StatusLike>
  bool MatchAndExplain(const StatusLike& actual,
                       ::testing::MatchResultListener* listener) const {
    const absl::Status& status = StatusOf(actual);
    if (code_.Matches(status.code()) &&
        message_.Matches(std::string(status.message()))) {
      return true;
    }
    *listener << "whose status is " << status.ToString();
    return false;
  }
  void DescribeTo(std::ostream* os) const {
    *os << "has a status code that ";
    code_.DescribeTo(os);
    *os << ", and a message that ";
    message_.DescribeTo(os);
  }
  void DescribeNegationTo(std::ostream* os) const {
    *os << "not (";
    DescribeTo(os);
    *os << ")";
  }

 private:
  ::testing::Matcher<absl::StatusCode> code_;
  ::testing::Matcher<const std::string&> message_;
};

// Of one static type, since the matcher of the value depends on T.
template <typename T>
class IsOkAndHoldsImpl
    : public ::testing::MatcherInterface<const absl::StatusOr<T>&> {
 public:
  template <typename Inner>
  explicit IsOkAndHoldsImpl(const Inner& inner)
      : inner_(::testing::SafeMatcherCast<const T&>(inner)) {}

  bool MatchAndExplain(
      const absl::StatusOr<T>& actual,
      ::testing::MatchResultListener* listener) const override {
    if (!actual.ok()) {
      *listener << "whose status is " << actual.status().ToString();
      return false;
    }
    return inner_.MatchAndExplain(*actual, listener);
  }
  void DescribeTo(std::ostream* os) const override {
    *os << "is OK and holds a value that ";
    inner_.DescribeTo(os);
  }
  void DescribeNegationTo(std::ostream* os) const override {
    *os << "is an error or holds a value that ";
    inner_.DescribeNegationTo(os);
  }

 private:
  const ::testing::Matcher<const T&> inner_;
};

template <typename Inner>
class IsOkAndHoldsMatcher {
 public:
  explicit IsOkAndHoldsMatcher(Inner inner) : inner_(std::move(inner)) {}

  // From absl::StatusOr<T> or a reference to one.
  template <typename StatusOrLike>
  operator ::testing::Matcher<StatusOrLike>() const {  // NOLINT
    using Held = typename std::decay_t<StatusOrLike>::value_type;
    return ::testing::SafeMatcherCast<StatusOrLike>(
        ::testing::Matcher<const absl::StatusOr<Held>&>(
            new IsOkAndHoldsImpl<Held>(inner_)));
  }

 private:
  const Inner inner_;
};

}  // namespace internal

// Matches an OK status, or a StatusOr that holds a value.
inline internal::IsOkMatcher IsOk() { return {}; }

// Matches a StatusOr that holds a value which matches `inner` (a matcher or a
// value).
template <typename Inner>
internal::IsOkAndHoldsMatcher<std::decay_t<Inner>> IsOkAndHolds(Inner&& inner) {
  return internal::IsOkAndHoldsMatcher<std::decay_t<Inner>>(
      std::forward<Inner>(inner));
}

// Matches a status by its code and message (matchers or values).
template <typename Code, typename Message>
internal::StatusIsMatcher StatusIs(Code&& code, Message&& message) {
  return internal::StatusIsMatcher(std::forward<Code>(code),
                                   std::forward<Message>(message));
}
template <typename Code>
internal::StatusIsMatcher StatusIs(Code&& code) {
  return internal::StatusIsMatcher(std::forward<Code>(code), ::testing::_);
}

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_STATUS_MATCHERS_H_
