#include "cupel/engine/dialects/mariadb/errors.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "cupel/engine/error_info.h"
#include "gtest/gtest.h"
#include "mariadb/errmsg.h"
#include "mariadb/mysqld_error.h"

namespace cupel::mariadb_internal {
namespace {

using engine::ConnectionState;
using engine::ErrorInfo;
using engine::ErrorKind;
using engine::Retry;
using engine::TransactionState;

ErrorInfo InfoOf(const absl::Status& status) {
  return engine::GetErrorInfo(status).value_or(ErrorInfo());
}

// E20, E31 and the table of error classes: number, code, connection.
TEST(ErrorsTest, ClassifiesNumbers) {
  struct Case {
    unsigned number;
    absl::StatusCode code;
    bool closes;
  };
  const Case cases[] = {
      {1213, absl::StatusCode::kAborted, false},
      {1020, absl::StatusCode::kAborted, false},
      {1205, absl::StatusCode::kAborted, false},
      {1969, absl::StatusCode::kDeadlineExceeded, false},
      {3024, absl::StatusCode::kDeadlineExceeded, false},
      {2002, absl::StatusCode::kUnavailable, true},
      {2003, absl::StatusCode::kUnavailable, true},
      {2006, absl::StatusCode::kUnavailable, true},
      {2013, absl::StatusCode::kUnavailable, true},
      {2055, absl::StatusCode::kUnavailable, true},
      {1053, absl::StatusCode::kUnavailable, true},
      {1927, absl::StatusCode::kUnavailable, true},
      {1158, absl::StatusCode::kUnavailable, true},
      {1159, absl::StatusCode::kUnavailable, true},
      {1160, absl::StatusCode::kUnavailable, true},
      {1161, absl::StatusCode::kUnavailable, true},
      {1047, absl::StatusCode::kUnavailable, true},
      {1180, absl::StatusCode::kUnavailable, true},
      {1317, absl::StatusCode::kCancelled, false},
      {1062, absl::StatusCode::kAlreadyExists, false},
      {1586, absl::StatusCode::kAlreadyExists, false},
      {1050, absl::StatusCode::kAlreadyExists, false},
      {1451, absl::StatusCode::kFailedPrecondition, false},
      {1452, absl::StatusCode::kFailedPrecondition, false},
      {1048, absl::StatusCode::kFailedPrecondition, false},
      {1364, absl::StatusCode::kFailedPrecondition, false},
      {4025, absl::StatusCode::kFailedPrecondition, false},
      {1366, absl::StatusCode::kInvalidArgument, false},
      {1292, absl::StatusCode::kInvalidArgument, false},
      {1064, absl::StatusCode::kInvalidArgument, false},
      {1139, absl::StatusCode::kInvalidArgument, false},
      {1264, absl::StatusCode::kOutOfRange, false},
      {1406, absl::StatusCode::kOutOfRange, false},
      {1628, absl::StatusCode::kOutOfRange, false},
      {1629, absl::StatusCode::kOutOfRange, false},
      {1390, absl::StatusCode::kOutOfRange, false},
      {1436, absl::StatusCode::kOutOfRange, false},
      {1473, absl::StatusCode::kOutOfRange, false},
      {4026, absl::StatusCode::kOutOfRange, false},
      {1146, absl::StatusCode::kNotFound, false},
      {1054, absl::StatusCode::kNotFound, false},
      {1049, absl::StatusCode::kNotFound, false},
      {1142, absl::StatusCode::kPermissionDenied, false},
      {1143, absl::StatusCode::kPermissionDenied, false},
      {1290, absl::StatusCode::kPermissionDenied, false},
      {1792, absl::StatusCode::kPermissionDenied, false},
      {1045, absl::StatusCode::kUnauthenticated, true},
      {1044, absl::StatusCode::kUnauthenticated, false},
      {1698, absl::StatusCode::kUnauthenticated, true},
      {1021, absl::StatusCode::kResourceExhausted, false},
      {1114, absl::StatusCode::kResourceExhausted, false},
      {1040, absl::StatusCode::kResourceExhausted, true},
      {1203, absl::StatusCode::kResourceExhausted, true},
      {1226, absl::StatusCode::kResourceExhausted, true},
      {2008, absl::StatusCode::kResourceExhausted, true},
      {1153, absl::StatusCode::kOutOfRange, true},
      {1034, absl::StatusCode::kDataLoss, true},
      {1194, absl::StatusCode::kDataLoss, true},
      {126, absl::StatusCode::kDataLoss, true},
      {2014, absl::StatusCode::kInternal, true},
      {4999, absl::StatusCode::kInternal, false},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(engine::CodeOf(Classify(each.number).kind), each.code)
        << each.number;
    EXPECT_EQ(Classify(each.number).closes_connection, each.closes)
        << each.number;
    // In a transaction: it goes on or ends as the connection does.
    const ErrorInfo info =
        InfoOf(MakeStatus({each.number, "words"}, {.in_transaction = true}));
    EXPECT_EQ(info.kind, Classify(each.number).kind);
    EXPECT_EQ(info.connection_state,
              each.closes ? ConnectionState::kDead : ConnectionState::kOk);
    EXPECT_EQ(info.transaction_state, each.closes
                                          ? TransactionState::kRolledBack
                                          : TransactionState::kActive)
        << each.number;
  }
}

TEST(ErrorsTest, LostConnectionDecidesWhateverTheNumber) {
  const ErrorInfo info =
      InfoOf(MakeStatus({ER_DUP_ENTRY, "Duplicate entry"}, {.is_lost = true}));
  EXPECT_EQ(info.kind, ErrorKind::kConnectionLost);
  EXPECT_EQ(info.connection_state, ConnectionState::kDead);
  EXPECT_EQ(info.transaction_state, TransactionState::kRolledBack);
  EXPECT_EQ(info.native_code, "1062");
}

// E23
TEST(ErrorsTest, ConnectionLostDuringCommitIsOfUnknownOutcome) {
  // The last two are those of a cluster's node: it may commit later.
  for (const unsigned number :
       {CR_SERVER_LOST, CR_SERVER_GONE_ERROR, ER_SERVER_SHUTDOWN,
        ER_CONNECTION_KILLED, ER_UNKNOWN_COM_ERROR, ER_ERROR_DURING_COMMIT}) {
    const ErrorInfo info =
        InfoOf(MakeStatus({number, "gone"}, {.phase = Phase::kCommit}));
    EXPECT_EQ(info.kind, ErrorKind::kCommitOutcomeUnknown) << number;
    EXPECT_EQ(info.transaction_state, TransactionState::kUnknown);
    EXPECT_EQ(info.retry, Retry::kOnlyIfIdempotent);
  }
}

// E19
TEST(ErrorsTest, InterruptionAtTheDeadlineIsATimeout) {
  EXPECT_EQ(engine::KindOf(MakeStatus(
                {ER_QUERY_INTERRUPTED, "Query execution was interrupted"},
                {.interruption = Interruption::kDeadline})),
            ErrorKind::kStatementTimeout);
  EXPECT_EQ(engine::KindOf(MakeStatus(
                {ER_QUERY_INTERRUPTED, "Query execution was interrupted"},
                {.interruption = Interruption::kCancelled})),
            ErrorKind::kInterrupted);
  const ErrorInfo lost = InfoOf(
      MakeStatus({CR_SERVER_LOST, "Lost connection"},
                 {.interruption = Interruption::kDeadline, .is_lost = true}));
  EXPECT_EQ(lost.kind, ErrorKind::kStatementTimeout);
  EXPECT_EQ(lost.connection_state, ConnectionState::kDead);
}

// S8
TEST(ErrorsTest, ValuesAreInTheDetailOnly) {
  const std::string message =
      "Duplicate entry 'canary-o''key' for key 'uq_author_email'";
  const absl::Status status = MakeStatus({ER_DUP_ENTRY, message}, {});
  EXPECT_FALSE(absl::StrContains(status.message(), "canary"));
  EXPECT_TRUE(absl::StrContains(status.message(), "uq_author_email"));
  EXPECT_EQ(InfoOf(status).detail, message);
  EXPECT_EQ(InfoOf(status).constraint, "uq_author_email");
  for (const unsigned number :
       {ER_TRUNCATED_WRONG_VALUE, ER_TRUNCATED_WRONG_VALUE_FOR_FIELD,
        ER_DATA_OUT_OF_RANGE, ER_SIGNAL_EXCEPTION, 4998}) {
    EXPECT_FALSE(absl::StrContains(
        MakeStatus({number, "bad 'canary'"}, {}).message(), "canary"))
        << number;
  }
}

TEST(ErrorsTest, NamesAreReadFromMessages) {
  const ErrorInfo foreign_key = InfoOf(MakeStatus(
      {ER_NO_REFERENCED_ROW_2,
       "Cannot add or update a child row: a foreign key constraint fails "
       "(`shop`.`book`, CONSTRAINT `fk_author` FOREIGN KEY (`a`) REFERENCES "
       "`author` (`id`))"},
      {}));
  EXPECT_EQ(foreign_key.constraint, "fk_author");
  EXPECT_EQ(foreign_key.table, "book");
  const ErrorInfo check = InfoOf(MakeStatus(
      {ER_CONSTRAINT_FAILED, "CONSTRAINT `positive` failed for `shop`.`t`"},
      {}));
  EXPECT_EQ(check.constraint, "positive");
  EXPECT_EQ(check.table, "t");
  EXPECT_EQ(InfoOf(MakeStatus(
                       {ER_BAD_NULL_ERROR, "Column 'name' cannot be null"}, {}))
                .column,
            "name");
  EXPECT_EQ(InfoOf(MakeStatus({ER_NO_DEFAULT_FOR_FIELD,
                               "Field 'p' doesn't have a default value"},
                              {}))
                .column,
            "p");
  EXPECT_EQ(
      InfoOf(
          MakeStatus({ER_NO_SUCH_TABLE, "Table 'shop.nope' doesn't exist"}, {}))
          .table,
      "nope");
  EXPECT_EQ(
      InfoOf(MakeStatus(
                 {ER_BAD_FIELD_ERROR, "Unknown column 'nope' in 'SELECT'"}, {}))
          .column,
      "nope");
}

}  // namespace
}  // namespace cupel::mariadb_internal
