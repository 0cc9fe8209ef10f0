// A place in the user's source, for warnings that should name one.

#ifndef CUPEL_SESSION_CALL_SITE_H_
#define CUPEL_SESSION_CALL_SITE_H_

namespace cupel::session {

// As a default argument `CallSite site = CallSite::Current()` it is the place
// of the call.
struct CallSite {
  const char* file = nullptr;  // null: unknown
  int line = 0;

  static constexpr CallSite Current(const char* file = __builtin_FILE(),
                                    int line = __builtin_LINE()) {
    return {file, line};
  }
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_CALL_SITE_H_
