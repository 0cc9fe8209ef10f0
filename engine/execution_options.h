// Options of execution at each level: those of the connection overlay those of
// the engine.

#ifndef CUPEL_ENGINE_EXECUTION_OPTIONS_H_
#define CUPEL_ENGINE_EXECUTION_OPTIONS_H_

#include <any>
#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "cupel/engine/driver.h"

namespace cupel::engine {

// A value; what is not set is taken from the level below.
struct ExecutionOptions {
  // Transactions that begin by themselves.
  std::optional<TransactionOptions> transaction;
  // How long one statement may take; the connection's deadline counts, too.
  std::optional<absl::Duration> statement_timeout;
  std::optional<std::string> logging_token;
  // For the program and for layers above, by name.
  std::map<std::string, std::any> user;

  // `above` where it says something, else this.
  ExecutionOptions Overlaid(const ExecutionOptions& above) const;
};

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_EXECUTION_OPTIONS_H_
