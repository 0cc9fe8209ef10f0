#include "cupel/testing/dialects/sqlite/fault_vfs.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <new>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "sqlite3.h"

namespace cupel::testing {

struct FaultVfs::State {
  // Counts a call; returns the result code with which it has to fail, or OK.
  int Count(FaultOperation operation) {
    absl::MutexLock lock(&mutex);
    ++counts[static_cast<size_t>(operation)];
    ++counts[static_cast<size_t>(FaultOperation::kAny)];
    if (result_code == SQLITE_OK ||
        (operation != target && target != FaultOperation::kAny)) {
      return SQLITE_OK;
    }
    if (remaining > 1) {
      --remaining;
      return SQLITE_OK;
    }
    ++faults;
    const int result = result_code;
    if (!persistent) result_code = SQLITE_OK;
    return result;
  }

  std::string name;
  sqlite3_vfs vfs = {};
  sqlite3_vfs* real = nullptr;

  absl::Mutex mutex;
  FaultOperation target ABSL_GUARDED_BY(mutex) = FaultOperation::kAny;
  int64_t remaining ABSL_GUARDED_BY(mutex) = 0;
  int result_code ABSL_GUARDED_BY(mutex) = SQLITE_OK;
  bool persistent ABSL_GUARDED_BY(mutex) = false;
  int64_t faults ABSL_GUARDED_BY(mutex) = 0;
  std::array<int64_t, static_cast<size_t>(FaultOperation::kAny) + 1> counts
      ABSL_GUARDED_BY(mutex) = {};
};

namespace {

using State = FaultVfs::State;

// What SQLite allocates for an open file; the real file lies behind it.
struct FaultFile {
  sqlite3_file base;
  State* state;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

FaultFile* Cast(sqlite3_file* file) {
  return reinterpret_cast<FaultFile*>(file);
}
sqlite3_file* Real(sqlite3_file* file) { return Cast(file)->real(); }
int Fault(sqlite3_file* file, FaultOperation operation) {
  return Cast(file)->state->Count(operation);
}
State* StateOf(sqlite3_vfs* vfs) { return static_cast<State*>(vfs->pAppData); }
sqlite3_vfs* Real(sqlite3_vfs* vfs) { return StateOf(vfs)->real; }

int Close(sqlite3_file* file) {
  const int fault = Fault(file, FaultOperation::kClose);
  const int result = Real(file)->pMethods->xClose(Real(file));
  return fault != SQLITE_OK ? fault : result;
}
int Read(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  const int fault = Fault(file, FaultOperation::kRead);
  if (fault != SQLITE_OK) return fault;
  return Real(file)->pMethods->xRead(Real(file), data, size, offset);
}
int Write(sqlite3_file* file, const void* data, int size,
          sqlite3_int64 offset) {
  const int fault = Fault(file, FaultOperation::kWrite);
  if (fault != SQLITE_OK) return fault;
  return Real(file)->pMethods->xWrite(Real(file), data, size, offset);
}
int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  const int fault = Fault(file, FaultOperation::kTruncate);
  if (fault != SQLITE_OK) return fault;
  return Real(file)->pMethods->xTruncate(Real(file), size);
}
int Sync(sqlite3_file* file, int flags) {
  const int fault = Fault(file, FaultOperation::kSync);
  if (fault != SQLITE_OK) return fault;
  return Real(file)->pMethods->xSync(Real(file), flags);
}
int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  const int fault = Fault(file, FaultOperation::kFileSize);
  if (fault != SQLITE_OK) return fault;
  return Real(file)->pMethods->xFileSize(Real(file), size);
}
int Lock(sqlite3_file* file, int level) {
  const int fault = Fault(file, FaultOperation::kLock);
  if (fault != SQLITE_OK) return fault;
  return Real(file)->pMethods->xLock(Real(file), level);
}
int Unlock(sqlite3_file* file, int level) {
  const int fault = Fault(file, FaultOperation::kUnlock);
  const int result = Real(file)->pMethods->xUnlock(Real(file), level);
  return fault != SQLITE_OK ? fault : result;
}
int CheckReservedLock(sqlite3_file* file, int* result) {
  const int fault = Fault(file, FaultOperation::kCheckReservedLock);
  if (fault != SQLITE_OK) return fault;
  return Real(file)->pMethods->xCheckReservedLock(Real(file), result);
}
int FileControl(sqlite3_file* file, int operation, void* argument) {
  return Real(file)->pMethods->xFileControl(Real(file), operation, argument);
}
int SectorSize(sqlite3_file* file) {
  return Real(file)->pMethods->xSectorSize(Real(file));
}
int DeviceCharacteristics(sqlite3_file* file) {
  return Real(file)->pMethods->xDeviceCharacteristics(Real(file));
}
int ShmMap(sqlite3_file* file, int page, int page_size, int extend,
           void volatile** region) {
  const int fault = Fault(file, FaultOperation::kShmMap);
  if (fault != SQLITE_OK) return fault;
  return Real(file)->pMethods->xShmMap(Real(file), page, page_size, extend,
                                       region);
}
int ShmLock(sqlite3_file* file, int offset, int count, int flags) {
  const int fault = (flags & SQLITE_SHM_LOCK) != 0
                        ? Fault(file, FaultOperation::kShmLock)
                        : SQLITE_OK;
  if (fault != SQLITE_OK) return fault;
  return Real(file)->pMethods->xShmLock(Real(file), offset, count, flags);
}
void ShmBarrier(sqlite3_file* file) {
  Real(file)->pMethods->xShmBarrier(Real(file));
}
int ShmUnmap(sqlite3_file* file, int remove) {
  return Real(file)->pMethods->xShmUnmap(Real(file), remove);
}

// Version 2: no memory mapping, so that every read is seen.
constexpr sqlite3_io_methods kMethods = {
    .iVersion = 2,
    .xClose = Close,
    .xRead = Read,
    .xWrite = Write,
    .xTruncate = Truncate,
    .xSync = Sync,
    .xFileSize = FileSize,
    .xLock = Lock,
    .xUnlock = Unlock,
    .xCheckReservedLock = CheckReservedLock,
    .xFileControl = FileControl,
    .xSectorSize = SectorSize,
    .xDeviceCharacteristics = DeviceCharacteristics,
    .xShmMap = ShmMap,
    .xShmLock = ShmLock,
    .xShmBarrier = ShmBarrier,
    .xShmUnmap = ShmUnmap,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int Open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags,
         int* out_flags) {
  file->pMethods = nullptr;  // nothing to close when it fails
  State* state = StateOf(vfs);
  const int fault = state->Count(FaultOperation::kOpen);
  if (fault != SQLITE_OK) return fault;
  Cast(file)->state = state;
  const int result =
      state->real->xOpen(state->real, path, Real(file), flags, out_flags);
  if (Real(file)->pMethods != nullptr) file->pMethods = &kMethods;
  return result;
}
int Delete(sqlite3_vfs* vfs, const char* path, int sync_directory) {
  const int fault = StateOf(vfs)->Count(FaultOperation::kDelete);
  if (fault != SQLITE_OK) return fault;
  return Real(vfs)->xDelete(Real(vfs), path, sync_directory);
}
int Access(sqlite3_vfs* vfs, const char* path, int flags, int* result) {
  const int fault = StateOf(vfs)->Count(FaultOperation::kAccess);
  if (fault != SQLITE_OK) return fault;
  return Real(vfs)->xAccess(Real(vfs), path, flags, result);
}
int FullPathname(sqlite3_vfs* vfs, const char* path, int size, char* out) {
  return Real(vfs)->xFullPathname(Real(vfs), path, size, out);
}
int Randomness(sqlite3_vfs* vfs, int size, char* out) {
  return Real(vfs)->xRandomness(Real(vfs), size, out);
}
int Sleep(sqlite3_vfs* vfs, int microseconds) {
  return Real(vfs)->xSleep(Real(vfs), microseconds);
}
int CurrentTime(sqlite3_vfs* vfs, double* out) {
  return Real(vfs)->xCurrentTime(Real(vfs), out);
}
int GetLastError(sqlite3_vfs* vfs, int size, char* out) {
  return Real(vfs)->xGetLastError(Real(vfs), size, out);
}
int CurrentTimeInt64(sqlite3_vfs* vfs, sqlite3_int64* out) {
  return Real(vfs)->xCurrentTimeInt64(Real(vfs), out);
}

}  // namespace

FaultVfs::FaultVfs() : state_(std::make_unique<State>()) {
  static std::atomic<int> counter{0};
  state_->name = absl::StrCat("cupel-fault-", ++counter);
  state_->real = sqlite3_vfs_find(nullptr);
  sqlite3_vfs& vfs = state_->vfs;
  vfs.iVersion = 2;
  vfs.szOsFile = static_cast<int>(sizeof(FaultFile)) + state_->real->szOsFile;
  vfs.mxPathname = state_->real->mxPathname;
  vfs.zName = state_->name.c_str();
  vfs.pAppData = state_.get();
  vfs.xOpen = Open;
  vfs.xDelete = Delete;
  vfs.xAccess = Access;
  vfs.xFullPathname = FullPathname;
  vfs.xRandomness = Randomness;
  vfs.xSleep = Sleep;
  vfs.xCurrentTime = CurrentTime;
  vfs.xGetLastError = GetLastError;
  vfs.xCurrentTimeInt64 = CurrentTimeInt64;
  sqlite3_vfs_register(&vfs, /*makeDflt=*/0);
}

FaultVfs::~FaultVfs() { sqlite3_vfs_unregister(&state_->vfs); }

const std::string& FaultVfs::name() const { return state_->name; }

void FaultVfs::FailAt(FaultOperation operation, int64_t nth, int result_code,
                      bool persistent) {
  absl::MutexLock lock(&state_->mutex);
  state_->target = operation;
  state_->remaining = nth;
  state_->result_code = result_code;
  state_->persistent = persistent;
  state_->faults = 0;
}

void FaultVfs::Heal() {
  absl::MutexLock lock(&state_->mutex);
  state_->result_code = SQLITE_OK;
}

int64_t FaultVfs::count(FaultOperation operation) const {
  absl::MutexLock lock(&state_->mutex);
  return state_->counts[static_cast<size_t>(operation)];
}

void FaultVfs::ResetCounts() {
  absl::MutexLock lock(&state_->mutex);
  state_->counts = {};
}

int64_t FaultVfs::faults() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->faults;
}

}  // namespace cupel::testing
