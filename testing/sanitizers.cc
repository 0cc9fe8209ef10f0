// What the sanitizers are told in every test. The runtimes look for these
// functions by their names.

// The waiters of absl::Mutex are handed from thread to thread by what the
// annotations inside of the mutex hide from the sanitizer, as releases of
// abseil after 20220623 say themselves.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "race:absl::*synchronization_internal::Waiter::\n";
}
