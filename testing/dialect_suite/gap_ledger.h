// The books of a run of the dialect suite: which cases a dialect is declared
// to fail, which it left out for want of a capability, and what came of them.
//
// A gap is an expected failure. It is an error when it names no case, says no
// reason, or when its case passes: then the gap is closed and has to go.

#ifndef CUPEL_TESTING_DIALECT_SUITE_GAP_LEDGER_H_
#define CUPEL_TESTING_DIALECT_SUITE_GAP_LEDGER_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace cupel::testing {

// What a dialect lacks beyond what its capabilities say.
struct DialectGap {
  std::string test_case;  // "Suite.Case", as --gtest_list_tests has it
  std::string reason;
};

// How a case ended.
enum class CaseOutcome : uint8_t { kPassed, kFailed, kNotApplicable };

// Thread-compatible.
class GapLedger {
 public:
  GapLedger() = default;

  // Errors: kInvalidArgument listing gaps that name none of `known_cases`, are
  // declared twice, or give no reason.
  static absl::StatusOr<GapLedger> Create(
      std::vector<DialectGap> gaps, absl::Span<const std::string> known_cases);

  // The gap that names the case, or null.
  const DialectGap* Find(absl::string_view test_case) const;

  // Notes how the case of a gap ended. Errors: kFailedPrecondition when the
  // case passed, or did not apply: the gap has to go.
  absl::Status Settle(absl::string_view test_case, CaseOutcome outcome);

  // Notes that a case was left out because `capability` is off.
  void LeftOut(absl::string_view capability, absl::string_view test_case);

  // What was declared and left out, for people.
  std::string Report() const;

 private:
  std::map<std::string, DialectGap, std::less<>> gaps_;
  std::map<std::string, CaseOutcome, std::less<>> outcomes_;
  std::map<std::string, std::set<std::string>, std::less<>> left_out_;
};

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_DIALECT_SUITE_GAP_LEDGER_H_
