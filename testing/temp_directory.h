// A directory of a test's own, removed with all that is in it.
//
//   TempDirectory directory;
//   WriteFile(directory.Path("broken.db"), "not a database");

#ifndef CUPEL_TESTING_TEMP_DIRECTORY_H_
#define CUPEL_TESTING_TEMP_DIRECTORY_H_

#include <string>

#include "absl/strings/string_view.h"

namespace cupel::testing {

// Thread-compatible.
class TempDirectory {
 public:
  // Makes a new empty directory below the test's temporary one (TEST_TMPDIR,
  // else TMPDIR, else /tmp). Aborts the program when that is impossible.
  TempDirectory();
  // Removes the directory and everything in it.
  ~TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  // Absolute, without a final slash.
  const std::string& path() const { return path_; }
  // The path of `name` in this directory.
  std::string Path(absl::string_view name) const;

 private:
  std::string path_;
};

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_TEMP_DIRECTORY_H_
