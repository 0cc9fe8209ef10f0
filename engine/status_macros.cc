#include "cupel/engine/status_macros.h"

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"

namespace cupel::engine_internal {
namespace {

// The compiler sees headers below a folder of Bazel's; readers know the path
// that follows it.
absl::string_view ReadablePath(absl::string_view file) {
  constexpr absl::string_view kPrefix = "/cupel/";
  const size_t at = file.rfind(kPrefix);
  return at == absl::string_view::npos ? file : file.substr(at + 1);
}

}  // namespace

RetCheckFailure::RetCheckFailure(const char* file, int line,
                                 absl::string_view condition) {
  text_ << ReadablePath(file) << ":" << line << ": check failed: " << condition
        << " ";
}

RetCheckFailure::operator absl::Status() const {
  return absl::InternalError(absl::StripTrailingAsciiWhitespace(text_.str()));
}

}  // namespace cupel::engine_internal
