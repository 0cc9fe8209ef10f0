#include "cupel/engine/dialects/sqlite/table_definition.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/catalog.h"
#include "cupel/engine/dialects/sqlite/sql_scanner.h"

namespace cupel::sqlite_internal {
namespace {

using engine::CatalogForeignKey;

std::string ConsumeName(SqlScanner* scanner) {
  std::string name = scanner->current().Unquoted();
  scanner->Next();
  return name;
}

// (a, "b" COLLATE x DESC, ...): the names.
std::vector<std::string> ConsumeNames(SqlScanner* scanner) {
  std::vector<std::string> names;
  if (!scanner->current().IsSymbol('(')) return names;
  SqlScanner inner(scanner->ConsumeParentheses());
  while (!inner.at_end()) {
    names.push_back(ConsumeName(&inner));
    while (!inner.at_end() && !inner.current().IsSymbol(',')) {
      if (inner.current().IsSymbol('(')) {
        inner.ConsumeParentheses();
      } else {
        inner.Next();
      }
    }
    inner.ConsumeSymbol(',');
  }
  return names;
}

void SkipConflictClause(SqlScanner* scanner) {
  SqlScanner ahead = *scanner;
  if (!ahead.Consume("ON") || !ahead.Consume("CONFLICT")) return;
  ahead.Next();
  *scanner = ahead;
}

// CASCADE | RESTRICT | SET NULL | SET DEFAULT | NO ACTION
std::string ConsumeAction(SqlScanner* scanner) {
  std::string action = absl::AsciiStrToUpper(scanner->current().text);
  scanner->Next();
  if (action == "SET" || action == "NO") {
    absl::StrAppend(&action, " ",
                    absl::AsciiStrToUpper(scanner->current().text));
    scanner->Next();
  }
  return action;
}

// Behind the parts of a foreign key. NOT begins NOT NULL, too.
bool ConsumeDeferrable(SqlScanner* scanner, CatalogForeignKey* key) {
  SqlScanner ahead = *scanner;
  const bool negated = ahead.Consume("NOT");
  if (!ahead.Consume("DEFERRABLE")) return false;
  key->deferrable = !negated;
  if (ahead.Consume("INITIALLY")) {
    key->initially_deferred = !negated && ahead.current().Is("DEFERRED");
    ahead.Next();
  }
  *scanner = ahead;
  return true;
}

// Behind REFERENCES.
void ConsumeReference(SqlScanner* scanner, CatalogForeignKey* key) {
  key->referred_table = ConsumeName(scanner);
  key->referred_columns = ConsumeNames(scanner);
  while (true) {
    if (scanner->Consume("ON")) {
      const bool on_delete = scanner->current().Is("DELETE");
      scanner->Next();
      (on_delete ? key->on_delete : key->on_update) = ConsumeAction(scanner);
    } else if (scanner->Consume("MATCH")) {
      key->match = absl::AsciiStrToUpper(ConsumeName(scanner));
    } else if (!ConsumeDeferrable(scanner, key)) {
      return;
    }
  }
}

// Reads the list of columns and constraints.
class BodyReader {
 public:
  BodyReader(absl::string_view body, TableDefinition* out)
      : scanner_(body), out_(out) {}

  void Read() {
    while (!scanner_.at_end()) {
      if (!ReadTableConstraint()) ReadColumn();
      // What was not understood.
      while (!scanner_.at_end() && !scanner_.current().IsSymbol(',')) {
        Skip();
      }
      scanner_.ConsumeSymbol(',');
    }
  }

 private:
  void Skip() {
    if (scanner_.current().IsSymbol('(')) {
      scanner_.ConsumeParentheses();
    } else {
      scanner_.Next();
    }
  }

  // Constraints may follow each other without a comma.
  bool ReadTableConstraint() {
    bool found = false;
    while (ReadOneTableConstraint()) found = true;
    return found;
  }

  bool ReadOneTableConstraint() {
    SqlScanner start = scanner_;
    std::string name;
    if (scanner_.Consume("CONSTRAINT")) name = ConsumeName(&scanner_);
    if (scanner_.Consume("PRIMARY")) {
      scanner_.Consume("KEY");
      out_->primary_key = {std::move(name), ConsumeNames(&scanner_)};
      SkipConflictClause(&scanner_);
    } else if (scanner_.Consume("UNIQUE")) {
      out_->uniques.push_back({std::move(name), ConsumeNames(&scanner_)});
      SkipConflictClause(&scanner_);
    } else if (scanner_.current().Is("CHECK")) {
      ReadCheck(std::move(name));
    } else if (scanner_.Consume("FOREIGN")) {
      scanner_.Consume("KEY");
      CatalogForeignKey key;
      key.name = std::move(name);
      key.columns = ConsumeNames(&scanner_);
      scanner_.Consume("REFERENCES");
      ConsumeReference(&scanner_, &key);
      out_->foreign_keys.push_back(std::move(key));
    } else {
      scanner_ = start;
      return false;
    }
    return true;
  }

  void ReadCheck(std::string name) {
    scanner_.Next();
    if (!scanner_.current().IsSymbol('(')) return;
    out_->checks.push_back(
        {std::move(name), std::string(scanner_.ConsumeParentheses())});
    SkipConflictClause(&scanner_);
  }

  void ReadColumn() {
    ColumnDefinition column;
    column.name = ConsumeName(&scanner_);
    std::string constraint_name;
    while (!scanner_.at_end() && !scanner_.current().IsSymbol(',')) {
      ReadColumnPart(&column, &constraint_name);
    }
    out_->columns.push_back(std::move(column));
  }

  void ReadColumnPart(ColumnDefinition* column, std::string* name) {
    if (scanner_.Consume("CONSTRAINT")) {
      *name = ConsumeName(&scanner_);
    } else if (scanner_.Consume("PRIMARY")) {
      scanner_.Consume("KEY");
      if (!scanner_.Consume("ASC")) scanner_.Consume("DESC");
      SkipConflictClause(&scanner_);
      column->autoincrement = scanner_.Consume("AUTOINCREMENT");
      out_->primary_key = {std::exchange(*name, ""), {column->name}};
    } else if (scanner_.Consume("UNIQUE")) {
      out_->uniques.push_back({std::exchange(*name, ""), {column->name}});
      SkipConflictClause(&scanner_);
    } else if (scanner_.current().Is("CHECK")) {
      ReadCheck(std::exchange(*name, ""));
    } else if (scanner_.Consume("COLLATE")) {
      column->collation = ConsumeName(&scanner_);
    } else if (scanner_.Consume("DEFAULT")) {
      Skip();  // a sign, a literal or an expression in parentheses
    } else if (scanner_.Consume("AS")) {
      if (scanner_.current().IsSymbol('(')) {
        column->computed = std::string(scanner_.ConsumeParentheses());
      }
    } else if (scanner_.Consume("REFERENCES")) {
      CatalogForeignKey key;
      key.name = std::exchange(*name, "");
      key.columns = {column->name};
      ConsumeReference(&scanner_, &key);
      out_->foreign_keys.push_back(std::move(key));
    } else if (scanner_.Consume("NOT")) {
      scanner_.Consume("NULL");
      name->clear();
    } else {
      Skip();
    }
  }

  SqlScanner scanner_;
  TableDefinition* const out_;
};

std::vector<std::string> ReadOptions(SqlScanner scanner) {
  std::vector<std::string> options;
  while (!scanner.at_end()) {
    if (scanner.Consume("WITHOUT")) {
      options.push_back("WITHOUT ROWID");
    } else if (scanner.current().Is("STRICT")) {
      options.push_back("STRICT");
    }
    scanner.Next();
  }
  return options;
}

// The text of an index's part up to its last COLLATE, ASC or DESC.
std::string WithoutOrder(absl::string_view part) {
  std::vector<Token> tokens;
  for (SqlScanner scanner(part); !scanner.at_end(); scanner.Next()) {
    tokens.push_back(scanner.current());
  }
  if (tokens.size() > 1 &&
      (tokens.back().Is("ASC") || tokens.back().Is("DESC"))) {
    tokens.pop_back();
  }
  if (tokens.size() > 2 && tokens[tokens.size() - 2].Is("COLLATE")) {
    tokens.resize(tokens.size() - 2);
  }
  if (tokens.empty()) return "";
  const char* begin = tokens.front().text.data();
  const absl::string_view last = tokens.back().text;
  return std::string(begin, last.data() + last.size() - begin);
}

std::vector<std::string> SplitParts(absl::string_view list) {
  std::vector<std::string> parts;
  SqlScanner scanner(list);
  while (!scanner.at_end()) {
    const size_t begin = scanner.position();
    while (!scanner.at_end() && !scanner.current().IsSymbol(',')) {
      if (scanner.current().IsSymbol('(')) {
        scanner.ConsumeParentheses();
      } else {
        scanner.Next();
      }
    }
    parts.push_back(
        WithoutOrder(list.substr(begin, scanner.previous_end() - begin)));
    scanner.ConsumeSymbol(',');
  }
  return parts;
}

}  // namespace

const ColumnDefinition* TableDefinition::FindColumn(
    absl::string_view name) const {
  for (const ColumnDefinition& column : columns) {
    if (absl::EqualsIgnoreCase(column.name, name)) return &column;
  }
  return nullptr;
}

TableDefinition ParseCreateTable(absl::string_view sql) {
  TableDefinition definition;
  SqlScanner scanner(sql);
  while (!scanner.at_end() && !scanner.current().IsSymbol('(')) scanner.Next();
  if (scanner.at_end()) return definition;
  BodyReader(scanner.ConsumeParentheses(), &definition).Read();
  definition.options = ReadOptions(scanner);
  return definition;
}

IndexDefinition ParseCreateIndex(absl::string_view sql) {
  IndexDefinition definition;
  SqlScanner scanner(sql);
  while (!scanner.at_end() && !scanner.current().IsSymbol('(')) scanner.Next();
  if (scanner.at_end()) return definition;
  definition.parts = SplitParts(scanner.ConsumeParentheses());
  if (scanner.Consume("WHERE")) {
    definition.where =
        std::string(absl::StripAsciiWhitespace(sql.substr(scanner.position())));
  }
  return definition;
}

std::string ParseCreateView(absl::string_view sql) {
  SqlScanner scanner(sql);
  // Only the name and the columns stand before AS; a name with quotes is no
  // word.
  while (!scanner.at_end() && !scanner.Consume("AS")) {
    if (scanner.current().IsSymbol('(')) {
      scanner.ConsumeParentheses();
    } else {
      scanner.Next();
    }
  }
  return std::string(absl::StripAsciiWhitespace(
      sql.substr(std::min(scanner.position(), sql.size()))));
}

}  // namespace cupel::sqlite_internal
