// What a hostile text may not do, wherever a program puts it: change the text
// of a statement, come back as another text, or touch what is stored.
//
//   InjectionChecks checks(dialect);
//   for (const std::string& text : HostileTexts()) checks.CheckAll(text);
//   EXPECT_THAT(checks.leaks(), IsEmpty());

#ifndef CUPEL_TESTING_CORPORA_INJECTION_CHECKS_H_
#define CUPEL_TESTING_CORPORA_INJECTION_CHECKS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"

namespace cupel::testing {

// Longer ones are more than some databases take as a pattern.
inline constexpr size_t kLongPattern = 20000;

// Whether a database takes the text as a value.
bool IsValue(const engine::Dialect& dialect, absl::string_view text);
// Whether it was refused for what it is, not for what it did to a statement.
bool IsRefusal(const absl::Status& status);

// Where a value goes, and what is owed to it there.
struct ValuePlace {
  enum class Owes : uint8_t {
    kRuns,
    kEchoes,      // the first column of each row is the text
    kFinds,       // among the rows is that of the text
    kFindsNot,    // it is not
    kMayRefuse,   // not every text has a meaning there
    kMustRefuse,  // it would have to name something that exists
  };

  std::string name;
  query::Statement statement;
  Owes owes = Owes::kRuns;
};

// Checks on one database. A leak is told once, by the place and the beginning
// of the text. Thread-compatible.
class InjectionChecks {
 public:
  // On a new database of `dialect`; null: the default dialect. Aborts when the
  // tables cannot be made.
  explicit InjectionChecks(
      std::shared_ptr<const engine::Dialect> dialect = nullptr);

  void CheckAll(const std::string& text);

  // Values of statements: bound, in patterns, as members of documents.
  void CheckValues(const std::string& text);
  void CheckPatterns(const std::string& text);
  void CheckMembers(const std::string& text);
  // Names in queries.
  void CheckNames(const std::string& text);
  // Names, defaults, checks, comments, enumerators and sequences of a schema.
  void CheckSchema(const std::string& text);
  // Literals of statements that are shown to people.
  void CheckLiterals(const std::string& text);
  // Parts of a URL.
  void CheckUrls(const std::string& text);
  // Literals of numbers; no text is needed.
  void CheckNumbers();

  // A text in a place is one.
  int64_t cases() const { return cases_; }
  int64_t refused() const { return refused_; }
  // All that let one text in, at least.
  const std::set<std::string>& places() const { return places_; }
  const std::vector<std::string>& leaks() const { return leaks_; }
  // The time of the statement that took longest since it was asked last.
  absl::Duration TakeLongestCall() {
    return std::exchange(longest_call_, absl::ZeroDuration());
  }
  // Places that fail with a harmless text, too, which are left out.
  const std::set<std::string>& unusable() const { return unusable_; }

 private:
  // The key of the text's own row.
  static constexpr int64_t kOwnId = 100;

  // The columns that statements use.
  query::TypedExpr<int64_t> id() const;
  query::TypedExpr<std::string> title() const;
  query::Expr Body() const;

  std::vector<ValuePlace> ValuePlaces(const std::string& text) const;
  std::vector<ValuePlace> RefusingPlaces(const std::string& text) const;
  std::vector<ValuePlace> NamePlaces(const std::string& name) const;
  void CheckPlace(const ValuePlace& place, absl::string_view harmless_sql,
                  const std::string& text);
  absl::Status RunPlace(const ValuePlace& place, const std::string& text,
                        std::string* complaint);
  bool MayRefuseName(const absl::Status& status, const std::string& name) const;
  void CheckName(const ValuePlace& place, const std::string& name);
  std::string CommentOf(const std::string& text) const;
  absl::StatusOr<std::shared_ptr<const schema::Table>> HostileTable(
      const std::string& text, bool named) const;
  void CheckEnumerator(const std::string& text);
  void CheckSchemaName(const std::string& text);
  void CheckSequenceName(const std::string& text);
  absl::Status Define(schema::MetaData* metadata,
                      std::shared_ptr<const schema::Table> table);
  void Undefine(absl::string_view place, const std::string& text,
                schema::MetaData* metadata);
  void ExpectRow(const schema::Table& table, const std::string& text);
  void ExpectDescription(const schema::Table& table, const std::string& text);

  // Whether the database takes the text as a value, or as a name.
  bool IsValue(absl::string_view text) const;
  bool IsName(absl::string_view text) const;

  void Count(absl::string_view place, const absl::Status& status);
  void Leak(absl::string_view place, absl::string_view text,
            absl::string_view what);

  // EndTry undoes all since then.
  absl::Status OpenSavepoint();
  // The same with a row of this title, unless that is refused.
  absl::Status BeginTry(const std::string& title);
  void EndTry();
  absl::StatusOr<std::vector<std::string>> FirstColumn(
      const query::Statement& statement);
  // In a transaction of its own.
  absl::StatusOr<std::vector<engine::Value>> FirstRow(const std::string& sql);
  // All that is stored, and the list of tables.
  std::string Witness();
  void ExpectUntouched(absl::string_view place, const std::string& text);

  schema::MetaData metadata_;
  std::shared_ptr<const schema::Table> note_;
  std::shared_ptr<const schema::Table> document_;
  std::optional<engine::Engine> engine_;
  std::optional<engine::Connection> connection_;
  std::optional<engine::Savepoint> savepoint_;
  // What statements in the cache refer to must stay.
  std::vector<std::shared_ptr<const schema::Table>> hostile_tables_;
  query::StatementCache cache_;
  std::string witness_;
  std::vector<ValuePlace> harmless_;
  std::vector<std::string> harmless_sql_;

  int64_t cases_ = 0;
  int64_t refused_ = 0;
  absl::Duration longest_call_;
  std::set<std::string> places_;
  std::vector<std::string> leaks_;
  std::set<std::string> leaking_;
  std::set<std::string> unusable_;
  engine::Subscription calls_;
};

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_CORPORA_INJECTION_CHECKS_H_
