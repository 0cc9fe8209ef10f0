// How a database of SQLite is opened, read from the URL.
//
//   sqlite://                      in memory
//   sqlite:///:memory:             in memory
//   sqlite:///data/app.db          relative to the working directory
//   sqlite:////srv/data/app.db     absolute
//   sqlite:///file:app.db?mode=ro&uri=true    a URI of SQLite's own
//
// Options, in the URL's query; any other is an error:
//
//   create        on | off            off: a file that does not exist is an
//                                     error (on)
//   mode          ro | rw | rwc | memory      (rwc)
//   cache         shared | private    shared: a named database in memory is
//                                     shared by all engines of the process
//   uri           on | off            the path is a "file:" URI; then the
//                                     URI's own immutable, nolock and psow are
//                                     allowed, too (off)
//   vfs           the name of a registered VFS
//   journal_mode  wal | delete | truncate | persist | memory | off   (wal)
//   synchronous   off | normal | full | extra     (full)
//   busy_timeout  milliseconds that a call waits for a lock  (5000)
//   cache_size    pages, or KiB when negative
//   mmap_size     bytes read through a memory map (0); for trusted files only
//   temp_store    default | file | memory
//   foreign_keys  on | off            (on)
//   begin         deferred | immediate | exclusive   the lock that a
//                                     transaction takes by default (deferred)
//   quick_check   on | off            checks a file when opening it (off)
//
// on and off are also spelled true/false, yes/no, 1/0.

#ifndef CUPEL_ENGINE_DIALECTS_SQLITE_OPTIONS_H_
#define CUPEL_ENGINE_DIALECTS_SQLITE_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/url.h"

namespace cupel::sqlite_internal {

enum class OpenMode : uint8_t { kReadOnly, kReadWrite, kReadWriteCreate };

struct Options {
  // In memory when true; `path` is then the name that engines share, or empty.
  bool memory = false;
  // As SQLite gets it: a path, or a "file:" URI when `is_uri`.
  std::string path;
  bool is_uri = false;
  OpenMode mode = OpenMode::kReadWriteCreate;
  std::string vfs;
  // Upper case as the pragmas take them.
  std::string journal_mode = "WAL";
  bool journal_mode_is_given = false;
  std::string synchronous = "FULL";
  std::string temp_store;
  engine::LockMode begin = engine::LockMode::kDeferred;
  absl::Duration busy_timeout = absl::Seconds(5);
  std::optional<int64_t> cache_size;
  int64_t mmap_size_bytes = 0;
  bool foreign_keys = true;
  bool quick_check = false;
};

// Reads the URL's database and query; `arguments` win over the query. Errors:
// kInvalidArgument, naming the option.
absl::StatusOr<Options> ParseOptions(const engine::Url& url,
                                     const engine::ConnectOptions& arguments);

using OptionList = std::vector<std::pair<std::string, std::string>>;

// The same from the parts.
absl::StatusOr<Options> ParseOptions(absl::string_view database,
                                     const OptionList& options);

}  // namespace cupel::sqlite_internal

#endif  // CUPEL_ENGINE_DIALECTS_SQLITE_OPTIONS_H_
