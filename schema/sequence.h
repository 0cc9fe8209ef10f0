// A sequence: numbers that the database counts up, apart from any table.
//
//   TableBuilder("invoice").Column({.name = "id",
//                                   .type = engine::BigInteger(),
//                                   .primary_key = true,
//                                   .sequence = Sequence{.name = "invoice_no",
//                                                        .start = 1000}})
//
// One that columns name is created before their tables and dropped behind them;
// MetaData::AddSequence() adds one that no column names.

#ifndef CUPEL_SCHEMA_SEQUENCE_H_
#define CUPEL_SCHEMA_SEQUENCE_H_

#include <cstdint>
#include <optional>
#include <string>

namespace cupel::schema {

// Plain data. What is not given is up to the database: most count 1, 2, 3, ...
struct Sequence {
  std::string name;
  std::string schema;  // Empty: the connection's default schema.
  std::optional<int64_t> start;
  std::optional<int64_t> increment;
  std::optional<int64_t> minimum;
  std::optional<int64_t> maximum;
  // How many numbers a connection takes at a time.
  std::optional<int64_t> cache;
  // Begins again behind the last number; otherwise that is an error.
  bool cycle = false;

  // Whether nothing but the name is said: another one of this name tells more.
  bool is_name_only() const {
    return *this == Sequence{.name = name, .schema = schema};
  }
  // Whether later numbers are greater than earlier ones.
  bool ascends() const { return !cycle && increment.value_or(1) > 0; }

  friend bool operator==(const Sequence&, const Sequence&) = default;
};

}  // namespace cupel::schema

#endif  // CUPEL_SCHEMA_SEQUENCE_H_
