// A VFS of SQLite that passes everything on to the default one, counts the
// calls and makes chosen ones fail.
//
//   FaultVfs vfs;                                    // registered under name()
//   vfs.FailAt(FaultOperation::kSync, 2, SQLITE_IOERR_FSYNC);
//   ... open "file.db" with the URL option vfs=<vfs.name()> ...
//   EXPECT_THAT(connection.Commit(), Not(IsOk()));
//   vfs.Heal();
//
// Thread-safe. It must outlive every connection that was opened through it.

#ifndef CUPEL_TESTING_DIALECTS_SQLITE_FAULT_VFS_H_
#define CUPEL_TESTING_DIALECTS_SQLITE_FAULT_VFS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace cupel::testing {

// The calls of the file system that can fail; kAny stands for each of them.
enum class FaultOperation : uint8_t {
  kOpen,
  kClose,
  kRead,
  kWrite,
  kTruncate,
  kSync,
  kFileSize,
  kLock,
  kUnlock,
  kCheckReservedLock,
  kShmMap,
  kShmLock,
  kDelete,
  kAccess,
  kAny,
};

class FaultVfs {
 public:
  // Registers the VFS under a name of its own.
  FaultVfs();
  // Takes it out again. Requires: no connection uses it.
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  const std::string& name() const;

  // Makes the `nth` (from 1, counted from now) call of `operation` answer
  // `result_code` (an extended code of SQLite); with `persistent` also every
  // later one. Replaces the fault set before.
  //
  // A failing write, truncate, sync or delete does nothing to the file, a
  // failing close or unlock is carried out all the same, so that nothing leaks.
  void FailAt(FaultOperation operation, int64_t nth, int result_code,
              bool persistent = false);
  // No more faults.
  void Heal();

  // Calls of `operation` since the construction or ResetCounts().
  int64_t count(FaultOperation operation) const;
  void ResetCounts();
  // Faults that were served since FailAt().
  int64_t faults() const;

  struct State;  // shared with the C callbacks

 private:
  std::unique_ptr<State> state_;
};

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_DIALECTS_SQLITE_FAULT_VFS_H_
