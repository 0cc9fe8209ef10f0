#include "cupel/engine/echo.h"

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/events.h"
#include "cupel/engine/log_text.h"

namespace cupel::engine {
namespace {

constexpr size_t kShownValueBytes = 100;

std::string EchoValue(const ValueView& value) {
  switch (value.kind()) {
    case ValueKind::kNull:
      return "NULL";
    case ValueKind::kBool:
      return value.bool_value() ? "true" : "false";
    case ValueKind::kInt64:
      return absl::StrCat(value.int64_value());
    case ValueKind::kDouble:
      return absl::StrCat(value.double_value());
    case ValueKind::kDecimal:
      return value.decimal().ToString();
    case ValueKind::kText:
    case ValueKind::kJson:
      return absl::StrCat("'", LogText(value.bytes(), kShownValueBytes), "'");
    case ValueKind::kBlob:
      return absl::StrCat(
          "x'",
          absl::BytesToHexString(value.bytes().substr(0, kShownValueBytes / 2)),
          value.bytes().size() > kShownValueBytes / 2 ? "...'" : "'");
    case ValueKind::kUuid:
      return value.uuid().ToString();
    case ValueKind::kDate:
      return absl::StrCat("date ", value.date_days());
    case ValueKind::kTime:
      return absl::StrCat("time ", value.time_micros());
    case ValueKind::kTimestamp:
      return absl::StrCat("timestamp ", value.timestamp_micros());
    case ValueKind::kInterval:
      return absl::StrCat("interval ", value.interval_micros());
  }
  return "?";
}

std::string Prefix(uint64_t connection_id, absl::string_view token) {
  std::string out = absl::StrCat("[", connection_id);
  if (!token.empty()) absl::StrAppend(&out, " ", LogText(token));
  out += "] ";
  return out;
}

std::string StatementLine(const StatementEvent& event, bool hide_parameters) {
  std::string line = absl::StrCat(Prefix(event.connection_id, event.token),
                                  LogText(event.sql));
  if (event.batch_rows > 0) {
    absl::StrAppend(&line, " -- batch of ", event.batch_rows);
  } else if (!event.parameters.empty()) {
    absl::StrAppend(&line, " -- ",
                    hide_parameters ? absl::StrCat(event.parameters.size(),
                                                   " hidden parameters")
                                    : EchoValues(event.parameters));
  }
  absl::StrAppend(&line, " -- ", absl::FormatDuration(event.duration), ", ",
                  event.rows_read, " rows read, ", event.result.affected_rows,
                  " affected",
                  event.statement_cached ? ", statement cached" : "");
  if (!event.status.ok()) {
    absl::StrAppend(&line, " -- failed: ", LogText(event.status.message()));
  }
  return line;
}

std::string TransactionLine(const TransactionEvent& event) {
  std::string line = absl::StrCat(Prefix(event.connection_id, event.token),
                                  TransactionActionName(event.action));
  if (!event.savepoint.empty()) absl::StrAppend(&line, " ", event.savepoint);
  absl::StrAppend(&line, " -- ", absl::FormatDuration(event.duration));
  if (!event.status.ok()) {
    absl::StrAppend(&line, " -- failed: ", LogText(event.status.message()));
  }
  return line;
}

std::string PoolLine(const PoolEvent& event) {
  std::string line = absl::StrCat(Prefix(event.connection_id, ""),
                                  "pool: ", PoolActionName(event.action));
  if (!event.reason.empty()) {
    absl::StrAppend(&line, " (", LogText(event.reason), ")");
  }
  if (event.origin.known()) {
    absl::StrAppend(&line, " at ", event.origin.ToString());
  }
  return line;
}

bool IsFrequent(PoolAction action) {
  return action == PoolAction::kCheckout || action == PoolAction::kCheckin ||
         action == PoolAction::kReset;
}

}  // namespace

std::vector<Subscription> StartEcho(Events& events,
                                    const EchoSettings& settings) {
  std::vector<Subscription> subscriptions;
  const auto log = settings.log;
  const bool hide = settings.hide_parameters;
  if (settings.statements) {
    subscriptions.push_back(
        events.OnStatement([log, hide](const StatementEvent& event) {
          log(StatementLine(event, hide));
        }));
    subscriptions.push_back(events.OnTransaction(
        [log](const TransactionEvent& event) { log(TransactionLine(event)); }));
  }
  if (settings.slow_statement != absl::InfiniteDuration()) {
    const absl::Duration limit = settings.slow_statement;
    subscriptions.push_back(
        events.OnStatement([log, hide, limit](const StatementEvent& event) {
          if (event.duration <= limit) return;
          log(absl::StrCat("warning: slow statement at ",
                           event.origin.ToString(), ": ",
                           StatementLine(event, hide)));
        }));
  }
  if (settings.rows) {
    subscriptions.push_back(events.OnRow([log, hide](const RowEvent& event) {
      log(absl::StrCat(
          Prefix(event.connection_id, event.token), "row ",
          hide ? absl::StrCat("of ", event.row.size(), " hidden values")
               : EchoValues(event.row)));
    }));
  }
  if (settings.pool) {
    const bool all = settings.pool_checkouts;
    subscriptions.push_back(events.OnPool([log, all](const PoolEvent& event) {
      if (all || !IsFrequent(event.action)) log(PoolLine(event));
      return absl::OkStatus();
    }));
  }
  return subscriptions;
}

std::string EchoValues(absl::Span<const ValueView> values) {
  std::string out = "[";
  absl::string_view separator;
  for (const ValueView& value : values) {
    absl::StrAppend(&out, separator, EchoValue(value));
    separator = ", ";
  }
  out += "]";
  return out;
}

void LogToStandardError(absl::string_view line) {
  // One call, so that lines of threads do not mix.
  const std::string text = absl::StrCat("cupel: ", line, "\n");
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace cupel::engine
