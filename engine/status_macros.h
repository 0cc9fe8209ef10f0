// Macros to hand on errors, as all of Cupel does in place of exceptions.
//
//   absl::StatusOr<int> CountRows(Connection& connection) {
//     CUPEL_RETURN_IF_ERROR(connection.Ping());
//     CUPEL_ASSIGN_OR_RETURN(Cursor cursor, connection.Execute("..."));
//     CUPEL_RET_CHECK(cursor.column_count() == 1) << "for " << cursor.sql();
//     ...
//   }
//
// They work in functions that return absl::Status, absl::StatusOr<T>, or any
// type that converts from absl::Status.

#ifndef CUPEL_ENGINE_STATUS_MACROS_H_
#define CUPEL_ENGINE_STATUS_MACROS_H_

#include <sstream>
#include <utility>

#include "absl/base/optimization.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Returns the status of `expression` from the enclosing function unless it is
// OK. `expression` is an absl::Status.
#define CUPEL_RETURN_IF_ERROR(expression)          \
  do {                                             \
    ::absl::Status cupel_status_ = (expression);   \
    if (ABSL_PREDICT_FALSE(!cupel_status_.ok())) { \
      return cupel_status_;                        \
    }                                              \
  } while (false)

// Evaluates `expression`, an absl::StatusOr, and returns its status from the
// enclosing function unless it is OK; otherwise moves the value to `lhs`, which
// may be a declaration. A declared type that holds a comma goes in parentheses:
// CUPEL_ASSIGN_OR_RETURN((std::pair<int, int> p), F()). Two statements: brace
// it after an `if`.
#define CUPEL_ASSIGN_OR_RETURN(lhs, ...) \
  CUPEL_INTERNAL_ASSIGN_OR_RETURN(       \
      CUPEL_INTERNAL_CONCAT(cupel_statusor_, __LINE__), lhs, __VA_ARGS__)

// Returns absl::StatusCode::kInternal with the source location, the text of the
// condition and whatever is streamed behind it, unless the condition holds. For
// broken invariants of Cupel itself, never for what a caller or a database did.
#define CUPEL_RET_CHECK(...)                                               \
  switch (0)                                                               \
  case 0:                                                                  \
  default:                                                                 \
    if (ABSL_PREDICT_TRUE(static_cast<bool>(__VA_ARGS__))) {               \
    } else /* NOLINT */                                                    \
      return ::cupel::engine_internal::RetCheckFailure(__FILE__, __LINE__, \
                                                       #__VA_ARGS__)

#define CUPEL_INTERNAL_CONCAT_(a, b) a##b
#define CUPEL_INTERNAL_CONCAT(a, b) CUPEL_INTERNAL_CONCAT_(a, b)
#define CUPEL_INTERNAL_STRIP(x) CUPEL_INTERNAL_VANISH_(CUPEL_INTERNAL_ISH_ x)
#define CUPEL_INTERNAL_ISH_(...) CUPEL_INTERNAL_ISH_ __VA_ARGS__
#define CUPEL_INTERNAL_VANISH_(...) CUPEL_INTERNAL_VANISH__(__VA_ARGS__)
#define CUPEL_INTERNAL_VANISH__(...) CUPEL_INTERNAL_VAN##__VA_ARGS__
#define CUPEL_INTERNAL_VANCUPEL_INTERNAL_ISH_
#define CUPEL_INTERNAL_ASSIGN_OR_RETURN(statusor, lhs, ...) \
  auto statusor = (__VA_ARGS__);                            \
  if (ABSL_PREDICT_FALSE(!statusor.ok())) {                 \
    return ::std::move(statusor).status();                  \
  }                                                         \
  CUPEL_INTERNAL_STRIP(lhs) = ::std::move(statusor).value()

namespace cupel::engine_internal {

// What CUPEL_RET_CHECK returns: collects the streamed text, then becomes an
// absl::Status or absl::StatusOr<T>.
class RetCheckFailure {
 public:
  RetCheckFailure(const char* file, int line, absl::string_view condition);

  template <typename Streamable>
  RetCheckFailure& operator<<(const Streamable& value) {
    text_ << value;
    return *this;
  }

  operator absl::Status() const;  // NOLINT: implicit, for `return`.

  template <typename T>
  operator absl::StatusOr<T>() const {  // NOLINT: implicit, for `return`.
    return static_cast<absl::Status>(*this);
  }

 private:
  std::ostringstream text_;
};

}  // namespace cupel::engine_internal

#endif  // CUPEL_ENGINE_STATUS_MACROS_H_
