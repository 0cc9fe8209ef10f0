#include "cupel/engine/dialects/sqlite/options.h"

#include <cstdint>
#include <iterator>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/url.h"

namespace cupel::sqlite_internal {
namespace {

using engine::ErrorKind;
using engine::LockMode;
using engine::MakeError;

constexpr absl::string_view kMemoryName = ":memory:";

// Options while they are read, with what only the URI form needs.
struct Draft {
  Options options;
  bool create = true;
  bool shared_cache = false;
  bool wants_memory = false;
  bool uri = false;
  OptionList uri_parameters;  // for SQLite itself
};

absl::Status BadValue(absl::string_view name, absl::string_view expected) {
  return MakeError(ErrorKind::kInvalidValue,
                   absl::StrCat("the value of the URL option ", name,
                                " is not one of: ", expected));
}

absl::Status ParseBool(absl::string_view name, absl::string_view value,
                       bool* out) {
  if (absl::SimpleAtob(value, out)) return absl::OkStatus();
  if (absl::EqualsIgnoreCase(value, "on")) {
    *out = true;
  } else if (absl::EqualsIgnoreCase(value, "off")) {
    *out = false;
  } else {
    return BadValue(name, "on, off");
  }
  return absl::OkStatus();
}

// The index of `value` in `words`.
absl::StatusOr<size_t> ParseWord(absl::string_view name,
                                 absl::string_view value,
                                 absl::Span<const absl::string_view> words) {
  for (size_t i = 0; i < words.size(); ++i) {
    if (absl::EqualsIgnoreCase(value, words[i])) return i;
  }
  return BadValue(name, absl::StrJoin(words, ", "));
}

absl::Status ParseInteger(absl::string_view name, absl::string_view value,
                          int64_t minimum, int64_t* out) {
  if (!absl::SimpleAtoi(value, out) || *out < minimum) {
    return BadValue(name, absl::StrCat("an integer from ", minimum));
  }
  return absl::OkStatus();
}

absl::Status ParseUpperWord(absl::string_view name, absl::string_view value,
                            absl::Span<const absl::string_view> words,
                            std::string* out) {
  CUPEL_ASSIGN_OR_RETURN(const size_t i, ParseWord(name, value, words));
  *out = absl::AsciiStrToUpper(words[i]);
  return absl::OkStatus();
}

absl::Status ReadCreate(absl::string_view value, Draft* draft) {
  return ParseBool("create", value, &draft->create);
}
absl::Status ReadMode(absl::string_view value, Draft* draft) {
  CUPEL_ASSIGN_OR_RETURN(
      const size_t i, ParseWord("mode", value, {"ro", "rw", "rwc", "memory"}));
  constexpr OpenMode kModes[] = {OpenMode::kReadOnly, OpenMode::kReadWrite,
                                 OpenMode::kReadWriteCreate,
                                 OpenMode::kReadWriteCreate};
  draft->options.mode = kModes[i];
  draft->wants_memory = i == 3;
  return absl::OkStatus();
}
absl::Status ReadCache(absl::string_view value, Draft* draft) {
  CUPEL_ASSIGN_OR_RETURN(const size_t i,
                         ParseWord("cache", value, {"private", "shared"}));
  draft->shared_cache = i == 1;
  return absl::OkStatus();
}
absl::Status ReadUri(absl::string_view value, Draft* draft) {
  return ParseBool("uri", value, &draft->uri);
}
absl::Status ReadVfs(absl::string_view value, Draft* draft) {
  draft->options.vfs = std::string(value);
  return absl::OkStatus();
}
absl::Status ReadJournalMode(absl::string_view value, Draft* draft) {
  draft->options.journal_mode_is_given = true;
  return ParseUpperWord(
      "journal_mode", value,
      {"wal", "delete", "truncate", "persist", "memory", "off"},
      &draft->options.journal_mode);
}
absl::Status ReadSynchronous(absl::string_view value, Draft* draft) {
  return ParseUpperWord("synchronous", value,
                        {"off", "normal", "full", "extra"},
                        &draft->options.synchronous);
}
absl::Status ReadBusyTimeout(absl::string_view value, Draft* draft) {
  int64_t milliseconds;
  CUPEL_RETURN_IF_ERROR(ParseInteger("busy_timeout", value, 0, &milliseconds));
  draft->options.busy_timeout = absl::Milliseconds(milliseconds);
  return absl::OkStatus();
}
absl::Status ReadCacheSize(absl::string_view value, Draft* draft) {
  int64_t size;
  CUPEL_RETURN_IF_ERROR(
      ParseInteger("cache_size", value, -1'000'000'000, &size));
  draft->options.cache_size = size;
  return absl::OkStatus();
}
absl::Status ReadMmapSize(absl::string_view value, Draft* draft) {
  return ParseInteger("mmap_size", value, 0, &draft->options.mmap_size_bytes);
}
absl::Status ReadTempStore(absl::string_view value, Draft* draft) {
  return ParseUpperWord("temp_store", value, {"default", "file", "memory"},
                        &draft->options.temp_store);
}
absl::Status ReadForeignKeys(absl::string_view value, Draft* draft) {
  return ParseBool("foreign_keys", value, &draft->options.foreign_keys);
}
absl::Status ReadBegin(absl::string_view value, Draft* draft) {
  CUPEL_ASSIGN_OR_RETURN(
      const size_t i,
      ParseWord("begin", value, {"deferred", "immediate", "exclusive"}));
  constexpr LockMode kModes[] = {LockMode::kDeferred, LockMode::kImmediate,
                                 LockMode::kExclusive};
  draft->options.begin = kModes[i];
  return absl::OkStatus();
}
absl::Status ReadQuickCheck(absl::string_view value, Draft* draft) {
  return ParseBool("quick_check", value, &draft->options.quick_check);
}
absl::Status ReadUriFlag(absl::string_view name, absl::string_view value,
                         Draft* draft) {
  bool flag;
  CUPEL_RETURN_IF_ERROR(ParseBool(name, value, &flag));
  draft->uri_parameters.emplace_back(name, flag ? "1" : "0");
  return absl::OkStatus();
}
absl::Status ReadImmutable(absl::string_view value, Draft* draft) {
  return ReadUriFlag("immutable", value, draft);
}
absl::Status ReadNolock(absl::string_view value, Draft* draft) {
  return ReadUriFlag("nolock", value, draft);
}
absl::Status ReadPsow(absl::string_view value, Draft* draft) {
  return ReadUriFlag("psow", value, draft);
}

struct Reader {
  absl::string_view name;
  absl::Status (*read)(absl::string_view value, Draft* draft);
  bool only_with_uri = false;
};

constexpr Reader kReaders[] = {
    {"begin", ReadBegin},
    {"busy_timeout", ReadBusyTimeout},
    {"cache", ReadCache},
    {"cache_size", ReadCacheSize},
    {"create", ReadCreate},
    {"foreign_keys", ReadForeignKeys},
    {"immutable", ReadImmutable, true},
    {"journal_mode", ReadJournalMode},
    {"mmap_size", ReadMmapSize},
    {"mode", ReadMode},
    {"nolock", ReadNolock, true},
    {"psow", ReadPsow, true},
    {"quick_check", ReadQuickCheck},
    {"synchronous", ReadSynchronous},
    {"temp_store", ReadTempStore},
    {"uri", ReadUri},
    {"vfs", ReadVfs},
};

absl::Status ReadOption(absl::string_view name, absl::string_view value,
                        Draft* draft, bool* only_with_uri) {
  for (const Reader& reader : kReaders) {
    if (reader.name == name) {
      *only_with_uri |= reader.only_with_uri;
      return reader.read(value, draft);
    }
  }
  return MakeError(
      ErrorKind::kInvalidValue,
      absl::StrCat("unknown option in the URL of a sqlite database; known are ",
                   absl::StrJoin(kReaders, ", ",
                                 [](std::string* out, const Reader& reader) {
                                   absl::StrAppend(out, reader.name);
                                 })));
}

// The path that SQLite gets.
absl::Status SetPath(absl::string_view database, Draft* draft) {
  Options& options = draft->options;
  absl::string_view name = database;
  if (draft->uri) absl::ConsumePrefix(&name, "file:");
  if (draft->wants_memory || name.empty() || name == kMemoryName) {
    options.memory = true;
    if (draft->shared_cache && name != kMemoryName) {
      options.path = std::string(name);
    }
    return absl::OkStatus();
  }
  if (draft->shared_cache) {
    return MakeError(ErrorKind::kInvalidValue,
                     "cache=shared is for databases in memory only: a shared "
                     "cache of a file gives up the isolation of connections");
  }
  if (!draft->uri) {
    // Where SQLite is built so, it takes "file:..." for a URI on its own.
    options.path = absl::StartsWith(database, "file:")
                       ? absl::StrCat("./", database)
                       : std::string(database);
    return absl::OkStatus();
  }
  if (!absl::StartsWith(database, "file:")) {
    return MakeError(ErrorKind::kInvalidValue,
                     "with uri=true the database must begin with \"file:\"");
  }
  options.is_uri = true;
  options.path = std::string(database);
  for (const auto& [key, value] : draft->uri_parameters) {
    absl::StrAppend(&options.path,
                    absl::StrContains(options.path, '?') ? "&" : "?", key, "=",
                    value);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Options> ParseOptions(absl::string_view database,
                                     const OptionList& options) {
  if (absl::StrContains(database, '\0')) {
    return MakeError(ErrorKind::kInvalidValue, "the database's path holds NUL");
  }
  Draft draft;
  bool only_with_uri = false;
  for (const auto& [name, value] : options) {
    if (absl::StrContains(value, '\0')) {
      return MakeError(ErrorKind::kInvalidValue, "a URL option holds NUL");
    }
    CUPEL_RETURN_IF_ERROR(ReadOption(name, value, &draft, &only_with_uri));
  }
  if (only_with_uri && !draft.uri) {
    return MakeError(ErrorKind::kInvalidValue,
                     "immutable, nolock and psow need uri=true and a \"file:\" "
                     "URI as database");
  }
  if (!draft.create && draft.options.mode == OpenMode::kReadWriteCreate) {
    draft.options.mode = OpenMode::kReadWrite;
  }
  CUPEL_RETURN_IF_ERROR(SetPath(database, &draft));
  return std::move(draft.options);
}

}  // namespace cupel::sqlite_internal
