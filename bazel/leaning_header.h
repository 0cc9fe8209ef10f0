// A header that leans on the includes of others: //bazel:leaning_header must
// not build. See .ci/run.

#ifndef CUPEL_BAZEL_LEANING_HEADER_H_
#define CUPEL_BAZEL_LEANING_HEADER_H_

namespace cupel::bazel {

inline std::string Leaning() {
  return "on <string>, which it does not include";
}

}  // namespace cupel::bazel

#endif  // CUPEL_BAZEL_LEANING_HEADER_H_
