#include "cupel/session/session_impl.h"

#include <cstdio>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace cupel::session {
namespace {

std::shared_ptr<query::StatementCache> CacheOf(const engine::Engine& engine) {
  static const char key = 0;
  return std::static_pointer_cast<query::StatementCache>(
      engine.Extension(&key, []() -> std::shared_ptr<void> {
        return std::make_shared<query::StatementCache>();
      }));
}

}  // namespace

Session::Impl::Impl(Session* session, engine::Engine engine,
                    std::shared_ptr<const Registry> registry,
                    SessionOptions options)
    : session_(session),
      engine_(std::move(engine)),
      options_(std::move(options)),
      statements_(options_.statements != nullptr ? options_.statements
                                                 : CacheOf(engine_)),
      core_(new SessionCore(std::move(registry), this)),
      links_(this) {}

Session::Impl::~Impl() { Close().IgnoreError(); }

absl::Status Session::Impl::Misuse(absl::string_view message) {
  return engine::MakeError(engine::ErrorKind::kMisuse, message);
}

absl::Status Session::Impl::Entry::Check() const {
  if (impl_ == nullptr) {
    return Misuse(
        "the session is used by two threads at once: give each thread a "
        "session of its own");
  }
  if (impl_->closed_) {
    return Misuse("the session is closed: open a new one");
  }
  return absl::OkStatus();
}

absl::Status Session::Impl::CheckHolds(const EntityRef& entity,
                                       absl::string_view verb) const {
  if (entity && core_->Contains(entity.state())) return absl::OkStatus();
  return Misuse(absl::StrCat("cannot ", verb, " what is not in this session"));
}

void Session::Impl::Warn(absl::string_view message) {
  if (options_.warn) {
    options_.warn(message);
  } else {
    std::fprintf(stderr, "cupel: %.*s\n", static_cast<int>(message.size()),
                 message.data());
  }
}

absl::Status Session::Impl::Autoflush(
    absl::Span<const schema::Table* const> tables) {
  if (!autoflushes() || flushing_ || telling_ ||
      !pending_tables_.Contain(*core_, tables)) {
    return absl::OkStatus();
  }
  std::string names;
  for (const schema::Table* table : tables) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", table->name());
  }
  return engine::WithContext(
      Flush(), absl::StrCat("flushing before a query of ", names));
}

}  // namespace cupel::session
