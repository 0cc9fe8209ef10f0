// A place in the caller's source, taken without cost by a default argument:
//
//   absl::StatusOr<Connection> Connect(Location origin = Location::Current());
//
// Pool timeouts, slow statements and open checkouts name these places.

#ifndef CUPEL_ENGINE_LOCATION_H_
#define CUPEL_ENGINE_LOCATION_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace cupel::engine {

// A value. The file name is a literal of the program: it lives for ever.
struct Location {
  const char* file = "";
  int line = 0;

  // The place of the call in which this is a default argument.
  static constexpr Location Current(const char* file = __builtin_FILE(),
                                    int line = __builtin_LINE()) {
    return Location{file, line};
  }

  bool known() const { return line != 0; }

  // "orders/checkout.cc:41"; "unknown place" when it is not known.
  std::string ToString() const {
    return known() ? absl::StrCat(file, ":", line) : "unknown place";
  }
};

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_LOCATION_H_
