#include "cupel/engine/error_info.h"

#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ErrorInfo Full() {
  ErrorInfo info;
  info.kind = ErrorKind::kUniqueViolation;
  info.dialect = "some";
  info.native_code = "23505";
  info.constraint = "uq=\n\"user\"";
  info.table = "user";
  info.column = "n\u00e4me";
  info.statement = "INSERT INTO user\nVALUES (?)";
  info.detail = "Key (name)=(topsecret)";
  info.transaction_state = TransactionState::kPoisoned;
  info.connection_state = ConnectionState::kDead;
  info.retry = Retry::kOnlyIfIdempotent;
  info.attempts = 3;
  return info;
}

// ENG-79
TEST(ErrorInfoTest, AStatusKeepsAllFields) {
  absl::Status status = MakeError(Full(), "duplicate user");
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(status.message(), "duplicate user");
  absl::Status copy = status;
  status = absl::OkStatus();
  EXPECT_EQ(GetErrorInfo(copy), Full());
  EXPECT_EQ(KindOf(copy), ErrorKind::kUniqueViolation);
}

TEST(ErrorInfoTest, DetailIsInNoText) {
  absl::Status status = MakeError(Full(), "duplicate user");
  EXPECT_THAT(status.ToString(), HasSubstr("23505"));
  EXPECT_THAT(status.ToString(), Not(HasSubstr("topsecret")));
}

TEST(ErrorInfoTest, OtherStatusesHaveNone) {
  EXPECT_EQ(GetErrorInfo(absl::OkStatus()), std::nullopt);
  EXPECT_EQ(GetErrorInfo(absl::UnknownError("x")), std::nullopt);
  EXPECT_EQ(KindOf(absl::UnknownError("x")), ErrorKind::kNone);
}

TEST(ErrorInfoTest, EveryKindGoesRound) {
  std::set<absl::string_view> names;
  for (int i = 0; i <= static_cast<int>(kLastErrorKind); ++i) {
    auto kind = static_cast<ErrorKind>(i);
    absl::Status status = MakeError(kind, "x");
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(status.code(), CodeOf(kind));
    EXPECT_EQ(KindOf(status), kind);
    EXPECT_TRUE(names.insert(ErrorKindName(kind)).second);
    EXPECT_EQ(ErrorKindName(kind), absl::AsciiStrToLower(ErrorKindName(kind)));
  }
}

// ENG-79
TEST(ErrorInfoTest, KindsHaveTheCodesOfTheCatalogue) {
  const std::map<ErrorKind, absl::StatusCode> codes = {
      {ErrorKind::kSerializationFailure, absl::StatusCode::kAborted},
      {ErrorKind::kDeadlock, absl::StatusCode::kAborted},
      {ErrorKind::kCommitOutcomeUnknown, absl::StatusCode::kUnknown},
      {ErrorKind::kConnectionLost, absl::StatusCode::kUnavailable},
      {ErrorKind::kBusy, absl::StatusCode::kUnavailable},
      {ErrorKind::kStatementTimeout, absl::StatusCode::kDeadlineExceeded},
      {ErrorKind::kLockTimeout, absl::StatusCode::kAborted},
      {ErrorKind::kPoolTimeout, absl::StatusCode::kDeadlineExceeded},
      {ErrorKind::kInterrupted, absl::StatusCode::kCancelled},
      {ErrorKind::kUniqueViolation, absl::StatusCode::kAlreadyExists},
      {ErrorKind::kForeignKeyViolation, absl::StatusCode::kFailedPrecondition},
      {ErrorKind::kNotNullViolation, absl::StatusCode::kFailedPrecondition},
      {ErrorKind::kSyntax, absl::StatusCode::kInvalidArgument},
      {ErrorKind::kTooBig, absl::StatusCode::kOutOfRange},
      {ErrorKind::kNoSuchTable, absl::StatusCode::kNotFound},
      {ErrorKind::kReadOnly, absl::StatusCode::kPermissionDenied},
      {ErrorKind::kAuthentication, absl::StatusCode::kUnauthenticated},
      {ErrorKind::kDiskFull, absl::StatusCode::kResourceExhausted},
      {ErrorKind::kCorrupt, absl::StatusCode::kDataLoss},
      {ErrorKind::kTypeMismatch, absl::StatusCode::kDataLoss},
      {ErrorKind::kStale, absl::StatusCode::kAborted},
      {ErrorKind::kUnsupported, absl::StatusCode::kUnimplemented},
      {ErrorKind::kInternal, absl::StatusCode::kInternal},
  };
  for (const auto& [kind, code] : codes) {
    EXPECT_EQ(CodeOf(kind), code) << ErrorKindName(kind);
  }
  EXPECT_EQ(ClassOf(ErrorKind::kCheckViolation), ErrorClass::kIntegrity);
  EXPECT_EQ(ClassOf(ErrorKind::kDeadlock), ErrorClass::kOperational);
  EXPECT_EQ(ClassOf(ErrorKind::kNoSuchColumn), ErrorClass::kProgramming);
}

TEST(ErrorInfoTest, CommitOutcomeIsReadableFromThePayload) {
  EXPECT_THAT(MakeError(ErrorKind::kCommitOutcomeUnknown, "x").ToString(),
              HasSubstr("commit_outcome=unknown"));
}

TEST(ErrorInfoTest, ContextAndInfoAreAddedToWhatThereIs) {
  absl::Status status = WithContext(MakeError(Full(), "bad"), "user.name");
  EXPECT_EQ(status.message(), "user.name: bad");
  EXPECT_EQ(GetErrorInfo(status), Full());
  ErrorInfo other = Full();
  other.detail.clear();
  other.statement = "SELECT 1";
  status = WithErrorInfo(status, other);
  EXPECT_EQ(status.message(), "user.name: bad");
  EXPECT_EQ(GetErrorInfo(status), other);
  EXPECT_TRUE(WithContext(absl::OkStatus(), "x").ok());
  EXPECT_TRUE(WithErrorInfo(absl::OkStatus(), other).ok());
}

}  // namespace
}  // namespace cupel::engine
