#include "cupel/engine/recorder.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "cupel/engine/engine.h"
#include "cupel/engine/log_text.h"

namespace cupel::engine {

StatementRecorder::StatementRecorder(const Engine& engine)
    : start_(engine.events().OnStatementStart([this](StatementStart& event) {
        Start(event);
        return absl::OkStatus();
      })),
      end_(engine.events().OnStatement(
          [this](const StatementEvent& event) { End(event); })),
      transaction_(
          engine.events().OnTransaction([this](const TransactionEvent& event) {
            absl::MutexLock lock(&mutex_);
            control_.push_back({.action = event.action,
                                .savepoint = std::string(event.savepoint),
                                .status = event.status});
          })) {}

int StatementRecorder::count() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(statements_.size());
}

std::vector<RecordedStatement> StatementRecorder::statements() const {
  absl::MutexLock lock(&mutex_);
  return statements_;
}

std::vector<std::string> StatementRecorder::sql() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> result;
  for (const RecordedStatement& statement : statements_) {
    result.push_back(statement.sql);
  }
  return result;
}

std::vector<RecordedControl> StatementRecorder::control() const {
  absl::MutexLock lock(&mutex_);
  return control_;
}

std::vector<std::string> StatementRecorder::control_names() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> names;
  for (const RecordedControl& control : control_) {
    names.push_back(absl::StrCat(TransactionActionName(control.action),
                                 control.savepoint.empty() ? "" : " ",
                                 control.savepoint));
  }
  return names;
}

void StatementRecorder::Clear() {
  absl::MutexLock lock(&mutex_);
  statements_.clear();
  control_.clear();
}

std::string StatementRecorder::DebugString() const {
  absl::MutexLock lock(&mutex_);
  std::string out;
  for (const RecordedStatement& statement : statements_) {
    absl::StrAppend(&out, LogText(statement.sql));
    if (statement.rows != 1) absl::StrAppend(&out, " -- x", statement.rows);
    absl::StrAppend(&out, "\n");
  }
  return out;
}

void StatementRecorder::Start(const StatementStart& event) {
  RecordedStatement statement;
  statement.id = event.id;
  statement.sql = event.rewritten_sql.value_or(std::string(event.sql));
  statement.rows = event.batch_rows == 0 ? 1 : event.batch_rows;
  statement.origin = event.origin;
  for (const ValueView& value : event.parameters) {
    statement.parameters.emplace_back(value);
  }
  absl::MutexLock lock(&mutex_);
  statements_.push_back(std::move(statement));
}

void StatementRecorder::End(const StatementEvent& event) {
  absl::MutexLock lock(&mutex_);
  // Nearly always the last one.
  for (auto it = statements_.rbegin(); it != statements_.rend(); ++it) {
    if (it->id != event.id) continue;
    it->ended = true;
    it->rows_read = event.rows_read;
    it->affected_rows = event.result.affected_rows;
    it->duration = event.duration;
    it->status = event.status;
    return;
  }
}

}  // namespace cupel::engine
