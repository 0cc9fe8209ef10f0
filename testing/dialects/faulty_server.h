// A server that tests treat badly, and how it says what those tests need: the
// faults of server_fault_cases.cc and lock_fault_cases.cc run on each server
// whose test links them and defines GetFaultyServer().

#ifndef CUPEL_TESTING_DIALECTS_FAULTY_SERVER_H_
#define CUPEL_TESTING_DIALECTS_FAULTY_SERVER_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "cupel/testing/servers/server_process.h"

namespace cupel::testing {

struct FaultyServer {
  // Ends it as a crash would, and starts it again on the same port.
  std::function<absl::Status()> restart;
  ServerProcess* process = nullptr;
  // Of an empty database, by the port; and the port.
  std::string url;
  int port = 0;

  // SQL that takes 60 seconds, one that takes 5 milliseconds, and one whose
  // thousand rows take 10 milliseconds each.
  std::string sleep;
  std::string doze;
  std::string slow_rows;
  // The number of this session.
  std::string session;
  // SQL with a $0 for the number of a session: whether it is busy, and to end
  // it.
  std::string is_busy;
  std::string kill;
  // Counts the other sessions of this database.
  std::string sessions;
  // Makes the server end this session's statements after 0.1 seconds.
  std::string limit_statements;
  // Makes this session wait for a lock for a moment only.
  std::string limit_locks;
};

// Started when it is asked for first.
FaultyServer& GetFaultyServer();

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_DIALECTS_FAULTY_SERVER_H_
