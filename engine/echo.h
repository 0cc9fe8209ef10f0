// The engine's log: statements, transaction control and pool traffic as lines
// of text. Internal to this layer.

#ifndef CUPEL_ENGINE_ECHO_H_
#define CUPEL_ENGINE_ECHO_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "cupel/engine/events.h"
#include "cupel/engine/value.h"

namespace cupel::engine {

struct EchoSettings {
  bool statements = false;
  bool rows = false;
  bool pool = false;
  bool pool_checkouts = false;
  bool hide_parameters = true;
  absl::Duration slow_statement = absl::InfiniteDuration();
  std::function<void(absl::string_view)> log;
};

// Subscribes what the settings ask for; nothing when they ask for nothing.
std::vector<Subscription> StartEcho(Events& events,
                                    const EchoSettings& settings);

// "[1, 'two', NULL]": each cut to 100 bytes and escaped.
std::string EchoValues(absl::Span<const ValueView> values);

// One line to standard error.
void LogToStandardError(absl::string_view line);

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_ECHO_H_
