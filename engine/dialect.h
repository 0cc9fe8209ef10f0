// A dialect: all that differs from one database to the next, as data
// (Capabilities, Syntax) and a few hooks. Compilers of the layers above ask a
// Dialect; they never ask which database it is.
//
//   std::string sql = "DELETE FROM ";
//   CUPEL_RETURN_IF_ERROR(dialect.AppendIdentifier(table_name, &sql));
//
// A dialect lives in a folder of its own below engine/dialects and becomes
// known by RegisterDialect, which the folder's own alwayslink target calls: a
// program has the dialects that it links.

#ifndef CUPEL_ENGINE_DIALECT_H_
#define CUPEL_ENGINE_DIALECT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/catalog.h"
#include "cupel/engine/codec.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/type.h"
#include "cupel/engine/value.h"

namespace cupel::engine {

// How rows of a flush get in, and their generated keys out.
enum class InsertStrategy : uint8_t {
  kRowLoopLastId,      // one prepared statement, one row at a time, last id
  kMultiRowReturning,  // INSERT ... VALUES (...), (...) RETURNING
  // INSERT ... VALUES (...), (...) with the keys that the database would make:
  // the greatest one and one more, as nobody else writes meanwhile. Row by row
  // with the last id where that does not hold or does not pay.
  kMultiRowForeseenKeys,
};

// What is known of the keys that the database generates for the rows of one
// INSERT, in the order of the rows.
enum class GeneratedKeys : uint8_t {
  kUnordered,
  kAscending,
  kConsecutive,  // each is one more than the one before
};

// How "insert or update" is spelled.
enum class UpsertStyle : uint8_t {
  kNone,
  kOnConflict,      // ON CONFLICT (...) DO UPDATE SET x = excluded.x
  kOnDuplicateKey,  // ON DUPLICATE KEY UPDATE x = VALUES(x)
};

// What a database can do, and its limits. A limit of 0 means none.
struct Capabilities {
  // Statements.
  bool returning = false;
  bool update_returning = true;      // UPDATE too, where `returning` holds
  bool multi_row_returning = false;  // in the order of the rows given
  bool multi_row_values = true;
  bool last_insert_id = false;
  InsertStrategy insert_strategy = InsertStrategy::kRowLoopLastId;
  GeneratedKeys generated_keys = GeneratedKeys::kUnordered;
  UpsertStyle upsert = UpsertStyle::kNone;
  bool on_conflict_constraint = false;  // ON CONFLICT ON CONSTRAINT name
  bool several_on_conflict = false;
  bool update_from = false;
  bool update_order_by_limit = false;
  bool delete_using = false;
  bool row_values = true;       // (a, b) IN ((1, 2), ...)
  bool values_as_table = true;  // WITH v (a, b) AS (VALUES (?, ?), ...)

  // SELECT.
  bool nulls_first_last = false;
  bool distinct_on = false;
  bool lateral = false;
  bool for_update = false;
  bool for_update_skip_locked = false;
  bool full_join = false;
  bool right_join = false;
  bool window_functions = true;
  bool bound_frames = true;  // ROWS ? PRECEDING; otherwise literals only
  bool aggregate_filter = false;
  bool aggregate_order_by = false;  // string_agg(a ORDER BY b)
  bool within_group = false;
  bool cte = true;
  bool recursive_cte = true;
  bool cte_in_dml = true;
  bool materialized_cte = false;
  bool intersect_except = true;
  bool intersect_except_all = false;
  bool parenthesized_compound = true;  // (SELECT ... LIMIT 1) UNION (...)
  bool grouping_sets = false;
  bool tablesample = false;
  bool table_functions = false;
  bool table_function_columns = false;  // AS f (a, b)
  bool ordinality = false;
  bool limit_with_ties = false;
  bool try_cast = false;

  // DDL.
  bool savepoints = true;
  bool transactional_ddl = true;
  bool alter_add_constraint = true;
  bool alter_drop_column = true;
  bool alter_column_type = true;
  bool schemas = true;
  bool create_schema = true;
  bool sequences = false;
  bool comments = false;
  bool comments_beyond_bmp = true;  // characters beyond U+FFFF in them
  bool computed_columns = false;
  bool virtual_computed_columns = true;   // where there are computed ones
  bool not_null_computed_columns = true;  // NOT NULL behind their expression
  bool identity_columns = false;
  bool partial_indexes = false;
  bool expression_indexes = false;
  bool deferrable_constraints = false;
  bool exclude_constraints = false;  // EXCLUDE USING method (...)
  bool materialized_views = false;
  bool enforces_foreign_keys = true;
  bool if_exists = true;
  // A foreign key in CREATE TABLE may name a table that does not exist yet.
  bool forward_references_in_create = false;
  // Names of tables, columns and indexes that differ in case only are equal.
  bool case_insensitive_names = false;
  // REFERENCES may name a schema; otherwise the own one is meant.
  bool qualified_references = true;
  bool conflict_clauses = false;  // ON CONFLICT behind a constraint
  bool index_method = false;      // USING method
  bool index_include = false;
  bool index_operator_class = false;
  bool create_index_concurrently = false;

  // Values: kinds the driver binds and returns as they are; the others go
  // through Dialect::CodecFor.
  bool native_boolean = false;
  bool native_uuid = false;
  bool native_json = false;
  bool native_decimal = false;
  bool native_timestamp = false;
  bool native_date = false;
  bool native_time = false;
  bool native_interval = false;
  bool native_array = false;  // as a type, with elements and slices
  bool native_enum = false;   // in the column: ENUM('a', 'b')
  bool named_enums = false;   // as an object of its own: CREATE TYPE
  bool keeps_non_finite = false;
  bool keeps_nul_in_text = false;
  bool enforces_string_length = true;

  // Transactions. Empty: kDefault only.
  std::vector<IsolationLevel> isolation_levels;
  bool two_phase_commit = false;

  // A database in memory that all connections of an engine see.
  bool shared_memory_database = false;

  // Limits.
  size_t max_identifier_bytes = 0;
  size_t max_identifier_characters = 0;
  size_t max_bind_parameters = 32766;
  size_t max_insert_rows = 1000;  // of an INSERT that we put together
  // INSERTs of plain values that return nothing go to the driver whole from so
  // many rows on: it loads them in bulk.
  size_t bulk_insert_rows = 0;
  size_t max_expression_depth = 0;
  size_t max_parenthesis_depth = 0;
  size_t max_chain_terms = 0;     // operands of one flat AND, OR, +, ...
  size_t max_compound_terms = 0;  // SELECTs of one UNION
  size_t max_subquery_depth = 0;
  size_t max_columns = 0;
  size_t max_statement_bytes = 0;
};

enum class PlaceholderStyle : uint8_t {
  kQuestion,          // ?
  kNumberedQuestion,  // ?1
  kNumberedDollar,    // $1
  kNumberedColon,     // :1
};

enum class LimitStyle : uint8_t {
  kLimitOffset,  // LIMIT n OFFSET m
  kFetchFirst,   // OFFSET m ROWS FETCH FIRST n ROWS ONLY
};

// How a path into a JSON value is written, as a bound text.
enum class JsonPathStyle : uint8_t {
  kDollar,         // $."name"[0]; a name with a quote cannot be reached
  kDollarEscaped,  // the same with backslashes before quotes
  kTextArray,      // {"name","0"}
};

// A rename of a function: its generic name (lower case), and the database's:
// a name, a form, or nothing where the database lacks the function. A form has
// "{}" for each argument in turn ("{literal}" for one that has to be a literal)
// and may have "{distinct}" and "{order}" where an aggregate takes these words:
//
//   GROUP_CONCAT({distinct}{}{order} SEPARATOR {literal})
struct FunctionName {
  absl::string_view generic;
  absl::string_view native;
};

// A word behind the columns of CREATE TABLE with its value: ENGINE=InnoDB.
struct TableOption {
  absl::string_view name;
  absl::string_view value;
};

// How things are spelled. Texts are static. An empty text means that the
// database lacks the construct.
struct Syntax {
  char quote = '"';  // of identifiers; doubled inside
  PlaceholderStyle placeholder = PlaceholderStyle::kQuestion;
  bool backslash_escapes = false;  // inside string literals
  absl::string_view true_literal = "TRUE";
  absl::string_view false_literal = "FALSE";

  // Operators. Those that surround their operands have "{}" for each.
  absl::string_view is_distinct_from = "IS DISTINCT FROM";
  absl::string_view is_not_distinct_from = "IS NOT DISTINCT FROM";
  absl::string_view concat = "||";
  absl::string_view ilike = "";  // empty: lower() on both sides
  absl::string_view not_ilike = "";
  absl::string_view regexp_match = "";
  absl::string_view not_regexp_match = "";
  absl::string_view bitwise_xor = "";
  absl::string_view shift_left = "<<";
  absl::string_view shift_right = ">>";
  absl::string_view modulo = "%";
  absl::string_view integer_divide = "/";
  // Division of integers that keeps the fraction.
  absl::string_view true_divide = "{} / ({} * 1.0)";
  absl::string_view json_get = "";            // a JSON value by a key or index
  absl::string_view json_get_text = "";       // its text
  absl::string_view array_contains = "";      // the left all of the right
  absl::string_view array_contained_by = "";  // the reverse
  absl::string_view array_overlaps = "";      // an element in common
  JsonPathStyle json_path = JsonPathStyle::kDollar;
  // What json_get_text gives has the type of the JSON value already.
  bool json_scalars_keep_type = false;

  absl::Span<const FunctionName> functions;

  absl::string_view tuple_list = "VALUES ";  // before the tuples of an IN list

  // SELECT.
  LimitStyle limit = LimitStyle::kLimitOffset;
  // What stands for "no limit" when only an offset is given; empty when the
  // database takes an offset alone.
  absl::string_view no_limit = "";
  absl::string_view from_dual = "";  // " FROM ..." of a SELECT without tables
  absl::string_view for_update = "FOR UPDATE";
  absl::string_view for_share = "FOR SHARE";
  absl::string_view recursive = "WITH RECURSIVE";

  // INSERT.
  absl::string_view empty_insert = "DEFAULT VALUES";
  absl::string_view excluded = "excluded";  // the row that an upsert refused

  // Transactions inside transactions; the name follows.
  absl::string_view savepoint = "SAVEPOINT ";
  absl::string_view release_savepoint = "RELEASE SAVEPOINT ";
  absl::string_view rollback_to_savepoint = "ROLLBACK TO SAVEPOINT ";

  // DDL.
  absl::string_view autoincrement = "";  // behind the column's type
  // Whether `autoincrement` only works behind an inline "PRIMARY KEY".
  bool autoincrement_after_primary_key = false;
  // As autoincrement, for keys that are never given again; empty: the same.
  absl::string_view autoincrement_never_reuse = "";
  // Comments stand in CREATE TABLE, behind these words; otherwise they are
  // statements of their own (COMMENT ON).
  absl::string_view inline_column_comment = "";
  absl::string_view inline_table_comment = "";
  // CREATE INDEX schema.name ON table, in place of name ON schema.table.
  bool index_name_has_schema = false;
  bool drop_index_on_table = false;  // DROP INDEX name ON table
  // Words that may stand behind the columns of CREATE TABLE, upper case, and
  // what goes between two of them.
  absl::Span<const absl::string_view> table_options;
  absl::string_view table_option_separator = " ";
  // Between such a word and its value.
  absl::string_view table_option_assignment = " ";
  // What every table has behind its columns unless it says otherwise.
  absl::Span<const TableOption> default_table_options;
  // The next value of a sequence: "{}" stands for its name, "{literal}" for the
  // name as a text.
  absl::string_view next_value = "NEXT VALUE FOR {}";
  // A statement that defers foreign key checks to the end of the transaction.
  absl::string_view defer_foreign_keys = "";
  absl::string_view current_timestamp = "CURRENT_TIMESTAMP";
  absl::string_view explain = "EXPLAIN ";

  // Words that need quotes as identifiers: lower case, sorted. The default is
  // the reserved words of the SQL standard that databases insist on.
  absl::Span<const absl::string_view> reserved_words = StandardReservedWords();

  static absl::Span<const absl::string_view> StandardReservedWords();
};

// Whether an identifier is put in quotes.
enum class Quoting : uint8_t {
  kWhenNeeded,  // reserved words, capitals, odd characters
  kAlways,
  kNever,  // refuses what is not a plain word
};

// Where a type name is written.
struct TypeContext {
  bool primary_key = false;
  bool autoincrement = false;
  // The column alone makes up the primary key.
  bool sole_primary_key = false;
  // The column is part of a key, a unique or foreign one too, or of an index.
  bool indexed = false;
  // In CAST(... AS type), where some databases have other names.
  bool cast = false;
};

// Immutable after construction and thread-safe.
class Dialect {
 public:
  Dialect(const Dialect&) = delete;
  Dialect& operator=(const Dialect&) = delete;
  virtual ~Dialect() = default;

  // The scheme of URLs, lower case.
  const std::string& name() const { return name_; }
  const Capabilities& capabilities() const { return capabilities_; }
  const Syntax& syntax() const { return syntax_; }

  virtual Driver& driver() const = 0;

  // Appends `identifier` as SQL. Refuses with kInvalidArgument, and leaves
  // `out` as it was: an empty name, NUL, invalid UTF-8, a name longer than the
  // database keeps; and with Quoting::kNever what is not a plain word.
  absl::Status AppendIdentifier(absl::string_view identifier, std::string* out,
                                Quoting quoting = Quoting::kWhenNeeded) const;

  // Whether AppendIdentifier would put quotes around it.
  bool NeedsQuotes(absl::string_view identifier) const;

  // `label` itself when the database keeps names of its length; otherwise its
  // beginning and a hash of the whole: the same in every run, and different
  // for different labels.
  std::string ShortenLabel(absl::string_view label) const;

  // Appends the placeholder of parameter `index`, counted from 1.
  void AppendPlaceholder(size_t index, std::string* out) const;

  // Appends the expression that takes the next value of a sequence. Errors:
  // kUnimplemented, naming it, where there are no sequences; those of
  // AppendIdentifier().
  absl::Status AppendNextValue(absl::string_view schema, absl::string_view name,
                               std::string* out) const;

  // The name of a function of the given generic name.
  absl::string_view FunctionNameFor(absl::string_view generic) const;

  // The type as DDL writes it. The base knows the standard's names. Errors:
  // kUnimplemented when the database has no such type.
  virtual absl::StatusOr<std::string> TypeName(
      const Type& type, const TypeContext& context) const;
  absl::StatusOr<std::string> TypeName(const Type& type) const {
    return TypeName(type, TypeContext());
  }

  // The reverse for reflection: what a declared type means. A name that it
  // does not know becomes an ExactType of kind kUnknown, never an error.
  virtual absl::StatusOr<Type> ParseTypeName(absl::string_view declared) const;

  // CREATE TYPE and DROP TYPE of a type with an enum_name, in `schema` (empty:
  // the default one). The base has none. Errors: kUnimplemented where enum
  // types are no objects, kInvalidArgument for a name that cannot be one.
  virtual absl::StatusOr<std::string> CreateEnum(absl::string_view schema,
                                                 const Type& type) const;
  virtual absl::StatusOr<std::string> DropEnum(absl::string_view schema,
                                               const Type& type) const;

  // How values of `type` are stored; null when the driver takes the logical
  // value as it is. Lives as long as the dialect.
  virtual const Codec* CodecFor(const Type& type) const;

  // Appends `logical`, a value of `type`, as a literal: the only writer of
  // literals, for DDL defaults and for reading, never for executing queries.
  // Errors: kInvalidArgument for a text with NUL or invalid UTF-8 and for a
  // number that is not finite, unless the database keeps them.
  virtual absl::Status AppendLiteral(const Type& type, const ValueView& logical,
                                     std::string* out) const;

  virtual std::unique_ptr<Catalog> MakeCatalog() const = 0;

 protected:
  Dialect(std::string name, Capabilities capabilities, Syntax syntax)
      : name_(std::move(name)),
        capabilities_(std::move(capabilities)),
        syntax_(std::move(syntax)) {}

  // AppendLiteral of a value as it is stored: null, boolean, number, text and
  // blob; other kinds as quoted text.
  virtual absl::Status AppendStoredLiteral(const ValueView& stored,
                                           std::string* out) const;

 private:
  // Of an identifier, against the limits.
  absl::Status CheckLength(absl::string_view identifier) const;

  std::string name_;
  Capabilities capabilities_;
  Syntax syntax_;
};

// Makes a dialect known under its name for the life of the process.
// Thread-safe. Errors: kAlreadyExists when another object has the name.
absl::Status RegisterDialect(std::shared_ptr<const Dialect> dialect);

// The dialect of a URL's scheme. Errors: kNotFound, naming the scheme, what is
// registered, and what to link. Thread-safe.
absl::StatusOr<std::shared_ptr<const Dialect>> FindDialect(
    absl::string_view name);

// All names, sorted.
std::vector<std::string> RegisteredDialects();

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_DIALECT_H_
