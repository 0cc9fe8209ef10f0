#include "cupel/engine/dialects/postgresql/errors.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/error_info.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::postgresql_internal {
namespace {

using absl::StatusCode;
using engine::ConnectionState;
using engine::ErrorInfo;
using engine::ErrorKind;
using engine::Retry;
using engine::TransactionState;
using ::testing::HasSubstr;
using ::testing::Not;

ServerError Error(absl::string_view sqlstate,
                  absl::string_view severity = "ERROR") {
  ServerError error;
  error.sqlstate = std::string(sqlstate);
  error.severity = std::string(severity);
  error.message = "the message";
  return error;
}

ErrorInfo InfoOf(const absl::Status& status) {
  return engine::GetErrorInfo(status).value_or(ErrorInfo());
}

struct CodeRow {
  absl::string_view sqlstate;
  StatusCode code;
  Retry retry = Retry::kNo;
};

// Every code that the catalogue of failures lists for this database.
constexpr CodeRow kCodes[] = {
    {"40001", StatusCode::kAborted, Retry::kTransaction},
    {"40P01", StatusCode::kAborted, Retry::kTransaction},
    {"40002", StatusCode::kAborted, Retry::kTransaction},
    {"55P03", StatusCode::kAborted, Retry::kTransaction},
    {"57014", StatusCode::kCancelled},
    {"23505", StatusCode::kAlreadyExists},
    {"42P07", StatusCode::kAlreadyExists},
    {"23503", StatusCode::kFailedPrecondition},
    {"23502", StatusCode::kFailedPrecondition},
    {"23514", StatusCode::kFailedPrecondition},
    {"23P01", StatusCode::kFailedPrecondition},
    {"25P02", StatusCode::kFailedPrecondition},
    {"24000", StatusCode::kFailedPrecondition},
    {"2D000", StatusCode::kFailedPrecondition},
    {"34000", StatusCode::kFailedPrecondition},
    {"22021", StatusCode::kInvalidArgument},
    {"22P02", StatusCode::kInvalidArgument},
    {"22007", StatusCode::kInvalidArgument},
    {"42601", StatusCode::kInvalidArgument},
    {"2201W", StatusCode::kInvalidArgument},
    {"22003", StatusCode::kOutOfRange},
    {"22008", StatusCode::kOutOfRange},
    {"22001", StatusCode::kOutOfRange},
    {"54000", StatusCode::kOutOfRange},
    {"54001", StatusCode::kOutOfRange},
    {"42P01", StatusCode::kNotFound},
    {"42703", StatusCode::kNotFound},
    {"3D000", StatusCode::kNotFound},
    {"3F000", StatusCode::kNotFound},
    {"42501", StatusCode::kPermissionDenied},
    {"25006", StatusCode::kPermissionDenied},
    {"28000", StatusCode::kUnauthenticated},
    {"28P01", StatusCode::kUnauthenticated},
    {"53100", StatusCode::kResourceExhausted},
    {"53200", StatusCode::kResourceExhausted},
    {"53300", StatusCode::kResourceExhausted, Retry::kAfterBackoff},
    {"53400", StatusCode::kResourceExhausted},
    {"XX000", StatusCode::kInternal},
    {"99999", StatusCode::kInternal},
};

TEST(PostgresqlErrorsTest, EveryCodeHasItsStatus) {
  for (const CodeRow& row : kCodes) {
    const absl::Status status =
        MakeStatus(Error(row.sqlstate), true, TransactionState::kPoisoned, {});
    EXPECT_EQ(status.code(), row.code) << row.sqlstate;
    const ErrorInfo info = InfoOf(status);
    EXPECT_EQ(info.retry, row.retry) << row.sqlstate;
    EXPECT_EQ(info.native_code, row.sqlstate);
    EXPECT_EQ(info.transaction_state, TransactionState::kPoisoned);
    EXPECT_EQ(info.connection_state, ConnectionState::kOk) << row.sqlstate;
  }
}

TEST(PostgresqlErrorsTest, SomeCodesEndTheConnection) {
  for (absl::string_view code :
       {"08000", "08006", "57P01", "57P02", "57P03", "57P05", "25P03"}) {
    const absl::Status status =
        MakeStatus(Error(code, "FATAL"), true, TransactionState::kPoisoned,
                   {.was_in_transaction = true});
    EXPECT_EQ(status.code(), StatusCode::kUnavailable) << code;
    EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kDead);
    EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kRolledBack);
  }
  for (absl::string_view code : {"XX001", "XX002"}) {
    const absl::Status status =
        MakeStatus(Error(code), true, TransactionState::kPoisoned, {});
    EXPECT_EQ(status.code(), StatusCode::kDataLoss);
    EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kDead);
  }
  EXPECT_EQ(
      InfoOf(MakeStatus(Error("08P01"), true, TransactionState::kNone, {}))
          .connection_state,
      ConnectionState::kDead);
}

// F12
TEST(PostgresqlErrorsTest, ALostConnectionNeedsNoCode) {
  const absl::Status status = MakeStatus(
      Error(""), false, TransactionState::kNone, {.was_in_transaction = true});
  EXPECT_EQ(engine::KindOf(status), ErrorKind::kConnectionLost);
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kRolledBack);
  EXPECT_EQ(InfoOf(status).retry, Retry::kTransaction);
  // Without a transaction the statement may have been done, unless it was only
  // prepared.
  for (const Phase phase : {Phase::kExecute, Phase::kPrepare}) {
    const ErrorContext context = {.phase = phase};
    for (const absl::Status& lost :
         {MakeStatus(Error(""), false, TransactionState::kNone, context),
          NoAnswer(context)}) {
      EXPECT_EQ(InfoOf(lost).transaction_state, TransactionState::kNone);
      EXPECT_EQ(InfoOf(lost).retry, phase == Phase::kExecute
                                        ? Retry::kOnlyIfIdempotent
                                        : Retry::kTransaction);
    }
  }
}

// F10
TEST(PostgresqlErrorsTest, WhatIsLostDuringACommitIsUnknown) {
  const ErrorContext context = {.phase = Phase::kCommit,
                                .was_in_transaction = true};
  for (const absl::Status& status :
       {MakeStatus(Error(""), false, TransactionState::kNone, context),
        MakeStatus(Error("57P01", "FATAL"), true, TransactionState::kNone,
                   context),
        MakeStatus(Error("08007"), true, TransactionState::kNone, context),
        MakeStatus(Error("40003"), true, TransactionState::kNone, context),
        // Of a server that has committed on others in part.
        MakeStatus(Error("XX000"), true, TransactionState::kNone, context),
        MakeStatus(Error("08006"), true, TransactionState::kNone, context),
        NoAnswer(context)}) {
    EXPECT_EQ(status.code(), StatusCode::kUnknown);
    EXPECT_EQ(engine::KindOf(status), ErrorKind::kCommitOutcomeUnknown);
    EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kUnknown);
    EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kDead);
    EXPECT_EQ(InfoOf(status).retry, Retry::kOnlyIfIdempotent);
  }
}

// What the server says of a third one ends the transaction, not the connection.
TEST(PostgresqlErrorsTest, TheLossOfAnotherServerIsNotOurs) {
  for (absl::string_view code : {"08000", "08001", "08006"}) {
    const absl::Status status =
        MakeStatus(Error(code), true, TransactionState::kPoisoned,
                   {.was_in_transaction = true});
    EXPECT_EQ(status.code(), StatusCode::kUnavailable) << code;
    EXPECT_EQ(engine::KindOf(status), ErrorKind::kCannotConnect);
    EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kOk);
    EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kPoisoned);
    EXPECT_EQ(InfoOf(status).retry, Retry::kAfterBackoff);
  }
}

TEST(PostgresqlErrorsTest, WhoAskedToStopDecidesTheKind) {
  const auto kind_of = [](Interruption why, absl::string_view message) {
    ServerError error = Error("57014");
    error.message = std::string(message);
    return engine::KindOf(MakeStatus(error, true, TransactionState::kPoisoned,
                                     {.interruption = why}));
  };
  EXPECT_EQ(kind_of(Interruption::kDeadline, ""), ErrorKind::kStatementTimeout);
  EXPECT_EQ(kind_of(Interruption::kCancelled, ""), ErrorKind::kInterrupted);
  EXPECT_EQ(kind_of(Interruption::kNone, "due to user request"),
            ErrorKind::kInterrupted);
  EXPECT_EQ(kind_of(Interruption::kNone, "due to statement timeout"),
            ErrorKind::kStatementTimeout);
}

TEST(PostgresqlErrorsTest, StalePlansMayBePreparedAgain) {
  ServerError error = Error("0A000");
  EXPECT_FALSE(IsStale(error));
  error.source = "RevalidateCachedQuery";
  EXPECT_TRUE(IsStale(error));
  EXPECT_EQ(InfoOf(MakeStatus(error, true, TransactionState::kNone, {})).retry,
            Retry::kStatement);
  EXPECT_TRUE(IsStale(Error("26000")));
}

// S8
TEST(PostgresqlErrorsTest, WordsThatMayHoldValuesStandInTheDetailOnly) {
  ServerError error = Error("22P02");
  error.message = "invalid input syntax for type integer: \"hunter2\"";
  error.detail = "more of hunter2";
  const absl::Status status =
      MakeStatus(error, true, TransactionState::kNone, {});
  EXPECT_THAT(status.ToString(), Not(HasSubstr("hunter2")));
  EXPECT_THAT(InfoOf(status).detail, HasSubstr("hunter2\"; more of hunter2"));
  // Also when it takes the connection along.
  error.sqlstate = "XX000";
  const absl::Status lost = MakeStatus(error, true, TransactionState::kNone,
                                       {.phase = Phase::kCommit});
  EXPECT_EQ(engine::KindOf(lost), ErrorKind::kCommitOutcomeUnknown);
  EXPECT_THAT(lost.ToString(), Not(HasSubstr("hunter2")));
  EXPECT_THAT(InfoOf(lost).detail, HasSubstr("hunter2"));
  error = Error("23505");
  error.message = "duplicate key value violates unique constraint \"c\"";
  error.detail = "Key (a)=(hunter2) already exists.";
  const absl::Status violation =
      MakeStatus(error, true, TransactionState::kNone, {});
  EXPECT_THAT(violation.ToString(), Not(HasSubstr("hunter2")));
  EXPECT_THAT(std::string(violation.message()), HasSubstr("constraint \"c\""));
}

TEST(PostgresqlErrorsTest, MessagesSayWhatToDo) {
  ServerError error = Error("42703");
  error.hint = "Perhaps you meant to reference the column \"t.name\".";
  const auto message_of = [](const absl::Status& status) {
    return std::string(status.message());
  };
  EXPECT_THAT(
      message_of(MakeStatus(error, true, TransactionState::kNone, {})),
      HasSubstr(
          "the message; hint: Perhaps you meant to reference the column"));
  // Others may be the program's own, with data.
  error.sqlstate = "P0001";
  EXPECT_THAT(message_of(MakeStatus(error, true, TransactionState::kNone, {})),
              Not(HasSubstr("Perhaps")));
  EXPECT_THAT(message_of(MakeStatus(Error("55P03"), true,
                                    TransactionState::kPoisoned, {})),
              HasSubstr("; run the transaction again"));
  EXPECT_THAT(message_of(MakeStatus(Error(""), false, TransactionState::kNone,
                                    {.was_in_transaction = true})),
              HasSubstr("; run the transaction again"));
  EXPECT_THAT(
      message_of(MakeStatus(Error(""), false, TransactionState::kNone, {})),
      HasSubstr("only if twice does no harm"));
}

// S9
TEST(PostgresqlErrorsTest, AServersTextIsOneLine) {
  EXPECT_EQ(OneLine("  a\nb\r\n\x1b[31mc\t "), "a b [31mc");
}

}  // namespace
}  // namespace cupel::postgresql_internal
