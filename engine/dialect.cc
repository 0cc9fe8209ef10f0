#include "cupel/engine/dialect.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/utf8.h"

namespace cupel::engine {
namespace {

bool IsWordCharacter(char c, bool first) {
  return (c >= 'a' && c <= 'z') || c == '_' || (!first && c >= '0' && c <= '9');
}

// A word that means the same with and without quotes.
bool IsPlainWord(absl::string_view identifier) {
  for (size_t i = 0; i < identifier.size(); ++i) {
    if (!IsWordCharacter(identifier[i], i == 0)) return false;
  }
  return !identifier.empty();
}

// A word, of any case.
bool IsWord(absl::string_view identifier) {
  return IsPlainWord(absl::AsciiStrToLower(identifier));
}

absl::Status BadIdentifier(absl::string_view rule) {
  return MakeError(ErrorKind::kInvalidValue,
                   absl::StrCat("an identifier ", rule));
}

// Of valid UTF-8.
size_t CountCharacters(absl::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(),
      [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

uint64_t Fnv1a(absl::string_view text) {
  uint64_t hash = 14695981039346656037u;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211u;
  }
  return hash;
}

class DialectRegistry {
 public:
  static DialectRegistry& Get() {
    static auto* const registry = new DialectRegistry;
    return *registry;
  }

  absl::Status Add(std::shared_ptr<const Dialect> dialect) {
    absl::MutexLock lock(&mutex_);
    auto added = dialects_.emplace(dialect->name(), dialect);
    if (added.second || added.first->second == dialect) {
      return absl::OkStatus();
    }
    return MakeError(ErrorKind::kAlreadyExists,
                     absl::StrCat("another dialect is registered as \"",
                                  dialect->name(), "\": register each once"));
  }

  std::shared_ptr<const Dialect> Find(absl::string_view name) {
    absl::MutexLock lock(&mutex_);
    auto it = dialects_.find(name);
    return it == dialects_.end() ? nullptr : it->second;
  }

  std::vector<std::string> Names() {
    absl::MutexLock lock(&mutex_);
    std::vector<std::string> names;
    for (const auto& entry : dialects_) names.push_back(entry.first);
    return names;
  }

 private:
  absl::Mutex mutex_;
  std::map<std::string, std::shared_ptr<const Dialect>, std::less<>> dialects_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::Status Dialect::AppendNextValue(absl::string_view schema,
                                      absl::string_view name,
                                      std::string* out) const {
  if (!capabilities_.sequences || syntax_.next_value.empty()) {
    return MakeError(
        ErrorKind::kUnsupported,
        absl::StrCat("dialect ", name_, " has no sequences: sequence \"", name,
                     "\""));
  }
  std::string sequence;
  if (!schema.empty()) {
    CUPEL_RETURN_IF_ERROR(AppendIdentifier(schema, &sequence));
    sequence += '.';
  }
  CUPEL_RETURN_IF_ERROR(AppendIdentifier(name, &sequence));
  const size_t begin = syntax_.next_value.find('{');
  const size_t end = syntax_.next_value.find('}');
  if (syntax_.next_value.substr(begin, end - begin) == "{literal") {
    std::string literal;
    CUPEL_RETURN_IF_ERROR(
        AppendLiteral(Text(), ValueView::Text(sequence), &literal));
    sequence = std::move(literal);
  }
  absl::StrAppend(out, syntax_.next_value.substr(0, begin), sequence,
                  syntax_.next_value.substr(end + 1));
  return absl::OkStatus();
}

bool Dialect::NeedsQuotes(absl::string_view identifier) const {
  return !IsPlainWord(identifier) ||
         std::binary_search(syntax_.reserved_words.begin(),
                            syntax_.reserved_words.end(), identifier);
}

absl::Status Dialect::AppendIdentifier(absl::string_view identifier,
                                       std::string* out,
                                       Quoting quoting) const {
  if (identifier.empty()) return BadIdentifier("must not be empty");
  if (identifier.find('\0') != identifier.npos) {
    return BadIdentifier("must not hold a NUL character");
  }
  const size_t bad = FindInvalidUtf8(identifier);
  if (bad != identifier.npos) {
    return BadIdentifier(
        absl::StrCat("must be valid UTF-8, which ends at byte ", bad));
  }
  CUPEL_RETURN_IF_ERROR(CheckLength(identifier));
  if (quoting == Quoting::kNever && !IsWord(identifier)) {
    return BadIdentifier("without quotes must be a plain word");
  }
  if (quoting == Quoting::kNever ||
      (quoting == Quoting::kWhenNeeded && !NeedsQuotes(identifier))) {
    out->append(identifier.data(), identifier.size());
    return absl::OkStatus();
  }
  out->push_back(syntax_.quote);
  for (const char c : identifier) {
    if (c == syntax_.quote) out->push_back(c);
    out->push_back(c);
  }
  out->push_back(syntax_.quote);
  return absl::OkStatus();
}

absl::Status Dialect::CheckLength(absl::string_view identifier) const {
  const size_t bytes = capabilities_.max_identifier_bytes;
  const size_t characters = capabilities_.max_identifier_characters;
  const bool fits_bytes = bytes == 0 || identifier.size() <= bytes;
  const bool fits_characters =
      characters == 0 || CountCharacters(identifier) <= characters;
  if (fits_bytes && fits_characters) return absl::OkStatus();
  return BadIdentifier(absl::StrCat(
      "of ", fits_bytes ? CountCharacters(identifier) : identifier.size(),
      fits_bytes ? " characters" : " bytes", " is too long for ", name_,
      ", which keeps ", fits_bytes ? characters : bytes));
}

std::string Dialect::ShortenLabel(absl::string_view label) const {
  if (CheckLength(label).ok()) return std::string(label);
  // So many bytes are never more characters.
  const size_t limit = capabilities_.max_identifier_bytes != 0
                           ? capabilities_.max_identifier_bytes
                           : capabilities_.max_identifier_characters;
  const std::string hash =
      absl::StrFormat("_%08x", static_cast<uint32_t>(Fnv1a(label) >> 32) ^
                                   static_cast<uint32_t>(Fnv1a(label)));
  size_t keep = limit > hash.size() ? limit - hash.size() : 0;
  // Not through the middle of a character.
  while (keep > 0 && (static_cast<unsigned char>(label[keep]) & 0xc0) == 0x80) {
    --keep;
  }
  return absl::StrCat(label.substr(0, keep), hash);
}

void Dialect::AppendPlaceholder(size_t index, std::string* out) const {
  switch (syntax_.placeholder) {
    case PlaceholderStyle::kQuestion:
      out->push_back('?');
      return;
    case PlaceholderStyle::kNumberedQuestion:
      absl::StrAppend(out, "?", index);
      return;
    case PlaceholderStyle::kNumberedDollar:
      absl::StrAppend(out, "$", index);
      return;
    case PlaceholderStyle::kNumberedColon:
      absl::StrAppend(out, ":", index);
      return;
  }
}

absl::string_view Dialect::FunctionNameFor(absl::string_view generic) const {
  for (const FunctionName& function : syntax_.functions) {
    if (function.generic == generic) return function.native;
  }
  return generic;
}

const Codec* Dialect::CodecFor(const Type&) const { return nullptr; }

absl::Status RegisterDialect(std::shared_ptr<const Dialect> dialect) {
  return DialectRegistry::Get().Add(std::move(dialect));
}

absl::StatusOr<std::shared_ptr<const Dialect>> FindDialect(
    absl::string_view name) {
  std::shared_ptr<const Dialect> found = DialectRegistry::Get().Find(name);
  if (found != nullptr) return found;
  const std::vector<std::string> names = RegisteredDialects();
  return MakeError(
      ErrorKind::kNotFound,
      absl::StrCat("no dialect \"", name, "\" is linked into this program (",
                   names.empty() ? "there is none"
                                 : "there is " + absl::StrJoin(names, ", "),
                   "): add //engine/dialects/", name, " to its deps"));
}

std::vector<std::string> RegisteredDialects() {
  return DialectRegistry::Get().Names();
}

}  // namespace cupel::engine
