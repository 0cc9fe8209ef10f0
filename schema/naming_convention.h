// How constraints and indexes without a name of their own are named.
//
//   CUPEL_ASSIGN_OR_RETURN(
//       NamingConvention naming,
//       NamingConvention::Create({.unique = "uq_{table_name}_{column_0_name}",
//                                 .check =
//                                 "ck_{table_name}_{constraint_name}"}));
//   MetaData metadata({.naming = naming});
//
// Tokens in braces:
//   table_name
//   column_0_name     the first column's name; also column_1_name, ...
//   column_0N_name    the names of all columns, put together
//   column_0_N_name   the names of all columns, joined by "_"
//   referred_table_name, referred_column_0_name, ...   foreign keys only
//   constraint_name   the given name
// and tokens of your own. In place of "name", "key" gives the columns' keys and
// "label" gives <table>_<column>.

#ifndef CUPEL_SCHEMA_NAMING_CONVENTION_H_
#define CUPEL_SCHEMA_NAMING_CONVENTION_H_

#include <functional>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cupel::schema {

class Constraint;
class Index;
class Table;

// A template for each kind; an empty one leaves the kind unnamed.
struct NamingTemplates {
  std::string primary_key;
  std::string unique;
  std::string check;
  std::string foreign_key;
  std::string index;
  std::string exclude;
};

// What a token of your own is asked about: one of the two is not null.
struct NamingSubject {
  const Table& table;
  const Constraint* constraint = nullptr;
  const Index* index = nullptr;
};

// Immutable value; thread-safe if its tokens are.
class NamingConvention {
 public:
  using Token = std::function<std::string(const NamingSubject&)>;
  using Tokens = std::map<std::string, Token>;

  // Names indexes "ix_{column_0_label}" and nothing else.
  NamingConvention();

  // Errors: kInvalidArgument naming the first unknown token or open brace.
  static absl::StatusOr<NamingConvention> Create(NamingTemplates templates,
                                                 Tokens tokens = {});

  // Names everything: pk_, uq_, ck_, fk_, ix_ and ex_ templates. Advisable
  // where the schema will be migrated, since only what has a name can be
  // altered.
  static NamingConvention Recommended();

  // The name for the database, or "" when it gets none. A given name wins over
  // the template unless the template holds {constraint_name}; such a template
  // leaves a constraint without given name unnamed. `referred` is the table
  // that a foreign key points to, where known.
  std::string NameOf(const Constraint& constraint,
                     const Table* referred = nullptr) const;
  std::string NameOf(const Index& index) const;

 private:
  NamingConvention(NamingTemplates templates, Tokens tokens);

  const std::string& TemplateFor(const Constraint& constraint) const;

  NamingTemplates templates_;
  Tokens tokens_;
};

}  // namespace cupel::schema

#endif  // CUPEL_SCHEMA_NAMING_CONVENTION_H_
