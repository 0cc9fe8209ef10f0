#include "cupel/testing/dialects/sqlite/fault_malloc.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <utility>

#include "absl/base/const_init.h"
#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "sqlite3.h"

namespace cupel::testing {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

// SQLite's allocator is one a process, and its callbacks are plain functions.
struct State {
  absl::Mutex mutex{absl::kConstInit};
  bool installed ABSL_GUARDED_BY(mutex) = false;
  int64_t remaining ABSL_GUARDED_BY(mutex) = kNever;
  bool persistent ABSL_GUARDED_BY(mutex) = false;
  int64_t faults ABSL_GUARDED_BY(mutex) = 0;
  int64_t outstanding ABSL_GUARDED_BY(mutex) = 0;
  sqlite3_mem_methods real = {};
};

State& TheState() {
  static State* const state = new State;
  return *state;
}

// Whether this allocation is to fail.
bool Fails() {
  State& state = TheState();
  absl::MutexLock lock(&state.mutex);
  if (state.remaining == kNever || --state.remaining > 0) return false;
  state.remaining = state.persistent ? 1 : kNever;
  ++state.faults;
  return true;
}

void Count(int64_t blocks) {
  State& state = TheState();
  absl::MutexLock lock(&state.mutex);
  state.outstanding += blocks;
}

void* Allocate(int bytes) {
  if (Fails()) return nullptr;
  void* const block = TheState().real.xMalloc(bytes);
  if (block != nullptr) Count(1);
  return block;
}

void Free(void* block) {
  if (block == nullptr) return;
  Count(-1);
  TheState().real.xFree(block);
}

void* Reallocate(void* block, int bytes) {
  return Fails() ? nullptr : TheState().real.xRealloc(block, bytes);
}

void Must(int code) {
  if (code == SQLITE_OK) return;
  std::fprintf(stderr, "FaultMalloc: %s\n", sqlite3_errstr(code));
  std::abort();
}

}  // namespace

FaultMalloc::FaultMalloc() {
  State& state = TheState();
  {
    absl::MutexLock lock(&state.mutex);
    if (std::exchange(state.installed, true)) {
      std::fprintf(stderr, "FaultMalloc: there is one already\n");
      std::abort();
    }
  }
  Must(sqlite3_shutdown());
  Must(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &state.real));
  sqlite3_mem_methods methods = state.real;
  methods.xMalloc = Allocate;
  methods.xFree = Free;
  methods.xRealloc = Reallocate;
  Must(sqlite3_config(SQLITE_CONFIG_MALLOC, &methods));
  Must(sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0));
  Must(sqlite3_initialize());
}

FaultMalloc::~FaultMalloc() {
  Heal();
  State& state = TheState();
  Must(sqlite3_shutdown());
  Must(sqlite3_config(SQLITE_CONFIG_MALLOC, &state.real));
  Must(sqlite3_initialize());
  absl::MutexLock lock(&state.mutex);
  state.installed = false;
}

void FaultMalloc::FailAt(int64_t nth, bool persistent) {
  State& state = TheState();
  absl::MutexLock lock(&state.mutex);
  state.remaining = nth;
  state.persistent = persistent;
  state.faults = 0;
}

void FaultMalloc::Heal() {
  State& state = TheState();
  absl::MutexLock lock(&state.mutex);
  state.remaining = kNever;
}

int64_t FaultMalloc::faults() const {
  State& state = TheState();
  absl::MutexLock lock(&state.mutex);
  return state.faults;
}

int64_t FaultMalloc::outstanding() const {
  State& state = TheState();
  absl::MutexLock lock(&state.mutex);
  return state.outstanding;
}

}  // namespace cupel::testing
