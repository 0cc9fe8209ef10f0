// Comparison of text with a golden file that is kept beside the test.
//
// A golden file holds sections, one a construct or a dialect:
//
//   == sqlite ==
//   SELECT id FROM author WHERE id = ?
//   == postgresql ==
//   SELECT id FROM author WHERE id = $1
//
//   GoldenFile golden("query/testdata/select_where.golden");
//   golden.Expect("sqlite", compiled->sql);
//
// The file belongs to the `data` of the test target. To accept the new text of
// all tests of a target: CUPEL_BLESS=1 ./bazelw run //query:select_test
// A line of the text that looks like a header of a section is not allowed.

#ifndef CUPEL_TESTING_GOLDEN_H_
#define CUPEL_TESTING_GOLDEN_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace cupel::testing {

// Thread-compatible.
class GoldenFile {
 public:
  // `path` is relative to the workspace. A file that does not exist is empty.
  explicit GoldenFile(absl::string_view path);
  // Writes the file when blessing.
  ~GoldenFile();
  GoldenFile(const GoldenFile&) = delete;
  GoldenFile& operator=(const GoldenFile&) = delete;

  // Fails the current test unless the text of `section` is `actual`, but for
  // newlines at the end. Takes over `actual` when blessing.
  void Expect(absl::string_view section, absl::string_view actual);

 private:
  const std::string path_;
  const bool blessing_;
  std::map<std::string, std::string> sections_;
};

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_GOLDEN_H_
