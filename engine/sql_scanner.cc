#include "cupel/engine/sql_scanner.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace cupel::engine {
namespace {

bool IsNameCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
         c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

bool IsBlankOrControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return absl::ascii_isspace(byte) || absl::ascii_iscntrl(byte);
}

// The length of the "/*!" or "/*M!50000" that `rest` begins with; 0 for none.
size_t ExecutableCommentStart(absl::string_view rest) {
  size_t i = absl::StartsWith(rest, "/*!")    ? 3
             : absl::StartsWith(rest, "/*M!") ? 4
                                              : 0;
  if (i == 0) return 0;
  while (i < rest.size() &&
         absl::ascii_isdigit(static_cast<unsigned char>(rest[i]))) {
    ++i;
  }
  return i;
}

}  // namespace

bool Token::Is(absl::string_view word) const {
  return kind == TokenKind::kWord && absl::EqualsIgnoreCase(text, word);
}

std::string Token::Unquoted() const {
  if (kind != TokenKind::kName && kind != TokenKind::kString) {
    return std::string(text);
  }
  const char close = text[0] == '[' ? ']' : text[0];
  absl::string_view inner = text.substr(1);
  if (!inner.empty() && inner.back() == close) inner.remove_suffix(1);
  std::string result;
  for (size_t i = 0; i < inner.size(); ++i) {
    result.push_back(inner[i]);
    // A doubled quote stands for one.
    if (inner[i] == close && i + 1 < inner.size() && inner[i + 1] == close) ++i;
  }
  return result;
}

bool SqlScanner::IsLineComment(absl::string_view rest) const {
  if (rest[0] == '#') return lexis_->hash_comments;
  if (!absl::StartsWith(rest, "--")) return false;
  return !lexis_->dashes_need_blank || rest.size() == 2 ||
         IsBlankOrControl(rest[2]);
}

size_t SqlScanner::SkipBlanks(size_t i) {
  while (i < sql_.size()) {
    const absl::string_view rest = sql_.substr(i);
    const size_t executable =
        lexis_->executable_comments ? ExecutableCommentStart(rest) : 0;
    if (absl::ascii_isspace(static_cast<unsigned char>(sql_[i]))) {
      ++i;
    } else if (IsLineComment(rest)) {
      i = std::min(sql_.find('\n', i), sql_.size());
    } else if (executable > 0) {
      i += executable;
      in_executable_comment_ = true;
    } else if (in_executable_comment_ && absl::StartsWith(rest, "*/")) {
      in_executable_comment_ = false;
      i += 2;
    } else if (absl::StartsWith(rest, "/*")) {
      const size_t end = sql_.find("*/", i + 2);
      i = end == absl::string_view::npos ? sql_.size() : end + 2;
    } else {
      break;
    }
  }
  return i;
}

size_t SqlScanner::EndOfQuoted(size_t i, char close) const {
  for (++i; i < sql_.size(); ++i) {
    if (sql_[i] != close) continue;
    const bool doubled =
        close != ']' && i + 1 < sql_.size() && sql_[i + 1] == close;
    if (!doubled) return i + 1;
    ++i;
  }
  return std::min(i, sql_.size());
}

size_t SqlScanner::EndOfToken(size_t i, TokenKind* kind) const {
  const char c = sql_[i];
  if (c == '\'' || c == '`' || c == '"') {
    *kind = c == '\''  ? TokenKind::kString
            : c == '`' ? TokenKind::kName
                       : lexis_->double_quotes;
    return EndOfQuoted(i, c);
  }
  if (c == '[' && lexis_->brackets) {
    *kind = TokenKind::kName;
    return EndOfQuoted(i, ']');
  }
  if (!IsNameCharacter(c)) {
    *kind = TokenKind::kSymbol;
    return i + 1;
  }
  *kind = absl::ascii_isdigit(static_cast<unsigned char>(c))
              ? TokenKind::kNumber
              : TokenKind::kWord;
  while (i < sql_.size() && IsNameCharacter(sql_[i])) ++i;
  return i;
}

void SqlScanner::Next() {
  previous_end_ = end_;
  position_ = SkipBlanks(end_);
  if (position_ >= sql_.size()) {
    current_ = Token();
    end_ = position_;
    return;
  }
  end_ = EndOfToken(position_, &current_.kind);
  current_.text = sql_.substr(position_, end_ - position_);
}

bool SqlScanner::Consume(absl::string_view word) {
  if (!current_.Is(word)) return false;
  Next();
  return true;
}

bool SqlScanner::ConsumeSymbol(char symbol) {
  if (!current_.IsSymbol(symbol)) return false;
  Next();
  return true;
}

absl::string_view SqlScanner::ConsumeParentheses() {
  const size_t begin = position_ + 1;
  int depth = 0;
  while (!at_end()) {
    if (current_.IsSymbol('(')) ++depth;
    if (current_.IsSymbol(')') && --depth == 0) break;
    Next();
  }
  const size_t end = position_;
  Next();
  return absl::StripAsciiWhitespace(sql_.substr(begin, end - begin));
}

}  // namespace cupel::engine
